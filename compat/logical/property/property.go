// Package property names the properties by which schemas say what their language has no word for, the same in all languages where
// they can be. A writer sets them, a reader looks for them; which language has which is told by its package. None of them is a
// property of the user's own, but for those of one language (OfOneLanguage), which a user may set in DDL.
//
// Source: confluentinc/schema-registry, logical-types/ and avro-data, json-schema-converter and protobuf-converter (Apache
// License 2.0); Flink's formats of Confluent Cloud.
package property

import "strings"

// Confluent's: what is said of a type or field, and of the document.
const (
	Tags   = "confluent:tags"
	Params = "confluent:params" // the user's own properties
	Rules  = "confluent:rules"  // CHECK constraints
	Enum   = "confluent:enum"   // what is said of symbols, by position
	Union  = "confluent:union"  // what is said of branches, by position. Avro: that of a root is in the metadata

	Namespace = "confluent:namespace" // of the document. Avro: in the metadata
	Edition   = "confluent:edition"   // of the metadata: the form that the schema was written in
	// SecondEdition is the value of Edition that is written.
	SecondEdition = "2"
)

// Kafka Connect's.
const (
	ConnectType         = "connect.type" // ConnectInt8, …, ConnectMap
	ConnectIndex        = "connect.index"
	ConnectParameters   = "connect.parameters"
	ConnectPrecision    = "connect.decimal.precision" // one of ConnectParameters
	ConnectInternalType = "connect.internal.type"
	ConnectMapEntry     = "MapEntry" // of ConnectInternalType, and the name of an entry's record

	ConnectInt8    = "int8"
	ConnectInt16   = "int16"
	ConnectInt32   = "int32"
	ConnectInt64   = "int64"
	ConnectFloat32 = "float32"
	ConnectFloat64 = "float64"
	ConnectBytes   = "bytes"
	ConnectMap     = "map"
)

// Flink's.
const (
	FlinkVersion   = "flink.version" // FlinkVersion1 beside any other
	FlinkType      = "flink.type"    // FlinkMultiset, FlinkTimestamp
	FlinkPrecision = "flink.precision"
	FlinkMinLength = "flink.minLength"
	FlinkMaxLength = "flink.maxLength"
	FlinkNotNull   = "flink.notNull"
	FlinkWrapped   = "flink.wrapped"

	FlinkVersion1  = "1"
	FlinkMultiset  = "multiset"
	FlinkTimestamp = "timestamp"
)

// Logical Types': what no other has a name for.
const (
	LogicalAnonymous = "logical.anonymous"  // "true": a record or enum stands for a STRUCT or ENUM without a name
	LogicalNamed     = "logical.named"      // "true": a nested message or enum is a named type
	LogicalDefault   = "logical.default"    // a default as text
	LogicalRef       = "logical.ref"        // true: a definition only stands for a reference
	LogicalKeyLength = "logical.key.length" // of a map's keys
	LogicalKeyType   = "logical.key.type"   // Char: the keys have that length exactly
	Char             = "CHAR"
)

// Of a DECIMAL.
const (
	Precision = "precision"
	Scale     = "scale"
)

// The members of an entry of a map whose keys are not strings.
const (
	EntryKey   = "key"
	EntryValue = "value"
)

// Those of one language, for which it has a place of its own.
const (
	// AvroAliases lists the Avro aliases of a type, or of a field, with commas between them: full names of types, those without a
	// namespace with a dot before them where the type has one.
	AvroAliases = "avro.aliases"
	// ProtobufField is the number of a field or of a UNION's branch.
	ProtobufField = "protobuf.field.number"
	// ProtobufEnum is the number of an ENUM's symbol.
	ProtobufEnum = "protobuf.enum.number"
)

// OfOneLanguage reports whether a property belongs to what one schema language has a place of its own for: aliases, numbers. It
// counts where that place says it, and is dropped from lists of properties.
func OfOneLanguage(key string) bool {
	return strings.HasPrefix(key, "avro.") || strings.HasPrefix(key, "protobuf.")
}

// IsOwn reports whether a property is the user's own in a language that keeps all of them in one list.
func IsOwn(key string) bool {
	for _, prefix := range []string{"flink.", "connect.", "logical."} {
		if strings.HasPrefix(key, prefix) {
			return false
		}
	}
	return !OfOneLanguage(key) && key != Precision && key != Scale
}
