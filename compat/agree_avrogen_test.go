package compat_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
)

// avroGenerator makes schemas, the next version of a schema, and data.
type avroGenerator struct {
	*rand.Rand
	names int
}

func (g *avroGenerator) chance(percent int) bool { return g.IntN(100) < percent }

func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

var avroScalars = []string{"boolean", "int", "long", "float", "double", "bytes", "string"}

func (g *avroGenerator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *avroGenerator) record(depth int) *avroType {
	t := &avroType{kind: "record", name: g.name("Rec")}
	if depth == 0 {
		g.names = 0
		t.name, t.space = "Value", one(g.Rand, "", "shop", "shop.orders")
	}
	for range 1 + g.IntN(5-depth) {
		t.fields = append(t.fields, g.field(depth))
	}
	return t
}

func (g *avroGenerator) field(depth int) *avroField {
	f := &avroField{name: g.name("f"), typ: g.schema(depth + 1)}
	if g.chance(40) {
		f.value = defaultOf(f.typ)
	}
	return f
}

func (g *avroGenerator) schema(depth int) *avroType {
	r := g.IntN(100)
	switch {
	case depth > 3 || r < 40:
		return &avroType{kind: one(g.Rand, avroScalars...)}
	case r < 50:
		return &avroType{kind: "array", elem: g.schema(depth + 1)}
	case r < 58:
		return &avroType{kind: "map", elem: g.schema(depth + 1)}
	case r < 68:
		return &avroType{kind: "enum", name: g.name("E"), symbols: []string{"A", "B", "C", "D"}[:1+g.IntN(4)]}
	case r < 74:
		return &avroType{kind: "fixed", name: g.name("Fix"), size: 1 + g.IntN(8)}
	case r < 78: // by a union, for else no datum would end
		return &avroType{kind: "union", branches: []*avroType{{kind: "null"}, {kind: "self"}}}
	case r < 90:
		return g.union(depth)
	}
	return g.record(depth)
}

func (g *avroGenerator) union(depth int) *avroType {
	t := &avroType{kind: "union", branches: []*avroType{{kind: "null"}}}
	for range 1 + g.IntN(3) {
		b := g.schema(depth + 1)
		if b.kind == "union" || t.hasBranch(b.kind) {
			continue
		}
		t.branches = append(t.branches, b)
	}
	if g.chance(30) {
		g.Shuffle(len(t.branches), func(i, j int) { t.branches[i], t.branches[j] = t.branches[j], t.branches[i] })
	}
	return t
}

// hasBranch reports whether a union has a branch of a kind: those here have one of each.
func (t *avroType) hasBranch(kind string) bool {
	return slices.ContainsFunc(t.branches, func(b *avroType) bool { return b.kind == kind })
}

// defaultOf returns a default for t, and nil where it knows none.
func defaultOf(t *avroType) json.RawMessage {
	switch t.kind {
	case "null":
		return json.RawMessage("null")
	case "boolean":
		return json.RawMessage("true")
	case "int", "long":
		return json.RawMessage("7")
	case "float", "double":
		return json.RawMessage("0.5")
	case "bytes", "string":
		return json.RawMessage(`"d"`)
	case "array":
		return json.RawMessage("[]")
	case "map":
		return json.RawMessage("{}")
	case "enum":
		return json.RawMessage(`"` + t.symbols[0] + `"`)
	case "union":
		return defaultOf(t.branches[0])
	}
	return nil
}

// datum returns a random value of t as goavro takes it.
func (g *avroGenerator) datum(t, root *avroType, depth int) any {
	switch t.kind {
	case "null":
		return nil
	case "boolean":
		return g.chance(50)
	case "int":
		return int32(g.Uint32())
	case "long":
		return int64(g.Uint64())
	case "float":
		return float32(g.IntN(1000)) / 8
	case "double":
		return float64(g.IntN(1000)) / 16
	case "bytes":
		return []byte(one(g.Rand, "", "b", "é€"))
	case "string":
		return one(g.Rand, "", "s", "é€😀")
	case "fixed":
		return make([]byte, t.size)
	case "enum":
		return one(g.Rand, t.symbols...)
	case "array":
		out := []any{}
		for range 1 + g.IntN(3) {
			out = append(out, g.datum(t.elem, root, depth+1))
		}
		return out
	case "map":
		out := map[string]any{}
		for i := range 1 + g.IntN(3) {
			out[fmt.Sprint("k", i)] = g.datum(t.elem, root, depth+1)
		}
		return out
	case "union":
		b := one(g.Rand, t.branches...)
		if depth > 6 && t.hasBranch("null") || b.kind == "null" {
			return nil
		}
		return map[string]any{b.branch(root): g.datum(b, root, depth+1)}
	case "self":
		return g.datum(root, root, depth+1)
	}
	out := map[string]any{}
	for _, f := range t.fields {
		out[f.name] = g.datum(f.typ, root, depth+1)
	}
	return out
}

// avroChange makes of a node what a later version may have in its place, and returns false when it does not apply.
type avroChange struct {
	name  string
	apply func(g *avroGenerator, t *avroType) bool
}

