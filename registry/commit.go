package registry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	mostBatch  = 256              // how many writes share one append, and so one fsync
	mostAppend = 25 * time.Second // how long an append may take: a broker that starts again is waited for
	mostWrite  = 30 * time.Second // how long a client waits for a write
	patience   = 10 * time.Second // how long a batch is decided anew while other writers are faster
)

// write is a change that waits for its turn. decide runs on a draft, maybe more than once: it reads it and returns the records
// that make the change, or why there is none.
type write struct {
	ctx    context.Context
	decide func(s *state) ([]Record, error)
	err    error
	wrote  bool // the outcome rests on records of this batch
	done   chan struct{}
}

var errTimeout = errorf(CodeTimeout, "The write timed out")

// change runs a write and returns when its records are durable and applied. When ctx ends, or after mostWrite, it returns with
// an error and what decide gave may not be looked at: the write may still be carried out.
func (r *Registry) change(ctx context.Context, decide func(s *state) ([]Record, error)) error {
	ctx, cancel := context.WithTimeout(ctx, mostWrite)
	defer cancel()
	w := &write{ctx: ctx, decide: decide, done: make(chan struct{})}
	select {
	case r.queue <- w:
	case <-ctx.Done():
		return errTimeout
	case <-r.stopped.Done():
		return storeError("writing", r.failure())
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return errTimeout
	}
}

// commit takes the waiting writes, many at a time, until the registry ends.
func (r *Registry) commit() {
	for {
		batch := Gather(r.queue, r.stopped.Done(), mostBatch)
		if batch == nil {
			return
		}
		r.commitBatch(batch)
		for _, w := range batch {
			close(w.done)
		}
	}
}

// commitBatch decides the writes and appends what they make, again when another writer was faster.
func (r *Registry) commitBatch(batch []*write) {
	var err error
	for began := time.Now(); ; {
		if err = r.tryBatch(batch); err == nil {
			return
		}
		if !errors.Is(err, ErrConflict) || time.Since(began) > patience {
			break
		}
		if err = r.catchUp(); err != nil {
			break
		}
		time.Sleep(rand.N(2 * time.Millisecond)) // writers that take turns by chance do not meet each time
	}
	if !errors.Is(err, ErrNotLeader) { // which is no fault
		r.log.Error("a write to the registry's log failed", "error", err)
	}
	for _, w := range batch {
		if w.wrote {
			w.err = storeError("writing to the log", err)
		}
	}
}

// tryBatch decides the writes one after the other on a draft, each on what the earlier ones make of it, and appends their
// records as one unit. The state takes them when they are durable; readers go on meanwhile.
func (r *Registry) tryBatch(batch []*write) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	draft := r.state.draft()
	now := time.Now().UnixMilli()
	var recs []Record
	var steps []step
	for _, w := range batch {
		var own []Record
		w.wrote = false
		if w.ctx.Err() != nil { // nobody waits for it
			w.err = errTimeout
			continue
		}
		if own, w.err = decideSafely(w.decide, draft); w.err == nil {
			w.err = r.fit(own)
		}
		if w.err != nil {
			continue
		}
		for _, rec := range own {
			rec.Time = now
			do := draft.read(-1, rec)
			draft.take(-1, do)
			recs, steps = append(recs, rec), append(steps, do)
		}
		w.wrote = len(recs) > 0
	}
	if len(recs) == 0 {
		return nil
	}
	last, err := r.append(recs)
	if err != nil {
		return err
	}
	r.mu.Lock()
	for _, do := range steps {
		r.state.take(last, do)
	}
	r.mu.Unlock()
	r.applied = last
	r.tip.set(TipOf(last, recs[len(recs)-1]))
	r.position.reach(last + 1)
	return nil
}

// catchUp applies what is in the log by now.
func (r *Registry) catchUp() error {
	ctx, cancel := context.WithTimeout(r.stopped, mostAppend)
	defer cancel()
	return r.Sync(ctx)
}

// append writes to the log. It outlives Close, which waits for it: its outcome is to be known.
func (r *Registry) append(recs []Record) (int64, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.stopped), mostAppend)
	defer cancel()
	start := time.Now()
	last, err := r.store.Append(ctx, r.applied, recs...)
	r.observed(len(recs), start, err)
	return last, err
}

// fit refuses records that the log does not take.
func (r *Registry) fit(recs []Record) error {
	if sizer, ok := r.store.(Sizer); ok {
		for _, rec := range recs {
			if !sizer.Fits(rec) {
				return errSchemaTooLarge
			}
		}
	}
	return nil
}

func decideSafely(decide func(*state) ([]Record, error), s *state) (recs []Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			recs, err = nil, fmt.Errorf("deciding a write: panic: %v", p)
		}
	}()
	return decide(s)
}
