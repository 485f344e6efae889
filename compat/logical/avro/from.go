package avro

import (
	"maps"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// maxRepeated is how many types may stem from inline records that are used more than once: each use repeats them.
const maxRepeated = 100_000

// From reads a schema. resolved are the texts of its references and of theirs by name, which the result keeps; properties are
// those of its metadata, where Confluent's writer keeps the namespace and the branches of a union at the root. What is no Logical
// Type is a *logical.Error with Confluent's words.
func From(s *native.Schema, resolved, properties map[string]string) (*logical.Schema, error) {
	r := &reader{named: make(map[string]bool), external: make(map[string]bool), open: make(map[*native.Type]bool),
		begun: make(map[*native.Type]bool), weights: make(map[*native.Type]int), left: maxRepeated}
	for _, t := range s.Imported() {
		if t.Kind == native.Record || t.Kind == native.Enum {
			r.external[t.Name.Full()] = true
		}
	}
	if text, ok := properties[property.Union]; ok {
		list, err := decode(text)
		if err != nil {
			return nil, logical.Errorf("Failed to deserialize union metadata: %v", err)
		}
		r.hints = &list
	}
	root, err := r.read(s.Root(), false, 0)
	if err != nil {
		return nil, err
	}
	out := &logical.Schema{Namespace: namespaceOf(s.Root(), properties), Root: root, Named: r.types, External: r.used,
		References: s.References(), Resolved: maps.Clone(resolved)}
	out.Unwrap()
	return out, nil
}

// namespaceOf returns the document's namespace: what the metadata says, or that of a named root.
func namespaceOf(root *native.Type, properties map[string]string) string {
	if space, ok := properties[property.Namespace]; ok {
		return space
	}
	if root.Kind == native.Union {
		members := nonNull(root)
		if len(members) != 1 {
			return ""
		}
		root = members[0]
	}
	if isAnonymous(root) || isVariant(root) {
		return ""
	}
	return root.Name.Space
}

// reader holds what a conversion has gathered.
type reader struct {
	types    []logical.Definition
	named    map[string]bool // the names of types
	external map[string]bool // the names of what references define
	used     []string        // those among types
	hints    *logical.Value  // confluent:union of the field or document at hand; nil: none
	path     []string        // the fields at hand

	open  map[*native.Type]bool // inline records that are being read
	begun map[*native.Type]bool // inline records that were met before
	again int                   // of the open ones, how many were
	left  int                   // of maxRepeated

	weights map[*native.Type]int // of those that were met again
}

// read converts a type. depth counts the fields, items, values and branches around it.
func (r *reader) read(t *native.Type, nullable bool, depth int) (*logical.Type, error) {
	if depth > logical.MaxDepth {
		return nil, logical.ErrTooDeep
	}
	if r.again > 0 {
		if r.left--; r.left < 0 {
			return nil, errRepeated()
		}
	}
	switch t.Kind {
	case native.Record, native.Enum:
		return r.definition(t, nullable, depth)
	case native.Union:
		return r.union(t, depth)
	case native.Array, native.Map:
		return r.container(t, nullable, depth)
	case native.Null:
		return nil, logical.Errorf("Standalone NULL type is not supported")
	}
	out, err := scalar(t)
	if err != nil {
		return nil, err
	}
	out.Nullable = nullable
	return out, nil
}

// definition converts a record or an enum: a reference to a named type, or what stands in its place.
func (r *reader) definition(t *native.Type, nullable bool, depth int) (*logical.Type, error) {
	name := t.Name.Full()
	anonymous := isAnonymous(t)
	reference := &logical.Type{Kind: logical.Named, Name: name, Nullable: nullable}
	switch {
	case !anonymous && r.named[name]:
		return reference, nil
	case isVariant(t):
		return &logical.Type{Kind: logical.Variant, Nullable: nullable}, nil
	case anonymous:
		return r.inline(t, nullable, depth)
	}
	at := len(r.types)
	r.named[name] = true
	r.types = append(r.types, logical.Definition{Name: name})
	if r.external[name] {
		r.used = append(r.used, name)
	}
	body, err := r.body(t, depth)
	r.types[at].Type = body
	return reference, err
}

func (r *reader) body(t *native.Type, depth int) (*logical.Type, error) {
	if t.Kind == native.Enum {
		return enum(t)
	}
	return r.record(t, depth)
}

func errRepeated() error {
	return logical.Errorf("Inline records are used too often: they repeat more than %d types", maxRepeated)
}

// weight returns how many types the names, texts and properties of a record or enum count as where they are repeated.
func (r *reader) weight(t *native.Type) int {
	const each = 64 // bytes
	if w, ok := r.weights[t]; ok {
		return w
	}
	n := propsLen(t.Props)
	for _, s := range t.Symbols {
		n += len(s)
	}
	for _, f := range t.Fields {
		n += len(f.Name) + propsLen(f.Props)
		if f.Default != nil {
			n += len(f.Default.String())
		}
	}
	r.weights[t] = n / each
	return n / each
}

func propsLen(props []native.Prop) (n int) {
	for _, p := range props {
		n += len(p.Name) + len(p.Value.String())
	}
	return n
}

// inline converts a record or enum that has no name of its own.
func (r *reader) inline(t *native.Type, nullable bool, depth int) (*logical.Type, error) {
	if r.open[t] {
		return nil, logical.Errorf("Cyclic schemas are not supported.\nFound a cycle in the field: %s", joined(r.path))
	}
	r.open[t] = true
	repeats := r.begun[t]
	r.begun[t] = true
	if repeats {
		r.again++
		if r.left -= r.weight(t); r.left < 0 {
			return nil, errRepeated()
		}
	}
	out, err := r.body(t, depth)
	if repeats {
		r.again--
	}
	delete(r.open, t)
	if err != nil {
		return nil, err
	}
	out.Nullable = nullable
	return out, nil
}

// union converts a union. One type beside null makes no UNION.
func (r *reader) union(t *native.Type, depth int) (*logical.Type, error) {
	members := nonNull(t)
	nullable := len(members) < len(t.Branches)
	if len(members) == 1 {
		return r.read(members[0], nullable, depth)
	}
	var hints property.Hints
	if r.hints != nil {
		var err error
		if hints, err = property.ReadHints(property.Union, *r.hints, len(members)); err != nil {
			return nil, err
		}
	}
	short := make(map[string]int, len(members))
	for _, m := range members {
		short[branchName(m, false)]++
	}
	out := &logical.Type{Kind: logical.Union, Nullable: nullable, Branches: make([]logical.Branch, len(members))}
	seen := make(map[string]bool, len(members))
	for i, m := range members {
		b, h := &out.Branches[i], hints.At(i)
		var err error
		if b.Type, err = r.read(m, false, depth+1); err != nil {
			return nil, err
		}
		b.Name, b.Doc, b.Params = branchName(m, short[branchName(m, false)] > 1), h.Doc, h.Params
		if h.Named {
			b.Name = h.Name
		}
		if err := logical.CheckName(b.Name, "Union branch"); err != nil {
			return nil, err
		}
		if seen[b.Name] {
			return nil, logical.Errorf("Duplicate union branch: %s", b.Name)
		}
		seen[b.Name] = true
	}
	return out, nil
}

// container converts an array or a map, and the two that stand for a MULTISET.
func (r *reader) container(t *native.Type, nullable bool, depth int) (*logical.Type, error) {
	var key, elem *logical.Type
	var err error
	switch {
	case t.Kind == native.Map:
		key = mapKey(t)
		elem, err = r.read(t.Elem, false, depth+1)
	case isEntries(t):
		k, v := t.Elem.Field(property.EntryKey), t.Elem.Field(property.EntryValue)
		if len(t.Elem.Fields) != 2 || k == nil || v == nil {
			return nil, logical.Errorf("Found map encoded as array of key-value pairs, but array elements do not match the " +
				"expected format.")
		}
		if key, err = r.read(k.Type, false, depth+1); err == nil {
			elem, err = r.read(v.Type, false, depth+1)
		}
	default:
		if elem, err = r.read(t.Elem, false, depth+1); err == nil {
			return &logical.Type{Kind: logical.Array, Elem: elem, Nullable: nullable}, nil
		}
	}
	switch {
	case err != nil:
		return nil, err
	case text(t.Props, property.FlinkType) != property.FlinkMultiset:
		return &logical.Type{Kind: logical.Map, Key: key, Elem: elem, Nullable: nullable}, nil
	case elem.Kind != logical.Int:
		return nil, logical.Errorf("Unexpected value type for a MULTISET type: %s", elem.Kind)
	}
	return &logical.Type{Kind: logical.Multiset, Elem: key, Nullable: nullable}, nil
}
