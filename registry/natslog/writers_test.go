package natslog_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/natslog"
	"github.com/millrace/millrace/test/testenv"
)

func openRegistry(t *testing.T, c natslog.Config) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), open(t, c), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	return reg
}

// text is a schema of its own for every subject.
func text(subject string) string {
	return `{"type":"record","name":"R` + strings.ReplaceAll(subject, "-", "_") + `","fields":[]}`
}

// writers register from eight goroutines over some registries until told to stop, and remember what was acknowledged.
type writers struct {
	t       *testing.T
	stop    atomic.Bool
	done    sync.WaitGroup
	mu      sync.Mutex
	acked   map[string]int
	refused int
}

func startWriters(t *testing.T, regs ...*registry.Registry) *writers {
	w := &writers{t: t, acked: map[string]int{}}
	for n := range 8 {
		w.done.Go(func() {
			for i := 0; !w.stop.Load(); i++ {
				subject := fmt.Sprintf("s-%d-%d", n, i)
				v, err := regs[n%len(regs)].Register(t.Context(), subject, registry.Registration{Candidate: registry.Candidate{NoType: true, Content: registry.Content{Text: text(subject)}}})
				w.mu.Lock()
				if err != nil {
					w.refused++
					w.t.Logf("%s is refused: %v", subject, errors.Unwrap(err))
				} else {
					w.acked[subject] = v.ID
				}
				w.mu.Unlock()
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	return w
}

func (w *writers) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acked)
}

// more waits until n further schemas are acknowledged, and returns how long it took.
func (w *writers) more(n int) time.Duration {
	w.t.Helper()
	began, want := time.Now(), w.count()+n
	for w.count() < want {
		if time.Since(began) > time.Minute {
			w.t.Fatalf("%d of %d schemas are acknowledged after a minute", w.count(), want)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

// check ends the writers and holds what a registry that is opened then has against what was acknowledged.
func (w *writers) check(c natslog.Config) {
	w.t.Helper()
	w.stop.Store(true)
	w.done.Wait()
	fresh := openRegistry(w.t, c)
	owner := map[int]string{}
	for subject, id := range w.acked {
		if other, doubled := owner[id]; doubled {
			w.t.Errorf("id %d was given to %s and to %s", id, subject, other)
		}
		owner[id] = subject
		v, err := fresh.Get(subject, 1, false)
		if err != nil || v.ID != id || v.Content.Text != text(subject) {
			w.t.Errorf("%s was acknowledged as id %d and is id %d: %v", subject, id, v.ID, err)
		}
		if _, err := fresh.AppendByID(nil, "", id); err != nil {
			w.t.Errorf("id %d: %v", id, err)
		}
	}
	w.t.Logf("%d schemas acknowledged, %d writes refused", len(w.acked), w.refused)
}

func TestTwoRegistriesOnOneStream(t *testing.T) {
	c := natslog.Config{URL: start(t).URL(), Stream: streamName()}
	a, b := openRegistry(t, c), openRegistry(t, c)
	w := startWriters(t, a, b)
	w.more(300)
	w.check(c)
	if w.refused > 0 {
		t.Errorf("%d writes were refused", w.refused)
	}
	for subject, id := range w.acked { // each has what the other wrote
		for _, reg := range []*registry.Registry{a, b} {
			for began := time.Now(); ; time.Sleep(time.Millisecond) {
				if v, err := reg.Get(subject, 1, false); err == nil && v.ID == id {
					break
				} else if time.Since(began) > 10*time.Second {
					t.Fatalf("%s does not come: %v", subject, err)
				}
			}
		}
	}
}

func TestServerRestartsUnderWriters(t *testing.T) {
	s := testenv.Own(t, "nats")
	c := natslog.Config{URL: s.URL}
	w := startWriters(t, openRegistry(t, c), openRegistry(t, c))
	for range 2 {
		w.more(50)
		s.Halt()
		s.Start()
		t.Logf("writes again %v after the server", w.more(1).Round(time.Millisecond))
	}
	w.more(50)
	w.check(c)
}

func TestLeadersEndUnderWriters(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster takes a while to form")
	}
	servers := startCluster(t)
	c := natslog.Config{URL: servers.urls(), Replicas: 3}
	regs := []*registry.Registry{openRegistry(t, c), openRegistry(t, c), openRegistry(t, c)}
	w := startWriters(t, regs...)
	for range 2 {
		w.more(50)
		leader := servers.leader(t, natslog.DefaultStream)
		servers.stop(leader)
		t.Logf("writes again %v after the leader ended", w.more(1).Round(time.Millisecond))
		w.more(50)
		servers.restart(t, leader)
	}
	w.more(50)
	w.check(c)
}
