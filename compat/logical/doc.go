// Package logical is the neutral tree of Logical Types, in which Confluent's registry describes a schema of any language: what
// ?format=logical shows as DDL and what the compatibility policy LOGICAL judges. Schema says what a document declares, Type what
// a value is. Its subpackages read and print the DDL (ddl), translate CHECK constraints to CEL (check), convert from and to the
// three languages (avro, jsonschema, protobuf) and hold the rules of Flink and Iceberg (policy).
//
// Source: confluentinc/schema-registry, logical-types/ (Apache License 2.0), as of 2026-09: its grammar and what its classes do.
package logical
