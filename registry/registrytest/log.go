package registrytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// TestLog runs the suite that every registry.Log must pass. open returns a new, empty log, which the suite closes. A log that
// outlives its process gets a second function: it opens again, from the same storage, a log that has been closed.
func TestLog(t *testing.T, open func(testing.TB) registry.Log, reopen ...func(testing.TB, registry.Log) registry.Log) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, registry.Log)
	}{
		{"Order", testOrder}, {"Contents", testContents}, {"Conflict", testConflict}, {"FollowFromOffset", testFollowFromOffset},
		{"CaughtUp", testCaughtUp}, {"End", testEnd}, {"FollowGoesOn", testFollowGoesOn}, {"ApplyFails", testApplyFails}, {"ContextEnds", testContextEnds},
		{"ConcurrentAppenders", testConcurrentAppenders}, {"SlowFollower", testSlowFollower}, {"Close", testClose},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := open(t)
			t.Cleanup(func() { _ = l.Close() })
			test.run(t, l)
		})
	}
	if len(reopen) > 0 {
		t.Run("Reopen", func(t *testing.T) { testReopen(t, open(t), reopen[0]) })
	}
}

// rec returns a record with a key and a value that are told apart by n.
func rec(n int) registry.Record {
	return registry.Record{Key: fmt.Appendf(nil, `{"keytype":"NOOP","n":%d}`, n), Value: fmt.Appendf(nil, `{"n":%d}`, n), Time: int64(n) + 1_700_000_000_000}
}

func recs(from, n int) []registry.Record {
	out := make([]registry.Record, n)
	for i := range out {
		out[i] = rec(from + i)
	}
	return out
}

func same(a, b registry.Record) bool {
	return bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value) && (a.Value == nil) == (b.Value == nil) && a.Time == b.Time
}

// appendAll appends and returns the offset, which may be farther on than by the records: offsets have gaps.
func appendAll(t testing.TB, l registry.Log, after int64, recs ...registry.Record) int64 {
	t.Helper()
	last, err := l.Append(t.Context(), after, recs...)
	if err != nil {
		t.Fatalf("Append(%d): %v", after, err)
	}
	if least := after + int64(len(recs)); last < least {
		t.Fatalf("Append(%d) of %d records = %d, want %d or more", after, len(recs), last, least)
	}
	return last
}

var errEnough = errors.New("enough")

// read follows l from an offset until it has caught up, and returns what it was given.
func read(t testing.TB, l registry.Log, from int64) []registry.Record {
	t.Helper()
	out, _ := readOffsets(t, l, from)
	return out
}

// readOffsets is read that returns the offsets too.
func readOffsets(t testing.TB, l registry.Log, from int64) ([]registry.Record, []int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out []registry.Record
	var offsets []int64
	caught, least := false, from
	err := l.Follow(ctx, from, func(offset int64, r registry.Record) error {
		if offset < least {
			return fmt.Errorf("offset %d where %d is the least to come next", offset, least)
		}
		least = offset + 1
		out, offsets = append(out, r), append(offsets, offset)
		return nil
	}, func(int64) { caught = true; cancel() })
	if !caught || !errors.Is(err, context.Canceled) {
		t.Fatalf("Follow(%d): %v, caught up: %v", from, err, caught)
	}
	return out, offsets
}

func check(t testing.TB, got []registry.Record, first int) {
	t.Helper()
	for i, r := range got {
		if !same(r, rec(first+i)) {
			t.Fatalf("record %d is %s = %s at %d, want %s", i, r.Key, r.Value, r.Time, rec(first+i).Key)
		}
	}
}

func testOrder(t *testing.T, l registry.Log) {
	if got := read(t, l, 0); len(got) != 0 {
		t.Fatalf("a new log has %d records", len(got))
	}
	at, all := int64(-1), 0
	for _, n := range []int{1, 3, 1, 700, 2500, 1} {
		at = appendAll(t, l, at, recs(all, n)...)
		all += n
	}
	got, offsets := readOffsets(t, l, 0)
	if len(got) != all {
		t.Fatalf("%d records, want %d", len(got), all)
	}
	if last := offsets[all-1]; last != at {
		t.Fatalf("the last offset is %d, and Append said %d", last, at)
	}
	check(t, got, 0)
}

