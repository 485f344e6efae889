package stack

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// headroom is how much a registry's heap may grow between collections, in bytes: a share of the heap alone would collect a
	// small registry all the time, and let a large one take twice its size.
	headroom  = 40 << 20
	leastGrow = 30  // percent
	mostGrow  = 800 // percent
	lookEvery = 2 * time.Second
)

// TuneMemory adjusts the garbage collector to the size of the heap until stop is called, which waits for it. It is for a
// registry alone; where GOGC is set it does nothing.
func TuneMemory() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var tuner sync.WaitGroup
	tuner.Go(func() { tuneMemory(ctx) })
	return func() {
		cancel()
		tuner.Wait()
	}
}

func tuneMemory(ctx context.Context) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for percent := 0; ; {
		metrics.Read(live)
		if n := int(live[0].Value.Uint64()); n > 0 {
			if p := min(max(headroom*100/n, leastGrow), mostGrow); p < percent*9/10 || p > percent*11/10 {
				percent = p
				debug.SetGCPercent(p)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
