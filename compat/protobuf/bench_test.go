package protobuf

import (
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

func hundredFields() string {
	return head + "message M {" + list(100, "int64 field%[1]d = %[1]d;") + "}"
}

func BenchmarkParse(b *testing.B) {
	text := hundredFields()
	for b.Loop() {
		if _, err := Parse(schema.Document{Text: text}, nil, schema.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanRead(b *testing.B) {
	r, w := mustParse(b, hundredFields(), nil), mustParse(b, hundredFields(), nil)
	b.ReportAllocs()
	for b.Loop() {
		if d := r.CanRead(w); d != nil {
			b.Fatal(d)
		}
	}
}
