package protobuf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

// body makes a file of declarations: proto2 when one of them has a label that proto3 has not.
func body(text string) string {
	if strings.Contains(text, "required ") || strings.Contains(text, "group ") {
		return "package p; " + text
	}
	return `syntax = "proto3"; package p; ` + text
}

// TestRules holds each rule: what the writer has, what the reader has, and the findings by rule and path.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		name, writer, reader string
		want                 []string
	}{
		{"nothing", "", "", nil},
		{"message added", "", "message M {}", nil},
		{"message removed", "message M {} message A {}", "message A {}", []string{"MESSAGE_REMOVED #/M"}},
		{"messages removed, in order", "message C {} message A {} message B {}", "", []string{"MESSAGE_REMOVED #/A", "MESSAGE_REMOVED #/B", "MESSAGE_REMOVED #/C"}},
		{"message moved", "message A {} message B {}", "message B {} message A {}", nil},
		{"nested removed", "message A { message B { message C {} } }", "message A { message B {} }", []string{"MESSAGE_REMOVED #/A/B/C"}},
		{"message now an enum", "message A {}", "enum A { Z = 0; }", []string{"MESSAGE_REMOVED #/A"}},
		{"enum now a message", "enum A { Z = 0; }", "message A {}", nil},
		{"enum and its constants", "enum A { Z = 0; } enum B { Y = 0; X = 1; }", "enum B { Y = 0; W = 1; }", nil},
		{"field renamed", "message M { int32 a = 1; }", "message M { int32 b = 1; }", nil},
		{"field added and removed", "message M { int32 a = 1; }", "message M { int32 a = 2; }", nil},
		{"varints", "enum E { Z = 0; } message M { int32 a = 1; int64 b = 2; uint32 c = 3; uint64 d = 4; bool e = 5; E f = 6; }", "enum E { Z = 0; } message M { int64 a = 1; uint32 b = 2; uint64 c = 3; bool d = 4; E e = 5; int32 f = 6; }", nil},
		{"zigzags", "message M { sint32 a = 1; }", "message M { sint64 a = 1; }", nil},
		{"zigzag and varint", "message M { sint32 a = 1; }", "message M { int32 a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
		{"string and bytes", "message M { string a = 1; bytes b = 2; }", "message M { bytes a = 1; string b = 2; }", nil},
		{"fixed 32", "message M { fixed32 a = 1; }", "message M { sfixed32 a = 1; }", nil},
		{"fixed 64", "message M { sfixed64 a = 1; }", "message M { fixed64 a = 1; }", nil},
		{"fixed 32 and 64", "message M { fixed64 a = 1; }", "message M { fixed32 a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
		{"fixed and float", "message M { fixed32 a = 1; }", "message M { float a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
		{"float and double", "message M { double a = 1; }", "message M { float a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
		{"enum and string", "enum E { Z = 0; } message M { E a = 1; }", "message M { string a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
		{"enum and another", "enum E { Z = 0; } enum F { Y = 0; } message M { E a = 1; }", "enum E { Z = 0; } enum F { Y = 0; } message M { F a = 1; }", nil},
		{"scalar and message", "message M { string a = 1; }", "message M { M a = 1; }", []string{"FIELD_KIND_CHANGED #/M/1"}},
		{"map and message", "message M { map<string, M> a = 1; }", "message M { M a = 1; }", []string{"FIELD_KIND_CHANGED #/M/1"}},
		{"map key", "message M { map<string, int32> a = 1; }", "message M { map<int32, int32> a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
		{"map key and value", "message M { map<string, int32> a = 1; }", "message M { map<int32, M> a = 1; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1", "FIELD_KIND_CHANGED #/M/1"}},
		{"message type", "message A {} message B {} message M { A a = 1; }", "message A {} message B {} message M { B a = 1; }", []string{"FIELD_NAMED_TYPE_CHANGED #/M/1"}},
		{"message type by another name", "message A {} message M { A a = 1; }", "message A {} message M { .p.A a = 1; }", nil},
		{"shadowed type", "message A {} message M { A a = 1; }", "message A {} message M { A a = 1; message A {} }", []string{"FIELD_NAMED_TYPE_CHANGED #/M/1"}},
		{"label of messages and strings", "message M { optional M a = 1; optional string b = 2; optional bytes c = 3; }", "message M { repeated M a = 1; repeated string b = 2; repeated bytes c = 3; }", nil},
		{"label of a number", "message M { optional int32 a = 1; }", "message M { repeated int32 a = 1; }", []string{"FIELD_NUMERIC_LABEL_CHANGED #/M/1"}},
		{"label of an enum", "enum E { Z = 0; } message M { repeated E a = 1; }", "enum E { Z = 0; } message M { optional E a = 1; }", []string{"FIELD_NUMERIC_LABEL_CHANGED #/M/1"}},
		{"label that is not written", "message M { int32 a = 1; }", "message M { repeated int32 a = 1; }", nil},
		{"required added", "message M { optional int32 a = 1; }", "message M { optional int32 a = 1; required string b = 2; }", []string{"REQUIRED_FIELD_ADDED #/M/2"}},
		{"required removed", "message M { required int32 a = 1; }", "message M { }", []string{"REQUIRED_FIELD_REMOVED #/M/1"}},
		{"oneof added", "message M { }", "message M { oneof o { int32 a = 1; } }", nil},
		{"oneof removed", "message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { }", nil},
		{"oneof renamed", "message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { oneof n { int32 a = 1; int32 b = 2; } }", nil},
		{"oneof field added", "message M { oneof o { int32 a = 1; } }", "message M { oneof o { int32 a = 1; string b = 2; } }", nil},
		{"oneof field removed", "message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { oneof o { int32 a = 1; } }", []string{"ONEOF_FIELD_REMOVED #/M/o/2"}},
		{"oneof removed, a member left", "message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { int32 a = 1; }", []string{"ONEOF_FIELD_REMOVED #/M/o/2"}},
		{"oneof field to the top", "message M { oneof o { int32 a = 1; int32 b = 2; } }", "message M { int32 a = 1; oneof o { int32 b = 2; } }", nil},
		{"oneof field's type", "message M { oneof o { int32 a = 1; } }", "message M { oneof o { string a = 1; } }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/o/1"}},
		{"one field into a new oneof", "message M { int32 a = 1; }", "message M { oneof o { int32 a = 1; int32 b = 2; } }", nil},
		{"two fields into a new oneof", "message M { int32 a = 1; int32 b = 2; }", "message M { oneof o { int32 a = 1; int32 b = 2; } }", []string{"MULTIPLE_FIELDS_MOVED_TO_ONEOF #/M/o"}},
		{"one field into an old oneof", "message M { int32 a = 1; oneof o { int32 b = 2; } }", "message M { oneof o { int32 a = 1; int32 b = 2; } }", []string{"FIELD_MOVED_TO_EXISTING_ONEOF #/M/o"}},
		{"two oneofs into one", "message M { oneof o { int32 a = 1; } oneof q { int32 b = 2; } }", "message M { oneof o { int32 a = 1; int32 b = 2; } }", []string{"FIELD_MOVED_TO_EXISTING_ONEOF #/M/o"}},
		{"options, services, reserved", "option java_package = \"a\"; message M { reserved 2; int32 a = 1 [deprecated = true]; } service S { rpc R (M) returns (M); }", "message M { int32 a = 1 [json_name = \"x\"]; }", nil},
		{"number zero", "message M { int32 a = 0; }", "message M { string a = 0; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/0"}},
		{"percent signs", "message M { int32 a = 1; }", "message M { string a = 1 [(x) = \"%s\"]; }", []string{"FIELD_SCALAR_KIND_CHANGED #/M/1"}},
	} {
		r, w := mustParse(t, body(c.reader), nil), mustParse(t, body(c.writer), nil)
		var got []string
		for _, d := range r.CanRead(w) {
			got = append(got, d.Rule+" "+d.Path)
			if line := d.Line("new", "old"); strings.Contains(line, "%") || !strings.Contains(line, "new schema") || !strings.Contains(line, "old schema") || !strings.Contains(line, "'"+d.Path+"'") {
				t.Errorf("%s: %s", c.name, line)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		for _, s := range []*Schema{r, w} {
			if d := mustParse(t, s.Canonical(), nil).CanRead(s); d != nil {
				t.Errorf("%s: %s cannot read itself: %v", c.name, s.Canonical(), d)
			}
		}
	}
}

func TestPackageChanged(t *testing.T) {
	w := mustParse(t, `syntax = "proto3"; package p; message A {} message M { A a = 1; }`, nil)
	r := mustParse(t, `syntax = "proto3"; package q.r; message A {} message M { q.r.A a = 1; }`, nil)
	got := r.CanRead(w)
	if len(got) != 1 || got[0].Rule != PackageChanged || got[0].Path != "#/" {
		t.Errorf("got %v", got)
	}
}

type other struct{ schema.Schema }

func TestOtherLanguage(t *testing.T) {
	s := mustParse(t, "", nil)
	if d := s.CanRead(other{}); len(d) != 1 || d[0].Rule != schema.DifferentType.Rule {
		t.Errorf("got %v", d)
	}
}

// TestPlaces holds where in either text a finding is.
func TestPlaces(t *testing.T) {
	reader, writer := "package r; message M { oneof o { string a = 1; } required int32 n = 5; }", "package w; message X {} message M { oneof o { int32 a = 1; bool b = 2; } }"
	reader, writer = `syntax = "proto2"; `+reader, `syntax = "proto2"; `+writer
	want := map[string][2]string{
		PackageChanged:         {"package r", "package w"},
		MessageRemoved:         {"syntax", "message X"},
		FieldScalarKindChanged: {"string a", "int32 a"},
		OneofFieldRemoved:      {"oneof o", "bool b"},
		RequiredFieldAdded:     {"required", "message M"},
	}
	for _, d := range mustParse(t, reader, nil).CanRead(mustParse(t, writer, nil)) {
		w, ok := want[d.Rule]
		if !ok || !strings.HasPrefix(reader[d.Reader.Offset:], w[0]) || !strings.HasPrefix(writer[d.Writer.Offset:], w[1]) {
			t.Errorf("%s: %q and %q", d.Rule, reader[d.Reader.Offset:], writer[d.Writer.Offset:])
		}
		delete(want, d.Rule)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

// versions resolves references by subject and version.
type versions map[schema.Reference]schema.Document

func (v versions) Resolve(r schema.Reference) (schema.Document, error) { return v[r], nil }

// TestReferencedMessages holds that messages of another version of a referenced schema are compared, and those of the same are
// not.
func TestReferencedMessages(t *testing.T) {
	v1 := schema.Reference{Name: "a.proto", Subject: "a", Version: 1}
	v2 := schema.Reference{Name: "a.proto", Subject: "a", Version: 2}
	all := versions{
		v1: {Text: `syntax = "proto3"; package a; message A { A next = 1; int32 x = 2; }`},
		v2: {Text: `syntax = "proto3"; package a; message A { A next = 1; string x = 2; }`},
	}
	text := `syntax = "proto3"; import "a.proto"; message M { a.A a = 7; map<string, a.A> b = 8; }`
	parse := func(r schema.Reference) *Schema {
		s, err := Parse(schema.Document{Text: text, References: []schema.Reference{r}}, all, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if d := parse(v1).CanRead(parse(v1)); d != nil {
		t.Errorf("the same version: %v", d)
	}
	d := parse(v2).CanRead(parse(v1))
	if len(d) != 1 || d[0].Rule != FieldScalarKindChanged || d[0].Path != "#/M/7/2" || d[0].Reader.Reference != "a.proto" || d[0].Reader.Offset == 0 {
		t.Errorf("got %v", d)
	}
}

func TestIndexes(t *testing.T) {
	s := mustParse(t, `syntax = "proto3"; package a.b; enum E { Z = 0; } message A { message X {} message Y { message Z {} } } message B {}`, nil)
	for name, want := range map[string][]int{"a.b.A": {0}, ".a.b.B": {1}, "a.b.A.X": {0, 0}, "a.b.A.Y.Z": {0, 1, 0}} {
		got, ok := s.Indexes(name)
		if !ok || cmp.Diff(want, got) != "" {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
		if back, ok := s.MessageName(got); !ok || back != strings.TrimPrefix(name, ".") {
			t.Errorf("%v: %s, %v", got, back, ok)
		}
	}
	for _, name := range []string{"A", "a.b", "a.b.E", "a.b.A.Q", "", "a.b.", "a.bA"} {
		if got, ok := s.Indexes(name); ok {
			t.Errorf("%q: %v", name, got)
		}
	}
	for _, indexes := range [][]int{nil, {2}, {-1}, {0, 2}, {1, 0}} {
		if got, ok := s.MessageName(indexes); ok {
			t.Errorf("%v: %q", indexes, got)
		}
	}
}
