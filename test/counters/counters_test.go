package counters

import (
	"strings"
	"testing"
)

func TestHistory(t *testing.T) {
	rec := func(op string, k, n string) string {
		return `{"op":"` + op + `","after":{"key":` + k + `,"n":` + n + `}}`
	}
	for _, c := range []struct {
		name    string
		records []string
		lost    bool
		dup     int
	}{
		{"in order", []string{rec("r", "1", "0"), rec("u", "1", "1"), rec("u", "1", "2")}, false, 0},
		{"replayed", []string{rec("u", "1", "1"), rec("u", "1", "2"), rec("u", "1", "1"), rec("u", "1", "2"), rec("u", "1", "3")}, false, 2},
		{"a gap", []string{rec("u", "1", "1"), rec("u", "1", "3")}, true, 0},
		{"a missing start", []string{rec("u", "1", "2")}, true, 0},
		{"two keys", []string{rec("u", "1", "1"), rec("u", "2", "1"), rec("u", "1", "2")}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h History
			var err error
			for _, r := range c.records {
				if err == nil {
					err = h.Add([]byte(r))
				}
			}
			if (err != nil) != c.lost || h.Duplicates != c.dup && !c.lost {
				t.Errorf("error %v, %d duplicates", err, h.Duplicates)
			}
		})
	}
	var h History
	if err := h.Add([]byte(rec("u", "1", "1"))); err != nil {
		t.Fatal(err)
	}
	if err := h.Reached(map[int]int64{1: 2}); err == nil || !strings.Contains(err.Error(), "key 1") {
		t.Errorf("an unfinished counter passes: %v", err)
	}
}
