// Package filelog keeps a registry's log in one file, a bbolt database: for a registry on one machine. An Append returns when
// its records are on the disk; appends that wait at the same time share one fsync.
//
// It is no log for more than one process: the file is locked while it is open. It never drops a record, so it grows with every
// write; a registry's log is small enough for that.
//
// # The file
//
// registry.db has one bucket, log. Its keys are offsets, 8 bytes big endian, from 0 without gaps. A value is a record: a byte
// that is 1 for a tombstone and 0 otherwise, the time in 8 bytes big endian, the length of the key as a varint, the key, the
// value. A second bucket, meta, has the log's id, 16 bytes by chance, by which snapshots know it.
package filelog

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/millrace/millrace/registry"
)

// File is the name of the database in its directory.
const File = "registry.db"

const (
	lockTimeout = time.Second
	// Bounds of one commit and of one read.
	mostWrites  = 1024
	mostRecords = 1000
	mostBytes   = 1 << 20
)

var (
	bucket = []byte("log")
	meta   = []byte("meta")
	idKey  = []byte("id")

	errClosed = errors.New("the log is closed")
)

// Log is a registry.Log in a file, safe for concurrent use.
type Log struct {
	db      *bolt.DB
	id      []byte
	path    string
	writes  chan *write
	closing chan struct{} // closed by Close
	done    chan struct{} // closed when commit has ended
	close   func() error

	mu     sync.Mutex
	next   int64             // offset of the next record
	recent []registry.Record // of the last commit, whose last one is before next: followers need not read them again
	moved  chan struct{}     // closed and replaced after every commit
}

type write struct {
	after int64
	recs  []registry.Record
	last  int64
	err   error
	done  chan struct{}
}

// Open opens the log in dir, which is made when it is missing. A log that another process has open is an error after a second.
func Open(dir string) (*Log, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the registry's directory: %w", err)
	}
	path := filepath.Join(dir, File)
	_, missing := os.Stat(path)
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("opening %s: another process has it open", path)
	case err != nil:
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	l := &Log{db: db, path: path, writes: make(chan *write), closing: make(chan struct{}), done: make(chan struct{}), moved: make(chan struct{})}
	l.close = sync.OnceValue(l.shut)
	if err := l.prepare(errors.Is(missing, fs.ErrNotExist)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go l.commit()
	return l, nil
}

// prepare makes the bucket and finds the end of the log.
func (l *Log) prepare(fresh bool) error {
	err := l.db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucket)
		if err != nil {
			return err
		}
		if k, _ := b.Cursor().Last(); k != nil {
			if len(k) != 8 {
				return errors.New("it is no registry's log")
			}
			l.next = offset(k) + 1
		}
		m, err := tx.CreateBucketIfNotExists(meta)
		if err != nil {
			return err
		}
		if l.id = bytes.Clone(m.Get(idKey)); l.id != nil {
			return nil
		}
		l.id = make([]byte, 16)
		_, _ = rand.Read(l.id) // never fails
		return m.Put(idKey, l.id)
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", l.path, err)
	}
	if fresh { // the file's name is to survive a crash too
		dir, err := os.Open(filepath.Dir(l.path))
		if err != nil {
			return fmt.Errorf("opening the registry's directory: %w", err)
		}
		defer dir.Close()
		if err := dir.Sync(); err != nil {
			return fmt.Errorf("syncing the registry's directory: %w", err)
		}
	}
	return nil
}

func offset(k []byte) int64 { return int64(binary.BigEndian.Uint64(k)) }

func key(offset int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(offset)) }

// Append implements registry.Log. A write that the log has taken is carried out even when ctx ends.
func (l *Log) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	w := &write{after: after, recs: recs, done: make(chan struct{})}
	select {
	case <-l.closing:
		return 0, errClosed
	default:
	}
	select {
	case l.writes <- w:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-l.closing:
		return 0, errClosed
	}
	<-w.done
	return w.last, w.err
}

// commit carries out the writes that wait, many in one transaction.
func (l *Log) commit() {
	defer close(l.done)
	for {
		batch := registry.Gather(l.writes, l.closing, mostWrites)
		if batch == nil {
			return
		}
		l.commitBatch(batch)
		for _, w := range batch {
			close(w.done)
		}
	}
}

