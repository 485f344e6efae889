package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

// endless is a source that fills batches of rows with a key, a value of three fields and a header for one row in ten, for
// ever or for n batches.
type endless struct {
	layouts []*record.Layout
	rows, n int
	next    uint64
	own     bool // give rows headers of their own
}

func newEndless(rows, n int) *endless {
	s := &endless{rows: rows, n: n}
	value := &record.Schema{Kind: record.Struct, Fields: []record.Field{
		{Name: "id", Schema: &record.Schema{Kind: record.Int64}},
		{Name: "n", Schema: &record.Schema{Kind: record.Int64}},
		{Name: "name", Schema: &record.Schema{Kind: record.String}},
	}}
	for i := range 4 {
		s.layouts = append(s.layouts, &record.Layout{Topic: fmt.Sprint("t", i), Key: value.Fields[0].Schema, Value: value,
			Headers: []record.Header{{Key: "table", Value: []byte("t")}}})
	}
	return s
}

var name = []byte("a text of some forty bytes, as names are")

func (s *endless) Open(context.Context, record.Position) error { return nil }

func (s *endless) Read(_ context.Context, b *record.Batch) error {
	if s.n--; s.n == -1 {
		return io.EOF
	}
	s.fill(b)
	return nil
}

func (s *endless) fill(b *record.Batch) {
	for i := range s.rows {
		r := b.Row(s.layouts[i*4/s.rows], record.Update, record.ID{Hi: 1, Lo: s.next})
		c := b.Cells(4)
		b.SetInt(c, int64(s.next))
		b.SetInt(c+1, 12345)
		b.SetBytes(c+2, name)
		b.SetRun(c+3, c, 3)
		b.SetKey(r, c)
		b.SetValue(r, c+3)
		if s.own && i%10 == 0 {
			b.AddHeader("own", name[:6])
		}
		s.next++
	}
	b.SetPosition([]byte(`{"lsn":12345}`))
}

func (s *endless) Commit(context.Context, record.Position) error { return nil }
func (s *endless) Close(context.Context) error                   { return nil }

func failBad(_ string, err error) error { return err }

func TestEncode(t *testing.T) {
	s := newEndless(8, 1)
	s.own = true
	b := new(record.Batch)
	s.fill(b)
	r := b.Row(s.layouts[3], record.Delete, record.ID{Hi: 1, Lo: 8}) // a tombstone
	c := b.Cells(1)
	b.SetInt(c, 8)
	b.SetKey(r, c)
	b.SetTime(r, 1700000000000)
	b.Row(&record.Layout{Topic: "bare"}, 0, record.ID{}) // neither key nor value

	f := &flight{}
	e := newEncoder(connecttest.Text{}, connecttest.Text{}, failBad)
	if err := e.encode(t.Context(), f, b); err != nil {
		t.Fatal(err)
	}
	b.Reset() // nothing may point into it any more
	var want []connect.Message
	for i := range 8 {
		m := connect.Message{Topic: fmt.Sprint("t", i/2), Key: fmt.Appendf(nil, "%d", i), Value: fmt.Appendf(nil, "%d 12345 %s", i, name),
			Headers: s.layouts[0].Headers, ID: record.ID{Hi: 1, Lo: uint64(i)}}
		if i == 0 {
			m.Headers = append([]record.Header{{Key: "own", Value: []byte("a text")}}, m.Headers...)
		}
		want = append(want, m)
	}
	want = append(want,
		connect.Message{Topic: "t3", Key: []byte("8"), Headers: s.layouts[0].Headers, ID: record.ID{Hi: 1, Lo: 8}, Time: 1700000000000},
		connect.Message{Topic: "bare"})
	if d := cmp.Diff(want, f.msgs); d != "" {
		t.Fatal(d)
	}
	if d := cmp.Diff([]string{"t0", "t1", "t2", "t3", "bare"}, f.topics); d != "" {
		t.Fatal(d)
	}
	if !f.hasPos || string(f.pos) != `{"lsn":12345}` {
		t.Fatalf("position %q", f.pos)
	}
}

// TestEncodeLeavesOutBadRecords puts bad rows between good ones: the good ones' bytes stay whole.
func TestEncodeLeavesOutBadRecords(t *testing.T) {
	s := newEndless(20, 1)
	b, f := new(record.Batch), &flight{}
	s.fill(b)
	bad := 0
	e := newEncoder(connecttest.Text{}, &brokenHalfway{every: 3}, func(string, error) error { bad++; return nil })
	if err := e.encode(t.Context(), f, b); err != nil {
		t.Fatal(err)
	}
	if bad != 6 || len(f.msgs) != 14 {
		t.Fatalf("%d bad, %d messages", bad, len(f.msgs))
	}
	for _, m := range f.msgs {
		if want := fmt.Sprintf("%d 12345 %s", m.ID.Lo, name); string(m.Value) != want || string(m.Key) != fmt.Sprint(m.ID.Lo) {
			t.Fatalf("key %q value %q of row %d", m.Key, m.Value, m.ID.Lo)
		}
	}
}

// brokenHalfway fails every few rows after it has appended some bytes.
type brokenHalfway struct {
	every, n int
	enc      convert.Encoder
}

func (c *brokenHalfway) Encoder(ctx context.Context, topic string, p convert.Part, s *record.Schema) (convert.Encoder, error) {
	enc, err := connecttest.Text{}.Encoder(ctx, topic, p, s)
	c.enc = enc
	return c, err
}

func (c *brokenHalfway) Append(dst []byte, b *record.Batch, cell uint32) ([]byte, error) {
	if c.n++; c.n%c.every == 0 {
		return append(dst, "garbage"...), connect.MarkBadRecord(errors.New("does not fit"))
	}
	return c.enc.Append(dst, b, cell)
}

