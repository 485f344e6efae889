package nats_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	natsclient "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connectors/nats"
)

func jetStream(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	nc, err := natsclient.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// TestFullStreamIsWaitedFor fills a stream that refuses when full: nothing fails, and when there is room again everything
// arrives, the last message of the topic last.
func TestFullStreamIsWaitedFor(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	t.Cleanup(s.Shutdown)
	js := jetStream(t, s.URL())
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "full", Subjects: []string{"full.>"}, MaxMsgs: 10, Discard: jetstream.DiscardNew})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, nats.Config{URL: s.URL(), AckWait: 2 * time.Second})
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	if err := p.Prepare(t.Context(), "full.a"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	p.Produce(t.Context(), messages("full.a", 0, 25), func(err error) { done <- err })
	select {
	case err := <-done:
		t.Fatalf("a full stream answered %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	if err := stream.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := stream.CachedInfo().Config
	cfg.MaxMsgs = 1000
	if _, err := js.UpdateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("not acknowledged after there was room")
	}
	last, err := stream.GetLastMsgForSubject(t.Context(), "full.a")
	if err != nil || string(last.Data) != "24" {
		t.Errorf("the last message is %v, %v", last, err)
	}
}

// TestStreamIsMadeAgain deletes the stream under a producer.
func TestStreamIsMadeAgain(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	t.Cleanup(s.Shutdown)
	js := jetStream(t, s.URL())
	p := open(t, nats.Config{URL: s.URL(), AckWait: 2 * time.Second})
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	if err := p.Prepare(t.Context(), "gone.a"); err != nil {
		t.Fatal(err)
	}
	produce(t, p, messages("gone.a", 0, 5))
	if err := js.DeleteStream(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	produce(t, p, messages("gone.a", 5, 5))
	if n := stored(t, s.URL(), "gone.a"); n != 5 {
		t.Errorf("%d messages of 5 are in the stream", n)
	}
}

func TestTooLargeForTheStream(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	t.Cleanup(s.Shutdown)
	if _, err := jetStream(t, s.URL()).CreateStream(t.Context(), jetstream.StreamConfig{Name: "small", Subjects: []string{"small.>"}, MaxMsgSize: 1000}); err != nil {
		t.Fatal(err)
	}
	p := open(t, nats.Config{URL: s.URL()})
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	done := make(chan error, 1)
	p.Produce(t.Context(), []connect.Message{
		{Topic: "small.a", Value: []byte("1"), ID: record.ID{Lo: 1}}, {Topic: "small.a", Value: make([]byte, 5000), ID: record.ID{Lo: 2}}, {Topic: "small.a", Value: []byte("3"), ID: record.ID{Lo: 3}},
	}, func(err error) { done <- err })
	err, _ := (<-done).(*connect.BatchError)
	if err == nil || len(err.Failed) != 1 || connect.ClassOf(err.Failed[1]) != connect.BadRecord {
		t.Fatalf("error %v", err)
	}
	if n := stored(t, s.URL(), "small.a"); n != 2 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestPrepareMakesAndWidensStreams(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	t.Cleanup(s.Shutdown)
	js := jetStream(t, s.URL())
	subjects := func(name string) string {
		t.Helper()
		st, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(st.CachedInfo().Config.Subjects, " ")
	}
	prepare := func(cfg nats.Config, topics ...string) error {
		cfg.URL = s.URL()
		errs := make(chan error, 2*len(topics))
		for _, topic := range append(topics, topics...) { // at the same time, each with a producer of its own
			p := open(t, cfg)
			t.Cleanup(func() { _ = p.Close(context.Background()) })
			go func() { errs <- p.Prepare(t.Context(), topic) }()
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				return err
			}
		}
		return nil
	}
	if err := prepare(nats.Config{}, "shop.public.a", "shop.public.b", "alone"); err != nil {
		t.Fatal(err)
	}
	if got := subjects("shop"); got != "shop.>" {
		t.Errorf("stream shop has %s", got)
	}
	if got := subjects("alone"); got != "alone" {
		t.Errorf("stream alone has %s", got)
	}
	if err := prepare(nats.Config{}, "alone.more"); err != nil { // the stream of that name exists, with one subject
		t.Fatal(err)
	}
	if got := subjects("alone"); got != "alone alone.>" {
		t.Errorf("stream alone has %s", got)
	}
	named := nats.Config{Stream: nats.Stream{Name: "EVENTS", Memory: true, MaxAge: time.Minute, MaxMsgs: 7}}
	for _, topic := range []string{"x.a", "y.b", "shop.c"} {
		if err := prepare(named, topic); err != nil {
			t.Fatal(err)
		}
	}
	if got := subjects("EVENTS"); got != "x.> y.>" {
		t.Errorf("stream EVENTS has %s", got)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "part", Subjects: []string{"part.a.>"}}); err != nil {
		t.Fatal(err)
	}
	if err := prepare(nats.Config{}, "part.b.c"); connect.ClassOf(err) != connect.Fatal || !strings.Contains(fmt.Sprint(err), "was not made by Millrace") {
		t.Errorf("somebody else's stream: %v", err)
	}
	if err := prepare(nats.Config{Stream: nats.Stream{Name: "rest"}}, "part.b.c"); err != nil {
		t.Error(err)
	}
	if got := subjects("rest"); got != "part.b.c" { // the prefix belongs to another stream
		t.Errorf("stream rest has %s", got)
	}
}

// TestConsumerReadsManyStreams reads by wildcard what is there and what comes later; with tail only the latter.
func TestConsumerReadsManyStreams(t *testing.T) {
	s := server(t, t.TempDir(), -1)
	t.Cleanup(s.Shutdown)
	p := open(t, nats.Config{URL: s.URL()})
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	send := func(topic string) {
		t.Helper()
		if err := p.Prepare(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
		produce(t, p, messages(topic, 0, 1))
	}
	send("m1.t")
	send("m2.t")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	read := func(tail bool) (*nats.Consumer, func(n int) string) {
		c, err := nats.NewConsumer(ctx, nats.Config{URL: s.URL()}, tail, "*.t")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		seen := map[string]bool{}
		return c, func(n int) string {
			for len(seen) < n {
				if err := c.Read(ctx, func(m connect.Message, _ uint64) { seen[m.Topic] = true }); err != nil {
					t.Fatal(err)
				}
			}
			var all []string
			for _, topic := range []string{"m1.t", "m2.t", "m3.t"} {
				if seen[topic] {
					all = append(all, topic)
				}
			}
			return strings.Join(all, " ")
		}
	}
	_, all := read(false)
	_, tail := read(true)
	if got := all(2); got != "m1.t m2.t" {
		t.Errorf("%s", got)
	}
	send("m3.t")
	if got := all(3); got != "m1.t m2.t m3.t" {
		t.Errorf("%s", got)
	}
	if got := tail(1); got != "m3.t" {
		t.Errorf("tail: %s", got)
	}
}

// TestPrepareSaysWhatIsWrong, without the password.
func TestPrepareSaysWhatIsWrong(t *testing.T) {
	plain := startPlain(t, &natsserver.Options{})
	locked := startPlain(t, &natsserver.Options{JetStream: true, StoreDir: t.TempDir(), Username: "u", Password: "right"})
	for _, tc := range []struct {
		cfg   nats.Config
		class connect.Class
		says  string
	}{
		{nats.Config{URL: plain}, connect.Retriable, "start the server with JetStream"},
		{nats.Config{URL: locked, User: "u", Password: config.Secret("wrong-password")}, connect.Fatal, "Authorization Violation"},
		{nats.Config{URL: "nats://u:wrong-password@127.0.0.1:1", AckWait: time.Second}, connect.Retriable, "no connection to 127.0.0.1:1"},
	} {
		p := open(t, tc.cfg)
		err := p.Prepare(t.Context(), "a.b")
		if connect.ClassOf(err) != tc.class || !strings.Contains(fmt.Sprint(err), tc.says) || strings.Contains(fmt.Sprint(err), "wrong-password") {
			t.Errorf("%s: %v error %v", tc.says, connect.ClassOf(err), err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	p := open(t, nats.Config{URL: locked, User: "u", Password: config.Secret("right")})
	if err := p.Prepare(t.Context(), "a.b"); err != nil {
		t.Error(err)
	}
	_ = p.Close(t.Context())
}

func startPlain(t *testing.T, o *natsserver.Options) string {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", -1, true, true
	s, err := natsserver.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return s.ClientURL()
}

func TestFromProperties(t *testing.T) {
	c, err := nats.FromProperties(map[string]string{"url": "nats://a:1,nats://b:2", "user": "u", "password": "p", "stream": "S", "storage": "memory", "max.age.ms": "1000", "duplicates.window.ms": "5000", "in.flight": "10", "compression": "s2"})
	if err != nil {
		t.Fatal(err)
	}
	if c.URL != "nats://a:1,nats://b:2" || c.User != "u" || c.Password.Reveal() != "p" || c.InFlight != 10 ||
		c.Stream != (nats.Stream{Name: "S", Memory: true, MaxAge: time.Second, Replicas: 1, Duplicates: 5 * time.Second, Compress: true}) {
		t.Errorf("read as %+v", c)
	}
	_, err = nats.FromProperties(map[string]string{"stream": "a.b", "storage": "tape", "max.msgs": "-1", "creds.file": "/nowhere", "no.such": "1"})
	for _, option := range []string{"stream", "storage", "max.msgs", "creds.file", "no.such"} {
		if !strings.Contains(fmt.Sprint(err), option) {
			t.Errorf("option %s is not among the faults: %v", option, err)
		}
	}
}
