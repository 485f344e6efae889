// Package faults takes away the servers around a running worker, one after the other, under live writes: the walsender,
// PostgreSQL, Kafka, the registry. The worker goes on by itself and loses nothing.
package faults
