package file

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/state"
)

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "state.json")
	connecttest.StateStore(t, true, func(t *testing.T) state.Store {
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v: configurations hold passwords", fi.Mode(), err)
	}
}

func TestMemory(t *testing.T) {
	connecttest.StateStore(t, false, func(t *testing.T) state.Store {
		s, err := Open("")
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, content := range []string{"", "[]", `{"version":2}`, `{"version":1,"connectors":{"c":{"status":{"x":{}}}}}`} {
		path := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil {
			t.Errorf("%q was read", content)
		}
	}
}
