// Package kafka keeps source offsets in Kafka Connect's own offsets topic, so that a worker of either kind takes up where
// the other left off. A record's key is the JSON array ["CONNECTOR",{PARTITION}], its value the position; null deletes.
// The format is that of Kafka Connect's OffsetStorageWriter with its JSON converters without schemas.
package kafka
