package protobuf

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outline writes what a file declares, a line each.
func outline(f *File) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	field := func(in string, f *Field) {
		kind := "nowhere"
		switch {
		case f.Scalar:
			kind = f.Type
		case f.Message != nil:
			kind = f.Message.FullName
		case f.Enum != nil:
			kind = "enum " + f.Enum.FullName
		}
		line := fmt.Sprintf("%s.%s = %d %s", in, f.Name, f.Number, kind)
		for name, set := range map[string]bool{"optional": f.Optional, "repeated": f.Repeated, "group": f.Group} {
			if set {
				line += " " + name
			}
		}
		if f.Default != nil {
			line += " default " + *f.Default
		}
		if f.Meta != nil {
			line += fmt.Sprintf(" %+v", *f.Meta)
		}
		add("%s", line)
		if f.Message != nil && f.Message.MapEntry {
			for _, e := range f.Message.Fields {
				add("  %s %s optional %v", e.Name, e.Type, e.Optional)
			}
		}
	}
	enums := func(list []*Enum) {
		for _, e := range list {
			add("enum %s %v", e.FullName, e.Meta)
			for _, v := range e.Values {
				add("%s = %d %v", v.Name, v.Number, v.Meta)
			}
		}
	}
	var messages func([]*Message)
	messages = func(list []*Message) {
		for _, m := range list {
			add("message %s %v", m.FullName, m.Meta)
			for _, f := range m.Fields {
				field(m.Name, f)
			}
			for _, o := range m.Oneofs {
				for _, f := range o.Fields {
					field(m.Name+"."+o.Name, f)
				}
			}
			messages(m.Messages)
			enums(m.Enums)
		}
	}
	messages(f.Messages)
	enums(f.Enums)
	return out
}

func TestDeclared(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"types are found from the inside out": {
			`syntax = "proto3"; package a; import "google/protobuf/duration.proto";
			message M { N n = 1; .a.N o = 2; E e = 3; google.protobuf.Duration d = 4; oneof u { string s = 5; } oneof none {}
				message N { M m = 1; } enum E { Z = 0; } }
			message N {}`,
			[]string{
				"message a.M <nil>", "M.n = 1 a.M.N", "M.o = 2 a.N", "M.e = 3 enum a.M.E", "M.d = 4 google.protobuf.Duration",
				"M.u.s = 5 string", "message a.M.N <nil>", "N.m = 1 a.M", "enum a.M.E <nil>", "Z = 0 <nil>", "message a.N <nil>",
			},
		},
		"maps are lists of entries": {
			`syntax = "proto3"; message M { map<string, M> by_name = 1; }`,
			[]string{"message M <nil>", "M.by_name = 1 M.ByNameEntry repeated", "  key string optional false", "  value M optional false"},
		},
		"proto2 has labels, defaults and groups": {
			`message M { required int32 a = 1 [default = 7]; map<int32, int32> m = 2; repeated group G = 3 { optional bytes b = 1 [default = "x"]; } }`,
			[]string{
				"message M <nil>", "M.a = 1 int32 default 7", "M.m = 2 M.MEntry repeated", "  key int32 optional true",
				"  value int32 optional true", "M.g = 3 M.G repeated group", "message M.G <nil>", "G.b = 1 bytes optional default x",
			},
		},
		"annotations in every form": {
			`syntax = "proto3";
			message M { option (confluent.message_meta).doc = "m"; option (.confluent.message_meta).tags = "A"; option (confluent.message_meta).tags = "B";
				int32 a = 1 [(confluent.field_meta) = {doc: "d", params: [{key: "k", value: "1"}, {key: "l", value: "2"}, {key: "k", value: "3"}], tags: "T",
					rules: {expr: "e", sql: "s"}}, (confluent.field_meta).params = {key: "n", value: "v"}];
				enum E { option (confluent.enum_meta) = {doc: "e"}; Z = 0 [(confluent.enum_value_meta).doc = "z"]; } }`,
			[]string{
				"message M &{m [] [A B] []}", "M.a = 1 int32 {Doc:d Params:[{Key:k Value:3} {Key:l Value:2} {Key:n Value:v}] Tags:[T] Rules:[{Name: Doc: Expr:e SQL:s}]}",
				"enum M.E &{e [] [] []}", "Z = 0 &{z [] [] []}",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outline(mustParse(t, tt.text, nil).Declared())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDeclaredTellsFiles holds that a type knows whether it comes from a reference, and a file what it exports.
func TestDeclaredTellsFiles(t *testing.T) {
	refs := map[string]string{"r.proto": `syntax = "proto3"; package r; message R {}`}
	s := mustParse(t, `syntax = "proto3"; import public "r.proto"; import "google/type/date.proto";
		message M { r.R r = 1; google.type.Date d = 2; M m = 3; }`, refs)
	f := s.Declared()
	var got []string
	for _, e := range f.Messages[0].Fields {
		got = append(got, fmt.Sprintf("%s %v", e.Message.File.Path, e.Message.File.Reference))
	}
	if want := []string{"r.proto true", "google/type/date.proto false", " false"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(f.Public) != 1 || f.Public[0].Path != "r.proto" || len(f.Imports) != 2 || f.Imports[0].Path != "google/type/date.proto" {
		t.Errorf("exports %v, imports %v", f.Public, f.Imports)
	}
	if text, ok := Builtin("confluent/type/variant.proto"); !ok || !strings.Contains(text, "message Variant") {
		t.Error(text)
	}
}
