// Package registry is a schema registry as Confluent's is: subjects, versions, ids, contexts, modes, compatibility
// configuration, soft and hard delete, references, associations of topics with subjects.
//
// It is one state machine above a Log. The log's records are byte for byte what Confluent's _schemas topic holds, so a log can
// be moved to Kafka and back. The package is not a server (see registry/rest) and keeps nothing of its own on disk.
//
// # The life of a write
//
// Every write is decided against the state that the log has given so far, under one lock, and appended right after the last
// record of that state. When another writer was faster the log answers ErrConflict: the registry catches up and decides
// again. A write is answered when its records are durable and applied, so a client reads its own writes.
//
// # Invariants
//
//   - The state is what the log says and nothing else: opening is replay, and apply is its only writer.
//   - No rule is applied on replay: what the log holds was accepted once, by this registry or by Confluent's.
//   - Readers never wait for a write: the state is locked only while what is durable is applied.
package registry
