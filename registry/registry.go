package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// Options tune a Registry. The zero value is ready to use.
type Options struct {
	Log *slog.Logger // nil: none
	// Formats are the schema languages; nil: Avro, JSON Schema and Protobuf.
	Formats map[schema.Type]schema.Format
	// Snapshot is a file where the state is kept beside a Resumable log, so that a start need not read all of it; "": none.
	Snapshot string
	// MaxAssociations is how many associations there may be; 0: DefaultMaxAssociations.
	MaxAssociations int
	// MaxSchemas is how many schemas, each an id of a context, may be registered; 0: as many as there are ids. Several nodes
	// that write at the same time may go over it by what each has in hand.
	MaxSchemas int
	// Appended is called for every append to the log; nil: nothing is.
	Appended func(records int, took time.Duration, err error)
}

// Registry is a schema registry over a Log. It is safe for concurrent use.
type Registry struct {
	log     *slog.Logger
	formats map[schema.Type]schema.Format
	store   Log

	maxSchemas int
	appended   func(int, time.Duration, error)

	turn    sync.Mutex   // held by who decides and appends, or applies what others wrote: it guards changes of the state
	mu      sync.RWMutex // guards the state against its readers: it is held for writing only while records are applied
	state   *state
	applied int64 // offset of the last record in state; guarded by turn
	tip     tip

	mostAssociations int

	position position
	asked    chan *question
	parsed   parseCache
	readings readings

	queue   chan *write
	stop    context.CancelFunc
	stopped context.Context // ends with Close, or when the log cannot be followed any more
	done    sync.WaitGroup

	failMu sync.Mutex
	failed error // why the log cannot be followed any more
}

// Open reads the log and returns when everything in it is applied. The registry owns the log from here on: Close closes it.
// When Open fails the log stays the caller's.
func Open(ctx context.Context, l Log, o Options) (*Registry, error) {
	r := &Registry{log: o.Log, formats: maps.Clone(o.Formats), store: l, applied: -1, queue: make(chan *write), asked: make(chan *question)}
	if r.mostAssociations = o.MaxAssociations; r.mostAssociations <= 0 {
		r.mostAssociations = DefaultMaxAssociations
	}
	r.maxSchemas, r.appended = o.MaxSchemas, o.Appended
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.formats == nil {
		r.formats = map[schema.Type]schema.Format{schema.Avro: avro.Format{}, schema.JSON: jsonschema.Format{}, schema.Protobuf: protobuf.Format{}}
	}
	r.position.moved = make(chan struct{})
	r.tip.set(Tip{Offset: -1})
	r.state = newState(r.log)
	resumable, ok := l.(Resumable)
	if ok = ok && o.Snapshot != ""; ok {
		r.resume(ctx, resumable, o.Snapshot)
	}
	r.state.replaced = r.parsed.clear
	start := r.applied
	r.stopped, r.stop = context.WithCancel(context.Background())
	ready := make(chan struct{})
	r.done.Go(func() { r.follow(sync.OnceFunc(func() { close(ready) })) })
	var err error
	select {
	case <-ready:
		r.done.Go(r.commit)
		r.done.Go(r.ask)
		if ok {
			r.done.Go(func() { r.snapshots(resumable, o.Snapshot, start) })
		}
		return r, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-r.stopped.Done():
		err = r.failure()
	}
	r.stop()
	r.done.Wait()
	return nil, fmt.Errorf("reading the log: %w", err)
}

// resume begins with a snapshot's state, where there is one of the log.
func (r *Registry) resume(ctx context.Context, log Resumable, file string) {
	s, head, err := readSnapshot(file, r.log)
	if err == nil {
		err = log.Resume(ctx, head.mark, head.last, head.next)
	}
	switch {
	case err == nil:
		r.state, r.applied = s, head.last.Offset
		r.tip.set(head.last)
		r.position.reach(head.next)
		r.log.Debug("the registry begins with its snapshot", "file", file, "next", head.next)
	case !errors.Is(err, fs.ErrNotExist):
		r.log.Warn("the registry's snapshot is not used: the whole log is read", "file", file, "error", err)
	}
}

// Close ends the registry's goroutines and closes the log. Writes that are still waiting are refused.
func (r *Registry) Close() error {
	r.stop()
	r.done.Wait()
	if err := r.store.Close(); err != nil {
		return fmt.Errorf("closing the log: %w", err)
	}
	return nil
}

// follow applies what the log gives, other nodes' records too.
func (r *Registry) follow(caughtUp func()) {
	err := r.store.Follow(r.stopped, r.Position(), func(offset int64, rec Record) error {
		if r.position.passed(offset) {
			r.tip.again(offset, rec)
			return nil // this node's own
		}
		r.turn.Lock()
		defer r.turn.Unlock()
		if offset <= r.applied {
			return nil
		}
		do := r.state.read(offset, rec)
		r.mu.Lock()
		r.state.take(offset, do)
		r.mu.Unlock()
		r.applied = offset
		r.tip.set(TipOf(offset, rec))
		r.position.reach(offset + 1)
		return nil
	}, func(next int64) {
		r.position.reach(next)
		caughtUp()
	})
	if r.stopped.Err() == nil {
		r.log.Error("the registry's log cannot be followed any more: writes are refused", "error", err)
		r.failMu.Lock()
		r.failed = err
		r.failMu.Unlock()
		r.stop()
	}
}

func (r *Registry) failure() error {
	r.failMu.Lock()
	defer r.failMu.Unlock()
	if r.failed != nil {
		return r.failed
	}
	return errClosed
}

var errClosed = errors.New("the registry is closed")
