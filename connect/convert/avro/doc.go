// Package avro writes rows as Confluent's io.confluent.connect.avro.AvroConverter does: a zero byte, the id of the schema
// in a registry and Avro's binary encoding.
//
// A Connect schema becomes an Avro schema with the text that AvroData gives it (schema.go), is registered under its subject,
// which a Namer may ask a registry for (converter.go), and compiled to a plan against the Avro schema (compile.go), which is its
// own or, with UseLatest or UseID, one that the registry holds: members are then matched by name, and what would be lost is
// refused. Encoding a row takes no lock and allocates nothing (encode.go).
//
// Strings that are not UTF-8 get U+FFFD where they are broken, as Java decodes them. Entries of maps keep the row's order.
//
// It reads no Avro data.
package avro
