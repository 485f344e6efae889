package schemas

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// TestOffsets marks by « where a path leads.
func TestOffsets(t *testing.T) {
	for _, c := range []struct {
		name, path, text string
		typ              schema.Type
	}{
		{"root", "#/", `«{"type": "object"}`, schema.JSON},
		{"key", "#/properties/a", `{"properties": {"b": {"a": 1}, «"a": {}}}`, schema.JSON},
		{"element", "#/oneOf/1", `{"oneOf": [{"a": [1, 2]}, «{"b": 2}]}`, schema.JSON},
		{"as far as it goes", "#/properties/a/items/x", `{"properties": {"a": {«"items": []}}}`, schema.JSON},
		{"escaped", "#/a~1b/c~0d", `{"a/b": {«"c~d": 1}}`, schema.JSON},
		{"nowhere", "#/x", `«{"a": 1}`, schema.JSON},
		{"broken", "#/a/b", `{"a": {«"b"`, schema.JSON},
		{"no JSON", "#/a/b", `«nothing`, schema.JSON},

		{"message", "#/B", "message A {}\n«message B {}", schema.Protobuf},
		{"field", "#/A/2", "message A {\n string b = 1;\n «string a = 2;\n}", schema.Protobuf},
		{"not in comments and texts", "#/A/2", "// message A { x = 2; }\nmessage A {\n string b = 1 [deprecated = true]; /* c = 2; */\n «string a = 2 [json_name = \"} x = 2\"];\n}", schema.Protobuf},
		{"inner message", "#/A/B/1", "message B { int32 x = 1; }\nmessage A {\n int32 y = 1; message B { «int32 z = 1; }\n}", schema.Protobuf},
		{"of a oneof", "#/A/choice/3", "message A { oneof choice { int32 x = 2; «int32 y = 3; } }", schema.Protobuf},
		{"not a longer number", "#/A/1", "message A { int32 x = 12; «int32 y = 1; }", schema.Protobuf},
		{"gone", "#/A/7", "«message A { int32 x = 1; }", schema.Protobuf},
		{"nothing", "#/C/7", "«message A { int32 x = 1; }", schema.Protobuf},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.ReplaceAll(c.text, "«", "")
			if got, want := offsetOf(c.typ, text, c.path), strings.Index(c.text, "«"); got != want {
				t.Errorf("got %d, want %d: %q", got, want, text[got:])
			}
		})
	}
}

func TestLineColumn(t *testing.T) {
	for _, c := range []struct{ off, line, column int }{{0, 1, 1}, {3, 1, 3}, {5, 2, 1}, {7, 2, 3}, {99, 2, 3}, {-1, 1, 1}} {
		if line, column := lineColumn("aéb\nxy", c.off); line != c.line || column != c.column {
			t.Errorf("offset %d is %d:%d, want %d:%d", c.off, line, column, c.line, c.column)
		}
	}
}

// FuzzOffsets holds that no text and path lead out of the text.
func FuzzOffsets(f *testing.F) {
	f.Add(`{"properties": {"a": [1]}}`, "#/properties/a/0")
	f.Add("message A { oneof b { int32 c = 1; } }", "#/A/b/1")
	f.Add("message A { /* ", "#/A//1")
	f.Fuzz(func(t *testing.T, text, path string) {
		for _, typ := range []schema.Type{schema.JSON, schema.Protobuf, schema.Avro} {
			if off := offsetOf(typ, text, path); off < 0 || off > len(text) {
				t.Errorf("%s: %d of %d", typ, off, len(text))
			}
		}
		topLevelKeys(text)
		suggestedDefault(text, len(text)/2)
	})
}
