package filelog_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/filelog"
	"github.com/millrace/millrace/registry/registrytest"
)

func open(t testing.TB, dir string) *filelog.Log {
	t.Helper()
	l, err := filelog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLog(t *testing.T) {
	dirs := map[registry.Log]string{}
	registrytest.TestLog(t, func(t testing.TB) registry.Log {
		dir := filepath.Join(t.TempDir(), "made", "for", "it")
		l := open(t, dir)
		dirs[l] = dir
		return l
	}, func(t testing.TB, closed registry.Log) registry.Log {
		l := open(t, dirs[closed])
		dirs[l] = dirs[closed]
		return l
	})
}

func TestSecondOpenerIsToldSoon(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	start := time.Now()
	_, err := filelog.Open(dir)
	if err == nil || !strings.Contains(err.Error(), "another process has it open") || !strings.Contains(err.Error(), dir) {
		t.Errorf("second Open: %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("second Open took %v", took)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNoLogIsRefused(t *testing.T) {
	for name, make := range map[string]func(t *testing.T, dir string){
		"a text file": func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, filelog.File), []byte(strings.Repeat("no database\n", 10_000)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a directory in its place": func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, filelog.File), 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"a database with other keys": func(t *testing.T, dir string) {
			change(t, dir, func(b *bolt.Bucket) error { return b.Put([]byte("x"), []byte("y")) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			make(t, dir)
			l, err := filelog.Open(dir)
			if err == nil {
				_ = l.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), filelog.File) {
				t.Errorf("the error does not name the file: %v", err)
			}
		})
	}
}

func change(t *testing.T, dir string, f func(b *bolt.Bucket) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, filelog.File), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte("log"))
		if err != nil {
			return err
		}
		return f(b)
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDamageIsFound has records that were tampered with, or that are missing: Follow says which, and does not skip it.
func TestDamageIsFound(t *testing.T) {
	at := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	for name, damage := range map[string]func(b *bolt.Bucket) error{
		"an empty record":         func(b *bolt.Bucket) error { return b.Put(at(2), nil) },
		"a short record":          func(b *bolt.Bucket) error { return b.Put(at(2), []byte{0, 1, 2}) },
		"a kind that is none":     func(b *bolt.Bucket) error { return b.Put(at(2), []byte("\x07aaaaaaaa\x01kv")) },
		"a key longer than it is": func(b *bolt.Bucket) error { return b.Put(at(2), []byte("\x00aaaaaaaa\xff\xff\x7fk")) },
		"an endless length": func(b *bolt.Bucket) error {
			return b.Put(at(2), []byte("\x00aaaaaaaa\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
		},
		"a gap": func(b *bolt.Bucket) error { return b.Delete(at(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir)
			for n := range int64(5) {
				if _, err := l.Append(t.Context(), n-1, registry.Record{Key: []byte("k"), Value: []byte("v")}); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			change(t, dir, damage)
			l = open(t, dir)
			defer l.Close()
			n := int64(-1)
			err := l.Follow(t.Context(), 0, func(offset int64, _ registry.Record) error { n = offset; return nil }, func(int64) { t.Error("caught up") })
			if err == nil || !strings.Contains(err.Error(), "offset 2 is") || n > 1 {
				t.Errorf("Follow: %v after offset %d", err, n)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	l := open(b, b.TempDir())
	defer l.Close()
	value := []byte(strings.Repeat("x", 1000))
	at := int64(-1)
	for i := 0; b.Loop(); i++ {
		last, err := l.Append(b.Context(), at, registry.Record{Key: fmt.Appendf(nil, "key-%d", i), Value: value})
		if err != nil {
			b.Fatal(err)
		}
		at = last
	}
}

func TestResume(t *testing.T) {
	dirs := map[registry.Log]string{}
	registrytest.TestResume(t, func(t testing.TB) registry.Log {
		dir := t.TempDir()
		l := open(t, dir)
		dirs[l] = dir
		return l
	}, func(t testing.TB, closed registry.Log) registry.Log {
		l := open(t, dirs[closed])
		dirs[l] = dirs[closed]
		return l
	})
}
