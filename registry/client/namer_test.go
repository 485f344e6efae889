package client_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

func TestNamer(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      client.NamerOptions
		status int
		answer string
		record string
		want   string // "": an error
		asks   int
	}{
		{"topic", client.NamerOptions{}, 500, ``, "a.B", "t-value", 0},
		{"record", client.NamerOptions{Strategy: wire.RecordName}, 500, ``, "a.B", "a.B", 0},
		{"associated", client.NamerOptions{Strategy: wire.AssociatedName}, 200, `[{"subject":"x"}]`, "a.B", "x", 1},
		{"not associated", client.NamerOptions{Strategy: wire.AssociatedName}, 200, `[]`, "a.B", "t-value", 1},
		{"no such path", client.NamerOptions{Strategy: wire.AssociatedName, Fallback: wire.RecordName}, 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`, "a.B", "a.B", 1},
		{"not there", client.NamerOptions{Strategy: wire.AssociatedName, Fallback: wire.TopicRecordName}, 501, ``, "a.B", "t-a.B", 1},
		{"no fallback", client.NamerOptions{Strategy: wire.AssociatedName, NoFallback: true}, 200, `[]`, "a.B", "", 1},
		{"no record to fall back to", client.NamerOptions{Strategy: wire.AssociatedName, Fallback: wire.RecordName}, 200, `[]`, "", "", 1},
		{"several", client.NamerOptions{Strategy: wire.AssociatedName}, 200, `[{"subject":"x"},{"subject":"y"}]`, "a.B", "", 2},
		{"not allowed", client.NamerOptions{Strategy: wire.AssociatedName}, 403, ``, "a.B", "", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := serve(t, c.status, c.answer)
			namer, err := connect(t, client.Config{URLs: []string{n.URL}}).Namer(c.o)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := namer.Subject(t.Context(), "t", wire.Value, c.record); got != c.want || (err == nil) != (c.want != "") {
					t.Errorf("%q, %v", got, err)
				}
			}
			if len(n.requests) != c.asks {
				t.Errorf("%d requests", len(n.requests))
			}
		})
	}
}

func TestNamerAsks(t *testing.T) {
	n := serve(t, 200, `[{"subject":"x"}]`)
	c := connect(t, client.Config{URLs: []string{n.URL}})
	namer, err := c.Namer(client.NamerOptions{Strategy: wire.AssociatedName, Cluster: "lkc", TTL: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []wire.Part{wire.Key, wire.Value} {
		if _, err := namer.Subject(t.Context(), "t", part, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
		if _, err := namer.Subject(t.Context(), "t", part, ""); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range n.requests {
		got = append(got, r.Method+" "+r.Path)
	}
	ask := func(part string) string {
		return http.MethodGet + " /associations/resources/lkc/t?associationType=" + part + "&resourceType=topic"
	}
	if want := []string{ask("key"), ask("key"), ask("value"), ask("value")}; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if _, err := c.Namer(client.NamerOptions{Strategy: wire.AssociatedName, Fallback: wire.AssociatedName}); err == nil {
		t.Error("a strategy that falls back to itself")
	}
}

// What the registry says of a topic is kept whatever the types of its records are.
func TestNamerKeeps(t *testing.T) {
	n := serve(t, 200, `[]`)
	c := connect(t, client.Config{URLs: []string{n.URL}})
	namer, err := c.Namer(client.NamerOptions{Strategy: wire.AssociatedName, Fallback: wire.RecordName, TTL: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range []string{"a", "b", "a"} {
		if got, until, err := namer.SubjectUntil(t.Context(), "t", wire.Value, record); got != record || !until.IsZero() || err != nil {
			t.Errorf("%q until %v, %v", got, until, err)
		}
	}
	if len(n.requests) != 1 {
		t.Errorf("%d requests", len(n.requests))
	}

	for _, o := range []struct {
		none      bool
		ttl, want time.Duration
	}{{false, time.Hour, time.Hour}, {true, -1, 10 * time.Second}, {true, time.Hour, 10 * time.Second}, {true, time.Second, time.Second}} {
		namer, err := c.Namer(client.NamerOptions{Strategy: wire.AssociatedName, NoFallback: o.none, TTL: o.ttl})
		if err != nil {
			t.Fatal(err)
		}
		before := time.Now()
		_, until, err := namer.SubjectUntil(t.Context(), "t", wire.Key, "")
		if d := until.Sub(before); d < o.want || d > o.want+5*time.Second {
			t.Errorf("%+v is kept for %v", o, d)
		}
		var none *client.NoSubjectError
		if o.none != errors.As(err, &none) || none != nil && (*none != client.NoSubjectError{Topic: "t", Part: wire.Key} || !none.BadRecord()) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestParseFallback(t *testing.T) {
	for text, want := range map[string]wire.Strategy{"TOPIC": wire.TopicName, "record": wire.RecordName, "TOPIC_RECORD": wire.TopicRecordName, "RecordNameStrategy": wire.RecordName} {
		if got, none, ok := client.ParseFallback(text); got != want || none || !ok {
			t.Errorf("%s: %s, %v, %v", text, got, none, ok)
		}
	}
	if _, none, ok := client.ParseFallback("none"); !none || !ok {
		t.Error("NONE is not read")
	}
	for _, bad := range []string{"", "ASSOCIATED", "x"} {
		if got, _, ok := client.ParseFallback(bad); ok {
			t.Errorf("%q: %s", bad, got)
		}
	}
}
