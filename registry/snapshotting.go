package registry

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// When a snapshot is written: at Close, and meanwhile when enough has come and some time has passed. One that nothing has come to
// since is written again before its log takes it no more, and now and then where logs take it for good: it is seen to be in use.
const (
	snapshotEvery   = 5 * time.Minute
	snapshotRecords = 1000
	snapshotKept    = 7 * 24 * time.Hour
)

// snapshotting decides when a snapshot is due.
type snapshotting struct {
	done  int64     // offset of the last record in it
	wrote time.Time // when it was written, or this process began
	lasts time.Duration
}

// due says whether the snapshot of a registry that has applied a record is to be written, while it runs or at its end.
func (s *snapshotting) due(applied int64, now time.Time, ending bool) bool {
	age := now.Sub(s.wrote)
	switch {
	case applied < 0:
		return false
	case ending:
		return applied != s.done || s.lasts > snapshotEvery && age >= snapshotEvery
	case applied-s.done >= snapshotRecords:
		return true
	case s.lasts == 0:
		return age >= snapshotKept
	}
	return s.lasts > snapshotEvery && age >= max(s.lasts/3, snapshotEvery)
}

// snapshots writes snapshots until the registry ends, and then once more. What goes wrong is told when it begins to.
func (r *Registry) snapshots(log Resumable, file string, start int64) {
	removeUnfinished(file, time.Now().Add(-unfinishedAge))
	s := snapshotting{done: start, wrote: time.Now().Round(0), lasts: log.Lasts()} // the wall's clock: machines are suspended
	if info, err := os.Stat(file); err == nil && start >= 0 {
		s.wrote = info.ModTime()
	}
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	told := false
	for ending := false; ; {
		if now := time.Now().Round(0); s.due(r.lastApplied(), now, ending) {
			applied, err := r.snapshot(log, file)
			if err == nil {
				s.done, s.wrote = applied, now
			} else if !told {
				r.log.Warn("the registry's snapshot cannot be written: a start reads what came since the last one", "file", file, "error", err)
			}
			told = err != nil
		}
		if ending {
			return
		}
		select {
		case <-tick.C:
		case <-r.stopped.Done():
			ending = true
		}
	}
}

func (r *Registry) lastApplied() int64 {
	r.turn.Lock()
	defer r.turn.Unlock()
	return r.applied
}

// snapshot writes one and returns the offset of its last record. It is no loss when it fails: the log has all.
func (r *Registry) snapshot(log Resumable, file string) (applied int64, err error) {
	r.turn.Lock()
	next, _ := r.position.at()
	head := snapshotHead{next: next, last: r.tip.at()}
	var c capture
	if head.mark, err = log.Mark(next); err == nil {
		c = r.state.capture()
	}
	r.turn.Unlock()
	if err == nil {
		err = writeSnapshot(file, head, &c)
	}
	return head.last.Offset, err
}

// A snapshot is written to a file beside it, which then takes its place. Several processes may do that at the same time.
const (
	unfinishedEnd = ".tmp"
	unfinishedAge = time.Hour // nobody is still writing it
)

func unfinished(file string) string { return filepath.Base(file) + "." }

// removeUnfinished removes what processes have left that were killed while they wrote a snapshot before a time.
func removeUnfinished(file string, before time.Time) {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return // writing tells
	}
	for _, e := range entries {
		middle, begins := strings.CutPrefix(e.Name(), unfinished(file))
		if _, ends := strings.CutSuffix(middle, unfinishedEnd); !begins || !ends {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.ModTime().Before(before) {
			_ = os.Remove(filepath.Join(filepath.Dir(file), e.Name()))
		}
	}
}

// tip is the last record that is applied. It changes with the state, and once more when the log gives what this process wrote:
// a log may keep another time for it.
type tip struct {
	mu sync.Mutex
	t  Tip
}

func (t *tip) at() Tip {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.t
}

func (t *tip) set(to Tip) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.t = to
}

// again takes in a record that was applied before.
func (t *tip) again(offset int64, r Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if offset == t.t.Offset {
		t.t = TipOf(offset, r)
	}
}
