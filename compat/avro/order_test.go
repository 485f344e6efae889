package avro

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

func TestInOrder(t *testing.T) {
	record := func(name, typ string) string {
		return fmt.Sprintf(`{"type":"record","name":%q,"fields":[{"name":"f","type":%s}]}`, name, typ)
	}
	for _, c := range []struct {
		name  string
		texts map[string]string
		want  []string
	}{
		{"none", nil, nil},
		{"by name", map[string]string{"b": `"int"`, "a": `"int"`}, []string{"a", "b"}},
		{"a chain", map[string]string{"a": record("A", `"B"`), "b": record("B", `["null","C"]`), "c": record("C", `"int"`)}, []string{"c", "b", "a"}},
		{"a short name", map[string]string{"a": record("n.A", `{"type":"map","values":"B"}`), "b": record("n.B", `"int"`)}, []string{"b", "a"}},
		{"the nearer of two", map[string]string{"a": record("n.A", `"B"`), "z": record("n.B", `"int"`), "b": record("B", `"A"`)}, []string{"z", "a", "b"}},
		{"a nested definition", map[string]string{"a": record("A", `"n.I"`), "b": record("n.O", record("I", `"int"`))}, []string{"b", "a"}},
		{"itself", map[string]string{"a": record("A", `"A"`)}, []string{"a"}},
		{"a circle", map[string]string{"a": record("A", `"B"`), "b": record("B", `"A"`)}, []string{"b", "a"}},
		{"a name alone", map[string]string{"a": `"B"`, "b": record("B", `"int"`)}, []string{"b", "a"}},
		{"no schemas", map[string]string{"b": `{`, "a": `{"type":"record"}`, "c": ``}, []string{"a", "b", "c"}},
	} {
		if diff := cmp.Diff(c.want, InOrder(c.texts)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestImported(t *testing.T) {
	refs := documents{
		"outer/1": {Text: `{"type":"record","name":"Outer","namespace":"n","fields":[{"name":"i","type":{"type":"record","name":"Inner","fields":[]}},{"name":"e","type":"E"}]}`,
			References: []schema.Reference{{Name: "n.E", Subject: "e", Version: 1}}},
		"e/1": {Text: `{"type":"enum","name":"E","namespace":"n","symbols":["A"]}`},
	}
	s, err := Parse(schema.Document{
		Text:       `{"type":"record","name":"R","fields":[{"name":"a","type":"n.Inner"},{"name":"b","type":{"type":"fixed","name":"F","size":1}}]}`,
		References: []schema.Reference{{Name: "n.Outer", Subject: "outer", Version: 1}},
	}, refs, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, typ := range s.Imported() {
		names = append(names, typ.Name.Full())
	}
	if diff := cmp.Diff([]string{"n.E", "n.Inner", "n.Outer"}, names); diff != "" {
		t.Error(diff)
	}
	if used := s.Root().Fields[0].Type; used != s.Imported()[1] {
		t.Error("the type in use is another one than the imported")
	}
}
