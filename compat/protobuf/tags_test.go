package protobuf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/encoding/prototext"

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
			"a field and a message", `syntax = "proto3"; package a.b; message M { string f = 1; int32 g = 2 [deprecated = true]; }`,
			[]schema.TagEdit{schematest.Edit(fld, "a.b.M.f", "PII X", ""), schematest.Edit(fld, ".a.b.M.g", "G", ""), schematest.Edit(rec, "a.b.M", "T", "")},
			`syntax = "proto3";
package a.b;

import "confluent/meta.proto";

message M {
  option (confluent.message_meta) = {
    tags: [
      "T"
    ]
  };

  string f = 1 [(confluent.field_meta) = {
    tags: [
      "PII",
      "X"
    ]
  }];
  int32 g = 2 [
    deprecated = true,
    (confluent.field_meta) = {
      tags: [
        "G"
      ]
    }
  ];
}
`, "a.b.M:T a.b.M.f.PII,X a.b.M.g.G",
		},
		{
			"in the form that is there",
			`syntax = "proto3"; import public "confluent/meta.proto"; message M { option (.confluent.message_meta).tags = "x"; option (.confluent.message_meta).doc = "d";
			string f = 1 [(confluent.field_meta) = {tags: "a", doc: "d"}]; string g = 2 [(confluent.field_meta) = {doc: "d", tags: ["a", "b"]}, json_name = "h"]; string h = 3 [(confluent.field_meta) = {doc: "d"}]; }`,
			[]schema.TagEdit{schematest.Edit(rec, "M", "y", ""), schematest.Edit(fld, "M.f", "b", ""), schematest.Edit(fld, "M.g", "", "a b"), schematest.Edit(fld, "M.h", "c", "")},
			`syntax = "proto3";

import public "confluent/meta.proto";

message M {
  option (.confluent.message_meta).tags = "x";
  option (.confluent.message_meta).tags = "y";
  option (.confluent.message_meta).doc = "d";

  string f = 1 [(confluent.field_meta) = {
    tags: [
      "a",
      "b"
    ],
    doc: "d"
  }];
  string g = 2 [
    (confluent.field_meta) = {
      doc: "d"
    },
    json_name = "h"
  ];
  string h = 3 [(confluent.field_meta) = {
    doc: "d",
    tags: [
      "c"
    ]
  }];
}
`, "M:x,y M.f.a,b M.h.c",
		},
		{
			"all away", `syntax = "proto3"; import "confluent/meta.proto"; message M { option (confluent.message_meta) = {tags: "x"}; string f = 1 [(confluent.field_meta).tags = "a", (confluent.field_meta).tags = "b"]; }`,
			[]schema.TagEdit{schematest.Edit(rec, "M", "", "x"), schematest.Edit(fld, "M.f", "", "a b c")},
			"syntax = \"proto3\";\n\nimport \"confluent/meta.proto\";\n\nmessage M {\n  string f = 1;\n}\n", "",
		},
		{
			"inner messages, oneofs and groups",
			`message M { message N { optional string f = 1; } oneof o { string p = 2; string q = 3; group G = 4 { optional int32 x = 5; } } map<string, N> m = 6; optional group H = 7 { optional int32 y = 8; } }`,
			[]schema.TagEdit{
				schematest.Edit(fld, "M.N.f", "f", ""), schematest.Edit(fld, "M.p", "p", ""), schematest.Edit(fld, "M.o.q", "q", ""), schematest.Edit(fld, "M.G.x", "x", ""), schematest.Edit(fld, "M.H.y", "y", ""), schematest.Edit(fld, "M.m", "m", ""),
				schematest.Edit(rec, "M.N", "N", ""),
			},
			"", "M.m.m M.p.p M.q.q M.G.x.x M.H.y.y M.N:N M.N.f.f",
		},
		{"nothing to do", `message M { optional string f = 1 [(confluent.field_meta).tags = "a"]; }`, []schema.TagEdit{schematest.Edit(fld, "M.f", "a", "b"), schematest.Edit(rec, "M", "", "b")}, "message M {\n  optional string f = 1 [(confluent.field_meta).tags = \"a\"];\n}\n", "M.f.a"},
		{
			"a package that hides Confluent's", `package x.confluent; message M { optional string f = 1; }`, []schema.TagEdit{schematest.Edit(fld, "x.confluent.M.f", `"`, "")},
			"package x.confluent;\n\nimport \"confluent/meta.proto\";\n\nmessage M {\n  optional string f = 1 [(.confluent.field_meta) = {\n    tags: [\n      \"\\\"\"\n    ]\n  }];\n}\n", `x.confluent.M.f."`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := mustLenient(t, c.text).WithTags(c.edits)
			if err != nil || c.want != "" && strings.TrimLeft(got, "\n") != c.want {
				t.Fatalf("%v\n got %s\nwant %s", err, got, c.want)
			}
			s, err := Parse(schema.Document{Text: got}, nil, schema.Options{})
			if err != nil || s.Canonical() != got {
				t.Fatalf("%v\n%s\nbecomes\n%s", err, got, s.Canonical())
			}
			if lines := schematest.TagLines(t, s); lines != c.tags {
				t.Errorf("tags %s, want %s", lines, c.tags)
			}
		})
	}
}

