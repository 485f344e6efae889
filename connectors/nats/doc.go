// Package nats publishes to NATS JetStream and reads it back.
//
// A topic's messages go to the subject of its name, with characters that subjects cannot have replaced by _ (Subject).
// A stream that covers the subject is used as it is; when there is none, Prepare creates or widens one. The parts of a
// message:
//
//	payload              the value; empty for null, and then with Millrace-Tombstone: true
//	Millrace-Key         the key, when it is printable ASCII
//	Millrace-Key-Base64  the key otherwise, in standard base64
//	Nats-Msg-Id          CONNECTOR-ID-KEYHASH of a message whose row has an ID: what JetStream detects duplicates by
//	any other header     the record's, as the key: NAME or NAME-Base64; a name that begins with Nats- or Millrace- gets
//	                     Millrace- before it
//
// A Producer has many messages in flight and keeps their order. A connection is used until anything goes wrong on it, then
// closed, and on the next one everything without an acknowledgement is published again, in order. What the server did have
// already, JetStream drops by Nats-Msg-Id, so within the stream's duplicates window nothing is doubled. The one exception:
// when a message is refused for the moment (a stream without leader, or full) while later ones of its topic were stored,
// those are stored once more behind it under new ids, so that the last change of a key comes last.
//
// A server that is away, and a stream that refuses for the moment, are waited for as long as it takes, with warnings in the
// log; a stream that is gone is made again. What waits for a person (a login, a permission, a sealed stream) fails
// everything in flight; a message that is too large fails alone, as a bad record.
//
// A Consumer reads back what producers wrote, for people and tests; it leaves nothing on the server.
//
// Invariants:
//   - Messages are reported done in the order of Produce, and their bytes are not read after it.
//   - An acknowledgement counts only for the connection that its message was last published on.
//   - Producer.mu is held while publishing and never while calling done.
package nats
