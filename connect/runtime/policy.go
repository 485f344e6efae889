package runtime

import (
	"math/rand/v2"
	"time"
)

// Policy says what a task does about errors. The zero Policy stops at a bad record and retries for ever.
type Policy struct {
	TolerateBad bool          // errors.tolerance=all: count a bad record and go on
	LogBad      bool          // errors.log.enable: log each one, without its data
	MaxRetries  int           // retries in a row without progress; 0: no limit, less: none
	MaxElapsed  time.Duration // errors.retry.timeout: time in a row without progress; 0 or less: no limit
	MinDelay    time.Duration // before the first retry; 0: 300 ms
	MaxDelay    time.Duration // errors.retry.delay.max.ms; 0: 30 s
}

// Limits bound what a task holds and how long it waits.
type Limits struct {
	InFlight     int64         // bytes produced and not acked; 0: 8 MiB
	SaveInterval time.Duration // offset.flush.interval.ms: the least time between two saves; 0: 100 ms
	StopTimeout  time.Duration // task.shutdown.graceful.timeout.ms: for acks, save and commit after reading ended; 0: 5 s
}

func (p Policy) withDefaults() Policy {
	if p.MinDelay <= 0 {
		p.MinDelay = 300 * time.Millisecond
	}
	if p.MaxDelay <= 0 {
		p.MaxDelay = 30 * time.Second
	}
	return p
}

func (l Limits) withDefaults() Limits {
	if l.InFlight <= 0 {
		l.InFlight = 8 << 20
	}
	if l.SaveInterval <= 0 {
		l.SaveInterval = 100 * time.Millisecond
	}
	if l.StopTimeout <= 0 {
		l.StopTimeout = 5 * time.Second
	}
	return l
}

// delay returns how long to wait before retry n, from 0: doubling up to the limit, the upper half of it by chance so that
// tasks which lost the same server do not come back together.
func (p Policy) delay(n int) time.Duration {
	d := p.MaxDelay
	if n < 32 && p.MinDelay<<n > 0 {
		d = min(d, p.MinDelay<<n)
	}
	return d/2 + rand.N(d/2+1)
}
