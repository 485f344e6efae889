package registry_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

func field(path string, tags ...string) schema.Tagged {
	return schema.Tagged{Entity: schema.Entity{Path: path, Kind: schema.FieldEntity}, Tags: tags}
}

func record(path string, tags ...string) schema.Tagged {
	return schema.Tagged{Entity: schema.Entity{Path: path, Kind: schema.RecordEntity}, Tags: tags}
}

func register(t *testing.T, r *registry.Registry, subject string, reg registry.Registration) registry.Version {
	t.Helper()
	reg.NoType = reg.Type == ""
	v, err := r.Register(t.Context(), subject, reg)
	if err != nil {
		t.Fatalf("registering at %s: %v", subject, err)
	}
	return v
}

func text(s string) registry.Registration {
	return registry.Registration{Candidate: registry.Candidate{Content: registry.Content{Text: s}}}
}

func retag(t *testing.T, r *registry.Registry, subject string, number int, e registry.TagEdit) registry.Version {
	t.Helper()
	v, err := r.EditTags(t.Context(), subject, number, e)
	if err != nil {
		t.Fatalf("editing tags of %s: %v", subject, err)
	}
	return v
}

// brief is what an edit is about: number, id, text, and metadata and rules as JSON.
func brief(v registry.Version) string {
	s := fmt.Sprintf("v%d id%d %s", v.Number, v.ID, v.Content.Text)
	if m := v.Content.Metadata; m != nil {
		for _, k := range slices.Sorted(maps.Keys(m.Properties)) {
			s += " " + k + "=" + m.Properties[k]
		}
	}
	if rs := v.Content.RuleSet; rs != nil {
		s += " rules"
		for _, l := range [][]registry.Rule{rs.Migration, rs.Domain, rs.Encoding} {
			s += ":"
			for _, r := range l {
				s += r.Name + r.Expr + ","
			}
		}
	}
	return s
}

