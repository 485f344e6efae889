package kafkalog_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

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
	l := open(t, cfg)
	mark, err := l.Mark(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Resume(t.Context(), mark, -1, 0); err == nil || !strings.Contains(err.Error(), "tombstones") {
		t.Errorf("a mark that is too old: %v", err)
	}
	other := open(t, config(t))
	if err := other.Resume(t.Context(), mark, -1, 0); err == nil || !strings.Contains(err.Error(), "another topic") {
		t.Errorf("a mark of another topic: %v", err)
	}
	if mark, err = other.Mark(9); err != nil {
		t.Fatal(err)
	}
	if err := other.Resume(t.Context(), mark, 8, 9); err == nil || !strings.Contains(err.Error(), "ends at offset 0") {
		t.Errorf("a mark of more than the topic has: %v", err)
	}
}
