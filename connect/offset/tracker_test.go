package offset

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/millrace/millrace/connect/record"
)

func TestTrackerHoldsBack(t *testing.T) {
	var tr Tracker
	want := func(s string) {
		t.Helper()
		p, ok := tr.Committable(nil)
		if ok != (s != "") || string(p) != s {
			t.Fatalf("committable %q, %v; want %q", p, ok, s)
		}
	}
	want("")
	a, b, none, c := tr.Track(record.Position("a")), tr.Track(record.Position("b")), tr.Track(nil), tr.Track(record.Position("c"))
	b()
	want("") // a is still out
	a()
	want("b")
	c()
	want("b") // the part without a position is still out
	none()
	want("c")
	failed, later := tr.Track(record.Position("d")), tr.Track(record.Position("e"))
	later()
	want("c")
	if n := tr.Pending(); n != 2 {
		t.Fatalf("%d pending, want 2", n)
	}
	failed()
	want("e")
	defer func() {
		if recover() == nil {
			t.Fatal("reporting twice went unnoticed")
		}
	}()
	failed()
}

// TestTrackerRandom compares with the definition: the longest run of reported deliveries from the start.
func TestTrackerRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var tr Tracker
	type sent struct {
		pos  string
		done func()
	}
	var out []sent
	reported := map[int]bool{}
	var all []string
	order := []int{}
	for len(all) < 800 || len(out) > 0 {
		if len(all) < 800 && (len(out) == 0 || rnd.IntN(2) == 0) {
			pos := fmt.Sprint(len(all))
			if rnd.IntN(4) == 0 {
				pos = ""
			}
			var p record.Position
			if pos != "" {
				p = record.Position(pos)
			}
			out = append(out, sent{pos, tr.Track(p)})
			order = append(order, len(all))
			all = append(all, pos)
			continue
		}
		i := rnd.IntN(len(out))
		out[i].done()
		reported[order[i]] = true
		out, order = append(out[:i], out[i+1:]...), append(order[:i], order[i+1:]...)
		want := ""
		for k := 0; k < len(all) && reported[k]; k++ {
			if all[k] != "" {
				want = all[k]
			}
		}
		if p, ok := tr.Committable(nil); string(p) != want || ok != (want != "") {
			t.Fatalf("committable %q, want %q", p, want)
		}
	}
}

func TestTrackerConcurrent(t *testing.T) {
	var tr Tracker
	var wg sync.WaitGroup
	for i := range 2000 {
		wg.Go(tr.Track(fmt.Appendf(nil, "%d", i)))
	}
	wg.Wait()
	if p, _ := tr.Committable(nil); string(p) != "1999" || tr.Pending() != 0 {
		t.Fatalf("committable %q with %d pending", p, tr.Pending())
	}
}

func TestTrackerDoesNotAllocate(t *testing.T) {
	var tr Tracker
	pos, buf := record.Position(`{"lsn":123456789}`), make([]byte, 0, 64)
	step := func() {
		a, b := tr.Track(pos), tr.Track(nil)
		b()
		a()
		tr.Committable(buf[:0])
	}
	step()
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Fatalf("%v allocations a step", n)
	}
}

func BenchmarkTracker(b *testing.B) {
	var tr Tracker
	pos, buf := record.Position(`{"lsn":123456789}`), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		tr.Track(pos)()
		tr.Committable(buf[:0])
	}
}
