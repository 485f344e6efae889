package policy

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
)

// FuzzCompare judges what any two scripts say: no schema is refused as its own successor, and every finding has a line.
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
	f.Fuzz(func(t *testing.T, writer, reader string) {
		w, err := readDDL(writer)
		r, failed := readDDL(reader)
		if err != nil || failed != nil {
			return
		}
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
