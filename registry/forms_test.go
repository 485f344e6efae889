package registry_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// counted counts how often Avro is parsed.
type counted struct {
	avro.Format
	n *atomic.Int64
}

func (c counted) Parse(d schema.Document, refs schema.Resolver, o schema.Options) (schema.Schema, error) {
	c.n.Add(1)
	return c.Format.Parse(d, refs, o)
}

// TestManyVersionsAreParsedOnce has a subject with more versions than parsed schemas are kept: what is not among them is not
// looked for by parsing all of them each time, and one that means the same as an old one is found.
func TestManyVersionsAreParsedOnce(t *testing.T) {
	var parsed atomic.Int64
	reg, err := registry.Open(t.Context(), memlog.New(), registry.Options{Formats: map[schema.Type]schema.Format{schema.Avro: counted{n: &parsed}}})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	if err := reg.SetLevel(t.Context(), "", compat.None); err != nil {
		t.Fatal(err)
	}
	const versions = 1200
	text := func(n int) string {
		return fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":"int","p":1,"q":2}]}`, n)
	}
	candidate := func(s string) registry.Candidate {
		return registry.Candidate{NoType: true, Content: registry.Content{Text: s}}
	}
	for n := range versions {
		if _, err := reg.Register(t.Context(), "s", registry.Registration{Candidate: candidate(text(n))}); err != nil {
			t.Fatal(err)
		}
	}
	if n := parsed.Load(); n > 3*versions {
		t.Errorf("%d registrations parsed %d times", versions, n)
	}
	var refused *registry.Error
	for range 3 {
		parsed.Store(0)
		if _, err := reg.Lookup("s", candidate(text(versions)), false, false); !errors.As(err, &refused) || refused.Code != registry.CodeSchemaNotFound {
			t.Fatalf("a schema that the subject lacks: %v", err)
		}
	}
	if n := parsed.Load(); n > 1 {
		t.Errorf("looking for a schema that the subject lacks parsed %d times", n)
	}
	other := `{"name":"R3","fields":[{"q":2,"p":1,"type":{"type":"int"},"name":"a"}],"type":"record"}`
	if v, err := reg.Lookup("s", candidate(other), false, false); err != nil || v.Number != 4 {
		t.Errorf("a schema written otherwise: version %d, %v", v.Number, err)
	}
}
