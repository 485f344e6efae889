package jsonschema

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

func (b *builder) object(v *value) *node {
	o := &objectRules{
		minProperties: b.count(v, "minProperties"),
		maxProperties: b.count(v, "maxProperties"),
		additional:    b.rest(v, "additionalProperties"),
	}
	if p := v.get("properties"); b.want(p, "properties", jsonObject) {
		for _, m := range p.members {
			if m.name == v.doc.draft.idKeyword() && m.value.kind != jsonObject {
				continue // a property cannot be told from the name of the schema
			}
			if b.isSchema(m.value, "each property") {
				o.properties.set(m.name, b.schema(m.value))
			}
		}
	}
	if r := v.get("required"); b.want(r, "required", jsonArray) {
		for _, e := range r.elems {
			if b.want(e, "each element of required", jsonString) {
				o.required.set(e.text, struct{}{})
			}
		}
	}
	if p := v.get("patternProperties"); b.want(p, "patternProperties", jsonObject) {
		b.patterns(o, p)
	}
	if d := v.get("dependencies"); b.want(d, "dependencies", jsonObject) {
		b.dependencies(o, d, "dependencies", true, true)
	}
	switch {
	case v.doc.draft >= draft2019:
		if d := v.get("dependentRequired"); b.want(d, "dependentRequired", jsonObject) {
			b.dependencies(o, d, "dependentRequired", true, false)
		}
		if d := v.get("dependentSchemas"); b.want(d, "dependentSchemas", jsonObject) {
			b.dependencies(o, d, "dependentSchemas", false, true)
		}
		o.unevaluated = b.rest(v, "unevaluatedProperties")
		fallthrough
	case v.doc.draft >= draft6:
		b.sub(v, "propertyNames") // checked, not compared
	}
	return &node{class: objectType, object: o}
}

func (b *builder) patterns(o *objectRules, p *value) {
	for _, m := range p.members {
		pattern, err := compilePattern(m.name)
		if err != nil {
			b.fail(m.value, "%q is not a regular expression: %s", m.name, err)
			continue
		}
		if b.isSchema(m.value, "each of patternProperties") {
			o.patterns = append(o.patterns, patternRule{pattern, b.schema(m.value)})
		}
	}
}

// dependencies reads what a property needs beside it: names, or a schema for the whole object.
func (b *builder) dependencies(o *objectRules, d *value, keyword string, names, schemas bool) {
	for _, m := range d.members {
		switch {
		case names && m.value.kind == jsonArray:
			var needs []string
			for _, e := range m.value.elems {
				if b.want(e, "each element of a dependency", jsonString) && !slices.Contains(needs, e.text) {
					needs = append(needs, e.text)
				}
			}
			if len(needs) > 0 {
				o.dependentNames.set(m.name, needs)
			}
		case schemas && (m.value.kind == jsonObject || m.value.kind == jsonBool && d.doc.draft > draft4):
			o.dependentSchemas.set(m.name, b.schema(m.value))
		default:
			b.fail(m.value, "%s of %q must not be %s", keyword, m.name, m.value.kind)
		}
	}
}

func (b *builder) array(v *value) *node {
	a := &arrayRules{minItems: b.count(v, "minItems"), maxItems: b.count(v, "maxItems")}
	if u := v.get("uniqueItems"); b.want(u, "uniqueItems", jsonBool) {
		a.unique = u.text == "true"
	}
	d := v.doc.draft
	items := v.get("items")
	switch prefix := v.get("prefixItems"); {
	case d >= draft2020 && prefix != nil:
		a.items = b.subs(v, "prefixItems")
		a.additional = b.rest(v, "items")
	case items == nil:
	case items.kind == jsonArray:
		a.items = b.subs(v, "items")
	case items.kind == jsonBool && d == draft4:
		b.fail(items, "items must be a schema or an array of schemas")
	default:
		a.all = b.sub(v, "items")
	}
	if d < draft2020 {
		a.additional = b.rest(v, "additionalItems")
		a.additional.closed = a.additional.closed && a.all == nil // where every item has the schema, none is additional
	}
	if d > draft4 {
		b.sub(v, "contains") // checked, not compared
	}
	if d >= draft2019 {
		a.minContains, a.maxContains = b.count(v, "minContains"), b.count(v, "maxContains")
		a.unevaluated = b.rest(v, "unevaluatedItems")
	}
	return &node{class: arrayType, array: a}
}

