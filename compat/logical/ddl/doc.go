// Package ddl reads and writes Logical Types as the DDL that Confluent's registry takes and shows:
//
//	NAMESPACE com.example;
//	STRUCT Order (
//	  id BIGINT NOT NULL,
//	  state State DEFAULT NULL COMMENT 'where it is',
//	  lines ARRAY<STRUCT(sku STRING NOT NULL, count INT NOT NULL CHECK (count > 0))> NOT NULL
//	);
//	ENUM State ('OPEN', 'DONE');
//
// Parse reads the form of a script, which decides whether a text is DDL at all, and Script.Schema its meaning; Print writes a
// schema. What Print writes reads back as the same schema, as far as the DDL has words for it: without what is attached to a type
// that has no name but to its fields, branches and symbols; without defaults that have no literal, as those of an ENUM, ARRAY or
// STRUCT, NaN and what is not of its type; and, in a script with a namespace, with a type that is nested in one of another
// namespace as a type of its own.
//
// Beyond Confluent's grammar, Parse takes what Confluent prints of schemas and cannot read: a STRUCT, UNION or ENUM without
// members, an ENUM without a name in the place of a type, and TAGS of an ENUM.
//
// Source: confluentinc/schema-registry, logical-types/ (Apache License 2.0): the grammar LogicalTypes.g4 with the statements
// USING TYPE … FOR TYPE and FOR REF of 2026-08, LogicalTypesSchemaVisitor and LogicalTypeToDdlConverter.
package ddl
