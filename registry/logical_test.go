package registry_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// TestScriptsInTheLog holds that a registration by DDL writes what registering the native text with the same metadata writes.
func TestScriptsInTheLog(t *testing.T) {
	const script = "NAMESPACE n; STRUCT T (id BIGINT NOT NULL CHECK (id > 0), u UNION<a INT, b STRING>, d DATE DEFAULT '2026-01-02')"
	written := func(c registry.Content) (recs []registry.Record, v registry.Version) {
		l := memlog.New()
		r, err := registry.Open(t.Context(), l, registry.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if v, err = r.Register(t.Context(), "s", registry.Registration{Candidate: registry.Candidate{Content: c}}); err != nil {
			t.Fatal(err)
		}
		end, err := l.End(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err = l.Follow(ctx, 0, func(offset int64, rec registry.Record) error {
			rec.Time = 0
			recs = append(recs, rec)
			if offset == end-1 {
				cancel()
			}
			return nil
		}, func(int64) {})
		if ctx.Err() == nil {
			t.Fatal(err)
		}
		return recs, v
	}
	for _, typ := range []schema.Type{schema.Avro, schema.JSON, schema.Protobuf} {
		byScript, v := written(registry.Content{Type: typ, Text: script})
		native, _ := written(*v.Content)
		if diff := cmp.Diff(native, byScript); diff != "" || len(native) == 0 {
			t.Errorf("%s: %s", typ, diff)
		}
	}
}

// gate is Avro whose parser waits at a text, as if it were a large one.
type gate struct {
	avro.Format
	at            string
	entered, open chan struct{}
}

func (g gate) Parse(d schema.Document, refs schema.Resolver, o schema.Options) (schema.Schema, error) {
	if d.Text == g.at {
		select {
		case g.entered <- struct{}{}:
		case <-g.open:
		}
		<-g.open
	}
	return g.Format.Parse(d, refs, o)
}

// TestSlowSchemasStopNobody has schemas take their time while they are read, for a comparison, as DDL and as a script: others write
// meanwhile.
func TestSlowSchemasStopNobody(t *testing.T) {
	const base, ddl = `{"type":"record","name":"B","fields":[]}`, "STRUCT Slow (b B)"
	const slow = `{"type":"record","name":"Slow","fields":[{"name":"b","type":"B"}]}`
	refs := []schema.Reference{{Name: "B", Subject: "base", Version: 1}}
	candidate := func(text string, refs []schema.Reference) registry.Candidate {
		return registry.Candidate{Content: registry.Content{Type: schema.Avro, Text: text, References: refs}}
	}
	log := memlog.New()
	r, err := registry.Open(t.Context(), keptOpen{log}, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var v registry.Version
	for _, s := range []struct {
		subject string
		c       registry.Candidate
	}{{"base", candidate(base, nil)}, {"slow", candidate(slow, refs)}} {
		if v, err = r.Register(t.Context(), s.subject, registry.Registration{Candidate: s.c}); err != nil {
			t.Fatal(err)
		}
	}
	_ = r.Close()
	for name, c := range map[string]struct {
		at string
		do func(r *registry.Registry) error
	}{
		"comparison": {slow, func(r *registry.Registry) error {
			_, err := r.Compatibility("other", registry.Latest, candidate(slow, refs), false, true)
			return err
		}},
		"DDL": {slow, func(r *registry.Registry) error {
			v, err := r.Get("slow", v.Number, false)
			if err == nil {
				_, err = r.Formatted(v, "logical")
			}
			return err
		}},
		"script": {ddl, func(r *registry.Registry) error {
			_, err := r.Compatibility("other", registry.Latest, candidate(ddl, refs), false, true)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := gate{at: c.at, entered: make(chan struct{}), open: make(chan struct{})}
			r, err := registry.Open(t.Context(), keptOpen{log}, registry.Options{Formats: map[schema.Type]schema.Format{schema.Avro: g}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			done := make(chan error, 1)
			go func() { done <- c.do(r) }()
			<-g.entered
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err = r.Register(ctx, "quick-"+name, registry.Registration{Candidate: candidate(`"int"`, nil)})
			close(g.open)
			if err != nil {
				t.Errorf("a write waits for a schema to be read: %v", err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}