func testContents(t *testing.T, l registry.Log) {
	want := []registry.Record{
		{Key: []byte("tombstone"), Time: 1},
		{Key: []byte("empty"), Value: []byte{}, Time: 2},
		{Key: []byte{0, 255, 10}, Value: []byte("\x00binary\xff"), Time: 0},
		{Key: []byte("large"), Value: bytes.Repeat([]byte("0123456789"), 400_000), Time: 1 << 42},
		{Key: bytes.Repeat([]byte("k"), 5_000), Value: []byte("large key"), Time: 4},
	}
	appendAll(t, l, -1, want...)
	got := read(t, l, 0)
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if !same(got[i], want[i]) {
			t.Errorf("record %d came back as another (key %.20q, nil value: %v, time %d)", i, got[i].Key, got[i].Value == nil, got[i].Time)
		}
	}
}

func testConflict(t *testing.T, l registry.Log) {
	last := appendAll(t, l, -1, recs(0, 3)...)
	for _, after := range []int64{-2, -1, last - 2, last - 1, last + 1, 1 << 40} {
		if _, err := l.Append(t.Context(), after, rec(9)); !errors.Is(err, registry.ErrConflict) {
			t.Errorf("Append(%d) after three records: %v, want ErrConflict", after, err)
		}
	}
	appendAll(t, l, last, rec(3))
	got := read(t, l, 0)
	if len(got) != 4 {
		t.Fatalf("%d records, want 4", len(got))
	}
	check(t, got, 0)
}

func testFollowFromOffset(t *testing.T, l registry.Log) {
	appendAll(t, l, -1, recs(0, 2100)...)
	_, offsets := readOffsets(t, l, 0)
	for _, n := range []int{0, 1, 999, 1000, 2099, 2100} {
		from := offsets[len(offsets)-1] + 1
		if n < len(offsets) {
			from = offsets[n]
		}
		got := read(t, l, from)
		if len(got) != 2100-n {
			t.Fatalf("from record %d: %d records", n, len(got))
		}
		check(t, got, n)
	}
}

// follower runs Follow in the background.
type follower struct {
	applied, caught chan int64
	result          chan error
}

func follow(ctx context.Context, l registry.Log, from int64) *follower {
	f := &follower{applied: make(chan int64, 10_000), caught: make(chan int64, 10_000), result: make(chan error, 1)}
	last := from - 1
	go func() {
		f.result <- l.Follow(ctx, from, func(offset int64, _ registry.Record) error {
			last = offset
			f.applied <- offset
			return nil
		}, func(int64) { f.caught <- last })
	}()
	return f
}

func receive[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come within %v", what, patience)
		panic("not reached")
	}
}

func testCaughtUp(t *testing.T, l registry.Log) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := follow(ctx, l, 0)
	if at := receive(t, f.caught, "caughtUp of an empty log"); at != -1 {
		t.Fatalf("caught up at %d on an empty log", at)
	}
	at := int64(-1)
	for n := range 50 {
		at = appendAll(t, l, at, rec(n))
		for receive(t, f.caught, "caughtUp after an append") < at {
			continue
		}
	}
	cancel()
	if err := receive(t, f.result, "the end of Follow"); !errors.Is(err, context.Canceled) {
		t.Fatalf("Follow: %v, want context.Canceled", err)
	}
}

