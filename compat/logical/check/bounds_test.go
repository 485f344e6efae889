package check

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHostile translates what is large or deep. Whatever comes of it, it comes while somebody waits, and a message is not much
// longer than its expression.
func TestHostile(t *testing.T) {
	nest := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for name, sql := range map[string]string{
		"parentheses":     nest("(", "ok", ")", 100_000),
		"few parentheses": nest("(", "ok", ")", 77),
		"NOT":             nest("NOT ", "ok", "", 1_000),
		"many NOT":        nest("NOT ", "ok", "", 1_000_000),
		"GREATEST":        nest("GREATEST(n, ", "m", ")", 60) + " > 1",
		"GREATEST twice":  nest("GREATEST(", "m", ", n)", 60) + " > 1.5",
		"COALESCE":        "COALESCE(" + nest("", "n", ", n", 20_000) + ") = 1",
		"NULLIF":          nest("NULLIF(n, ", "m", ")", 60) + " > 1",
		"SYMMETRIC":       nest("CASE WHEN n BETWEEN SYMMETRIC 1 AND ", "m", " THEN 1 ELSE 2 END", 60) + " = 1",
		"CASE":            nest("CASE WHEN ok THEN ", "ok", " ELSE ok END", 70),
		"EVERY":           nest("EVERY(tags, t, ", "ok", ")", 60),
		"OR":              nest("", "ok", " OR ok", 110_000),
		"some OR":         nest("", "ok", " OR ok", 6_000),
		"+":               nest("", "n", " + n", 10_000) + " = 1",
		"some +":          nest("", "n", " + n", 200) + " = 1",
		"decimal +":       nest("", "price", " + n", 2_000) + " = 1",
		"IN":              "n IN (1" + nest("", "", ", 1", 110_000) + ")",
		"some IN":         "n IN (1" + nest("", "", ", 1", 20_000) + ")",
		"string":          "s = '" + strings.Repeat("x", 5_000_000) + "'",
		"pattern":         "s LIKE '" + strings.Repeat("%", 40_000) + "'",
		"regex":           "MATCHES(s, '" + nest("(", "a", "){1000}", 100) + "')",
		"wrong types":     nest("", "n = 1", " AND n > s", 5_000),
		"wrong in a line": "s IN (1" + nest("", "", ", 2", 20_000) + ")",
		"path":            nest("", "home", ".next", 20_000) + ".zip = 1",
		"unknown path":    nest("", "there", ".next", 5_000) + " IS NULL",
		"index":           nest("counts[1 + ", "n", "]", 60) + " = 1",
		"IN in IN":        nest("n IN (", "n", ")", 90),
		"IN (a) in IN":    nest("n IN (", "n", ") + 1", 90),
	} {
		start := time.Now()
		text, err := translate(sql)
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s: %s", name, d)
		}
		message := fmt.Sprint(err)
		if err != nil && len(message) > 10_000+len(sql) {
			t.Errorf("%s: a message of %d bytes", name, len(message))
		}
		if testing.Verbose() {
			t.Logf("%-16s %8s %7d of CEL %.150s", name, time.Since(start).Round(time.Millisecond), len(text), message)
		}
	}
}

func TestDepthIsConfluents(t *testing.T) {
	for sql, want := range map[string]bool{
		strings.Repeat("(", 77) + "n" + strings.Repeat(")", 77) + " > 0": true,
		strings.Repeat("(", 78) + "n" + strings.Repeat(")", 78) + " > 0": false,
	} {
		_, err := translate(sql)
		if (err == nil) != want || err != nil && !strings.Contains(err.Error(),
			"CHECK expression nesting depth exceeds 1024 — simplify") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
