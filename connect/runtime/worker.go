package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/state"
)

// WorkerConfig is what a Worker is made of.
type WorkerConfig struct {
	ID    string // host:port, as statuses name the worker
	Kinds []connect.Connector
	// Converter makes a converter of a class from its options, without their prefix.
	Converter func(class string, opts map[string]string, part convert.Part) (convert.Converter, error)
	// Producer makes a producer for one run of a task. cfg is the connector's whole configuration, with its
	// producer.override.* and topic.creation.*.
	Producer func(ctx context.Context, env connect.Env, cfg config.Values) (connect.Producer, error)
	// Resolve replaces references to secrets; nil: there are none. config.Lookup has one.
	Resolve func(raw map[string]string) (map[string]string, []config.Fault)
	// Defaults are the worker's key.converter and value.converter with their options, for connectors that name none.
	Defaults map[string]string
	Offsets  offset.Store
	State    state.Store
	Limits   Limits
	Metrics  *Metrics     // nil: counted and not shown
	Log      *slog.Logger // nil: slog.Default
}

// Worker runs connectors. Its methods may be called from any goroutine while Run is in progress, and wait for what they
// ask: when Stop returns, the tasks have ended. Operations on one connector take turns; connectors do not wait for each
// other.
//
// One worker runs everything that the stores hold. Several would share the stores and need to agree on who runs what
// before start is called for a connector.
type Worker struct {
	cfg      WorkerConfig
	log      *slog.Logger
	statuses *statuses
	running  sync.WaitGroup // every task, and operations that go on after their answer

	mu         sync.Mutex // guards what follows
	ctx        context.Context
	ready      bool
	connectors map[string]*connector
}

// NewWorker checks cfg; nothing runs before Run.
func NewWorker(cfg WorkerConfig) (*Worker, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Metrics == nil {
		var err error
		if cfg.Metrics, err = NewMetrics(nil); err != nil {
			return nil, err
		}
	}
	cfg.Limits = cfg.Limits.withDefaults()
	return &Worker{cfg: cfg, log: cfg.Log, connectors: map[string]*connector{}, statuses: newStatuses(cfg.State, cfg.ID, cfg.Log)}, nil
}

// Run starts every stored connector and returns when ctx has ended and every task after it. The stores stay open.
func (w *Worker) Run(ctx context.Context) error {
	snap, err := w.cfg.State.Load(ctx)
	if err != nil {
		return fmt.Errorf("loading the worker's state: %w", err)
	}
	writing, stopWriting := context.WithCancel(context.WithoutCancel(ctx))
	written := make(chan struct{})
	go func() { defer close(written); w.statuses.run(writing) }()
	defer func() { stopWriting(); <-written }()

	w.mu.Lock()
	w.ctx = ctx
	w.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(snap.Connectors)) {
		stored := snap.Connectors[name]
		c := newConnector(name, w.cfg.ID)
		c.config, c.target, c.stored = stored.Config, stored.Target, stored.Tasks
		for _, t := range snap.Topics[name] {
			c.topics[t.Name] = t
		}
		w.mu.Lock()
		w.connectors[name] = c
		w.mu.Unlock()
		c.busy <- struct{}{}
		w.running.Go(func() { defer c.free(); w.start(c, nil) })
	}
	w.mu.Lock()
	w.ready = true
	w.mu.Unlock()
	w.log.Info("the worker is ready", "connectors", len(snap.Connectors))

	<-ctx.Done()
	w.mu.Lock()
	w.ready = false
	all := slices.Collect(maps.Values(w.connectors))
	w.mu.Unlock()
	w.running.Wait() // their contexts are within ctx
	for _, c := range all {
		w.leave(c)
	}
	return nil
}

// Ready reports whether connectors may be managed.
func (w *Worker) Ready() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ready
}

// Kinds returns the kinds of connectors there are.
func (w *Worker) Kinds() []connect.Connector { return w.cfg.Kinds }

// begin lets an operation on a connector begin, after the one before it; the caller calls c.free.
func (w *Worker) begin(ctx context.Context, name string) (*connector, error) {
	c, err := w.find(name)
	if err != nil {
		return nil, err
	}
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another operation on connector %q: %w", name, ctx.Err())
	}
	if c.gone { // it was deleted meanwhile
		c.free()
		return nil, notFound(name)
	}
	return c, nil
}

// find returns a connector that has a configuration.
func (w *Worker) find(name string) (*connector, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ready {
		return nil, ErrStarting
	}
	c := w.connectors[name]
	if c == nil {
		return nil, notFound(name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.config == nil {
		return nil, notFound(name) // being created
	}
	return c, nil
}

// launch runs f as one of the worker's goroutines, or else when the worker is stopping.
func (w *Worker) launch(f, orElse func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		orElse()
		return
	}
	w.running.Go(f)
}

// context returns the one that Run was given.
func (w *Worker) context() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ctx
}

// isCancel reports whether an error only says that a stop was asked for.
func isCancel(err error) bool { return errors.Is(err, context.Canceled) }
