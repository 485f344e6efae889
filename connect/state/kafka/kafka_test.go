package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/state"
	"github.com/millrace/millrace/test/testenv"
)

func topics(t *testing.T) (configs, statuses compacted.Config) {
	client := []kgo.Opt{kgo.SeedBrokers(strings.Split(testenv.Kafka(t), ",")...)}
	name, quiet := fmt.Sprintf("state-test-%d", time.Now().UnixNano()), slog.New(slog.DiscardHandler)
	configs = compacted.Config{Client: client, Topic: name + "-configs", Replication: 1, Log: quiet}
	statuses = compacted.Config{Client: client, Topic: name + "-status", Partitions: 5, Replication: 1, Log: quiet}
	t.Cleanup(func() {
		cl, err := kgo.NewClient(client...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		if _, err := kadm.NewClient(cl).DeleteTopics(context.Background(), configs.Topic, statuses.Topic); err != nil {
			t.Error(err)
		}
	})
	return configs, statuses
}

func TestStore(t *testing.T) {
	configs, statuses := topics(t)
	connecttest.StateStore(t, true, func(t *testing.T) state.Store {
		s, err := Open(t.Context(), configs, statuses)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestFormat writes what Kafka Connect writes, byte for byte up to the order of a configuration's keys.
func TestFormat(t *testing.T) {
	configs, statuses := topics(t)
	s, err := Open(t.Context(), configs, statuses)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	for _, err := range []error{
		s.SaveConfig(t.Context(), "shop", map[string]string{"a": "1", "name": "shop"}, state.Paused),
		s.SaveTasks(t.Context(), "shop", []map[string]string{{"t": "0"}, {"t": "1"}}),
		s.SaveTarget(t.Context(), "shop", state.Stopped),
		s.SaveTarget(t.Context(), "shop", state.Started),
		s.SaveStatus(t.Context(), state.ID{Connector: "shop", Task: state.Whole}, state.Status{State: "RUNNING", WorkerID: "127.0.0.1:8083", Generation: 2}),
		s.SaveStatus(t.Context(), state.ID{Connector: "shop", Task: 0}, state.Status{State: "FAILED", Trace: "why", WorkerID: "127.0.0.1:8083"}),
		s.SaveTopics(t.Context(), "shop", []state.Topic{{Name: "shop.a", Task: 1, Discovered: 5}}),
		s.SaveConfig(t.Context(), "shop", nil, ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := dump(t, configs)
	want := []string{
		`target-state-shop {"state":"PAUSED","state.v2":"PAUSED"}`,
		`connector-shop {"properties":{"a":"1","name":"shop"}}`,
		`task-shop-0 {"properties":{"t":"0"}}`,
		`task-shop-1 {"properties":{"t":"1"}}`,
		`commit-shop {"tasks":2}`,
		`target-state-shop {"state":"PAUSED","state.v2":"STOPPED"}`,
		`target-state-shop {"state":"STARTED","state.v2":"STARTED"}`,
		`commit-shop null`, `target-state-shop null`, `connector-shop null`, `task-shop-0 null`, `task-shop-1 null`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	want = []string{
		`status-connector-shop {"state":"RUNNING","trace":null,"worker_id":"127.0.0.1:8083","generation":2}`,
		`status-task-shop-0 {"state":"FAILED","trace":"why","worker_id":"127.0.0.1:8083","generation":0}`,
		`status-topic-shop.a:connector-shop {"topic":{"name":"shop.a","connector":"shop","task":1,"discoverTimestamp":5}}`,
		`status-connector-shop null`, `status-task-shop-0 null`, `status-topic-shop.a:connector-shop null`,
	}
	if d := cmp.Diff(want, dump(t, statuses), cmpopts.SortSlices(func(a, b string) bool { return a < b })); d != "" {
		t.Error(d)
	}
}

// dump returns every record of a topic as "key value".
func dump(t *testing.T, cfg compacted.Config) (lines []string) {
	t.Helper()
	table, err := compacted.Open(t.Context(), cfg, func(r compacted.Record) {
		v := string(r.Value)
		if r.Value == nil {
			v = "null"
		}
		lines = append(lines, string(r.Key)+" "+v)
	})
	if err != nil {
		t.Fatal(err)
	}
	table.Close()
	return lines
}

// TestApply reads records that a Java worker, or nobody sane, wrote.
func TestApply(t *testing.T) {
	s := &Store{connectors: map[string]*connector{}, status: map[state.ID]state.Status{}, topics: map[string]map[string]state.Topic{}}
	for _, r := range []struct {
		key, value string
		bad        bool
	}{
		{key: "session-key", value: `{"key":"x"}`},
		{key: "connector-a-1", value: `{"properties":{"v":"1"}}`},
		{key: "task-a-1-0", value: `{"properties":{"t":"0"}}`},
		{key: "task-a-1-1", value: `{"properties":{"t":"1"}}`},
		{key: "commit-a-1", value: `{"tasks":2}`},
		{key: "task-a-1-0", value: `{"properties":{"t":"uncommitted"}}`}, // a worker died before its commit
		{key: "target-state-a-1", value: `{"state":"PAUSED"}`},           // before state.v2
		{key: "commit-late", value: `{"tasks":0}`},                       // compaction kept only a newer configuration
		{key: "connector-late", value: `{"properties":{}}`},
		{key: "connector-bad", value: `{"properties":5}`, bad: true},
		{key: "connector-bad", value: `{}`, bad: true},
		{key: "target-state-a-1", value: `{"state":"DANCING"}`, bad: true},
		{key: "commit-late", value: `{"tasks":3}`, bad: true},
		{key: "task-nonumber", value: `{}`, bad: true},
	} {
		if err := s.applyConfig(r.key, []byte(r.value)); (err != nil) != r.bad {
			t.Errorf("%s %s: %v", r.key, r.value, err)
		}
	}
	a := s.connectors["a-1"]
	if d := cmp.Diff([]map[string]string{{"t": "0"}, {"t": "1"}}, a.tasks); d != "" || a.target != state.Paused {
		t.Errorf("%s %s", d, a.target)
	}
	if l := s.connectors["late"]; l.config == nil || l.tasks != nil {
		t.Errorf("%+v", l)
	}
}
