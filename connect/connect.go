package connect

import (
	"context"
	"log/slog"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/record"
)

// Source reads one partition of a system in order. The runtime calls Open, then Read from one goroutine; Commit comes
// from another, in order and never concurrently with itself; Close ends both.
type Source interface {
	// Open connects and prepares to resume after resume; an empty one means from the start. ctx bounds opening only.
	// An error Marked Retriable is tried again after a backoff on a fresh Source.
	Open(ctx context.Context, resume record.Position) error
	// Read fills b, which it finds empty, and blocks until there is at least one row or a new position to tell. io.EOF:
	// the source is finished and stays so; the runtime still commits what was read. Never called after Close.
	Read(ctx context.Context, b *record.Batch) error
	// Commit says that everything up to pos is delivered and the offset durable: the source may move its slot.
	Commit(ctx context.Context, pos record.Position) error
	// Close frees everything and unblocks Read. It may be called more than once.
	Close(ctx context.Context) error
}

// Sink takes decoded rows, as a database does.
type Sink interface {
	Open(ctx context.Context) error
	// Write delivers every row of b durably or returns an error; a *BatchError tells which rows failed.
	Write(ctx context.Context, b *record.Batch) error
	Close(ctx context.Context) error
}

// Message is one encoded record on its way to a broker. Its bytes belong to the caller until done is called.
type Message struct {
	Topic      string
	Key, Value []byte // nil: null
	Headers    []record.Header
	ID         record.ID // the row's; with Part it names the message for duplicate detection
	Time       int64     // milliseconds since 1970; 0: now
}

// Producer publishes messages to a broker that keeps them: Kafka, NATS JetStream, Pulsar.
type Producer interface {
	// Prepare makes sure that topic exists (or is covered by a stream) before its first message.
	Prepare(ctx context.Context, topic string) error
	// Produce sends msgs in order and returns when they are accepted for sending; it blocks while too much is in
	// flight. done is called exactly once, from any goroutine, when all are acknowledged as durable or have finally
	// failed (a *BatchError names which). After it msgs may be reused.
	Produce(ctx context.Context, msgs []Message, done func(error))
	// Flush returns when nothing is in flight any more.
	Flush(ctx context.Context) error
	Close(ctx context.Context) error
}

// Env is what the runtime gives every connector.
type Env struct {
	Name   string // the connector's name
	Task   int
	Log    *slog.Logger
	Gauges Gauges
}

// Gauges receives measures that a connector reports; the runtime shows them on /metrics with connector and task labels.
type Gauges interface {
	// Set reports the present value of a measure. labels come in pairs: name, value. Names are Prometheus names without
	// the prefix millrace_, such as "source_lag_bytes".
	Set(name string, value float64, labels ...string)
}

// Connector describes one kind of connector. It is a value: the list of connectors is a map literal.
type Connector struct {
	Class string      // the name users write: io.debezium.connector.postgresql.PostgresConnector
	Alias string      // the short name in pipeline files: postgres
	Type  string      // "source" or "sink"
	Spec  config.Spec // its options
	// Validate checks cfg beyond the Spec, connecting to the system where that is cheap. Faults belong to options.
	Validate func(ctx context.Context, cfg config.Values) []config.Fault
	// Tasks splits the work into at most max task configurations.
	Tasks func(cfg config.Values, max int) ([]config.Values, error)
	// Partition returns the source partition of a task as Kafka Connect stores it: {"server":"prefix"}.
	Partition func(cfg config.Values) map[string]string
	Source    func(env Env, cfg config.Values) (Source, error) // exactly one of Source and Sink is set
	Sink      func(env Env, cfg config.Values) (Sink, error)
}
