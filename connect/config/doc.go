// Package config describes, reads and checks options: of connectors, of workers and of pipeline files. One [Spec] gives
// parsing, defaults, validation, documentation and the form that a console draws; code receives a filled struct or
// checked [Values].
//
//   - [Spec.Parse] reads a connector's options as POST /connectors carries them.
//   - [ReadWorker] reads a worker file: Kafka Connect's .properties or the same keys as YAML.
//   - [ReadPipeline] reads a pipeline file, which [Pipeline.ConnectorConfig] turns into the same connector options: a
//     pipeline and a posted connector start the same code.
//
// What holds everywhere: every fault is reported, not the first; an option that is not known is a fault that names the
// nearest known one; an option of Debezium or Kafka Connect that is known and not done is refused by name, never ignored.
// Secrets are redacted by [Secret] and by [Redact]; faults never carry them.
//
// The package reads no environment and opens no connection: [Lookup] is handed in, and holds all of both.
package config
