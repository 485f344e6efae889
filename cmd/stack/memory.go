package stack

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

const (
	// headroom is how much a registry's heap may grow between collections, in bytes: a share of the heap alone would collect a
	// small registry all the time, and let a large one take twice its size.
	headroom  = 40 << 20
	leastGrow = 30  // percent
	mostGrow  = 800 // percent
)

// TuneMemory adjusts the garbage collector to the size of the heap, after each collection, until stop is called. It is for a
// registry alone; where GOGC is set it does nothing.
func TuneMemory() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	t := new(tuner)
	t.watch()
	return func() { t.stopped.Store(true) }
}

type tuner struct {
	percent int
	stopped atomic.Bool
}

// watch calls adjust when the next collection has freed an object that nobody holds.
func (t *tuner) watch() {
	t.adjust()
	runtime.AddCleanup(new([16]byte), func(t *tuner) {
		if !t.stopped.Load() {
			t.watch()
		}
	}, t)
}

func (t *tuner) adjust() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	n := max(live[0].Value.Uint64(), 1)
	if p := int(min(max(headroom*100/n, leastGrow), mostGrow)); p < t.percent*9/10 || p > t.percent*11/10 { //nolint:gosec // at most mostGrow
		t.percent = p
		debug.SetGCPercent(p)
	}
}
