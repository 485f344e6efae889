package protobuf

import "strings"

// The types that stand for a logical type, and the files that declare them.
const (
	decimalType   = "confluent.type.Decimal"
	variantType   = "confluent.type.Variant"
	dateType      = "google.type.Date"
	timeType      = "google.type.TimeOfDay"
	timestampType = "google.protobuf.Timestamp"

	decimalFile   = "confluent/type/decimal.proto"
	variantFile   = "confluent/type/variant.proto"
	dateFile      = "google/type/date.proto"
	timeFile      = "google/type/timeofday.proto"
	timestampFile = "google/protobuf/timestamp.proto"
	wrappersFile  = "google/protobuf/wrappers.proto"
)

// The ends of the names of messages and enums that are made for a field.
const (
	rowSuffix      = "Row"
	enumSuffix     = "Enum"
	entrySuffix    = "Entry"
	repeatedSuffix = "RepeatedWrapper"
	elementSuffix  = "ElementWrapper"
	oneofSuffix    = "OneofWrapper"
)

// Bounds of a conversion.
const (
	// maxTypes is how many fields, branches and symbols a schema may have, counting those of a type where it is used.
	maxTypes = 1 << 19
	// maxNames is how long the full names of the types that a schema and its imports declare may be, together, in bytes.
	maxNames = 1 << 26
	// maxChain is how many types of references may be read inside each other.
	maxChain = 10_000
)

// made returns the name of a message or enum that is made for a field: FooBar and the suffix, of foo_bar or fooBar.
func made(field, suffix string) string {
	if !strings.Contains(field, "_") {
		return strings.ToUpper(field[:min(1, len(field))]) + field[min(1, len(field)):] + suffix
	}
	var b strings.Builder
	for word := range strings.SplitSeq(field, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + strings.ToLower(word[1:]))
		}
	}
	return b.String() + suffix
}
