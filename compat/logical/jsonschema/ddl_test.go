package jsonschema

import (
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/logical/logicaltest"
	"github.com/millrace/millrace/compat/schema"
)

// What JSON Schema keeps of a schema, it keeps for good: written, read and written once more it is the same, also by way of DDL.
func TestAnySchema(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := logicaltest.Random(r, 1+r.IntN(60))
		logicaltest.Resolve(s, schema.JSON)
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
