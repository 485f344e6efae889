package protobuf

import (
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// The rules of a comparison that make a schema incompatible, by Confluent's names.
const (
	PackageChanged             = "PACKAGE_CHANGED"
	MessageRemoved             = "MESSAGE_REMOVED"
	FieldKindChanged           = "FIELD_KIND_CHANGED"
	FieldScalarKindChanged     = "FIELD_SCALAR_KIND_CHANGED"
	FieldNamedTypeChanged      = "FIELD_NAMED_TYPE_CHANGED"
	FieldNumericLabelChanged   = "FIELD_NUMERIC_LABEL_CHANGED"
	RequiredFieldAdded         = "REQUIRED_FIELD_ADDED"
	RequiredFieldRemoved       = "REQUIRED_FIELD_REMOVED"
	OneofFieldRemoved          = "ONEOF_FIELD_REMOVED"
	MultipleFieldsMovedToOneof = "MULTIPLE_FIELDS_MOVED_TO_ONEOF"
	FieldMovedToExistingOneof  = "FIELD_MOVED_TO_EXISTING_ONEOF"
)

// sentences are Confluent's for the rules: PATH stands for the place, the first %s for the reader's side and the second for the
// writer's.
var sentences = map[string]string{
	PackageChanged:             "The package at 'PATH' in the %s schema does not match the package in the %s schema",
	MessageRemoved:             "The %s schema is missing a MESSAGE type at path 'PATH' in the %s schema",
	FieldKindChanged:           "The type of a field at path 'PATH' in the %s schema does not match the %s schema",
	FieldScalarKindChanged:     "The kind of a SCALAR field at path 'PATH' in the %s schema does not match its kind in the %s schema",
	FieldNamedTypeChanged:      "The type of a MESSAGE field at path 'PATH' in the %s schema does not match its type in the %s schema",
	FieldNumericLabelChanged:   "The label for a NUMERIC field at path 'PATH' in the %s schema does not match its label in the %s schema",
	RequiredFieldAdded:         "A required field  at path 'PATH' in the %s schema is missing in the %s schema",
	RequiredFieldRemoved:       "The %s schema is missing a required field at path: 'PATH' in the %s schema",
	OneofFieldRemoved:          "The %s schema is missing a oneof field at path 'PATH' in the %s schema",
	MultipleFieldsMovedToOneof: "Multiple fields in the oneof at path 'PATH' in the %s schema are outside a oneof in the %s schema",
	FieldMovedToExistingOneof:  "A field in the oneof at path 'PATH' in the %s schema is outside the oneof in the %s schema",
}

// difference words a finding as Confluent's registry does. detail is what the finding is about, for those who explain it.
func difference(rule, path, detail string) schema.Difference {
	at := strings.ReplaceAll(path, "%", "%%")
	return schema.Difference{
		Rule: rule, Path: path, Detail: detail,
		Message: `{errorType:"` + rule + `", description:"` + strings.ReplaceAll(sentences[rule], "PATH", at) + `"}`,
	}
}
