// Package clients reads what Millrace produced with clients that are not ours: Confluent's Python client with its Avro
// deserializer against Millrace's registry, and Kafka's own console consumer.
package clients
