package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/state"
)

const (
	connectorKey       = "connector-"
	targetKey          = "target-state-"
	taskKey            = "task-"
	commitKey          = "commit-"
	statusConnectorKey = "status-connector-"
	statusTaskKey      = "status-task-"
	statusTopicKey     = "status-topic-"
	statusTopicOf      = ":connector-"
)

// Store is a state.Store in two topics.
type Store struct {
	configs, statuses *compacted.Table
	log               *slog.Logger

	mu         sync.Mutex            // guards what follows
	connectors map[string]*connector // also of those without a configuration, whose records may come later
	status     map[state.ID]state.Status
	topics     map[string]map[string]state.Topic // by connector and name
}

type connector struct {
	config map[string]string // nil: none is in the topic
	target state.Target
	tasks  []map[string]string
	staged map[int]map[string]string // task records whose commit has not come yet
}

var _ state.Store = (*Store)(nil)

// Open reads both topics, which are made if they are missing; the config topic with one partition.
func Open(ctx context.Context, configs, statuses compacted.Config) (*Store, error) {
	s := &Store{log: configs.Log, connectors: map[string]*connector{}, status: map[state.ID]state.Status{}, topics: map[string]map[string]state.Topic{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	configs.Single = true
	var err error
	if s.configs, err = compacted.Open(ctx, configs, s.skipping(s.applyConfig)); err != nil {
		return nil, fmt.Errorf("opening the config topic: %w", err)
	}
	if s.statuses, err = compacted.Open(ctx, statuses, s.skipping(s.applyStatus)); err != nil {
		s.configs.Close()
		return nil, fmt.Errorf("opening the status topic: %w", err)
	}
	return s, nil
}

// skipping logs records that apply cannot read, without their values.
func (s *Store) skipping(apply func(key string, value []byte) error) func(compacted.Record) {
	return func(r compacted.Record) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := apply(string(r.Key), r.Value); err != nil {
			s.log.Warn("skipping a record of the worker's state", "key", string(r.Key), "error", err)
		}
	}
}

// Load reads both topics to their ends.
func (s *Store) Load(ctx context.Context) (state.Snapshot, error) {
	if err := errors.Join(s.configs.Sync(ctx), s.statuses.Sync(ctx)); err != nil {
		return state.Snapshot{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := state.New()
	for name, c := range s.connectors {
		if c.config != nil {
			snap.Connectors[name] = state.Connector{Config: c.config, Target: c.target, Tasks: c.tasks}
		}
	}
	snap.Statuses = s.status
	for name := range s.topics {
		snap.Topics[name] = s.sortedTopics(name)
	}
	return snap.Clone(), nil
}

// SaveConfig stores a connector, or writes null for all its records: Kafka Connect leaves task records of a connector
// that is gone, which hold its passwords.
func (s *Store) SaveConfig(ctx context.Context, name string, cfg map[string]string, t state.Target) error {
	if cfg != nil {
		var recs []compacted.Record
		if t != "" {
			recs = append(recs, putTarget(name, t))
		}
		return s.putConfig(ctx, append(recs, put(connectorKey+name, properties{cfg}))...)
	}
	if _, err := s.Load(ctx); err != nil { // learns what there is to remove
		return err
	}
	s.mu.Lock()
	recs := []compacted.Record{put(commitKey+name, nil), put(targetKey+name, nil), put(connectorKey+name, nil)}
	var sts []compacted.Record
	if c := s.connectors[name]; c != nil {
		for i := range c.tasks {
			recs = append(recs, put(taskKey+name+"-"+strconv.Itoa(i), nil))
		}
	}
	for id := range s.status {
		if id.Connector == name {
			sts = append(sts, put(statusKey(id), nil))
		}
	}
	for topic := range s.topics[name] {
		sts = append(sts, put(statusTopicKey+topic+statusTopicOf+name, nil))
	}
	s.mu.Unlock()
	return errors.Join(s.putConfig(ctx, recs...), s.putStatus(ctx, sts...))
}

// SaveTarget stores what is asked of a connector.
func (s *Store) SaveTarget(ctx context.Context, name string, t state.Target) error {
	return s.putConfig(ctx, putTarget(name, t))
}

func putTarget(name string, t state.Target) compacted.Record {
	v := targetState{State: t, V2: t}
	if t == state.Stopped {
		v.State = state.Paused
	}
	return put(targetKey+name, v)
}

// SaveTasks stores the tasks and then the record that puts them in force.
func (s *Store) SaveTasks(ctx context.Context, name string, tasks []map[string]string) error {
	var recs []compacted.Record
	for i, t := range tasks {
		recs = append(recs, put(taskKey+name+"-"+strconv.Itoa(i), properties{t}))
	}
	return s.putConfig(ctx, append(recs, put(commitKey+name, commit{len(tasks)}))...)
}

// SaveStatus stores or removes a status.
func (s *Store) SaveStatus(ctx context.Context, id state.ID, st state.Status) error {
	if st == (state.Status{}) {
		return s.putStatus(ctx, put(statusKey(id), nil))
	}
	v := status{State: st.State, WorkerID: st.WorkerID, Generation: st.Generation}
	if st.Trace != "" {
		v.Trace = &st.Trace
	}
	return s.putStatus(ctx, put(statusKey(id), v))
}

// SaveTopics stores the topics that are new and removes those that are gone.
func (s *Store) SaveTopics(ctx context.Context, name string, topics []state.Topic) error {
	if _, err := s.Load(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	have := s.topics[name]
	var recs []compacted.Record
	keep := map[string]bool{}
	for _, t := range topics {
		keep[t.Name] = true
		if have[t.Name] != t {
			recs = append(recs, put(statusTopicKey+t.Name+statusTopicOf+name, topicStatus{topic{t.Name, name, t.Task, t.Discovered}}))
		}
	}
	for old := range have {
		if !keep[old] {
			recs = append(recs, put(statusTopicKey+old+statusTopicOf+name, nil))
		}
	}
	s.mu.Unlock()
	return s.putStatus(ctx, recs...)
}

// Close ends the clients.
func (s *Store) Close(context.Context) error {
	s.configs.Close()
	s.statuses.Close()
	return nil
}

func (s *Store) putConfig(ctx context.Context, recs ...compacted.Record) error {
	if err := s.configs.Put(ctx, recs...); err != nil {
		return fmt.Errorf("saving to the config topic: %w", err)
	}
	return nil
}

func (s *Store) putStatus(ctx context.Context, recs ...compacted.Record) error {
	if err := s.statuses.Put(ctx, recs...); err != nil {
		return fmt.Errorf("saving to the status topic: %w", err)
	}
	return nil
}

func statusKey(id state.ID) string {
	if id.Task == state.Whole {
		return statusConnectorKey + id.Connector
	}
	return statusTaskKey + id.Connector + "-" + strconv.Itoa(id.Task)
}

// put makes a record; a nil value is null.
func put(key string, value any) compacted.Record {
	r := compacted.Record{Key: []byte(key)}
	if value != nil {
		v, err := json.Marshal(value)
		if err != nil {
			panic(err) // structs and maps of strings and numbers
		}
		r.Value = v
	}
	return r
}
