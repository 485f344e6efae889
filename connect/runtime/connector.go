package runtime

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/state"
)

// connector is one connector of a worker with its tasks.
type connector struct {
	name string
	busy chan struct{} // holds a token while an operation is in progress
	gone bool          // belongs to the operation

	mu     sync.Mutex // guards what follows; held for moments only
	config map[string]string
	kind   string // "source", "sink" or "unknown"
	target state.Target
	part   Part
	stored []map[string]string // task configurations as they are kept
	tasks  []*task
	topics map[string]state.Topic
	// changed is closed and made anew when a state changes or a task ends.
	changed chan struct{}
}

// task is one task of a connector, running or not.
type task struct {
	id   int
	part Part
	stop context.CancelFunc // nil: it does not run
	done chan struct{}      // closed when its run has ended
}

func newConnector(name, worker string) *connector {
	return &connector{name: name, busy: make(chan struct{}, 1), kind: "unknown", target: state.Started,
		part: Part{State: Unassigned, WorkerID: worker}, topics: map[string]state.Topic{}, changed: make(chan struct{})}
}

func (c *connector) free() { <-c.busy }

// start brings a connector whose tasks have ended to its target: it makes the tasks anew and runs them if it is started.
// p may be nil, and is then made from the configuration; one with faults leaves the connector FAILED.
func (w *Worker) start(c *connector, p *prepared) {
	if p == nil {
		var faults []config.Fault
		if p, faults = w.prepare(c.config); len(faults) > 0 {
			w.reject(c, faults)
			return
		}
	}
	var tasks []*task
	if c.target != state.Stopped {
		for i := range p.tasks {
			tasks = append(tasks, &task{id: i, part: Part{State: Unassigned, WorkerID: w.cfg.ID}})
		}
	} else {
		p.stored = nil
	}
	if !slices.EqualFunc(c.stored, p.stored, maps.Equal) {
		if err := w.cfg.State.SaveTasks(w.context(), c.name, p.stored); err != nil {
			w.log.Warn("saving task configurations", "connector", c.name, "error", err)
		}
	}
	c.mu.Lock()
	for i := len(tasks); i < max(len(c.stored), len(c.tasks)); i++ {
		w.statuses.put(state.ID{Connector: c.name, Task: i}, Part{})
	}
	c.kind, c.stored, c.tasks = p.kind.Type, p.stored, tasks
	from := c.part.State
	c.mu.Unlock()
	if from == Failed || from == Stopped {
		w.move(c, nil, Unassigned, "")
	}
	switch c.target {
	case state.Stopped:
		w.move(c, nil, Stopped, "")
	case state.Paused:
		w.move(c, nil, Paused, "")
		for _, t := range tasks {
			w.move(c, t, Paused, "")
		}
	default:
		w.move(c, nil, Running, "")
		for _, t := range tasks {
			w.run(c, p, t)
		}
	}
}

// reject fails a connector, whose tasks have ended, for its configuration.
func (w *Worker) reject(c *connector, faults []config.Fault) {
	c.mu.Lock()
	for i := range c.tasks {
		w.statuses.put(state.ID{Connector: c.name, Task: i}, Part{})
	}
	c.tasks = nil
	if k, ok := w.Kind(c.config["connector.class"]); ok {
		c.kind = k.Type
	}
	c.mu.Unlock()
	w.move(c, nil, Failed, "its configuration has faults:\n"+config.FaultsError(faults).Error())
}

// run starts a task that does not run.
func (w *Worker) run(c *connector, p *prepared, t *task) {
	job, err := w.task(c, p, t.id, func(s State, err error) {
		trace := ""
		if err != nil {
			trace = err.Error()
		}
		w.move(c, t, s, trace)
	})
	if err != nil {
		w.move(c, t, Failed, err.Error())
		return
	}
	ctx, stop := context.WithCancel(w.context())
	done := make(chan struct{})
	c.mu.Lock()
	t.stop, t.done = stop, done
	c.mu.Unlock()
	w.launch(func() {
		defer func() {
			stop()
			close(done)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.announce()
		}()
		began := time.Now()
		switch err := job.Run(ctx); {
		case err == nil && ctx.Err() == nil:
			w.log.Info("the task has read all there is", "connector", c.name, "task", t.id, "took", time.Since(began).Round(time.Millisecond))
		case err == nil || isCancel(err):
		case ctx.Err() != nil:
			w.log.Warn("stopping the task", "connector", c.name, "task", t.id, "error", err)
		default:
			w.log.Error("the task has failed", "connector", c.name, "task", t.id, "error", err)
		}
	}, func() { stop(); close(done) })
}

