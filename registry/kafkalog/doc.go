// Package kafkalog keeps a registry's log in a Kafka topic, _schemas, as Confluent's registry does: one partition, compacted,
// keys and values byte for byte what that registry writes. A topic that Confluent's registry wrote can be taken over in place,
// and Confluent's can take it back.
//
// It elects no leader and forwards no write; it makes any number of Millrace nodes that append to one topic safe.
//
// # How an append is conditional
//
// Kafka appends for whoever asks: there is no compare-and-append. What a partition's leader does compare is the epoch of a
// producer id. All nodes share one transactional id, named after the topic, and so one producer id. Before its first append a
// node claims the log:
//
//  1. InitProducerId raises the epoch of the producer id;
//  2. a NOOP record, which is how Confluent's nodes learn the end of the topic too, takes the new epoch to the partition. From
//     there on the partition refuses every batch of an older epoch, one that is still under way too;
//  3. the log is read up to the NOOP. Nobody else can write behind it without claiming the log in turn, so as long as appends
//     succeed this node knows the end of the log, and compares by itself.
//
// An append is one batch, which Kafka takes whole or not at all, with acks=all. It carries epoch and sequence number, so one
// whose answer was lost is sent again without being doubled. A refused epoch means that another node claimed the log: the
// node claims it back and finds that the log has moved (ErrConflict) or, with Config.Elected, gives up (ErrNotLeader). An
// append of unknown outcome gives the claim up too: the next one settles by its NOOP what became of it.
//
// Transactions are not used, though their coordinator gives the epochs. Confluent's registry reads uncommitted: the records
// of a writer that is fenced between its produce request and its commit would stay in the topic as aborted ones, and
// Confluent's would serve them. Without transactions nothing that is written is ever taken back, the topic gets no control
// records, and an append is one round trip.
//
// A claim is used for claimAge after its last append. Brokers forget an idle producer id's epoch after a day
// (producer.id.expiration.ms) and an idle transactional id after a week (transactional.id.expiration.ms), and fence nobody
// then. Epochs have 15 bits: before a producer id runs out of them its last epoch is written to the partition, which retires it.
//
// A writer that takes no part in this, such as a Confluent node that is still leader, is not fenced. Its records are noticed
// by the offset that an append is given, and answered by ErrConflict; both writers' records are in the log then, and replay
// decides between them as Confluent's does.
//
// # Invariants
//
//   - Offsets are Kafka's: they grow, with gaps where compaction, NOOP records and control records are. NOOPs are not handed out.
//   - Reading is uncommitted, as Confluent's is: the state is what that registry would have.
//   - A tombstone hits: where the topic holds a record under other bytes of the same key (an older magic, a null subject), these
//     bytes get a tombstone of their own in the same batch.
//   - What Append reported as written was acknowledged by all replicas in sync.
package kafkalog
