package compat_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// jsonGenerator makes JSON Schemas of draft 7, the next version of a schema, and instances. A schema is a bool or a map.
type jsonGenerator struct{ *rand.Rand }

func (g jsonGenerator) chance(percent int) bool { return g.IntN(100) < percent }

// object returns the schema of an object with any of the three content models.
func (g jsonGenerator) object(depth int) map[string]any {
	properties, required := map[string]any{}, []any{}
	for range 1 + g.IntN(4) {
		name := one(g.Rand, jsonNames...)
		properties[name] = g.schema(depth + 1)
		if g.chance(30) && !slices.Contains(required, any(name)) {
			required = append(required, name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	switch g.IntN(6) {
	case 0, 1:
		s["additionalProperties"] = false
	case 2:
		s["additionalProperties"] = g.schema(depth + 2)
	case 3:
		s["patternProperties"] = map[string]any{one(g.Rand, "^x", "y$"): g.schema(depth + 2)}
	}
	if g.chance(10) {
		s[one(g.Rand, "minProperties", "maxProperties")] = 1 + g.IntN(3)
	}
	if g.chance(10) {
		s["dependencies"] = map[string]any{"a": []any{one(g.Rand, "b", "c")}}
	}
	return s
}

var jsonNames = []string{"a", "b", "c", "d", "xa", "zy"}

func (g jsonGenerator) schema(depth int) any {
	r := g.IntN(100)
	switch {
	case r < 4:
		return one[any](g.Rand, true, false, map[string]any{})
	case depth > 3 || r < 55:
		return g.scalar()
	case r < 65:
		s := map[string]any{"type": "array", "items": g.schema(depth + 1)}
		if g.chance(25) {
			s["items"] = []any{g.schema(depth + 1), g.schema(depth + 1)}[:1+g.IntN(2)]
			if g.chance(50) {
				s["additionalItems"] = one(g.Rand, any(false), g.schema(depth+2))
			}
		}
		if g.chance(25) {
			s[one(g.Rand, "minItems", "maxItems")] = 1 + g.IntN(3)
		}
		if g.chance(15) {
			s["uniqueItems"] = true
		}
		return s
	case r < 80:
		s := map[string]any{}
		s[one(g.Rand, "oneOf", "anyOf", "anyOf", "allOf")] = []any{g.schema(depth + 1), g.schema(depth + 1), g.schema(depth + 1)}[:2+g.IntN(2)]
		return s
	case r < 84:
		return map[string]any{"not": g.scalar()}
	}
	return g.object(depth + 1)
}

func (g jsonGenerator) scalar() map[string]any {
	switch g.IntN(7) {
	case 0:
		return map[string]any{"enum": []any{"s", "t", "text", 1, 2}[:2+g.IntN(4)]}
	case 1:
		return map[string]any{"type": []any{"null", one(g.Rand, "string", "integer")}}
	case 2:
		return map[string]any{"const": one[any](g.Rand, "s", 1)}
	case 3, 4:
		s := map[string]any{"type": "string"}
		for _, k := range []string{"minLength", "maxLength"} {
			if g.chance(25) {
				s[k] = 1 + g.IntN(4)
			}
		}
		if g.chance(15) {
			s["pattern"] = one(g.Rand, "^t", "s$")
		}
		return s
	}
	s := map[string]any{"type": one(g.Rand, "integer", "number", "boolean")}
	for _, k := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
		if s["type"] != "boolean" && g.chance(15) {
			s[k] = 1 + g.IntN(6)
		}
	}
	return s
}

// instance returns a value that is mostly valid under the one schema, or of what the other adds to it.
func (g jsonGenerator) instance(s, other any) any {
	if g.chance(15) {
		s = other
	}
	return g.value(s, 0)
}

func (g jsonGenerator) value(s any, depth int) any {
	m, ok := s.(map[string]any)
	if !ok || len(m) == 0 || g.chance(4) || depth > 8 {
		return one[any](g.Rand, nil, true, "s", "text", 1.0, 2.5, []any{}, map[string]any{})
	}
	for _, k := range []string{"oneOf", "anyOf", "allOf"} {
		if of, ok := m[k].([]any); ok && len(of) > 0 {
			return g.value(one(g.Rand, of...), depth+1)
		}
	}
	if values, ok := m["enum"].([]any); ok {
		return number(one(g.Rand, values...))
	}
	if v, ok := m["const"]; ok {
		return number(v)
	}
	kind := m["type"]
	if kinds, ok := kind.([]any); ok {
		kind = one(g.Rand, kinds...)
	}
	switch kind {
	case "null":
		return nil
	case "boolean":
		return g.chance(50)
	case "string":
		return one(g.Rand, "", "s", "t", "ts", "text", "texts", "longer text")
	case "integer":
		return float64(g.IntN(13) - 2)
	case "number":
		return float64(g.IntN(40)-8) / 4
	case "array":
		out := []any{}
		for i := range g.IntN(5) {
			item := m["items"]
			if tuple, ok := item.([]any); ok {
				if item = m["additionalItems"]; i < len(tuple) {
					item = tuple[i]
				}
			}
			out = append(out, g.value(item, depth+1))
		}
		return out
	case "object":
		return g.members(m, depth)
	}
	return one[any](g.Rand, nil, true, "s", "text", 1.0, 2.5)
}

func (g jsonGenerator) members(m map[string]any, depth int) map[string]any {
	out := map[string]any{}
	properties, _ := m["properties"].(map[string]any)
	required, _ := m["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if g.chance(60) || slices.Contains(required, any(name)) {
			out[name] = g.value(properties[name], depth+1)
		}
	}
	for _, name := range required {
		if name := name.(string); properties[name] == nil {
			out[name] = "s"
		}
	}
	if m["additionalProperties"] != false && g.chance(60) {
		out[one(g.Rand, jsonNames...)] = g.value(one(g.Rand, any(g.scalar()), m["additionalProperties"]), depth+1)
	}
	return out
}

// number returns v as a validator has it.
func number(v any) any {
	if n, ok := v.(int); ok {
		return float64(n)
	}
	return v
}

// mutate returns the next version of s, which differs in one or two places, and what was done to it.
func (g jsonGenerator) mutate(s map[string]any) (any, []string) {
	next := cloneJSON(s)
	var done []string
	for wanted := 1 + g.IntN(2); len(done) < wanted; {
		var nodes []map[string]any
		walkJSON(next, func(m map[string]any) { nodes = append(nodes, m) })
		if what := g.change(one(g.Rand, nodes...)); what != "" {
			done = append(done, what)
		}
	}
	return next, done
}

func cloneJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloneJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneJSON(e)
		}
		return out
	}
	return v
}

