package avro

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

// TestFindingPlaces holds that findings tell where they are in both texts, marked by « before the place, and what is inside them.
func TestFindingPlaces(t *testing.T) {
	for _, c := range []struct{ name, reader, writer string }{
		{"root", `«"int"`, `«"string"`},
		{"type of a field", `{"type":"record","name":"R","fields":[{"name":"a","type":«"int"}]}`, `{"type":"record","name":"R","fields":[{"name":"b","type":"int"},{"name":"a","type":«"string"}]}`},
		{"a name in the place of a type", `{"type":"record","name":"R","fields":[{"name":"x","type":{"type":"fixed","name":"F","size":1}},{"name":"a","type":«"F"}]}`,
			`{"type":"record","name":"R","fields":[{"name":"x","type":{"type":"fixed","name":"F","size":1}},{"name":"a","type":«"int"}]}`},
		{"new field", `{"type":"record","name":"R","fields":[«{"name":"a","type":"int"}]}`, `«{"type":"record","name":"R","fields":[]}`},
		{"symbols", `{"type":"array","items":«{"type":"enum","name":"E","symbols":["A"]}}`, `{"type":"array","items":«{"type":"enum","name":"E","symbols":["A","B"]}}`},
		{"items", `{"type":"array","items":«"int"}`, `{"type":"array","items":«"long"}`},
		{"values", `{"type":"map","values":«"int"}`, `{"type":"map","values":«"long"}`},
		{"branch", `«["null","int"]`, `["null",«"string"]`},
		{"no union", `«["null","int"]`, `«"string"`},
		{"size", `«{"type":"fixed","name":"F","size":1}`, `«{"type":"fixed","name":"F","size":2}`},
		{"name", `«{"type":"fixed","name":"F","size":1}`, `«{"type":"fixed","name":"G","size":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := func(text string) int { return strings.Index(text, "«") }
			plain := func(text string) string { return strings.ReplaceAll(text, "«", "") }
			d := mustParse(t, plain(c.reader)).CanRead(mustParse(t, plain(c.writer)))
			if len(d) != 1 || d[0].Reader.Offset != at(c.reader) || d[0].Writer.Offset != at(c.writer) {
				t.Errorf("got %+v, want %d and %d", d, at(c.reader), at(c.writer))
			}
		})
	}
}

// TestFindingPlacesInReferences holds that a place in another document names it.
func TestFindingPlacesInReferences(t *testing.T) {
	with := func(text string) *Schema {
		s, err := Parse(schema.Document{Text: `{"type":"record","name":"R","fields":[{"name":"a","type":"A"}]}`, References: []schema.Reference{{Name: "A", Subject: "a", Version: 1}}}, documents{"a/1": {Text: text}}, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	d := with(`  {"type":"fixed","name":"A","size":1}`).CanRead(with(`{"type":"fixed","name":"A","size":2}`))
	if want := (schema.Place{Reference: "A", Offset: 0}); len(d) != 1 || d[0].Reader.Reference != "A" || d[0].Reader.Offset != 2 || d[0].Writer != want {
		t.Errorf("got %+v", d)
	}
}

// TestInside holds that a union that lacks a branch says why the one of the same name does not do.
func TestInside(t *testing.T) {
	const (
		reader = `["null",{"type":"record","name":"R","fields":[{"name":"a","type":["null",{"type":"record","name":"S","fields":[{"name":"x","type":"int"}]}]},{"name":"b","type":"int"}]}]`
		writer = `["null",{"type":"record","name":"R","fields":[{"name":"a","type":["null",{"type":"record","name":"S","fields":[]}]}]}]`
	)
	var got []string
	var walk func(list []schema.Difference, depth int)
	walk = func(list []schema.Difference, depth int) {
		for _, d := range list {
			got = append(got, strings.Repeat(" ", depth)+d.Rule+d.Path)
			if d.Inside != nil {
				walk(*d.Inside, depth+1)
			}
		}
	}
	walk(mustParse(t, reader).CanRead(mustParse(t, writer)), 0)
	want := []string{
		"MISSING_UNION_BRANCH/1", " MISSING_UNION_BRANCH/fields/0/type/1", "  READER_FIELD_MISSING_DEFAULT_VALUE/fields/0", " READER_FIELD_MISSING_DEFAULT_VALUE/fields/1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestInsideIsBounded holds that records that differ in many ways do not multiply their reasons.
func TestInsideIsBounded(t *testing.T) {
	text := func(leaf string) string {
		s := leaf
		for i := range 40 {
			s = `{"type":"record","name":"R` + itoa(i) + `","fields":[{"name":"a","type":["null",` + s + `]},{"name":"b","type":["null","R` + itoa(i-1) + `"]}]}`
			if i == 0 {
				s = strings.Replace(s, `"R-1"`, `"L"`, 1)
			}
		}
		return s
	}
	d := mustParse(t, text(`{"type":"record","name":"L","fields":[{"name":"x","type":"int"}]}`)).CanRead(mustParse(t, text(`{"type":"record","name":"L","fields":[]}`)))
	n := 0
	var count func(list []schema.Difference)
	count = func(list []schema.Difference) {
		n += len(list)
		for _, d := range list {
			if d.Inside != nil {
				count(*d.Inside)
			}
		}
	}
	count(d)
	if n == 0 || n > maxReasons+len(d) {
		t.Errorf("%d findings", n)
	}
	if !slices.ContainsFunc(d, func(d schema.Difference) bool { return d.Inside != nil }) {
		t.Error("no reasons")
	}
}
