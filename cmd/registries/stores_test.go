package registries_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/registries"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/test/testenv"
)

// TestStores brings the same backup into each kind of store and takes it out again.
func TestStores(t *testing.T) {
	s := registrytest.NewServer(t)
	log := slog.New(slog.DiscardHandler)
	first := filepath.Join(t.TempDir(), "first.jsonl.gz")
	seed(t, s.URL)
	if err := registries.Backup(t.Context(), log, registries.Place{Access: registries.Access{URL: s.URL}}, first, nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	unique := time.Now().UnixNano()
	for name, store := range map[string]func(t *testing.T) string{
		"file": func(t *testing.T) string { return "file:" + t.TempDir() },
		"kafka": func(t *testing.T) string {
			return fmt.Sprintf("kafka:%s?topic=transfer-%d&replication=1", testenv.Kafka(t), unique)
		},
		"nats": func(t *testing.T) string { return fmt.Sprintf("nats:%s?stream=transfer-%d", testenv.NATS(t), unique) },
	} {
		t.Run(name, func(t *testing.T) {
			place := registries.Place{Store: store(t)}
			var told bytes.Buffer
			for range 2 {
				told.Reset()
				if err := registries.Restore(t.Context(), log, first, nil, place, registries.Options{}, &told); err != nil {
					t.Fatal(err)
				}
			}
			if want := "0 registered, 0 of them deleted softly, 3 there already; 0 configs, 0 modes, 0 associations set"; !bytes.Contains(told.Bytes(), []byte(want)) {
				t.Errorf("the second time: %s", told.Bytes())
			}
			to := registrytest.NewServer(t) // times stay in a store
			second, third := filepath.Join(t.TempDir(), "second"), filepath.Join(t.TempDir(), "third.gz")
			remote := registries.Place{Access: registries.Access{URL: to.URL}}
			if err := registries.Backup(t.Context(), log, place, second, nil, io.Discard); err != nil {
				t.Fatal(err)
			}
			if err := registries.Restore(t.Context(), log, second, nil, remote, registries.Options{}, io.Discard); err != nil {
				t.Fatal(err)
			}
			if err := registries.Backup(t.Context(), log, remote, third, nil, io.Discard); err != nil {
				t.Fatal(err)
			}
			a, _ := os.ReadFile(first)
			if b, err := os.ReadFile(third); err != nil || !bytes.Equal(a, b) {
				t.Errorf("the backup has %d bytes and then others, %d (%v)", len(a), len(b), err)
			}
		})
	}
}
