package avro

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/compat/schema/schematest"
)

const (
	rec = schema.RecordEntity
	fld = schema.FieldEntity
)

func TestTags(t *testing.T) {
	nested := `{"type":"record","name":"R","namespace":"n","fields":[` +
		`{"name":"a","type":["null",{"type":"array","items":{"type":"record","name":"S","fields":[{"name":"x","type":"int","doc":"d","confluent:tags":["old"],"z":1}]}}],"default":null,"aliases":["b"]},` +
		`{"name":"m","type":{"type":"map","values":{"type":"record","name":"R","namespace":"o","fields":[{"name":"a","type":"n.S"}]}}}],"p":2,"aliases":["q"]}`
	for _, c := range []struct {
		name, text string
		edits      []schema.TagEdit
		want, tags string
	}{
		{
			"a field, last", `{"type":"record","name":"R","fields":[{"name":"a","type":"int","p":1}]}`, []schema.TagEdit{schematest.Edit(fld, "R.a", "PII X", "")},
			`{"type":"record","name":"R","fields":[{"name":"a","type":"int","p":1,"confluent:tags":["PII","X"]}]}`, "R.a.PII,X",
		},
		{
			"a record", `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}],"aliases":["q"],"p":1}`, []schema.TagEdit{schematest.Edit(rec, "R", "T", "")},
			`{"type":"record","name":"R","fields":[{"name":"a","type":"int"}],"p":1,"confluent:tags":["T"],"aliases":["q"]}`, "R:T",
		},
		{
			"in place, the last one away", nested, []schema.TagEdit{schematest.Edit(fld, "n.S.x", "new", "old"), schematest.Edit(fld, "S.x", "newer", "new"), schematest.Edit(fld, ".n.R.m", "M", "")},
			strings.NewReplacer(`["old"]`, `["newer"]`, `"n.S"}]}}}],`, `"n.S"}]}},"confluent:tags":["M"]}],`).Replace(nested), "n.S.x.newer n.R.m.M",
		},
		{"all away", nested, []schema.TagEdit{schematest.Edit(fld, "n.S.x", "", "old")}, strings.Replace(nested, `"confluent:tags":["old"],`, "", 1), ""},
		{"nothing to do", nested, []schema.TagEdit{schematest.Edit(fld, "n.S.x", "old", "else"), schematest.Edit(rec, "n.R", "", "else")}, nested, "n.S.x.old"},
		{
			"the nearest of that name", nested, []schema.TagEdit{schematest.Edit(rec, "R", "near", ""), schematest.Edit(rec, "o.R", "far", "")},
			strings.NewReplacer(`"p":2,`, `"p":2,"confluent:tags":["near"],`, `"type":"n.S"}]`, `"type":"n.S"}],"confluent:tags":["far"]`).Replace(nested),
			"n.R:near n.S.x.old o.R:far",
		},
		{
			"itself", `{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}`, []schema.TagEdit{schematest.Edit(fld, "L.next", "T", "")},
			`{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"],"confluent:tags":["T"]}]}`, "L.next.T",
		},
		{
			"an error", `{"type":"error","name":"E","fields":[{"name":"a","type":"int"}]}`, []schema.TagEdit{schematest.Edit(rec, "E", "T", "")},
			`{"type":"error","name":"E","fields":[{"name":"a","type":"int"}],"confluent:tags":["T"]}`, "E:T",
		},
		{
			"no list", `{"type":"record","name":"R","fields":[{"name":"a","type":"int","confluent:tags":"x"}],"confluent:tags":[1,null,"y"]}`,
			[]schema.TagEdit{schematest.Edit(fld, "R.a", "", "x"), schematest.Edit(rec, "R", "z", "")},
			`{"type":"record","name":"R","fields":[{"name":"a","type":"int","confluent:tags":"x"}],"confluent:tags":["1","null","y","z"]}`, "R:1,null,y,z",
		},
		{
			"names that mean something else", `{"type":"record","name":"items","fields":[{"name":"fields","type":{"type":"fixed","name":"F","size":1,"fields":[]},"items":"x"}]}`,
			[]schema.TagEdit{schematest.Edit(fld, "items.fields", `"`, "")},
			`{"type":"record","name":"items","fields":[{"name":"fields","type":{"type":"fixed","name":"F","size":1},"items":"x","confluent:tags":["\""]}]}`, `items.fields."`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustParse(t, c.text)
			got, err := s.WithTags(c.edits)
			if err != nil || got != c.want {
				t.Fatalf("%v\n got %s\nwant %s", err, got, c.want)
			}
			if lines := schematest.TagLines(t, mustParse(t, got)); lines != c.tags {
				t.Errorf("tags %s, want %s", lines, c.tags)
			}
		})
	}
}

