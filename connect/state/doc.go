// Package state keeps what a worker must find again after a restart: connector configurations, target states, task
// configurations, statuses and the topics in use. The words and the parts are those of Kafka Connect's config and status
// topics; state/file and state/kafka keep them.
//
// It is not where offsets are kept: see connect/offset.
package state
