// Package kafka publishes to Kafka and reads it back, over franz-go.
//
// A Producer is idempotent with acks=all and no other: a record is acknowledged once every in-sync replica has it, a
// retry never doubles it, and the records of a partition keep their order through retries. Unless delivery.timeout.ms
// says otherwise it waits for a broker that is away as long as it takes, as a Kafka Connect worker does, so an outage
// delays records and fails none.
//
// Configuration comes as a Config, or as the properties of Kafka's Java client (FromProperties), which worker files and
// connectors hold behind producer. and producer.override. prefixes. Spec lists them; what would weaken the guarantees
// above, and what Millrace lacks, is refused by name.
//
// It is no group consumer: Consumer reads whole topics for people and tests.
//
// Invariants:
//   - A message's bytes are read only until its batch's done. Records that kgo took are reused only after their promise.
//   - A message that fails fails its batch, whatever the messages after it do.
//   - No batch of records grows past its topic's max.message.bytes, so that the broker never refuses many records for
//     one's size.
package kafka
