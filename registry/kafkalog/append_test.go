package kafkalog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/kafkalog"
)

const noopKey = `{"keytype":"NOOP","magic":0}`

func rec(key string) registry.Record {
	return registry.Record{Key: []byte(key), Value: []byte("v"), Time: 1_700_000_000_000}
}

func appendTo(t testing.TB, l *kafkalog.Log, after int64, keys ...string) int64 {
	t.Helper()
	recs := make([]registry.Record, len(keys))
	for i, k := range keys {
		recs[i] = rec(k)
	}
	last, err := l.Append(t.Context(), after, recs...)
	if err != nil {
		t.Fatalf("Append after %d: %v", after, err)
	}
	return last
}

// keys reads a log to its end.
func keys(t testing.TB, l *kafkalog.Log) (keys []string, last int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last = -1
	err := l.Follow(ctx, 0, func(offset int64, r registry.Record) error {
		keys, last = append(keys, string(r.Key)), offset
		return nil
	}, func(int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Follow: %v", err)
	}
	return keys, last
}

func wantKeys(t testing.TB, l *kafkalog.Log, want string) {
	t.Helper()
	if got, _ := keys(t, l); strings.Join(got, " ") != want {
		t.Errorf("the log holds %q, want %q", got, want)
	}
}

// TestTwoWritersConflict has two nodes that append in turn: the one that does not know the end is told so, and may append once
// it does.
func TestTwoWritersConflict(t *testing.T) {
	cfg := config(t)
	a, b := open(t, cfg), open(t, cfg)
	at := appendTo(t, a, -1, "a1")
	if _, err := b.Append(t.Context(), -1, rec("lost")); !errors.Is(err, registry.ErrConflict) {
		t.Fatalf("Append of a node that knows nothing: %v", err)
	}
	next := appendTo(t, b, at, "b1")
	if _, err := a.Append(t.Context(), at, rec("lost")); !errors.Is(err, registry.ErrConflict) {
		t.Fatalf("Append of the node that was overtaken: %v", err)
	}
	at = appendTo(t, a, next, "a2", "a3")
	at = appendTo(t, a, at, "a4")
	appendTo(t, b, at, "b2")
	wantKeys(t, a, "a1 b1 a2 a3 a4 b2")
}

// TestNodesRace has several nodes, each with its own clients, that append as fast as they can, each time after the end that it
// has read. Whoever succeeds must have been right about it: the log's records, in order, name the offset before them.
func TestNodesRace(t *testing.T) {
	const nodes, each = 4, 15
	cfg := config(t)
	var wg sync.WaitGroup
	for n := range nodes {
		l := open(t, cfg)
		wg.Go(func() {
			for i := 0; i < each; {
				_, end := keys(t, l)
				_, err := l.Append(t.Context(), end, registry.Record{Key: fmt.Appendf(nil, "%d-%d", n, i), Value: fmt.Append(nil, end)})
				switch {
				case err == nil:
					i++
				case !errors.Is(err, registry.ErrConflict):
					t.Errorf("Append: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	l := open(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, last, seen := 0, int64(-1), map[string]bool{}
	_ = l.Follow(ctx, 0, func(offset int64, r registry.Record) error {
		if string(r.Value) != fmt.Sprint(last) {
			t.Errorf("record %s at offset %d was written after %s, but %d is before it", r.Key, offset, r.Value, last)
		}
		if seen[string(r.Key)] {
			t.Errorf("record %s is there twice", r.Key)
		}
		seen[string(r.Key)] = true
		last = offset
		n++
		return nil
	}, func(int64) { cancel() })
	if n != nodes*each {
		t.Errorf("%d records, want %d", n, nodes*each)
	}
}

// TestElected has nodes that somebody else elects: whoever does not lead cannot write, one that was deposed without knowing it
// least of all.
func TestElected(t *testing.T) {
	cfg := config(t)
	cfg.Elected = true
	a, b := open(t, cfg), open(t, cfg)
	if _, err := a.Append(t.Context(), -1, rec("lost")); !errors.Is(err, registry.ErrNotLeader) {
		t.Fatalf("Append before Lead: %v", err)
	}
	lead := func(l *kafkalog.Log) {
		t.Helper()
		if err := l.Lead(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	lead(a)
	at := appendTo(t, a, -1, "a1")
	lead(b)
	for range 2 {
		if _, err := a.Append(t.Context(), at, rec("lost")); !errors.Is(err, registry.ErrNotLeader) {
			t.Fatalf("Append of a deposed leader: %v", err)
		}
	}
	at = appendTo(t, b, at, "b1")
	lead(a)
	at = appendTo(t, a, at, "a2")
	if err := a.Resign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Append(t.Context(), at, rec("lost")); !errors.Is(err, registry.ErrNotLeader) {
		t.Fatalf("Append after Resign: %v", err)
	}
	wantKeys(t, b, "a1 b1 a2")
}

// TestForeignWriter has a Kafka client that knows nothing of claims, as a Confluent node that is still leader: what it wrote is
// found out, before an append where the log is followed and after it otherwise. Its NOOPs do no harm.
func TestForeignWriter(t *testing.T) {
	cfg := config(t)
	l := open(t, cfg)
	at := appendTo(t, l, -1, "a1")
	produce(t, cfg, &kgo.Record{Key: []byte(noopKey)})
	at = appendTo(t, l, at, "a2")
	produce(t, cfg, &kgo.Record{Key: []byte("foreign"), Value: []byte("v")})
	if _, err := l.Append(t.Context(), at, rec("a3")); !errors.Is(err, registry.ErrConflict) {
		t.Fatalf("Append behind a foreign record: %v", err)
	}
	wantKeys(t, l, "a1 a2 foreign a3")
	_, at = keys(t, l)
	at = appendTo(t, l, at, "a4")
	produce(t, cfg, &kgo.Record{Key: []byte("foreign2"), Value: []byte("v")})
	_, end := keys(t, l)
	if _, err := l.Append(t.Context(), at, rec("lost")); !errors.Is(err, registry.ErrConflict) {
		t.Fatalf("Append behind a foreign record that was read: %v", err)
	}
	appendTo(t, l, end, "a5")
	wantKeys(t, l, "a1 a2 foreign a3 a4 foreign2 a5")
}

// TestTransactions reads a topic into which a transactional client wrote: its control records are no records, also at the end.
func TestTransactions(t *testing.T) {
	cfg := config(t)
	l := open(t, cfg)
	at := appendTo(t, l, -1, "a1")
	cl, err := kgo.NewClient(append(cfg.Client, kgo.TransactionalID(cfg.Topic+"-foreign"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	for range 2 {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: cfg.Topic, Key: []byte("tx"), Value: []byte("v")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
	}
	wantKeys(t, l, "a1 tx tx")
	if _, err := l.Append(t.Context(), at, rec("lost")); !errors.Is(err, registry.ErrConflict) {
		t.Fatalf("Append behind transactions: %v", err)
	}
	_, at = keys(t, l)
	other := open(t, cfg)
	at = appendTo(t, other, at, "b1")
	appendTo(t, l, at, "a2")
	wantKeys(t, l, "a1 tx tx b1 a2")
}

// TestManyBatches appends a unit that is greater than the topic takes as one batch, even compressed.
func TestManyBatches(t *testing.T) {
	cfg := config(t)
	cfg.Configs = map[string]string{"max.message.bytes": "20000"}
	l := open(t, cfg)
	var recs []registry.Record
	for i := range 50 {
		recs = append(recs, registry.Record{Key: fmt.Append(nil, i), Value: random(3000)})
	}
	at, err := l.Append(t.Context(), -1, recs...)
	if err != nil {
		t.Fatal(err)
	}
	if got, end := keys(t, l); len(got) != len(recs) || end != at {
		t.Fatalf("%d records to offset %d, want %d to %d", len(got), end, len(recs), at)
	}
	for _, size := range []int{19_800, 19_900, 20_000, 20_100} { // about the limit
		r := registry.Record{Key: []byte("k"), Value: random(size)}
		last, err := l.Append(t.Context(), at, r)
		if fits := l.Fits(r); fits != (err == nil) || fits != (size < 20_000) {
			t.Errorf("of %d bytes: fits is %t, appended with %v", size, fits, err)
		}
		if err == nil {
			at = last
		}
	}
	if _, err := l.Append(t.Context(), at, registry.Record{Key: []byte("k"), Value: random(50_000)}); err == nil || !strings.Contains(err.Error(), "MESSAGE_TOO_LARGE") {
		t.Errorf("a record that is too large: %v", err)
	}
	at = appendTo(t, l, at, "after")
	well := registry.Record{Key: []byte("k"), Value: []byte(strings.Repeat("compresses well ", 5000))}
	if _, err := l.Append(t.Context(), at, well); err != nil || !l.Fits(well) {
		t.Errorf("a record that fits when compressed: %v", err)
	}
}
