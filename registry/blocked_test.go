package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// hangingLog is a log whose storage may be away: its appends and ends hang then.
type hangingLog struct {
	*memlog.Log
	away atomic.Bool
}

func (l *hangingLog) wait(ctx context.Context) error {
	for l.away.Load() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

func (l *hangingLog) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if err := l.wait(ctx); err != nil {
		return 0, err
	}
	return l.Log.Append(ctx, after, recs...)
}

func (l *hangingLog) End(ctx context.Context) (int64, error) {
	if err := l.wait(ctx); err != nil {
		return 0, err
	}
	return l.Log.End(ctx)
}

// TestReadsWhileTheLogIsAway has reads answered, and writes given up by their clients, while an append hangs; afterwards writes
// go on.
func TestReadsWhileTheLogIsAway(t *testing.T) {
	l := &hangingLog{Log: memlog.New()}
	r, err := registry.Open(t.Context(), l, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	first, err := r.Register(t.Context(), "s", registry.Registration{Candidate: schemaN(1)})
	if err != nil {
		t.Fatal(err)
	}
	l.away.Store(true)
	began := time.Now()
	errs := make(chan error, 3)
	for i := range cap(errs) {
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := r.Register(ctx, fmt.Sprintf("t%d", i), registry.Registration{Candidate: schemaN(2 + i)})
			errs <- err
		}()
	}
	for range 20 {
		if v, err := r.Get("s", registry.Latest, false); err != nil || v.ID != first.ID {
			t.Fatalf("reading while the log is away: %+v, %v", v, err)
		}
		if _, err := r.Get("t0", registry.Latest, false); err == nil {
			t.Fatal("a version that is not durable is read")
		}
		if _, err := r.Register(t.Context(), "s", registry.Registration{Candidate: schemaN(1)}); err != nil {
			t.Fatalf("registering what is known while the log is away: %v", err)
		}
		time.Sleep(time.Millisecond)
	}
	for range cap(errs) {
		if err := <-errs; !errors.Is(err, &registry.Error{Code: registry.CodeTimeout}) {
			t.Errorf("a write that nobody carries out: %v, want %d", err, registry.CodeTimeout)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the writes were given up after %v", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Sync(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Sync while the log is away: %v", err)
	}
	l.away.Store(false)
	v, err := r.Register(t.Context(), "after", registry.Registration{Candidate: schemaN(9)})
	if err != nil {
		t.Fatalf("registering once the log is back: %v", err)
	}
	if err := r.Sync(t.Context()); err != nil {
		t.Errorf("Sync: %v", err)
	}
	if r.Position() < 2 || v.ID < 2 {
		t.Errorf("id %d at position %d", v.ID, r.Position())
	}
}

// TestSyncSeesOthers has a registry see what another one wrote once it has synced.
func TestSyncSeesOthers(t *testing.T) {
	l := memlog.New()
	t.Cleanup(func() { _ = l.Close() })
	var regs []*registry.Registry
	for range 2 {
		r, err := registry.Open(t.Context(), keptOpen{l}, registry.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		regs = append(regs, r)
	}
	for i := range 200 {
		v, err := regs[i%2].Register(t.Context(), fmt.Sprintf("s%d", i), registry.Registration{Candidate: schemaN(i)})
		if err != nil {
			t.Fatal(err)
		}
		if v.ID != i+1 {
			t.Fatalf("registration %d got id %d", i, v.ID)
		}
		other := regs[(i+1)%2]
		if err := other.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := other.AppendByID(nil, "", v.ID); err != nil {
			t.Fatalf("the other registry does not know id %d: %v", v.ID, err)
		}
	}
}

// keptOpen is a log that its registries do not close.
type keptOpen struct{ *memlog.Log }

func (keptOpen) Close() error { return nil }
