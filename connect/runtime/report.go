package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
)

// TaskID names a task, as Kafka Connect's REST API does.
type TaskID struct {
	Connector string `json:"connector"`
	Task      int    `json:"task"`
}

// Info is what a connector is: Kafka Connect's ConnectorInfo. Config is as the user gave it, secrets and all; whoever
// shows it redacts it.
type Info struct {
	Name   string            `json:"name"`
	Config map[string]string `json:"config"`
	Tasks  []TaskID          `json:"tasks"`
	Type   string            `json:"type"`
}

// TaskInfo is the configuration of one task.
type TaskInfo struct {
	ID     TaskID            `json:"id"`
	Config map[string]string `json:"config"`
}

// Part is the state of a connector or a task. Trace says why it is FAILED or RESTARTING.
type Part struct {
	State    State  `json:"state"`
	WorkerID string `json:"worker_id"`
	Trace    string `json:"trace,omitempty"`
}

// TaskStatus is the state of one task.
type TaskStatus struct {
	ID int `json:"id"`
	Part
}

// Status is what a connector does: Kafka Connect's ConnectorStateInfo.
type Status struct {
	Name      string       `json:"name"`
	Connector Part         `json:"connector"`
	Tasks     []TaskStatus `json:"tasks"`
	Type      string       `json:"type"`
}

// Offset is one source partition with its position; a null or absent Offset is none.
type Offset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

// What a caller branches on. A configuration with faults is a config.FaultsError.
var (
	ErrNotFound   = errors.New("not found")
	ErrExists     = errors.New("already exists")
	ErrNotStopped = errors.New("is not stopped")
	ErrBadOffsets = errors.New("offsets are not well-formed")
	ErrStarting   = errors.New("the worker is starting or stopping")
)

func notFound(connector string) error { return fmt.Errorf("connector %q: %w", connector, ErrNotFound) }
