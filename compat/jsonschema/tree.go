package jsonschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/compat/schema"
)

// Class is what kind of schema a Node is.
type Class uint8

// The classes.
const (
	Anything Class = iota // {} and true
	Nothing               // false
	Null
	Boolean
	String
	Number
	Object
	Array
	Enum
	Const
	Not
	Conditional
	Reference
	AllOf
	AnyOf
	OneOf
)

var classes = map[class]Class{
	anything: Anything, nothing: Nothing, nullType: Null, booleanType: Boolean, stringType: String, numberType: Number,
	objectType: Object, arrayType: Array, enumClass: Enum, constClass: Const, notClass: Not, conditionalClass: Conditional, referenceClass: Reference,
}

// Node is a schema of a document, by its class as the comparison sees it: a list of types is an AnyOf, an enum beside a type an
// AllOf of both, keywords of objects without a type an Object. Nodes are comparable: equal ones are the same place, and all
// references to a place lead to the same one. Only references lead back.
type Node struct {
	n    *node
	main *document
}

// Definition is a definition of a document.
type Definition struct {
	Name   string
	Schema Node
}

// Member is a member of an object.
type Member struct {
	Name  string
	Value any
}

// Members is the object of a JSON value, which is nil, a bool, string, json.Number, []any or Members.
type Members []Member

// Get returns the value of a member; false when there is none.
func (m Members) Get(name string) (any, bool) {
	for _, e := range m {
		if e.Name == name {
			return e.Value, true
		}
	}
	return nil, false
}

// Tree returns the document's root, and the definitions of a document of draft 2019-09 or later. resolved are the texts of its
// references, and of theirs, by name. A reference that leads nowhere has no target; a keyword at fault counts as absent.
func (s *Schema) Tree(resolved map[string]string) (root Node, definitions []Definition, err error) {
	doc, err := readDocument(s.canonical, draft7)
	if err != nil {
		return Node{}, nil, fmt.Errorf("reading the schema again: %w", err)
	}
	b := &builder{text: s.canonical, lenient: true, keep: true, main: doc, refs: map[string]*document{}, targets: map[*value]*node{}}
	var refs []schema.Reference
	for _, name := range slices.Sorted(maps.Keys(resolved)) {
		refs = append(refs, schema.Reference{Name: name})
	}
	if err := b.resolve(refs, texts(resolved), 1); err != nil {
		return Node{}, nil, err
	}
	if doc.draft >= draft2019 && doc.root.kind == jsonObject {
		seen := map[string]bool{}
		for _, k := range [...]string{"$defs", "definitions"} {
			defs := doc.root.get(k)
			if defs == nil {
				continue
			}
			for _, m := range defs.members {
				if (m.value.kind == jsonObject || m.value.kind == jsonBool) && !seen[m.name] {
					seen[m.name] = true
					definitions = append(definitions, Definition{m.name, Node{b.target(m.value), doc}})
				}
			}
		}
	}
	n, err := b.build()
	return Node{n, doc}, definitions, err
}

// texts resolves references by their names to documents without references of their own.
type texts map[string]string

func (t texts) Resolve(r schema.Reference) (schema.Document, error) {
	return schema.Document{Text: t[r.Name]}, nil
}

func (n Node) at(m *node) Node { return Node{m, n.main} }

func (n Node) all(nodes []*node) []Node {
	out := make([]Node, len(nodes))
	for i, m := range nodes {
		out[i] = n.at(m)
	}
	return out
}

// Class returns the class.
func (n Node) Class() Class {
	if n.n.class == combinedClass {
		return [...]Class{allOf: AllOf, anyOf: AnyOf, oneOf: OneOf}[n.n.combined.criterion]
	}
	return classes[n.n.class]
}

// JSON returns the text of the object that the Node was made of.
func (n Node) JSON() string {
	if n.n.src == nil {
		return "{}"
	}
	return string(appendValue(nil, n.n.src, false))
}

// Weight returns about how much stands in the object that the Node was made of, apart from the schemas inside it: what it costs to
// look at it, in values and in parts of long texts.
func (n Node) Weight() int {
	if n.n.src == nil {
		return 1
	}
	weight := 1
	for _, m := range n.n.src.members {
		if !slices.Contains(holdSchemas, m.name) {
			weight += m.value.weight()
		}
	}
	return weight
}

// holdSchemas are the keywords that hold schemas.
var holdSchemas = slices.Concat([]string{"properties", "items", "prefixItems"}, listOfSchemas, oneSchema, objectOfSchemas)

func (v *value) weight() int {
	const part = 64 // bytes
	weight := 1 + len(v.text)/part
	for _, e := range v.elems {
		weight += e.weight()
	}
	for _, m := range v.members {
		weight += len(m.name)/part + m.value.weight()
	}
	return weight
}

