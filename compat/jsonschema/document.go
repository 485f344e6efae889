package jsonschema

import (
	"hash/maphash"
	"net/url"
	"strconv"
	"strings"
)

// draft is a version of the JSON Schema language.
type draft uint8

const (
	draft4 draft = iota
	draft6
	draft7
	draft2019
	draft2020
)

// idKeyword is the keyword that names a schema.
func (d draft) idKeyword() string {
	if d == draft4 {
		return "id"
	}
	return "$id"
}

// metaSchemas are the places of the drafts' own schemas, without scheme and fragment.
var metaSchemas = []struct {
	prefix string
	draft  draft
}{
	{"json-schema.org/draft-04/schema", draft4},
	{"json-schema.org/schema", draft4},
	{"json-schema.org/draft-06/schema", draft6},
	{"json-schema.org/draft-07/schema", draft7},
	{"json-schema.org/draft/2019-09/schema", draft2019},
	{"json-schema.org/draft/2020-12/schema", draft2020},
}

// draftOf returns the draft that a $schema names.
func draftOf(uri string) (draft, bool) {
	_, rest, ok := strings.Cut(uri, "://")
	for _, m := range metaSchemas {
		if ok && strings.HasPrefix(rest, m.prefix) {
			return m.draft, true
		}
	}
	return 0, false
}

// document is the root of a text, with the places in it that have names.
type document struct {
	root  *value
	draft draft
	named map[string]*value // by absolute URI, by id as written and by anchor after the URI of its schema
}

// readDocument reads a text. A document without a draft of its own has that of the one that refers to it.
func readDocument(text string, d draft) (*document, error) {
	doc := &document{draft: d, named: map[string]*value{}}
	root, err := readJSON(text, doc)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, errorAt(text, len(text), "Invalid JSON schema: expected an object or boolean at the root, found MISSING", "the document is empty")
	}
	if root.kind != jsonObject && root.kind != jsonBool {
		names := [...]string{"NULL", "BOOLEAN", "NUMBER", "STRING", "ARRAY", "OBJECT"}
		return nil, errorAt(text, root.off, "Invalid JSON schema: expected an object or boolean at the root, found "+names[root.kind], "a schema is an object or a boolean, not %s", root.kind)
	}
	doc.root = root
	if uri, ok := root.str("$schema"); ok {
		if own, known := draftOf(uri); known {
			doc.draft = own
		}
	}
	doc.name(root, "")
	root.setSum(doc.draft)
	return doc, nil
}

// sumSeed is the process's own, so that nobody can make texts whose sums collide.
var sumSeed = maphash.MakeSeed()

// setSum gives v and all inside it their sums: values of one draft that hold the same have the same sum.
func (v *value) setSum(d draft) {
	var h maphash.Hash
	h.SetSeed(sumSeed)
	h.Write([]byte{byte(d), byte(v.kind)})
	h.WriteString(v.text)
	whole := true
	add := func(x *value) {
		x.setSum(d)
		whole = whole && x.sum != 0
		maphash.WriteComparable(&h, x.sum)
	}
	for _, e := range v.elems {
		add(e)
	}
	for _, m := range v.members {
		maphash.WriteComparable(&h, m.name)
		whole = whole && m.name != "$ref" && m.name != "$dynamicRef" && m.name != "$recursiveRef"
		add(m.value)
	}
	if whole {
		v.sum = max(h.Sum64(), 1)
	}
}

// name gives each object the URI that its references are relative to, and notes what has a name.
func (d *document) name(v *value, base string) {
	if v.kind == jsonObject {
		if id, ok := v.str(d.draft.idKeyword()); ok {
			d.note(id, v)
			if !strings.HasPrefix(id, "#") {
				base = resolve(base, id)
				d.note(base, v)
				d.note(strings.TrimSuffix(base, "#"), v)
			} else {
				d.note(base+id, v)
			}
		}
		if d.draft >= draft2019 {
			for _, k := range [...]string{"$anchor", "$dynamicAnchor"} {
				if a, ok := v.str(k); ok {
					d.note(strings.TrimSuffix(base, "#")+"#"+a, v)
				}
			}
		}
	}
	v.base = base
	for _, e := range v.elems {
		d.name(e, base)
	}
	for _, m := range v.members {
		d.name(m.value, base)
	}
}

func (d *document) note(name string, v *value) {
	if d.named[name] == nil {
		d.named[name] = v
	}
}

// resolve returns the URI that ref is when it is written in a schema with the URI base. Neither needs to be absolute.
func resolve(base, ref string) string {
	if base == "" {
		return ref
	}
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	r, err := url.Parse(ref)
	if err != nil {
		return ref
	}
	if b.Opaque != "" && !r.IsAbs() { // urn:…: only fragments can follow
		if strings.HasPrefix(ref, "#") {
			before, _, _ := strings.Cut(base, "#")
			return before + ref
		}
		return ref
	}
	joined := b.ResolveReference(r).String()
	if b.Scheme == "" && b.Host == "" && !strings.HasPrefix(b.Path, "/") && !strings.HasPrefix(ref, "/") {
		joined = strings.TrimPrefix(joined, "/")
	}
	return joined
}

// pointed returns what a JSON pointer, written as a fragment, points at in v; nil for nothing.
// https://www.rfc-editor.org/rfc/rfc6901
func pointed(v *value, pointer string) *value {
	pointer, err := url.PathUnescape(pointer)
	if err != nil {
		return nil
	}
	if pointer == "" || pointer == "/" {
		return v
	}
	if pointer[0] != '/' {
		return nil
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch v.kind {
		case jsonObject:
			v = v.get(token)
		case jsonArray:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v.elems) {
				return nil
			}
			v = v.elems[i]
		default:
			return nil
		}
		if v == nil {
			return nil
		}
	}
	return v
}
