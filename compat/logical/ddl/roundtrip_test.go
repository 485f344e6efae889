package ddl

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/logicaltest"
)

func read(t testing.TB, text string) *logical.Schema {
	t.Helper()
	script, err := Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	s, err := script.Schema()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

func print(t testing.TB, s *logical.Schema) string {
	t.Helper()
	text, err := Print(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPrintReadsBack(t *testing.T) {
	kinds := make(map[logical.Kind]bool)
	for seed := range uint64(1000) {
		s := logicaltest.Random(rand.New(rand.NewPCG(seed, 1)), int(seed%60))
		text := print(t, s)
		if diff := cmp.Diff(s, read(t, text), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d: (-printed +read)\n%s\n%s", seed, diff, text)
		}
		logicaltest.Visit(s, func(t *logical.Type) { kinds[t.Kind] = true })
	}
	for k := logical.Boolean; k <= logical.Named; k++ {
		if !kinds[k] {
			t.Errorf("no %s in any schema", k)
		}
	}
}

// TestHostileNamesReadBack gives everything that has a name one that is hard to quote.
func TestHostileNamesReadBack(t *testing.T) {
	hostile := strings.NewReplacer("f", "é`'", "id", "1 `"[:1], "select", "null", "_x", "a.b", "tags", "--//", "Name", "IN/*")
	for seed := range uint64(200) {
		s := logicaltest.Random(rand.New(rand.NewPCG(seed, 2)), 30)
		logicaltest.Visit(s, func(t *logical.Type) {
			t.Rules = nil // they have the names in them
			for i := range t.Fields {
				t.Fields[i].Rules = nil
				t.Fields[i].Name = hostile.Replace(t.Fields[i].Name)
				t.Fields[i].Doc += "\x00'\r\n\t`"
			}
			for i := range t.Branches {
				t.Branches[i].Name = hostile.Replace(t.Branches[i].Name)
			}
			for i := range t.Values {
				t.Values[i].Symbol += "'`"
			}
		})
		text := print(t, s)
		if diff := cmp.Diff(s, read(t, text), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d: (-printed +read)\n%s\n%s", seed, diff, text)
		}
	}
}
