// Package registry is a schema registry as Confluent's is: subjects, versions, ids, contexts, modes, compatibility
// configuration, soft and hard delete, references, associations of topics with subjects.
//
// It is one state machine above a Log. The log's records are byte for byte what Confluent's _schemas topic holds, so a log can
// be moved to Kafka and back. The package is not a server (see registry/rest) and keeps nothing of its own on disk but a snapshot,
// which may be deleted.
//
// # The life of a write
//
// Writes that wait are decided together, one after the other, on a draft over the state that the log has given so far, and their
// records are appended as one unit right after the last record of that state. When another writer was faster the log answers
// ErrConflict: the registry catches up and decides again on a new draft. A write is answered when its records are durable and
// applied, so a client reads its own writes.
//
// # Invariants
//
//   - The state is what the log says and nothing else: opening is replay, or a snapshot of one, and a record that was read
//     (step) is its only writer.
//   - No rule is applied on replay: what the log holds was accepted once, by this registry or by Confluent's.
//   - Readers never wait for a write: the state is locked only while what is durable is applied.
package registry
