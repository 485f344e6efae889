package transfer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/transfer"
)

// takeover is a log as Confluent's registry wrote it.
func takeover(t testing.TB) registry.Log {
	t.Helper()
	l := memlog.New()
	if _, err := l.Append(t.Context(), -1, registrytest.Topic(t, "../rest/testdata/topic.jsonl.gz")...); err != nil {
		t.Fatal(err)
	}
	return l
}

func remote(t testing.TB, url string) *transfer.Remote {
	t.Helper()
	c, err := client.New(client.Config{URLs: []string{url}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &transfer.Remote{Client: c}
}

func store(t testing.TB, l registry.Log) *transfer.Store {
	t.Helper()
	s, err := transfer.OpenStore(t.Context(), l, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func dump(t testing.TB, from transfer.Target) *transfer.Dump {
	t.Helper()
	d, err := from.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range d.Notes {
		t.Error(n)
	}
	return d
}

// file is a dump as a file.
func file(t testing.TB, d *transfer.Dump) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t testing.TB, text string) *transfer.Dump {
	t.Helper()
	d, err := transfer.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// same compares files line by line.
func same(t testing.TB, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	have := map[string]bool{}
	for l := range strings.Lines(got) {
		have[l] = true
	}
	n := 0
	for l := range strings.Lines(want) {
		if !have[l] && n < 20 {
			n++
			t.Errorf("missing: %.300s", l)
		}
		delete(have, l)
	}
	for l := range have {
		if n++; n < 40 {
			t.Errorf("beyond what is wanted: %.300s", l)
		}
	}
}

func copied(t testing.TB, d *transfer.Dump, to transfer.Target, o transfer.Options) *transfer.Report {
	t.Helper()
	r, err := transfer.Copy(t.Context(), d, to, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestConfluentsTopicRoundTrips takes what Confluent's registry wrote through a file and into an empty registry, over the API and
// without.
func TestConfluentsTopicRoundTrips(t *testing.T) {
	targets := map[string]func(t *testing.T) transfer.Target{
		"store":  func(t *testing.T) transfer.Target { return store(t, memlog.New()) },
		"remote": func(t *testing.T) transfer.Target { return remote(t, registrytest.NewServer(t).URL) },
	}
	sources := map[string]func(t *testing.T) transfer.Target{
		"store": func(t *testing.T) transfer.Target { return store(t, takeover(t)) },
		"remote": func(t *testing.T) transfer.Target {
			_, s := registrytest.NewRegistry(t, takeover(t))
			return remote(t, s.URL)
		},
	}
	for from, source := range sources {
		for to, target := range targets {
			t.Run(from+" to "+to, func(t *testing.T) {
				first := file(t, dump(t, source(t)))
				onto := target(t)
				report := copied(t, read(t, first), onto, transfer.Options{})
				if report.Registered != report.Versions || report.Versions < 200 || report.SoftDeleted < 10 {
					t.Errorf("%+v", report)
				}
				if from == to {
					same(t, file(t, dump(t, onto)), first)
				}
				again := copied(t, read(t, first), onto, transfer.Options{})
				if again.Registered+again.Deleted+again.Configs+again.Modes != 0 || again.Present != again.Versions {
					t.Errorf("the second time: %+v", again)
				}
			})
		}
	}
}
