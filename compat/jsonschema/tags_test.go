package jsonschema

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
	for _, c := range []struct {
		name, text string
		edits      []schema.TagEdit
		want, tags string
	}{
		{
			"a property and the object", `{"type":"object","properties":{"a":{"type":"string","title":"t"},"b":{}},"x":1}`,
			[]schema.TagEdit{schematest.Edit(fld, "object.a", "PII X", ""), schematest.Edit(fld, ".object.b", "B", ""), schematest.Edit(rec, "object", "T", "")},
			`{"type":"object","properties":{"a":{"type":"string","title":"t","confluent:tags":["PII","X"]},"b":{"confluent:tags":["B"]}},"x":1,"confluent:tags":["T"]}`,
			"object:T object.a.PII,X object.b.B",
		},
		{
			"in place, and away", `{"properties":{"a":{"confluent:tags":["x","y"],"type":"string"},"b":{"confluent:tags":["z"]}}}`,
			[]schema.TagEdit{schematest.Edit(fld, "object.a", "w", "x"), schematest.Edit(fld, "object.b", "", "z")},
			`{"properties":{"a":{"confluent:tags":["y","w"],"type":"string"},"b":{}}}`, "object.a.y,w",
		},
		{
			"properties of properties and of items",
			`{"type":"object","properties":{"o":{"type":"object","properties":{"p":{"type":"null"}}},"l":{"type":"array","items":{"type":"object","properties":{"q":{"type":"null"}}}},"t":{"type":"array","items":[{"type":"string"},{"properties":{"r":{}}}]}}}`,
			[]schema.TagEdit{
				schematest.Edit(fld, "object.o.object.p", "P", ""), schematest.Edit(fld, "object.l.array.object.q", "Q", ""), schematest.Edit(rec, "object.l.array.object", "L", ""),
				schematest.Edit(fld, "object.t.array.1.object.r", "R", ""), schematest.Edit(rec, "object.t.array.0.string", "S", ""), schematest.Edit(fld, "object.l", "l", ""),
			},
			`{"type":"object","properties":{"o":{"type":"object","properties":{"p":{"type":"null","confluent:tags":["P"]}}},` +
				`"l":{"type":"array","items":{"type":"object","properties":{"q":{"type":"null","confluent:tags":["Q"]}},"confluent:tags":["L"]},"confluent:tags":["l"]},` +
				`"t":{"type":"array","items":[{"type":"string","confluent:tags":["S"]},{"properties":{"r":{"confluent:tags":["R"]}}}]}}}`,
			"object.o.object.p.P object.l.l object.l.array.object:L object.l.array.object.q.Q object.t.array.0.string:S object.t.array.1.object.r.R",
		},
		{
			"what is combined", `{"oneOf":[{"type":"null"},{"allOf":[{"properties":{"a":{}}}]}],"not":{"anyOf":[{"enum":[{"properties":{"a":{}}}]}]},"if":{"type":"integer"}}`,
			[]schema.TagEdit{
				schematest.Edit(rec, "oneof.0.null", "N", ""), schematest.Edit(fld, "oneof.1.allof.0.object.a", "A", ""), schematest.Edit(rec, "not.anyof", "not", ""),
				schematest.Edit(rec, "not.anyof.0.any", "E", ""), schematest.Edit(rec, "if.integer", "I", ""), schematest.Edit(rec, "if", "root", ""),
			},
			`{"oneOf":[{"type":"null","confluent:tags":["N"]},{"allOf":[{"properties":{"a":{"confluent:tags":["A"]}}}]}],` +
				`"not":{"anyOf":[{"enum":[{"properties":{"a":{}}}],"confluent:tags":["E"]}],"confluent:tags":["not"]},"if":{"type":"integer","confluent:tags":["I"]},"confluent:tags":["root"]}`,
			"oneof:root oneof.0.null:N oneof.1.allof.0.object.a.A not.anyof:not not.anyof.0.any:E if.integer:I",
		},
		{
			"through a reference", `{"type":"object","properties":{"a":{"$ref":"#/definitions/A"}},"definitions":{"A":{"type":"object","properties":{"b":{"$ref":"#"},"c":{}}}}}`,
			[]schema.TagEdit{schematest.Edit(fld, "object.a", "ref", ""), schematest.Edit(fld, "object.a.object.c", "C", ""), schematest.Edit(fld, "object.a.object.b.object.a.object.b", "B", ""), schematest.Edit(rec, "object.a.object", "D", "")},
			`{"type":"object","properties":{"a":{"$ref":"#/definitions/A","confluent:tags":["ref"]}},` +
				`"definitions":{"A":{"type":"object","properties":{"b":{"$ref":"#","confluent:tags":["B"]},"c":{"confluent:tags":["C"]}},"confluent:tags":["D"]}}}`,
			"object.a.ref definitions.A.object:D definitions.A.object.b.B definitions.A.object.c.C",
		},
		{
			"names with dots and of kinds", `{"properties":{"a.b":{"properties":{"object":{}}},"a":{"properties":{"b":{}}},"":{}},"patternProperties":{"^x.*$":{"type":"string"}}}`,
			[]schema.TagEdit{schematest.Edit(fld, "object.a.b", "1", ""), schematest.Edit(fld, "object.a.b.object.object", "2", ""), schematest.Edit(rec, "patternproperties.^x.*$.string", "3", ""), schematest.Edit(fld, "object.", "4", "")},
			`{"properties":{"a.b":{"properties":{"object":{"confluent:tags":["2"]}},"confluent:tags":["1"]},"a":{"properties":{"b":{}}},"":{"confluent:tags":["4"]}},"patternProperties":{"^x.*$":{"type":"string","confluent:tags":["3"]}}}`,
			"object.a.b.1 object.a.b.object.object.2 object..4 patternproperties.^x.*$.string:3",
		},
		{
			"no list, and a list that is no schema's", `{"properties":{"a":{"confluent:tags":"x"},"confluent:tags":{"enum":["y"]}},"default":{"confluent:tags":["z"]}}`,
			[]schema.TagEdit{schematest.Edit(fld, "object.a", "", "x"), schematest.Edit(fld, "object.confluent:tags", "t", "")},
			`{"properties":{"a":{"confluent:tags":"x"},"confluent:tags":{"enum":["y"],"confluent:tags":["t"]}},"default":{"confluent:tags":["z"]}}`, "object.confluent:tags.t",
		},
		{
			"many members", `{"type":"object","a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"confluent:tags":["x"],"m":1,"n":1,"o":1,"p":1,"q":1}`,
			[]schema.TagEdit{schematest.Edit(rec, "object", "", "x")},
			`{"type":"object","a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1}`, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parsed(t, c.text)
			got, err := s.WithTags(c.edits)
			if err != nil || got != c.want {
				t.Fatalf("%v\n got %s\nwant %s", err, got, c.want)
			}
			if lines := schematest.TagLines(t, parsed(t, got)); lines != c.tags {
				t.Errorf("tags %s, want %s", lines, c.tags)
			}
		})
	}
}

