package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/offset/file"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/runtime"
)

var quiet = slog.New(slog.DiscardHandler)

// memory is an offset.Store that may fail.
type memory struct {
	mu    sync.Mutex
	saved []string
	last  map[offset.Key]record.Position
	fail  func(n int) error
}

func (m *memory) Load(_ context.Context, _ string) (map[offset.Key]record.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last, nil
}

func (m *memory) Save(_ context.Context, o map[offset.Key]record.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(len(m.saved)); err != nil {
			return err
		}
	}
	next := map[offset.Key]record.Position{}
	for k, p := range o {
		next[k] = append(record.Position(nil), p...)
		m.saved = append(m.saved, string(p))
	}
	m.last = next
	return nil
}

func (m *memory) Close(context.Context) error { return nil }

func (m *memory) newest() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.saved) == 0 {
		return ""
	}
	return m.saved[len(m.saved)-1]
}

// newTask returns a task over u and b whose states are told to the returned function.
func newTask(u *connecttest.Upstream, b *connecttest.Broker, store offset.Store) (*runtime.Task, func() []runtime.State) {
	var mu sync.Mutex
	var states []runtime.State
	return &runtime.Task{
			Name: "shop", Log: quiet, Offsets: store, OffsetKey: offset.Key{Connector: "shop", Partition: `{"server":"shop"}`},
			Source:   func() (connect.Source, error) { return u.Source(), nil },
			Producer: func(context.Context) (connect.Producer, error) { return b.Producer(), nil },
			Key:      connecttest.Text{}, Value: connecttest.Text{},
			Policy: runtime.Policy{MinDelay: time.Millisecond, MaxDelay: time.Millisecond},
			OnState: func(s runtime.State, _ error) {
				mu.Lock()
				defer mu.Unlock()
				states = append(states, s)
			},
		}, func() []runtime.State {
			mu.Lock()
			defer mu.Unlock()
			return append([]runtime.State(nil), states...)
		}
}

// checkDelivered holds the guarantee: every row at least once, and each key's first deliveries in order. It returns the
// number of duplicates.
func checkDelivered(t *testing.T, values []string, rows, keys int, except ...int) (duplicates int) {
	t.Helper()
	seen := make([]bool, rows)
	for _, n := range except {
		seen[n] = true
	}
	next := make([]int, keys)
	for i := range next {
		next[i] = i
	}
	for _, v := range values {
		var key, n int
		if _, err := fmt.Sscanf(v, "%d %d", &key, &n); err != nil || n >= rows || key != n%keys {
			t.Fatalf("message %q", v)
		}
		for next[key] < rows && seen[next[key]] {
			next[key] += keys
		}
		switch {
		case seen[n]:
			duplicates++
		case n == next[key]:
			seen[n] = true
		default:
			t.Fatalf("row %d of key %d came before row %d", n, key, next[key])
		}
	}
	for n, ok := range seen {
		if !ok {
			t.Fatalf("row %d is lost", n)
		}
	}
	return duplicates
}

func values(b *connecttest.Broker) []string {
	var v []string
	for _, m := range b.Messages() {
		v = append(v, string(m.Value))
	}
	return v
}

func TestTaskDeliversAll(t *testing.T) {
	for name, hold := range map[string]func(int) error{
		"acks at once":       nil,
		"acks out of order":  func(n int) error { time.Sleep(time.Duration(n%5) * time.Millisecond); return nil },
		"acks one at a time": func(int) error { time.Sleep(100 * time.Microsecond); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			u := &connecttest.Upstream{Rows: 5000, Keys: 7, Seed: 1, Batch: 80}
			b := &connecttest.Broker{Hold: hold}
			store, err := file.Open(filepath.Join(t.TempDir(), "offsets"))
			if err != nil {
				t.Fatal(err)
			}
			task, states := newTask(u, b, store)
			task.Limits.SaveInterval = time.Millisecond
			task.Limits.InFlight = 64 << 10
			if err := task.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if dups := checkDelivered(t, values(b), 5000, 7); dups != 0 {
				t.Fatalf("%d duplicates without a failure", dups)
			}
			for i, m := range b.Messages() {
				if m.ID != (record.ID{Hi: 1, Lo: uint64(i)}) || m.Topic != "numbers" || string(m.Key) != fmt.Sprint(i%7) {
					t.Fatalf("message %d is %+v", i, m)
				}
			}
			if p, _ := u.Pruned(); p != 5000 {
				t.Fatalf("committed up to %d", p)
			}
			again := &connecttest.Broker{}
			task, _ = newTask(u, again, store)
			if err := task.Run(t.Context()); err != nil || len(again.Messages()) != 0 {
				t.Fatalf("a second run: %v, %d messages", err, len(again.Messages()))
			}
			if d := cmp.Diff([]runtime.State{runtime.Running}, states()); d != "" {
				t.Fatal(d)
			}
		})
	}
}

