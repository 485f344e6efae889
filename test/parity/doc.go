// Parity compares compat/avro with Apache Avro for Java, which Confluent's registry runs: the same random schemas are accepted
// and refused, their text, parsing form and fingerprint are the same, and so are the findings about random pairs, in their order.
//
// What differs on purpose, and is not counted: messages that hold a name of Java's own making (UnresolvedSchema_7) or print a
// record that has no fields yet, and records that Java refuses as "Schema fields not set yet" by the order of its walk.
package main
