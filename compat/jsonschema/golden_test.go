package jsonschema

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

// answer is one of Confluent's answers: what it stored for a text, how it refused one, or what it said of a pair.
type answer struct {
	Seq       string
	Step      int
	Text      string
	Canonical string
	Refused   string
	Level     string
	Old, New  string
	Lines     []string
}

func answers(t testing.TB) []answer {
	f, err := os.Open("testdata/confluent.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []answer
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func parse(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// TestConfluent holds parsing, printing and comparing against what Confluent's registry answered.
func TestConfluent(t *testing.T) {
	for _, a := range answers(t) {
		switch {
		case a.Refused != "":
			_, err := Parse(schema.Document{Text: a.Text}, nil, schema.Options{})
			var syntax *schema.SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("%s: %s: error %v, want a *schema.SyntaxError", a.Seq, a.Text, err)
			} else if syntax.Words != a.Refused || syntax.Line != 1 {
				t.Errorf("%s: %s: %+v, want the words %q", a.Seq, a.Text, syntax, a.Refused)
			}
		case a.Canonical != "":
			if got := parse(t, a.Text).Canonical(); got != a.Canonical {
				t.Errorf("%s: %s: canonical\n%s, want\n%s", a.Seq, a.Text, got, a.Canonical)
			}
		default:
			reader, writer, sides := parse(t, a.New), parse(t, a.Old), [2]string{"new", "old"}
			if a.Level == "FORWARD" {
				reader, writer, sides = writer, reader, [2]string{"old", "new"}
			}
			got := []string{}
			for _, d := range reader.CanRead(writer) {
				got = append(got, d.Line(sides[0], sides[1]))
			}
			if diff := cmp.Diff(a.Lines, got); diff != "" {
				t.Errorf("%s %s\nold %s\nnew %s\n(-want +got):\n%s", a.Seq, a.Level, a.Old, a.New, diff)
			}
		}
	}
}
