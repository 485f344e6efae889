package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
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
}

// Registry is a schema registry over a Log. It is safe for concurrent use.
type Registry struct {
	log     *slog.Logger
	formats map[schema.Type]schema.Format
	store   Log

	mu      sync.RWMutex // guards state and applied
	state   *state
	applied int64 // offset of the last record in state

	byID   sync.Map // idKey → *encoded
	parsed parseCache

	queue   chan *write
	stop    context.CancelFunc
	stopped context.Context // ends with Close, or when the log cannot be followed any more
	done    sync.WaitGroup

	failMu sync.Mutex
	failed error // why the log cannot be followed any more
}

type idKey struct {
	context string
	id      int
}

// Open reads the log and returns when everything in it is applied. The registry owns the log from here on: Close closes it.
// When Open fails the log stays the caller's.
func Open(ctx context.Context, l Log, o Options) (*Registry, error) {
	r := &Registry{log: o.Log, formats: maps.Clone(o.Formats), store: l, applied: -1, queue: make(chan *write)}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.formats == nil {
		r.formats = map[schema.Type]schema.Format{schema.Avro: avro.Format{}, schema.JSON: jsonschema.Format{}, schema.Protobuf: protobuf.Format{}}
	}
	r.state = newState(r.log, r.drop)
	r.state.replaced, r.state.configure = r.parsed.clear, r.byID.Clear
	r.stopped, r.stop = context.WithCancel(context.Background())
	ready := make(chan struct{})
	once := sync.OnceFunc(func() { close(ready) })
	r.done.Go(func() { r.follow(func(int64) { once() }) })
	var err error
	select {
	case <-ready:
		r.done.Go(r.commit)
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
func (r *Registry) follow(caughtUp func(int64)) {
	err := r.store.Follow(r.stopped, 0, func(offset int64, rec Record) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if offset > r.applied {
			r.state.apply(offset, rec)
			r.applied = offset
		}
		return nil
	}, caughtUp)
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

// drop forgets the encoded answer about an id.
func (r *Registry) drop(ctx string, id int) { r.byID.Delete(idKey{ctx, id}) }

// write is a change that waits for its turn. decide runs under the lock, maybe more than once: it reads the state and returns
// the records that make the change, or why there is none.
type write struct {
	decide func(s *state) ([]Record, error)
	err    error
	wrote  bool // the outcome rests on records of this batch
	done   chan struct{}
}

// change runs a write and returns when its records are durable and applied.
func (r *Registry) change(ctx context.Context, decide func(s *state) ([]Record, error)) error {
	w := &write{decide: decide, done: make(chan struct{})}
	select {
	case r.queue <- w:
	case <-ctx.Done():
		return errorf(CodeTimeout, "The write timed out")
	case <-r.stopped.Done():
		return storeError("writing", r.failure())
	}
	<-w.done
	return w.err
}

// mostBatch is how many writes share one append, and so one fsync.
const mostBatch = 256

// commit takes the waiting writes, many at a time, until the registry ends.
func (r *Registry) commit() {
	for {
		var batch []*write
		select {
		case w := <-r.queue:
			batch = append(batch, w)
		case <-r.stopped.Done():
			return
		}
	more:
		for len(batch) < mostBatch {
			select {
			case w := <-r.queue:
				batch = append(batch, w)
			default:
				break more
			}
		}
		r.commitBatch(batch)
		for _, w := range batch {
			close(w.done)
		}
	}
}

// patience is how long a batch is decided anew while other writers are faster.
const patience = 10 * time.Second

// commitBatch decides the writes one after the other, each on the state that the earlier ones make, and appends their records
// as one unit. Readers see nothing of it before it is durable: they wait for the lock. When the append fails the state is
// read anew from the log.
func (r *Registry) commitBatch(batch []*write) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for began := time.Now(); time.Since(began) < patience; {
		var recs []Record
		now := time.Now().UnixMilli()
		for _, w := range batch {
			var own []Record
			own, w.err = decideSafely(w.decide, r.state)
			if w.err != nil {
				own = nil
			}
			for _, rec := range own {
				rec.Time = now
				r.state.apply(r.applied+1+int64(len(recs)), rec)
				recs = append(recs, rec)
			}
			w.wrote = len(recs) > 0
		}
		if len(recs) == 0 {
			return
		}
		var last int64
		if last, err = r.append(recs); err == nil {
			r.applied = last
			return
		}
		if reread := r.reread(); reread != nil {
			err = errors.Join(err, reread)
			break
		}
		if !errors.Is(err, ErrConflict) {
			break
		}
		time.Sleep(rand.N(2 * time.Millisecond)) // writers that take turns by chance do not meet each time
	}
	r.log.Error("a write to the registry's log failed", "error", err)
	for _, w := range batch {
		if w.wrote {
			w.err = storeError("writing to the log", err)
		}
	}
}

// mostAppend is how long an append may take.
const mostAppend = 30 * time.Second

// append writes to the log. It outlives Close, which waits for it: its outcome is to be known.
func (r *Registry) append(recs []Record) (int64, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.stopped), mostAppend)
	defer cancel()
	return r.store.Append(ctx, r.applied, recs...)
}

func decideSafely(decide func(*state) ([]Record, error), s *state) (recs []Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			recs, err = nil, fmt.Errorf("deciding a write: panic: %v", p)
		}
	}()
	return decide(s)
}

// reread makes the state anew from the log.
func (r *Registry) reread() error {
	ctx, cancel := context.WithCancel(r.stopped)
	defer cancel()
	fresh, last, caught := newState(r.log, func(string, int) {}), int64(-1), false
	err := r.store.Follow(ctx, 0, func(offset int64, rec Record) error {
		fresh.apply(offset, rec)
		last = offset
		return nil
	}, func(int64) { caught = true; cancel() })
	if !caught {
		return fmt.Errorf("reading the log anew: %w", err)
	}
	fresh.changed, fresh.replaced, fresh.configure = r.drop, r.parsed.clear, r.byID.Clear
	r.state, r.applied = fresh, last
	r.byID.Clear()
	r.parsed.clear()
	return nil
}