// TestTaskRetries lets each side fail a few times, at places that a seed decides; nothing may be lost.
func TestTaskRetries(t *testing.T) {
	broken := errors.New("connection reset")
	const rows, keys = 2000, 5
	for name, breaks := range map[string]func(task *runtime.Task, u *connecttest.Upstream, b *connecttest.Broker, m *memory, fails func() bool){
		"source": func(_ *runtime.Task, u *connecttest.Upstream, _ *connecttest.Broker, _ *memory, fails func() bool) {
			u.Fail = func(next int) error {
				if next%7 == 3 && fails() {
					return fmt.Errorf("reading wal: %w", connect.MarkRetriable(broken))
				}
				return nil
			}
		},
		"converter": func(task *runtime.Task, _ *connecttest.Upstream, _ *connecttest.Broker, _ *memory, fails func() bool) {
			task.Value = connecttest.Text{Fail: func(_ *record.Schema, n int64) error {
				if n%50 == 49 && fails() {
					return connect.MarkRetriable(broken)
				}
				return nil
			}}
		},
		"producer, some of a batch": func(_ *runtime.Task, _ *connecttest.Upstream, b *connecttest.Broker, _ *memory, fails func() bool) {
			b.Refuse = func(m connect.Message) error {
				if m.ID.Lo%90 == 45 && fails() {
					return connect.MarkRetriable(broken)
				}
				return nil
			}
		},
		"producer, late": func(_ *runtime.Task, _ *connecttest.Upstream, b *connecttest.Broker, _ *memory, fails func() bool) {
			b.Hold = func(batch int) error {
				time.Sleep(time.Duration(batch%3) * time.Millisecond)
				if batch%9 == 5 && fails() {
					return connect.MarkRetriable(broken)
				}
				return nil
			}
		},
		"offset store": func(_ *runtime.Task, _ *connecttest.Upstream, _ *connecttest.Broker, m *memory, fails func() bool) {
			m.fail = func(int) error {
				if fails() {
					return connect.MarkRetriable(broken)
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := &connecttest.Upstream{Rows: rows, Keys: keys, Seed: 5, Batch: 30}
			b, m := &connecttest.Broker{}, &memory{}
			task, states := newTask(u, b, m)
			task.Limits.SaveInterval = time.Microsecond
			var left atomic.Int32
			left.Store(6)
			breaks(task, u, b, m, func() bool { return left.Add(-1) >= 0 })
			if err := task.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left.Load() > 0 {
				t.Fatalf("%d failures did not happen", left.Load())
			}
			if !strings.HasPrefix(name, "producer, some") { // there, rows of other keys pass the failed ones
				t.Logf("%d duplicates", checkDelivered(t, values(b), rows, keys))
			} else {
				got := map[string]bool{}
				for _, v := range values(b) {
					got[v] = true
				}
				if len(got) != rows {
					t.Fatalf("%d rows of %d arrived", len(got), rows)
				}
			}
			if n := m.newest(); n != fmt.Sprintf(`{"next":%d}`, rows) {
				t.Fatalf("saved %s", n)
			}
			restarts := 0
			for _, s := range states() {
				if s == runtime.Restarting {
					restarts++
				}
			}
			if restarts == 0 {
				t.Fatal("no restart was told")
			}
		})
	}
}

func TestTaskEnds(t *testing.T) {
	bang := errors.New("slot is gone")
	refuse := func(lo uint64, err error) func(connect.Message) error {
		return func(m connect.Message) error {
			if m.ID.Lo == lo {
				return err
			}
			return nil
		}
	}
	unfit := func(at int64) func(*record.Schema, int64) error {
		return func(_ *record.Schema, n int64) error {
			if n == at {
				return connect.MarkBadRecord(errors.New("infinity does not fit"))
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		breaks func(task *runtime.Task, u *connecttest.Upstream, b *connecttest.Broker)
		want   string
	}{
		"fatal from the source": {func(_ *runtime.Task, u *connecttest.Upstream, _ *connecttest.Broker) {
			u.Fail = func(next int) error {
				if next > 500 {
					return bang
				}
				return nil
			}
		}, "reading: slot is gone"},
		"panic in the source": {func(_ *runtime.Task, u *connecttest.Upstream, _ *connecttest.Broker) {
			u.Fail = func(next int) error {
				if next > 500 {
					panic("index out of range")
				}
				return nil
			}
		}, "panic: index out of range"},
		"fatal from the producer": {func(_ *runtime.Task, _ *connecttest.Upstream, b *connecttest.Broker) {
			b.Refuse = refuse(700, errors.New("not authorized"))
		}, "producing: not authorized"},
		"fatal beside retriable": {func(_ *runtime.Task, _ *connecttest.Upstream, b *connecttest.Broker) {
			b.Refuse = func(m connect.Message) error {
				if m.ID.Lo >= 700 && m.ID.Lo != 720 {
					return connect.MarkRetriable(errors.New("timed out"))
				}
				return refuse(720, errors.New("not authorized"))(m)
			}
		}, "not authorized"},
		"bad record in the converter": {func(task *runtime.Task, _ *connecttest.Upstream, _ *connecttest.Broker) {
			task.Value = connecttest.Text{Fail: unfit(900)}
		}, "encoding a row of numbers: infinity does not fit"},
		"bad record in the producer": {func(_ *runtime.Task, _ *connecttest.Upstream, b *connecttest.Broker) {
			b.Refuse = refuse(700, connect.MarkBadRecord(errors.New("too large")))
		}, "producing: too large"},
		"bad record in the source": {func(_ *runtime.Task, u *connecttest.Upstream, _ *connecttest.Broker) {
			u.Fail = func(next int) error {
				if next > 500 {
					return connect.MarkBadRecord(errors.New("year 294277"))
				}
				return nil
			}
		}, "reading: year 294277"},
		"no source": {func(task *runtime.Task, _ *connecttest.Upstream, _ *connecttest.Broker) {
			task.Source = func() (connect.Source, error) { return nil, bang }
		}, "making the source: slot is gone"},
		"retries used up": {func(task *runtime.Task, u *connecttest.Upstream, _ *connecttest.Broker) {
			task.Policy.MaxRetries = 2
			task.Source = func() (connect.Source, error) { return nil, connect.MarkRetriable(bang) }
		}, "giving up after 2 retries without progress: making the source: slot is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			u := &connecttest.Upstream{Rows: 2000, Keys: 3, Seed: 9, Batch: 40}
			b, m := &connecttest.Broker{}, &memory{}
			task, states := newTask(u, b, m)
			c.breaks(task, u, b)
			err := task.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if s := states(); s[len(s)-1] != runtime.Failed {
				t.Fatalf("states %v", s)
			}
			// What was acked before the failure is saved and committed: a repaired task goes on there.
			task, _ = newTask(u, b, m)
			u.Fail, b.Refuse = nil, nil
			if err := task.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, v := range values(b) {
				seen[v] = true
			}
			if len(seen) != 2000 {
				t.Fatalf("%d rows arrived", len(seen))
			}
		})
	}
}

func TestTaskToleratesBadRecords(t *testing.T) {
	u := &connecttest.Upstream{Rows: 1000, Keys: 3, Seed: 2, Batch: 40}
	badReads := 2
	u.Fail = func(next int) error {
		if next > 300 && badReads > 0 {
			badReads--
			return connect.MarkBadRecord(errors.New("year 294277"))
		}
		return nil
	}
	b, m := &connecttest.Broker{}, &memory{}
	b.Refuse = func(m connect.Message) error {
		if m.ID.Lo == 600 {
			return connect.MarkBadRecord(errors.New("too large"))
		}
		return nil
	}
	task, _ := newTask(u, b, m)
	var log strings.Builder
	task.Log = slog.New(slog.NewTextHandler(&log, nil))
	task.Policy.TolerateBad, task.Policy.LogBad = true, true
	task.Value = connecttest.Text{Fail: func(_ *record.Schema, n int64) error {
		if n == 500 {
			return connect.MarkBadRecord(errors.New("infinity does not fit"))
		}
		return nil
	}}
	if err := task.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dups := checkDelivered(t, values(b), 1000, 3, 500, 600); dups != 0 || len(b.Messages()) != 998 {
		t.Fatalf("%d duplicates in %d messages", dups, len(b.Messages()))
	}
	if n := strings.Count(log.String(), "leaving out a bad record"); n != 4 {
		t.Fatalf("%d records logged:\n%s", n, log.String())
	}
	if m.newest() != `{"next":1000}` {
		t.Fatalf("saved %s", m.newest())
	}
}

// TestTaskStops stops a task that waits for rows: what it read is delivered, saved and committed.
func TestTaskStops(t *testing.T) {
	u := &connecttest.Upstream{Rows: 700, Keys: 3, Seed: 2, Batch: 40, Wait: true}
	b, m := &connecttest.Broker{Hold: func(int) error { time.Sleep(5 * time.Millisecond); return nil }}, &memory{}
	task, _ := newTask(u, b, m)
	task.Limits.SaveInterval = time.Hour // only the stop saves the rest
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	task.Hooks.AfterRead = func(*record.Batch) {
		if len(b.Messages()) > 400 {
			cancel()
		}
	}
	if err := task.Run(ctx); err != nil {
		t.Fatal(err)
	}
	n := len(b.Messages())
	if n < 400 || n > 700 {
		t.Fatalf("%d messages", n)
	}
	var next int
	fmt.Sscanf(m.newest(), `{"next":%d}`, &next)
	if pruned, _ := u.Pruned(); next == 0 || next > n || pruned != next || n-next > 60 {
		t.Fatalf("%d delivered, %d saved, %d committed", n, next, pruned)
	}
}

// stubborn is a source whose Read heeds nothing but Close, and a broker that never acks beside it.
type stubborn struct{ closed chan struct{} }

func (s *stubborn) Open(context.Context, record.Position) error { return nil }
func (s *stubborn) Read(context.Context, *record.Batch) error   { <-s.closed; return io.ErrClosedPipe }
func (s *stubborn) Commit(context.Context, record.Position) error {
	return nil
}
func (s *stubborn) Close(context.Context) error {
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

func TestTaskStopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		task, _ := newTask(&connecttest.Upstream{Keys: 1}, &connecttest.Broker{}, &memory{})
		task.Source = func() (connect.Source, error) { return &stubborn{make(chan struct{})}, nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := task.Run(ctx)
		if err == nil || !strings.Contains(err.Error(), "not drained within 5s") {
			t.Fatalf("error %v", err)
		}
		if took := time.Since(began); took != 6*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		task, _ := newTask(&connecttest.Upstream{Keys: 1}, &connecttest.Broker{}, &memory{})
		task.Policy = runtime.Policy{MaxElapsed: 10 * time.Minute}
		var at []time.Time
		task.Source = func() (connect.Source, error) {
			at = append(at, time.Now())
			return nil, connect.MarkRetriable(errors.New("refused"))
		}
		if err := task.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "giving up after 10m0s") {
			t.Fatalf("error %v", err)
		}
		for i := range min(len(at)-1, 20) {
			full := min(30*time.Second, 300*time.Millisecond<<i)
			if d := at[i+1].Sub(at[i]); d < full/2 || d > full {
				t.Errorf("retry %d after %v, want %v to %v", i, d, full/2, full)
			}
		}
		if len(at) < 20 {
			t.Fatalf("%d tries", len(at))
		}
	})
}

