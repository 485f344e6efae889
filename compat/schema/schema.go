// Package schema holds the words that every schema language shares: formats, schemas, documents, references and the
// differences between two schemas. It imports nothing of ours.
package schema

import "fmt"

// Type is a schema language by the name that Confluent's API uses.
type Type string

// The schema languages.
const (
	Avro     Type = "AVRO"
	Protobuf Type = "PROTOBUF"
	JSON     Type = "JSON"
)

// Reference names another registered schema that a document uses.
type Reference struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

// Document is a schema as a user submits it.
type Document struct {
	Text       string
	References []Reference
}

// Resolver returns the text of a referenced schema with its own references.
type Resolver interface {
	Resolve(r Reference) (Document, error)
}

// Format is one schema language.
type Format interface {
	Type() Type
	// Parse reads a document. A fault in the text is a *SyntaxError.
	Parse(d Document, refs Resolver, o Options) (Schema, error)
}

// Options tune parsing.
type Options struct {
	// Lenient accepts what stored schemas may hold although new ones may not (names, defaults).
	Lenient bool
}

// Schema is a parsed schema: immutable, safe for concurrent use.
type Schema interface {
	Type() Type
	// Canonical returns the text that Confluent stores; equal texts have the same schema id.
	Canonical() string
	// Normalized returns the canonical text of the normalised schema, as ?normalize=true stores it.
	Normalized() string
	References() []Reference
	// CanRead returns every reason why data written with writer cannot be read with this schema; none means it can.
	CanRead(writer Schema) []Difference
}

// Difference is one finding of a comparison.
type Difference struct {
	Rule   string // READER_FIELD_MISSING_DEFAULT_VALUE, …
	Path   string // JSON pointer, Confluent's spelling
	Detail string // the facts of the rule, such as the field's name
	// Message is Confluent's line for it with %s verbs for reader and writer side ("new", "old").
	Message string
}

// SyntaxError says where a document is wrong.
type SyntaxError struct {
	Line, Column int // from 1; 0 when unknown
	Msg          string
}

// Error returns the message with its place.
func (e *SyntaxError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
	}
	return e.Msg
}
