package avro

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/millrace/millrace/compat/schema"
)

// Format reads Avro schemas.
type Format struct{}

// Type returns schema.Avro.
func (Format) Type() schema.Type { return schema.Avro }

// Parse reads a document and everything that it refers to. A fault in a text is a *schema.SyntaxError with Java's message; refs
// may be nil when d has no references.
func (Format) Parse(d schema.Document, refs schema.Resolver, o schema.Options) (schema.Schema, error) {
	s, err := Parse(d, refs, o)
	if err != nil {
		return nil, err // not a nil *Schema in the interface
	}
	return s, nil
}

// Schema is a parsed schema. It implements schema.Schema.
type Schema struct {
	root       *Type
	refs       []schema.Reference
	lenient    bool
	imports    []imported // all documents that it refers to, each after those it refers to itself
	known      []Name     // the names of those documents, which the stored text does not repeat
	defined    []*Type    // the named types that those documents define, in their order
	resolved   string
	canonical  string
	normalized func() string
}

// Parse is Format.Parse with the concrete type.
func Parse(d schema.Document, refs schema.Resolver, o schema.Options) (*Schema, error) {
	imports, err := resolveImports(d.References, refs)
	if err != nil {
		return nil, err
	}
	return parse(d, imports, o.Lenient)
}

type imported struct{ name, text string }

// parse parses d after its imports.
func parse(d schema.Document, imports []imported, lenient bool) (*Schema, error) {
	p := newParser(!lenient)
	s := &Schema{refs: slices.Clone(d.References), lenient: lenient, imports: imports}
	for n, i := range imports {
		p.doc = n + 1
		t, err := p.document(i.text)
		if err != nil {
			return nil, fmt.Errorf("parsing reference %q: %w", i.name, err)
		}
		if t.Kind.named() {
			s.known = append(s.known, t.Name)
		}
	}
	s.defined = slices.Clone(p.order)
	var err error
	p.doc = 0
	if s.root, err = p.document(d.Text); err != nil {
		return nil, err
	}
	var depth int
	if s.canonical, depth = printed(s.root, s.known); depth <= MaxDepth && len(imports) > 0 {
		s.resolved, depth = printed(s.root, nil)
	}
	if depth > MaxDepth {
		return nil, errorAt(d.Text, 0, "types nest deeper than %d levels", MaxDepth)
	}
	s.normalized = sync.OnceValue(s.normalize)
	return s, nil
}

// resolveImports returns the documents behind refs, depth first, one for each name.
func resolveImports(refs []schema.Reference, from schema.Resolver) ([]imported, error) {
	var out []imported
	seen := map[string]bool{}
	var walk func(refs []schema.Reference, depth int) error
	walk = func(refs []schema.Reference, depth int) error {
		for _, r := range refs {
			if depth > MaxDepth {
				return fmt.Errorf("resolving reference %q: references nest deeper than %d levels", r.Name, MaxDepth)
			}
			if seen[r.Name] {
				continue
			}
			seen[r.Name] = true
			if from == nil {
				return fmt.Errorf("resolving reference %q: %w", r.Name, errNoResolver)
			}
			d, err := from.Resolve(r)
			if err != nil {
				return fmt.Errorf("resolving reference %q: %w", r.Name, err)
			}
			if err := walk(d.References, depth+1); err != nil {
				return err
			}
			out = append(out, imported{r.Name, d.Text})
		}
		return nil
	}
	return out, walk(refs, 1)
}

var errNoResolver = errors.New("the schema has references, and no resolver was given for them")

// Type returns schema.Avro.
func (s *Schema) Type() schema.Type { return schema.Avro }

// Canonical returns Java's Schema.toString: attributes in Java's order, names as short as their place allows, the types of
// referenced documents by name. It parses to an equal schema.
func (s *Schema) Canonical() string { return s.canonical }

// Normalized returns the canonical text of the schema that Confluent makes of s for ?normalize=true: properties and aliases
// sorted, defaults as values of their type.
func (s *Schema) Normalized() string { return s.normalized() }

// Resolved returns the canonical text with the types of referenced documents in place.
func (s *Schema) Resolved() string {
	if len(s.imports) == 0 {
		return s.canonical
	}
	return s.resolved
}

// References returns the references of the document as they were given.
func (s *Schema) References() []schema.Reference { return slices.Clone(s.refs) }

// Imported returns the named types that the referenced documents define, and theirs, in the order of their definitions.
func (s *Schema) Imported() []*Type { return slices.Clone(s.defined) }

// place names p for others.
func (s *Schema) place(p place) schema.Place {
	if p.doc == 0 {
		return schema.Place{Offset: p.off}
	}
	return schema.Place{Reference: s.imports[p.doc-1].name, Offset: p.off}
}

// Root returns the type that the document describes.
func (s *Schema) Root() *Type { return s.root }