func (l *Log) commitBatch(batch []*write) {
	l.mu.Lock()
	next := l.next
	l.mu.Unlock()
	start := next
	var accepted []*write
	for _, w := range batch {
		if w.after != next-1 {
			w.err = registry.ErrConflict
			continue
		}
		next += int64(len(w.recs))
		w.last = next - 1
		accepted = append(accepted, w)
	}
	if next == start {
		return
	}
	err := l.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		b.FillPercent = 0.95 // keys only grow
		at := start
		for _, w := range accepted {
			for _, r := range w.recs {
				if err := b.Put(key(at), encode(r)); err != nil {
					return err
				}
				at++
			}
		}
		return nil
	})
	if err != nil {
		for _, w := range accepted {
			w.last, w.err = 0, fmt.Errorf("writing %s: %w", l.path, err)
		}
		return
	}
	var recent []registry.Record
	for _, w := range accepted {
		recent = append(recent, w.recs...)
	}
	l.mu.Lock()
	l.next, l.recent = next, recent
	close(l.moved)
	l.moved = make(chan struct{})
	l.mu.Unlock()
}

func encode(r registry.Record) []byte {
	b := make([]byte, 1, 1+8+binary.MaxVarintLen64+len(r.Key)+len(r.Value))
	if r.Value == nil {
		b[0] = 1
	}
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = binary.AppendUvarint(b, uint64(len(r.Key)))
	return append(append(b, r.Key...), r.Value...)
}

// decode copies a record out of the file's memory.
func decode(b []byte) (registry.Record, bool) {
	if len(b) < 9 || b[0] > 1 {
		return registry.Record{}, false
	}
	r := registry.Record{Time: int64(binary.BigEndian.Uint64(b[1:]))}
	n, used := binary.Uvarint(b[9:])
	rest := b[9+max(used, 0):]
	if used <= 0 || n > uint64(len(rest)) {
		return registry.Record{}, false
	}
	own := append([]byte{}, rest...)
	r.Key = own[:n:n]
	if b[0] == 0 {
		r.Value = own[n:]
	}
	return r, true
}

// Follow implements registry.Log.
func (l *Log) Follow(ctx context.Context, from int64, apply func(offset int64, r registry.Record) error, caughtUp func(next int64)) error {
	next := max(from, 0)
	for {
		l.mu.Lock()
		end, recent, moved := l.next, l.recent, l.moved
		l.mu.Unlock()
		for next < end {
			var recs []registry.Record
			var err error
			if before := end - int64(len(recent)); next >= before {
				recs = recent[next-before:]
			} else if recs, err = l.read(next, before); err != nil {
				return err
			}
			for _, r := range recs {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := apply(next, r); err != nil {
					return err
				}
				next++
			}
		}
		caughtUp(next)
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-l.closing:
			return errClosed
		}
	}
}

// read returns some records from offset from on, before end. No transaction is open when it returns: one that is keeps a
// growing file from being mapped anew.
func (l *Log) read(from, end int64) ([]registry.Record, error) {
	var recs []registry.Record
	err := l.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucket).Cursor()
		size := 0
		for k, v := c.Seek(key(from)); k != nil && from < end && len(recs) < mostRecords && size < mostBytes; k, v = c.Next() {
			r, ok := decode(v)
			if !ok || len(k) != 8 || offset(k) != from {
				return fmt.Errorf("the record at offset %d is damaged", from)
			}
			recs = append(recs, r)
			size += len(v)
			from++
		}
		if len(recs) == 0 {
			return fmt.Errorf("the record at offset %d is missing", from)
		}
		return nil
	})
	switch {
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return nil, errClosed
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", l.path, err)
	}
	return recs, nil
}

// End implements registry.Log.
func (l *Log) End(ctx context.Context) (int64, error) {
	select {
	case <-l.closing:
		return 0, errClosed
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next, ctx.Err()
}

// Mark implements registry.Resumable: the log's id, and a digest of the record before next.
func (l *Log) Mark(next int64) ([]byte, error) {
	h := sha256.New()
	if next > 0 {
		err := l.db.View(func(tx *bolt.Tx) error {
			v := tx.Bucket(bucket).Get(key(next - 1))
			if v == nil {
				return fmt.Errorf("the record at offset %d is missing", next-1)
			}
			_, _ = h.Write(v)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", l.path, err)
		}
	}
	return h.Sum(bytes.Clone(l.id)), nil
}

// Lasts implements registry.Resumable.
func (l *Log) Lasts() time.Duration { return 0 }

// Resume implements registry.Resumable.
func (l *Log) Resume(_ context.Context, mark []byte, _ registry.Tip, next int64) error {
	own, err := l.Mark(next)
	if err != nil {
		return err
	}
	if !bytes.Equal(mark, own) {
		return errors.New("it is of another log")
	}
	return nil
}

// Close ends every Follow, refuses further writes and frees the file.
func (l *Log) Close() error { return l.close() }

func (l *Log) shut() error {
	close(l.closing)
	<-l.done
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", l.path, err)
	}
	return nil
}
