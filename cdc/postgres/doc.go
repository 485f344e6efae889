// Package postgres captures the changes of a PostgreSQL database: a snapshot of its tables, read over several connections
// as of one moment, and from exactly that moment on the stream of a logical replication slot by pgoutput. A Source has the
// shape of a Connect source and knows nothing of Connect: rows go into record batches as Debezium's change events,
// positions are JSON with the keys of Debezium's offsets.
//
// It is not a retry loop: any error that ends a Source is returned, and the caller opens another one at the last position
// it has saved.
//
// Invariants:
//   - The slot is told only what Commit was told: what is durable downstream. Its keepalives move positions only after
//     everything before them was delivered.
//   - The stream begins at the slot's consistent point, whose snapshot is the one that is read. A snapshot that has to
//     start over streams from where the slot stands, so that what changed since the first attempt is told too.
//   - A change has the same record.ID at every reading: Hi is the LSN of its transaction's commit record, Lo four times the
//     change's number in the transaction plus the row's number in the change. Rows of a snapshot have the LSN before that
//     of the snapshot as Hi, and chunk<<32 + row as Lo. A message outside of transactions has its own LSN as Hi.
//   - Memory is bounded: a batch holds about 1 MiB, in-progress transactions 8 MiB, then they go to unnamed files
//     of the directory for temporary files ($TMPDIR).
//   - use is locked before mu.
package postgres
