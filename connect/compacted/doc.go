// Package compacted uses a compacted Kafka topic as a table: its last value for each key, read from the start and written
// with every replica's acknowledgement. Kafka Connect keeps offsets, configurations and statuses in such topics.
//
// It is not a consumer: nothing is read between two calls of Sync, and no group exists.
//
// Invariants: a record is applied once, after every earlier one of its partition; after Sync everything that was
// acknowledged before it is applied, whoever wrote it; what a transaction aborted is never applied.
package compacted
