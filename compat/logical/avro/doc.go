// Package avro converts between Avro schemas and Logical Types. From reads a parsed schema; To writes one in Confluent's
// edition 2, whose text is the one that a registry stores.
//
//	parsed, err := native.Parse(document, references, schema.Options{Lenient: true})
//	tree, err := avro.From(parsed, resolved, metadata.Properties)
//	document, err := avro.To(tree, logical.RootName(subject))
//
// # What stands for what
//
//   - A record or enum is a named type of its full name. With the property logical.anonymous it is a STRUCT or ENUM in its place.
//   - A union of null and one type is that type, nullable; any other is a UNION, whose branches the field's confluent:union
//     names. That of a root is in the metadata, as is the document's namespace.
//   - TINYINT, SMALLINT, lengths and odd precisions are properties that Connect and Flink read too: connect.type,
//     flink.maxLength, flink.precision. A MAP whose key is no string is an array of records of key and value; a MULTISET is a MAP
//     to INT.
//   - Docs are docs; tags, properties and CHECK constraints are confluent:tags, confluent:params and confluent:rules, which
//     From reads from records, enums and fields and nowhere else. Aliases are the property avro.aliases.
//   - What of a tree has no place in Avro is listed in docs/logical-types.md.
//   - Fixed types are BINARY: their names, like other properties, sort orders and the default symbol of an enum, have no place
//     in the tree and are lost.
//   - Defaults are values of their logical type: a DECIMAL is a number, a DATE, TIME or TIMESTAMP a text of ISO 8601. To knows
//     those of scalar types and inline enums only.
//
// # What differs from Confluent
//
//   - A nullable field of a record's own type inside a nullable field of that type is no cycle.
//   - A DECIMAL's default is written at the scale of its type: 5 is no 0.05. A time's is read in the unit of its Avro type, not
//     in that of flink.precision.
//   - A root that is a VARIANT does not give the document its namespace.
//   - External are those named types of references that the schema reaches, not the references' names.
//   - Properties of the wrong form are refused with a message where Java throws, and so are inline records that repeat too often.
//
// Source: AvroToLogicalTypeConverter, LogicalTypeToAvroConverter and AvroDefaultValueConverter of confluentinc/schema-registry,
// logical-types/ (Apache License 2.0), as of 2026-09, and what their tests say.
package avro

// Connect's and Confluent's names of records that are no STRUCT.
const (
	connectNamespace = "io.confluent.connect.avro"
	variantSpace     = "confluent.type"
	variantName      = "Variant"
)
