package protobuf

import (
	"errors"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// FuzzParse holds for any text: nothing panics, a fault is a *schema.SyntaxError, the canonical text is read as the same schema
// and prints itself, and a schema reads its own data.
func FuzzParse(f *testing.F) {
	f.Add(everything)
	for _, r := range goldenTexts(f) {
		f.Add(r.Text)
	}
	f.Add(`message A { optional group G = 1 { optional bytes b = 2 [default = "\001\xff"]; } extensions 5 to max [(a) = {b: 1; c {}}]; }`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil {
			if syntax := (*schema.SyntaxError)(nil); !errors.As(err, &syntax) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if d := s.CanRead(mustLenient(t, text)); d != nil {
			t.Fatalf("cannot read itself: %v", d)
		}
		_ = s.WithoutExtensions()
		_, _ = s.Serialized()
		normalized := s.Normalized()
		if s.sources.own.file.decoded {
			return // names may be anything
		}
		again, err := Parse(schema.Document{Text: s.Canonical()}, nil, schema.Options{Lenient: true})
		if err != nil {
			t.Fatalf("the canonical text is refused: %v\n%s", err, s.Canonical())
		}
		if again.Canonical() != s.Canonical() {
			t.Fatalf("the canonical text is\n%s\nand of that\n%s", s.Canonical(), again.Canonical())
		}
		if again.Normalized() != normalized {
			t.Fatalf("normalised\n%s\nand of the canonical text\n%s", normalized, again.Normalized())
		}
		if twice, err := Parse(schema.Document{Text: normalized}, nil, schema.Options{Lenient: true}); err != nil || twice.Normalized() != normalized {
			t.Fatalf("normalised\n%s\nand of that (%v)\n%s", normalized, err, twice.Normalized())
		}
	})
}
