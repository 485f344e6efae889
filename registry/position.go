package registry

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// position is how far the log is applied.
type position struct {
	mu    sync.Mutex
	next  int64         // the offset behind what is applied
	moved chan struct{} // closed and replaced when next grows
}

func (p *position) reach(next int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if next > p.next {
		p.next = next
		close(p.moved)
		p.moved = make(chan struct{})
	}
}

func (p *position) at() (next int64, moved <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next, p.moved
}

// passed reports whether the record at an offset is applied.
func (p *position) passed(offset int64) bool {
	next, _ := p.at()
	return offset < next
}

// Position returns the offset behind everything that is applied: what a client was answered is before it.
func (r *Registry) Position() int64 {
	next, _ := r.position.at()
	return next
}

// Reach returns when everything before an offset is applied.
func (r *Registry) Reach(ctx context.Context, next int64) error {
	for {
		at, moved := r.position.at()
		if at >= next {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the log: %w", ctx.Err())
		case <-r.stopped.Done():
			return fmt.Errorf("waiting for the log: %w", r.failure())
		}
	}
}

// mostAsk is how long asking for the log's end may take.
const mostAsk = 5 * time.Second

// question is for the log's end; all that wait at the same time share one.
type question struct {
	done chan struct{}
	next int64
	err  error
}

// Sync returns when everything is applied that was in the log when it was called, other nodes' records too.
func (r *Registry) Sync(ctx context.Context) error {
	q := &question{done: make(chan struct{})}
	select {
	case r.asked <- q:
	case <-ctx.Done():
		return fmt.Errorf("asking where the log ends: %w", ctx.Err())
	case <-r.stopped.Done():
		return fmt.Errorf("asking where the log ends: %w", r.failure())
	}
	select {
	case <-q.done:
	case <-ctx.Done():
		return fmt.Errorf("asking where the log ends: %w", ctx.Err())
	}
	if q.err != nil {
		return fmt.Errorf("asking where the log ends: %w", q.err)
	}
	return r.Reach(ctx, q.next)
}

// ask answers questions for the log's end until the registry ends.
func (r *Registry) ask() {
	for {
		qs := Gather(r.asked, r.stopped.Done(), math.MaxInt)
		if qs == nil {
			return
		}
		ctx, cancel := context.WithTimeout(r.stopped, mostAsk)
		next, err := r.store.End(ctx)
		cancel()
		for _, q := range qs {
			q.next, q.err = next, err
			close(q.done)
		}
	}
}
