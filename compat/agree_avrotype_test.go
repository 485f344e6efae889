package compat_test

import (
	"encoding/json"
	"slices"
)

// avroType is a schema that is easy to change. Each named type is defined where it is used, but for the root, which "self"
// refers to.
type avroType struct {
	kind     string // "self": the root's name
	name     string
	space    string
	aliases  []string
	fields   []*avroField
	symbols  []string
	fallback string // of an enum
	size     int
	elem     *avroType
	branches []*avroType
}

type avroField struct {
	name    string
	aliases []string
	typ     *avroType
	value   json.RawMessage // its default; nil: none
}

func (t *avroType) text() string {
	text, err := json.Marshal(t.json(t))
	if err != nil {
		panic(err) // of values that this file makes
	}
	return string(text)
}

func (t *avroType) json(root *avroType) any {
	o := map[string]any{"type": t.kind}
	if t.name != "" {
		o["name"] = t.name
	}
	if t.space != "" {
		o["namespace"] = t.space
	}
	if len(t.aliases) > 0 {
		o["aliases"] = t.aliases
	}
	switch t.kind {
	case "self":
		if root.kind == "record" {
			return root.full()
		}
		return "self"
	case "union":
		out := make([]any, len(t.branches))
		for i, b := range t.branches {
			out[i] = b.json(root)
		}
		return out
	case "array":
		o["items"] = t.elem.json(root)
	case "map":
		o["values"] = t.elem.json(root)
	case "fixed":
		o["size"] = t.size
	case "enum":
		o["symbols"] = t.symbols
		if t.fallback != "" {
			o["default"] = t.fallback
		}
	case "record":
		fields := make([]any, len(t.fields))
		for i, f := range t.fields {
			m := map[string]any{"name": f.name, "type": f.typ.json(root)}
			if len(f.aliases) > 0 {
				m["aliases"] = f.aliases
			}
			if f.value != nil {
				m["default"] = f.value
			}
			fields[i] = m
		}
		o["fields"] = fields
	default:
		return t.kind
	}
	return o
}

func (t *avroType) full() string {
	if t.space == "" {
		return t.name
	}
	return t.space + "." + t.name
}

// branch is the name that a union knows t by: types are in the namespace of their root.
func (t *avroType) branch(root *avroType) string {
	switch {
	case t.kind == "self":
		return root.full()
	case t.name != "" && root.space != "":
		return root.space + "." + t.name
	case t.name != "":
		return t.name
	}
	return t.kind
}

func (t *avroType) contains(kind string) bool {
	found := false
	t.walk(func(t *avroType) { found = found || t.kind == kind })
	return found
}

// walk visits t and what is in it.
func (t *avroType) walk(visit func(*avroType)) {
	visit(t)
	if t.elem != nil {
		t.elem.walk(visit)
	}
	for _, b := range t.branches {
		b.walk(visit)
	}
	for _, f := range t.fields {
		f.typ.walk(visit)
	}
}

func (t *avroType) clone() *avroType {
	c := *t
	c.aliases, c.symbols = slices.Clone(t.aliases), slices.Clone(t.symbols)
	if t.elem != nil {
		c.elem = t.elem.clone()
	}
	c.branches, c.fields = nil, nil
	for _, b := range t.branches {
		c.branches = append(c.branches, b.clone())
	}
	for _, f := range t.fields {
		n := *f
		n.aliases, n.typ = slices.Clone(f.aliases), f.typ.clone()
		c.fields = append(c.fields, &n)
	}
	return &c
}
