package natslog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// TestResumeRefuses: a stream that was deleted and has more than before, one that was put back from a backup of its files and has
// grown since, and marks of records that are not there. What is before a record in the midst of a unit, or of one in several
// messages, is resumed from.
func TestResumeRefuses(t *testing.T) {
	dir, saved := t.TempDir(), filepath.Join(t.TempDir(), "saved")
	run := func() (*embedded.Server, *natslog.Log) {
		s, err := embedded.Start(t.Context(), embedded.Config{Port: -1, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Shutdown)
		return s, open(t, natslog.Config{URL: s.URL()})
	}
	rec := func(name string, size int) registry.Record {
		return registry.Record{Key: []byte(name), Value: []byte(strings.Repeat("x", size)), Time: 1}
	}
	add := func(l registry.Log, after registry.Tip, recs ...registry.Record) (tips []registry.Tip) {
		t.Helper()
		last, err := l.Append(t.Context(), after.Offset, recs...)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range recs {
			tips = append(tips, registry.TipOf(last-int64(len(recs)-1-i), r))
		}
		return tips
	}
	check := func(when string, l *natslog.Log, mark []byte, last registry.Tip, want string) {
		t.Helper()
		err := l.Resume(t.Context(), mark, last, last.Offset+1)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", when, err, want)
		}
	}
	s, l := run()
	first := add(l, registry.Tip{Offset: -1}, rec("a", 1))[0]
	s.Shutdown()
	if err := os.CopyFS(saved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s, l = run()
	mark, err := l.Mark(0)
	if err != nil {
		t.Fatal(err)
	}
	tips := add(l, first, rec("b", 1), rec("c", 3<<20), rec("d", 1))
	for _, tip := range append(tips, first) {
		check("the same stream", l, mark, tip, "")
		check("a record that is another", l, mark, registry.Tip{Offset: tip.Offset, Digest: tip.Digest + 1}, "another record")
	}
	check("a record before the unit's first", l, mark, registry.Tip{Offset: tips[0].Offset - 1}, "no record at offset")
	check("a message that ends no unit", l, mark, registry.Tip{Offset: first.Offset + 1}, "ends no unit")
	check("more than there is", l, mark, registry.Tip{Offset: tips[2].Offset + 1}, "ends at offset")
	s.Shutdown()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(saved)); err != nil {
		t.Fatal(err)
	}
	s, l = run()
	check("put back from a backup", l, mark, first, "")
	check("put back from a backup, and short", l, mark, tips[2], "ends at offset")
	add(l, first, rec("e", 1), rec("f", 3<<20), rec("g", 1), rec("h", 1))
	check("put back from a backup, and grown", l, mark, tips[2], "another record")
	if err := client(t, s.URL()).DeleteStream(t.Context(), natslog.DefaultStream); err != nil {
		t.Fatal(err)
	}
	anew := open(t, natslog.Config{URL: s.URL()})
	last := registry.Tip{Offset: -1}
	for range 9 {
		last = add(anew, last, rec("i", 1))[0]
	}
	check("made anew", anew, mark, tips[2], "another stream")
	if anew.Identity() == l.Identity() {
		t.Errorf("the stream made anew is %s, as before", anew.Identity())
	}
}
