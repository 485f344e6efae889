package connecttest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// SourceHarness tells the Source suite what to read.
type SourceHarness struct {
	// New returns a source that is not open yet, over the same upstream each time. The upstream does not change meanwhile.
	New func(t *testing.T) connect.Source
	// Rows is how many rows a source reads from the start of the upstream; at least 20 for the suite to mean much. The
	// source may end with io.EOF after them or wait for more.
	Rows int
	// NoResume: the upstream ties its position to what was read (a slot that another test advanced), so that only reading
	// from the start is checked.
	NoResume bool
}

type read struct {
	ids  []record.ID
	pos  []record.Position // the positions told, with after[i] rows before pos[i]
	rows []int
}

// Source runs the suite of a connect.Source.
func Source(t *testing.T, h SourceHarness) {
	t.Run("from the start", func(t *testing.T) {
		got := readAll(t, h, nil, func(ids []record.ID) bool { return len(ids) >= h.Rows })
		for i, id := range got.ids {
			if id.IsZero() {
				continue
			}
			if i > 0 && !got.ids[i-1].Less(id) {
				t.Fatalf("row %d has ID %v after %v", i, id, got.ids[i-1])
			}
		}
		if len(got.pos) == 0 {
			t.Fatal("no position was told")
		}
	})

	t.Run("resume", func(t *testing.T) {
		if h.NoResume {
			t.Skip("this upstream cannot be read twice")
		}
		first := readAll(t, h, nil, func(ids []record.ID) bool { return len(ids) >= h.Rows })
		last := first.ids[len(first.ids)-1]
		if last.IsZero() {
			t.Fatal("the last row has no ID")
		}
		step := max(1, len(first.pos)/5)
		for i := 0; i < len(first.pos); i += step {
			if first.rows[i] == len(first.ids) {
				continue
			}
			// A position may lie before the end of its batch, at the last place to resume at; never after it.
			again := readAll(t, h, first.pos[i], func(ids []record.ID) bool { return slices.Contains(ids, last) }).ids
			from := slices.Index(first.ids, again[0])
			if from < 0 || from > first.rows[i] {
				t.Fatalf("resumed at %s, told after %d rows: the first row is number %d of the first reading", first.pos[i], first.rows[i], from)
			}
			if !slices.Equal(again, first.ids[from:]) {
				t.Fatalf("resumed at %s: the rows differ from those of the first reading from row %d on", first.pos[i], from)
			}
		}
	})

	t.Run("commit", func(t *testing.T) {
		s, b := h.New(t), new(record.Batch)
		defer s.Close(t.Context())
		if err := s.Open(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for n := 0; n < h.Rows; {
			b.Reset()
			err := s.Read(t.Context(), b)
			n += b.Len()
			if p, ok := b.Position(); ok {
				if err := s.Commit(t.Context(), p); err != nil {
					t.Fatalf("committing %s: %v", p, err)
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})

	for name, end := range map[string]func(cancel context.CancelFunc, s connect.Source){
		"cancel ends Read": func(cancel context.CancelFunc, _ connect.Source) { cancel() },
		"close ends Read":  func(_ context.CancelFunc, s connect.Source) { s.Close(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			s := h.New(t)
			if err := s.Open(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				b := new(record.Batch)
				for {
					b.Reset()
					if err := s.Read(ctx, b); err != nil {
						ended <- err
						return
					}
				}
			}()
			time.Sleep(100 * time.Millisecond)
			end(cancel, s)
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Fatal("Read did not return")
			}
			for range 2 {
				if err := s.Close(t.Context()); err != nil {
					t.Fatalf("closing: %v", err)
				}
			}
		})
	}

	t.Run("close unopened", func(t *testing.T) {
		if err := h.New(t).Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// readAll reads from resume on until enough says so, checking what the contract promises of every batch.
func readAll(t *testing.T, h SourceHarness, resume record.Position, enough func([]record.ID) bool) read {
	t.Helper()
	s, b := h.New(t), new(record.Batch)
	defer s.Close(t.Context())
	if err := s.Open(t.Context(), resume); err != nil {
		t.Fatalf("opening at %q: %v", resume, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var got read
	for !enough(got.ids) {
		b.Reset()
		err := s.Read(ctx, b)
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("reading after %d rows: %v", len(got.ids), err)
		}
		for i := range b.Len() {
			r := b.At(i)
			l := r.Layout()
			if l.Topic == "" {
				t.Fatal("a row without a topic")
			}
			if k, ok := r.Key(); ok && k.Schema() == nil {
				t.Fatalf("a row of %s has a key and its layout no key schema", l.Topic)
			}
			if v, ok := r.Value(); ok && v.Schema() == nil {
				t.Fatalf("a row of %s has a value and its layout no value schema", l.Topic)
			}
			got.ids = append(got.ids, r.ID())
		}
		pos, ok := b.Position()
		if ok {
			var object map[string]any
			if json.Unmarshal(pos, &object) != nil {
				t.Fatalf("position %q is not a JSON object", pos)
			}
			got.pos = append(got.pos, append(record.Position(nil), pos...))
			got.rows = append(got.rows, len(got.ids))
		}
		if err != nil {
			break
		}
		if b.Len() == 0 && !ok {
			t.Fatal("Read returned neither rows nor a position")
		}
	}
	if !enough(got.ids) || len(got.ids) > h.Rows {
		t.Fatalf("the source ended after %d rows of %d", len(got.ids), h.Rows)
	}
	return got
}
