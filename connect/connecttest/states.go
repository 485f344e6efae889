package connecttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/connect/state"
)

// StateStore runs the suite of a state.Store. open returns a new handle onto the same storage each time, as a restarted
// worker has; with reopen false the storage ends with its handle and open may return an empty one. The suite uses connector
// names that begin with "suite-".
func StateStore(t *testing.T, reopen bool, open func(t *testing.T) state.Store) {
	handle := func(t *testing.T) state.Store {
		s := open(t)
		t.Cleanup(func() { s.Close(t.Context()) })
		return s
	}
	// load returns what is stored of the connectors whose names begin with suite-NAME.
	load := func(t *testing.T, s state.Store, name string) state.Snapshot {
		t.Helper()
		got, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for n := range got.Connectors {
			if !strings.HasPrefix(n, "suite-"+name) {
				delete(got.Connectors, n)
			}
		}
		return got.Clone()
	}
	check := func(t *testing.T, s state.Store, name string, want state.Snapshot) {
		t.Helper()
		handles := []state.Store{s}
		if reopen {
			handles = append(handles, handle(t))
		}
		for i, h := range handles {
			if d := cmp.Diff(want, load(t, h, name), cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("handle %d (-want +got):\n%s", i, d)
			}
		}
	}
	must := func(t *testing.T, errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	whole := func(c string) state.ID { return state.ID{Connector: c, Task: state.Whole} }

	t.Run("life of a connector", func(t *testing.T) {
		s, ctx, c := handle(t), t.Context(), "suite-life-1-2"
		cfg := map[string]string{"name": c, "connector.class": "X", "odd": "é \"<&>\n"}
		tasks := []map[string]string{{"task": "0"}, {"task": "1"}, {"task": "2"}}
		must(t, s.SaveConfig(ctx, c, cfg, ""), s.SaveTasks(ctx, c, tasks))
		want := state.Snapshot{Connectors: map[string]state.Connector{c: {Config: cfg, Target: state.Started, Tasks: tasks}}}
		check(t, s, "life", want)

		must(t, s.SaveTarget(ctx, c, state.Stopped), s.SaveTasks(ctx, c, nil))
		want.Connectors[c] = state.Connector{Config: cfg, Target: state.Stopped}
		check(t, s, "life", want)

		other := map[string]string{"name": c, "connector.class": "Y"}
		must(t, s.SaveConfig(ctx, c, other, ""), s.SaveTasks(ctx, c, tasks[:1]), s.SaveTarget(ctx, c, state.Paused))
		want.Connectors[c] = state.Connector{Config: other, Target: state.Paused, Tasks: tasks[:1]}
		check(t, s, "life", want)
	})

	t.Run("statuses", func(t *testing.T) {
		s, ctx, c := handle(t), t.Context(), "suite-status"
		st := state.Status{State: "RUNNING", WorkerID: "10.0.0.1:8083", Generation: 3}
		failed := state.Status{State: "FAILED", Trace: "opening slot \"s\":\n\tgone", WorkerID: "10.0.0.1:8083", Generation: 4}
		task := state.ID{Connector: c, Task: 11}
		must(t, s.SaveConfig(ctx, c, map[string]string{"name": c}, ""), s.SaveStatus(ctx, whole(c), st), s.SaveStatus(ctx, task, st), s.SaveStatus(ctx, task, failed))
		want := state.Snapshot{Connectors: map[string]state.Connector{c: {Config: map[string]string{"name": c}, Target: state.Started}},
			Statuses: map[state.ID]state.Status{whole(c): st, task: failed}}
		check(t, s, "status", want)
		must(t, s.SaveStatus(ctx, task, state.Status{}))
		delete(want.Statuses, task)
		check(t, s, "status", want)
	})

	t.Run("topics", func(t *testing.T) {
		s, ctx, c := handle(t), t.Context(), "suite-topics"
		topics := []state.Topic{{Name: "shop.a:connector-b", Task: 0, Discovered: 1700000000001}, {Name: "shop.b", Task: 1, Discovered: 1700000000002}}
		must(t, s.SaveConfig(ctx, c, map[string]string{"name": c}, ""), s.SaveTopics(ctx, c, topics))
		want := state.Snapshot{Connectors: map[string]state.Connector{c: {Config: map[string]string{"name": c}, Target: state.Started}},
			Topics: map[string][]state.Topic{c: topics}}
		check(t, s, "topics", want)
		want.Topics[c] = topics[1:]
		must(t, s.SaveTopics(ctx, c, slices.Clone(topics[1:])))
		check(t, s, "topics", want)
		must(t, s.SaveTopics(ctx, c, nil))
		want.Topics = nil
		check(t, s, "topics", want)
	})

	t.Run("remove", func(t *testing.T) {
		s, ctx, c, kept := handle(t), t.Context(), "suite-remove", "suite-remove-not"
		for _, n := range []string{c, kept} {
			must(t, s.SaveConfig(ctx, n, map[string]string{"name": n}, state.Paused), s.SaveTasks(ctx, n, []map[string]string{{"t": "0"}}),
				s.SaveStatus(ctx, whole(n), state.Status{State: "PAUSED", WorkerID: "w"}),
				s.SaveTopics(ctx, n, []state.Topic{{Name: "x", Discovered: 1}}))
		}
		must(t, s.SaveConfig(ctx, c, nil, ""), s.SaveConfig(ctx, "suite-remove-never-there", nil, ""))
		want := state.Snapshot{
			Connectors: map[string]state.Connector{kept: {Config: map[string]string{"name": kept}, Target: state.Paused, Tasks: []map[string]string{{"t": "0"}}}},
			Statuses:   map[state.ID]state.Status{whole(kept): {State: "PAUSED", WorkerID: "w"}},
			Topics:     map[string][]state.Topic{kept: {{Name: "x", Discovered: 1}}},
		}
		check(t, s, "remove", want)
		// One that comes again under the name has nothing of the old one.
		must(t, s.SaveConfig(ctx, c, map[string]string{"name": c, "v": "2"}, ""))
		want.Connectors[c] = state.Connector{Config: map[string]string{"name": c, "v": "2"}, Target: state.Started}
		check(t, s, "remove", want)
	})

	t.Run("many", func(t *testing.T) {
		s, want := handle(t), state.Snapshot{Connectors: map[string]state.Connector{}}
		for i := range 20 {
			c := fmt.Sprint("suite-many-", i)
			want.Connectors[c] = state.Connector{Config: map[string]string{"name": c}, Target: state.Started}
			must(t, s.SaveConfig(t.Context(), c, map[string]string{"name": c}, ""))
		}
		check(t, s, "many", want)
	})
}
