package jsonschema

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	"github.com/millrace/millrace/compat/schema"
)

// To writes the JSON Schema of a tree in the text that the registry stores, which is normalised. rowName is the title of a root
// that has no name. What JSON Schema cannot say, as the default of an ARRAY, is a *logical.Error with Confluent's words, and so is
// what From could not read.
//
// A named type is a definition, one that comes from a reference the place of its definition there, and an import a definition
// that only refers to its URI.
func To(s *logical.Schema, rowName string) (logical.Document, error) {
	w := newWriter(s)
	if err := w.places(); err != nil {
		return logical.Document{}, err
	}
	if s.Name != "" {
		rowName = s.Name
	}
	root, err := w.typ(s.Root, rowName, 0)
	if err != nil {
		return logical.Document{}, err
	}
	if s.Name != "" && s.Root.Nullable && (s.Root.Kind == logical.Struct || s.Root.Kind == logical.Enum) {
		root.set(kwTitle, s.Name) // a reader looks for it there
	}
	if s.Namespace != "" {
		root.set(property.Namespace, s.Namespace)
	}
	root.set("$schema", dialect)
	if defs, err := w.definitions(); err != nil {
		return logical.Document{}, err
	} else if defs != nil {
		root.set(kwDefs, defs)
	}
	raw := logical.Text(logical.Object(*root))
	if len(raw) > maxText {
		return logical.Document{}, logical.Errorf("Logical type schema cannot be represented as JSON: the text is longer than %d bytes", maxText)
	}
	text, err := normalized(raw, s.Resolved)
	if err != nil {
		return logical.Document{}, err
	}
	return logical.Document{Type: schema.JSON, Text: text, References: s.References,
		Properties: map[string]string{property.Edition: property.SecondEdition}}, nil
}

// normalized returns the text that the registry stores for a schema, if From can read it.
func normalized(text string, resolved map[string]string) (string, error) {
	var refs []schema.Reference
	for _, name := range slices.Sorted(maps.Keys(resolved)) {
		refs = append(refs, schema.Reference{Name: name})
	}
	s, err := native.Parse(schema.Document{Text: text, References: refs}, logical.Texts(resolved), schema.Options{})
	if err != nil {
		return "", logical.Errorf("Logical type schema cannot be represented as JSON: %s", err)
	}
	_, err = From(s, resolved)
	return s.Normalized(), err
}

// writer is one writing of a schema.
type writer struct {
	schema   *logical.Schema
	bodies   map[string]*logical.Type // of named types
	external map[string]bool          // names of types that come from references
	imports  map[string]bool          // names that stand for URIs
	docs     map[string]string        // reference names by the names of the definitions in them
}

func newWriter(s *logical.Schema) *writer {
	w := &writer{schema: s, bodies: map[string]*logical.Type{}, external: map[string]bool{}, imports: map[string]bool{},
		docs: map[string]string{}}
	for _, d := range s.Named {
		w.bodies[d.Name] = d.Type
	}
	for _, name := range s.External {
		w.external[name] = true
	}
	for _, i := range s.Imports {
		w.imports[i.Name] = true
	}
	return w
}

// places notes which document defines what.
func (w *writer) places() error {
	for _, doc := range slices.Sorted(maps.Keys(w.schema.Resolved)) {
		var content struct {
			Defs        json.RawMessage `json:"$defs"`
			Definitions json.RawMessage `json:"definitions"`
		}
		text := w.schema.Resolved[doc]
		if !json.Valid([]byte(text)) {
			return logical.Errorf("Failed to parse external schema for name collection")
		}
		if json.Unmarshal([]byte(text), &content) != nil {
			continue // a boolean
		}
		for _, defs := range []json.RawMessage{content.Defs, content.Definitions} {
			var names map[string]json.RawMessage
			if json.Unmarshal(defs, &names) != nil {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(names)) {
				if w.local(name) {
					continue
				}
				if _, ok := w.docs[name]; ok {
					return logical.Errorf("Duplicate named type: %s", name)
				}
				w.docs[name] = doc
			}
		}
	}
	return nil
}

// local reports whether a name is that of a type which the document defines itself.
func (w *writer) local(name string) bool {
	_, known := w.bodies[name]
	return known && !w.external[name]
}

// definitions returns the named types, and the imports; nil when there are none.
func (w *writer) definitions() (*object, error) {
	defs := &object{}
	for _, d := range w.schema.Named {
		if !w.local(d.Name) || d.Type == nil {
			continue
		}
		body, err := w.notNull(d.Type, d.Name, 0)
		if err != nil {
			return nil, err
		}
		defs.add(d.Name, body)
	}
	for _, i := range w.schema.Imports {
		defs.add(i.Name, newObject("$ref", i.URI, property.LogicalRef, true))
	}
	if len(*defs) == 0 {
		return nil, nil
	}
	return defs, nil
}

var escape = strings.NewReplacer("~", "~0", "/", "~1", "%", "%25")

// reference returns the reference to a named type.
func (w *writer) reference(name string) (string, error) {
	local := "#/$defs/" + escape.Replace(name)
	if w.imports[name] || w.local(name) {
		return local, nil
	}
	if doc, ok := w.docs[name]; ok {
		return doc + local, nil
	}
	if w.external[name] {
		return name, nil
	}
	return "", logical.Errorf("Unknown named type reference: '%s'. Either define it as a local STRUCT/ENUM declaration, or place "+
		"it as a $defs (or definitions) entry in an external schema in resolvedReferences.", name)
}

// object is a JSON object that is written.
type object logical.Object

// newObject returns an object of names and values in turn.
func newObject(members ...any) *object {
	o := &object{}
	for i := 0; i < len(members); i += 2 {
		o.add(members[i].(string), members[i+1])
	}
	return o
}

// add adds a member; an object or a list of them as its content.
func (o *object) add(name string, v any) {
	switch x := v.(type) {
	case *object:
		v = logical.Object(*x)
	case []*object:
		list := make([]logical.Value, len(x))
		for i, e := range x {
			list[i] = logical.Object(*e)
		}
		v = list
	}
	*o = append(*o, logical.Member{Name: name, Value: v})
}

// set is add, in place of a member of the same name.
func (o *object) set(name string, v any) {
	*o = slices.DeleteFunc(*o, func(m logical.Member) bool { return m.Name == name })
	o.add(name, v)
}

// setText sets a member that is not empty.
func (o *object) setText(name, text string) {
	if text != "" {
		o.set(name, text)
	}
}
