// Package json writes rows as Kafka Connect's org.apache.kafka.connect.json.JsonConverter does, byte for byte: with the
// schema beside each payload or without it, decimals as base64 or as numbers, defaults in the place of nulls.
//
// A schema compiles to a tree of steps. What is the same in every row (names, braces, constants, the schema itself) is
// merged into the literal bytes of the steps; a step then writes its bytes and one value. Encoding allocates nothing, but
// for numbers of more than 300 digits under decimal.format=NUMERIC.
//
// Floating point numbers are written as Java's Double.toString and Float.toString specify since JDK 19; older JDKs print
// a digit too many for some. Text is escaped as Jackson does: characters outside the basic plane as two \u escapes. Bytes
// that are not UTF-8 become U+FFFD.
//
// It reads nothing: records are not decoded here.
package json
