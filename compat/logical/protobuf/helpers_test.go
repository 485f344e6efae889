package protobuf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
	native "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// document is a text whose references are all of texts.
func document(text string, texts map[string]string) schema.Document {
	d := schema.Document{Text: text}
	for _, name := range sortedKeys(texts) {
		d.References = append(d.References, schema.Reference{Name: name, Subject: name, Version: 1})
	}
	return d
}

func mustParse(t testing.TB, text string, texts map[string]string) *native.Schema {
	t.Helper()
	s, err := native.Parse(document(text, texts), &resolver{texts: texts}, schema.Options{})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return s
}

func mustRead(t testing.TB, text string, texts map[string]string) *logical.Schema {
	t.Helper()
	s, err := From(mustParse(t, text, texts), texts)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return s
}

func mustWrite(t testing.TB, s *logical.Schema, rowName string) string {
	t.Helper()
	d, err := To(s, rowName)
	if err != nil {
		t.Fatalf("%s\n%v", described(s), err)
	}
	if d.Type != schema.Protobuf || d.Properties["confluent:edition"] != "2" {
		t.Errorf("document %+v", d)
	}
	return d.Text
}

// proto3 is a file of the package a.
func proto3(body string) string { return "syntax = \"proto3\";\npackage a;\n" + body }

// described writes a tree as text, everything in it.
func described(s *logical.Schema) string {
	var b strings.Builder
	if s.Name != "" {
		fmt.Fprintf(&b, "%s: ", s.Name)
	}
	b.WriteString(word(s.Root))
	for _, d := range s.Named {
		outside := ""
		if s.IsExternal(d.Name) {
			outside = "external "
		}
		fmt.Fprintf(&b, "\n%s%s = %s", outside, d.Name, word(d.Type))
	}
	return b.String()
}

func word(t *logical.Type) string {
	if t == nil {
		return "<nil>"
	}
	s := t.Kind.String()
	var parts []string
	switch t.Kind {
	case logical.Char, logical.Varchar, logical.Binary, logical.Varbinary:
		if t.Length != logical.Unbounded {
			s += fmt.Sprintf("(%d)", t.Length)
		}
	case logical.Decimal:
		s += fmt.Sprintf("(%d, %d)", t.Precision, t.Scale)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		s += fmt.Sprintf("(%d)", t.Precision)
	case logical.Named:
		s = t.Name
	case logical.Array, logical.Multiset:
		s += "<" + word(t.Elem) + ">"
	case logical.Map:
		s += "<" + word(t.Key) + ", " + word(t.Elem) + ">"
	case logical.Struct:
		for _, f := range t.Fields {
			e := f.Name + " " + word(f.Type) + about(f.Doc, f.Tags, f.Params, f.Rules)
			if f.Default.Has {
				e += fmt.Sprintf(" DEFAULT %#v", f.Default.Value)
			}
			if f.Default.Derived {
				e += " derived"
			}
			parts = append(parts, e)
		}
	case logical.Union:
		for _, e := range t.Branches {
			parts = append(parts, e.Name+" "+word(e.Type)+about(e.Doc, nil, e.Params, nil))
		}
	case logical.Enum:
		for _, e := range t.Values {
			parts = append(parts, e.Symbol+about(e.Doc, nil, e.Params, nil))
		}
	}
	if t.Kind == logical.Struct || t.Kind == logical.Union || t.Kind == logical.Enum {
		s += "(" + strings.Join(parts, ", ") + ")"
	}
	if !t.Nullable {
		s += "!"
	}
	return s + about(t.Doc, t.Tags, t.Params, t.Rules)
}

// about writes what is said of a thing.
func about(doc string, tags []string, params logical.Params, rules []logical.Rule) string {
	s := ""
	if doc != "" {
		s += fmt.Sprintf(" %q", doc)
	}
	if len(tags) > 0 {
		s += fmt.Sprintf(" %v", tags)
	}
	for _, p := range params {
		s += fmt.Sprintf(" %s=%v", p.Key, p.Value)
	}
	for _, r := range rules {
		s += fmt.Sprintf(" CHECK%+v", r)
	}
	return s
}
