package jsonschema

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
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

// TestLoss holds that writing a tree loses what docs/logical-types.md says, and no more.
func TestLoss(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 8))
		s := logicaltest.Random(r, 1+r.IntN(60))
		logicaltest.Resolve(s, schema.JSON)
		got, err := ddl.Print(read(t, write(t, s), s.Resolved))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want, err := ddl.Print(kept(s))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got, want := declarations(got), declarations(want); got != want {
			t.Fatalf("seed %d\n got %s\nwant %s", seed, got, want)
		}
	}
}

// declarations returns the declarations of a script in order.
func declarations(script string) string {
	list := strings.SplitAfter(script, ";\n")
	slices.Sort(list)
	return strings.Join(list, "")
}

// kept returns what is left of a tree in JSON Schema, as far as DDL can say it.
func kept(s *logical.Schema) *logical.Schema {
	out := *s
	out.Root = keptType(s.Root)
	out.Named = nil
	for _, d := range s.Named {
		out.Named = append(out.Named, logical.Definition{Name: d.Name, Type: keptType(d.Type)})
	}
	if root := out.Root; out.Name == "" && !root.Nullable && (root.Kind == logical.Struct || root.Kind == logical.Enum) {
		out.Name = "Row"
	}
	return &out
}

func keptType(t *logical.Type) *logical.Type {
	if t == nil {
		return nil
	}
	out := *t
	if len(t.Branches) == 1 {
		only := keptType(t.Branches[0].Type)
		only.Nullable = only.Nullable || t.Nullable
		return only
	}
	out.Scale = max(t.Scale, 0)
	out.Params = keptParams(t.Params)
	out.Elem, out.Key = keptType(t.Elem), keptType(t.Key)
	key := out.Key
	if t.Kind == logical.Multiset {
		key = out.Elem
	}
	if key != nil && (key.Kind == logical.Varchar || key.Kind == logical.Char) {
		key.Nullable = false
	}
	out.Fields, out.Branches, out.Values = slices.Clone(t.Fields), slices.Clone(t.Branches), slices.Clone(t.Values)
	for i := range out.Fields {
		f := &out.Fields[i]
		f.Type, f.Params = keptType(f.Type), keptParams(f.Params)
		if f.Default.Value == nil {
			f.Default = logical.Default{}
		}
	}
	for i := range out.Branches {
		b := &out.Branches[i]
		b.Type, b.Params = keptType(b.Type), keptParams(b.Params)
		b.Type.Nullable = true
	}
	for i := range out.Values {
		out.Values[i].Params = keptParams(out.Values[i].Params)
	}
	return &out
}

// keptParams returns properties in the order of their keys.
func keptParams(p logical.Params) logical.Params {
	p = slices.Clone(p)
	slices.SortFunc(p, func(a, b logical.Param) int { return strings.Compare(a.Key, b.Key) })
	return p
}
