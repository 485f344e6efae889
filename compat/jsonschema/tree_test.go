package jsonschema

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

func mustTree(t *testing.T, text string, resolved map[string]string) (Node, []Definition) {
	t.Helper()
	s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	root, defs, err := s.Tree(resolved)
	if err != nil {
		t.Fatal(err)
	}
	return root, defs
}

func property(t *testing.T, n Node, name string) Node {
	t.Helper()
	p, ok := n.Property(name)
	if !ok {
		t.Fatalf("there is no property %q", name)
	}
	return p
}

func TestTreeClasses(t *testing.T) {
	for text, want := range map[string]Class{
		`{}`: Anything, `true`: Anything, `false`: Nothing, `{"type":"null"}`: Null, `{"type":"boolean"}`: Boolean,
		`{"type":"string"}`: String, `{"maxLength":1}`: String, `{"type":"integer"}`: Number, `{"properties":{}}`: Object,
		`{"items":{}}`: Array, `{"enum":[1]}`: Enum, `{"const":1}`: Const, `{"not":{}}`: Not, `{"if":{}}`: Conditional,
		`{"$ref":"#"}`: Reference, `{"allOf":[{}]}`: AllOf, `{"type":["null"]}`: AnyOf, `{"oneOf":[{}]}`: OneOf,
		`{"type":"string","enum":["a"]}`: AllOf,
	} {
		root, _ := mustTree(t, text, nil)
		if got := root.Class(); got != want {
			t.Errorf("%s: class %d, want %d", text, got, want)
		}
	}
}

// What stands in an object is about the whole of it, not about each of the parts that it is taken apart into.
func TestTreeParts(t *testing.T) {
	root, _ := mustTree(t, `{"type":["string","null"],"title":"T","maxLength":3,"x":[1.50,{"b":null,"a":true}]}`, nil)
	if root.Text("title") != "T" {
		t.Errorf("title %q", root.Text("title"))
	}
	part := root.Of()[0]
	if part.Class() != String || part.Text("title") != "" {
		t.Errorf("part of class %d, title %q", part.Class(), part.Text("title"))
	}
	if n, ok := part.Limit("maxLength"); !ok || n != 3 {
		t.Errorf("maxLength %d %t", n, ok)
	}
	x, _ := root.Keyword("x")
	if diff := cmp.Diff([]any{json.Number("1.5"), Members{{"b", nil}, {"a", true}}}, x); diff != "" {
		t.Error(diff)
	}
	if root, _ = mustTree(t, `{"type":"integer","enum":[2,1],"connect.type":"int8"}`, nil); root.Text("connect.type") != "int8" {
		t.Error("the whole has no connect.type")
	}
	for _, p := range root.Of() {
		if p.Text("connect.type") != "" || !p.Typed("integer") {
			t.Errorf("part %d: connect.type %q", p.Class(), p.Text("connect.type"))
		}
	}
	if diff := cmp.Diff([]any{json.Number("2"), json.Number("1")}, root.Of()[0].Values()); diff != "" {
		t.Error(diff)
	}
}

func TestTreeReferences(t *testing.T) {
	root, defs := mustTree(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{"$ref":"#/$defs/A","default":1},
		"b":{"$ref":"ext#/$defs/B"},"c":{"$ref":"gone"},"d":{"$ref":"ext#/$defs/B"},"self":{"$ref":"#"}},
		"$defs":{"A":{"type":"integer"},"x":1},"definitions":{"A":{},"Z":true}}`,
		map[string]string{"ext": `{"definitions":{"B":{"type":"null"}}}`})
	if len(defs) != 2 || defs[0].Name != "A" || defs[1].Name != "Z" {
		t.Fatalf("definitions %v", defs)
	}
	a := property(t, root, "a")
	target, ok := a.Target()
	if !ok || target != defs[0].Schema || target.External() || !a.Modern() || a.Ref() != "#/$defs/A" {
		t.Errorf("a: %t %q", ok, a.Ref())
	}
	b, ok := property(t, root, "b").Target()
	if !ok || !b.External() || b.Class() != Null {
		t.Errorf("b: %t", ok)
	}
	if d, _ := property(t, root, "d").Target(); d != b {
		t.Error("two references to a place lead to two nodes")
	}
	if _, ok := property(t, root, "c").Target(); ok {
		t.Error("a reference to nothing has a target")
	}
	if self, ok := property(t, root, "self").Target(); !ok || self.Class() != Object || self.External() {
		t.Error("a reference to the root")
	}
	if _, defs := mustTree(t, `{"definitions":{"A":{}}}`, nil); defs != nil {
		t.Errorf("definitions of draft 7: %v", defs)
	}
}

func TestTreeContainers(t *testing.T) {
	root, _ := mustTree(t, `{"properties":{"b":{"items":{}},"a":{"items":[{}]}},"required":["a"],"additionalProperties":{"type":"null"}}`, nil)
	if p := root.Properties(); len(p) != 2 || p[0].Name != "b" || p[1].Name != "a" {
		t.Errorf("properties %v", p)
	}
	if !root.Requires("a") || root.Requires("b") || !root.RequiresAny() {
		t.Error("required")
	}
	if n, ok := root.Additional(); !ok || n.Class() != Null {
		t.Error("additionalProperties")
	}
	if n, tuple, ok := property(t, root, "b").Items(); !ok || tuple || n.Class() != Anything {
		t.Error("items")
	}
	if _, tuple, ok := property(t, root, "a").Items(); ok || !tuple {
		t.Error("a tuple")
	}
	if light, _ := mustTree(t, `{"properties":{"a":{"enum":[1,2,3]}},"title":"T"}`, nil); light.Weight() != 2 || property(t, light, "a").Weight() != 5 {
		t.Errorf("weights %d and %d", light.Weight(), property(t, light, "a").Weight())
	}
	if text := property(t, root, "b").JSON(); text != `{"items":{}}` {
		t.Errorf("text %s", text)
	}
}

// The registry takes a document's definitions for the place that later drafts call $defs.
func TestReferenceIntoOldDefinitions(t *testing.T) {
	known := subjects{"old": {Text: `{"definitions":{"a":{"type":"null"}}}`}, "new": {Text: `{"$defs":{},"definitions":{"a":{}}}`}}
	if _, err := Parse(schema.Document{Text: `{"$ref":"old#/$defs/a"}`, References: refs("old")}, known, schema.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := Parse(schema.Document{Text: `{"$ref":"new#/$defs/a"}`, References: refs("new")}, known, schema.Options{}); err == nil {
		t.Error("a document with $defs: want an error")
	}
}
