package avro

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// seeds returns the documents of the golden files.
func seeds(f *testing.F) (out []string) {
	f.Helper()
	for _, name := range []string{"confluent/text.jsonl", "confluent/invalid.jsonl", "java/schemas.jsonl"} {
		file, err := os.Open("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c struct{ Schema string }
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				f.Fatal(err)
			}
			out = append(out, c.Schema)
		}
	}
	return out
}

// readable fails when s cannot read itself. A field whose alias is another field's name has no answer.
func readable(t *testing.T, s *Schema) {
	t.Helper()
	if findings := s.CanRead(s); len(findings) > 0 && findings[0].Rule != NotComparable {
		t.Errorf("%s cannot read itself: %v", s.Canonical(), findings)
	}
}

// FuzzParse holds that no document makes the parser panic, that what it accepts prints to a fixed point and can read itself.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, lenient bool) {
		o := schema.Options{Lenient: lenient}
		s, err := Parse(schema.Document{Text: text}, nil, o)
		if err != nil {
			return
		}
		readable(t, s)
		_, _ = s.CRC64(), s.Resolved()
		if strings.Contains(text, `".`) || strings.Contains(text, `\u`) { // Java's text has no dot before an alias without namespace
			return
		}
		if normal, err := Parse(schema.Document{Text: s.Normalized()}, nil, o); err != nil || normal.Canonical() != s.Normalized() {
			t.Errorf("%s is normalized as %s: %v", text, s.Normalized(), err)
		}
		if lenient { // names may hold what does not read back as a name
			return
		}
		again, err := Parse(schema.Document{Text: s.Canonical()}, nil, o)
		if err != nil {
			t.Fatalf("%s became %s: %v", text, s.Canonical(), err)
		}
		if again.Canonical() != s.Canonical() {
			t.Errorf("%s became %s", s.Canonical(), again.Canonical())
		}
		if again.SHA256() != s.SHA256() {
			t.Errorf("%s became %s", s.ParsingForm(), again.ParsingForm())
		}
	})
}

// FuzzCompare holds that no pair makes the comparison panic, and that it is the same every time.
func FuzzCompare(f *testing.F) {
	all := seeds(f)
	for i, s := range all {
		f.Add(s, all[(i+1)%len(all)])
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		reader, err := Parse(schema.Document{Text: a}, nil, schema.Options{Lenient: true})
		if err != nil {
			return
		}
		writer, err := Parse(schema.Document{Text: b}, nil, schema.Options{Lenient: true})
		if err != nil {
			return
		}
		readable(t, reader)
		readable(t, writer)
		first, second := reader.CanRead(writer), reader.CanRead(writer)
		if len(first) != len(second) || len(first) > maxFindings {
			t.Errorf("%d findings, then %d", len(first), len(second))
		}
		for i, d := range first {
			if d != second[i] || d.Line("new", "old") == "" {
				t.Errorf("finding %v, then %v", d, second[i])
			}
		}
		writer.CanRead(reader)
	})
}
