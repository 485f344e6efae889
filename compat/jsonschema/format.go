package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/millrace/millrace/compat/schema"
)

// Format reads JSON Schemas.
type Format struct{}

// Type returns schema.JSON.
func (Format) Type() schema.Type { return schema.JSON }

// Parse reads a document and everything that it refers to. A fault in the text is a *schema.SyntaxError that says where it is,
// with Confluent's words for it beside; refs may be nil when d has no references. Lenient parsing takes a keyword whose value
// is at fault, or a $ref that leads nowhere, for absent.
func (Format) Parse(d schema.Document, refs schema.Resolver, o schema.Options) (schema.Schema, error) {
	s, err := Parse(d, refs, o)
	if err != nil {
		return nil, err // not a nil *Schema in the interface
	}
	return s, nil
}

// Schema is a parsed schema. It implements schema.Schema.
type Schema struct {
	root       *node
	refs       []schema.Reference
	canonical  string
	normalized func() string
}

// Parse is Format.Parse with the concrete type.
func Parse(d schema.Document, refs schema.Resolver, o schema.Options) (*Schema, error) {
	doc, err := readDocument(d.Text, draft7)
	if err != nil {
		return nil, err
	}
	b := &builder{text: d.Text, lenient: o.Lenient, main: doc, refs: map[string]*document{}, targets: map[*value]*node{}}
	if err := b.resolve(d.References, refs, 1); err != nil {
		return nil, err
	}
	root, err := b.build()
	if err != nil {
		return nil, err
	}
	return &Schema{
		root:      root,
		refs:      slices.Clone(d.References),
		canonical: string(appendValue(nil, doc.root, false)),
		normalized: sync.OnceValue(func() string {
			return string(appendValue(nil, doc.root, true))
		}),
	}, nil
}

// resolve reads the documents behind refs and those behind theirs: by their names, and by their names as they are relative to the
// document.
func (b *builder) resolve(refs []schema.Reference, from schema.Resolver, depth int) error {
	for _, r := range refs {
		if b.refs[r.Name] != nil {
			continue
		}
		if depth > MaxDepth {
			return fmt.Errorf("resolving reference %q: references nest deeper than %d levels", r.Name, MaxDepth)
		}
		if from == nil {
			return fmt.Errorf("resolving reference %q: %w", r.Name, errNoResolver)
		}
		d, err := from.Resolve(r)
		if err != nil {
			return fmt.Errorf("resolving reference %q: %w", r.Name, err)
		}
		doc, err := readDocument(d.Text, b.main.draft)
		if err != nil {
			return fmt.Errorf("parsing reference %q: %w", r.Name, err)
		}
		b.refs[r.Name] = doc
		for _, name := range [...]string{resolve(b.main.root.base, r.Name), doc.root.base} {
			if name != "" && b.refs[name] == nil {
				b.refs[name] = doc
			}
		}
		if err := b.resolve(d.References, from, depth+1); err != nil {
			return err
		}
	}
	return nil
}

var errNoResolver = errors.New("the schema has references, and no resolver was given for them")

// Type returns schema.JSON.
func (s *Schema) Type() schema.Type { return schema.JSON }

// Canonical returns the document without white space, its members in their order, numbers as Java's BigDecimal prints them.
func (s *Schema) Canonical() string { return s.canonical }

// Normalized returns the canonical text with the members of every object sorted by name.
func (s *Schema) Normalized() string { return s.normalized() }

// References returns the references of the document as they were given.
func (s *Schema) References() []schema.Reference { return slices.Clone(s.refs) }

// CanRead returns what keeps s from reading data written with writer, under Confluent's policy STRICT.
func (s *Schema) CanRead(writer schema.Schema) []schema.Difference { return s.canRead(writer, false) }

// CanReadLenient is CanRead under the policy LENIENT, which lets properties come and go.
func (s *Schema) CanReadLenient(writer schema.Schema) []schema.Difference {
	return s.canRead(writer, true)
}

func (s *Schema) canRead(writer schema.Schema, lenient bool) []schema.Difference {
	w, ok := writer.(*Schema)
	if !ok {
		return []schema.Difference{schema.DifferentType}
	}
	return compare(w.root, s.root, lenient)
}

// Properties returns the names of the properties of the object that the document describes, in its order.
func (s *Schema) Properties() []string {
	root := s.root.dereferenced()
	if root.class != objectType {
		return nil
	}
	return slices.Clone(root.object.properties.names)
}
