// Package memlog keeps a registry's log in memory: for tests, for `millrace dev` and for fakes. What it holds is gone with it.
//
// It is not a cache of another log. Records are kept as they were given; nobody may change them afterwards.
package memlog

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/millrace/millrace/registry"
)

var errClosed = errors.New("the log is closed")

// Log is a registry.Log in memory, safe for concurrent use.
type Log struct {
	mu     sync.Mutex
	recs   []registry.Record
	moved  chan struct{} // closed and replaced by every Append, closed by Close
	closed bool
}

// New returns an empty log.
func New() *Log { return &Log{moved: make(chan struct{})} }

// Append implements registry.Log.
func (l *Log) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, errClosed
	}
	if after != int64(len(l.recs))-1 {
		return 0, registry.ErrConflict
	}
	for _, r := range recs {
		l.recs = append(l.recs, registry.Record{Key: slices.Clone(r.Key), Value: slices.Clone(r.Value), Time: r.Time})
	}
	close(l.moved)
	l.moved = make(chan struct{})
	return int64(len(l.recs)) - 1, nil
}

// Follow implements registry.Log.
func (l *Log) Follow(ctx context.Context, from int64, apply func(offset int64, r registry.Record) error, caughtUp func(next int64)) error {
	next := max(from, 0)
	for {
		l.mu.Lock()
		closed, moved := l.closed, l.moved
		recs := l.recs[min(next, int64(len(l.recs))):]
		l.mu.Unlock()
		for _, r := range recs {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := apply(next, r); err != nil {
				return err
			}
			next++
		}
		if closed {
			return errClosed
		}
		caughtUp(next)
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// End implements registry.Log.
func (l *Log) End(ctx context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, errClosed
	}
	return int64(len(l.recs)), ctx.Err()
}

// Close ends every Follow and refuses further writes.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.moved)
	}
	return nil
}
