package main

import "fmt"

// mutate returns a copy of a schema with a few changes of the kind that versions of a schema have.
func (g *generator) mutate(v any) any {
	for range 1 + g.IntN(3) {
		nodes := 0
		count(v, &nodes)
		if nodes == 0 {
			return pick(g, primitives...)
		}
		at := g.IntN(nodes)
		v = g.changed(v, &at)
	}
	return v
}

// count adds the objects and arrays of v.
func count(v any, n *int) {
	switch v := v.(type) {
	case object:
		*n++
		for _, m := range v {
			count(m.value, n)
		}
	case []any:
		*n++
		for _, e := range v {
			count(e, n)
		}
	}
}

// changed copies v and changes the object or array that is number at, in the order of count.
func (g *generator) changed(v any, at *int) any {
	switch v := v.(type) {
	case object:
		*at--
		if *at == -1 {
			return g.object(v)
		}
		out := make(object, len(v))
		for i, m := range v {
			out[i] = member{m.name, g.changed(m.value, at)}
		}
		return out
	case []any:
		*at--
		if *at == -1 {
			return g.list(v)
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = g.changed(e, at)
		}
		return out
	}
	return v
}

// list adds or takes a member of a union or a list of fields.
func (g *generator) list(v []any) any {
	out := append([]any{}, v...)
	fields := false
	if len(v) > 0 {
		o, ok := v[0].(object)
		fields = ok && o.get("name") != nil && o.get("symbols") == nil && o.get("size") == nil && o.get("fields") == nil
	}
	if len(out) > 0 && g.chance(40) {
		i := g.IntN(len(out))
		return append(out[:i], out[i+1:]...)
	}
	if fields {
		return append(out, g.field(20+g.IntN(5), "", 4))
	}
	return append(out, pick(g, primitives...))
}

func (g *generator) object(o object) any {
	switch kind := o.get("type"); {
	case o.get("symbols") != nil:
		symbols := append([]string{}, o.get("symbols").([]string)...)
		if g.chance(50) && len(symbols) > 1 {
			symbols = symbols[1:]
		} else {
			symbols = append(symbols, fmt.Sprintf("NEW%d", g.IntN(100)))
		}
		return o.with("symbols", symbols).without("default")
	case o.get("size") != nil:
		return o.with("size", pick(g, 1, 2, 4))
	case o.get("fields") != nil:
		if g.chance(50) {
			return o.with("aliases", []any{o.get("name")}).with("name", fmt.Sprintf("Renamed%d", g.IntN(1000)))
		}
		return o.with("namespace", "moved")
	case kind == "array":
		return o.with("items", pick(g, primitives...))
	case kind == "map":
		return o.with("values", pick(g, primitives...))
	case o.get("name") != nil: // a field
		name := o.get("name").(string)
		switch g.IntN(4) {
		case 0:
			return o.with("type", pick(g, primitives...)).without("default")
		case 1:
			return o.with("aliases", []any{name}).with("name", name+"r")
		case 2:
			return o.without("default")
		}
		return o.with("type", []any{"null", o.get("type")}).without("default")
	}
	return pick(g, primitives...)
}
