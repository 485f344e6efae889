package policy

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/ddl"
)

// FuzzCompare judges what any two scripts say: no schema is refused as its own successor, and every finding can be told in a line.
func FuzzCompare(f *testing.F) {
	blocks(f, "compare.txt", func(block []string) {
		var pair []string
		for _, line := range block {
			if strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "+ ") {
				pair = append(pair, script(line[2:]))
			}
		}
		f.Add(pair[0], pair[1])
	})
	parse := func(text string) *logical.Schema {
		script, err := ddl.Parse(text)
		if err != nil {
			return nil
		}
		s, err := script.Schema()
		if err != nil {
			return nil
		}
		return s
	}
	f.Fuzz(func(t *testing.T, writer, reader string) {
		w, r := parse(writer), parse(reader)
		for _, s := range []*logical.Schema{w, r} {
			if found := Compare(all, s, s); found != nil {
				t.Errorf("itself: %v", found)
			}
		}
		found := append(Compare(all, w, r), Validate(all, w)...)
		for _, f := range found {
			if line := f.Difference().Line("new", "old"); f.Target == 0 || f.Message == "" || !strings.Contains(line, f.Message) {
				t.Errorf("%#v", f)
			}
		}
	})
}
