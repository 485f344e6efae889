package avro

import (
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// escape doubles percent signs, as schema.Difference.Message wants them.
func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }

type finding struct {
	rule, path, detail string
	at                 sites
	inside             []finding
}

// sites are where the two sides of a pair are written.
type sites struct{ reader, writer place }

// difference words a finding as Confluent's registry does.
func (f finding) difference() schema.Difference {
	at, info := "'"+escape(f.path)+"'", escape(f.detail)
	var says string
	switch f.rule {
	case NameMismatch:
		says = "The name of the schema has changed (path " + at + ")"
	case FixedSizeMismatch:
		says = "The size of FIXED type field at path " + at + " in the %s schema does not match with the %s schema"
	case MissingEnumSymbols:
		says = "The %s schema is missing enum symbols '" + info + "' at path " + at + " in the %s schema"
	case ReaderFieldMissingDefault:
		says = "The field '" + info + "' at path " + at + " in the %s schema has no default value and is missing in the %s schema"
	case TypeMismatch:
		says = "The type (path " + at + ") of a field in the %s schema does not match with the %s schema"
	case MissingUnionBranch:
		says = "The %s schema is missing a type inside a union field at path " + at + " in the %s schema"
	}
	return schema.Difference{
		Rule: f.rule, Path: f.path, Detail: f.detail,
		Message: "{errorType:'" + f.rule + "', description:'" + says + "', additionalInfo:'" + info + "'}",
	}
}
