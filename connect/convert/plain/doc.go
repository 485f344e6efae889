// Package plain writes rows without any schema beside them: Kafka Connect's StringConverter, ByteArrayConverter and the
// converters of single numbers and booleans.
//
// They hold values of one kind. StringConverter takes any value but bytes, whose toString in Java tells nothing of them:
// a Struct becomes Struct{id=1,name=x}, without its null fields, an array [a, b] and a map {k=v}.
package plain
