package registry

import (
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestSnapshotRoundTrip has random states survive being written and read.
func TestSnapshotRoundTrip(t *testing.T) {
	file := filepath.Join(t.TempDir(), "snapshot")
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := newState(slog.New(slog.DiscardHandler))
		for range r.IntN(200) {
			s.apply(0, randomRecord(r))
		}
		c := s.capture()
		if err := writeSnapshot(file, snapshotHead{int64(seed) + 1, Tip{int64(seed), seed << 40}, []byte("mark")}, &c); err != nil {
			t.Fatal(err)
		}
		back, head, err := readSnapshot(file, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if head.next != int64(seed)+1 || head.last != (Tip{int64(seed), seed << 40}) || string(head.mark) != "mark" {
			t.Fatalf("seed %d: head %+v", seed, head)
		}
		same := func(when string) {
			t.Helper()
			if got, want := describe(back), describe(s); got != want {
				t.Fatalf("seed %d %s: the snapshot has\n%s\nand the state\n%s", seed, when, got, want)
			}
			if back.versions != s.versions || back.names.Len() != s.names.Len() {
				t.Fatalf("seed %d %s: %d versions of %d subjects, want %d of %d", seed, when, back.versions, back.names.Len(), s.versions, s.names.Len())
			}
			for ctx, c := range s.contexts.all() {
				for id, it := range c.ids.all() {
					own := back.contexts.at(ctx).ids.at(id)
					if own.first() != it.first() || own.body.text() != it.body.text() {
						t.Fatalf("seed %d %s: id %d is of %q: %s, want %q: %s", seed, when, id, own.first(), own.body.text(), it.first(), it.body.text())
					}
				}
			}
		}
		same("as read")
		for range 30 { // it goes on as the state does
			rec := randomRecord(r)
			s.apply(0, rec)
			back.apply(0, rec)
		}
		same("after more records")
	}
}

// TestSnapshotDamaged changes every byte in turn, and cuts the file short at each.
func TestSnapshotDamaged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "snapshot")
	r := rand.New(rand.NewPCG(1, 3))
	s := newState(slog.New(slog.DiscardHandler))
	for range 40 {
		s.apply(0, randomRecord(r))
	}
	c := s.capture()
	if err := writeSnapshot(file, snapshotHead{2, Tip{1, 7}, nil}, &c); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		damaged := append([]byte(nil), whole...)
		damaged[i] ^= 1 << (i % 8)
		for _, b := range [][]byte{damaged, whole[:i]} {
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := readSnapshot(file, slog.New(slog.DiscardHandler)); err == nil {
				t.Fatalf("a snapshot that is damaged at byte %d is read", i)
			}
		}
	}
}

// FuzzSnapshot reads what is behind the checksum as it comes.
func FuzzSnapshot(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 4))
	s := newState(slog.New(slog.DiscardHandler))
	for range 40 {
		s.apply(0, randomRecord(r))
	}
	file := filepath.Join(f.TempDir(), "snapshot")
	c := s.capture()
	if err := writeSnapshot(file, snapshotHead{2, Tip{1, 7}, nil}, &c); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[len(snapshotMagic) : len(b)-8])
	f.Fuzz(func(_ *testing.T, b []byte) {
		d := &decoder{b: b}
		d.snapshot(newState(slog.New(slog.DiscardHandler)))
	})
}