// walkJSON visits the schemas of v that are objects, in a fixed order.
func walkJSON(v any, visit func(map[string]any)) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	visit(m)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		switch k {
		case "properties", "patternProperties":
			of := m[k].(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(of)) {
				walkJSON(of[name], visit)
			}
		case "items", "oneOf", "anyOf", "allOf":
			if of, ok := m[k].([]any); ok {
				for _, e := range of {
					walkJSON(e, visit)
				}
				continue
			}
			walkJSON(m[k], visit)
		case "additionalProperties", "additionalItems", "not":
			walkJSON(m[k], visit)
		}
	}
}

// change changes a schema and says how, or returns "" when it has left it as it was.
func (g jsonGenerator) change(m map[string]any) string {
	keys := slices.Sorted(maps.Keys(m))
	if len(keys) == 0 {
		return ""
	}
	k := one(g.Rand, keys...)
	switch v := m[k].(type) {
	case int:
		if g.chance(25) {
			delete(m, k)
			return "no " + k
		}
		m[k] = max(1, v+one(g.Rand, -1, 1, 2))
		return "another " + k
	case bool:
		m[k] = !v
		return "another " + k
	}
	switch k {
	case "properties":
		of := m[k].(map[string]any)
		name := one(g.Rand, jsonNames...)
		if of[name] != nil && g.chance(60) {
			delete(of, name)
			return "a property less"
		}
		of[name] = g.schema(3)
		return "another property " + name
	case "required":
		list := m[k].([]any)
		if g.chance(50) && len(list) > 0 {
			m[k] = list[1:]
			return "a required property less"
		}
		name := any(one(g.Rand, jsonNames...))
		if slices.Contains(list, name) {
			return ""
		}
		m[k] = append(list, name)
		return fmt.Sprint("required ", name)
	case "enum", "oneOf", "anyOf", "allOf":
		list := m[k].([]any)
		if g.chance(50) && len(list) > 1 {
			m[k] = list[1:]
			return "a member of " + k + " less"
		}
		if k == "enum" {
			m[k] = append(list, fmt.Sprint("new", len(list)))
		} else {
			m[k] = append(list, g.schema(3))
		}
		return "a member of " + k + " more"
	case "additionalProperties", "patternProperties", "additionalItems", "pattern", "dependencies":
		delete(m, k)
		return "no " + k
	case "type":
		return g.retype(m)
	}
	return ""
}

func (g jsonGenerator) retype(m map[string]any) string {
	switch m["type"] {
	case "integer":
		m["type"] = "number"
		return "integer to number"
	case "number":
		m["type"] = "integer"
		return "number to integer"
	case "object":
		if m["additionalProperties"] == nil {
			m["additionalProperties"] = false
			return "closed"
		}
		return ""
	case "string":
		m["maxLength"] = 3
		return "a maxLength"
	case "boolean":
		m["type"] = "string"
		return "boolean to string"
	}
	return ""
}
