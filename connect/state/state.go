package state

import (
	"context"
	"maps"
	"slices"
)

// Target is what a user asked of a connector.
type Target string

// The targets.
const (
	Started Target = "STARTED"
	Paused  Target = "PAUSED"
	Stopped Target = "STOPPED"
)

// Connector is what is asked of one connector.
type Connector struct {
	// Config is as the user gave it: references to secrets are not resolved.
	Config map[string]string
	Target Target // Started when nothing was asked
	Tasks  []map[string]string
}

// ID names a connector, with Task -1, or one of its tasks.
type ID struct {
	Connector string
	Task      int
}

// Whole is the Task of an ID that names a connector.
const Whole = -1

// Status is what a connector or task was doing when its worker last said so.
type Status struct {
	State      string
	Trace      string // "" for none
	WorkerID   string // host:port
	Generation int
}

// Topic is a topic that a connector wrote to.
type Topic struct {
	Name       string
	Task       int   // the one that was first
	Discovered int64 // milliseconds since 1970
}

// Snapshot is everything stored. Statuses and topics of connectors that are gone are left out.
type Snapshot struct {
	Connectors map[string]Connector
	Statuses   map[ID]Status
	Topics     map[string][]Topic // by connector, by name
}

// Store keeps the state. Each Save is durable when it returns. It is safe for concurrent use.
type Store interface {
	// Load returns everything that was saved before the call, by any worker. The caller owns it.
	Load(ctx context.Context) (Snapshot, error)
	// SaveConfig stores the configuration of a connector; nil removes the connector with all that belongs to it. A target
	// that is not "" is stored before it, so that nothing starts which is to begin stopped.
	SaveConfig(ctx context.Context, connector string, cfg map[string]string, t Target) error
	// SaveTarget stores what is asked of a connector that has a configuration.
	SaveTarget(ctx context.Context, connector string, t Target) error
	// SaveTasks replaces all task configurations of a connector at once.
	SaveTasks(ctx context.Context, connector string, tasks []map[string]string) error
	// SaveStatus stores a status; the zero Status removes it.
	SaveStatus(ctx context.Context, id ID, s Status) error
	// SaveTopics replaces the topics of a connector.
	SaveTopics(ctx context.Context, connector string, topics []Topic) error
	Close(ctx context.Context) error
}

// New returns an empty Snapshot.
func New() Snapshot {
	return Snapshot{Connectors: map[string]Connector{}, Statuses: map[ID]Status{}, Topics: map[string][]Topic{}}
}

// Clone returns a deep copy without what belongs to no connector.
func (s Snapshot) Clone() Snapshot {
	c := New()
	for name, conn := range s.Connectors {
		conn.Config = maps.Clone(conn.Config)
		conn.Tasks = CloneTasks(conn.Tasks)
		c.Connectors[name] = conn
	}
	for id, st := range s.Statuses {
		if _, ok := s.Connectors[id.Connector]; ok {
			c.Statuses[id] = st
		}
	}
	for name, topics := range s.Topics {
		if _, ok := s.Connectors[name]; ok && len(topics) > 0 {
			c.Topics[name] = slices.Clone(topics)
		}
	}
	return c
}

// CloneTasks returns a deep copy of task configurations.
func CloneTasks(tasks []map[string]string) []map[string]string {
	var c []map[string]string
	for _, t := range tasks {
		c = append(c, maps.Clone(t))
	}
	return c
}
