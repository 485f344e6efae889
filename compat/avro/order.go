package avro

import (
	"maps"
	"slices"
)

// InOrder returns the names of documents so that each comes after those that define the types it names: the order in which they
// can be read one after the other. Otherwise they are sorted. It judges nothing: a text that is no schema, or that is in a circle
// with others, has a place too, and Parse says what is wrong with it.
func InOrder(texts map[string]string) []string {
	names := slices.Sorted(maps.Keys(texts))
	definedBy := make(map[string]string) // a type's full name: the document
	missing := make(map[string][]*Type)  // a document: placeholders for types of others
	for _, name := range names {
		p := newParser(false)
		missing[name] = p.missing(texts[name])
		for _, t := range p.order {
			if full := t.Name.Full(); definedBy[full] == "" {
				definedBy[full] = name
			}
		}
	}
	var out []string
	begun := make(map[string]bool)
	var visit func(name string)
	visit = func(name string) {
		if begun[name] {
			return
		}
		begun[name] = true
		for _, t := range missing[name] {
			if other, ok := definedBy[t.pending]; ok {
				visit(other)
			} else if other, ok := definedBy[t.short]; ok {
				visit(other)
			}
		}
		out = append(out, name)
	}
	for _, name := range names {
		visit(name)
	}
	return out
}

// missing reads a document up to its first fault and returns the placeholders for types that it does not define itself.
func (p *parser) missing(text string) []*Type {
	v, _, err := readJSON(text)
	if err != nil || v == nil {
		return nil
	}
	p.text = text
	root, err := p.parse(v, "")
	if err != nil {
		return nil
	}
	var out []*Type
	seen := make(map[*Type]bool)
	var walk func(t *Type)
	walk = func(t *Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		if t.placeholder {
			if p.pending(t) == nil {
				out = append(out, t)
			}
			return
		}
		walk(t.Elem)
		for _, b := range t.Branches {
			walk(b)
		}
		for _, f := range t.Fields {
			walk(f.Type)
		}
	}
	walk(root)
	return out
}
