// Package jsonschema translates between JSON Schemas and the tree of Logical Types.
//
// From reads a schema of any draft. What a JSON type alone cannot tell comes from the keywords of Kafka Connect (connect.type,
// connect.index, connect.parameters), of Flink (flink.type, flink.precision, flink.minLength, flink.maxLength) and of Logical
// Types (logical.key.length, logical.key.type, logical.ref, confluent:namespace, confluent:union, confluent:enum,
// confluent:params, confluent:tags, confluent:rules). A definition becomes a named type when something refers to it, in draft
// 2019-09 and later always. A property that is not required, or that admits null, is nullable.
//
// To writes the schema of a tree in draft 2020-12 and in the text that the registry stores.
//
// Invariants:
//   - From(To(s)) is s but for what docs/logical-types.md lists, and for what DDL cannot say either: what is said of a type that is
//     neither a STRUCT nor an ENUM, and the difference between what a field and its inline STRUCT or ENUM say.
//   - Reading and writing are bounded in time, depth and memory whatever the input is.
//
// Source: confluentinc/schema-registry, logical-types/ (Apache License 2.0): JsonToLogicalTypeConverter, CombinedSchemaUtils,
// JsonDefaultValueConverter and LogicalTypeToJsonConverter.
package jsonschema
