package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// generator makes random schemas as JSON values: mostly valid ones, with what is rare in schemas made common.
type generator struct {
	*rand.Rand
	names int      // that were given in this schema
	known []string // full names that were defined
}

// object is a JSON object with the order of its members.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// get returns the value of a member, or nil.
func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// with returns a copy of o with a member set, or added.
func (o object) with(name string, value any) object {
	out := make(object, 0, len(o)+1)
	found := false
	for _, m := range o {
		if m.name == name {
			m.value, found = value, true
		}
		out = append(out, m)
	}
	if !found {
		out = append(out, member{name, value})
	}
	return out
}

// without returns a copy of o without a member.
func (o object) without(name string) object {
	out := make(object, 0, len(o))
	for _, m := range o {
		if m.name != name {
			out = append(out, m)
		}
	}
	return out
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) shuffled(o object) object {
	if g.chance(30) {
		g.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
	}
	return o
}

// document writes a schema as text, sometimes indented.
func (g *generator) document(v any) string {
	text, err := json.Marshal(v)
	if g.chance(20) {
		text, err = json.MarshalIndent(v, "", "  ")
	}
	if err != nil {
		panic(err) // of values that this file makes
	}
	return string(text)
}

// root returns a new schema.
func (g *generator) root() any {
	g.names, g.known = 0, nil
	if g.chance(80) {
		return g.named("", 0)
	}
	return g.schema("", 0)
}

var primitives = []string{"null", "boolean", "int", "long", "float", "double", "bytes", "string"}

func (g *generator) schema(space string, depth int) any {
	r := g.IntN(100)
	switch {
	case depth > 4:
		return g.primitive()
	case r < 18 && len(g.known) > 0:
		return g.reference(space)
	case r < 50:
		return g.primitive()
	case r < 60:
		return g.shuffled(g.properties(object{{"type", "array"}, {"items", g.schema(space, depth+1)}}, 30))
	case r < 68:
		return g.shuffled(g.properties(object{{"type", "map"}, {"values", g.schema(space, depth+1)}}, 30))
	case r < 85:
		return g.union(space, depth)
	}
	return g.named(space, depth)
}

func (g *generator) reference(space string) any {
	full := pick(g, g.known...)
	name := full
	switch {
	case g.chance(3):
		name = "Unknown"
	case space != "" && len(full) > len(space) && full[:len(space)+1] == space+"." && g.chance(70):
		name = full[len(space)+1:]
	}
	if g.chance(10) {
		return object{{"type", name}}
	}
	return name
}

func (g *generator) primitive() any {
	kind := pick(g, primitives...)
	if g.chance(60) {
		return kind
	}
	o := object{{"type", kind}}
	if g.chance(50) {
		logical := pick(g, "date", "time-millis", "time-micros", "timestamp-millis", "timestamp-micros", "timestamp-nanos",
			"local-timestamp-millis", "decimal", "decimal", "big-decimal", "uuid", "unheard-of")
		o = append(o, member{"logicalType", logical})
		if logical == "decimal" {
			o = append(o, member{"precision", pick[any](g, 1, 4, 9, 38, 0, -1, "9")}, member{"scale", pick[any](g, 0, 2, 9, 50, -1)})
		}
	}
	return g.shuffled(g.properties(o, 40))
}

func (g *generator) union(space string, depth int) any {
	out, seen := []any{}, map[string]bool{}
	if g.chance(50) {
		out, seen = append(out, "null"), map[string]bool{"null": true}
	}
	for range g.IntN(4) {
		b := g.schema(space, depth+1)
		name := fmt.Sprint(b)
		if o, ok := b.(object); ok {
			if name, ok = o.get("name").(string); !ok {
				name = fmt.Sprint(o.get("type"))
			}
		}
		if _, nested := b.([]any); (nested || seen[name]) && g.chance(97) {
			continue
		}
		seen[name] = true
		out = append(out, b)
	}
	return out
}

