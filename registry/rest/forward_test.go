package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// vote is an election whose outcome a test says.
type vote struct {
	mu      sync.Mutex
	l       registry.Leader
	changed chan struct{}
}

func elected(l registry.Leader) *vote { return &vote{l: l, changed: make(chan struct{})} }

func (v *vote) Leader() (registry.Leader, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.l, v.changed
}

func (v *vote) set(l registry.Leader) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.l = l
	close(v.changed)
	v.changed = make(chan struct{})
}

// sharedLog is a log that each of several nodes may close.
type sharedLog struct {
	registry.Log
	hold  *sync.RWMutex // held: nothing is applied
	deaf  *atomic.Bool  // nobody says where it ends
	elect registry.Election
}

func (s sharedLog) Close() error { return nil }

func (s sharedLog) Follow(ctx context.Context, from int64, apply func(int64, registry.Record) error, caughtUp func(int64)) error {
	return s.Log.Follow(ctx, from, func(offset int64, r registry.Record) error {
		s.hold.RLock()
		defer s.hold.RUnlock()
		return apply(offset, r)
	}, caughtUp)
}

func (s sharedLog) End(ctx context.Context) (int64, error) {
	if s.deaf.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.Log.End(ctx)
}

func (s sharedLog) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if s.elect != nil {
		if l, _ := s.elect.Leader(); !l.Self {
			return 0, registry.ErrNotLeader
		}
	}
	return s.Log.Append(ctx, after, recs...)
}

// cluster is nodes on one log in memory.
type cluster struct{ log *memlog.Log }

type clusterNode struct {
	*httptest.Server
	vote *vote
	hold sync.RWMutex
	deaf atomic.Bool
}

