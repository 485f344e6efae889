// Package avro parses, prints and compares Avro schemas as Apache Avro 1.12.1 for Java does, which is what Confluent's
// registry answers with: the same schemas accepted and refused, the same stored text, the same findings in the same order.
//
// It is not a codec: nothing here reads or writes Avro data. It does no I/O; the text of referenced schemas comes from a
// schema.Resolver.
//
// # The life of a document
//
// A document and the documents it refers to are read by an own JSON reader (json.go), because the order of attributes, the
// text of numbers and the place of a fault matter. Each is parsed in the two steps of Java's parser: first into types whose
// unknown names are placeholders (parse.go), then the placeholders are replaced (resolve.go). Both steps check the default
// values. The result is printed three ways: the text that a registry stores (canonical.go), its normal form (normalize.go)
// and the parsing canonical form with its fingerprints (fingerprint.go). CanRead (compat.go) compares two schemas.
//
// # Invariants
//
//   - A Schema and every Type below it never change once Parse has returned them: share them freely.
//   - A named type is one *Type wherever it is used. Comparing relies on it: a pair of types is judged once, and the second
//     place reports the findings of the first, with the first one's path, as Java does.
//   - No input makes this package panic, overflow the stack or run without bound: documents nest at most MaxDepth deep,
//     names have at most MaxName bytes, and the checks that could grow exponentially have a budget of steps.
package avro
