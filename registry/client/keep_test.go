package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/client"
)

// gate is a registry that answers each request when it is told to.
type gate struct {
	*httptest.Server
	asked atomic.Int32
	open  chan struct{}
}

func newGate(t *testing.T, answer func(n int32, w http.ResponseWriter)) *gate {
	g := &gate{open: make(chan struct{})}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		n := g.asked.Add(1)
		select {
		case <-g.open:
			answer(n, w)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gate) until(t *testing.T, asked int32) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); g.asked.Load() < asked; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d requests, want %d", g.asked.Load(), asked)
		}
	}
}

func TestOneAsksForAll(t *testing.T) {
	g := newGate(t, func(_ int32, w http.ResponseWriter) { io.WriteString(w, `{"schema":"\"int\""}`) })
	c := connect(t, client.Config{URLs: []string{g.URL}})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if s, err := c.SchemaByID(t.Context(), 1); err != nil || s.Text != intSchema {
				t.Errorf("%v, %v", s, err)
			}
		})
	}
	g.until(t, 1)
	time.Sleep(20 * time.Millisecond)
	close(g.open)
	wg.Wait()
	if n := g.asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// When the one who asks gives up, another one asks.
func TestTheOneWhoAsksGivesUp(t *testing.T) {
	g := newGate(t, func(_ int32, w http.ResponseWriter) { io.WriteString(w, `{"schema":"\"int\""}`) })
	c := connect(t, client.Config{URLs: []string{g.URL}})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.SchemaByID(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
	})
	g.until(t, 1)
	impatient, enough := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer enough()
	if _, err := c.SchemaByID(impatient, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one who waits: %v", err)
	}
	for range 4 {
		wg.Go(func() {
			if _, err := c.SchemaByID(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	cancel()
	g.until(t, 2)
	close(g.open)
	wg.Wait()
	if n := g.asked.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	g := newGate(t, func(n int32, w http.ResponseWriter) {
		if n == 1 {
			w.WriteHeader(404)
			io.WriteString(w, `{"error_code":40403,"message":"Schema 1 not found"}`)
			return
		}
		io.WriteString(w, `{"schema":"\"int\""}`)
	})
	close(g.open)
	c := connect(t, client.Config{URLs: []string{g.URL}})
	if _, err := c.SchemaByID(t.Context(), 1); client.Code(err) != client.SchemaNotFound {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if _, err := c.SchemaByID(t.Context(), 1); err != nil {
			t.Error(err)
		}
	}
	if n := g.asked.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
	c.Forget()
	if _, err := c.SchemaByID(t.Context(), 1); err != nil || g.asked.Load() != 3 {
		t.Errorf("after Forget: %v, %d requests", err, g.asked.Load())
	}
}

func TestLatestIsKept(t *testing.T) {
	n := serve(t, 200, `{"subject":"s","version":1,"id":1,"schema":"\"int\""}`)
	latest := func(c *client.Client) {
		t.Helper()
		if _, err := c.Latest(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
	}
	c := connect(t, client.Config{URLs: []string{n.URL}})
	latest(c)
	latest(c)
	if len(n.requests) != 2 {
		t.Errorf("%d requests without a TTL", len(n.requests))
	}
	n.requests = nil
	c = connect(t, client.Config{URLs: []string{n.URL}, LatestTTL: time.Minute})
	latest(c)
	latest(c)
	if _, err := c.LatestWithMetadata(t.Context(), "s", map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	if len(n.requests) != 2 {
		t.Errorf("%d requests with a TTL", len(n.requests))
	}
	if _, err := c.Register(t.Context(), "s", client.Schema{Text: intSchema}, false); err != nil {
		t.Fatal(err)
	}
	latest(c)
	if len(n.requests) != 4 {
		t.Errorf("%d requests after a registration", len(n.requests))
	}
	n.requests = nil
	c = connect(t, client.Config{URLs: []string{n.URL}, LatestTTL: time.Millisecond})
	latest(c)
	time.Sleep(2 * time.Millisecond)
	latest(c)
	if len(n.requests) != 2 {
		t.Errorf("%d requests after the TTL", len(n.requests))
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	n := serve(t, 200, `{"schema":"\"int\""}`)
	c := connect(t, client.Config{URLs: []string{n.URL}, CacheBytes: 20 * 210})
	ask := func(id int) (asks bool) {
		before := len(n.requests)
		if _, err := c.SchemaByID(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return len(n.requests) > before
	}
	for id := range 100 {
		ask(id)
		ask(0) // is in use
	}
	if ask(0) || ask(99) {
		t.Error("what is in use was dropped")
	}
	again := 0
	for id := range 100 {
		if ask(id) {
			again++
		}
	}
	if again < 80 {
		t.Errorf("of 100 schemas, %d were not kept where about 20 have room", again)
	}
}

// A producer asks for every record.
func TestWhatIsKeptAllocatesNothing(t *testing.T) {
	n := serve(t, 200, `{"id":1,"schema":"\"int\""}`)
	c := connect(t, client.Config{URLs: []string{n.URL}})
	for name, ask := range map[string]func() error{
		"Register": func() error {
			_, err := c.Register(t.Context(), "s", client.Schema{Text: intSchema}, false)
			return err
		},
		"ID":         func() error { _, err := c.ID(t.Context(), "s", client.Schema{Text: intSchema}, false); return err },
		"SchemaByID": func() error { _, err := c.SchemaByID(t.Context(), 1); return err },
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := ask(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestRepeats(t *testing.T) {
	quick := func(urls ...string) client.Config {
		return client.Config{URLs: urls, RetryWait: time.Millisecond, Retries: 3}
	}
	failing := func(status int, header, answer string, times int32) *gate {
		g := newGate(t, func(n int32, w http.ResponseWriter) {
			if n <= times {
				if header != "" {
					w.Header().Set("Retry-After", header)
				}
				w.WriteHeader(status)
				io.WriteString(w, answer)
				return
			}
			io.WriteString(w, `[1]`)
		})
		close(g.open)
		return g
	}
	down := httptest.NewServer(nil)
	down.Close()
	for _, c := range []struct {
		name   string
		gate   *gate
		once   int32 // requests of a deletion
		many   int32 // of a question
		onceOK bool
		manyOK bool
	}{
		{"fails twice", failing(500, "", `{"error_code":50001,"message":"x"}`, 2), 1, 3, false, true},
		{"always fails", failing(502, "", "", 99), 1, 4, false, false},
		{"forwards in vain", failing(500, "", `{"error_code":50003,"message":"x"}`, 1), 1, 2, false, true},
		{"has no leader", failing(500, "", `{"error_code":50004,"message":"x"}`, 1), 2, 2, true, true},
		{"is starting", failing(503, "", "", 1), 2, 2, true, true},
		{"has too much to do", failing(429, "", "", 1), 2, 2, true, true},
		{"refuses", failing(422, "", `{"error_code":42205,"message":"x"}`, 1), 1, 1, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := connect(t, quick(c.gate.URL))
			_, err := client.DeleteSubject(t.Context(), "s", false)
			if n := c.gate.asked.Swap(0); n != c.once || (err == nil) != c.onceOK {
				t.Errorf("a deletion made %d requests: %v", n, err)
			}
			_, err = client.Versions(t.Context(), "s")
			if n := c.gate.asked.Swap(0); n != c.many || (err == nil) != c.manyOK {
				t.Errorf("a question made %d requests: %v", n, err)
			}
		})
	}
	t.Run("a node is down", func(t *testing.T) {
		up := failing(500, "", "", 0)
		if _, err := connect(t, quick(down.URL, up.URL)).DeleteSubject(t.Context(), "s", false); err != nil || up.asked.Load() != 1 {
			t.Errorf("%v after %d requests", err, up.asked.Load())
		}
	})
	t.Run("a node breaks off", func(t *testing.T) {
		broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		defer broken.Close()
		up := failing(500, "", "", 0)
		if _, err := connect(t, quick(broken.URL, up.URL)).DeleteSubject(t.Context(), "s", false); err == nil || up.asked.Load() != 0 {
			t.Errorf("a deletion that may have been done was repeated: %v", err)
		}
		if _, err := connect(t, quick(broken.URL, up.URL)).Versions(t.Context(), "s"); err != nil {
			t.Error(err)
		}
	})
	t.Run("as late as it asks", func(t *testing.T) {
		g := failing(429, "1", "", 1)
		start := time.Now()
		if _, err := connect(t, quick(g.URL)).Versions(t.Context(), "s"); err != nil || time.Since(start) < time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		g = failing(429, "3600", "", 1)
		cfg := quick(g.URL)
		cfg.RetryMaxWait = time.Millisecond
		if _, err := connect(t, cfg).Versions(t.Context(), "s"); err != nil {
			t.Error(err)
		}
	})
	t.Run("not past the caller's time", func(t *testing.T) {
		g := failing(500, "", "", 99)
		cfg := quick(g.URL)
		cfg.RetryWait = time.Hour
		cfg.RetryMaxWait = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := connect(t, cfg).Versions(ctx, "s"); client.Code(err) != 500 || g.asked.Load() != 1 {
			t.Errorf("%v after %d requests", err, g.asked.Load())
		}
	})
}

func TestToken(t *testing.T) {
	n := serve(t, 200, `[1]`)
	at := 0
	c := connect(t, client.Config{URLs: []string{n.URL}, BearerToken: "other", Token: func(context.Context) (string, error) {
		if at++; at == 3 {
			return "", errors.New("the issuer is away")
		}
		return fmt.Sprint("tok", at), nil
	}})
	for range 2 {
		if _, err := c.Versions(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
	}
	if got := n.headers[1].Get("Authorization"); got != "Bearer tok2" {
		t.Errorf("got %q", got)
	}
	if _, err := c.Versions(t.Context(), "s"); err == nil || len(n.requests) != 2 {
		t.Errorf("without a token: %v", err)
	}
}

func TestServer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/metadata/id" {
			io.WriteString(w, `{"scope":{"path":[],"clusters":{"kafka-cluster":"k","schema-registry-cluster":"g"}}}`)
			return
		}
		io.WriteString(w, `{"version":"8","commitId":"c"}`)
	}))
	defer s.Close()
	got, err := connect(t, client.Config{URLs: []string{s.URL}}).Server(t.Context())
	if want := (client.Server{Version: "8", Commit: "c", KafkaCluster: "k", GroupID: "g"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}
