package policy

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/logical/logicaltest"
)

// script returns a script of the columns of a table; a script itself.
func script(text string) string {
	switch strings.Fields(text)[0] {
	case "STRUCT", "ENUM", "TYPE":
		return text
	}
	return "TYPE STRUCT(" + text + ") NOT NULL"
}

func readDDL(text string) (*logical.Schema, error) {
	parsed, err := ddl.Parse(script(text))
	if err != nil {
		return nil, err
	}
	return parsed.Schema()
}

// letters are who objects, as the tables have it.
func letters(t Target) string {
	s := ""
	for _, one := range []struct {
		target Target
		letter string
	}{{Flink, "F"}, {IcebergV2, "2"}, {IcebergV3, "3"}} {
		if t&one.target != 0 {
			s += one.letter
		}
	}
	return s
}

// blocks calls yield with the blocks of a table without its comments: a block ends at an empty line.
func blocks(t testing.TB, file string, yield func(block []string)) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range strings.Split(string(text), "\n\n") {
		var lines []string
		for _, line := range strings.Split(block, "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		if lines != nil {
			yield(lines)
			n++
		}
	}
	if n < 10 {
		t.Errorf("%s: %d blocks", file, n)
	}
}

func TestCompareTable(t *testing.T) { compareTable(t, "compare.txt", readDDL) }

// compareTable compares the pairs of a table.
func compareTable(t *testing.T, file string, read func(text string) (*logical.Schema, error)) {
	t.Helper()
	must := func(text string) *logical.Schema {
		s, err := read(text)
		if err != nil {
			t.Fatalf("%s: %s: %v", file, text, err)
		}
		return s
	}
	blocks(t, file, func(block []string) {
		var writer, reader *logical.Schema
		var want, got []string
		for _, line := range block {
			switch {
			case strings.HasPrefix(line, "- "):
				writer = must(line[2:])
			case strings.HasPrefix(line, "+ "):
				reader = must(line[2:])
			case reader != nil:
				want = append(want, line)
			}
		}
		for _, f := range Compare(all, writer, reader) {
			got = append(got, string(f.Rule)+" "+f.Path+" "+letters(f.Target))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", strings.Join(block, "\n"), diff)
		}
	})
}

// TestRandom holds for random schemas what is so of any: a schema can follow itself, a column that may be NULL can be added to
// it, and what Iceberg's version 3 objects to, version 2 does as well.
func TestRandom(t *testing.T) {
	valid, refused := 0, 0
	random := func(seed uint64) *logical.Schema {
		return logicaltest.Random(rand.New(rand.NewPCG(seed, 3)), int(seed%50))
	}
	for seed := range uint64(2000) {
		s := random(seed)
		if found := Compare(all, s, s); found != nil {
			t.Fatalf("seed %d: %v", seed, found)
		}
		if found := Compare(all, s, random(seed)); found != nil {
			t.Fatalf("seed %d, of another reading: %v", seed, found)
		}
		if len(Validate(all, s)) == 0 {
			valid++
		}
		if s.Root.Kind == logical.Struct {
			more := *s
			root := *s.Root
			root.Fields = append(slices.Clone(root.Fields), f("added", null(row(f("x", integer)))))
			more.Root = &root
			if found := Compare(all, s, &more); found != nil {
				t.Fatalf("seed %d: %v", seed, found)
			}
			if found := Compare(all, &more, s); told(found) != "FIELD_DELETED added"+icebergs+"\n" {
				t.Fatalf("seed %d: %v", seed, found)
			}
		}
		for _, f := range Compare(all, s, random(seed+1)) {
			if refused++; f.Target&IcebergV3 != 0 && f.Target&IcebergV2 == 0 {
				t.Fatalf("seed %d: %v", seed, f)
			}
		}
	}
	if valid < 200 || refused < 1000 {
		t.Errorf("%d valid schemas, %d findings: too few to show anything", valid, refused)
	}
}
