package schemas

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"
	twmb "github.com/twmb/avro"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// TestAvroExamples holds examples beside two codecs: goavro writes them with the writer's schema, and twmb/avro does not read
// them with the reader's. It judges schemas rather than data, and so is given the writer's schema without what the example does
// not have.
func TestAvroExamples(t *testing.T) {
	a := func(typ string) string { return record(`{"name": "a", "type": ` + typ + `}`) }
	enum := func(symbols string) string { return `{"type": "enum", "name": "E", "symbols": [` + symbols + `]}` }
	fixed := func(name string, size int) string {
		return fmt.Sprintf(`{"type": "fixed", "name": %q, "size": %d}`, name, size)
	}
	inner := func(fields string) string { return `{"type": "record", "name": "I", "fields": [` + fields + `]}` }
	for _, c := range []struct {
		name, writer, reader string
		want                 []string // by finding
	}{
		{"field", record(""), a(`"int"`), []string{`{}`}},
		{"field beside others", record(`{"name": "b", "type": ["string", "null"]}, {"name": "c", "type": "bytes"}`), a(`"int"`), []string{`{"b": null, "c": ""}`}},
		{"type", a(`"string"`), a(`"int"`), []string{`{"a": ""}`}},
		{"narrower", a(`"double"`), a(`"long"`), []string{`{"a": 0}`}},
		{"root", `"string"`, `"int"`, []string{`""`}},
		{"symbol in items", a(`{"type": "array", "items": ` + enum(`"A", "B"`) + `}`), a(`{"type": "array", "items": ` + enum(`"A"`) + `}`), []string{`{"a": ["B"]}`}},
		{"branch in values", a(`{"type": "map", "values": ["int", "string"]}`), a(`{"type": "map", "values": "long"}`), []string{`{"a": {"key": {"string": ""}}}`}},
		{"items", a(`{"type": "array", "items": "string"}`), a(`{"type": "array", "items": "int"}`), []string{`{"a": [""]}`}},
		{"values", a(`{"type": "map", "values": "string"}`), a(`{"type": "map", "values": "int"}`), []string{`{"a": {"key": ""}}`}},
		{"null", a(`["null", "int"]`), a(`"int"`), []string{`{"a": null}`}},
		{"branches", a(`["null", "string", "boolean"]`), a(`["null", "int"]`), []string{`{"a": {"string": ""}}`, `{"a": {"boolean": false}}`}},
		{"into a union", a(`"string"`), a(`["null", "int"]`), []string{`{"a": ""}`}},
		{"array in unions", a(`["null", {"type": "array", "items": "string"}]`), a(`["null", {"type": "array", "items": "int"}]`), []string{`{"a": {"array": [""]}}`}},
		{"symbol", a(enum(`"A", "B", "C"`)), a(enum(`"A", "C"`)), []string{`{"a": "B"}`}},
		{"symbol at the root", enum(`"A", "B"`), enum(`"A"`), []string{`"B"`}},
		{"size", a(fixed("F", 4)), a(fixed("F", 2)), []string{`{"a": "0000"}`}},
		{"name", a(fixed("F", 2)), a(fixed("G", 2)), []string{`{"a": "00"}`}},
		{
			"record in unions", a(`["null", ` + inner(`{"name": "e", "type": `+enum(`"A", "B"`)+`}`) + `]`), a(`["null", ` + inner(`{"name": "e", "type": `+enum(`"A"`)+`}`) + `]`),
			[]string{`{"a": {"I": {"e": "B"}}}`, `{"a": {"I": {"e": "B"}}}`},
		},
		{
			"record into a union", a(inner(`{"name": "e", "type": "string"}`)), a(`["null", ` + inner(`{"name": "e", "type": "int"}`) + `]`),
			[]string{`{"a": {"e": ""}}`, `{"a": {"e": ""}}`},
		},
		{
			"recursive", record(`{"name": "next", "type": ["null", "R"]}, {"name": "v", "type": "string"}`), record(`{"name": "next", "type": ["null", "R"]}, {"name": "v", "type": "int"}`),
			[]string{`{"next": null, "v": ""}`},
		},
		{
			"alias", record(`{"name": "old", "type": "string"}`), record(`{"name": "new", "aliases": ["old"], "type": "int"}`),
			[]string{`{"old": ""}`},
		},
		{
			"namespace", strings.Replace(a(`["null", `+inner("")+`]`), `"name": "R"`, `"name": "R", "namespace": "n"`, 1), strings.Replace(a(`"null"`), `"name": "R"`, `"name": "R", "namespace": "n"`, 1),
			[]string{`{"a": {"n.I": {}}}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			findings := compare(t, "r.avsc", c.writer, c.reader, compat.Backward).Files[0].Findings
			if len(findings) != len(c.want) {
				t.Fatalf("%d findings, want %d: %+v", len(findings), len(c.want), findings)
			}
			for i, f := range findings {
				if f.Example != c.want[i] {
					t.Errorf("%s %s: the example is %s, want %s", f.Rule, f.Path, f.Example, c.want[i])
					continue
				}
				unreadable(t, c.writer, c.reader, f.Example)
			}
			// The other way round the writer is the new schema.
			for i, f := range compare(t, "r.avsc", c.reader, c.writer, compat.Forward).Files[0].Findings {
				if f.Example != c.want[i] {
					t.Errorf("forward: the example is %s, want %s", f.Example, c.want[i])
				}
			}
		})
	}
}

func unreadable(t *testing.T, writer, reader, example string) {
	t.Helper()
	codec, err := goavro.NewCodec(writer)
	if err != nil {
		t.Fatal(err)
	}
	native, rest, err := codec.NativeFromTextual([]byte(example))
	if err != nil || len(rest) > 0 {
		t.Fatalf("goavro does not take %s for %s: %v", example, writer, err)
	}
	data, err := codec.BinaryFromNative(nil, native)
	if err != nil {
		t.Fatalf("goavro does not write %s with %s: %v", example, writer, err)
	}
	w, err := twmb.Parse(writer)
	if err != nil {
		t.Fatal(err)
	}
	r, err := twmb.Parse(reader)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if rest, err := w.Decode(data, &v); err != nil || len(rest) > 0 {
		t.Fatalf("twmb/avro does not read %s with %s: %v", example, writer, err)
	}
	if _, err := twmb.Resolve(w, r); err == nil {
		t.Errorf("%s is read with %s whatever it is", writer, reader)
	}
	var tree any
	if err := json.Unmarshal([]byte(writer), &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(narrowed(t, tree, native))
	if err != nil {
		t.Fatal(err)
	}
	if w, err = twmb.Parse(string(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := twmb.Resolve(w, r); err == nil {
		t.Errorf("%s, all that %s allows, is read with %s", example, text, reader)
	}
}

// narrowed returns typ without the branches of unions and the symbols of enums that v does not have.
func narrowed(t *testing.T, typ, v any) any {
	t.Helper()
	switch typ := typ.(type) {
	case []any:
		if v == nil {
			return "null"
		}
		for name, v := range v.(map[string]any) {
			for _, b := range typ {
				if object, ok := b.(map[string]any); ok && (object["type"] == name || object["name"] == name[strings.LastIndexByte(name, '.')+1:]) || b == name {
					return narrowed(t, b, v)
				}
			}
		}
		t.Fatalf("no branch of %v has %v", typ, v)
	case map[string]any:
		out := maps.Clone(typ)
		switch typ["type"] {
		case "record":
			var fields []any
			for _, f := range typ["fields"].([]any) {
				f := maps.Clone(f.(map[string]any))
				f["type"] = narrowed(t, f["type"], v.(map[string]any)[f["name"].(string)])
				fields = append(fields, f)
			}
			out["fields"] = append([]any{}, fields...)
		case "enum":
			out["symbols"] = []any{v}
		case "array":
			out["items"] = narrowed(t, typ["items"], v.([]any)[0])
		case "map":
			out["values"] = narrowed(t, typ["values"], v.(map[string]any)["key"])
		}
		return out
	}
	return typ
}

// TestAvroExamplesEnd holds that recursion and size are bounded.
func TestAvroExamplesEnd(t *testing.T) {
	wide, deep := "", `"string"`
	for i := range 500 {
		wide += fmt.Sprintf(`{"name": "field%d", "type": "string"}, `, i)
	}
	for i := range 100 {
		deep = fmt.Sprintf(`{"type": "record", "name": "R%d", "fields": [{"name": "a", "type": %s}, {"name": "b", "type": ["R%d", "string"]}]}`, i, deep, i)
	}
	for _, c := range []struct{ name, writer, reader string }{
		{"wide", record(wide + `{"name": "a", "type": "string"}`), record(wide + `{"name": "a", "type": "int"}`)},
		{"deep", deep, strings.ReplaceAll(deep, `"a", "type": "string"`, `"a", "type": "int"`)},
		{"endless", record(`{"name": "r", "type": "R"}, {"name": "a", "type": "string"}`), record(`{"name": "r", "type": "R"}, {"name": "a", "type": "int"}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := compare(t, "r.avsc", c.writer, c.reader, compat.Backward).Files[0].Findings
			if len(f) == 0 || f[0].Example != "" {
				t.Errorf("%+v", f)
			}
		})
	}
}

