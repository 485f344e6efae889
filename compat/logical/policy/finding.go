package policy

import (
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// Rule is what a finding is about, by Confluent's name for it.
type Rule string

// The rules of Validate.
const (
	EmptyStruct            Rule = "EMPTY_STRUCT"              // a struct or union without members; Iceberg
	FieldNameCaseCollision Rule = "FIELD_NAME_CASE_COLLISION" // names of one struct or union that differ only in case; Iceberg
	CyclicType             Rule = "CYCLIC_TYPE"               // a named type that contains itself
	UnresolvedTypeRef      Rule = "UNRESOLVED_TYPE_REF"       // a reference to a named type that is not there
	PrecisionOutOfRange    Rule = "PRECISION_OUT_OF_RANGE"    // of a DECIMAL
	ScaleOutOfRange        Rule = "SCALE_OUT_OF_RANGE"        // of a DECIMAL
	LengthOutOfRange       Rule = "LENGTH_OUT_OF_RANGE"       // of a CHAR, VARCHAR, BINARY or VARBINARY
	UnrepresentableType    Rule = "UNREPRESENTABLE_TYPE"      // a type that the target does not have; IcebergV2
)

// The rules of Compare.
const (
	RequiredFieldAdded        Rule = "REQUIRED_FIELD_ADDED"         // a new field that rows without it cannot be read with
	FieldDeleted              Rule = "FIELD_DELETED"                // Iceberg
	NullableToNonNullable     Rule = "NULLABLE_TO_NON_NULLABLE"     // a NULL that was allowed is no longer
	NonNullableDefaultRemoved Rule = "NON_NULLABLE_DEFAULT_REMOVED" // a default that stood for absent values is gone; Flink
	MapKeyTypeMismatch        Rule = "MAP_KEY_TYPE_MISMATCH"        // Iceberg
	TypeMismatch              Rule = "TYPE_MISMATCH"                // a value became a collection, a collection a struct, …
	UnsupportedTypeChange     Rule = "UNSUPPORTED_TYPE_CHANGE"      // of a primitive type
	EnumDeleted               Rule = "ENUM_DELETED"                 // a symbol is gone; Iceberg
)

// TooComplex is the rule of a walk that ends before it has seen everything, because the types nest deeper or the two schemas pair
// up in more ways than is looked at. It is not one of Confluent's.
const TooComplex Rule = "TOO_COMPLEX"

// Finding is one thing that a rule objects to.
type Finding struct {
	Rule   Rule
	Target Target // who objects
	// Path is the field's: names with dots between, [] for an element, {} for a value and {key} for a key of a map. "": the root.
	Path    string
	Message string
}

// String returns the finding as Confluent describes it.
func (f Finding) String() string {
	if f.Path == "" {
		return string(f.Rule) + ": " + f.Message
	}
	return string(f.Rule) + " at '" + f.Path + "': " + f.Message
}

// Difference returns the finding as the registry lists it among those of the schema's language. The message itself names the
// writer's and the reader's schema, so that it says the same for either direction.
func (f Finding) Difference() schema.Difference {
	info := ""
	if f.Path != "" {
		info = "path '" + f.Path + "'"
	}
	line := `{errorType:"` + string(f.Rule) + `", category:"` + f.Target.String() + `", description:"` + f.Message +
		`", additionalInfo:"` + info + `"}`
	return schema.Difference{Rule: string(f.Rule), Path: f.Path, Detail: f.Message, Message: strings.ReplaceAll(line, "%", "%%")}
}

// Differences returns the Difference of each finding; nil when there are none.
func Differences(findings []Finding) []schema.Difference {
	var out []schema.Difference
	for _, f := range findings {
		out = append(out, f.Difference())
	}
	return out
}
