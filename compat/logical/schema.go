package logical

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// Schema is what a document declares.
type Schema struct {
	// Name is the name of a root that is a STRUCT or ENUM itself rather than a reference to a named type: a Protobuf message, a
	// JSON object's title. "": none.
	Name      string
	Namespace string // of the document; "": none
	Root      *Type
	// Named are the named types in their order. A name whose longest dotted prefix is the name of another is nested in that one
	// (Outer.Inner); other dots are the namespace's.
	Named []Definition
	// External are names whose definition comes from a reference: a converter writes an import instead of the definition.
	// Their bodies are in Named where they are known.
	External []string
	// Imports are the external types that a URI stands for instead of their name: DECLARE name FOR 'uri'. JSON Schema only.
	Imports []Import
	// References are the document's, as the registry knows them.
	References []schema.Reference
	// Resolved are the texts of the references and of theirs, by name.
	Resolved map[string]string
}

// Definition is a named type.
type Definition struct {
	Name string // qualified
	Type *Type
}

// Import is the URI of an external type.
type Import struct{ Name, URI string }

// Document is a document of a schema language that a Schema was written as.
type Document struct {
	Type       schema.Type
	Text       string
	References []schema.Reference
	// Properties are the metadata properties that say how it was written (confluent:edition).
	Properties map[string]string
}

// Lookup returns the named type of a name, or nil.
func (s *Schema) Lookup(name string) *Type {
	for i := range s.Named {
		if s.Named[i].Name == name {
			return s.Named[i].Type
		}
	}
	return nil
}

// IsExternal reports whether a name's definition comes from a reference.
func (s *Schema) IsExternal(name string) bool { return slices.Contains(s.External, name) }

// Import returns the URI of an external type; "" when its name says it.
func (s *Schema) Import(name string) string {
	for _, i := range s.Imports {
		if i.Name == name {
			return i.URI
		}
	}
	return ""
}

// Parent returns the named type that a name is nested in; "": none.
func (s *Schema) Parent(name string) string {
	return Parent(name, func(n string) bool { return s.Lookup(n) != nil })
}

// References calls yield with the name of every Named type inside t, without following it.
func (t *Type) References(yield func(name string)) {
	switch {
	case t == nil:
		return
	case t.Kind == Named:
		yield(t.Name)
	}
	t.Key.References(yield)
	t.Elem.References(yield)
	for i := range t.Fields {
		t.Fields[i].Type.References(yield)
	}
	for i := range t.Branches {
		t.Branches[i].Type.References(yield)
	}
}

// reachable returns the names that types refer to, directly or through others.
func (s *Schema) reachable(from ...*Type) map[string]bool {
	bodies := make(map[string]*Type, len(s.Named))
	for _, d := range s.Named {
		bodies[d.Name] = d.Type
	}
	seen := make(map[string]bool)
	for len(from) > 0 {
		t := from[len(from)-1]
		from = from[:len(from)-1]
		t.References(func(name string) {
			if !seen[name] {
				seen[name] = true
				if body := bodies[name]; body != nil {
					from = append(from, body)
				}
			}
		})
	}
	return seen
}

// Cyclic reports whether a named type contains itself, directly or through others.
func (s *Schema) Cyclic(name string) bool {
	body := s.Lookup(name)
	return body != nil && s.reachable(body)[name]
}

// Unwrap makes the body of a named root the root itself and keeps its simple name in Name, so that every language's reader gives
// the same tree. A root stays a reference where that would lose something: it is external, unknown or recursive, has nested
// types, lies outside the document's namespace, or another named type refers to it.
func (s *Schema) Unwrap() {
	if s.Root == nil || s.Root.Kind != Named {
		return
	}
	name := s.Root.Name
	body := s.Lookup(name)
	namespace, simple := Split(name)
	if body == nil || s.IsExternal(name) || namespace != s.Namespace || s.Cyclic(name) {
		return
	}
	for _, d := range s.Named {
		if strings.HasPrefix(d.Name, name+".") {
			return
		}
		if d.Name != name {
			used := false
			d.Type.References(func(n string) { used = used || n == name })
			if used {
				return
			}
		}
	}
	root := *body
	root.Nullable = s.Root.Nullable
	s.Root, s.Name = &root, simple
	s.Named = slices.DeleteFunc(s.Named, func(d Definition) bool { return d.Name == name })
}