func TestTagsOfNothing(t *testing.T) {
	text := `package a; message M { optional string f = 1; oneof o { string g = 2; } enum E { X = 0; } extend M { optional int32 e = 100; } }`
	for _, e := range []schema.TagEdit{
		schematest.Edit(rec, "M", "T", ""), schematest.Edit(fld, "M.f", "T", ""), schematest.Edit(fld, "a.M", "T", ""), schematest.Edit(rec, "a.M.f", "T", ""), schematest.Edit(fld, "a.M.p.g", "T", ""), schematest.Edit(fld, "a.M.o.f", "T", ""),
		schematest.Edit(rec, "a.M.o", "T", ""), schematest.Edit(rec, "a.M.E", "T", ""), schematest.Edit(fld, "a.M.e", "T", ""), schematest.Edit(rec, "a", "T", ""), schematest.Edit(rec, "", "T", ""), schematest.Edit(fld, "..a.M.f", "T", ""), schematest.Edit(fld, "a.M.f.", "T", ""),
	} {
		s := mustLenient(t, text)
		var missing *schema.NoEntityError
		if got, err := s.WithTags([]schema.TagEdit{e}); !errors.As(err, &missing) || missing.Entity != e.Entity {
			t.Errorf("%s: %s, %v", e.Path, got, err)
		}
		e.IfThere = true
		if got, err := s.WithTags([]schema.TagEdit{e}); err != nil || got != s.Canonical() {
			t.Errorf("%s if it is there: %s, %v", e.Path, got, err)
		}
	}
}

// places returns what can have tags in a file.
func places(f *file) []schema.Entity {
	var out []schema.Entity
	var walk func(messages []*message, path string)
	fields := func(list []*field, path string) {
		for _, f := range list {
			out = append(out, schema.Entity{Path: path + f.name, Kind: fld})
		}
	}
	walk = func(messages []*message, path string) {
		for _, m := range messages {
			out = append(out, schema.Entity{Path: path + m.name, Kind: rec})
			in := path + m.name + "."
			groups := slices.Clone(m.groups)
			fields(m.fields, in)
			for _, o := range m.oneofs {
				fields(o.fields, in)
				groups = append(groups, o.groups...)
			}
			for _, g := range groups {
				fields(g.fields, in+g.name+".")
			}
			walk(m.messages, in)
		}
	}
	pkg := f.pkg
	if pkg != "" {
		pkg += "."
	}
	walk(f.messages, pkg)
	return out
}