func code(err error) int {
	var e *registry.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

const (
	plain  = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`
	tagged = `{"type":"record","name":"R","fields":[{"name":"a","type":"int","confluent:tags":["PII"]}]}`
	both   = `{"type":"record","name":"R","fields":[{"name":"a","type":"int","confluent:tags":["PII"]}],"confluent:tags":["T"]}`
	wider  = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0}]}`
)

// TestEditTags holds that each edit makes a version of its own, whose number is in its metadata, and what of the version that is
// edited goes along.
func TestEditTags(t *testing.T) {
	l := memlog.New()
	r := open(t, l)
	register(t, r, "s", text(plain))
	for i, c := range []struct {
		from int
		edit registry.TagEdit
		want string
	}{
		{registry.Latest, registry.TagEdit{Add: []schema.Tagged{field("R.a", "PII")}}, "v2 id2 " + tagged + " confluent:version=2"},
		{2, registry.TagEdit{Add: []schema.Tagged{record("R", "T")}, NewVersion: 3}, "v3 id3 " + both + " confluent:version=3"},
		{2, registry.TagEdit{Add: []schema.Tagged{record("R", "T")}, NewVersion: 3}, "v3 id3 " + both + " confluent:version=3"}, // once more
		{3, registry.TagEdit{Remove: []schema.Tagged{record("R", "T")}}, "v4 id4 " + tagged + " confluent:version=4"},           // the text of version 2
		{1, registry.TagEdit{}, "v5 id5 " + plain + " confluent:version=5"},
		{
			registry.Latest, registry.TagEdit{Metadata: &registry.Metadata{Properties: map[string]string{"k": "v", "confluent:version": "99"}}},
			"v6 id6 " + plain + " confluent:version=6 k=v",
		},
		{6, registry.TagEdit{Add: []schema.Tagged{field(".R.a", "PII")}, NewVersion: -1}, "v7 id7 " + tagged + " confluent:version=7 k=v"},
	} {
		if got := brief(retag(t, r, "s", c.from, c.edit)); got != c.want {
			t.Errorf("edit %d\n got %s\nwant %s", i+1, got, c.want)
		}
	}
	for i, c := range []struct {
		subject string
		from    int
		edit    registry.TagEdit
		code    int
	}{
		{"none", registry.Latest, registry.TagEdit{}, registry.CodeSubjectNotFound},
		{"none", 1, registry.TagEdit{}, registry.CodeSubjectNotFound},
		{"s", 77, registry.TagEdit{}, registry.CodeVersionNotFound},
		{":*:s", 1, registry.TagEdit{}, registry.CodeInvalidSubject},
		{"s", 1, registry.TagEdit{Add: []schema.Tagged{field("R.zzz", "T")}}, registry.CodeInvalidSchema},
		{"s", 1, registry.TagEdit{Remove: []schema.Tagged{record("R.a", "T")}}, registry.CodeInvalidSchema},
		{"s", 1, registry.TagEdit{NewVersion: 20}, registry.CodeInvalidSchema},
		{"s", 1, registry.TagEdit{NewVersion: 3}, registry.CodeInvalidSchema}, // it is another one
		{"s", 1, registry.TagEdit{RuleSet: &registry.RuleSet{}, RemoveRules: []string{"r"}}, registry.CodeInvalidRuleSet},
		{"s", 1, registry.TagEdit{RuleSet: &registry.RuleSet{}, MergeRules: &registry.RuleSet{}}, registry.CodeInvalidRuleSet},
		{"s", 1, registry.TagEdit{MergeRules: &registry.RuleSet{Domain: []registry.Rule{{Name: "0", Type: "CEL"}}}}, registry.CodeInvalidRuleSet},
	} {
		if v, err := r.EditTags(t.Context(), c.subject, c.from, c.edit); code(err) != c.code {
			t.Errorf("refusal %d: %v, %v", i+1, brief0(v), err)
		}
	}
	if v, err := r.Get("s", registry.Latest, false); err != nil || v.Number != 7 {
		t.Errorf("refused edits left version %d, %v", v.Number, err)
	}
	sameState(t, r, open(t, l))
}

func brief0(v registry.Version) string {
	if v.Content == nil {
		return "nothing"
	}
	return brief(v)
}

func TestEditTagsInAllLanguages(t *testing.T) {
	for typ, c := range map[schema.Type]struct {
		text string
		at   schema.Tagged
		want string
	}{
		schema.Avro: {plain, field("R.a", "PII"), tagged},
		schema.JSON: {
			`{"type":"object","properties":{"a":{"type":"string"}}}`, field("object.a", "PII"),
			`{"type":"object","properties":{"a":{"type":"string","confluent:tags":["PII"]}}}`,
		},
		schema.Protobuf: {
			"syntax = \"proto3\";\n\nmessage M {\n  string a = 1;\n}\n", field("M.a", "PII"),
			"syntax = \"proto3\";\n\nimport \"confluent/meta.proto\";\n\nmessage M {\n  string a = 1 [(confluent.field_meta) = {\n    tags: [\n      \"PII\"\n    ]\n  }];\n}\n",
		},
	} {
		r := open(t, nil)
		reg := text(c.text)
		reg.Type = typ
		register(t, r, ":.c:s", reg)
		v := retag(t, r, ":.c:s", registry.Latest, registry.TagEdit{Add: []schema.Tagged{c.at}})
		if v.Subject != ":.c:s" || v.Number != 2 || v.Content.Text != c.want || v.Content.Type != typ {
			t.Errorf("%s: %s", typ, brief(v))
		}
		for _, wanted := range [][]string{{"*"}, {"x", "PII"}} {
			if tags, err := r.SchemaTags(v, wanted); err != nil || len(tags) != 1 || tags[0].Entity != c.at.Entity || !slices.Equal(tags[0].Tags, c.at.Tags) {
				t.Errorf("%s, %q: %+v, %v", typ, wanted, tags, err)
			}
		}
		if tags, err := r.SchemaTags(v, []string{"x", "pii", ""}); err != nil || len(tags) > 0 {
			t.Errorf("%s: other tags are %+v, %v", typ, tags, err)
		}
	}
}

func TestEditTagsAndRules(t *testing.T) {
	rule := func(name, expr string) registry.Rule { return registry.Rule{Name: name, Type: "CEL", Expr: expr} }
	up := rule("up", "")
	up.Mode = "UPGRADE"
	for name, c := range map[string]struct {
		edit registry.TagEdit
		want string
	}{
		"kept":     {registry.TagEdit{}, "rules:up,:a1,b1,:"},
		"replaced": {registry.TagEdit{RuleSet: &registry.RuleSet{Domain: []registry.Rule{rule("c", "2")}}}, "rules::c2,:"},
		"emptied":  {registry.TagEdit{RuleSet: &registry.RuleSet{}}, "rules:::"},
		"merged":   {registry.TagEdit{MergeRules: &registry.RuleSet{Domain: []registry.Rule{rule("a", "2"), rule("c", "2")}}}, "rules:up,:b1,a2,c2,:"},
		"removed":  {registry.TagEdit{RemoveRules: []string{"b", "up", "none"}}, "rules::a1,:"},
		"both": {
			registry.TagEdit{MergeRules: &registry.RuleSet{Encoding: []registry.Rule{rule("e", "2"), rule("f", "2")}}, RemoveRules: []string{"a", "f"}},
			"rules:up,:b1,:e2,",
		},
	} {
		r := open(t, nil)
		reg := text(plain)
		reg.RuleSet = &registry.RuleSet{Migration: []registry.Rule{up}, Domain: []registry.Rule{rule("a", "1"), rule("b", "1")}}
		register(t, r, "s", reg)
		if got := brief(retag(t, r, "s", 1, c.edit)); got != "v2 id2 "+plain+" confluent:version=2 "+c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	r := open(t, nil)
	register(t, r, "s", text(plain))
	if got := brief(retag(t, r, "s", 1, registry.TagEdit{MergeRules: &registry.RuleSet{Domain: []registry.Rule{rule("a", "1")}}})); !strings.HasSuffix(got, "rules::a1,:") {
		t.Errorf("rules where none were: %s", got)
	}
}

// TestEditTagsAsRegistrations holds that modes, compatibility and config mean for an edit what they mean for a registration.
func TestEditTagsAsRegistrations(t *testing.T) {
	r := open(t, nil)
	edit := registry.TagEdit{Add: []schema.Tagged{field("R.a", "PII")}}
	register(t, r, "s", text(plain))
	for _, mode := range []string{registry.ReadOnly, registry.Import} {
		if err := r.SetMode(t.Context(), "s", mode, false, true); err != nil {
			t.Fatal(err)
		}
		if _, err := r.EditTags(t.Context(), "s", 1, edit); code(err) != registry.CodeOperationNotPermitted {
			t.Errorf("in mode %s: %v", mode, err)
		}
	}
	if err := r.SetMode(t.Context(), "s", registry.ReadWrite, false, true); err != nil {
		t.Fatal(err)
	}
	register(t, r, "s", text(wider))
	if err := r.SetLevel(t.Context(), "s", compat.Forward); err != nil {
		t.Fatal(err)
	}
	if got := brief(retag(t, r, "s", 1, edit)); got != "v3 id3 "+tagged+" confluent:version=3" {
		t.Errorf("forward compatible: %s", got)
	}
	register(t, r, "s", text(wider))
	reg := text(`{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}`)
	register(t, r, "s", reg)
	if _, err := r.EditTags(t.Context(), "s", 1, edit); code(err) != registry.CodeIncompatible {
		t.Errorf("an old version that the newest cannot do without: %v", err)
	}
	yes := true
	set := &yes
	if _, err := r.SetConfig(t.Context(), "n", registry.ConfigUpdate{Normalize: &set}); err != nil {
		t.Fatal(err)
	}
	register(t, r, "n", text(`{"type":"record","name":"R","fields":[{"name":"a","type":"int","z":1,"b":2}]}`))
	if got := retag(t, r, "n", 1, edit).Content.Text; got != `{"type":"record","name":"R","fields":[{"name":"a","type":"int","b":2,"confluent:tags":["PII"],"z":1}]}` {
		t.Errorf("normalised: %s", got)
	}
	if _, err := r.DeleteSubject(t.Context(), "s", false); err != nil {
		t.Fatal(err)
	}
	if _, err := r.EditTags(t.Context(), "s", 1, edit); code(err) != registry.CodeSubjectNotFound {
		t.Errorf("a deleted subject: %v", err)
	}
}

// TestRegisterWithTags holds that a registration's tags are part of the schema that it registers.
func TestRegisterWithTags(t *testing.T) {
	r := open(t, nil)
	withTags := func(s string, change registry.TagChange) registry.Registration {
		reg := text(s)
		reg.Tags = change
		return reg
	}
	add := registry.TagChange{Add: []schema.Tagged{field("R.a", "PII")}}
	for i, c := range []struct {
		reg  registry.Registration
		want string
	}{
		{withTags(plain, add), "v1 id1 " + tagged},
		{withTags(plain, add), "v1 id1 " + tagged},
		{text(tagged), "v1 id1 " + tagged},
		{withTags(tagged, registry.TagChange{Remove: add.Add}), "v2 id2 " + plain},
		{withTags("", add), "v1 id1 " + tagged}, // the latest text, which is that of version 1 then
		{withTags("", registry.TagChange{Add: []schema.Tagged{record("R", "T"), field("R.a", "PII")}}), "v3 id3 " + both},
		{withTags(plain, registry.TagChange{Propagate: true}), "v3 id3 " + both},
		{withTags(wider, registry.TagChange{Propagate: true}), "v4 id4 " + strings.Replace(both, `}],"confluent`, `},{"name":"b","type":"int","default":0}],"confluent`, 1)},
		{
			withTags(wider, registry.TagChange{Propagate: true, Add: []schema.Tagged{field("R.b", "B")}, Remove: []schema.Tagged{record("R", "T")}}),
			"v5 id5 " + strings.Replace(tagged, `}]}`, `},{"name":"b","type":"int","default":0,"confluent:tags":["B"]}]}`, 1),
		},
		{withTags(plain, registry.TagChange{Propagate: true}), "v1 id1 " + tagged}, // b is not there, and that is version 1
		{withTags(plain, registry.TagChange{}), "v2 id2 " + plain},
	} {
		if got := brief(register(t, r, "s", c.reg)); got != c.want {
			t.Errorf("registration %d\n got %s\nwant %s", i+1, got, c.want)
		}
	}
	if got := brief(register(t, r, "new", withTags(plain, registry.TagChange{Propagate: true}))); got != "v1 id2 "+plain {
		t.Errorf("with no version to take tags from: %s", got)
	}
	other := withTags(`{"type":"object"}`, registry.TagChange{Propagate: true})
	other.Type, other.Force = schema.JSON, true
	if got := brief(register(t, r, "s", other)); got != `v6 id6 {"type":"object"}` {
		t.Errorf("of another language: %s", got)
	}
	for _, change := range []registry.TagChange{{Add: []schema.Tagged{field("R.zzz", "T")}}, {Remove: []schema.Tagged{field("R.zzz", "T")}}} {
		reg := withTags(plain, change)
		reg.NoType = true
		if _, err := r.Register(t.Context(), "s", reg); code(err) != registry.CodeInvalidSchema || err.Error() != "No matching path 'R.zzz' found in the schema" {
			t.Errorf("a field that is not there: %v", err)
		}
	}
	bad := withTags(`{"type":`, add)
	bad.NoType = true
	if _, err := r.Register(t.Context(), "s", bad); code(err) != registry.CodeInvalidSchema || !strings.HasPrefix(err.Error(), "Invalid schema of type AVRO") {
		t.Errorf("no schema: %v", err)
	}
}

// TestConcurrentTagEdits has clients of two registries over one log edit the latest version: no tag may be lost.
func TestConcurrentTagEdits(t *testing.T) {
	l := memlog.New()
	regs := []*registry.Registry{open(t, l), open(t, l)}
	register(t, regs[0], "s", text(plain))
	register(t, regs[1], "s", text(plain)) // known there from here on
	const clients, each = 8, 5
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := range each {
				add := []schema.Tagged{field("R.a", fmt.Sprintf("t%d.%d", c, i))}
				if _, err := regs[c%2].EditTags(context.Background(), "s", registry.Latest, registry.TagEdit{Add: add}); err != nil {
					t.Errorf("editing: %v", err)
				}
			}
		})
	}
	wg.Wait()
	r := open(t, l)
	v, err := r.Get("s", registry.Latest, false)
	if err != nil || v.Number != 1+clients*each {
		t.Fatalf("version %d, %v", v.Number, err)
	}
	if tags, err := r.SchemaTags(v, []string{registry.AnyTag}); err != nil || len(tags) != 1 || len(tags[0].Tags) != clients*each {
		t.Errorf("tags %+v, %v", tags, err)
	}
}
