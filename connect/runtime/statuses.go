package runtime

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/millrace/millrace/connect/state"
)

// statuses writes statuses and topics to the store in the background, the newest of each only, so that a store that is
// slow or away holds up no task. A status is for people and tools: what a worker takes up again is configurations.
type statuses struct {
	store  state.Store
	worker string
	log    *slog.Logger
	wake   chan struct{} // holds a token when something is to be written

	saving sync.Mutex // held while the store is written, so that forget can wait
	mu     sync.Mutex // guards what follows; locked within saving
	dirty  map[state.ID]state.Status
	topics map[string][]state.Topic
}

func newStatuses(store state.Store, worker string, log *slog.Logger) *statuses {
	return &statuses{store: store, worker: worker, log: log, wake: make(chan struct{}, 1),
		dirty: map[state.ID]state.Status{}, topics: map[string][]state.Topic{}}
}

// put notes a status; the zero Part removes it.
func (s *statuses) put(id state.ID, p Part) {
	st := state.Status{}
	if p.State != "" {
		st = state.Status{State: string(p.State), Trace: p.Trace, WorkerID: s.worker}
	}
	s.mu.Lock()
	s.dirty[id] = st
	s.mu.Unlock()
	s.wakeUp()
}

func (s *statuses) putTopics(connector string, topics []state.Topic) {
	s.mu.Lock()
	s.topics[connector] = topics
	s.mu.Unlock()
	s.wakeUp()
}

func (s *statuses) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// forget drops what is to be written about a connector and returns when nothing of it is being written.
func (s *statuses) forget(connector string) {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.dirty {
		if id.Connector == connector {
			delete(s.dirty, id)
		}
	}
	delete(s.topics, connector)
}

// run writes until ctx ends, and then what is left for a short while.
func (s *statuses) run(ctx context.Context) {
	for {
		select {
		case <-s.wake:
			s.write(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			s.write(last)
			return
		}
	}
}

// write saves everything that is noted. What fails is noted again if nothing newer is, and tried with the next.
func (s *statuses) write(ctx context.Context) {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.mu.Lock()
	dirty, topics := s.dirty, s.topics
	s.dirty, s.topics = map[state.ID]state.Status{}, map[string][]state.Topic{}
	s.mu.Unlock()
	for id, st := range dirty {
		if err := s.store.SaveStatus(ctx, id, st); err != nil {
			s.log.Warn("saving a status", "connector", id.Connector, "task", id.Task, "error", err)
			s.mu.Lock()
			if _, newer := s.dirty[id]; !newer {
				s.dirty[id] = st
			}
			s.mu.Unlock()
		}
	}
	for connector, t := range topics {
		if err := s.store.SaveTopics(ctx, connector, t); err != nil {
			s.log.Warn("saving topics", "connector", connector, "error", err)
			s.mu.Lock()
			if _, newer := s.topics[connector]; !newer {
				s.topics[connector] = t
			}
			s.mu.Unlock()
		}
	}
}
