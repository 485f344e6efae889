package jsonschema

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/schema"
)

// within fails when f takes longer than any of it may take on a slow machine.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > limit {
		t.Errorf("took %s, want at most %s", took, limit)
	}
}

func nested(depth int, open, end string) string {
	return strings.Repeat(open, depth) + "true" + strings.Repeat(end, depth)
}

func TestDeep(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{nested(999, `{"not":`, "}"), true},
		{nested(1000, `{"not":`, "}"), true},
		{nested(1001, `{"not":`, "}"), false},
		{nested(499, `{"allOf":[`, "]}"), true},
		{nested(100_000, `{"items":`, "}"), false},
		{strings.Repeat("[", 1_000_000), false},
	} {
		within(t, 10*time.Second, func() {
			s, err := Parse(schema.Document{Text: c.text}, nil, schema.Options{})
			if (err == nil) != c.ok {
				t.Errorf("%.40s…: error %v, want ok %v", c.text, err, c.ok)
			}
			if err != nil {
				return
			}
			like := parse(t, c.text)
			forgetSums(like.root, map[*node]bool{nil: true})
			if d := like.CanRead(s); len(d) > 0 {
				t.Errorf("%.40s…: cannot read itself: %v", c.text, d)
			}
		})
	}
}

// definitions joins definitions d0, d1, … of which each is made from its number.
func definitions(n int, root string, def func(i int) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{%s,"definitions":{"end":{"type":"null"}`, root)
	for i := range n {
		fmt.Fprintf(&b, `,"d%d":%s`, i, def(i))
	}
	return b.String() + "}}"
}

func TestReferences(t *testing.T) {
	both := func(next string) string {
		return fmt.Sprintf(`{"type":"object","properties":{"l":{"$ref":"#/definitions/%[1]s"},"r":{"$ref":"#/definitions/%[1]s"}}}`, next)
	}
	for name, text := range map[string]string{
		"itself":       `{"$ref":"#"}`,
		"a ring":       `{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}`,
		"a ring of 3":  `{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/c"},"c":{"$ref":"#/definitions/b"}}}`,
		"all of self":  `{"allOf":[{"$ref":"#"},{"$ref":"#"}],"anyOf":[{"$ref":"#"},{"not":{"$ref":"#"}}]}`,
		"a long chain": definitions(100_000, `"$ref":"#/definitions/d0"`, func(i int) string { return fmt.Sprintf(`{"$ref":"#/definitions/d%d"}`, (i+1)%100_000) }),
		"doubling":     definitions(60, `"$ref":"#/definitions/d0"`, func(i int) string { return both(fmt.Sprintf("d%d", i+1)) }),
		"doubling round": definitions(60, `"$ref":"#/definitions/d0"`, func(i int) string {
			return both(fmt.Sprintf("d%d", (i+1)%60))
		}),
		"each with each": definitions(40, `"$ref":"#/definitions/d0"`, func(int) string {
			var refs []string
			for j := range 40 {
				refs = append(refs, fmt.Sprintf(`{"$ref":"#/definitions/d%d"}`, j))
			}
			return `{"anyOf":[` + strings.Join(refs, ",") + `]}`
		}),
	} {
		t.Run(name, func(t *testing.T) {
			text = strings.ReplaceAll(text, "#/definitions/d60", "#/definitions/end")
			within(t, 20*time.Second, func() {
				s := parse(t, text)
				if d := s.CanRead(parse(t, text)); len(d) > 0 {
					t.Errorf("cannot read its like: %.300s", fmt.Sprint(d))
				}
				s.CanRead(parse(t, `{"type":"string"}`))
				parse(t, `{"type":"string"}`).CanRead(s)
				parse(t, strings.ReplaceAll(text, `"null"`, `"string"`)).CanRead(s)
			})
		})
	}
}

// TestTooComplex holds that a comparison which would not end ends with a reason.
func TestTooComplex(t *testing.T) {
	doubled := func(end string) string {
		return definitions(60, `"$ref":"#/definitions/d0"`, func(i int) string {
			if i == 59 {
				return end
			}
			return fmt.Sprintf(`{"type":"object","properties":{"l":{"$ref":"#/definitions/d%[1]d"},"r":{"$ref":"#/definitions/d%[1]d"}}}`, i+1)
		})
	}
	within(t, 20*time.Second, func() {
		d := parse(t, doubled(`{"type":"string"}`)).CanRead(parse(t, doubled(`{"type":"null"}`)))
		if len(d) == 0 || len(d) > maxDifferences+1 {
			t.Errorf("%d differences", len(d))
		}
	})
	many := func(kind string) string {
		var of []string
		for i := range 1000 {
			of = append(of, fmt.Sprintf(`{"type":%q,"maxLength":%d,"title":"x"}`, kind, i))
		}
		return `{"oneOf":[` + strings.Join(of, ",") + `]}`
	}
	within(t, 20*time.Second, func() {
		d := parse(t, many("string")).CanRead(parse(t, many("integer")))
		if len(d) != 1 || d[0].Rule != tooComplex {
			t.Errorf("%v, want %s", d, tooComplex)
		}
	})
}

func TestLarge(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"type":"object","properties":{"p":{"type":"null"}`)
	for i := 0; b.Len() < 2<<20; i++ {
		fmt.Fprintf(&b, `,"property_%d":{"type":["string","null"],"maxLength":%d,"description":"a property"}`, i, i)
	}
	b.WriteString("}}")
	text := b.String()
	within(t, 20*time.Second, func() {
		s := parse(t, text)
		if s.Canonical() != text {
			t.Error("the canonical text is another")
		}
		if d := s.CanRead(parse(t, text)); len(d) > 0 {
			t.Errorf("cannot read its like: %v", d[0])
		}
		if d := parse(t, strings.ReplaceAll(text, `"string"`, `"integer"`)).CanRead(s); len(d) != maxDifferences && len(d) < 10_000 {
			t.Errorf("%d differences", len(d))
		}
	})
	if _, err := Parse(schema.Document{Text: strings.Repeat(" ", MaxSize+1)}, nil, schema.Options{}); err == nil {
		t.Error("a document over the limit was read")
	}
}

func TestCatastrophicPatterns(t *testing.T) {
	name := strings.Repeat("a", 5000) + "!"
	for _, pattern := range []string{`(a+)+$`, `(?=(a+)+$)(a|aa)+$`, `^(([a-z])+.)+(?<=x)[A-Z]([a-z])+$`, `(a*)*\1b`, `((a{0,50}){0,50}){0,50}b`} {
		old := fmt.Sprintf(`{"type":"object","patternProperties":{%q:{"type":"string"}}}`, pattern)
		new := fmt.Sprintf(`{"type":"object","patternProperties":{%q:{"type":"string"}},"properties":{%[2]q:{"type":"string"},"%[2]sb":{"type":"string"}}}`, pattern, name)
		within(t, 5*time.Second, func() { findings(t, old, new, false) })
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
		words        string
	}{
		{"{\n  \"type\": \"strange\"\n}", 2, 11, notSchema},
		{"{\"properties\":\n{\"é\":1}}", 2, 6, notSchema},
		{`{"type":"string"`, 1, 17, notJSON},
		{`{"type" "string"}`, 1, 9, notJSON},
		{`{"minLength":1.0}`, 1, 14, notSchema},
		{`{"minLength":12345678901}`, 1, 14, notSchema},
		{`{"multipleOf":0}`, 1, 15, notSchema},
		{`{"a":1e99999999999}`, 1, 6, notJSON},
		{`{"a":"` + "\xff" + `"}`, 1, 1, notJSON},
		{`{"pattern":"a{"}`, 1, 12, notSchema},
		{`{"$ref":"#/nowhere"}`, 1, 9, notSchema},
		{`{"required":"a"}`, 1, 13, notSchema},
		{`{"type":{}}`, 1, 9, notSchema},
		{`{"title":null}`, 1, 10, notSchema},
		{`[]`, 1, 1, "Invalid JSON schema: expected an object or boolean at the root, found ARRAY"},
		{`null`, 1, 1, "Invalid JSON schema: expected an object or boolean at the root, found NULL"},
		{" ", 1, 2, "Invalid JSON schema: expected an object or boolean at the root, found MISSING"},
	} {
		_, err := Parse(schema.Document{Text: c.text}, nil, schema.Options{})
		var syntax *schema.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: error %v, want a *schema.SyntaxError", c.text, err)
			continue
		}
		if syntax.Line != c.line || syntax.Column != c.column || syntax.Words != c.words {
			t.Errorf("%q: %+v, want line %d, column %d, words %q", c.text, syntax, c.line, c.column, c.words)
		}
		if syntax.Words == notSchema {
			if s, err := Parse(schema.Document{Text: c.text}, nil, schema.Options{Lenient: true}); err != nil || len(s.CanRead(s)) > 0 {
				t.Errorf("%q: lenient parsing: %v", c.text, err)
			}
		}
	}
}
