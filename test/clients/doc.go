// Package clients uses Millrace with clients that are not ours: Confluent's for Python and Node, KafkaJS's and franz-go's against
// the registry, Confluent's Avro deserializer and Kafka's own console consumer on what a worker produced.
package clients