// mutate returns the next version of t, which differs in one or two places, and what was done to it.
func (g *avroGenerator) mutate(t *avroType) (*avroType, []string) {
	next := t.clone()
	var done []string
	for wanted := 1 + g.IntN(2); len(done) < wanted; {
		c := one(g.Rand, avroChanges...)
		var nodes []*avroType
		next.walk(func(n *avroType) { nodes = append(nodes, n) })
		for _, i := range g.Perm(len(nodes)) {
			if c.apply(g, nodes[i]) {
				done = append(done, c.name)
				break
			}
		}
	}
	next.walk(func(n *avroType) {
		for _, f := range n.fields {
			if f.value != nil {
				f.value = defaultOf(f.typ)
			}
		}
	})
	return next, done
}

func fieldChange(name string, apply func(g *avroGenerator, f *avroField) bool) avroChange {
	return avroChange{name, func(g *avroGenerator, t *avroType) bool {
		return len(t.fields) > 0 && apply(g, one(g.Rand, t.fields...))
	}}
}

var avroPromotions = map[string][]string{"int": {"long", "float", "double"}, "long": {"float", "double"}, "float": {"double"}, "string": {"bytes"}, "bytes": {"string"}}

var avroChanges = []avroChange{
	{"a field with a default", func(g *avroGenerator, t *avroType) bool {
		f := g.field(2)
		f.value = defaultOf(f.typ)
		if t.kind != "record" || f.value == nil {
			return false
		}
		t.fields = append(t.fields, f)
		return true
	}},
	{"a field without a default", func(g *avroGenerator, t *avroType) bool {
		if t.kind != "record" {
			return false
		}
		f := g.field(2)
		f.value = nil
		t.fields = append(t.fields, f)
		return true
	}},
	{"a field less", func(g *avroGenerator, t *avroType) bool {
		if len(t.fields) < 2 {
			return false
		}
		i := g.IntN(len(t.fields))
		t.fields = slices.Delete(t.fields, i, i+1)
		return true
	}},
	{"fields in another order", func(g *avroGenerator, t *avroType) bool {
		g.Shuffle(len(t.fields), func(i, j int) { t.fields[i], t.fields[j] = t.fields[j], t.fields[i] })
		return len(t.fields) > 1
	}},
	fieldChange("a field renamed with an alias", func(g *avroGenerator, f *avroField) bool {
		f.aliases, f.name = append(f.aliases, f.name), g.name("renamed")
		return true
	}),
	fieldChange("a field renamed", func(g *avroGenerator, f *avroField) bool {
		f.name = g.name("renamed")
		return true
	}),
	fieldChange("a default less", func(_ *avroGenerator, f *avroField) bool {
		had := f.value != nil
		f.value = nil
		return had
	}),
	fieldChange("a field made nullable", func(_ *avroGenerator, f *avroField) bool {
		if f.typ.kind == "union" || f.typ.kind == "null" {
			return false
		}
		f.typ, f.value = &avroType{kind: "union", branches: []*avroType{{kind: "null"}, f.typ}}, json.RawMessage("null")
		return true
	}),
	fieldChange("a field of another type", func(g *avroGenerator, f *avroField) bool {
		f.typ, f.value = g.schema(3), nil
		return true
	}),
	fieldChange("a union that is its branch", func(g *avroGenerator, f *avroField) bool {
		if f.typ.kind != "union" {
			return false
		}
		b := one(g.Rand, f.typ.branches...)
		f.typ, f.value = b, nil
		return b.kind != "self"
	}),
	fieldChange("a promotion", func(g *avroGenerator, f *avroField) bool {
		to := avroPromotions[f.typ.kind]
		if to == nil {
			return false
		}
		f.typ, f.value = &avroType{kind: one(g.Rand, to...)}, nil
		return true
	}),
	{"a branch more", func(g *avroGenerator, t *avroType) bool {
		b := g.schema(4)
		if t.kind != "union" || t.hasBranch(b.kind) {
			return false
		}
		t.branches = append(t.branches, b)
		return true
	}},
	{"a branch less", func(_ *avroGenerator, t *avroType) bool {
		if len(t.branches) < 2 {
			return false
		}
		t.branches = t.branches[:len(t.branches)-1]
		return true
	}},
	{"a symbol more", func(_ *avroGenerator, t *avroType) bool {
		if t.kind != "enum" {
			return false
		}
		t.symbols = append(t.symbols, fmt.Sprint("N", len(t.symbols)))
		return true
	}},
	{"a symbol less", func(_ *avroGenerator, t *avroType) bool {
		if len(t.symbols) < 2 {
			return false
		}
		t.symbols = t.symbols[:len(t.symbols)-1]
		return true
	}},
	{"a symbol less and a default", func(_ *avroGenerator, t *avroType) bool {
		if len(t.symbols) < 2 {
			return false
		}
		t.symbols, t.fallback = t.symbols[:len(t.symbols)-1], t.symbols[0]
		return true
	}},
	{"another size", func(_ *avroGenerator, t *avroType) bool { t.size++; return t.kind == "fixed" }},
	{"another name", func(g *avroGenerator, t *avroType) bool {
		if t.name == "" {
			return false
		}
		t.name = g.name("Other")
		return true
	}},
	{"another name and an alias", func(g *avroGenerator, t *avroType) bool {
		if t.name == "" {
			return false
		}
		t.aliases, t.name = append(t.aliases, t.name), g.name("Other")
		return true
	}},
	{"another namespace", func(_ *avroGenerator, t *avroType) bool {
		if t.space == "" {
			return false
		}
		t.space = "moved"
		return true
	}},
}