// TestSaveInterval shows that a quiet source's position is saved at once and a busy one's no more often than asked.
func TestSaveInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &connecttest.Upstream{Rows: 3000, Keys: 1, Batch: 1, Wait: true}
		m := &memory{}
		task, _ := newTask(u, &connecttest.Broker{}, m)
		task.Limits.SaveInterval = 100 * time.Millisecond
		began := time.Now()
		var first time.Duration
		task.Hooks.AfterSave = func(record.Position) {
			if first == 0 {
				first = time.Since(began)
			}
		}
		u.Fail = func(int) error { time.Sleep(time.Millisecond); return nil }
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := task.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if first > 50*time.Millisecond {
			t.Errorf("first saved after %v", first)
		}
		if n := len(m.saved); n < 25 || n > 32 { // three seconds of rows
			t.Errorf("%d saves", n)
		}
		if m.newest() != `{"next":3000}` {
			t.Errorf("saved %s", m.newest())
		}
	})
}

// TestHooksOrder holds the promise's order for every position.
func TestHooksOrder(t *testing.T) {
	u, b, m := &connecttest.Upstream{Rows: 1500, Keys: 3, Seed: 4, Batch: 30}, &connecttest.Broker{}, &memory{}
	b.Hold = func(n int) error { time.Sleep(time.Duration(n%3) * 100 * time.Microsecond); return nil }
	task, _ := newTask(u, b, m)
	task.Limits.SaveInterval = time.Microsecond
	var produced atomic.Int64
	var bad atomic.Pointer[string]
	fault := func(format string, args ...any) { s := fmt.Sprintf(format, args...); bad.Store(&s) }
	var saving, saved string
	task.Hooks = runtime.Hooks{
		AfterProduce: func(n int) { produced.Add(int64(n)) },
		BeforeSave: func(p record.Position) {
			saving = string(p)
			var next int
			fmt.Sscanf(saving, `{"next":%d}`, &next)
			if got := len(b.Messages()); got < next {
				fault("saving %s with %d messages delivered", p, got)
			}
		},
		AfterSave: func(p record.Position) {
			if saved = string(p); saved != saving || m.newest() != saved {
				fault("saved %s, store has %s", saved, m.newest())
			}
		},
		AfterCommit: func(p record.Position) {
			if string(p) != saved {
				fault("committed %s after saving %s", p, saved)
			}
		},
	}
	if err := task.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := bad.Load(); s != nil {
		t.Fatal(*s)
	}
	if produced.Load() != 1500 {
		t.Fatalf("%d produced", produced.Load())
	}
}

// TestInFlightIsBounded holds every ack back: reading stops once the bound is reached, and goes on after it.
func TestInFlightIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, m := &connecttest.Upstream{Rows: 100_000, Keys: 3, Seed: 4, Batch: 50}, &memory{}
		gate := make(chan struct{})
		b := &connecttest.Broker{Hold: func(int) error { <-gate; return nil }}
		task, _ := newTask(u, b, m)
		task.Limits.InFlight = 100 << 10
		var read atomic.Int64
		task.Hooks.AfterRead = func(b *record.Batch) { read.Add(int64(b.Len())) }
		ended := make(chan error, 1)
		go func() { ended <- task.Run(t.Context()) }()
		synctest.Wait()
		// A message of this source weighs 260 to 270 bytes; a few batches more are read and encoded, and wait.
		if n := len(b.Messages()); n < 300 || n > 400 {
			t.Errorf("%d messages are in flight", n)
		}
		if n := read.Load(); n > 1000 {
			t.Errorf("%d rows were read", n)
		}
		close(gate)
		if err := <-ended; err != nil || len(b.Messages()) != 100_000 {
			t.Errorf("%v after %d messages", err, len(b.Messages()))
		}
	})
}
