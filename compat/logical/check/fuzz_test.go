package check

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/schema"
)

// FuzzCEL reads and translates any text. What is refused is so with a place in the text; what is translated compiles, is the
// same when its SQL is read again, and is in time.
func FuzzCEL(f *testing.F) {
	for _, file := range []string{"cel", "refused", "faults"} {
		b, err := os.ReadFile("testdata/" + file + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimRight(line, "\n"); line != "" && line[0] != ' ' && line[0] != '#' {
				f.Add(line)
			}
		}
	}
	f.Fuzz(func(t *testing.T, sql string) {
		start := time.Now()
		scope, sql := scopeOf(sql)
		e, err := parse(sql)
		var text string
		if err == nil {
			text, err = e.CEL(scope)
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s for %d bytes", d, len(sql))
		}
		if err != nil {
			var fault *schema.SyntaxError
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Column < 1 || fault.Line > 1+strings.Count(sql, "\n") {
				t.Fatalf("%q: %v", sql, err)
			}
			return
		}
		env, err := runtime()
		if err != nil {
			t.Fatal(err)
		}
		if _, issues := env.Compile(text); issues.Err() != nil || utf8.RuneCountInString(text) > maxCEL {
			t.Fatalf("%q: %s\n%v", sql, text, issues.Err())
		}
		again, err := parse(e.SQL())
		if err != nil || !strings.Contains(sql, e.SQL()) {
			t.Fatalf("%q: SQL %q, %v", sql, e.SQL(), err)
		}
		if got, err := again.CEL(scope); err != nil || got != text {
			t.Fatalf("%q: %s, again %s, %v", sql, text, got, err)
		}
	})
}