func (c *cluster) node(t *testing.T, v *vote, see func(*http.Request)) *clusterNode {
	t.Helper()
	n := &clusterNode{vote: v}
	reg, err := registry.Open(t.Context(), sharedLog{c.log, &n.hold, &n.deaf, v}, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := rest.Handler(reg, rest.Options{Election: v, Sync: reg.Sync, LeaderWait: time.Second})
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if see != nil {
			see(r)
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		n.Close()
		if err := reg.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// ask makes a request with headers, name and value in turn, and returns status and body.
func ask(t *testing.T, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func wantAnswer(t *testing.T, status int, body string, wantStatus int, want string) {
	t.Helper()
	if status != wantStatus || !strings.Contains(body, want) {
		t.Errorf("%d %s, want %d with %s", status, body, wantStatus, want)
	}
}

// pair is a leader and a node that forwards to it.
func pair(t *testing.T) (leader, follower *clusterNode, seen *[]*http.Request) {
	c := &cluster{log: memlog.New()}
	var mu sync.Mutex
	seen = new([]*http.Request)
	leader = c.node(t, elected(registry.Leader{Self: true, URL: "http://leader:1"}), func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		*seen = append(*seen, r)
	})
	return leader, c.node(t, elected(registry.Leader{URL: leader.URL}), nil), seen
}

// TestForwarding has every kind of write go through a node that does not lead. Each is read back there at once.
func TestForwarding(t *testing.T) {
	leader, follower, seen := pair(t)
	const text = `{"schema":"\"string\""}`
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
		forwards           bool
	}{
		{"POST", "/subjects/a/versions?normalize=true", text, 200, `"id":1,"version":1`, true},
		{"GET", "/schemas/ids/1", "", 200, `string`, false},
		{"POST", "/subjects/a/versions", text, 200, `"id":1,"version":1`, false}, // it is known here
		{"POST", "/subjects/a", text, 200, `"version":1`, false},
		{"POST", "/subjects/a/versions", `{"schema":"\"int\""}`, 409, `40901`, true},
		{"POST", "/subjects/a/versions", `{"schema":"\"in`, 400, ``, false},
		{"POST", "/compatibility/subjects/a/versions/latest", `{"schema":"\"int\""}`, 200, `false`, false},
		{"PUT", "/config/a", `{"compatibility":"NONE"}`, 200, `NONE`, true},
		{"GET", "/config/a", "", 200, `NONE`, false},
		{"POST", "/contexts/.c/subjects/b%2Fc%20d/versions", text, 200, `"id":1`, true},
		{"GET", "/subjects/:.c:b%2Fc%20d/versions", "", 200, `[1]`, false},
		{"POST", "/subjects/r/versions", `{"schema":"{\"type\":\"record\",\"name\":\"r\",\"fields\":[]}"}`, 200, `"id":2`, true},
		{"POST", "/subjects/r/versions/1/tags", `{"tagsToAdd":[{"schemaEntity":{"entityPath":"r","entityType":"sr_record"},"tags":["PII"]}]}`, 200, `"version":2`, true},
		{"POST", "/associations", `{"resourceName":"t","resourceNamespace":"n","resourceId":"i","resourceType":"topic","associations":[{"subject":"r","associationType":"value","lifecycle":"WEAK"}]}`, 200, `"r"`, true},
		{"GET", "/associations/resources/i", "", 200, `"r"`, false},
		{"POST", "/associations:batchGet", `{"requests":[]}`, 207, ``, false},
		{"POST", "/associations:batchMutate", `{"requests":[]}`, 207, ``, true},
		{"DELETE", "/associations/resources/i", "", 204, ``, true},
		{"DELETE", "/subjects/r", "", 200, `[1,2]`, true},
		{"PUT", "/mode/a", `{"mode":"READONLY"}`, 200, `READONLY`, true},
		{"DELETE", "/subjects/a", "", 422, `42205`, true},
		{"DELETE", "/mode/a", "", 200, `READONLY`, true},
		{"DELETE", "/subjects/a/versions/1", "", 200, `1`, true},
		{"DELETE", "/config/a", "", 200, `NONE`, true},
		{"DELETE", "/subjects/a?permanent=true", "", 200, `[1]`, true},
		{"DELETE", "/subjects/a", "", 404, `40401`, true},
		{"DELETE", "/contexts/.none", "", 204, ``, true},
	} {
		*seen = nil
		status, body := ask(t, c.method, follower.URL+c.path, c.body, "Content-Type", "application/json")
		wantAnswer(t, status, body, c.status, c.want)
		if got := len(*seen) > 0; got != c.forwards {
			t.Errorf("%s %s: forwarded %v, want %v", c.method, c.path, got, c.forwards)
		} else if got && (*seen)[0].RequestURI != c.path {
			t.Errorf("%s %s: forwarded as %s", c.method, c.path, (*seen)[0].RequestURI)
		}
	}
	if status, body := ask(t, "GET", leader.URL+"/subjects", ""); status != 200 || body != `[":.c:b/c d"]` {
		t.Errorf("the leader has %s", body)
	}
}

// TestForwardedHeaders holds which headers reach the leader, and that its answer's type reaches the client.
func TestForwardedHeaders(t *testing.T) {
	_, follower, seen := pair(t)
	req, err := http.NewRequestWithContext(t.Context(), "PUT", follower.URL+"/config", strings.NewReader(`{"compatibility":"FULL"}`))
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]string{"Content-Type": "application/vnd.schemaregistry+json", "Accept": "application/vnd.schemaregistry+json",
		"Confluent-Accept-Unknown-Properties": "true", "Authorization": "Basic dTpw", "X-Request-ID": "7"}
	for k, v := range sent {
		req.Header.Set(k, v)
	}
	req.Header.Set("Cookie", "secret=1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/vnd.schemaregistry+json" {
		t.Errorf("%s of type %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	sent["X-Forward"] = "true"
	for k, v := range sent {
		if got := (*seen)[0].Header.Get(k); got != v {
			t.Errorf("%s: %q, want %q", k, got, v)
		}
	}
	if (*seen)[0].Header.Get("Cookie") != "" {
		t.Error("a cookie was forwarded")
	}
}

// TestNoLeader holds what is answered where no leader takes a write.
func TestNoLeader(t *testing.T) {
	c := &cluster{log: memlog.New()}
	n := c.node(t, elected(registry.Leader{}), nil)
	write := func(headers ...string) (int, string, time.Duration) {
		began := time.Now()
		status, body := ask(t, "PUT", n.URL+"/config", `{"compatibility":"FULL"}`, append(headers, "Content-Type", "application/json")...)
		return status, body, time.Since(began)
	}
	unknown, failed := `{"error_code":50004,"message":"Leader not known."}`, `{"error_code":50003,"message":"Error while forwarding update config request to the leader"}`
	status, body, took := write()
	wantAnswer(t, status, body, 500, unknown)
	if took > 500*time.Millisecond {
		t.Errorf("where nobody may lead it took %v", took)
	}
	n.vote.set(registry.Leader{Electing: true})
	status, body, took = write()
	wantAnswer(t, status, body, 500, unknown)
	if took < time.Second {
		t.Errorf("while an election is under way it took %v", took)
	}
	n.vote.set(registry.Leader{URL: "http://127.0.0.1:1"})
	status, body, _ = write()
	wantAnswer(t, status, body, 500, failed)
	status, body, took = write("X-Forward", "true")
	wantAnswer(t, status, body, 500, unknown)
	if took > 500*time.Millisecond {
		t.Errorf("a request that was forwarded to another than the leader took %v", took)
	}
	time.AfterFunc(100*time.Millisecond, func() { n.vote.set(registry.Leader{Self: true, URL: "http://n:1"}) })
	n.vote.set(registry.Leader{Electing: true})
	status, body, _ = write("X-Forward", "true")
	wantAnswer(t, status, body, 200, "FULL")
}

// TestLeaderChanges has a leader that takes a request and does not answer, as one that is paused. When another one is elected
// it does what has the same effect twice, and what has not is answered with an error.
func TestLeaderChanges(t *testing.T) {
	c := &cluster{log: memlog.New()}
	next := c.node(t, elected(registry.Leader{Self: true, URL: "http://next:1"}), nil)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	arrived := make(chan struct{}, 1)
	paused := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { arrived <- struct{}{}; <-release }))
	t.Cleanup(paused.CloseClientConnections)
	v := elected(registry.Leader{URL: paused.URL})
	n := c.node(t, v, nil)
	for _, w := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/subjects/a/versions", `{"schema":"\"string\""}`, 200, `"id":1`},
		{"PUT", "/config/a", `{"compatibility":"FULL"}`, 200, `FULL`},
		{"DELETE", "/subjects/a", ``, 500, `{"error_code":50003,"message":"Error while forwarding delete subject request to the leader"}`},
		{"DELETE", "/subjects/a/versions/1", ``, 500, `"Error while forwarding delete schema version request to the leader"`},
		{"POST", "/subjects/b/versions", `{"schema":"\"string\""}`, 200, `"id":1`},
	} {
		v.set(registry.Leader{URL: paused.URL})
		go func() {
			<-arrived
			v.set(registry.Leader{Electing: true})
			v.set(registry.Leader{URL: next.URL})
		}()
		status, body := ask(t, w.method, n.URL+w.path, w.body, "Content-Type", "application/json")
		wantAnswer(t, status, body, w.status, w.want)
	}
}

// TestRefusedByLeader has a leader that does not know so far that it leads.
func TestRefusedByLeader(t *testing.T) {
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) < 3 {
			w.WriteHeader(500)
			fmt.Fprint(w, `{"error_code":50004,"message":"Leader not known."}`)
			return
		}
		fmt.Fprint(w, `{"compatibility":"FULL"}`)
	}))
	t.Cleanup(s.Close)
	c := &cluster{log: memlog.New()}
	n := c.node(t, elected(registry.Leader{URL: s.URL}), nil)
	status, body := ask(t, "PUT", n.URL+"/config", `{"compatibility":"FULL"}`, "Content-Type", "application/json")
	wantAnswer(t, status, body, 200, "FULL")
}

// TestLooksAgain has a node that has not applied what another one acknowledged: it reads on before it says that there is none.
func TestLooksAgain(t *testing.T) {
	c := &cluster{log: memlog.New()}
	writer := c.node(t, elected(registry.Leader{Self: true, URL: "http://w:1"}), nil)
	reader := c.node(t, elected(registry.Leader{URL: writer.URL}), nil)
	for i, read := range []struct{ method, path, want string }{
		{"GET", "/schemas/ids/ID", "record"},
		{"GET", "/subjects/sN/versions/1", "record"},
		{"POST", "/subjects/sN", `"version":1`},
		{"GET", "/schemas/ids/ID/versions", `"version":1`},
	} {
		schema := fmt.Sprintf(`{"schema":"{\"type\":\"record\",\"name\":\"r%d\",\"fields\":[]}"}`, i)
		reader.hold.Lock()
		status, body := ask(t, "POST", fmt.Sprintf("%s/subjects/s%d/versions", writer.URL, i), schema, "Content-Type", "application/json")
		wantAnswer(t, status, body, 200, `"id"`)
		time.AfterFunc(50*time.Millisecond, reader.hold.Unlock)
		status, body = ask(t, read.method, reader.URL+strings.NewReplacer("ID", fmt.Sprint(i+1), "N", fmt.Sprint(i)).Replace(read.path), schema, "Content-Type", "application/json")
		wantAnswer(t, status, body, 200, read.want)
	}
	status, body := ask(t, "GET", reader.URL+"/schemas/ids/99", "")
	wantAnswer(t, status, body, 404, "40403")
	reader.deaf.Store(true)
	status, body = ask(t, "GET", reader.URL+"/schemas/ids/99", "")
	wantAnswer(t, status, body, 500, "50002")
	status, body = ask(t, "GET", reader.URL+"/schemas/ids/1", "")
	wantAnswer(t, status, body, 200, "record")
}

// TestDeposedWhileWriting has the log refuse a node that takes itself for the leader.
func TestDeposedWhileWriting(t *testing.T) {
	c := &cluster{log: memlog.New()}
	next := c.node(t, elected(registry.Leader{Self: true, URL: "http://next:1"}), nil)
	v := elected(registry.Leader{Self: true, URL: "http://n:1"})
	reg, err := registry.Open(t.Context(), refusing{sharedLog{Log: c.log, hold: new(sync.RWMutex), deaf: new(atomic.Bool)}}, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(rest.Handler(reg, rest.Options{Election: v, Sync: reg.Sync, LeaderWait: 2 * time.Second}))
	t.Cleanup(func() {
		s.Close()
		if err := reg.Close(); err != nil {
			t.Error(err)
		}
	})
	time.AfterFunc(300*time.Millisecond, func() { v.set(registry.Leader{URL: next.URL}) })
	status, body := ask(t, "POST", s.URL+"/subjects/a/versions", `{"schema":"\"string\""}`, "Content-Type", "application/json")
	wantAnswer(t, status, body, 200, `"id":1`)
	v.set(registry.Leader{Self: true, URL: "http://n:1"})
	status, body = ask(t, "DELETE", s.URL+"/subjects/a", "")
	wantAnswer(t, status, body, 500, "50004")
	if _, err := reg.DeleteSubject(t.Context(), "a", false); !errors.Is(err, registry.ErrNotLeader) {
		t.Errorf("DeleteSubject: %v", err)
	}
}

// refusing is a log that another node leads.
type refusing struct{ sharedLog }

func (refusing) Append(context.Context, int64, ...registry.Record) (int64, error) {
	return 0, registry.ErrNotLeader
}
