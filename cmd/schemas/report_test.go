package schemas

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat"
)

// compare checks text against before as files, at a level.
func compare(t *testing.T, name, before, text string, level compat.Level) *Report {
	t.Helper()
	dir := t.TempDir()
	for sub, content := range map[string]string{"old": before, "new": text} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, sub, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := Load(Options{Args: []string{filepath.Join(dir, "new")}, Level: level})
	if err != nil {
		t.Fatal(err)
	}
	past, err := OpenPast(t.Context(), "dir:"+filepath.Join(dir, "old"), set)
	if err != nil {
		t.Fatal(err)
	}
	return Check(t.Context(), set, past, CheckOptions{})
}

func record(fields string) string {
	return `{"type": "record", "name": "R", "fields": [` + fields + `]}`
}

// TestFixes holds that the text of every rule's finding says what has changed, and that the default it proposes passes.
func TestFixes(t *testing.T) {
	const field = `{"name": "a", "type": "int"}`
	for _, c := range []struct {
		name, before, after string
		level               compat.Level
		message, fix        string
	}{
		{"new", "", field, compat.Backward, `field "a" is new and has no default`, `add "default": 0 to the field`},
		{"gone", field, "", compat.Forward, `field "a" is gone, and the old schema has no default for it`, `put field "a" back`},
		{"narrower", `{"name": "a", "type": "long"}`, field, compat.Backward, "the type was long and is now int, which cannot be read from it", "go back to long, or add a field of another name with a default"},
		{"wider", field, `{"name": "a", "type": "long"}`, compat.Forward, "the type was int, which cannot be read from what it is now, long", "go back to int, or add a field of another name"},
		{"null no more", `{"name": "a", "type": ["null", "int"]}`, field, compat.Backward, "the type was null and is now int, which cannot be read from it", "go back to null, or add a field of another name with a default"},
		{"a branch more", `{"name": "a", "type": ["null", "int"]}`, `{"name": "a", "type": ["null", "int", "string"]}`, compat.Forward, "the old schema's union has no branch that takes this string", ""},
		{"a branch less", `{"name": "a", "type": ["null", "int", "string"]}`, `{"name": "a", "type": ["null", "int"]}`, compat.Backward, "the union has no branch that takes the old schema's string", "give the union a branch that reads it"},
		{"size", `{"name": "a", "type": {"type": "fixed", "name": "F", "size": 4}}`, `{"name": "a", "type": {"type": "fixed", "name": "F", "size": 8}}`, compat.Backward, "the size was 4 bytes and is now 8", "go back to 4, or add a field of another name with a default"},
		{"size, forward", `{"name": "a", "type": {"type": "fixed", "name": "F", "size": 4}}`, `{"name": "a", "type": {"type": "fixed", "name": "F", "size": 8}}`, compat.Forward, "the size was 4 bytes and is now 8", "go back to 4, or add a field of another name"},
		{"name", `{"name": "a", "type": {"type": "fixed", "name": "F", "size": 4}}`, `{"name": "a", "type": {"type": "fixed", "name": "G", "size": 4}}`, compat.Backward, "the name was F before", `add "aliases": ["F"] to the type`},
		{"symbol less", `{"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}}`, `{"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["A"]}}`, compat.Backward, "the enum no longer has B", "put B back, or give the enum a default symbol"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compare(t, "r.avsc", record(c.before), record(c.after), c.level)
			f := r.Files[0].Findings
			if r.Code() != 1 || len(f) != 1 || f[0].Message != c.message || f[0].Fix != c.fix || f[0].Breaks == "" {
				t.Errorf("code %d, %+v", r.Code(), f)
			}
		})
	}
	for _, typ := range []string{`"string"`, `"bytes"`, `"boolean"`, `"double"`, `["null", "int"]`, `["int", "null"]`, `{"type": "array", "items": "int"}`,
		`{"type": "map", "values": "int"}`, `{"type": "enum", "name": "E", "symbols": ["A", "B"]}`, `{"type": "long", "logicalType": "timestamp-millis"}`} {
		added := `{"name": "a", "type": ` + typ + `}`
		f := compare(t, "r.avsc", record(""), record(added), compat.Full).Files[0].Findings
		if len(f) != 1 {
			t.Fatalf("%s: %+v", typ, f)
		}
		fix, ok := strings.CutPrefix(f[0].Fix, "add ")
		fix, ok2 := strings.CutSuffix(fix, " to the field")
		if r := compare(t, "r.avsc", record(""), record(strings.TrimSuffix(added, "}")+", "+fix+"}"), compat.Full); !ok || !ok2 || r.Code() != 0 {
			t.Errorf("%s with %q: %+v", typ, f[0].Fix, r.Files[0])
		}
	}
}

