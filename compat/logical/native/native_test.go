package native_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical/native"
	"github.com/millrace/millrace/compat/schema"
)

func TestBegins(t *testing.T) {
	for word, want := range map[string]bool{"STRUCT": true, "struct": true, "Enum": true, "type": true, "USING": true, "namespace": true,
		"row": true, "SELECT": false, "": false, "message": false, "syntax": false} {
		if native.Begins(word) != want {
			t.Errorf("%s: %t", word, !want)
		}
	}
}

// graph are documents whose references are the names behind their own.
type graph map[string][]string

func (g graph) Resolve(r schema.Reference) (schema.Document, error) {
	names, ok := g[r.Name]
	if !ok {
		return schema.Document{}, errors.New("not there")
	}
	return schema.Document{Text: "text of " + r.Name, References: refs(names)}, nil
}

func refs(names []string) (out []schema.Reference) {
	for _, name := range names {
		out = append(out, schema.Reference{Name: name})
	}
	return out
}

func TestResolve(t *testing.T) {
	got, err := native.Resolve(refs([]string{"a", "a"}), graph{"a": {"b", "c"}, "b": {"a"}, "c": {"c"}, "d": nil})
	if err != nil || len(got) != 3 || got["c"] != "text of c" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := native.Resolve(nil, graph{}); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := native.Resolve(refs([]string{"x"}), graph{}); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("%v", err)
	}
	many := graph{}
	for i := range 10_001 {
		many[fmt.Sprint(i)] = []string{fmt.Sprint(i + 1)}
	}
	many["10001"] = nil
	if _, err := native.Resolve(refs([]string{"0"}), many); err == nil {
		t.Error("a chain of 10,002 documents is followed")
	}
}

func TestDocumentOfNoLanguage(t *testing.T) {
	script, err := native.Parse("TYPE INT")
	if err != nil {
		t.Fatal(err)
	}
	_, err = script.Document("XML", "s", nil, nil)
	mustRefuse(t, err)
}

// TestJudge judges schemas by themselves and against each other.
func TestJudge(t *testing.T) {
	judged := func(text string) (schema.Schema, []schema.Difference) {
		s, err := parse(schema.Avro, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return native.Judge(native.Source{Schema: s})
	}
	record := func(fields string) string { return `{"type":"record","name":"R","fields":[` + fields + `]}` }
	for _, c := range []struct{ writer, reader, faults, differences string }{
		{record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"long"}`), "", ""},
		{record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"double"}`), "", "UNSUPPORTED_TYPE_CHANGE"},
		{record(`{"name":"a","type":"int"},{"name":"b","type":"int"}`), record(`{"name":"a","type":"int"}`), "", "FIELD_DELETED"},
		{record(``), record(``), "EMPTY_STRUCT", ""},
		{`"int"`, `"null"`, "NO_LOGICAL_TYPE", "TYPE_MISMATCH"},
		{`"null"`, `"null"`, "NO_LOGICAL_TYPE", ""},
	} {
		writer, _ := judged(c.writer)
		reader, faults := judged(c.reader)
		if got := rulesOf(faults); got != c.faults {
			t.Errorf("%s has the faults %q, want %q", c.reader, got, c.faults)
		}
		if got := rulesOf(reader.CanRead(writer)); got != c.differences {
			t.Errorf("%s reads %s with the differences %q, want %q", c.reader, c.writer, got, c.differences)
		}
	}
}

// rulesOf joins the rules of differences.
func rulesOf(list []schema.Difference) string {
	var rules []string
	for _, d := range list {
		rules = append(rules, d.Rule)
	}
	return strings.Join(rules, " ")
}