func TestTagsOfNothing(t *testing.T) {
	for text, e := range map[string]schema.TagEdit{
		`"int"`: schematest.Edit(rec, "int", "T", ""),
		`{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`:                       schematest.Edit(fld, "R.b", "T", ""),
		`{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"}]}`:       schematest.Edit(fld, "m.R.a", "T", ""),
		`{"type":"record","name":"R","namespace":"n.m","fields":[{"name":"a","type":"int"}]}`:     schematest.Edit(fld, "m.R.a", "T", ""),
		`{"type":"record","name":"R","namespace":"o","fields":[{"name":"a","type":"int"}]}`:       schematest.Edit(rec, "R.a", "T", ""),
		`{"type":"record","name":"S","fields":[{"name":"a","type":"int"}]}`:                       schematest.Edit(fld, "S", "T", ""),
		`{"type":"enum","name":"E","symbols":["A"]}`:                                              schematest.Edit(rec, "E", "T", ""),
		`{"type":"record","name":"T","fields":[]}`:                                                schematest.Edit(rec, "", "T", ""),
		`{"type":"record","name":"Q","fields":[{"name":"f","type":"int","fields":["x"],"p":{}}]}`: schematest.Edit(fld, "Q.f.p", "T", ""),
	} {
		s := mustParse(t, text)
		var missing *schema.NoEntityError
		if got, err := s.WithTags([]schema.TagEdit{e}); !errors.As(err, &missing) || missing.Entity != e.Entity {
			t.Errorf("%s of %s: %s, %v", e.Path, text, got, err)
		}
		e.IfThere = true
		if got, err := s.WithTags([]schema.TagEdit{e}); err != nil || got != s.Canonical() {
			t.Errorf("%s of %s if it is there: %s, %v", e.Path, text, got, err)
		}
	}
}

type resolveOne struct{ text string }

func (r resolveOne) Resolve(schema.Reference) (schema.Document, error) {
	return schema.Document{Text: r.text}, nil
}

// TestTagsOfReferences holds that the tags of a referenced record are listed, and that it is not to be edited here.
func TestTagsOfReferences(t *testing.T) {
	refs := []schema.Reference{{Name: "n.S", Subject: "s", Version: 1}}
	s, err := Parse(schema.Document{Text: `{"type":"record","name":"R","fields":[{"name":"s","type":"n.S"}]}`, References: refs},
		resolveOne{`{"type":"record","name":"S","namespace":"n","fields":[{"name":"x","type":"int","confluent:tags":["T"]}]}`}, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if lines := schematest.TagLines(t, s); lines != "n.S.x.T" {
		t.Errorf("tags %s", lines)
	}
	if got, err := s.WithTags([]schema.TagEdit{schematest.Edit(fld, "R.s", "U", "")}); err != nil ||
		got != `{"type":"record","name":"R","fields":[{"name":"s","type":"n.S","confluent:tags":["U"]}]}` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := s.WithTags([]schema.TagEdit{schematest.Edit(fld, "n.S.x", "U", "")}); err == nil {
		t.Error("a referenced record is edited")
	}
}

// entities returns all places of s that can have tags.
func entities(s *Schema) []schema.Entity {
	var out []schema.Entity
	seen := map[*Type]bool{}
	var walk func(t *Type)
	walk = func(t *Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		walk(t.Elem)
		for _, b := range t.Branches {
			walk(b)
		}
		if t.Kind != Record {
			return
		}
		out = append(out, schema.Entity{Path: t.Name.Full(), Kind: rec})
		for _, f := range t.Fields {
			out = append(out, schema.Entity{Path: t.Name.Full() + "." + f.Name, Kind: fld})
			walk(f.Type)
		}
	}
	walk(s.root)
	return out
}

// FuzzTags holds for any schema that tags can be put on each place of it and taken away again, that they are listed, that nothing
// else changes, and that data is read and written as before. A path that leads nowhere is refused.
func FuzzTags(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, fmt.Sprintf("R.f%d", i), "PII")
	}
	f.Fuzz(func(t *testing.T, text, path, tag string) {
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil {
			return
		}
		if strings.Contains(text, `".`) || strings.Contains(text, `\u`) { // see FuzzParse
			return
		}
		all := entities(s)
		tag = strings.ToValidUTF8(tag, "?")
		for _, kind := range []schema.EntityKind{rec, fld} {
			got, err := s.WithTags([]schema.TagEdit{{Entity: schema.Entity{Path: path, Kind: kind}, Add: []string{tag}}})
			var missing *schema.NoEntityError
			if err != nil && !errors.As(err, &missing) {
				if len(text) < 1000 {
					t.Fatal(err)
				}
				return
			}
			if err == nil && !slices.ContainsFunc(all, func(e schema.Entity) bool {
				return e.Kind == kind && strings.HasSuffix("."+e.Path, "."+strings.TrimPrefix(path, "."))
			}) {
				t.Fatalf("%q of %s is found: %s", path, text, got)
			}
		}
		var add, remove []schema.TagEdit
		before, err := s.Tags()
		if err != nil {
			return
		}
		for _, e := range all {
			if slices.ContainsFunc(before, func(b schema.Tagged) bool { return b.Entity == e }) || prop(nodeProps(s, e), tagsProp) != nil {
				continue
			}
			add = append(add, schema.TagEdit{Entity: e, Add: []string{tag}})
			remove = append(remove, schema.TagEdit{Entity: e, Remove: []string{tag}})
		}
		with, err := s.WithTags(add)
		if err != nil {
			if strings.Contains(err.Error(), "deeper") {
				return
			}
			t.Fatalf("%s: %v", s.Canonical(), err)
		}
		tagged, err := Parse(schema.Document{Text: with}, nil, schema.Options{})
		if err != nil || tagged.Canonical() != with {
			t.Fatalf("%s becomes %s: %v", s.Canonical(), with, err)
		}
		after, err := tagged.Tags()
		if err != nil || len(after) != len(before)+len(add) {
			t.Fatalf("%s becomes %s, which has %d tagged places: %v", s.Canonical(), with, len(after), err)
		}
		if tagged.SHA256() != s.SHA256() {
			t.Fatalf("%s becomes %s", s.ParsingForm(), tagged.ParsingForm())
		}
		for _, findings := range [][]schema.Difference{tagged.CanRead(s), s.CanRead(tagged)} {
			if len(findings) > 0 && findings[0].Rule != NotComparable {
				t.Fatalf("%s becomes %s: %v", s.Canonical(), with, findings)
			}
		}
		if back, err := tagged.WithTags(remove); err != nil || back != s.Canonical() {
			t.Fatalf("%s comes back as %s: %v", s.Canonical(), back, err)
		}
	})
}