// TestOtherFixes holds that the edits proposed in Protobuf and JSON Schema pass.
func TestOtherFixes(t *testing.T) {
	object := func(rest string) string { return `{"type": "object", ` + rest + `}` }
	message := func(rest string) string { return "syntax = \"proto3\";\nmessage M {\n" + rest + "\n}\n" }
	const closed = `"additionalProperties": false, `
	for _, c := range []struct {
		file, rule           string
		before, after, fixed string
		level                compat.Level
	}{
		{"a.json", "REQUIRED_ATTRIBUTE_ADDED", object(`"properties": {"a": {"type": "string"}}`), object(`"properties": {"a": {"type": "string"}}, "required": ["a"]`),
			object(`"properties": {"a": {"type": "string", "default": ""}}, "required": ["a"]`), compat.Backward},
		{"a.json", "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", object(closed + `"properties": {}`), object(closed + `"properties": {"a": {"type": "string"}}, "required": ["a"]`),
			object(closed + `"properties": {"a": {"type": "string"}}`), compat.Backward},
		{"a.json", "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", object(`"properties": {}`), object(`"properties": {"a": {"type": "string"}}`), object(`"properties": {"a": true}`), compat.Backward},
		{"a.json", "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", object(closed + `"properties": {"a": {"type": "string"}}`), object(closed + `"properties": {}`),
			object(`"properties": {}`), compat.Backward},
		{"a.json", "ADDITIONAL_PROPERTIES_REMOVED", object(`"properties": {}`), object(closed + `"properties": {}`), object(`"properties": {}`), compat.Backward},
		{"a.json", "ENUM_ARRAY_NARROWED", `{"enum": ["a", "b"]}`, `{"enum": ["a"]}`, `{"enum": ["a", "b", "c"]}`, compat.Backward},
		{"a.json", "TYPE_NARROWED", `{"type": "number"}`, `{"type": "integer"}`, `{"type": ["number", "integer"]}`, compat.Backward},
		{"a.proto", "FIELD_SCALAR_KIND_CHANGED", message("int32 a = 1;"), message("string a = 1;"), message("int32 a = 1; string b = 2;"), compat.Full},
		{"a.proto", "ONEOF_FIELD_REMOVED", message("oneof o { int32 a = 1; int32 b = 2; }"), message("oneof o { int32 a = 1; }"), message("oneof o { int32 a = 1; int32 b = 2; }"), compat.Backward},
		{"a.proto", "MESSAGE_REMOVED", message("") + "message N {}", message(""), message("") + "message N {}", compat.Backward},
	} {
		t.Run(c.rule, func(t *testing.T) {
			f := compare(t, c.file, c.before, c.after, c.level).Files[0].Findings
			if len(f) == 0 || f[0].Rule != c.rule || f[0].Fix == "" {
				t.Errorf("findings %+v", f)
			}
			if r := compare(t, c.file, c.before, c.fixed, c.level); r.Code() != 0 {
				t.Errorf("fixed: %+v", r.Files[0])
			}
		})
	}
}

// TestOutputs holds that programs can read what is written for them, whatever is in the names.
func TestOutputs(t *testing.T) {
	r := compare(t, "a,b%.avsc", record(""), record(`{"name": "a", "type": "int"}`), compat.Backward)
	var out bytes.Buffer
	if err := r.Write(&out, "json"); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Files[0].Findings, back.Files[0].Findings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out.Reset()
	if err := r.Write(&out, "junit"); err != nil {
		t.Fatal(err)
	}
	var suite junitSuite
	if err := xml.Unmarshal(out.Bytes(), &suite); err != nil {
		t.Fatal(err)
	}
	if suite.Tests != 1 || suite.Failures != 1 || len(suite.Cases) != 1 || len(suite.Cases[0].Failures) != 1 {
		t.Errorf("%+v", suite)
	}
	out.Reset()
	if err := r.Write(&out, "github"); err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(out.String(), "\n")
	if !strings.Contains(line, "/a%2Cb%25.avsc,line=1,col=44,title=READER_FIELD_MISSING_DEFAULT_VALUE::field \"a\" is new and has no default%0Abreaks: ") {
		t.Error(line)
	}
	if err := r.Write(&out, "html"); err == nil {
		t.Error("html is written")
	}
}

func TestListed(t *testing.T) {
	for want, words := range map[string][]string{
		"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b, c and d": {"a", "b", "c", "d"}, "a, b, c and 2 more": {"a", "b", "c", "d", "e"},
	} {
		if got := listed(words); got != want {
			t.Errorf("%v: %q, want %q", words, got, want)
		}
	}
}
