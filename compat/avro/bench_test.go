package avro

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// wide is a record of n nullable columns, as a table has them, with added more.
func wide(n, added int) string {
	var b strings.Builder
	b.WriteString(`{"type":"record","name":"Value","namespace":"shop.public.orders","fields":[`)
	for i := range n + added {
		if i > 0 {
			b.WriteByte(',')
		}
		kind := [...]string{`"long"`, `"string"`, `{"type":"bytes","logicalType":"decimal","precision":18,"scale":2}`, `{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}`, `"boolean"`}[i%5]
		fmt.Fprintf(&b, `{"name":"column_%d","type":["null",%s],"default":null}`, i, kind)
	}
	return b.String() + `],"connect.name":"shop.public.orders.Value"}`
}

func BenchmarkParse100(b *testing.B) {
	text := wide(100, 0)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(schema.Document{Text: text}, nil, schema.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck100(b *testing.B) {
	reader, writer := mustParse(b, wide(100, 1)), mustParse(b, wide(100, 0))
	b.ReportAllocs()
	for b.Loop() {
		if d := reader.CanRead(writer); d != nil {
			b.Fatal(d)
		}
	}
}

func BenchmarkNormalize100(b *testing.B) {
	s := mustParse(b, wide(100, 0))
	b.ReportAllocs()
	for b.Loop() {
		if s.normalize() == "" {
			b.Fatal("no text")
		}
	}
}
