package access

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// readEvery is how often files are looked at for changes.
const readEvery = time.Second

// watched are files that are read anew when one of them changes. Looking is cheap and is done by who uses what they hold.
type watched struct {
	paths []string
	load  func(data [][]byte) error
	log   *slog.Logger

	due  atomic.Int64 // when to look next, in nanoseconds since 1970
	mu   sync.Mutex   // guards seen and last
	seen []os.FileInfo
	last error
}

const maxFile = 16 << 20

// watch reads files and hands them to load, now and after each change. A change that load refuses is logged and leaves things as
// they are.
func watch(log *slog.Logger, load func([][]byte) error, paths ...string) (*watched, error) {
	w := &watched{paths: paths, load: load, log: log}
	if err := w.read(); err != nil {
		return nil, err
	}
	w.due.Store(time.Now().Add(readEvery).UnixNano())
	return w, nil
}

func (w *watched) read() error {
	var data [][]byte
	var seen []os.FileInfo
	for _, path := range w.paths {
		b, info, err := readFile(path)
		if err != nil {
			return err
		}
		data, seen = append(data, b), append(seen, info)
	}
	w.seen = seen
	return w.load(data)
}

func readFile(path string) ([]byte, os.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening a file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("looking at %s: %w", path, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	case len(b) > maxFile:
		return nil, nil, fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return b, info, nil
}

// poll reads the files anew when it is time to look and one has changed.
func (w *watched) poll(now time.Time) {
	due := w.due.Load()
	if w.paths == nil || now.UnixNano() < due || !w.due.CompareAndSwap(due, now.Add(readEvery).UnixNano()) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.changed() {
		return
	}
	if err := w.read(); err != nil {
		if w.last == nil || w.last.Error() != err.Error() {
			w.log.Error("a changed file is not taken: what was read before stays", "files", w.paths, "error", err)
		}
		w.last = err
		return
	}
	w.last = nil
	w.log.Info("changed files were read", "files", w.paths)
}

func (w *watched) changed() bool {
	for i, path := range w.paths {
		info, err := os.Stat(path)
		if err != nil { // gone: read says so
			return true
		}
		if old := w.seen[i]; !os.SameFile(old, info) || info.Size() != old.Size() || !info.ModTime().Equal(old.ModTime()) {
			return true
		}
	}
	return false
}