// TestJSONExamples needs no codec: every example has been asked of both schemas.
func TestJSONExamples(t *testing.T) {
	const closed = `"additionalProperties": false, `
	properties := func(list string) string { return `{"type": "object", "properties": {` + list + `}}` }
	for _, c := range []struct{ name, writer, reader, want string }{
		{"required", properties(`"a": {"type": "string"}`), `{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}`, `{}`},
		{"closed", properties(""), `{"type": "object", ` + closed + `"properties": {}}`, `{"x":""}`},
		{"removed from closed", `{"type": "object", ` + closed + `"properties": {"a": {"type": "integer"}}}`, `{"type": "object", ` + closed + `"properties": {}}`, `{"a":0}`},
		{"added to open", properties(""), properties(`"a": {"type": "string"}`), `{"a":0}`},
		{"enum", properties(`"a": {"enum": ["x", "y"]}`), properties(`"a": {"enum": ["x"]}`), `{"a":"y"}`},
		{"type", properties(`"a": {"type": "string"}`), properties(`"a": {"type": "integer"}`), `{"a":""}`},
		{"type beside a required one", `{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string", "minLength": 2}}, "required": ["b"]}`, properties(`"a": {"type": "integer"}, "b": {"type": "string", "minLength": 2}`), `{"a":"","b":"aa"}`},
		{"maximum", properties(`"a": {"type": "number"}`), properties(`"a": {"type": "number", "maximum": 5}`), `{"a":6}`},
		{"minimum", properties(`"a": {"type": "number", "minimum": 1}`), properties(`"a": {"type": "number", "minimum": 5}`), `{"a":1}`},
		{"length", properties(`"a": {"type": "string"}`), properties(`"a": {"type": "string", "maxLength": 2}`), `{"a":"aaa"}`},
		{"items", properties(`"a": {"type": "array", "items": {"type": "string"}}`), properties(`"a": {"type": "array", "items": {"type": "integer"}}`), `{"a":[""]}`},
		{"unique", properties(`"a": {"type": "array", "items": {"type": "string"}}`), properties(`"a": {"type": "array", "items": {"type": "string"}, "uniqueItems": true}`), `{"a":["",""]}`},
		{"narrowed", properties(`"a": {"type": "number"}`), properties(`"a": {"type": "integer"}`), `{"a":0.5}`},
		{"reference", `{"type": "object", "properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"type": "string"}}}`, `{"type": "object", "properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"type": "integer"}}}`, `{"a":""}`},
		{"recursive", `{"type": "object", "properties": {"n": {"$ref": "#"}, "a": {"type": "string"}}, "required": ["n"]}`, `{"type": "object", "properties": {"n": {"$ref": "#"}, "a": {"type": "integer"}}, "required": ["n"]}`, ""},
		{"elsewhere", `{"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "https://example.com/b"}}}`, properties(`"a": {"type": "integer"}`), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compare(t, "a.json", c.writer, c.reader, compat.Backward).Files[0]
			if len(r.Findings) == 0 && r.Error == "" {
				t.Fatalf("compatible: %+v", r)
			}
			if r.Error == "" && r.Findings[0].Example != c.want {
				t.Errorf("%s %s: the example is %s, want %s", r.Findings[0].Rule, r.Findings[0].Path, r.Findings[0].Example, c.want)
			}
		})
	}
}

