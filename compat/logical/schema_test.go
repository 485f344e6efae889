package logical

import (
	"testing"
)

func named(n string) *Type { return &Type{Kind: Named, Name: n} }

func structOf(fields ...*Type) *Type {
	t := &Type{Kind: Struct}
	for i, f := range fields {
		t.Fields = append(t.Fields, Field{Name: string(rune('a' + i)), Type: f})
	}
	return t
}

func TestUnwrap(t *testing.T) {
	leaf := structOf(&Type{Kind: Int})
	for _, c := range []struct {
		name   string
		schema Schema
		kept   bool
	}{
		{name: "leaf", schema: Schema{Namespace: "x", Named: []Definition{{"x.R", leaf}}}},
		{name: "of another namespace", schema: Schema{Named: []Definition{{"x.R", leaf}}}, kept: true},
		{name: "external", schema: Schema{Namespace: "x", Named: []Definition{{"x.R", leaf}}, External: []string{"x.R"}}, kept: true},
		{name: "recursive", schema: Schema{Namespace: "x", Named: []Definition{{"x.R", structOf(named("x.R"))}}}, kept: true},
		{name: "recursive by another", schema: Schema{Namespace: "x", Named: []Definition{{"x.R", structOf(named("x.S"))},
			{"x.S", structOf(&Type{Kind: Array, Elem: named("x.R")})}}}, kept: true},
		{name: "with a nested type", schema: Schema{Namespace: "x", Named: []Definition{{"x.R", leaf}, {"x.R.I", leaf}}}, kept: true},
		{name: "used by a peer", schema: Schema{Namespace: "x", Named: []Definition{{"x.R", leaf},
			{"x.S", structOf(&Type{Kind: Map, Key: &Type{Kind: Int}, Elem: named("x.R")})}}}, kept: true},
		{name: "unknown", schema: Schema{Namespace: "x"}, kept: true},
	} {
		c.schema.Root = &Type{Kind: Named, Name: "x.R", Nullable: true}
		c.schema.Unwrap()
		if kept := c.schema.Root.Kind == Named; kept != c.kept {
			t.Errorf("%s: kept = %t, want %t", c.name, kept, c.kept)
		}
		if !c.kept && (c.schema.Name != "R" || c.schema.Lookup("x.R") != nil || !c.schema.Root.Nullable) {
			t.Errorf("%s: %+v", c.name, c.schema)
		}
	}
	if leaf.Nullable {
		t.Error("Unwrap changed a type that others may hold")
	}
}

func TestNames(t *testing.T) {
	s := Schema{Root: structOf(named("a.Outer")), Named: []Definition{{"a.Outer", structOf()}, {"a.Outer.Inner", structOf(named("b.X"))},
		{"b.X", structOf()}}}
	if p := s.Parent("a.Outer.Inner"); p != "a.Outer" {
		t.Errorf("parent of a.Outer.Inner: %q", p)
	}
	if p := s.Parent("a.Outer"); p != "" {
		t.Errorf("parent of a.Outer: %q", p)
	}
	for subject, want := range map[string]string{"": "Envelope", "9a": "Envelope9a", "orders-value": "orders_value", "é": "_"} {
		if got := RootName(subject); got != want {
			t.Errorf("RootName(%q) = %q, want %q", subject, got, want)
		}
	}
}
