package kafka

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/state"
)

type properties struct {
	Properties map[string]string `json:"properties"`
}

type targetState struct {
	State state.Target `json:"state"`
	V2    state.Target `json:"state.v2"`
}

type commit struct {
	Tasks int `json:"tasks"`
}

type status struct {
	State      string  `json:"state"`
	Trace      *string `json:"trace"`
	WorkerID   string  `json:"worker_id"`
	Generation int     `json:"generation"`
}

type topicStatus struct {
	Topic topic `json:"topic"`
}

type topic struct {
	Name       string `json:"name"`
	Connector  string `json:"connector"`
	Task       int    `json:"task"`
	Discovered int64  `json:"discoverTimestamp"`
}

// applyConfig takes one record of the config topic; s.mu is held.
func (s *Store) applyConfig(key string, value []byte) error {
	if name, ok := strings.CutPrefix(key, connectorKey); ok {
		if value == nil {
			delete(s.connectors, name)
			delete(s.topics, name)
			for id := range s.status {
				if id.Connector == name {
					delete(s.status, id)
				}
			}
			return nil
		}
		var v properties
		if err := read(value, &v); err != nil {
			return err
		}
		if v.Properties == nil {
			return errors.New("it has no properties")
		}
		s.connector(name).config = v.Properties
		return nil
	}
	if name, ok := strings.CutPrefix(key, targetKey); ok {
		if value == nil {
			if c := s.connectors[name]; c != nil {
				c.target = state.Started
			}
			return nil
		}
		var v targetState
		if err := read(value, &v); err != nil {
			return err
		}
		t := cmp.Or(v.V2, v.State)
		if t != state.Started && t != state.Paused && t != state.Stopped {
			return errors.New("its state is none of STARTED, PAUSED and STOPPED")
		}
		s.connector(name).target = t
		return nil
	}
	if rest, ok := strings.CutPrefix(key, taskKey); ok {
		name, n, err := splitTask(rest)
		if err != nil || value == nil {
			return err
		}
		var v properties
		if err := read(value, &v); err != nil {
			return err
		}
		c := s.connector(name)
		if c.staged == nil {
			c.staged = map[int]map[string]string{}
		}
		c.staged[n] = v.Properties
		return nil
	}
	if name, ok := strings.CutPrefix(key, commitKey); ok {
		c := s.connector(name)
		if value == nil {
			c.tasks, c.staged = nil, nil
			return nil
		}
		var v commit
		if err := read(value, &v); err != nil {
			return err
		}
		return c.commit(v.Tasks)
	}
	return nil
}

// commit puts the staged tasks in force, with those of before that were not written anew.
func (c *connector) commit(n int) error {
	tasks := make([]map[string]string, n)
	for i := range tasks {
		switch t, ok := c.staged[i]; {
		case ok:
			tasks[i] = t
		case i < len(c.tasks):
			tasks[i] = c.tasks[i]
		default: // compaction took it, or the writer died: the worker makes new tasks
			c.tasks, c.staged = nil, nil
			return errors.New("it commits tasks that are not there")
		}
	}
	c.tasks, c.staged = tasks, nil
	return nil
}

// applyStatus takes one record of the status topic; s.mu is held.
func (s *Store) applyStatus(key string, value []byte) error {
	if rest, ok := strings.CutPrefix(key, statusTopicKey); ok {
		i := strings.LastIndex(rest, statusTopicOf) // a topic's name has no colon, a connector's may
		if first := strings.Index(rest, statusTopicOf); value != nil {
			var v topicStatus
			if err := read(value, &v); err != nil {
				return err
			}
			if s.topics[v.Topic.Connector] == nil {
				s.topics[v.Topic.Connector] = map[string]state.Topic{}
			}
			s.topics[v.Topic.Connector][v.Topic.Name] = state.Topic{Name: v.Topic.Name, Task: v.Topic.Task, Discovered: v.Topic.Discovered}
		} else if i >= 0 {
			for _, at := range []int{first, i} { // null names its topic in the key alone
				delete(s.topics[rest[at+len(statusTopicOf):]], rest[:at])
			}
		}
		return nil
	}
	id := state.ID{Task: state.Whole}
	if name, ok := strings.CutPrefix(key, statusConnectorKey); ok {
		id.Connector = name
	} else if rest, ok := strings.CutPrefix(key, statusTaskKey); ok {
		var err error
		if id.Connector, id.Task, err = splitTask(rest); err != nil {
			return err
		}
	} else {
		return nil
	}
	if value == nil {
		delete(s.status, id)
		return nil
	}
	var v status
	if err := read(value, &v); err != nil {
		return err
	}
	st := state.Status{State: v.State, WorkerID: v.WorkerID, Generation: v.Generation}
	if v.Trace != nil {
		st.Trace = *v.Trace
	}
	s.status[id] = st
	return nil
}

func (s *Store) connector(name string) *connector {
	c := s.connectors[name]
	if c == nil {
		c = &connector{target: state.Started}
		s.connectors[name] = c
	}
	return c
}

func (s *Store) sortedTopics(name string) []state.Topic {
	var ts []state.Topic
	for _, t := range s.topics[name] {
		ts = append(ts, t)
	}
	slices.SortFunc(ts, func(a, b state.Topic) int { return cmp.Compare(a.Name, b.Name) })
	return ts
}

// splitTask parts NAME-N at its last dash.
func splitTask(s string) (name string, n int, err error) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", 0, errors.New("its key has no task number")
	}
	if n, err = strconv.Atoi(s[i+1:]); err != nil || n < 0 {
		return "", 0, errors.New("its key has no task number")
	}
	return s[:i], n, nil
}

// read parses value and leaves it out of the error.
func read(value []byte, v any) error {
	if json.Unmarshal(value, v) != nil {
		return errors.New("its value is not what this key holds")
	}
	return nil
}
