package nats_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsclient "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connectors/nats"
	"github.com/millrace/millrace/connectors/nats/embedded"
	"github.com/millrace/millrace/test/testenv"
)

var topics atomic.Int64

func topicName() string { return fmt.Sprintf("t%d-%d.public.a", time.Now().UnixNano(), topics.Add(1)) }

func suite(t *testing.T, url string) {
	connecttest.Producer(t, connecttest.ProducerHarness{
		Open:  func(t *testing.T) connect.Producer { return open(t, nats.Config{URL: url, Name: t.Name()}) },
		Topic: func(*testing.T) string { return topicName() },
		Consume: func(t *testing.T, topic string, n int) []connect.Message {
			return consume(t, nats.Config{URL: url}, topic, n)
		},
		TooBig: 9 << 20, Keys: true, Nulls: true,
	})
}

func open(t *testing.T, cfg nats.Config) *nats.Producer {
	t.Helper()
	p, err := nats.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func consume(t *testing.T, cfg nats.Config, topic string, n int) (got []connect.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	c, err := nats.NewConsumer(ctx, cfg, false, nats.Subject(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for len(got) < n {
		if err := c.Read(ctx, func(m connect.Message, _ uint64) { got = append(got, m) }); err != nil {
			t.Fatalf("after %d of %d messages: %v", len(got), n, err)
		}
	}
	return got
}

func server(t *testing.T, dir string, port int) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.Context(), embedded.Config{Dir: dir, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProducerEmbedded(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	t.Cleanup(s.Shutdown)
	suite(t, s.URL())
}

func TestProducerRealServer(t *testing.T) { suite(t, testenv.NATS(t)) }

// TestReplayIsDropped publishes the same rows twice, as after a crash: the stream has them once.
func TestReplayIsDropped(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	defer s.Shutdown()
	topic := topicName()
	for range 2 {
		p := open(t, nats.Config{URL: s.URL(), Name: "replay", Options: []natsclient.Option{s.Option()}})
		if err := p.Prepare(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
		produce(t, p, messages(topic, 0, 100))
		if err := p.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := stored(t, s.URL(), topic); n != 100 {
		t.Errorf("the stream holds %d messages", n)
	}
}

// TestServerRestarts produces through two restarts of the server: every message is there once, in order.
func TestServerRestarts(t *testing.T) {
	dir := t.TempDir()
	s := server(t, dir, 24333)
	topic := topicName()
	p := open(t, nats.Config{URL: "nats://127.0.0.1:24333", Name: "restarts", AckWait: 2 * time.Second})
	defer p.Close(context.WithoutCancel(t.Context()))
	if err := p.Prepare(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	const batches, each = 60, 50
	var wg sync.WaitGroup
	var failed atomic.Value
	for b := range batches {
		wg.Add(1)
		p.Produce(t.Context(), messages(topic, b*each, each), func(err error) {
			if err != nil {
				failed.Store(err)
			}
			wg.Done()
		})
		if b == 20 || b == 40 {
			s.Shutdown()
			time.Sleep(100 * time.Millisecond)
			s = server(t, dir, 24333)
		}
	}
	wg.Wait()
	defer func() { s.Shutdown() }()
	if err := failed.Load(); err != nil {
		t.Fatal(err)
	}
	got := consume(t, nats.Config{URL: s.URL()}, topic, batches*each)
	for i, m := range got {
		if want := fmt.Sprint(i); string(m.Value) != want {
			t.Fatalf("message %d is %s", i, m.Value)
		}
	}
	if n := stored(t, s.URL(), topic); n != batches*each {
		t.Errorf("the stream holds %d messages of %d", n, batches*each)
	}
}

// TestUnreachableAndRefused: a server that is away is waited for; what is in flight fails when the producer is closed.
func TestUnreachableAndRefused(t *testing.T) {
	p := open(t, nats.Config{URL: "nats://127.0.0.1:1"})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := p.Prepare(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	done := make(chan error, 1)
	p.Produce(t.Context(), messages("a", 0, 1), func(err error) { done <- err })
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; connect.ClassOf(err) != connect.Fatal && connect.ClassOf(err) != connect.Retriable {
		t.Errorf("error %v", err)
	}
}

func TestPortIsTaken(t *testing.T) {
	s := server(t, t.TempDir(), 24334)
	defer s.Shutdown()
	if _, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Port: 24334}); err == nil {
		t.Error("a second server took the port")
	}
}

func produce(t *testing.T, p connect.Producer, msgs []connect.Message) {
	t.Helper()
	done := make(chan error, 1)
	p.Produce(t.Context(), msgs, func(err error) { done <- err })
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("not acknowledged")
	}
}

func messages(topic string, from, n int) []connect.Message {
	msgs := make([]connect.Message, n)
	for i := range msgs {
		msgs[i] = connect.Message{Topic: topic, Key: fmt.Append(nil, from+i), Value: fmt.Append(nil, from+i), ID: record.ID{Hi: 7, Lo: uint64(from + i + 1)}}
	}
	return msgs
}

func stored(t *testing.T, url, topic string) uint64 {
	t.Helper()
	nc, err := natsclient.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	name, err := js.StreamNameBySubject(t.Context(), nats.Subject(topic))
	if err != nil {
		t.Fatal(err)
	}
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return st.CachedInfo().State.Msgs
}

func BenchmarkProduce(b *testing.B) {
	s, err := embedded.Start(b.Context(), embedded.Config{Dir: b.TempDir(), Port: -1})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Shutdown()
	p, err := nats.NewProducer(nats.Config{URL: s.URL(), Options: []natsclient.Option{s.Option()}})
	if err != nil {
		b.Fatal(err)
	}
	topic := topicName()
	if err := p.Prepare(b.Context(), topic); err != nil {
		b.Fatal(err)
	}
	value := make([]byte, 400)
	msgs := make([]connect.Message, 100)
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i := 0; i < b.N; i += len(msgs) {
		batch := make([]connect.Message, len(msgs))
		for j := range batch {
			batch[j] = connect.Message{Topic: topic, Key: []byte("key"), Value: value, ID: record.ID{Hi: 9, Lo: uint64(i + j + 1)}}
		}
		wg.Add(1)
		p.Produce(b.Context(), batch, func(error) { wg.Done() })
	}
	wg.Wait()
	b.StopTimer()
	_ = p.Close(context.Background())
}
