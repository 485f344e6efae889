// Package protobuf converts between Protobuf schemas and logical types, as Confluent's registry does for ?format=logical and for
// DDL that is registered as Protobuf (schema-registry, logical-types/…/logical/protobuf).
//
// What Protobuf has no form for is said in annotations: the properties of (confluent.field_meta) and its like. Those whose names
// begin with flink. and connect. are Flink's and Kafka Connect's, those with logical. are Confluent's; the rest are the user's
// own. Collections that may be null or that hold others are wrapped in a message with one field, value, marked flink.wrapped.
//
// A message of the top level, an enum of the top level and a type of a reference is a named type; so is a nested one that is
// marked logical.named, or contains itself and is not there to wrap a field. Other nested types are written where they are used.
// Field and enum numbers are kept as properties where their order does not tell them.
//
// From reads what both of Confluent's editions write, and To writes the second one.
package protobuf
