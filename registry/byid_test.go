package registry_test

import (
	"encoding/json"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// TestEncodedAnswersKeepUp asks for an id twice, so that the second answer is the encoded one, after every kind of change that makes
// it stale.
func TestEncodedAnswersKeepUp(t *testing.T) {
	reg, err := registry.Open(t.Context(), memlog.New(), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	register := func(subject string) {
		t.Helper()
		_, err := reg.Register(ctx, subject, registry.Registration{Candidate: registry.Candidate{NoType: true, Content: registry.Content{Text: `"int"`}}})
		must(err)
	}
	check := func(step, asked, subject string, version int, deleted bool) {
		t.Helper()
		for range 2 {
			b, err := reg.AppendByID(nil, asked, 1)
			var got struct {
				Subject string
				Version int
				Deleted bool
			}
			if err == nil {
				err = json.Unmarshal(b, &got)
			}
			if err != nil || got.Subject != subject || got.Version != version || got.Deleted != deleted {
				t.Errorf("%s: asked for %q: %+v %v, want %s version %d, deleted: %v", step, asked, got, err, subject, version, deleted)
			}
		}
	}
	register("a")
	check("registered", "", "a", 1, false)
	check("registered", "a", "a", 1, false)
	check("registered", "unknown", "a", 1, false)
	register("b")
	check("shared", "b", "b", 1, false)
	check("shared", "a", "a", 1, false)
	check("shared", "c", "a", 1, false) // the first in Java's order
	alias := "b"
	_, err = reg.SetConfig(ctx, "c", registry.ConfigUpdate{Alias: &alias})
	must(err)
	check("aliased", "c", "b", 1, false)
	alias = "a"
	_, err = reg.SetConfig(ctx, "c", registry.ConfigUpdate{Alias: &alias})
	must(err)
	check("aliased anew", "c", "a", 1, false)
	_, err = reg.DeleteSubject(ctx, "a", false)
	must(err)
	check("deleted softly", "a", "a", 1, true)
	check("deleted softly", "c", "a", 1, true)
	register("a")
	check("registered again", "a", "a", 2, false)
	register(":.x:a")
	check("in a context", ":.x:a", ":.x:a", 1, false)
	check("in a context", ":.x:", ":.x:a", 1, false)
	for _, permanent := range []bool{false, true} {
		_, err = reg.DeleteSubject(ctx, "a", permanent)
		must(err)
		_, err = reg.DeleteSubject(ctx, "b", permanent)
		must(err)
	}
	check("only the context has it", "", ":.x:a", 1, false)
	check("only the context has it", "a", ":.x:a", 1, false)
	if _, err := reg.AppendByID(nil, ":.y:", 1); err == nil {
		t.Error("an unknown context has the id")
	}
}
