package file

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/millrace/millrace/connect/atomicfile"
	"github.com/millrace/millrace/connect/state"
)

const version = 1

// Store is a state.Store in a file.
type Store struct {
	path string
	mu   sync.Mutex // guards now and the file
	now  state.Snapshot
}

var _ state.Store = (*Store)(nil)

type document struct {
	Version    int                  `json:"version"`
	Connectors map[string]connector `json:"connectors"`
}

type connector struct {
	Config map[string]string   `json:"config"`
	Target state.Target        `json:"target"`
	Tasks  []map[string]string `json:"tasks,omitempty"`
	Status map[string]status   `json:"status,omitempty"` // by task, "" for the connector
	Topics []topic             `json:"topics,omitempty"`
}

type status struct {
	State      string `json:"state"`
	Trace      string `json:"trace,omitempty"`
	WorkerID   string `json:"worker_id"`
	Generation int    `json:"generation"`
}

type topic struct {
	Name       string `json:"name"`
	Task       int    `json:"task"`
	Discovered int64  `json:"discovered"`
}

// Open reads path, which need not exist yet; its directory is made. An empty path keeps the state in memory.
func Open(path string) (*Store, error) {
	s := &Store{path: path, now: state.New()}
	if path == "" {
		return s, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the state file's directory: %w", err)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading worker state: %w", err)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("reading worker state of %s: %w", path, err)
	}
	if d.Version != version {
		return nil, fmt.Errorf("reading worker state: %s has version %d and this program reads %d", path, d.Version, version)
	}
	for name, c := range d.Connectors {
		s.now.Connectors[name] = state.Connector{Config: c.Config, Target: c.Target, Tasks: c.Tasks}
		for task, st := range c.Status {
			id := state.ID{Connector: name, Task: state.Whole}
			if task != "" {
				if id.Task, err = strconv.Atoi(task); err != nil {
					return nil, fmt.Errorf("reading worker state of %s: connector %q has a status of task %q", path, name, task)
				}
			}
			s.now.Statuses[id] = state.Status(st)
		}
		for _, t := range c.Topics {
			s.now.Topics[name] = append(s.now.Topics[name], state.Topic(t))
		}
	}
	return s, nil
}

// Load returns everything stored.
func (s *Store) Load(context.Context) (state.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.Clone(), nil
}

// SaveConfig stores or removes a connector.
func (s *Store) SaveConfig(_ context.Context, name string, cfg map[string]string, t state.Target) error {
	return s.change(func(n *state.Snapshot) {
		if cfg == nil {
			delete(n.Connectors, name) // what belongs to it goes with the next Clone
			*n = n.Clone()
			return
		}
		c := n.Connectors[name]
		c.Target = cmp.Or(t, c.Target, state.Started)
		c.Config = maps.Clone(cfg)
		n.Connectors[name] = c
	})
}

// SaveTarget stores what is asked of a connector that is there.
func (s *Store) SaveTarget(_ context.Context, name string, t state.Target) error {
	return s.change(func(n *state.Snapshot) {
		if c, ok := n.Connectors[name]; ok {
			c.Target = t
			n.Connectors[name] = c
		}
	})
}

// SaveTasks replaces the task configurations of a connector that is there.
func (s *Store) SaveTasks(_ context.Context, name string, tasks []map[string]string) error {
	return s.change(func(n *state.Snapshot) {
		if c, ok := n.Connectors[name]; ok {
			c.Tasks = state.CloneTasks(tasks)
			n.Connectors[name] = c
		}
	})
}

// SaveStatus stores or removes a status.
func (s *Store) SaveStatus(_ context.Context, id state.ID, st state.Status) error {
	return s.change(func(n *state.Snapshot) {
		if st == (state.Status{}) {
			delete(n.Statuses, id)
		} else {
			n.Statuses[id] = st
		}
	})
}

// SaveTopics replaces the topics of a connector.
func (s *Store) SaveTopics(_ context.Context, name string, topics []state.Topic) error {
	return s.change(func(n *state.Snapshot) { n.Topics[name] = slices.Clone(topics) })
}

// Close does nothing: every save is already on disk.
func (s *Store) Close(context.Context) error { return nil }

// change applies f to a copy, which takes the place of the present state once it is on disk.
func (s *Store) change(f func(*state.Snapshot)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.now.Clone()
	f(&next)
	if s.path != "" {
		d := document{Version: version, Connectors: map[string]connector{}}
		for name, c := range next.Connectors {
			d.Connectors[name] = connector{Config: c.Config, Target: c.Target, Tasks: c.Tasks, Status: map[string]status{}}
		}
		for id, st := range next.Statuses {
			task := ""
			if id.Task != state.Whole {
				task = strconv.Itoa(id.Task)
			}
			if c, ok := d.Connectors[id.Connector]; ok {
				c.Status[task] = status(st)
			}
		}
		for name, topics := range next.Topics {
			if c, ok := d.Connectors[name]; ok {
				for _, t := range topics {
					c.Topics = append(c.Topics, topic(t))
				}
				d.Connectors[name] = c
			}
		}
		data, err := json.MarshalIndent(d, "", "  ")
		if err == nil {
			err = atomicfile.Write(s.path, data, 0o600)
		}
		if err != nil {
			return fmt.Errorf("saving worker state: %w", err)
		}
	}
	s.now = next
	return nil
}
