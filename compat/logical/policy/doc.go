// Package policy holds the rules that Confluent's compatibility policy LOGICAL adds to those of a schema's own language: whether
// Flink SQL tables and Iceberg tables of a format version can hold a schema at all (Validate), and whether they can follow the
// change from one schema to another (Compare). Both tell everything they find.
//
// The criterion for Flink is that a stored value is neither taken for another nor made up. Whether the bytes of a column are
// found again under its name, its place or its tag is for the language's own comparison, so dropped, renamed and reordered
// columns pass. The criterion for Iceberg is what a table can follow in place with its columns known by name alone: a dropped
// column does not pass.
//
// Source: what confluentinc/schema-registry does in logical-types/, package type.logical.policy (Apache License 2.0), as of
// 2026-09; rules, paths and messages are Confluent's.
package policy
