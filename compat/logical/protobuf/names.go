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

// The properties of annotations that say what Protobuf does not.
const (
	connectType    = "connect.type" // of an int32: connectInt8, connectInt16
	connectInt8    = "int8"
	connectInt16   = "int16"
	flinkVersion   = "flink.version"
	flinkPrecision = "flink.precision"
	flinkType      = "flink.type" // flinkTimestamp, flinkMultiset
	flinkTimestamp = "timestamp"
	flinkMultiset  = "multiset"
	flinkMinLength = "flink.minLength"
	flinkMaxLength = "flink.maxLength"
	flinkNotNull   = "flink.notNull"
	flinkWrapped   = "flink.wrapped"
	logicalDefault = "logical.default"
	logicalNamed   = "logical.named"
	precisionParam = "precision"
	scaleParam     = "scale"
)

// The properties of the tree that have a place of their own in a Protobuf file.
const (
	fieldNumber = "protobuf.field.number"
	enumNumber  = "protobuf.enum.number"
)

// The ends of the names of messages and enums that are made for a field, and the field of those that wrap.
const (
	rowSuffix      = "Row"
	enumSuffix     = "Enum"
	entrySuffix    = "Entry"
	repeatedSuffix = "RepeatedWrapper"
	elementSuffix  = "ElementWrapper"
	oneofSuffix    = "OneofWrapper"
	valueField     = "value"
	keyField       = "key"
)

// Bounds of a conversion.
const (
	// maxDepth is how deep types may nest, named ones not followed.
	maxDepth = 256
	// maxTypes is how many fields, branches and symbols a schema may have, counting those of a type where it is used.
	maxTypes = 1 << 19
	// maxChain is how many types of references may be read inside each other.
	maxChain = 10_000
)

// nativeParam reports whether a property belongs to a format: it is never an annotation.
func nativeParam(key string) bool {
	return strings.HasPrefix(key, "avro.") || strings.HasPrefix(key, "protobuf.")
}

// userParam reports whether an annotation's property is the user's own.
func userParam(key string) bool {
	for _, prefix := range []string{"flink.", "connect.", "logical."} {
		if strings.HasPrefix(key, prefix) {
			return false
		}
	}
	return !nativeParam(key) && key != precisionParam && key != scaleParam
}

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
