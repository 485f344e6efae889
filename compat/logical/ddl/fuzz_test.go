package ddl

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/logicaltest"
	"github.com/millrace/millrace/compat/schema"
)

// FuzzParse holds that any text is either refused with a place or means a schema whose DDL means it too.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"NAMESPACE a.b;\nUSING TYPE x FOR REF 'u'; USING TYPE y FOR TYPE z.Y;\nSTRUCT A (\n x x, y y NOT NULL DEFAULT NULL, `in` " +
			"INT ARRAY);",
		"ENUM E ('a' 'doc' WITH('k' = 'v')) COMMENT 'c'; TYPE MAP<STRING, E>",
		"STRUCT A (x INT CONSTRAINT c CHECK (x > 0) MESSAGE 'm', CHECK (x < 1)) TAGS('t'); STRUCT A.B (d DECIMAL(4, 2) DEFAULT 1.5e1)",
		"TYPE UNION<a DATE, b STRUCT(c TIMESTAMP(3) WITH LOCAL TIME ZONE DEFAULT '2026-01-01T00:00:00Z')>",
		"TYPE STRUCT(f FLOAT DEFAULT 1e-9, b BYTES DEFAULT X'00ff', c CHAR(2) DEFAULT 'ab', n BIGINT DEFAULT -9)",
	} {
		f.Add(s)
	}
	for seed := range uint64(20) {
		text, err := Print(logicaltest.Random(rand.New(rand.NewPCG(seed, 3)), 20))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		script, err := Parse(text)
		var syntax *schema.SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("%#v", err)
			}
			return
		}
		s, err := script.Schema()
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || !syntax.Meaning {
				t.Fatalf("%#v", err)
			}
			return
		}
		printed := print(t, s)
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%v\n%s", err, printed)
		}
		back, err := again.Schema()
		if err != nil {
			t.Fatalf("%v\n%s", err, printed)
		}
		// The order of declarations counts for nothing but which is the first.
		order := cmp.Options{cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b logical.Definition) bool { return a.Name < b.Name }),
			cmpopts.SortSlices(func(a, b string) bool { return a < b })}
		if diff := cmp.Diff(s, back, order); diff != "" {
			t.Fatalf("%s\n%s", diff, printed)
		}
	})
}
