// Package native goes between Logical Types and the schemas that a registry stores, of whichever language: a stored schema as
// DDL, a DDL script as a schema to store, and the compatibility policy LOGICAL.
package native

import (
	"fmt"
	"strings"

	avroschema "github.com/millrace/millrace/compat/avro"
	jsonschema "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/avro"
	"github.com/millrace/millrace/compat/logical/ddl"
	jsonlogical "github.com/millrace/millrace/compat/logical/jsonschema"
	protological "github.com/millrace/millrace/compat/logical/protobuf"
	protoschema "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// Source is a parsed schema with what else says what it means.
type Source struct {
	Schema     schema.Schema
	Resolved   map[string]string // the texts of its references, and of theirs, by name
	Properties map[string]string // its metadata's
}

// Logical returns the logical types of a schema. A schema that has none is a *logical.Error.
func (s Source) Logical() (*logical.Schema, error) {
	switch parsed := s.Schema.(type) {
	case *avroschema.Schema:
		return avro.From(parsed, s.Resolved, s.Properties)
	case *jsonschema.Schema:
		return jsonlogical.From(parsed, s.Resolved)
	case *protoschema.Schema:
		return protological.From(parsed, s.Resolved)
	}
	return nil, logical.Errorf("Unsupported schema type: %s", s.Schema.Type())
}

// DDL returns a schema as a DDL script.
func (s Source) DDL() (string, error) {
	l, err := s.Logical()
	if err != nil {
		return "", err
	}
	return ddl.PrintWithin(l, leastDDL+mostRepeated*s.size())
}

// The DDL of a schema may be leastDDL bytes long, and mostRepeated times as long as the schema and what it refers to besides.
const (
	leastDDL     = 4 << 20
	mostRepeated = 16
)

// size returns how many bytes a schema has with what it refers to.
func (s Source) size() int {
	n := len(s.Schema.Canonical())
	for _, text := range s.Resolved {
		n += len(text)
	}
	return n
}

// Script is a text that has the form of DDL.
type Script struct{ script *ddl.Script }

// Parse reads a text as DDL; a text that is none is a *schema.SyntaxError. What is wrong with a script's meaning is told by
// Document.
func Parse(text string) (Script, error) {
	s, err := ddl.Parse(text)
	return Script{s}, err
}

// Begins reports whether a word, in any case, may be the first of a script.
func Begins(word string) bool {
	switch strings.ToUpper(word) {
	case "NAMESPACE", "USING", "STRUCT", "ROW", "ENUM", "TYPE":
		return true
	}
	return false
}

// Document returns the schema that a script describes in a language, with references and their texts, by name, for what the
// script does not declare. subject names a root that the script leaves without a name. Why there is no such schema is a
// *logical.Error.
func (s Script) Document(t schema.Type, subject string, refs []schema.Reference, resolved map[string]string,
) (logical.Document, error) {
	l, err := s.script.Schema()
	if err != nil {
		return logical.Document{}, logical.Errorf("Invalid logical type schema: %s", err)
	}
	l.References, l.Resolved = refs, resolved
	name := logical.RootName(subject)
	var doc logical.Document
	switch t {
	case schema.Avro:
		doc, err = avro.To(l, name)
	case schema.JSON:
		doc, err = jsonlogical.To(l, name)
	case schema.Protobuf:
		doc, err = protological.To(l, name)
	default:
		err = logical.Errorf("Unsupported schemaType '%s' for a logical type schema; must be one of %s, %s, %s", t, schema.Avro,
			schema.JSON, schema.Protobuf)
	}
	return doc, err
}

// What bounds the references that are followed from one schema: how many there are, and the bytes of their texts.
const (
	mostResolved = 10_000
	mostText     = 32 << 20
)

// Resolve returns the texts of references and of theirs by name, the first of a name. More of them than anyone could wait for are a
// *logical.Error.
func Resolve(refs []schema.Reference, r schema.Resolver) (map[string]string, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	out := map[string]string{}
	size := 0
	for levels := [][]schema.Reference{refs}; len(levels) > 0; levels = levels[1:] {
		for _, ref := range levels[0] {
			if _, ok := out[ref.Name]; ok {
				continue
			}
			d, err := r.Resolve(ref)
			if err != nil {
				return nil, fmt.Errorf("resolving the reference %q: %w", ref.Name, err)
			}
			out[ref.Name] = d.Text
			if size += len(d.Text); len(out) > mostResolved || size > mostText {
				return nil, logical.Errorf("The schema refers to more than %d others, or to more than %d bytes of them", mostResolved, mostText)
			}
			if len(d.References) > 0 {
				levels = append(levels, d.References)
			}
		}
	}
	return out, nil
}
