package kafkalog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/kafkalog"
	"github.com/millrace/millrace/registry/registrytest"
)

func TestResume(t *testing.T) {
	configs := map[registry.Log]kafkalog.Config{}
	at := func(t testing.TB, cfg kafkalog.Config) registry.Log {
		l := open(t, cfg)
		configs[l] = cfg
		return l
	}
	registrytest.TestResume(t, func(t testing.TB) registry.Log { return at(t, config(t)) },
		func(t testing.TB, closed registry.Log) registry.Log { return at(t, configs[closed]) })
}

// TestResumeKeepsTheLedger has a registry on a snapshot delete what an older one wrote under other bytes of the key.
func TestResumeKeepsTheLedger(t *testing.T) {
	cfg := config(t)
	open(t, cfg)
	old := []byte(`{"magic":0,"keytype":"CONFIG","subject":"s"}`)
	produce(t, cfg, &kgo.Record{Key: old, Value: []byte(`{"compatibilityLevel":"FULL"}`)})
	file := filepath.Join(t.TempDir(), "snapshot")
	for i := range 2 {
		reg, err := registry.Open(t.Context(), open(t, cfg), registry.Options{Snapshot: file})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := reg.Config("s", false); err != nil || c.CompatibilityLevel != "FULL" {
			t.Fatalf("config %+v, %v", c, err)
		}
		if i == 1 {
			if _, err := reg.DeleteConfig(t.Context(), "s"); err != nil {
				t.Fatal(err)
			}
		}
		if err := reg.Close(); err != nil {
			t.Fatal(err)
		}
	}
	hit := false
	for _, r := range raw(t, cfg) {
		hit = hit || bytes.Equal(r.Key, old) && r.Value == nil
	}
	if !hit {
		t.Error("the older key got no tombstone")
	}
}

// TestResumeRefuses: a mark of another topic, and one that is older than tombstones live.
func TestResumeRefuses(t *testing.T) {
	cfg := config(t)
	cfg.Configs = map[string]string{"delete.retention.ms": "0"}
	none := registry.Tip{Offset: -1}
	l := open(t, cfg)
	if _, err := l.Mark(0); err == nil || !strings.Contains(err.Error(), "not read to its end") {
		t.Errorf("a mark of what was not read: %v", err)
	}
	mark := markOf(t, l, 0)
	if err := l.Resume(t.Context(), mark, none, 0); err == nil || !strings.Contains(err.Error(), "tombstones") {
		t.Errorf("a mark that is too old: %v", err)
	}
	other := open(t, config(t))
	if err := other.Resume(t.Context(), mark, none, 0); err == nil || !strings.Contains(err.Error(), "another topic") {
		t.Errorf("a mark of another topic: %v", err)
	}
	mark = markOf(t, other, 9)
	if err := other.Resume(t.Context(), mark, registry.Tip{Offset: 8}, 9); err == nil || !strings.Contains(err.Error(), "ends at offset 0") {
		t.Errorf("a mark of more than the topic has: %v", err)
	}
}

// markOf reads a log to its end and marks it.
func markOf(t *testing.T, l *kafkalog.Log, next int64) []byte {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := l.Follow(ctx, 0, func(int64, registry.Record) error { return nil }, func(int64) { stop() }); err != context.Canceled {
		t.Fatal(err)
	}
	mark, err := l.Mark(next)
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

func TestMarksLast(t *testing.T) {
	for _, c := range []struct {
		retention string
		want      time.Duration
	}{{"0", 1}, {"4000", 3 * time.Second}, {"", 18 * time.Hour}, {strconv.Itoa(math.MaxInt64), 365 * 18 * time.Hour}} {
		cfg := config(t)
		if c.retention != "" {
			cfg.Configs = map[string]string{"delete.retention.ms": c.retention}
		}
		if got := open(t, cfg).Lasts(); got != c.want {
			t.Errorf("with delete.retention.ms=%s they last %v, want %v", c.retention, got, c.want)
		}
	}
}

// TestMarkIsAsOldAsTheReading: a node that does not read on any more does not make its mark younger.
func TestMarkIsAsOldAsTheReading(t *testing.T) {
	l := open(t, config(t))
	mark := markOf(t, l, 0)
	after := time.Now()
	time.Sleep(20 * time.Millisecond)
	for range 2 {
		var m struct{ Made time.Time }
		if err := json.Unmarshal(mark, &m); err != nil {
			t.Fatal(err)
		}
		if m.Made.After(after) || m.Made.Before(after.Add(-time.Minute)) {
			t.Errorf("made %v, and the log was read until %v", m.Made, after)
		}
		var err error
		if mark, err = l.Mark(0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestResumeRefusesTheTopicMadeAnew: a topic that was deleted and has more records than before, and one that was emptied, as by
// a replica that took over without them.
func TestResumeRefusesTheTopicMadeAnew(t *testing.T) {
	cfg := config(t)
	l := open(t, cfg)
	fill := func(l registry.Log, name string, n int) (last registry.Tip) {
		t.Helper()
		last = registry.Tip{Offset: -1}
		for i := range n {
			r := registry.Record{Key: fmt.Appendf(nil, "%s %d", name, i), Value: []byte("{}"), Time: time.Now().UnixMilli()}
			at, err := l.Append(t.Context(), last.Offset, r)
			if err != nil {
				t.Fatal(err)
			}
			last = registry.TipOf(at, r)
		}
		return last
	}
	last := fill(l, "old", 5)
	next := last.Offset + 1
	mark := markOf(t, l, next)
	if err := l.Resume(t.Context(), mark, last, next); err != nil {
		t.Errorf("the same topic: %v", err)
	}
	older := last
	older.Digest++
	if err := l.Resume(t.Context(), mark, older, next); err == nil || !strings.Contains(err.Error(), "another record at offset") {
		t.Errorf("another record there: %v", err)
	}
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	admin := kadm.NewClient(cl)
	cut := kadm.Offsets{}
	cut.Add(kadm.Offset{Topic: cfg.Topic, At: next})
	policy := "delete" // a compacted topic's are not deleted
	if _, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "cleanup.policy", Value: &policy}}, cfg.Topic); err != nil {
		t.Fatal(err)
	}
	if deleted, err := admin.DeleteRecords(t.Context(), cut); err != nil || deleted.Error() != nil {
		t.Fatal(err, deleted.Error())
	}
	if err := l.Resume(t.Context(), mark, last, next); err == nil || !strings.Contains(err.Error(), "or none any more") {
		t.Errorf("a topic without its records: %v", err)
	}
	if _, err := admin.DeleteTopic(t.Context(), cfg.Topic); err != nil {
		t.Fatal(err)
	}
	for again := (*kafkalog.Log)(nil); again == nil; { // brokers take a moment
		var err error
		if again, err = kafkalog.Open(t.Context(), cfg); err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if again.Identity() == l.Identity() {
			_ = again.Close()
			again = nil
			continue
		}
		t.Cleanup(func() { _ = again.Close() })
		fill(again, "new", 9)
		if err := again.Resume(t.Context(), mark, last, next); err == nil || !strings.Contains(err.Error(), "another topic") {
			t.Errorf("the topic made anew: %v", err)
		}
	}
}