func parsed(t *testing.T, text string) *Schema {
	t.Helper()
	s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTagsOfNothing(t *testing.T) {
	object := `{"type":"object","properties":{"a":{"type":"object"},"t":true,"e":{"enum":[{"properties":{"x":{}}}]},"r":{"$ref":"#/properties"},"q":{"$ref":"#/properties/e/enum/0"}}}`
	for _, e := range []schema.TagEdit{
		schematest.Edit(fld, "a", "T", ""), schematest.Edit(fld, "object", "T", ""), schematest.Edit(rec, "object.a", "T", ""), schematest.Edit(fld, "object.a.object", "T", ""), schematest.Edit(fld, "object.b", "T", ""),
		schematest.Edit(fld, "object.t", "T", ""), schematest.Edit(rec, "array", "T", ""), schematest.Edit(rec, "", "T", ""), schematest.Edit(fld, "object.e.object.x", "T", ""), schematest.Edit(fld, "object.q.object.x", "T", ""),
		schematest.Edit(rec, "any", "T", ""), schematest.Edit(fld, "object.r.object.a", "T", ""),
	} {
		s := parsed(t, object)
		var missing *schema.NoEntityError
		if got, err := s.WithTags([]schema.TagEdit{e}); !errors.As(err, &missing) || missing.Entity != e.Entity {
			t.Errorf("%s: %s, %v", e.Path, got, err)
		}
		e.IfThere = true
		if got, err := s.WithTags([]schema.TagEdit{e}); err != nil || got != s.Canonical() {
			t.Errorf("%s if it is there: %s, %v", e.Path, got, err)
		}
	}
	for _, text := range []string{"true", "false"} {
		if _, err := parsed(t, text).WithTags([]schema.TagEdit{schematest.Edit(rec, "any", "T", "")}); err == nil {
			t.Errorf("%s has tags", text)
		}
	}
}

// FuzzTags holds for any schema that tags can be put on each place of it and taken away again, that they are listed, and that what
// it admits stays as it is.
func FuzzTags(f *testing.F) {
	seed(f, func(a answer) {
		for _, text := range []string{a.Text, a.Old, a.New} {
			f.Add(text, "PII")
		}
	})
	f.Add(`{"properties":{"a":{"$ref":"#"}},"$ref":"#/properties/a","items":[{"$id":"x"}],"$defs":{"x":{"anyOf":[{"type":["object","array"]}]}}}`, "\"")
	f.Fuzz(func(t *testing.T, text, tag string) {
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil || strings.Contains(text, tagsKeyword) {
			return
		}
		doc, err := readDocument(s.canonical, draft7)
		if err != nil {
			t.Fatal(err)
		}
		tag = strings.ToValidUTF8(tag, "?")
		places := 0
		var mark func(v *value)
		mark = func(v *value) {
			places++
			v.setTags([]string{tag}, true)
			v.inner(nil, func(child *value, _ schema.EntityKind, _ step) { mark(child) })
		}
		if doc.root.kind == jsonObject {
			mark(doc.root)
		}
		all, err := Parse(schema.Document{Text: string(appendValue(nil, doc.root, false))}, nil, schema.Options{})
		if err != nil {
			if strings.Contains(err.Error(), "deeper") {
				return
			}
			t.Fatalf("%s with tags everywhere: %v", s.canonical, err)
		}
		listed, err := all.Tags()
		if err != nil || len(listed) != places {
			t.Fatalf("%d of %d places are listed: %v", len(listed), places, err)
		}
		var add, remove []schema.TagEdit
		names := map[schema.Entity]bool{}
		for _, l := range listed {
			add = append(add, schema.TagEdit{Entity: l.Entity, Add: l.Tags})
			remove = append(remove, schema.TagEdit{Entity: l.Entity, Remove: l.Tags})
			names[schema.Entity{Path: strings.TrimPrefix(l.Path, "."), Kind: l.Kind}] = true
		}
		got, err := s.WithTags(add)
		if err != nil {
			t.Fatalf("%s with tags everywhere: %v", s.canonical, err)
		}
		if len(names) == places && got != all.canonical { // else names with dots make one path for two places
			t.Fatalf("%s becomes %s, not %s", s.canonical, got, all.canonical)
		}
		with, err := Parse(schema.Document{Text: got}, nil, schema.Options{})
		if err != nil || with.canonical != got {
			t.Fatalf("%s becomes %s: %v", s.canonical, got, err)
		}
		like, err := Parse(schema.Document{Text: s.canonical}, nil, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		forgetSums(with.root, map[*node]bool{nil: true})
		forgetSums(like.root, map[*node]bool{nil: true})
		for _, d := range slices.Concat(with.CanRead(like), like.CanRead(with)) {
			if d.Rule != tooComplex {
				t.Fatalf("%s becomes %s: %v", s.canonical, got, d)
			}
		}
		if back, err := with.WithTags(remove); err != nil || back != s.canonical {
			t.Fatalf("%s comes back as %s: %v", s.canonical, back, err)
		}
	})
}

// TestTagsOfHugeSchemas holds what an edit costs where references lead from everywhere to everywhere.
func TestTagsOfHugeSchemas(t *testing.T) {
	const n = 3000
	var properties []string
	var edits []schema.TagEdit
	for i := range n {
		properties = append(properties, fmt.Sprintf(`"p%d":{"$ref":"#"}`, i))
		edits = append(edits, schematest.Edit(fld, fmt.Sprintf("object.p%d.object.p%d.object.p0", i, (i+7)%n), fmt.Sprint("T", i), ""))
	}
	chain := `"$defs":{"d0":{"properties":{"x":{}}}`
	for i := range n {
		chain += fmt.Sprintf(`,"d%d":{"$ref":"#/$defs/d%d"}`, i+1, i)
	}
	s := parsed(t, `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{`+strings.Join(properties, ",")+`},`+chain+"}}")
	start := time.Now()
	for _, edits := range [][]schema.TagEdit{
		edits,
		{schematest.Edit(fld, strings.Repeat("object.p1.", 300_000)+"object.p2", "T", "")},
		{schematest.Edit(fld, fmt.Sprintf("$defs.d%d.object.x", n), "T", "")}, // deeper than MaxDepth
	} {
		if _, err := s.WithTags(edits); err == nil {
			t.Errorf("%d edits: no bound", len(edits))
		}
		t.Logf("%d edits: %s", len(edits), time.Since(start))
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
	for _, e := range []schema.TagEdit{schematest.Edit(fld, "$defs.d900.object.x", "T", ""), schematest.Edit(fld, strings.Repeat("object.p1.", 200)+"object.p2", "T", "")} {
		if got, err := s.WithTags([]schema.TagEdit{e}); err != nil || !strings.Contains(got, tagsKeyword) {
			t.Errorf("%.30s: %v", e.Path, err)
		}
	}
	deep := strings.Repeat(`{"not":`, MaxDepth-2) + `{}` + strings.Repeat("}", MaxDepth-2)
	if _, err := parsed(t, deep).WithTags([]schema.TagEdit{schematest.Edit(rec, strings.Repeat("not.", MaxDepth-2)+"any", "T", "")}); err != nil {
		t.Errorf("in the deepest schema: %v", err)
	}
}