// nodeProps returns the properties of an entity.
func nodeProps(s *Schema, e schema.Entity) []Prop {
	var out []Prop
	seen := map[*Type]bool{}
	var walk func(t *Type)
	walk = func(t *Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		walk(t.Elem)
		for _, b := range t.Branches {
			walk(b)
		}
		for _, f := range t.Fields {
			if e.Kind == fld && e.Path == t.Name.Full()+"."+f.Name {
				out = f.Props
			}
			walk(f.Type)
		}
		if e.Kind == rec && t.Kind == Record && e.Path == t.Name.Full() {
			out = t.Props
		}
	}
	walk(s.root)
	return out
}

// TestTagsOfHugeSchemas holds what an edit costs where schema and paths are as large as a body can make them.
func TestTagsOfHugeSchemas(t *testing.T) {
	const n = 20_000
	var fields []string
	var edits []schema.TagEdit
	for i := range n {
		fields = append(fields, fmt.Sprintf(`{"name":"f%d","type":"int"}`, i))
		edits = append(edits, schematest.Edit(fld, fmt.Sprintf("R.f%d", i), "T", ""))
	}
	edits = append(edits, schema.TagEdit{Entity: schema.Entity{Path: strings.Repeat("a.", 1_000_000), Kind: fld}, IfThere: true})
	s := mustParse(t, `{"type":"record","name":"R","fields":[`+strings.Join(fields, ",")+`]}`)
	start := time.Now()
	got, err := s.WithTags(edits)
	if took := time.Since(start); err != nil || took > 20*time.Second {
		t.Fatalf("%v after %s", err, took)
	}
	if c := strings.Count(got, tagsProp); c != n {
		t.Errorf("%d tags", c)
	}
	deep := `"int"`
	for i := range MaxDepth/3 - 1 {
		deep = fmt.Sprintf(`{"type":"record","name":"D%d","fields":[{"name":"a","type":%s}]}`, i, deep)
	}
	s = mustParse(t, deep)
	if got, err := s.WithTags([]schema.TagEdit{schematest.Edit(fld, "D0.a", "T", "")}); err != nil || !strings.Contains(got, tagsProp) {
		t.Errorf("%v in the deepest record", err)
	}
}
