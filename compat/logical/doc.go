// Package logical is the neutral tree of Logical Types, in which Confluent's registry describes a schema of any language: what
// ?format=logical shows as DDL and what the compatibility policy LOGICAL judges. Schema says what a document declares, Type what
// a value is. Its subpackages read and print the DDL (ddl, in tokens of token), translate CHECK constraints to CEL (check), convert
// from and to the three languages (avro, jsonschema, protobuf, with the properties of property), hold the rules of Flink and
// Iceberg (policy) and join all of it for the registry (native).
//
// What cannot be read or written is an *Error. Every tree that a language's reader gives has a DDL that reads back, and every
// document that a writer gives can be read: they refuse by the same limits and checks of names, which are here.
//
// Source: confluentinc/schema-registry, logical-types/ (Apache License 2.0), as of 2026-09: its grammar and what its classes do.
package logical
