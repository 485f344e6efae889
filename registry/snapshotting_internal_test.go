package registry

import (
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestSnapshotIsDue(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		done, applied int64
		age, lasts    time.Duration
		ending, want  bool
	}{
		"nothing to keep":                         {done: -1, applied: -1, ending: true},
		"little to keep":                          {done: -1, applied: 5},
		"little to keep, at the end":              {done: -1, applied: 5, ending: true, want: true},
		"much that is new":                        {done: 10, applied: 10 + snapshotRecords, want: true},
		"nothing new":                             {done: 10, applied: 10, age: day},
		"nothing new, at the end":                 {done: 10, applied: 10, age: day, ending: true},
		"in use":                                  {done: 10, applied: 10, age: 8 * day, want: true},
		"its mark ends":                           {done: 10, applied: 10, age: 6 * time.Hour, lasts: 18 * time.Hour, want: true},
		"its mark ends, little is new":            {done: 10, applied: 11, age: 6 * time.Hour, lasts: 18 * time.Hour, want: true},
		"its mark is young":                       {done: 10, applied: 10, age: 5 * time.Hour, lasts: 18 * time.Hour},
		"its mark is not the youngest at the end": {done: 10, applied: 10, age: snapshotEvery, lasts: 18 * time.Hour, ending: true, want: true},
		"its mark is as good as new at the end":   {done: 10, applied: 10, age: time.Minute, lasts: 18 * time.Hour, ending: true},
		"no mark lasts":                           {done: 10, applied: 10, age: day, lasts: 1},
		"no mark lasts, at the end":               {done: 10, applied: 10, age: day, lasts: 1, ending: true},
	} {
		s := snapshotting{done: c.done, wrote: now.Add(-c.age), lasts: c.lasts}
		if got := s.due(c.applied, now, c.ending); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestSnapshotSharedByProcesses has writers and readers of one file at the same time, and one that was killed.
func TestSnapshotSharedByProcesses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "registry.snapshot")
	log := slog.New(slog.DiscardHandler)
	old := time.Now().Add(-2 * unfinishedAge)
	for name, made := range map[string]time.Time{"registry.snapshot.1.tmp": old, "registry.snapshot.2.tmp": time.Now(), "registry.snapshot": old, "other.1.tmp": old, "registry.snapshot.old": old} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(dir, name), made, made); err != nil {
			t.Fatal(err)
		}
	}
	removeUnfinished(file, time.Now().Add(-unfinishedAge))
	if got, want := names(t, dir), []string{"other.1.tmp", "registry.snapshot", "registry.snapshot.2.tmp", "registry.snapshot.old"}; !slices.Equal(got, want) {
		t.Errorf("left are %s, want %s", got, want)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}

	states := make([]*state, 4)
	texts := map[string]bool{}
	for i := range states {
		r := rand.New(rand.NewPCG(uint64(i), 5))
		states[i] = newState(log)
		for range 50 * (i + 1) {
			states[i].apply(0, randomRecord(r))
		}
		texts[describe(states[i])] = true
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for i, s := range states {
		writers.Go(func() {
			for range 30 {
				c := s.capture()
				if err := writeSnapshot(file, snapshotHead{1, Tip{int64(i), 0}, nil}, &c); err != nil {
					t.Errorf("writing: %v", err)
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				s, _, err := readSnapshot(file, log)
				if errors.Is(err, fs.ErrNotExist) {
					continue
				}
				if err != nil {
					t.Errorf("reading: %v", err)
					return
				}
				time.Sleep(time.Millisecond) // it is replaced under the one that is mapped
				if !texts[describe(s)] {
					t.Error("what was read is none of what was written")
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if got := names(t, dir); len(got) != 4 {
		t.Errorf("left are %s", got)
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestTipTellsRecordsApart(t *testing.T) {
	seen := map[Tip]Record{}
	for _, r := range []Record{
		{Key: []byte("k"), Value: []byte("v")}, {Key: []byte("kv")}, {Key: []byte("kv"), Value: []byte{}}, {Key: []byte("k"), Value: []byte("v"), Time: 1},
		{Key: []byte("k"), Value: []byte("w")}, {Value: []byte("kv")},
	} {
		tip := TipOf(3, r)
		if other, ok := seen[tip]; ok {
			t.Errorf("%+v and %+v are the same", r, other)
		}
		seen[tip] = r
	}
}
