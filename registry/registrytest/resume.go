package registrytest

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
)

// TestResume runs the suite of a registry.Resumable: a registry that is opened on a snapshot must answer like one that has read
// the whole log, and must not use the snapshot of another log. open returns a new log, reopen one on the storage of a log that has
// been closed.
func TestResume(t *testing.T, open func(testing.TB) registry.Log, reopen func(testing.TB, registry.Log) registry.Log) {
	file := filepath.Join(t.TempDir(), "kept", "snapshot")
	l := open(t)
	reg := opened(t, l, file, nil)
	for i := range 60 {
		change(t, reg, i)
	}
	closeAll(t, reg)
	for round := range 3 {
		l = reopen(t, l)
		whole := opened(t, l, "", nil)
		want := answers(t, whole)
		closeAll(t, whole)

		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("round %d: no snapshot was written: %v", round, err)
		}
		var said strings.Builder
		l = reopen(t, l)
		reg = opened(t, l, file, &said)
		if got := answers(t, reg); !slices.Equal(got, want) {
			t.Fatalf("round %d: on the snapshot the registry answers\n%s\nand on the whole log\n%s", round, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if said.Len() > 0 {
			t.Errorf("round %d: %s", round, said.String())
		}
		for i := range 40 {
			change(t, reg, 100*(round+1)+i)
		}
		closeAll(t, reg)
		if round == 1 { // as after a crash: the snapshot is behind the log
			if err := os.WriteFile(file, old, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	var said strings.Builder
	other := opened(t, open(t), file, &said)
	if got := answers(t, other); len(got) > 0 {
		t.Errorf("on another log the snapshot is used: %s", got)
	}
	if !strings.Contains(said.String(), "snapshot is not used") {
		t.Errorf("nothing is said of another log's snapshot: %s", said.String())
	}
	closeAll(t, other)
}

func opened(t testing.TB, l registry.Log, snapshot string, said *strings.Builder) *registry.Registry {
	t.Helper()
	o := registry.Options{Snapshot: snapshot}
	if said != nil {
		o.Log = slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	reg, err := registry.Open(t.Context(), l, o)
	if err != nil {
		t.Fatalf("opening a registry: %v", err)
	}
	return reg
}

func closeAll(t testing.TB, reg *registry.Registry) {
	t.Helper()
	if err := reg.Close(); err != nil {
		t.Fatalf("closing the registry: %v", err)
	}
}

// change makes one of many kinds of changes.
func change(t testing.TB, reg *registry.Registry, i int) {
	t.Helper()
	subject := fmt.Sprintf("s%d", i%11)
	if i%4 == 3 {
		subject = ":.ctx:" + subject
	}
	c := registry.Candidate{Content: registry.Content{Type: schema.Avro, Text: fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"f%d","type":"int"}]}`, i, i)}}
	if i%5 == 0 {
		c.Metadata = &registry.Metadata{Properties: map[string]string{"owner": fmt.Sprint(i)}}
	}
	var err error
	switch i % 10 {
	case 7:
		_, err = reg.DeleteSubject(t.Context(), subject, false)
	case 8:
		_, err = reg.DeleteSubject(t.Context(), fmt.Sprintf("s%d", (i-1)%11), true)
	case 9:
		err = reg.SetLevel(t.Context(), subject, "FULL")
	default:
		_, err = reg.Register(t.Context(), subject, registry.Registration{Candidate: c, Force: true})
	}
	if err != nil && !strings.Contains(err.Error(), "ubject") {
		t.Fatalf("change %d: %v", i, err)
	}
}

// answers are what the registry has.
func answers(t testing.TB, reg *registry.Registry) []string {
	t.Helper()
	var out []string
	for _, v := range reg.Schemas(registry.SchemaFilter{Prefix: ":*:", Deleted: true}) {
		out = append(out, string(v.AppendJSON(nil, registry.Whole)))
		b, err := reg.AppendByID(nil, v.Subject, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := reg.Config(v.Subject, true)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b), string(cfg.AppendJSON(nil, "compatibility")))
	}
	return out
}
