package kafkalog_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
)

// TestTombstonesHit deletes what other releases wrote under other bytes.
func TestTombstonesHit(t *testing.T) {
	const canonical, magic0, spaced = `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`, `{"keytype":"SCHEMA","subject":"s","version":1,"magic":0}`, `{"keytype": "SCHEMA", "subject": "s", "version": 1, "magic": 1}`
	for name, opened := range map[string]bool{"written before it is opened": false, "written while it is followed": true} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			makeTopic(t, cfg, 1, map[string]string{"cleanup.policy": "compact"})
			l := open(t, cfg)
			if opened {
				keys(t, l)
			}
			for _, k := range []string{magic0, spaced, canonical} {
				produce(t, cfg, &kgo.Record{Key: []byte(k), Value: []byte("{}")})
			}
			produce(t, cfg, &kgo.Record{Key: []byte(spaced)}) // needs no other tombstone
			_, at := keys(t, l)
			at, err := l.Append(t.Context(), at, rec("other"), registry.Record{Key: []byte(canonical)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Append(t.Context(), at, registry.Record{Key: []byte(canonical)}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range raw(t, cfg)[4:] {
				if string(r.Key) != noopKey {
					got = append(got, fmt.Sprintf("%s=%s", r.Key, r.Value))
				}
			}
			if want := []string{magic0 + "=", "other=v", canonical + "=", canonical + "="}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
