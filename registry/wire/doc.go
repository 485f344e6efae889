// Package wire reads and writes the frames that tie a record to its schema, and names the subjects that schemas go by. It is
// pure bytes and text: what a frame names is asked of a registry by its user.
//
//	Confluent            00, schema id in 4 bytes, data
//	Confluent, GUID      01, GUID in 16 bytes: in the header __key_schema_id or __value_schema_id, or before the data
//	Apicurio             00, content or global id in 4 bytes (3.x) or 8 (2.x), data; or a header of 8 bytes
//	AWS Glue             03, compression 00 or 05, schema version id in 16 bytes, data
//
// Numbers are big-endian. A Protobuf message of Confluent's has its message indexes right after id or GUID. Append… and Parse…
// are for one kind of frame; Detect tells them apart, record by record.
//
// Reading a frame allocates nothing, and what it returns aliases the record.
//
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
// https://www.apicur.io/registry/docs/apicurio-registry/3.0.x/getting-started/assembly-configuring-kafka-client-serdes.html
package wire
