package rest

import (
	"context"
	"encoding/json"

	"github.com/millrace/millrace/connect/state"
)

// Worker runs connectors; runtime.Worker is one. Its methods are safe for concurrent use. Errors that wrap
// state.ErrNoConnector, ErrNoTask, ErrExists, ErrNotStopped or ErrNotReady become Kafka Connect's answers to them, a
// config.FaultsError becomes 400 and any other error 500.
type Worker interface {
	Connectors
	Lifecycle
	Offsets
}

// Connectors keeps configurations.
type Connectors interface {
	// Connectors returns what is known of every connector, by name.
	Connectors() []Connector
	// Connector returns what is known of one.
	Connector(name string) (Connector, error)
	// Create stores a configuration that was checked and starts it when target says so. ErrExists: the name is taken.
	Create(ctx context.Context, name string, cfg map[string]string, target state.Target) error
	// Configure replaces a configuration that was checked, and restarts the connector with it.
	Configure(ctx context.Context, name string, cfg map[string]string) error
	// Delete stops a connector and forgets it. Its offsets stay.
	Delete(ctx context.Context, name string) error
}

// Lifecycle starts and stops.
type Lifecycle interface {
	// SetTarget pauses, resumes (state.Started) or stops a connector. It returns when the target is durable.
	SetTarget(ctx context.Context, name string, t state.Target) error
	// Restart restarts the connector and, as r says, its tasks.
	Restart(ctx context.Context, name string, r Restart) error
	RestartTask(ctx context.Context, name string, task int) error
	// ResetTopics forgets which topics the connector wrote to.
	ResetTopics(ctx context.Context, name string) error
}

// Offsets reads and changes a connector's stored positions.
type Offsets interface {
	Offsets(ctx context.Context, name string) ([]Offset, error)
	// AlterOffsets stores each offset, a null one deletes its partition's. ErrNotStopped: the connector may be using them.
	AlterOffsets(ctx context.Context, name string, offsets []Offset) error
	ResetOffsets(ctx context.Context, name string) error
}

// Connector is what a worker knows of one connector at one moment.
type Connector struct {
	Name   string
	Config map[string]string // as it was given: references to secrets are not resolved
	Type   string            // source or sink; "" unknown
	Status Status
	Tasks  []Task // by id
	Topics []string
}

// Status is what a connector or task is doing.
type Status struct {
	State    string // RUNNING, PAUSED, …
	WorkerID string // host:port
	Trace    string // why it failed; "" for none
	Version  string
}

// Task is one task of a connector.
type Task struct {
	ID     int
	Config map[string]string // references to secrets are not resolved
	Status Status
}

// Restart says what a restart covers besides the connector itself.
type Restart struct {
	Tasks      bool // includeTasks
	OnlyFailed bool // leave what has not failed, the connector too
}

// Offset is a source partition and its position, both JSON objects.
type Offset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}