// Keyword returns the value of a keyword that says something about the schema as a whole, as title does: a part of an AllOf or
// AnyOf that was made of one object has none.
func (n Node) Keyword(name string) (any, bool) {
	if n.n.part {
		return nil, false
	}
	return n.Rule(name)
}

// Text returns the value of a Keyword that is a string; "" otherwise.
func (n Node) Text(name string) string {
	v, _ := n.Keyword(name)
	s, _ := v.(string)
	return s
}

// Rule returns the value of any keyword in the object that the Node was made of.
func (n Node) Rule(name string) (any, bool) {
	if n.n.src == nil {
		return nil, false
	}
	v := n.n.src.get(name)
	if v == nil {
		return nil, false
	}
	return v.plain(), true
}

// Modern reports whether the schema is of draft 2019-09 or later, where what stands beside a reference counts.
func (n Node) Modern() bool { return n.n.src != nil && n.n.src.doc.draft >= draft2019 }

// Typed reports whether the keyword type names a type.
func (n Node) Typed(name string) bool { return n.n.src != nil && n.n.src.hasType(name) }

// Integer reports whether a Number admits integers only.
func (n Node) Integer() bool { return n.n.class == numberType && n.n.num.integer }

// Limit returns a 32 bit integer that bounds a String (minLength, maxLength); false when there is none.
func (n Node) Limit(name string) (int, bool) {
	v, _ := n.Rule(name)
	d, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := d.Int64()
	if err != nil || int64(int32(i)) != i {
		return 0, false
	}
	return int(i), true
}

// Values returns the values that an Enum or Const admits, in their order.
func (n Node) Values() []any {
	switch n.n.class {
	case enumClass:
		v, _ := n.Rule("enum")
		list, _ := v.([]any)
		return list
	case constClass:
		v, _ := n.Rule("const")
		return []any{v}
	}
	return nil
}

// Of returns the schemas of an AllOf, AnyOf or OneOf in their order; what stands beside them last.
func (n Node) Of() []Node {
	if n.n.class != combinedClass {
		return nil
	}
	return n.all(n.n.combined.of)
}

// Properties returns the properties of an Object in their order.
func (n Node) Properties() []Definition {
	if n.n.class != objectType {
		return nil
	}
	p := n.n.object.properties
	out := make([]Definition, len(p.names))
	for i, name := range p.names {
		out[i] = Definition{name, n.at(p.m[name])}
	}
	return out
}

// Property returns a property of an Object; false when it has none of that name.
func (n Node) Property(name string) (Node, bool) {
	if n.n.class != objectType || !n.n.object.properties.has(name) {
		return Node{}, false
	}
	return n.at(n.n.object.properties.m[name]), true
}

// Requires reports whether an Object requires a property.
func (n Node) Requires(name string) bool { return n.n.class == objectType && n.n.object.requires(name) }

// RequiresAny reports whether an Object requires any property.
func (n Node) RequiresAny() bool {
	return n.n.class == objectType && len(n.n.object.required.names) > 0
}

// Additional returns the schema of an Object's other properties; false when it has none.
func (n Node) Additional() (Node, bool) {
	if n.n.class != objectType || n.n.object.additional.schema == nil {
		return Node{}, false
	}
	return n.at(n.n.object.additional.schema), true
}

// Items returns the schema of all items of an Array; false when it has none. tuple is set when each item has its own.
func (n Node) Items() (item Node, tuple, ok bool) {
	if n.n.class != arrayType {
		return Node{}, false, false
	}
	if a := n.n.array; a.all == nil {
		return Node{}, a.items != nil, false
	}
	return n.at(n.n.array.all), false, true
}

// Ref returns what a Reference says, as it is written.
func (n Node) Ref() string {
	for _, k := range [...]string{"$ref", "$dynamicRef", "$recursiveRef"} {
		if v, _ := n.Rule(k); n.n.class == referenceClass && v != nil {
			s, _ := v.(string)
			return s
		}
	}
	return ""
}

// Target returns what a Reference refers to; false when it leads nowhere.
func (n Node) Target() (Node, bool) {
	if n.n.class != referenceClass || n.n.target == nil || n.n.target.src == nil {
		return Node{}, false
	}
	return n.at(n.n.target), true
}

// External reports whether the schema is in a referenced document.
func (n Node) External() bool { return n.n.src != nil && n.n.src.doc != n.main }

// plain returns v as the JSON value that a Node gives.
func (v *value) plain() any {
	switch v.kind {
	case jsonBool:
		return v.text == "true"
	case jsonNumber:
		return json.Number(v.text)
	case jsonString:
		return v.text
	case jsonArray:
		list := make([]any, len(v.elems))
		for i, e := range v.elems {
			list[i] = e.plain()
		}
		return list
	case jsonObject:
		m := make(Members, len(v.members))
		for i, e := range v.members {
			m[i] = Member{e.name, e.value.plain()}
		}
		return m
	}
	return nil
}
