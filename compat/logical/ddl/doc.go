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
// schema. What Print writes reads back as the same schema, as far as the DDL has words for it: not for an empty STRUCT or ENUM,
// the tags of an ENUM, an inline ENUM, what is attached to a STRUCT or UNION that has no name, a default of a type that can
// have none but NULL, or in a script with a namespace a type that is nested in one of another namespace.
//
// Source: confluentinc/schema-registry, logical-types/ (Apache License 2.0): the grammar LogicalTypes.g4 with the statements
// USING TYPE … FOR TYPE and FOR REF of 2026-08, LogicalTypesSchemaVisitor and LogicalTypeToDdlConverter.
package ddl
