// Package natslog keeps a registry's log in a NATS JetStream stream, on one server or replicated over a cluster. Any number of
// nodes may open one stream: every append is a compare-and-append, so a node that was cut off, paused or deposed cannot write
// over what it has not seen.
//
// It elects no leader and forwards no write: every node may append, and one that comes too late is told ErrConflict. It is no
// general use of the stream either: a stream with other subjects, limits, or messages that can be deleted is refused.
//
// # Units and messages
//
// What one Append gives is a unit. Its records are encoded one after the other: a byte that is 1 for a tombstone and 0
// otherwise, the time as a signed varint, the length of the key as a varint, the key, the length of the value as a varint, the
// value. The encoding is cut into parts that a message can hold, nearly always one. A message's body is a byte that is 1 (the
// format), the unit's id in 16 bytes, the index of the part and the count of parts as varints, and the part. Its header
// carries Nats-Msg-Id, the unit's id and the part's index.
//
// Every message is published with Nats-Expected-Last-Sequence: the first part with the sequence that the log ended at, each
// further one with that of the part before it. The server stores a message only when it comes right behind that sequence;
// a cluster's stream leader checks it, and so does every replica in the agreed order of the messages. Hence:
//
//   - A unit of one message is whole or not there.
//   - A part lies right behind the part before it, or nowhere. A unit is there exactly when its last part is: a writer that
//     ends in its midst leaves parts that no last one follows. Readers ignore those, and the next writer appends behind them,
//     after a moment in which the unit may go on. From then on the first writer's next part is refused.
//
// JetStream's atomic batches (Nats-Batch-Id, from server 2.12 on) would give the same for units of several messages. They are
// not used: they need that version and a setting of the stream, hold 1,000 messages, and would be a second way to write beside
// the one that older servers need. One message for many records is smaller and faster in any case.
//
// # Offsets
//
// The last record of the unit whose last message has sequence s has offset s·2^20 - 1, the records before it the offsets
// before that; an empty log ends at -1. Offsets grow, with gaps, and say by themselves which sequence an append expects.
//
// # Lost answers
//
// A message whose answer does not come is sent again under the same Nats-Msg-Id, which JetStream stores once. When it is
// refused as too late, the message behind the expected sequence is read back: if it is ours, the append has happened. A unit
// whose fate is not known when the context ends is an error; it may be there, and the next append finds out.
//
// # Invariants
//
//   - The stream's messages are never deleted (deny_delete, deny_purge, no limits), so sequences have no gaps. A message that
//     is missing, or is none of ours, ends Follow with an error: a log with a hole is not served.
//   - The client keeps nothing to send while it is disconnected.
//   - What Append reported as written was acknowledged by a majority of the stream's replicas. NATS servers sync their files
//     every two minutes by default: against the loss of power on a stream of one replica, set sync_interval: always.
package natslog
