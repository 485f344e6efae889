package registrytest_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
)

func avro(text string) client.Schema { return client.Schema{Type: schema.Avro, Text: text} }

func impatient(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URLs: []string{url}, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestFilled(t *testing.T) {
	s := registrytest.NewServer(t,
		client.Version{Subject: "a", Schema: avro(`"int"`)},
		client.Version{Subject: "b", ID: 100, Version: 3, Schema: avro(`"string"`)},
		client.Version{Subject: "b", ID: 101, Version: 5, Schema: avro(`"bytes"`)},
		client.Version{Subject: ":.c:d", Schema: avro(`"long"`)},
	)
	if got := s.Requests(); len(got) != 0 {
		t.Errorf("%d requests before any", len(got))
	}
	c := impatient(t, s.URL)
	if subjects, err := c.Subjects(t.Context(), ""); err != nil || !slices.Equal(subjects, []string{":.c:d", "a", "b"}) {
		t.Errorf("%q, %v", subjects, err)
	}
	if versions, err := c.Versions(t.Context(), "b"); err != nil || !slices.Equal(versions, []int{3, 5}) {
		t.Errorf("%v, %v", versions, err)
	}
	if got, err := c.SchemaByID(t.Context(), 101); err != nil || got.Text != `"bytes"` {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := c.Register(t.Context(), "b", avro(`"string"`), false); err != nil {
		t.Errorf("after the import: %v", err)
	}
	if subjects, err := impatient(t, s.InContext(".c")).Subjects(t.Context(), ""); err != nil || !slices.Equal(subjects, []string{":.c:d"}) {
		t.Errorf("%q, %v", subjects, err)
	}
	if _, err := registrytest.Start(client.Version{Subject: "a", Schema: avro(`no schema`)}); client.Code(err) != client.InvalidSchema {
		t.Errorf("what cannot be registered: %v", err)
	}
}

func TestRecords(t *testing.T) {
	s := registrytest.NewServer(t)
	c := impatient(t, s.URL)
	if _, err := c.Register(t.Context(), "a/b", avro(`"int"`), true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Version(t.Context(), "none", 1); client.Code(err) != client.SubjectNotFound {
		t.Fatal(err)
	}
	type short struct {
		Method, Path, Query, Body string
		Status                    int
	}
	var got []short
	for _, r := range s.Requests() {
		got = append(got, short{r.Method, r.Path, r.Query.Encode(), string(r.Body), r.Status})
	}
	if diff := cmp.Diff([]short{{"POST", "/subjects/a%2Fb/versions", "normalize=true", `{"schema":"\"int\""}`, 200}, {"GET", "/subjects/none/versions/1", "", "", 404}}, got); diff != "" {
		t.Error(diff)
	}
	s.Reset()
	if got := s.Requests(); len(got) != 0 {
		t.Errorf("%d requests after Reset", len(got))
	}
}

func TestFaults(t *testing.T) {
	s := registrytest.NewServer(t, client.Version{Subject: "a", Schema: avro(`"int"`)})
	c := impatient(t, s.URL)
	ask := func() error { _, err := c.Latest(t.Context(), "a"); return err }
	is := func(what string, err error, code int) {
		t.Helper()
		if client.Code(err) != code {
			t.Errorf("%s: %v", what, err)
		}
	}
	s.Inject(registrytest.Fault{Status: 500, Code: client.StoreTimedOut, Message: "slow", Times: 2})
	is("first", ask(), client.StoreTimedOut)
	is("second", ask(), client.StoreTimedOut)
	if err := ask(); err != nil {
		t.Errorf("third: %v", err)
	}
	remove := s.Inject(registrytest.Fault{Method: http.MethodPost, Path: "/subjects/a", Status: 503, RetryAfter: time.Second})
	_, err := c.Lookup(t.Context(), "a", avro(`"int"`), false, false)
	is("lookup", err, 503)
	if err := ask(); err != nil {
		t.Errorf("another method: %v", err)
	}
	if _, err := c.Lookup(t.Context(), "b", avro(`"int"`), false, false); client.Code(err) != client.SubjectNotFound {
		t.Errorf("another path: %v", err)
	}
	remove()
	if _, err := c.Lookup(t.Context(), "a", avro(`"int"`), false, false); err != nil {
		t.Errorf("removed: %v", err)
	}
	s.SetDown(true)
	if err := ask(); err == nil || client.Code(err) != 0 || !client.Retriable(err) {
		t.Errorf("down: %v", err)
	}
	s.SetDown(false)
	if err := ask(); err != nil {
		t.Errorf("up again: %v", err)
	}
	s.Inject(registrytest.Fault{Break: true, Times: 1})
	// net/http itself asks again where a connection that was used before breaks: a new client has none.
	if _, err := impatient(t, s.URL).Register(t.Context(), "a", avro(`"int"`), false); err == nil || client.Code(err) != 0 {
		t.Errorf("broken: %v", err)
	}
	s.Inject(registrytest.Fault{Delay: 30 * time.Millisecond, Times: 1})
	start := time.Now()
	if err := ask(); err != nil || time.Since(start) < 30*time.Millisecond {
		t.Errorf("late: %v after %s", err, time.Since(start))
	}
	s.Inject(registrytest.Fault{Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Latest(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too late: %v", err)
	}
	start = time.Now()
	s.Close()
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("closing took %s", d)
	}
	s.Close()
}
