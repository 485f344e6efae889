package natslog_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connectors/nats/embedded"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/natslog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/test/testenv"
)

// streamName returns a name that no other test has.
func streamName() string { return fmt.Sprintf("_schemas_%d", time.Now().UnixNano()) }

// start runs a server in this process for one test.
func start(t testing.TB) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.Context(), embedded.Config{Port: -1, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}

func open(t testing.TB, c natslog.Config) *natslog.Log {
	t.Helper()
	l, err := natslog.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// client connects to a server.
func client(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url)
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

func suite(t *testing.T, url string) {
	t.Helper()
	js := client(t, url)
	names := map[registry.Log]string{}
	registrytest.TestLog(t, func(t testing.TB) registry.Log {
		name := streamName()
		l := open(t, natslog.Config{URL: url, Stream: name})
		t.Cleanup(func() { _ = js.DeleteStream(context.Background(), name) })
		names[l] = name
		return l
	}, func(t testing.TB, closed registry.Log) registry.Log {
		l := open(t, natslog.Config{URL: url, Stream: names[closed]})
		names[l] = names[closed]
		return l
	})
}

func TestLog(t *testing.T) { suite(t, start(t).URL()) }

func TestLogOnServer(t *testing.T) { suite(t, testenv.NATS(t)) }

func TestResume(t *testing.T) {
	s := start(t)
	streams := map[registry.Log]string{}
	at := func(t testing.TB, name string) registry.Log {
		l := open(t, natslog.Config{URL: s.URL(), Stream: name})
		streams[l] = name
		return l
	}
	registrytest.TestResume(t, func(t testing.TB) registry.Log { return at(t, streamName()) },
		func(t testing.TB, closed registry.Log) registry.Log { return at(t, streams[closed]) })
}