func (g *generator) named(space string, depth int) any {
	kind := pick(g, "record", "record", "record", "error", "enum", "fixed")
	g.names++
	name := fmt.Sprintf("%s%d", pick(g, "A", "Rec", "Node", "string_"), g.names)
	o := object{{"type", kind}, {"name", name}}
	switch g.IntN(5) {
	case 0:
		space = pick(g, "p.q", "a", "a.b")
		o[1].value = space + "." + name
	case 1, 2:
		space = pick(g, "", "a", "a.b", "x.y.z")
		o = append(o, member{"namespace", space})
	}
	full := name
	if space != "" {
		full = space + "." + name
	}
	if g.chance(25) {
		o = append(o, member{"doc", pick(g, "d", "", "two\nlines \"q\" é 😀")})
	}
	if g.chance(25) {
		o = append(o, member{"aliases", g.some("Old", "x.Old", ".Old2", "a.b.Old3", "zed", "A1")})
	}
	switch kind {
	case "enum":
		symbols := g.some("S1", "S2", "S3", "s4", "_5", "Z")
		o = append(o, member{"symbols", symbols})
		if g.chance(40) && len(symbols) > 0 {
			o = append(o, member{"default", pick(g, symbols...)})
		}
	case "fixed":
		o = append(o, member{"size", pick(g, 0, 1, 4, 12, 16)})
		if g.chance(30) {
			o = append(o, member{"logicalType", pick(g, "decimal", "uuid", "duration")}, member{"precision", pick(g, 1, 4, 9, 30)})
		}
	default:
		if g.chance(50) { // known to its own fields
			g.known = append(g.known, full)
		}
		fields := make([]any, g.IntN(6))
		for i := range fields {
			fields[i] = g.field(i, space, depth)
		}
		o = append(o, member{"fields", fields})
	}
	g.known = append(g.known, full)
	return g.shuffled(g.properties(o, 25))
}

// some returns a few of the given words.
func (g *generator) some(from ...string) []string {
	out := []string{}
	for _, s := range from {
		if g.chance(45) {
			out = append(out, s)
		}
	}
	g.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (g *generator) field(i int, space string, depth int) any {
	typ := g.schema(space, depth+1)
	o := object{{"name", fmt.Sprintf("%s%d", pick(g, "id", "name", "val", "next"), i)}, {"type", typ}}
	if g.chance(20) {
		o = append(o, member{"doc", pick(g, "", "fd")})
	}
	if g.chance(20) {
		o = append(o, member{"order", pick(g, "ascending", "descending", "ignore", "Descending")})
	}
	if g.chance(20) {
		o = append(o, member{"aliases", g.some("al1", "b2", "id0", "name1")})
	}
	if v, ok := g.value(typ, 0); ok && g.chance(45) {
		o = append(o, member{"default", v})
	} else if g.chance(3) {
		o = append(o, member{"default", pick[any](g, 1, "x", nil, []any{}, object{})})
	}
	return g.shuffled(g.properties(o, 20))
}

// value returns a default for typ, and false for one that it does not know.
func (g *generator) value(typ any, depth int) (any, bool) {
	if depth > 4 {
		return nil, false
	}
	kind := typ
	switch t := typ.(type) {
	case []any:
		if len(t) == 0 {
			return nil, false
		}
		if g.chance(80) {
			return g.value(t[0], depth+1)
		}
		return g.value(pick(g, t...), depth+1)
	case object:
		kind = t.get("type")
		switch kind {
		case "array":
			if e, ok := g.value(t.get("items"), depth+1); ok && g.chance(60) {
				return []any{e}, true
			}
			return []any{}, true
		case "map":
			if e, ok := g.value(t.get("values"), depth+1); ok && g.chance(60) {
				return object{{"k2", e}, {"k1", e}}, true
			}
			return object{}, true
		case "enum":
			return pick(g, append(t.get("symbols").([]string), "S1")...), true
		case "fixed":
			return "ÿ", true
		case "record", "error":
			var o object
			for _, f := range t.get("fields").([]any) {
				f := f.(object)
				v, ok := g.value(f.get("type"), depth+1)
				if !ok {
					return nil, false
				}
				o = append(o, member{f.get("name").(string), v})
			}
			return append(object{}, o...), true
		}
	}
	switch kind {
	case "null":
		return nil, true
	case "boolean":
		return g.chance(50), true
	case "int":
		return pick(g, 0, -7, 1<<31-1), true
	case "long":
		return pick(g, 5, -1, 1<<40), true
	case "float", "double":
		return pick[any](g, 1, 0.1, 3.5, 1234567.25, "NaN", "-Infinity", 1e21), true
	case "bytes":
		return pick(g, "", "ÿ\x01", "é"), true
	case "string":
		return pick(g, "", "a \"b\" \\", "é€😀"), true
	}
	return nil, false
}

// properties adds attributes that Avro does not define.
func (g *generator) properties(o object, percent int) object {
	for g.chance(percent) {
		name := pick(g, "zz", "custom", "connect.name", "avro.java.string", "java-class", "aa", "Ünï")
		if o.get(name) == nil {
			o = append(o, member{name, g.property(0)})
		}
	}
	return o
}

func (g *generator) property(depth int) any {
	switch r := g.IntN(8); {
	case r < 2 && depth < 2:
		return []any{g.property(depth + 1), 1, nil}[:g.IntN(4)]
	case r < 4 && depth < 2:
		return object{{"z", g.property(depth + 1)}, {"a", true}}[:g.IntN(3)]
	}
	return pick[any](g, nil, true, 7, -2.25, 100.5, "text \"\\\x01é", 1<<40, "")
}
