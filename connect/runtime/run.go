package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

// run is one run of a task, from opening the source to closing it.
type run struct {
	task *Task
	src  connect.Source
	prod connect.Producer

	// Three contexts, each within the one before. Ending read lets what was read drain; ending feed lets what was produced
	// be acked; ending work gives that up too.
	work, feed, read          context.Context
	abort, stopFeed, stopRead context.CancelFunc

	free, filled chan *record.Batch
	encoded      chan *flight
	acked        chan struct{} // holds one token when something became committable
	flights      hangar
	room         *semaphore.Weighted
	tracker      offset.Tracker
	saved        bool // a position was saved; the saver's, read after it ended

	mu  sync.Mutex // guards err
	err error      // the first failure
}

// batches is how many row batches go round: one read into, one waiting, one encoded.
const batches = 3

// attempt is one run. progress: a position was saved.
func (t *Task) attempt(ctx context.Context) (progress bool, err error) {
	resume, err := t.Offsets.Load(ctx, t.OffsetKey.Connector)
	if err != nil {
		return false, fmt.Errorf("loading offsets: %w", err)
	}
	src, err := t.Source()
	if err != nil {
		return false, fmt.Errorf("making the source: %w", err)
	}
	closing := func(what string, f func(context.Context) error) {
		c, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.Limits.StopTimeout)
		defer cancel()
		if cerr := guard(func() error { return f(c) }); cerr != nil {
			t.log.Warn("closing the "+what, "error", cerr)
		}
	}
	defer closing("source", src.Close)
	prod, err := t.Producer(ctx)
	if err != nil {
		return false, fmt.Errorf("making the producer: %w", err)
	}
	defer closing("producer", prod.Close)
	if err := src.Open(ctx, resume[t.OffsetKey]); err != nil {
		return false, fmt.Errorf("opening the source: %w", err)
	}
	t.tell(Running, nil)

	r := &run{
		task: t, src: src, prod: prod, room: semaphore.NewWeighted(t.Limits.InFlight), flights: hangar{limit: t.Limits.InFlight / 2},
		free: make(chan *record.Batch, batches), filled: make(chan *record.Batch, 1), encoded: make(chan *flight, 2),
		acked: make(chan struct{}, 1),
	}
	for range batches {
		r.free <- new(record.Batch)
	}
	r.work, r.abort = context.WithCancel(context.WithoutCancel(ctx))
	r.feed, r.stopFeed = context.WithCancel(r.work)
	r.read, r.stopRead = context.WithCancel(r.feed)
	defer r.abort()
	err = r.pump(ctx)
	return r.saved, err
}

// pump runs the stages until the source is finished, one fails or ctx ends, lets them drain and returns the first error.
func (r *run) pump(ctx context.Context) error {
	var stages sync.WaitGroup
	stage := func(f func() error, stop context.CancelFunc, last func()) {
		stages.Go(func() {
			defer last()
			if err := guard(f); err != nil {
				r.fail(err, stop)
			}
		})
	}
	stage(r.reading, r.stopRead, func() { close(r.filled) })
	stage(r.encoding, r.stopRead, func() { close(r.encoded) })
	stage(r.sending, r.stopFeed, func() {})
	drained, saved := make(chan struct{}), make(chan struct{})
	go func() { stages.Wait(); close(drained) }()
	go func() {
		defer close(saved)
		if err := guard(func() error { return r.saving(drained) }); err != nil {
			r.fail(err, r.abort)
		}
	}()
	select {
	case <-ctx.Done():
		r.stopRead()
	case <-r.read.Done(): // a stage failed
	case <-drained: // the source is finished
	}
	late := time.NewTimer(r.task.Limits.StopTimeout)
	defer late.Stop()
	select {
	case <-saved:
	case <-late.C:
		r.fail(fmt.Errorf("not drained within %v; what is not saved is read again", r.task.Limits.StopTimeout), r.abort)
		if err := guard(func() error { return r.src.Close(r.work) }); err != nil { // unblocks a Read that does not heed its context
			r.task.log.Warn("closing the source", "error", err)
		}
		<-saved
	}
	<-drained
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// fail keeps the first error and stops as much as stop does.
func (r *run) fail(err error, stop context.CancelFunc) {
	r.mu.Lock()
	if r.err == nil {
		r.err = err
	}
	r.mu.Unlock()
	stop()
}

func (r *run) reading() error {
	for {
		var b *record.Batch
		select {
		case b = <-r.free:
		case <-r.read.Done():
			return nil
		}
		b.Reset()
		err := r.src.Read(r.read, b)
		switch {
		case err == nil, errors.Is(err, io.EOF):
		case r.read.Err() != nil:
			return nil // stopping; whatever Read says then is about that
		case connect.ClassOf(err) == connect.BadRecord:
			// The source has passed the row it cannot give; the rows before it are in b.
			if err := r.task.badRecord("reading", "", err); err != nil {
				return fmt.Errorf("reading: %w", err)
			}
		default:
			return fmt.Errorf("reading: %w", err)
		}
		if _, ok := b.Position(); ok || b.Len() > 0 {
			r.task.metrics.rows.Add(float64(b.Len()))
			r.task.metrics.batches.Inc()
			r.task.Hooks.afterRead(b)
			select {
			case r.filled <- b:
			case <-r.read.Done():
				return nil
			}
		} else {
			r.free <- b
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

func (r *run) encoding() error {
	e := newEncoder(r.task.Key, r.task.Value, func(topic string, err error) error {
		return r.task.badRecord("encoding", topic, err)
	})
	for b := range r.filled {
		f := r.flights.get(r.newFlight)
		began := time.Now()
		if err := e.encode(r.feed, f, b); err != nil {
			return err
		}
		r.task.metrics.encode.Observe(time.Since(began).Seconds())
		r.free <- b
		select {
		case r.encoded <- f:
		case <-r.feed.Done():
			return nil
		}
	}
	return nil
}

func (r *run) newFlight() *flight {
	f := &flight{}
	f.done = func(err error) { r.finish(f, err) }
	return f
}

func (r *run) sending() error {
	for f := range r.encoded {
		for _, topic := range f.topics {
			if err := r.prod.Prepare(r.feed, topic); err != nil {
				if r.feed.Err() == nil { // else another stage failed first
					r.fail(fmt.Errorf("preparing topic %s: %w", topic, err), r.stopFeed)
				}
				return r.land()
			}
			r.task.Hooks.newTopic(topic)
		}
		f.weight = min(f.weight, r.task.Limits.InFlight) // one that is larger flies alone
		if r.feed.Err() != nil || r.room.Acquire(r.feed, f.weight) != nil {
			break
		}
		r.task.metrics.inFlight.Add(float64(f.weight))
		var pos record.Position
		if f.hasPos {
			pos = f.pos
		}
		f.ack = r.tracker.Track(pos)
		f.sent = time.Now()
		f.flying.Store(true)
		n := len(f.msgs)
		if n == 0 {
			r.finish(f, nil)
			continue
		}
		r.prod.Produce(r.work, f.msgs, f.done)
		r.task.Hooks.afterProduce(n)
	}
	return r.land()
}

// land waits until nothing is in flight. Errors of single flights are told by finish.
func (r *run) land() error {
	if err := r.prod.Flush(r.work); err != nil {
		if r.work.Err() != nil {
			return nil
		}
		return fmt.Errorf("flushing: %w", err)
	}
	if r.room.Acquire(r.work, r.task.Limits.InFlight) == nil {
		r.room.Release(r.task.Limits.InFlight)
	}
	return nil
}

// guard turns a panic into an error that stops the task and no other.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
