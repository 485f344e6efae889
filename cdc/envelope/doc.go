// Package envelope builds Debezium's change event envelope over record batches: schema and topic names, the key and value
// schemas of a table, and the rows of a change (tombstones, key changes). What is a database's own, the source block, is plugged in.
//
// Layouts are made once per version of a table; writing a change then allocates nothing.
package envelope
