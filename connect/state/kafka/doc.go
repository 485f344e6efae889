// Package kafka keeps worker state in Kafka Connect's own two topics, config.storage.topic and status.storage.topic, in
// Kafka Connect's record formats: a worker of either kind finds the other's connectors. One worker at a time writes.
//
// The config topic has one partition and these keys, values being JSON objects (Kafka Connect's
// KafkaConfigBackingStore):
//
//	connector-NAME     {"properties":{…}}; null: the connector is gone
//	target-state-NAME  {"state":"PAUSED","state.v2":"STOPPED"}; state is for workers that do not know STOPPED
//	task-NAME-N        {"properties":{…}}, in force once commit-NAME {"tasks":COUNT} follows
//
// The status topic (KafkaStatusBackingStore):
//
//	status-connector-NAME, status-task-NAME-N  {"state","trace","worker_id","generation"}
//	status-topic-TOPIC:connector-NAME          {"topic":{"name","connector","task","discoverTimestamp"}}
//
// Keys of other kinds (session-key, restart-connector-…, logger-cluster-…, tasks-fencing-…) are left alone.
package kafka