// halt ends tasks, all of them together, and returns when they have ended.
func (c *connector) halt(tasks ...*task) {
	var ended []chan struct{}
	c.mu.Lock()
	for _, t := range tasks {
		if t.stop != nil {
			t.stop()
			ended = append(ended, t.done)
			t.stop = nil
		}
	}
	c.mu.Unlock()
	for _, done := range ended {
		<-done
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range tasks {
		t.done = nil // to Wait, a task that was ended is not one that has finished
	}
}

// leave says that the worker no longer runs the connector.
func (w *Worker) leave(c *connector) {
	c.mu.Lock()
	parts := []*task{nil}
	parts = append(parts, c.tasks...)
	c.mu.Unlock()
	for _, t := range parts {
		if !c.is(t, Failed) && !c.is(t, Stopped) {
			w.move(c, t, Unassigned, "")
		}
	}
}

// move is the one place where a state changes: that of a task, or with a nil t of the connector.
func (w *Worker) move(c *connector, t *task, to State, trace string) {
	c.mu.Lock()
	part, id := &c.part, state.ID{Connector: c.name, Task: state.Whole}
	if t != nil {
		part, id.Task = &t.part, t.id
	}
	from := part.State
	if !from.CanBecome(to) {
		c.mu.Unlock()
		w.log.Error("refusing a change of state", "connector", c.name, "task", id.Task, "from", string(from), "to", string(to))
		return
	}
	*part = Part{State: to, WorkerID: w.cfg.ID, Trace: trace}
	w.statuses.put(id, *part)
	c.announce()
	c.mu.Unlock()
	if t != nil {
		w.cfg.Metrics.Task(c.name, t.id).setState(to)
	}
	if from != to {
		w.log.Info("state changed", "connector", c.name, "task", id.Task, "from", string(from), "to", string(to))
	}
}

// announce wakes whoever waits for a change; c.mu is held.
func (c *connector) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// is reports whether the connector, or a task of it, is in a state.
func (c *connector) is(t *task, s State) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t != nil {
		return t.part.State == s
	}
	return c.part.State == s
}

// status returns what the connector does now.
func (c *connector) status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{Name: c.name, Connector: c.part, Tasks: []TaskStatus{}, Type: c.kind}
	for _, t := range c.tasks {
		s.Tasks = append(s.Tasks, TaskStatus{ID: t.id, Part: t.part})
	}
	return s
}

func (c *connector) info() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := Info{Name: c.name, Config: maps.Clone(c.config), Tasks: []TaskID{}, Type: c.kind}
	for _, t := range c.tasks {
		i.Tasks = append(i.Tasks, TaskID{c.name, t.id})
	}
	return i
}

// foundTopic notes a topic that the connector writes to.
func (w *Worker) foundTopic(c *connector, task int, topic string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.topics[topic]; known {
		return
	}
	c.topics[topic] = state.Topic{Name: topic, Task: task, Discovered: at.UnixMilli()}
	w.statuses.putTopics(c.name, c.sortedTopics())
}

func (c *connector) sortedTopics() []state.Topic {
	return slices.SortedFunc(maps.Values(c.topics), func(a, b state.Topic) int { return strings.Compare(a.Name, b.Name) })
}

// badName returns what is wrong with a connector's name. The rule is Kafka Connect's: nothing but control characters is
// refused.
func badName(name string) error {
	if strings.TrimSpace(name) == "" {
		return config.FaultsError{{Option: "name", Kind: config.Missing, Msg: "is required and not set"}}
	}
	if i := strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
		return config.FaultsError{{Option: "name", Kind: config.Invalid, Value: fmt.Sprintf("%q", name), Msg: "a name has no control characters"}}
	}
	return nil
}
