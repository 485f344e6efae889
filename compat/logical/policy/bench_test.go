package policy

import (
	"fmt"
	"testing"

	"github.com/millrace/millrace/compat/logical"
)

// wide is a table of 50 columns: every fifth is a struct of four, every seventh a map of arrays.
func wide(typ *logical.Type) *logical.Schema {
	t := row()
	for i := range 50 {
		column := typ
		switch {
		case i%5 == 0:
			column = row(f("a", typ), f("b", null(text())), f("c", dec(10, 2)), f("d", timed(logical.Timestamp, 6)))
		case i%7 == 0:
			column = dict(text(), array(typ))
		}
		t.Fields = append(t.Fields, f(fmt.Sprintf("column_%d", i), column))
	}
	return doc(t)
}

func BenchmarkValidate(b *testing.B) {
	s := wide(integer)
	b.ReportAllocs()
	for b.Loop() {
		if found := Validate(Logical, s); found != nil {
			b.Fatal(found)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	writer := wide(integer)
	for name, reader := range map[string]*logical.Schema{"compatible": wide(bigint), "incompatible": wide(text())} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found := Compare(Logical, writer, reader); (found == nil) != (name == "compatible") {
					b.Fatal(found)
				}
			}
		})
	}
}
