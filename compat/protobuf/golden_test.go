package protobuf

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

// recorded is a text that was posted to Confluent's registry 8.5 and what it answered.
type recorded struct {
	Text       string
	Normalize  bool
	Refs       map[string]string // texts by the import path
	Canonical  string            // the text that was stored
	Serialized string            // what format=serialized gave, when it was asked
	Error      string            // Confluent's words
	Meaning    bool              // the words came after the candidate as Java prints it
}

func goldenTexts(t testing.TB) []recorded {
	t.Helper()
	return golden[recorded](t, "testdata/texts.jsonl")
}

// golden reads a file of what was recorded.
func golden[T any](t testing.TB, name string) []T {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var r T
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		t.Fatal("nothing recorded")
	}
	return out
}

// files resolves references whose subject is the import path.
type files map[string]string

func (f files) Resolve(r schema.Reference) (schema.Document, error) {
	text, ok := f[r.Name]
	if !ok {
		return schema.Document{}, errors.New("not there")
	}
	return schema.Document{Text: text}, nil
}

func (f files) document(text string) schema.Document {
	d := schema.Document{Text: text}
	for name := range f {
		d.References = append(d.References, schema.Reference{Name: name, Subject: name, Version: 1})
	}
	return d
}

func TestRecordedTexts(t *testing.T) {
	for _, r := range goldenTexts(t) {
		refs := files(r.Refs)
		s, err := Parse(refs.document(r.Text), refs, schema.Options{})
		if r.Error != "" {
			var syntax *schema.SyntaxError
			if !errors.As(err, &syntax) || syntax.Words != r.Error || syntax.Meaning != r.Meaning {
				t.Errorf("%s\ngot  %v %#v\nwant %s", r.Text, err, syntax, r.Error)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s\n%v", r.Text, err)
			continue
		}
		got := s.Canonical()
		if r.Normalize {
			got = s.Normalized()
		}
		if diff := cmp.Diff(r.Canonical, got); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", r.Text, diff)
		}
		if r.Serialized != "" {
			if got, err := s.Serialized(); got != r.Serialized || err != nil {
				t.Errorf("%s\nserialized %s (%v), want %s", r.Text, got, err, r.Serialized)
			}
		}
		again, err := Parse(refs.document(got), refs, schema.Options{})
		if err != nil || again.Normalized() != s.Normalized() || !r.Normalize && again.Canonical() != got {
			t.Errorf("%s\nis another schema when it is read again (%v)", got, err)
		}
	}
}

// recordedPair is a pair of texts with the findings of Confluent's registry, old first at level FULL.
type recordedPair struct {
	Name, Level, Old, New string
	Refs                  map[string]string
	Messages              []string
}

func goldenPairs(t testing.TB) []recordedPair {
	t.Helper()
	return golden[recordedPair](t, "testdata/pairs.jsonl")
}

func mustParse(t testing.TB, text string, refs map[string]string) *Schema {
	t.Helper()
	s, err := Parse(files(refs).document(text), files(refs), schema.Options{})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return s
}

func lines(diffs []schema.Difference, reader, writer string) []string {
	var out []string
	for _, d := range diffs {
		out = append(out, d.Line(reader, writer))
	}
	return out
}

func TestRecordedPairs(t *testing.T) {
	for _, p := range goldenPairs(t) {
		before, after := mustParse(t, p.Old, p.Refs), mustParse(t, p.New, p.Refs)
		var got []string
		if p.Level == "FORWARD" || p.Level == "FULL" {
			got = append(got, lines(before.CanRead(after), "old", "new")...)
		}
		if p.Level == "BACKWARD" || p.Level == "FULL" {
			got = append(got, lines(after.CanRead(before), "new", "old")...)
		}
		if diff := cmp.Diff(p.Messages, got, cmp.Transformer("", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", p.Name, p.Level, diff)
		}
	}
}
