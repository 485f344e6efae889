package jsonschema

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

// subjects resolves references by the name of their subject.
type subjects map[string]schema.Document

func (s subjects) Resolve(r schema.Reference) (schema.Document, error) {
	d, ok := s[r.Subject]
	if !ok {
		return d, errors.New("no such subject")
	}
	return d, nil
}

func refs(names ...string) []schema.Reference {
	var out []schema.Reference
	for _, n := range names {
		out = append(out, schema.Reference{Name: n, Subject: n, Version: 1})
	}
	return out
}

func TestReferencedDocuments(t *testing.T) {
	known := subjects{
		"base.json":         {Text: `{"$id":"base.json","type":"object","properties":{"x":{"$ref":"#/definitions/x"},"y":{"$ref":"leaf.json"}},"definitions":{"x":{"type":"integer"}}}`, References: refs("leaf.json")},
		"leaf.json":         {Text: `{"type":"boolean"}`},
		"http://e.x/a.json": {Text: `{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://e.x/a.json","$defs":{"d":{"$anchor":"it","type":"null"}}}`},
		"me":                {Text: `{"$ref":"me"}`, References: refs("me")},
	}
	for _, c := range []struct {
		text  string
		refs  []schema.Reference
		other string // what the document is compared with
		want  string // the finding, or an error
	}{
		{`{"properties":{"b":{"$ref":"base.json"}}}`, refs("base.json"), `{"properties":{"b":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"boolean"}}}}}`, "TYPE_CHANGED #/properties/b/properties/x"},
		{`{"properties":{"b":{"$ref":"base.json#/definitions/x"}}}`, refs("base.json"), `{"properties":{"b":{"type":"string"}}}`, "TYPE_CHANGED #/properties/b"},
		{`{"$id":"http://e.x/root.json","$ref":"a.json#it"}`, refs("http://e.x/a.json"), `{"type":"string"}`, "TYPE_CHANGED #/"},
		{`{"$id":"http://e.x/root.json","$ref":"a.json#/$defs/d"}`, refs("http://e.x/a.json"), `{"type":"string"}`, "TYPE_CHANGED #/"},
		{`{"$id":"http://e.x/root.json","$ref":"leaf.json"}`, refs("leaf.json"), `{"type":"string"}`, "TYPE_CHANGED #/"},
		{`{"$ref":"me"}`, refs("me"), `{"$ref":"#"}`, ""},
		{`{"$ref":"http://json-schema.org/draft-07/schema#"}`, nil, `{}`, ""},
		{`{"$ref":"http://elsewhere/a.json"}`, nil, ``, `line 1, column 9: $ref "http://elsewhere/a.json" leads nowhere: it is neither in the document nor among its references`},
		{`{"$ref":"base.json#/definitions/none"}`, refs("base.json"), ``, `line 1, column 9: $ref "base.json#/definitions/none" leads nowhere: it is neither in the document nor among its references`},
		{`{"$ref":"gone"}`, refs("gone"), ``, `resolving reference "gone": no such subject`},

		{`{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://e.x/r","properties":{"a":{"$ref":"d"}},"definitions":{"d":{"id":"d","type":"null"}}}`, nil, `{"properties":{"a":{"type":"string"}}}`, "TYPE_CHANGED #/properties/a"},
		{`{"properties":{"a":{"$ref":"#/%64efinitions/a~1b%20c"}},"definitions":{"a/b c":{"type":"null"}}}`, nil, `{"properties":{"a":{"type":"string"}}}`, "TYPE_CHANGED #/properties/a"},
		{`{"items":[{"type":"null"},{"$ref":"#/items/0"}]}`, nil, `{"items":[{"type":"null"},{"type":"string"}]}`, "TYPE_CHANGED #/items/1"},
		{`{"$ref":"#/items/0","items":[{"type":"null"}],"type":"string"}`, nil, `{"type":"string"}`, "TYPE_CHANGED #/"},
		{draft20 + `"$id":"urn:a","$defs":{"e":{"$id":"urn:b","$ref":"#/$defs/i","$defs":{"i":{"type":"null"}}}},"$ref":"urn:b"}`, nil, `{"type":"string"}`, "TYPE_CHANGED #/"},
		{draft20 + `"$dynamicRef":"#d","$defs":{"e":{"$dynamicAnchor":"d","type":"null"}}}`, nil, `{"type":"string"}`, "TYPE_CHANGED #/"},
	} {
		s, err := Parse(schema.Document{Text: c.text, References: c.refs}, known, schema.Options{})
		if err != nil {
			if err.Error() != c.want {
				t.Errorf("%s: error %v, want %s", c.text, err, c.want)
			}
			continue
		}
		got := []string{}
		for _, d := range parse(t, c.other).CanRead(s) {
			got = append(got, d.Rule+" "+d.Path)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	if _, err := Parse(schema.Document{Text: `{}`, References: refs("a")}, nil, schema.Options{}); !errors.Is(err, errNoResolver) {
		t.Errorf("without a resolver: %v", err)
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ text, canonical, normalized string }{
		{"{ \"b\" : [ 1 , { \"z\":1,\n\"a\":2 } ] , \"a\" : null }", `{"b":[1,{"z":1,"a":2}],"a":null}`, `{"a":null,"b":[1,{"a":2,"z":1}]}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`, `{"a":3,"b":2}`},
		{`{"\u00e9\u0001\/":"\ud83d\ude00\t\""}`, "{\"é\\u0001/\":\"\U0001f600\\t\\\"\"}", "{\"é\\u0001/\":\"\U0001f600\\t\\\"\"}"},
		{`{"ｚ":1,"😀":2}`, `{"ｚ":1,"😀":2}`, `{"😀":2,"ｚ":1}`}, // as UTF-16 they sort the other way
		{`{"a":[0,-0,-0.0,1.0,100.0,1.50,0.1e1,1E+2,12e-1,1e-7,0.000001,123456789012345678901234567890,1.23e45]}`,
			`{"a":[0,0,0,1,1E+2,1.5,1,1E+2,1.2,1E-7,0.000001,123456789012345678901234567890,1.23E+45]}`,
			`{"a":[0,0,0,1,1E+2,1.5,1,1E+2,1.2,1E-7,0.000001,123456789012345678901234567890,1.23E+45]}`},
		{`true and what follows`, `true`, `true`},
	} {
		s := parse(t, c.text)
		if s.Canonical() != c.canonical || s.Normalized() != c.normalized {
			t.Errorf("%s\ncanonical  %s, want %s\nnormalized %s, want %s", c.text, s.Canonical(), c.canonical, s.Normalized(), c.normalized)
		}
	}
}

// TestPatterns holds what Java's regular expressions take, and what they find. Recorded of Java 17.
func TestPatterns(t *testing.T) {
	for _, p := range []string{"(", "{", "x{", "a{,3}", "*", "a**", "a+*", "a|*", "[", "[b-a]", `\y`, "(?P<n>x)", "(?#c)", `\p{Nonesuch}`, `\`, "a{2,1}", "(?<1n>a)", "a)"} {
		if _, err := compilePattern(p); err == nil {
			t.Errorf("%s is taken, Java refuses it", p)
		}
	}
	for _, c := range []struct{ pattern, in, out string }{
		{"", "a", ""}, {"]", "]", "a"}, {"}", "}", "a"}, {"a{2,3}", "aa", "a"}, {`\d++`, "1", "a"}, {"(?<=a)b", "ab", "b"},
		{`^\Qa.b\E$`, "a.b", "axb"}, {"^[a-z&&[^b]]$", "a", "b"}, {`(?<n>x)\k<n>`, "xx", "x"}, {`^\p{Alpha}$`, "a", "1"},
		{`^[\p{Alpha}_]$`, "a", "1"}, {`^\P{L}$`, "1", "a"}, {`^\p{IsLatin}$`, "é", "я"}, {`(a)\1`, "aa", "ab"}, {`\1`, "", "a"},
		{`^\h$`, "\t", "a"}, {`^\X$`, "é", "ab"}, {"x{2}{3}", "xxxxxx", "xxxxx"}, {"^[^]a]$", "b", "]"}, {"(?!x)^a", "a", "x"},
		{`^a\R$`, "a\r\n", "a"}, {"^[\\w-.]+$", "a-b.c", "!"}, {`^\p{javaLowerCase}$`, "a", "A"}, {"(?>a+)ab", "b", "aab"},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if found, known := p.matches(c.in); c.in != "" && c.pattern != "(?>a+)ab" && (!found || !known) {
			t.Errorf("%s is not found in %q", c.pattern, c.in)
		}
		if found, _ := p.matches(c.out); c.out != "" && found {
			t.Errorf("%s is found in %q", c.pattern, c.out)
		}
	}
	within(t, 10*time.Second, func() {
		for _, s := range []string{"(", "[", "a{2}", "(?=", "(?:a|", `\Q`, "[a&&", "a++"} {
			_, _ = compilePattern(strings.Repeat(s, maxPattern/len(s)))
		}
	})
}

func TestDivides(t *testing.T) {
	for _, c := range []struct {
		d, of string
		want  bool
	}{
		{"2", "4", true}, {"4", "2", false}, {"0.1", "0.3", true}, {"0.3", "1", false}, {"1e-2000000", "1", true}, {"1", "1e-2000000", false},
		{"7", "1e2000000", false}, {"5", "1e2000000", true}, {"-2", "4", true}, {"3", "0", true}, {"1.5", "4.50", true},
	} {
		d, _ := parseDecimal(c.d)
		of, _ := parseDecimal(c.of)
		if got := d.divides(of); got != c.want {
			t.Errorf("%s divides %s: %v", c.d, c.of, got)
		}
	}
}

func TestOtherLanguage(t *testing.T) {
	var writer schema.Schema = stranger{}
	if diff := cmp.Diff([]schema.Difference{schema.DifferentType}, parse(t, "{}").CanRead(writer)); diff != "" {
		t.Error(diff)
	}
}

type stranger struct{ schema.Schema }

// object100 has a hundred fields of a type or null, and as many limits that are by apart.
func object100(kind string, by int) string {
	var props []string
	for i := range 100 {
		props = append(props, fmt.Sprintf(`"property_%d":{"type":[%q,"null"],"maxLength":%d}`, i, kind, i+by))
	}
	return `{"type":"object","properties":{` + strings.Join(props, ",") + `},"additionalProperties":false}`
}

// BenchmarkCompare100 compares objects whose fields all differ, and objects of which one field does.
func BenchmarkCompare100(b *testing.B) {
	for name, text := range map[string]string{"all": object100("string", 1), "one": strings.Replace(object100("string", 0), `:99}`, `:100}`, 1)} {
		b.Run(name, func(b *testing.B) {
			old, new := parse(b, object100("string", 0)), parse(b, text)
			b.ReportAllocs()
			for b.Loop() {
				if len(new.CanRead(old)) > 0 {
					b.Fatal("not compatible")
				}
			}
		})
	}
}

func BenchmarkParse100(b *testing.B) {
	text := object100("string", 0)
	b.ReportAllocs()
	for b.Loop() {
		parse(b, text)
	}
}
