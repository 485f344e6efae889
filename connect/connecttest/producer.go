package connecttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// ProducerHarness tells the Producer suite how to reach a broker.
type ProducerHarness struct {
	Open func(t *testing.T) connect.Producer // a new producer; the suite closes it
	// Topic returns a name that is free; the producer makes the topic.
	Topic func(t *testing.T) string
	// Consume returns the first n messages of topic as the broker keeps them, messages of one key in their order.
	Consume func(t *testing.T, topic string, n int) []connect.Message
	Large   int  // bytes of a value that must pass; 0: 512 KiB
	TooBig  int  // bytes of a value that must be refused as BadRecord; 0: nothing is
	Keys    bool // the broker keeps keys, or says them some way that Consume gives back
	Nulls   bool // the broker tells a null value from an empty one
}

// Producer runs the suite of a connect.Producer.
func Producer(t *testing.T, h ProducerHarness) {
	if h.Large == 0 {
		h.Large = 512 << 10
	}
	open := func(t *testing.T) (connect.Producer, string) {
		p, topic := h.Open(t), h.Topic(t)
		t.Cleanup(func() {
			if err := p.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Errorf("closing: %v", err)
			}
		})
		if err := p.Prepare(t.Context(), topic); err != nil {
			t.Fatalf("preparing %s: %v", topic, err)
		}
		return p, topic
	}
	t.Run("order, done once, flush, memory reused", func(t *testing.T) { producerOrder(t, h, open) })
	t.Run("fields", func(t *testing.T) { producerFields(t, h, open) })

	t.Run("prepare again", func(t *testing.T) {
		p, topic := open(t)
		if err := p.Prepare(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
		other := h.Open(t)
		defer other.Close(t.Context())
		if err := other.Prepare(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("large", func(t *testing.T) {
		p, topic := open(t)
		value := bytes.Repeat([]byte("0123456789abcdef"), h.Large/16)
		if err := produce(t, p, connect.Message{Topic: topic, Key: []byte("k"), Value: value, ID: record.ID{Lo: 1}}); err != nil {
			t.Fatal(err)
		}
		if got := h.Consume(t, topic, 1); !bytes.Equal(got[0].Value, value) {
			t.Fatalf("%d bytes came back of %d", len(got[0].Value), len(value))
		}
	})

	t.Run("too big", func(t *testing.T) {
		if h.TooBig == 0 {
			t.Skip("this broker refuses no size that a test can send")
		}
		p, topic := open(t)
		err := produce(t, p,
			connect.Message{Topic: topic, Key: []byte("k"), Value: []byte("before"), ID: record.ID{Lo: 1}},
			connect.Message{Topic: topic, Key: []byte("k"), Value: bytes.Repeat([]byte("x"), h.TooBig), ID: record.ID{Lo: 2}},
			connect.Message{Topic: topic, Key: []byte("k"), Value: []byte("after"), ID: record.ID{Lo: 3}})
		var b *connect.BatchError
		if !errors.As(err, &b) || len(b.Failed) != 1 || b.Failed[1] == nil {
			t.Fatalf("error %v, want a *BatchError of message 1", err)
		}
		if c := connect.ClassOf(b.Failed[1]); c != connect.BadRecord {
			t.Fatalf("class %v, want a bad record", c)
		}
		if strings.Contains(err.Error(), "xxxx") {
			t.Fatal("the error shows row data")
		}
		got := h.Consume(t, topic, 2)
		if string(got[0].Value) != "before" || string(got[1].Value) != "after" {
			t.Fatalf("the other messages came back as %q and %q", got[0].Value, got[1].Value)
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		p, topic := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var calls atomic.Int32
		got := make(chan error, 8)
		p.Produce(ctx, []connect.Message{{Topic: topic, Value: []byte("v"), ID: record.ID{Lo: 1}}}, func(err error) {
			calls.Add(1)
			got <- err
		})
		select {
		case <-got: // either outcome is allowed: it was sent, or it was not
		case <-time.After(20 * time.Second):
			t.Fatal("done was not called")
		}
		time.Sleep(50 * time.Millisecond)
		if n := calls.Load(); n != 1 {
			t.Fatalf("done was called %d times", n)
		}
	})
}

const (
	batches   = 200
	batchSize = 50
	keys      = 7
)

// producerOrder sends many batches without waiting, overwrites each batch's memory once done says it may, and looks
// whether every message arrived once, in order of its key.
func producerOrder(t *testing.T, h ProducerHarness, open func(*testing.T) (connect.Producer, string)) {
	p, topic := open(t)
	var calls [batches]atomic.Int32
	var failed atomic.Pointer[error]
	pool := sync.Pool{New: func() any { return new([]byte) }}
	seq := 0
	for b := range batches {
		buf := pool.Get().(*[]byte)
		data, msgs := (*buf)[:0], make([]connect.Message, 0, batchSize)
		ends := make([]int, 0, batchSize)
		for range batchSize {
			data = fmt.Appendf(data, "%d %d", seq%keys, seq)
			ends = append(ends, len(data))
			seq++
		}
		start := 0
		for i, end := range ends {
			n := seq - batchSize + i
			v := data[start:end]
			msgs = append(msgs, connect.Message{Topic: topic, Key: v[:1], Value: v, ID: record.ID{Hi: 1, Lo: uint64(n)}})
			start = end
		}
		p.Produce(t.Context(), msgs, func(err error) {
			if err != nil {
				failed.Store(&err)
			}
			if calls[b].Add(1) > 1 {
				return
			}
			for i := range data {
				data[i] = '!'
			}
			*buf = data
			pool.Put(buf)
		})
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatalf("flushing: %v", err)
	}
	if err := failed.Load(); err != nil {
		t.Fatalf("producing: %v", *err)
	}
	for b := range calls {
		if n := calls[b].Load(); n != 1 {
			t.Fatalf("done of batch %d was called %d times by the end of Flush", b, n)
		}
	}
	var last [keys]int
	for i := range last {
		last[i] = i - keys
	}
	got := h.Consume(t, topic, batches*batchSize)
	for i, m := range got {
		var key, n int
		if _, err := fmt.Sscanf(string(m.Value), "%d %d", &key, &n); err != nil || key != n%keys {
			t.Fatalf("message %d came back as %q", i, m.Value)
		}
		if n != last[key]+keys {
			t.Fatalf("after %d of key %d came %d, want %d", last[key], key, n, last[key]+keys)
		}
		last[key] = n
	}
	if len(got) != batches*batchSize {
		t.Fatalf("%d messages came back of %d", len(got), batches*batchSize)
	}
}

func producerFields(t *testing.T, h ProducerHarness, open func(*testing.T) (connect.Producer, string)) {
	p, topic := open(t)
	headers := []record.Header{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("two")}}
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC).UnixMilli()
	sent := []connect.Message{
		{Topic: topic, Key: []byte("k"), Value: []byte("v"), Headers: headers, Time: at, ID: record.ID{Hi: 1, Lo: 1}},
		{Topic: topic, Key: []byte("k"), Value: nil, Time: at, ID: record.ID{Hi: 1, Lo: 2}},
		{Topic: topic, Key: nil, Value: []byte("no key"), ID: record.ID{Hi: 1, Lo: 3}},
	}
	for _, m := range sent { // one by one, so that the keyless one has its place in the order
		if err := produce(t, p, m); err != nil {
			t.Fatal(err)
		}
	}
	got := h.Consume(t, topic, len(sent))
	byValue := map[string]connect.Message{}
	for _, m := range got {
		byValue[string(m.Value)] = m
	}
	for _, want := range sent {
		m, ok := byValue[string(want.Value)]
		if !ok {
			t.Fatalf("value %q did not come back", want.Value)
		}
		if h.Nulls && (m.Value == nil) != (want.Value == nil) {
			t.Errorf("value %q: null came back as %v", want.Value, m.Value == nil)
		}
		if h.Keys && (!bytes.Equal(m.Key, want.Key) || (m.Key == nil) != (want.Key == nil)) {
			t.Errorf("key %q came back as %q", want.Key, m.Key)
		}
		for _, w := range want.Headers {
			found := false
			for _, g := range m.Headers {
				found = found || g.Key == w.Key && bytes.Equal(g.Value, w.Value)
			}
			if !found {
				t.Errorf("header %s=%s did not come back", w.Key, w.Value)
			}
		}
	}
}

// produce sends msgs as one batch and waits for it.
func produce(t *testing.T, p connect.Producer, msgs ...connect.Message) error {
	t.Helper()
	done := make(chan error, 2)
	p.Produce(t.Context(), msgs, func(err error) { done <- err })
	if err := p.Flush(t.Context()); err != nil {
		t.Fatalf("flushing: %v", err)
	}
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("done was not called")
		return nil
	}
}