// rest reads a keyword that is a boolean or a schema.
func (b *builder) rest(v *value, keyword string) rest {
	r := v.get(keyword)
	if r == nil || !b.isSchema(r, keyword) {
		return rest{}
	}
	if r.kind == jsonBool {
		return rest{closed: r.text == "false"}
	}
	return rest{schema: b.schema(r)}
}

// reference makes the node of a $ref, r, in the schema v. What it refers to is built later, once for all references to it.
func (b *builder) reference(v, r *value) *node {
	n := &node{class: referenceClass}
	target := b.find(v, r.text)
	if target == nil {
		if _, known := draftOf(r.text); !known {
			b.fail(r, "%s %q leads nowhere: it is neither in the document nor among its references", "$ref", r.text)
		}
		n.target = &node{class: anything} // a draft's own schema, or something that was lost since it was stored
		return n
	}
	n.target = b.target(target)
	return n
}

// target returns the node of v, which build fills in.
func (b *builder) target(v *value) *node {
	n := b.targets[v]
	if n == nil {
		n = new(node)
		b.targets[v] = n
		b.pending = append(b.pending, v)
	}
	return n
}

// find returns what ref refers to in a schema of its document, or in a referenced document.
func (b *builder) find(v *value, ref string) *value {
	doc := v.doc
	full := resolve(v.base, ref)
	for _, name := range [...]string{full, ref} {
		if t := doc.named[name]; t != nil {
			return t
		}
	}
	if pointer, ok := strings.CutPrefix(ref, "#"); ok {
		if doc.draft >= draft2019 {
			if own := doc.named[strings.TrimSuffix(v.base, "#")]; own != nil && v.base != "" {
				if t := pointed(own, pointer); t != nil {
					return t
				}
			}
		}
		return pointed(doc.root, pointer)
	}
	for _, name := range [...]string{full, ref} {
		place, pointer, _ := strings.Cut(name, "#")
		if own := doc.named[place]; own != nil {
			if t := pointed(own, pointer); t != nil {
				return t
			}
		}
		other := b.refs[name]
		if other == nil {
			other = b.refs[place]
		} else {
			pointer = ""
		}
		if other == nil {
			continue
		}
		if t := pointed(other.root, pointer); t != nil {
			return t
		}
		if rest, ok := strings.CutPrefix(pointer, "/$defs/"); ok && other.root.get("$defs") == nil {
			if t := pointed(other.root, "/definitions/"+rest); t != nil {
				return t // the name of older drafts for the same place
			}
		}
		for _, anchor := range [...]string{"#" + pointer, strings.TrimSuffix(other.root.base, "#") + "#" + pointer} {
			if t := other.named[anchor]; t != nil {
				return t
			}
		}
	}
	return nil
}

func writeValueKey(b *strings.Builder, v *value) {
	switch v.kind {
	case jsonNumber:
		d, _ := parseDecimal(v.text)
		b.Write(d.append(nil))
	case jsonArray:
		b.WriteByte('[')
		for _, e := range v.elems {
			writeValueKey(b, e)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case jsonObject:
		members := slices.Clone(v.members)
		slices.SortFunc(members, func(x, y member) int { return strings.Compare(x.name, y.name) })
		b.WriteByte('{')
		for _, m := range members {
			b.Write(append(schema.AppendString(nil, m.name), ':'))
			writeValueKey(b, m.value)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	default:
		b.Write(appendValue(nil, v, false))
	}
}