// TestJSONExamplesEnd holds that schemas which double with every level cost little time.
func TestJSONExamplesEnd(t *testing.T) {
	var same, deeper, wide, lists strings.Builder
	for i := range 60 {
		fmt.Fprintf(&same, `"d%d": {"allOf": [{"$ref": "#/definitions/d%d"}, {"$ref": "#/definitions/d%d"}]}, `, i, i+1, i+1)
		fmt.Fprintf(&deeper, `"d%d": {"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#/definitions/d%d"}, "b": {"$ref": "#/definitions/d%d"}}}, `, i, i+1, i+1)
		fmt.Fprintf(&wide, `"d%d": {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/definitions/d%d"}}}, {"$ref": "#/definitions/d%d"}]}, `, i, i+1, i+1)
		fmt.Fprintf(&lists, `"d%d": {"type": "array", "minItems": 200, "items": {"$ref": "#/definitions/d%d"}}, `, i, i+1)
	}
	for name, definitions := range map[string]string{"same": same.String(), "deeper": deeper.String(), "wide": wide.String(), "lists": lists.String()} {
		t.Run(name, func(t *testing.T) {
			text := func(typ string) string {
				return `{"type": "object", "required": ["d"], "properties": {"a": {"type": "` + typ + `"}, "d": {"$ref": "#/definitions/d0"}}, "definitions": {` + definitions + `"d60": {"type": "string"}}}`
			}
			w, err := jsonschema.Parse(schema.Document{Text: text("string")}, nil, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			r, err := jsonschema.Parse(schema.Document{Text: text("integer")}, nil, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var x examples
			start := time.Now()
			if text := x.of(r, w, schema.Difference{Rule: "TYPE_CHANGED", Path: "#/properties/a"}); text != "" {
				t.Error(text)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestProtobufExamples holds that an example is a message of the writer.
func TestProtobufExamples(t *testing.T) {
	file := func(fields string) string { return "syntax = \"proto3\";\nmessage M {\n" + fields + "\n}\n" }
	file2 := func(fields string) string { return "syntax = \"proto2\";\nmessage M {\n" + fields + "\n}\n" }
	for _, c := range []struct{ name, writer, reader, message, want string }{
		{"scalar", file("int64 some_id = 1;"), file("string some_id = 1;"), "M", `{"someId": "1"}`},
		{"kind", file("string a = 1;"), file("M a = 1;"), "M", `{"a": "a"}`},
		{"list", file2("repeated int32 a = 1;"), file2("optional int32 a = 1;"), "M", `{"a": [1, 1]}`},
		{"map", file("map<int32, bool> a = 1;"), file("map<int32, string> a = 1;"), "M", `{"a": {"1": true}}`},
		{"oneof", file("oneof o { int32 a = 1; string b = 2; }"), file("oneof o { int32 a = 1; }"), "M", `{"b": "a"}`},
		{"in a oneof", file("oneof o { int32 a = 1; bytes b = 2; }"), file("oneof o { int32 a = 1; double b = 2; }"), "M", `{"b": "YQ=="}`},
		{"inner", file("message N { bool a = 1; }"), file("message N { string a = 1; }"), "M.N", `{"a": true}`},
		{"message", file("") + "message N { int32 a = 1; }", file(""), "N", `{}`},
		{"required", file2(""), file2("required int32 a = 1;"), "M", `{}`},
		{"beside a required one", file2("required int32 a = 1; optional int32 b = 2;"), file2("required int32 a = 1; optional string b = 2;"), "M", `{"a": 1, "b": 1}`},
		{"endless", file2("required M m = 1; optional int32 b = 2;"), file2("required M m = 1; optional string b = 2;"), "M", ""},
		{"package", "package a;" + file("int32 a = 1;"), "package b;" + file("int32 a = 1;"), "M", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			writer := strings.Replace(c.writer, "package a;syntax = \"proto3\";", "syntax = \"proto3\"; package a;", 1)
			reader := strings.Replace(c.reader, "package b;syntax = \"proto3\";", "syntax = \"proto3\"; package b;", 1)
			r := compare(t, "a.proto", writer, reader, compat.Backward).Files[0]
			if len(r.Findings) != 1 || r.Findings[0].Example != c.want {
				t.Fatalf("want %s, got %+v", c.want, r)
			}
			if c.want == "" {
				return
			}
			s, err := protobuf.Parse(schema.Document{Text: writer}, nil, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			f, err := s.Descriptor(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			in, names := f.Messages(), strings.Split(c.message, ".")
			m := in.ByName("M")
			for _, name := range names {
				for i := range in.Len() {
					if string(in.Get(i).Name()) == name {
						m = in.Get(i)
					}
				}
				in = m.Messages()
			}
			if err := protojson.Unmarshal([]byte(c.want), dynamicpb.NewMessage(m)); err != nil {
				t.Errorf("%s: %v", c.want, err)
			}
		})
	}
}

// FuzzExamples holds that paths which no comparison gives do no harm, and that an example is JSON.
func FuzzExamples(f *testing.F) {
	f.Add(record(`{"name": "a", "type": "string"}`), record(`{"name": "a", "type": "int"}`), avro.TypeMismatch, "/fields/0/type")
	f.Add(`{"enum": [1, 2]}`, `{"enum": [1]}`, "ENUM_ARRAY_NARROWED", "#/enum")
	f.Add(`{"type": "object", "properties": {"a": {"$ref": "#"}}}`, `{"type": "array", "items": {"$ref": "#"}}`, "TYPE_CHANGED", "#/properties/a/items/items")
	f.Add("message M { int32 a = 1; }", "message M { string a = 1; }", protobuf.FieldScalarKindChanged, "#/M/1")
	f.Fuzz(func(t *testing.T, writer, reader, rule, path string) {
		for _, format := range formats {
			w, err := format.Parse(schema.Document{Text: writer}, nil, schema.Options{})
			if err != nil {
				continue
			}
			r, err := format.Parse(schema.Document{Text: reader}, nil, schema.Options{})
			if err != nil {
				continue
			}
			var x examples
			if text := x.of(r, w, schema.Difference{Rule: rule, Path: path}); text != "" && !json.Valid([]byte(text)) {
				t.Errorf("%s is no JSON", text)
			}
		}
	})
}
