package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "offsets.json")
	connecttest.OffsetStore(t, func(t *testing.T) offset.Store {
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"java":      {"\xac\xed\x00\x05sr", "Kafka Connect's own offset file"},
		"cut":       {`{"version":1,"offsets":[{"conn`, "unexpected end of JSON"},
		"version":   {`{"version":7}`, "has version 7"},
		"partition": {`{"version":1,"offsets":[{"connector":"c","partition":[1],"offset":{}}]}`, `connector "c"`},
		"empty":     {"", "unexpected end of JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "o")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestSaveFailureChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	k := offset.Key{Connector: "c", Partition: "{}"}
	if err := s.Save(t.Context(), map[offset.Key]record.Position{k: []byte(`{"p":1}`)}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".tmp", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), map[offset.Key]record.Position{k: []byte(`{"p":2}`)}); err == nil {
		t.Fatal("no error")
	}
	if got, _ := s.Load(t.Context(), "c"); string(got[k]) != `{"p":1}` {
		t.Fatalf("holds %s", got[k])
	}
}

func BenchmarkSave(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "o"))
	if err != nil {
		b.Fatal(err)
	}
	m := map[offset.Key]record.Position{{Connector: "c", Partition: "{}"}: []byte(`{"lsn":1}`)}
	for b.Loop() {
		if err := s.Save(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