// FuzzTags holds for any file that tags can be put on each place of it and taken away again, that they are listed, and that nothing
// else changes but for the import that they need.
func FuzzTags(f *testing.F) {
	f.Add(everything, "PII")
	for _, r := range goldenTexts(f) {
		f.Add(r.Text, "a\"\n")
	}
	for i := range uint64(20) {
		f.Add(newGenerator(i).file(), "x")
	}
	f.Fuzz(func(t *testing.T, text, tag string) {
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil || strings.Contains(text, "_meta") && text != everything || s.sources.own.file.decoded {
			return
		}
		tag = strings.ToValidUTF8(tag, "?")
		var add, remove []schema.TagEdit
		all := places(s.sources.own.file)
		had, err := s.Tags()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[schema.Entity]bool{}
		for _, e := range all {
			if seen[e] || strings.HasPrefix(e.Path, ".") /* no name, but Wire takes it for one */ || slices.ContainsFunc(had, func(h schema.Tagged) bool { return h.Entity == e }) {
				continue
			}
			seen[e] = true
			add = append(add, schema.TagEdit{Entity: e, Add: []string{tag}})
			remove = append(remove, schema.TagEdit{Entity: e, Remove: []string{tag}})
		}
		got, err := s.WithTags(add)
		if err != nil {
			if strings.Contains(err.Error(), "longer than") {
				return
			}
			t.Fatalf("%s\n%v", s.Canonical(), err)
		}
		with, err := Parse(schema.Document{Text: got}, nil, schema.Options{Lenient: true})
		if err != nil || with.Canonical() != got {
			t.Fatalf("%s\nbecomes\n%s\n%v", s.Canonical(), got, err)
		}
		listed, err := with.Tags()
		if err != nil || len(listed) != len(add)+len(had) {
			t.Fatalf("%d of %d places are listed: %v\n%s", len(listed), len(add)+len(had), err, got)
		}
		for _, l := range listed {
			if seen[l.Entity] && !slices.Equal(l.Tags, []string{tag}) {
				t.Fatalf("%s has %q", l.Path, l.Tags)
			}
		}
		for _, d := range slices.Concat(with.CanRead(s), s.CanRead(with)) {
			t.Fatalf("%s\nbecomes\n%s\n%v", s.Canonical(), got, d)
		}
		back, err := with.WithTags(remove)
		if err != nil {
			t.Fatal(err)
		}
		undone, fault := parseText(back)
		if fault != nil {
			t.Fatal(fault)
		}
		if original := s.sources.own.file; !slices.Contains(slices.Concat(original.imports, original.public, original.weak), metaFile) && len(add) > 0 {
			undone.imports = undone.imports[:len(undone.imports)-1]
		}
		if text, _ := undone.print(); text != s.Canonical() {
			t.Fatalf("%s\ncomes back as\n%s", s.Canonical(), text)
		}
	})
}

// TestTagsCompile holds that the options that an edit writes are good for Protobuf's own compiler, and that they say what was asked.
func TestTagsCompile(t *testing.T) {
	for _, text := range []string{
		strings.Replace(everything, `, "gone"`, "", 1),
		`syntax = "proto3"; package x.confluent; message M { string f = 1 [deprecated = true]; oneof o { string g = 2; } }`,
		`syntax = "proto3"; import "confluent/meta.proto"; message M { option (confluent.message_meta).tags = "a"; option (confluent.message_meta).doc = "d"; string f = 1 [(confluent.field_meta).doc = "d"]; string g = 2 [(confluent.field_meta) = {doc: "d"}]; }`,
	} {
		s := mustParse(t, text, nil)
		var edits []schema.TagEdit
		for _, e := range places(s.sources.own.file) {
			edits = append(edits, schema.TagEdit{Entity: e, Add: []string{"PII", "\"\n\t'é"}})
		}
		got, err := s.WithTags(edits)
		if err != nil {
			t.Fatal(err)
		}
		c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
			if path == "own.proto" {
				return protocompile.SearchResult{Source: strings.NewReader(got)}, nil
			}
			if text, ok := builtinText(path); ok {
				return protocompile.SearchResult{Source: strings.NewReader(text)}, nil
			}
			return protocompile.SearchResult{}, errNoFile
		}))}
		files, err := c.Compile(t.Context(), "own.proto")
		if err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		field := files[0].Messages().Get(0).Fields().Get(0)
		options := fmt.Sprint(prototext.Format(field.Options()))
		if !strings.Contains(options, `tags:`) || !strings.Contains(options, `"PII"`) {
			t.Errorf("field %s has %s\n%s", field.FullName(), options, got)
		}
	}
}

// TestTagsOfHugeFiles holds what an edit costs where file and paths are as large as a body can make them.
func TestTagsOfHugeFiles(t *testing.T) {
	const n = 20_000
	var b strings.Builder
	var edits []schema.TagEdit
	b.WriteString("message M {\n")
	for i := range n {
		fmt.Fprintf(&b, "optional string f%d = %d;\n", i, i+1)
		edits = append(edits, schematest.Edit(fld, fmt.Sprintf("M.f%d", i), "T", ""))
	}
	b.WriteString("}")
	edits = append(edits, schema.TagEdit{Entity: schema.Entity{Path: strings.Repeat("M.", 1_000_000), Kind: fld}, IfThere: true})
	s := mustLenient(t, b.String())
	start := time.Now()
	got, err := s.WithTags(edits)
	if took := time.Since(start); err != nil || took > 20*time.Second || strings.Count(got, "tags:") != n {
		t.Fatalf("%v, %d tags after %s", err, strings.Count(got, "tags:"), took)
	}
	t.Log(time.Since(start))
}