// testEnd has a Follow that catches up with every End.
func testEnd(t *testing.T, l registry.Log) {
	next := make(chan int64, 10_000)
	go func() {
		_ = l.Follow(t.Context(), 0, func(int64, registry.Record) error { return nil }, func(n int64) { next <- n })
	}()
	end := func() int64 {
		n, err := l.End(t.Context())
		if err != nil {
			t.Fatalf("End: %v", err)
		}
		return n
	}
	if n := end(); n < 0 {
		t.Fatalf("an empty log ends at %d", n)
	}
	at := int64(-1)
	for n := range 20 {
		before := end()
		at = appendAll(t, l, at, rec(n))
		after := end()
		if before > at || after <= at {
			t.Fatalf("the log ended at %d and %d around an append at %d", before, after, at)
		}
		for receive(t, next, "caughtUp") < after {
			continue
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.End(ctx); err == nil {
		t.Error("End with an ended context: no error")
	}
}

func testFollowGoesOn(t *testing.T, l registry.Log) {
	at := appendAll(t, l, -1, recs(0, 3)...)
	_, offsets := readOffsets(t, l, 0)
	a, b := follow(t.Context(), l, 0), follow(t.Context(), l, at)
	for n := 3; n < 200; n++ {
		at = appendAll(t, l, at, rec(n))
		offsets = append(offsets, at)
	}
	for _, f := range []struct {
		f    *follower
		from int
	}{{a, 0}, {b, 2}} {
		for _, want := range offsets[f.from:] {
			if got := receive(t, f.f.applied, "a record"); got != want {
				t.Fatalf("offset %d where %d comes next", got, want)
			}
		}
	}
}

func testApplyFails(t *testing.T, l registry.Log) {
	appendAll(t, l, -1, recs(0, 3)...)
	n := 0
	err := l.Follow(t.Context(), 0, func(int64, registry.Record) error {
		if n++; n == 2 {
			return errEnough
		}
		return nil
	}, func(int64) {})
	if !errors.Is(err, errEnough) || n != 2 {
		t.Fatalf("Follow: %v after %d records, want apply's error after 2", err, n)
	}
}

func testContextEnds(t *testing.T, l registry.Log) {
	last := appendAll(t, l, -1, rec(0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Append(ctx, last, rec(1)); err == nil {
		t.Log("Append with an ended context went through, which a log may do")
	} else if !errors.Is(err, context.Canceled) {
		t.Errorf("Append with an ended context: %v", err)
	}
	if err := l.Follow(ctx, 0, func(int64, registry.Record) error { return nil }, func(int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("Follow with an ended context: %v, want context.Canceled", err)
	}
}

// testConcurrentAppenders has writers that do what a registry does on a conflict: look where the log is, and try again. Every
// record must be there once, units whole, in the order of the offsets that were given back.
func testConcurrentAppenders(t *testing.T, l registry.Log) {
	const writers, each = 8, 40
	var mu sync.Mutex
	end := int64(-1)
	place := map[int64]int{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				unit := recs(w*10_000+i*10, 1+i%3)
				for {
					mu.Lock()
					after := end
					mu.Unlock()
					last, err := l.Append(t.Context(), after, unit...)
					if errors.Is(err, registry.ErrConflict) {
						time.Sleep(time.Duration(w) * 50 * time.Microsecond)
						continue
					}
					if err != nil {
						t.Errorf("Append: %v", err)
						return
					}
					mu.Lock()
					end = max(end, last)
					for j := range unit {
						place[last-int64(len(unit)-1-j)] = w*10_000 + i*10 + j
					}
					mu.Unlock()
					break
				}
			}
		})
	}
	wg.Wait()
	got, offsets := readOffsets(t, l, 0)
	if len(got) != len(place) {
		t.Fatalf("%d records, want %d", len(got), len(place))
	}
	for i, r := range got {
		if n, ok := place[offsets[i]]; !ok || !same(r, rec(n)) {
			t.Fatalf("offset %d holds %s, want %s", offsets[i], r.Key, rec(n).Key)
		}
	}
}

// testSlowFollower has an apply that waits for a later append: a log must not make its writers wait for its readers.
func testSlowFollower(t *testing.T, l registry.Log) {
	at := appendAll(t, l, -1, recs(0, 2)...)
	release := make(chan struct{})
	applying := make(chan struct{}, 10_000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- l.Follow(ctx, 0, func(int64, registry.Record) error {
			applying <- struct{}{}
			<-release
			return nil
		}, func(int64) {})
	}()
	receive(t, applying, "the first record")
	big := registry.Record{Key: []byte("big"), Value: bytes.Repeat([]byte("x"), 1<<20)}
	for range 20 {
		at = appendAll(t, l, at, big)
	}
	close(release)
	for range 21 {
		receive(t, applying, "a record")
	}
	cancel()
	if err := receive(t, ended, "the end of Follow"); !errors.Is(err, context.Canceled) {
		t.Fatalf("Follow: %v", err)
	}
}

func testClose(t *testing.T, l registry.Log) {
	last := appendAll(t, l, -1, rec(0))
	f := follow(t.Context(), l, 0)
	receive(t, f.caught, "caughtUp")
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := receive(t, f.result, "the end of Follow"); err == nil {
		t.Error("Follow of a closed log: no error")
	}
	if _, err := l.Append(t.Context(), last, rec(1)); err == nil || errors.Is(err, registry.ErrConflict) {
		t.Errorf("Append to a closed log: %v", err)
	}
	_ = l.Close() // again must do no harm
}

func testReopen(t *testing.T, l registry.Log, reopen func(testing.TB, registry.Log) registry.Log) {
	n, at := 0, int64(-1)
	for range 3 {
		for range 5 {
			at = appendAll(t, l, at, recs(n, 30)...)
			n += 30
		}
		if err := l.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		l = reopen(t, l)
		got, offsets := readOffsets(t, l, 0)
		if len(got) != n {
			t.Fatalf("%d records after reopening, want %d", len(got), n)
		}
		check(t, got, 0)
		check(t, read(t, l, offsets[n-2]), n-2)
	}
	if _, err := l.Append(t.Context(), at-1, rec(0)); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("Append behind the end after reopening: %v, want ErrConflict", err)
	}
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}
