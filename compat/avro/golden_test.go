package avro

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

// golden calls check with every line of a file of JSON lines.
func golden[C any](t *testing.T, name string, check func(t *testing.T, c C)) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var c C
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s:%d: %v", name, n, err)
		}
		t.Run(fmt.Sprintf("line %d", n), func(t *testing.T) { check(t, c) })
	}
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// message returns what an error says without its place.
func message(err error) string {
	var s *schema.SyntaxError
	if errors.As(err, &s) {
		return s.Msg
	}
	return err.Error()
}

// documents is a resolver over a map of SUBJECT/VERSION.
type documents map[string]schema.Document

func (d documents) Resolve(r schema.Reference) (schema.Document, error) {
	doc, ok := d[fmt.Sprintf("%s/%d", r.Subject, r.Version)]
	if !ok {
		return schema.Document{}, fmt.Errorf("no %s/%d", r.Subject, r.Version)
	}
	return doc, nil
}

func mustParse(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatalf("parsing %.200s: %v", text, err)
	}
	return s
}

// TestConfluentText holds what Confluent Schema Registry 8.5 stored of what it was sent.
func TestConfluentText(t *testing.T) {
	golden(t, "confluent/text.jsonl", func(t *testing.T, c struct {
		Schema, Want string
		Normalize    bool
		References   []schema.Reference
		Documents    map[string]struct {
			Schema     string
			References []schema.Reference
		}
	}) {
		docs := documents{}
		for name, d := range c.Documents {
			docs[name] = schema.Document{Text: d.Schema, References: d.References}
		}
		s, err := Parse(schema.Document{Text: c.Schema, References: c.References}, docs, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Canonical()
		if c.Normalize {
			got = s.Normalized()
		}
		equal(t, "stored text", got, c.Want)
		again, err := Parse(schema.Document{Text: got, References: c.References}, docs, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "text of the stored text", again.Canonical(), got)
	})
}

// TestConfluentRefusals holds why Confluent refused schemas. Where want is empty its words are those of its JSON reader or hold
// a running number, and ours differ.
func TestConfluentRefusals(t *testing.T) {
	golden(t, "confluent/invalid.jsonl", func(t *testing.T, c struct{ Schema, Want string }) {
		_, err := Parse(schema.Document{Text: c.Schema}, nil, schema.Options{})
		if err == nil {
			t.Fatal("accepted")
		}
		if c.Want != "" {
			equal(t, "message", message(err), c.Want)
		}
	})
}

// TestJavaSchemas holds what Apache Avro 1.12.1 for Java makes of schemas: its text, its parsing form and fingerprints, its
// errors, and the normal form that Confluent builds with it.
func TestJavaSchemas(t *testing.T) {
	golden(t, "java/schemas.jsonl", func(t *testing.T, c struct {
		Schema  string
		Lenient bool
		Imports []string

		Error, Text, Resolved, Normalized, Parsing, CRC64, MD5, SHA256 string
	}) {
		docs := documents{}
		var refs []schema.Reference
		for i, text := range c.Imports {
			refs = append(refs, schema.Reference{Name: fmt.Sprint(i), Subject: "import", Version: i})
			docs[fmt.Sprintf("import/%d", i)] = schema.Document{Text: text}
		}
		s, err := Parse(schema.Document{Text: c.Schema, References: refs}, docs, schema.Options{Lenient: c.Lenient})
		if err != nil {
			equal(t, "error", message(err), c.Error)
			return
		}
		if c.Error != "" {
			t.Fatalf("accepted, want %s", c.Error)
		}
		equal(t, "text", s.Canonical(), c.Text)
		equal(t, "normalized", s.Normalized(), c.Normalized)
		equal(t, "parsing form", s.ParsingForm(), c.Parsing)
		equal(t, "CRC-64-AVRO", fmt.Sprintf("%016x", s.CRC64()), c.CRC64)
		if c.Resolved != "" {
			equal(t, "resolved", s.Resolved(), c.Resolved)
		}
		if c.MD5 != "" {
			equal(t, "MD5", fmt.Sprintf("%x", s.MD5()), c.MD5)
			equal(t, "SHA-256", fmt.Sprintf("%x", s.SHA256()), c.SHA256)
		}
		if findings := s.CanRead(s); findings != nil {
			t.Errorf("it cannot read itself: %v", findings)
		}
	})
}

// TestJavaFindings holds every finding of Apache Avro 1.12.1 for Java, in its order.
func TestJavaFindings(t *testing.T) {
	golden(t, "java/pairs.jsonl", func(t *testing.T, c struct {
		Reader, Writer string
		Findings       []string
		NotComparable  string
	}) {
		got := []string{}
		if c.NotComparable != "" {
			c.Findings = []string{NotComparable + " / " + c.NotComparable}
		}
		for _, d := range mustParse(t, c.Reader).CanRead(mustParse(t, c.Writer)) {
			got = append(got, d.Rule+" "+d.Path+" "+d.Detail)
			line := d.Line("new", "old")
			if d.Rule != NotComparable && !strings.HasPrefix(line, "{errorType:'"+d.Rule+"', description:'") {
				t.Errorf("line %s", line)
			}
		}
		if diff := cmp.Diff(c.Findings, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
