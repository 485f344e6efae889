package compat_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

func parse(t testing.TB, text string) schema.Schema {
	t.Helper()
	s, err := avro.Format{}.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatalf("parsing %s: %v", text, err)
	}
	return s
}

func versions(t testing.TB, texts ...string) []compat.Previous {
	t.Helper()
	var out []compat.Previous
	for i, text := range texts {
		out = append(out, compat.Previous{Version: i + 1, Schema: parse(t, text)})
	}
	return out
}

// TestConfluent replays what Confluent Schema Registry 8.5 answered about Avro schemas.
func TestConfluent(t *testing.T) {
	data, err := os.ReadFile("testdata/confluent-avro.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var c struct {
			Level    string
			Previous []struct {
				Version int
				Schema  string
			}
			Candidate  string
			Compatible bool
			Lines      []string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		level, ok := compat.ParseLevel(c.Level)
		if !ok {
			t.Fatalf("line %d: level %q", n, c.Level)
		}
		var previous []compat.Previous
		for _, p := range c.Previous {
			previous = append(previous, compat.Previous{Version: p.Version, Schema: parse(t, p.Schema)})
		}
		got := compat.Check(level, parse(t, c.Candidate), previous)
		if (got == nil) != c.Compatible {
			t.Errorf("line %d: compatible %v, want %v", n, got == nil, c.Compatible)
		}
		if diff := cmp.Diff(c.Lines, append([]string{}, got...)); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", n, diff)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for in, want := range map[string]compat.Level{
		"BACKWARD": compat.Backward, "backward_transitive": compat.BackwardTransitive, "Full": compat.Full, "none": compat.None,
		"FORWARD": compat.Forward, "forward_TRANSITIVE": compat.ForwardTransitive, "full_transitive": compat.FullTransitive,
	} {
		if got, ok := compat.ParseLevel(in); !ok || got != want {
			t.Errorf("ParseLevel(%q) = %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "BACK", " BACKWARD", "FULL-TRANSITIVE", "ſull"} {
		if got, ok := compat.ParseLevel(in); ok {
			t.Errorf("ParseLevel(%q) = %q", in, got)
		}
	}
}

func TestTransitive(t *testing.T) {
	const (
		plain  = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`
		filled = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0}]}`
		needs  = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}`
		text   = `{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}`
	)
	for _, c := range []struct {
		name     string
		level    compat.Level
		previous []string
		next     string
		against  int // 0: compatible
	}{
		{"nothing before", compat.FullTransitive, nil, needs, 0},
		{"only the last counts", compat.Backward, []string{plain, filled}, needs, 0},
		{"every one counts", compat.BackwardTransitive, []string{plain, filled}, needs, 1},
		{"stops at the newest refusal", compat.BackwardTransitive, []string{text, plain, filled}, needs, 2},
		{"forward", compat.Forward, []string{text, needs}, plain, 2},
		{"forward, last fits", compat.Forward, []string{needs, plain}, plain, 0},
		{"forward, all", compat.ForwardTransitive, []string{needs, plain}, plain, 1},
		{"none", compat.None, []string{text}, needs, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := compat.Judge(c.level, parse(t, c.next), versions(t, c.previous...))
			if v.Against.Version != c.against || v.Compatible() != (c.against == 0) {
				t.Errorf("judged against version %d (compatible %v), want %d", v.Against.Version, v.Compatible(), c.against)
			}
		})
	}
}

// TestLongSchema holds that only the start of a long schema is listed, counted as Java counts.
func TestLongSchema(t *testing.T) {
	for _, c := range []struct {
		name string
		doc  string
		cut  bool
	}{
		{"short", "d", false},
		{"long", strings.Repeat("x", 11_000), true},
		{"many bytes, few characters", strings.Repeat("é", 9_000), false},
		{"surrogate pairs", strings.Repeat("😀", 6_000), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := `{"type":"record","name":"R","doc":"` + c.doc + `","fields":[]}`
			lines := compat.Check(compat.Backward, parse(t, `"int"`), versions(t, old))
			last := lines[len(lines)-1]
			want := "{oldSchema: '" + parse(t, old).Canonical() + "'}"
			if c.cut {
				shown, ok := strings.CutPrefix(strings.TrimSuffix(last, "...'}"), "{oldSchema: <truncated> '")
				if !ok || !strings.HasSuffix(last, "...'}") || len([]rune(shown)) > 10*1024 || len(shown) < 10*1024-4 {
					t.Errorf("got %.40s…, %d bytes", last, len(last))
				}
			} else if last != want {
				t.Errorf("got %.80s", last)
			}
		})
	}
}
