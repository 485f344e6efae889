package jsonschema

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/logical/logicaltest"
	"github.com/millrace/millrace/compat/schema"
)

// resolvable gives what a schema takes from elsewhere a document that has it.
func resolvable(s *logical.Schema) {
	var defs, rest []string
	for _, name := range s.External {
		if s.Import(name) == "" {
			defs = append(defs, `"`+name+`":{"type":"boolean"}`)
		} else {
			rest = append(rest, `"`+name+`":{"type":"integer"}`)
		}
	}
	for i := range s.Imports {
		s.Imports[i].URI = "ext#/x/" + s.Imports[i].Name
	}
	s.References = []schema.Reference{{Name: "ext", Subject: "ext", Version: 1}}
	s.Resolved = map[string]string{"ext": `{"$defs":{` + strings.Join(defs, ",") + `},"x":{` + strings.Join(rest, ",") + `}}`}
}

// What JSON Schema keeps of a schema, it keeps for good: written, read and written once more it is the same, also by way of DDL.
func TestAnySchema(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := logicaltest.Random(r, 1+r.IntN(60))
		resolvable(s)
		kept := read(t, write(t, s), s.Resolved)
		kept = read(t, write(t, kept), s.Resolved) // what was a UNION of one became its branch
		text := write(t, kept)
		again := read(t, text, s.Resolved)
		if got, want := showSchema(again), showSchema(kept); got != want {
			t.Fatalf("seed %d\n got %s\nwant %s", seed, got, want)
		}
		if got := write(t, again); got != text {
			t.Fatalf("seed %d\n got %s\nwant %s", seed, got, text)
		}
		shown, err := ddl.Print(kept)
		if err != nil {
			t.Fatalf("seed %d: %s: %s", seed, showSchema(kept), err)
		}
		script, err := ddl.Parse(shown)
		if err != nil {
			t.Fatalf("seed %d: %s\n%s", seed, err, shown)
		}
		told, err := script.Schema()
		if err != nil {
			t.Fatalf("seed %d: %s\n%s", seed, err, shown)
		}
		told.References, told.Resolved = s.References, s.Resolved
		if got := write(t, told); got != text {
			t.Fatalf("seed %d\n got %s\nwant %s\n%s", seed, got, text, shown)
		}
	}
}
