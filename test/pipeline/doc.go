// Package pipeline runs `millrace run` on pipeline files against real servers: Avro into NATS JetStream through the registry,
// with the process killed and started again, and JSON into Kafka under a topic template.
package pipeline
