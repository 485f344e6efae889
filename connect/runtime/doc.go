// Package runtime runs connectors: a [Worker] holds them by name with their configurations and states, a [Task] moves
// the rows of one source to one broker. It is lifecycle and order only: which connectors, converters and brokers exist is
// handed in, and HTTP is served by connect/rest.
//
// # The life of a row in a Task
//
// Four goroutines pass it on. The reader fills batches from the source, the encoder appends each row's key and value to
// the memory of a flight (all messages of one batch), the sender produces flights in order, and the saver makes positions
// durable:
//
//	read → encoded → produced → acked → offset durable → Source.Commit
//
// # Invariants
//
//   - A position is saved only when every flight up to it is acked, and Source.Commit is told only what is saved. A flight
//     that fails stays in the tracker for ever, so nothing after it can be saved by the same run.
//   - A row batch goes back to the reader as soon as it is encoded. A flight's memory is used again once the broker acked
//     it and not only after the commit: a transaction larger than memory has its one position at its end.
//   - Encoding a row allocates nothing: encoders are found once per run of rows with the same Layout pointer.
//   - What a run started has ended when it returns. A restart makes a new source and a new producer, and begins at the last
//     position that is durable.
//   - When reading or encoding fails, what was produced before is still acked, saved and committed; when producing fails,
//     what was acked before is.
//   - A source or converter that panics fails its own task only.
//   - Locks are taken in this order: a connector's turn (busy), Worker.mu, connector.mu, statuses.saving, statuses.mu. Nothing
//     blocks with a mutex held but statuses.saving, which covers the store's writes.
package runtime
