// Package schema holds the words that every schema language shares: formats, schemas, documents, references and the
// differences between two schemas. It imports nothing of ours.
package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

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
	// Message is Confluent's line for it: the first %s stands for the reader's side ("new" or "old") and the second for the
	// writer's. A percent sign of the schema's own is doubled.
	Message string
	// Reader and Writer are the places in the texts of the two schemas that it is about, where the language knows them.
	Reader, Writer Place
	// Inside are the findings that make up this one where Confluent tells only that there are some: what keeps a record out of the
	// union's record of the same name. Paths in it begin where this one ends. nil: none.
	Inside *Reasons
}

// Reasons are findings inside another; by their address, so that Differences can be compared.
type Reasons []Difference

// Place is a place in a document. The zero Place is the document's beginning, which stands for what is nowhere in particular.
type Place struct {
	Reference string // the name of the referenced document it is in; "": the document itself
	Offset    int    // bytes
}

// Line returns the message for a reader and a writer side.
func (d Difference) Line(reader, writer string) string {
	var b strings.Builder
	sides := []string{reader, writer}
	for rest := d.Message; ; {
		before, after, found := strings.Cut(rest, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if tail, ok := strings.CutPrefix(after, "s"); ok && len(sides) > 0 {
			b.WriteString(sides[0])
			sides, rest = sides[1:], tail
		} else {
			b.WriteByte('%')
			rest = strings.TrimPrefix(after, "%")
		}
	}
}

// SortReferences returns the references of a normalised document: by subject and version, each once.
func SortReferences(refs []Reference) []Reference {
	sorted := slices.Clone(refs)
	slices.SortStableFunc(sorted, func(a, b Reference) int {
		return cmp.Or(strings.Compare(a.Subject, b.Subject), cmp.Compare(a.Version, b.Version))
	})
	seen := make(map[Reference]bool, len(sorted))
	return slices.DeleteFunc(sorted, func(r Reference) bool {
		dup := seen[r]
		seen[r] = true
		return dup
	})
}

// DifferentType is what a schema of one language finds in a writer of another.
var DifferentType = Difference{Rule: "DIFFERENT_SCHEMA_TYPE", Message: "Incompatible because of different schema type"}

// SyntaxError says where a document is wrong.
type SyntaxError struct {
	Line, Column int // from 1; 0 when unknown
	Msg          string
	// Words are Confluent's for the fault where they are not Msg.
	Words string
	// Meaning is set when the text has the language's form and its meaning is at fault: a type that is not there.
	Meaning bool
}

// Error returns the message with its place.
func (e *SyntaxError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
	}
	return e.Msg
}