// TestEncoderPerLayout counts what the converter is asked: once a layout and part, over all batches.
func TestEncoderPerLayout(t *testing.T) {
	s := newEndless(40, 1)
	var asked atomic.Int32
	conv := connecttest.Text{Fail: func(_ *record.Schema, n int64) error {
		if n == -1 {
			asked.Add(1)
		}
		return nil
	}}
	e := newEncoder(conv, conv, failBad)
	b, f := new(record.Batch), &flight{}
	for range 10 {
		b.Reset()
		f.reset()
		s.fill(b)
		if err := e.encode(t.Context(), f, b); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked.Load(); n != 4 {
		t.Fatalf("value encoders asked for %d times, want once a layout", n)
	}
}

// expiring is a converter whose encoders are good for a minute, and which is without one for topic t3 until it has.
type expiring struct {
	has   bool
	asked map[string]int // by topic
}

type expiringEncoder struct {
	convert.Encoder
	until time.Time
}

func (e expiringEncoder) Expires() time.Time { return e.until }

func (c *expiring) Encoder(ctx context.Context, topic string, part convert.Part, s *record.Schema) (convert.Encoder, error) {
	c.asked[topic]++
	if topic == "t3" && !c.has {
		return nil, connect.MarkBadRecord(errors.New("no subject"))
	}
	e, err := connecttest.Text{}.Encoder(ctx, topic, part, s)
	return expiringEncoder{e, time.Now().Add(time.Minute)}, err
}

// TestEncoderExpires asks for encoders again when they are no longer good, and for one that there was not with each batch, however
// the rows of layouts alternate.
func TestEncoderExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newEndless(4, 1)
		c, bad := &expiring{asked: map[string]int{}}, 0
		e := newEncoder(connecttest.Text{}, c, func(string, error) error { bad++; return nil })
		b, f := new(record.Batch), &flight{}
		encode := func(t0, t3, badRows int) {
			t.Helper()
			b.Reset()
			f.reset()
			bad = 0
			s.fill(b)
			s.fill(b)
			if err := e.encode(t.Context(), f, b); err != nil {
				t.Fatal(err)
			}
			if c.asked["t0"] != t0 || c.asked["t3"] != t3 || bad != badRows || len(f.msgs) != 8-badRows {
				t.Errorf("asked %v, %d bad rows, %d messages; want t0: %d, t3: %d, %d bad", c.asked, bad, len(f.msgs), t0, t3, badRows)
			}
		}
		encode(1, 1, 2)
		encode(1, 2, 2)
		c.has = true
		encode(1, 3, 0)
		time.Sleep(59 * time.Second)
		encode(1, 3, 0)
		time.Sleep(time.Second)
		encode(2, 4, 0)
		encode(2, 4, 0)
		if n := testing.AllocsPerRun(10, func() { encode(2, 4, 0) }); n != 0 {
			t.Errorf("%v allocations for a batch", n)
		}
	})
}

func TestEncodeDoesNotAllocate(t *testing.T) {
	s := newEndless(1000, 1)
	s.own = true
	b, f := new(record.Batch), &flight{}
	e := newEncoder(connecttest.Text{}, connecttest.Text{}, failBad)
	round := func() {
		b.Reset()
		s.fill(b)
		f.reset()
		if err := e.encode(context.Background(), f, b); err != nil {
			t.Fatal(err)
		}
	}
	round()
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Fatalf("%v allocations for a batch of 1000 rows", n)
	}
}

func BenchmarkEncode(b *testing.B) {
	s := newEndless(1000, 1)
	batch, f := new(record.Batch), &flight{}
	e := newEncoder(connecttest.Text{}, connecttest.Text{}, failBad)
	s.fill(batch)
	b.ReportAllocs()
	for b.Loop() {
		f.reset()
		if err := e.encode(b.Context(), f, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
}

type nowhere struct{}

func (nowhere) Load(context.Context, string) (map[offset.Key]record.Position, error) { return nil, nil }
func (nowhere) Save(context.Context, map[offset.Key]record.Position) error           { return nil }
func (nowhere) Close(context.Context) error                                          { return nil }

func endlessTask(s connect.Source) *Task {
	broker := &connecttest.Broker{Discard: true}
	return &Task{
		Name: "bench", Log: slog.New(slog.DiscardHandler), Offsets: nowhere{}, OffsetKey: offset.Key{Connector: "bench"},
		Source:   func() (connect.Source, error) { return s, nil },
		Producer: func(context.Context) (connect.Producer, error) { return broker.Producer(), nil },
		Key:      connecttest.Text{}, Value: connecttest.Text{},
	}
}

// TestTaskDoesNotAllocatePerRow runs whole tasks of different lengths: what a longer one allocates more is per row.
func TestTaskDoesNotAllocatePerRow(t *testing.T) {
	const rows, short, long = 1000, 100, 600
	cost := func(batches int) float64 {
		return testing.AllocsPerRun(3, func() {
			if err := endlessTask(newEndless(rows, batches)).Run(context.Background()); err != nil {
				t.Fatal(err)
			}
		})
	}
	if extra := (cost(long) - cost(short)) / float64((long-short)*rows); extra > 0.0005 {
		t.Fatalf("%.5f allocations a row", extra)
	}
}

// BenchmarkTask is the whole pipeline around a source and a broker that cost next to nothing.
func BenchmarkTask(b *testing.B) {
	const rows = 1000
	b.ReportAllocs()
	s := newEndless(rows, b.N)
	b.ResetTimer()
	if err := endlessTask(s).Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
