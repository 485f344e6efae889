package kafkalog_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestBrokerRestarts ends and kills the broker while clients register, and starts it again. Registries on it go on by
// themselves; what was acknowledged is there, with its id, and no id stands for two schemas.
func TestBrokerRestarts(t *testing.T) {
	t.Parallel()
	server, cfg := ownKafka(t)
	n, follower := start(t, cfg), start(t, cfg)
	type acked struct {
		subject string
		id      int
	}
	var mu sync.Mutex
	var all []acked
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				subject := fmt.Sprintf("s-%d-%d", w, i)
				status, got := ask(t, n.url, http.MethodPost, "/subjects/"+subject+"/versions", fmt.Appendf(nil, `{"schema":"{\"type\":\"fixed\",\"name\":\"F_%d_%d\",\"size\":4}"}`, w, i))
				if status != http.StatusOK {
					t.Logf("%s: %d %v", subject, status, got) // unknown to the client, which is not acknowledged
					continue
				}
				m, _ := got.(map[string]any)
				id, _ := m["id"].(float64)
				mu.Lock()
				all = append(all, acked{subject, int(id)})
				mu.Unlock()
			}
		})
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(all)
	}
	wait := func(least int) {
		t.Helper()
		for began := time.Now(); count() < least; time.Sleep(10 * time.Millisecond) {
			if time.Since(began) > time.Minute {
				t.Fatalf("only %d schemas were registered, want %d", count(), least)
			}
		}
	}
	wait(50)
	server.Halt()
	server.Start()
	wait(count() + 50)
	server.Kill()
	server.Start()
	wait(count() + 50)
	if err := syscall.Kill(server.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	if err := syscall.Kill(server.PID(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	wait(count() + 50)
	close(stop)
	wg.Wait()

	check := func(who string, n *node) {
		t.Helper()
		ids := map[int]string{}
		for _, a := range all {
			if other, taken := ids[a.id]; taken {
				t.Errorf("id %d was given to %s and to %s", a.id, other, a.subject)
			}
			ids[a.id] = a.subject
			v, err := n.Get(a.subject, 1, false)
			if err != nil || v.ID != a.id || !strings.Contains(v.Content.Text, "F"+strings.ReplaceAll(strings.TrimPrefix(a.subject, "s"), "-", "_")+`"`) {
				t.Errorf("%s: %s was acknowledged with id %d: %+v, %v", who, a.subject, a.id, v, err)
			}
		}
	}
	check("the writer", n)
	if err := follower.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("the follower", follower)
	check("a new one", start(t, cfg))
	t.Logf("%d schemas acknowledged over three interruptions", len(all))
}

// TestKeysAreConfluents has the keys of everything that a registry writes: they are Confluent's bytes, in its order.
func TestKeysAreConfluents(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	for _, x := range []struct{ method, path, body string }{
		{"POST", "/subjects/a/versions", `{"schema":"\"int\""}`},
		{"PUT", "/config/a", `{"compatibility":"NONE"}`},
		{"PUT", "/config", `{"compatibility":"FULL"}`},
		{"PUT", "/mode", `{"mode":"READWRITE"}`},
		{"PUT", "/mode/a", `{"mode":"READWRITE"}`},
		{"POST", "/subjects/a/versions", `{"schema":"\"string\""}`},
		{"POST", "/subjects/:.ctx:b/versions", `{"schema":"\"string\""}`},
		{"DELETE", "/subjects/a/versions/1", ""},
		{"DELETE", "/subjects/a/versions/1?permanent=true", ""},
		{"DELETE", "/subjects/a", ""},
		{"DELETE", "/subjects/a?permanent=true", ""},
		{"DELETE", "/config", ""},
	} {
		if status, got := ask(t, n.url, x.method, x.path, []byte(x.body)); status != http.StatusOK {
			t.Fatalf("%s %s: %d %v", x.method, x.path, status, got)
		}
	}
	var got []string
	for _, r := range raw(t, cfg) {
		line := string(r.Key)
		if r.Value == nil {
			line += " null"
		}
		got = append(got, line)
	}
	want := []string{
		`{"keytype":"NOOP","magic":0} null`,
		`{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}`,
		`{"keytype":"CONFIG","subject":"a","magic":0}`,
		`{"keytype":"CONFIG","magic":0}`,
		`{"keytype":"MODE","magic":0}`,
		`{"keytype":"MODE","subject":"a","magic":0}`,
		`{"keytype":"SCHEMA","subject":"a","version":2,"magic":1}`,
		`{"keytype":"CONTEXT","tenant":"default","context":".ctx","magic":0}`,
		`{"keytype":"SCHEMA","subject":":.ctx:b","version":1,"magic":1}`,
		`{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}`,
		`{"keytype":"SCHEMA","subject":"a","version":1,"magic":1} null`,
		`{"keytype":"DELETE_SUBJECT","subject":"a","magic":0}`,
		`{"keytype":"SCHEMA","subject":"a","version":2,"magic":1} null`,
		`{"keytype":"MODE","subject":"a","magic":0} null`,
		`{"keytype":"CONFIG","subject":"a","magic":0} null`,
		`{"keytype":"CONFIG","magic":0} null`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the topic holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
