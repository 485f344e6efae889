package natslog_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/natslog"
)

func serve(t *testing.T, o *server.Options) string {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", -1, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return s.Addr().String()
}

func refused(t *testing.T, c natslog.Config, want string) {
	t.Helper()
	l, err := natslog.Open(t.Context(), c)
	if err == nil {
		_ = l.Close()
		t.Fatalf("opened, want an error with %q", want)
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestRefusals(t *testing.T) {
	t.Run("no JetStream", func(t *testing.T) {
		t.Parallel()
		refused(t, natslog.Config{URL: "nats://" + serve(t, &server.Options{})}, "JetStream is not enabled")
	})
	t.Run("wrong password", func(t *testing.T) {
		refused(t, natslog.Config{URL: "nats://u:hunter2@" + serve(t, &server.Options{Username: "u", Password: "other"})}, "Authorization Violation")
	})
	t.Run("no server", func(t *testing.T) {
		refused(t, natslog.Config{URL: "nats://u:hunter2@127.0.0.1:1"}, "connecting to NATS")
	})
	t.Run("no credentials file", func(t *testing.T) {
		refused(t, natslog.Config{URL: "nats://" + serve(t, &server.Options{}), Creds: "/none.creds"}, "/none.creds")
	})
	t.Run("no permission", func(t *testing.T) {
		t.Parallel()
		deny := &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"$JS.API.STREAM.>"}}}
		o := &server.Options{JetStream: true, StoreDir: t.TempDir(), Users: []*server.User{{Username: "u", Password: "hunter2", Permissions: deny}}}
		refused(t, natslog.Config{URL: "nats://u:hunter2@" + serve(t, o)}, "Permissions Violation")
	})
	t.Run("name", func(t *testing.T) { refused(t, natslog.Config{URL: "nats://h", Stream: "a.b"}, "a character") })
	t.Run("replicas", func(t *testing.T) { refused(t, natslog.Config{URL: "nats://h", Replicas: 6}, "no number of replicas") })
	t.Run("key without certificate", func(t *testing.T) {
		refused(t, natslog.Config{URL: "nats://h", Key: os.DevNull}, "needs its key")
	})
}

func TestForeignStreams(t *testing.T) {
	url := start(t).URL()
	js := client(t, url)
	for want, change := range map[string]func(*jetstream.StreamConfig){
		"subjects":            func(c *jetstream.StreamConfig) { c.Subjects = []string{c.Name + ".>"} },
		"retention":           func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy },
		"storage":             func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		"limit":               func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"deleted":             func(c *jetstream.StreamConfig) { c.DenyDelete = false },
		"direct gets":         func(c *jetstream.StreamConfig) { c.AllowDirect = true },
		"expires":             func(c *jetstream.StreamConfig) { c.AllowMsgTTL = true },
		"sequence 1":          func(c *jetstream.StreamConfig) { c.FirstSeq = 7 },
		"no messages":         func(c *jetstream.StreamConfig) { c.NoAck = true },
		"greatest message is": func(c *jetstream.StreamConfig) { c.MaxMsgSize = 10 },
	} {
		c := jetstream.StreamConfig{Name: streamName(), DenyDelete: true, DenyPurge: true}
		c.Subjects = []string{c.Name}
		change(&c)
		if _, err := js.CreateStream(t.Context(), c); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		refused(t, natslog.Config{URL: url, Stream: c.Name}, want)
	}
}

// TestForeignMessage has somebody else publish to the subject: reading says which message it is.
func TestForeignMessage(t *testing.T) {
	url := start(t).URL()
	l := open(t, natslog.Config{URL: url})
	if _, err := client(t, url).Publish(t.Context(), natslog.DefaultStream, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	err := l.Follow(t.Context(), 0, func(int64, registry.Record) error { return nil }, func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "message 1 of the stream _schemas") {
		t.Errorf("%v", err)
	}
}

// TestStreamMadeAnew has an operator delete the stream under a log: nothing of the new one is taken for the old one.
func TestStreamMadeAnew(t *testing.T) {
	url := start(t).URL()
	l := open(t, natslog.Config{URL: url})
	ended := make(chan error, 1)
	go func() {
		ended <- l.Follow(t.Context(), 0, func(int64, registry.Record) error { return nil }, func(int64) {})
	}()
	last, err := l.Append(t.Context(), -1, registry.Record{Key: []byte("k")})
	if err != nil {
		t.Fatal(err)
	}
	if err := client(t, url).DeleteStream(t.Context(), natslog.DefaultStream); err != nil {
		t.Fatal(err)
	}
	open(t, natslog.Config{URL: url})
	if _, err := l.Append(t.Context(), last, registry.Record{Key: []byte("k")}); err == nil || !strings.Contains(err.Error(), "made anew") {
		t.Errorf("Append: %v", err)
	}
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "made anew") {
			t.Errorf("Follow: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Follow goes on")
	}
}

// TestUnitThatNobodyCompletes has a writer end between the messages of one unit. Nobody sees its records, and the next one
// writes behind them.
func TestUnitThatNobodyCompletes(t *testing.T) {
	url := start(t).URL()
	source, c := natslog.Config{URL: url, Stream: streamName()}, natslog.Config{URL: url}
	big := registry.Record{Key: []byte("big"), Value: bytes.Repeat([]byte("x"), 3<<20)}
	whole := open(t, source)
	if _, err := whole.Append(t.Context(), -1, big); err != nil {
		t.Fatal(err)
	}
	js := client(t, url)
	from, err := js.Stream(t.Context(), source.Stream)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, c)
	first, err := l.Append(t.Context(), -1, registry.Record{Key: []byte("first")})
	if err != nil {
		t.Fatal(err)
	}
	for sequence := range uint64(2) {
		m, err := from.GetMsg(t.Context(), sequence+1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(t.Context(), natslog.DefaultStream, m.Data); err != nil {
			t.Fatal(err)
		}
	}
	last, err := l.Append(t.Context(), first, big, registry.Record{Key: []byte("second")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), first, big); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("Append behind what has been written: %v", err)
	}
	for from, want := range map[int64]string{0: "first big second", first + 1: "big second", last - 1: "big second", last: "second", last + 1: ""} {
		var keys []string
		ctx, cancel := context.WithCancel(t.Context())
		err := l.Follow(ctx, from, func(_ int64, r registry.Record) error {
			keys = append(keys, string(r.Key))
			return nil
		}, func(int64) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("from %d: %v", from, err)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("from %d: %q, want %q", from, got, want)
		}
	}
}
