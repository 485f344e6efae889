package protobuf

import (
	"fmt"
	"slices"
	"sync"

	"github.com/millrace/millrace/compat/schema"
)

// Format reads Protobuf schemas.
type Format struct{}

// Type returns schema.Protobuf.
func (Format) Type() schema.Type { return schema.Protobuf }

// Parse reads a file, which is text or a FileDescriptorProto in base64, and everything that it refers to: the name of a
// reference is the path that the file imports. A fault in the text is a *schema.SyntaxError with Wire's message; refs may be nil
// when d has no references.
func (Format) Parse(d schema.Document, refs schema.Resolver, o schema.Options) (schema.Schema, error) {
	s, err := Parse(d, refs, o)
	if err != nil {
		return nil, err // not a nil *Schema in the interface
	}
	return s, nil
}

// Schema is a parsed file. It implements schema.Schema.
type Schema struct {
	refs       []schema.Reference
	sources    *sources
	canonical  string
	normalized func() string
}

// Parse is Format.Parse with the concrete type. With o.Lenient a type that is nowhere is no fault.
func Parse(d schema.Document, refs schema.Resolver, o schema.Options) (*Schema, error) {
	f, err := parseAny(d.Text)
	if err != nil {
		return nil, err
	}
	found, err := references(d.References, refs)
	if err != nil {
		return nil, err
	}
	s := &Schema{refs: slices.Clone(d.References)}
	var ok bool
	if s.canonical, ok = f.print(); !ok {
		return nil, tooMuch("the canonical text is longer than %d bytes", MaxText)
	}
	s.sources = newSources(&source{text: s.canonical, file: f}, found)
	if !s.sources.fits {
		return nil, tooMuch("a type's name is longer than %d bytes", maxName)
	}
	if s.sources.resolveFields(); s.sources.steps < 0 {
		return nil, tooMuch("finding the types that the fields use takes more than %d steps", maxSteps)
	}
	if !o.Lenient {
		if err := s.check(d.Text); err != nil {
			return nil, err
		}
	}
	s.normalized = sync.OnceValue(s.normalize)
	return s, nil
}

// tooMuch is the fault of a text that is past a bound.
func tooMuch(format string, args ...any) *schema.SyntaxError {
	msg := fmt.Sprintf(format, args...)
	return &schema.SyntaxError{Msg: msg, Words: prefix + msg}
}

// check finds the faults that Confluent finds in new schemas only.
func (s *Schema) check(text string) error {
	if s.sources.own.file.decoded {
		if _, err := parseText(s.canonical); err != nil {
			err.Meaning = true
			return err
		}
	}
	if err := s.sources.unresolved(text); err != nil {
		return err
	}
	return nil
}

// Type returns schema.Protobuf.
func (s *Schema) Type() schema.Type { return schema.Protobuf }

// Canonical returns the text that Confluent stores: Wire's layout without comments, messages before enums.
func (s *Schema) Canonical() string { return s.canonical }

// Normalized returns the canonical text of the file that Confluent makes of s for ?normalize=true: imports and options sorted,
// fields and constants by number, types by their full names.
func (s *Schema) Normalized() string { return s.normalized() }

// References returns the references of the document as they were given.
func (s *Schema) References() []schema.Reference { return slices.Clone(s.refs) }

// Identity returns what schemas must have in common for a registry to take one for the other when neither is normalised: the
// canonical text, since Confluent keeps files apart that list the same fields in another order.
func (s *Schema) Identity() string { return s.canonical }

// FieldNames returns the names of the fields of the first message, those of its oneofs last.
func (s *Schema) FieldNames() []string {
	if len(s.sources.own.file.messages) == 0 {
		return nil
	}
	m := s.sources.own.file.messages[0]
	var names []string
	for _, f := range m.fields {
		names = append(names, f.name)
	}
	for _, o := range m.oneofs {
		for _, f := range o.fields {
			names = append(names, f.name)
		}
	}
	return names
}
