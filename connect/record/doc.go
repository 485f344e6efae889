// Package record is the data model of Millrace's runtime: Kafka Connect's schemas, and rows of them in batches of reused
// memory.
//
// A Batch holds its values in one slab of 16-byte cells and one run of bytes. Nothing in the slab is a pointer, so the
// collector does not scan it, and filling, reading and reusing a batch allocates nothing once it has grown to its size.
// The meaning of a cell comes from the Schema of its Layout; see Cell.
//
// Invariants:
//   - A Batch has one owner at a time. Whoever calls Reset ends the life of every slice read from it; race builds
//     overwrite the memory so that a slice kept too long shows.
//   - Schemas and Layouts are immutable once a row uses them, and are told apart by pointer.
//   - A value that the source cannot represent is an error there, never a Null cell here.
package record
