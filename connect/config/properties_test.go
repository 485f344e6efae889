package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/config"
)

// TestReadProperties holds the format of java.util.Properties.load, as its documentation has it.
func TestReadProperties(t *testing.T) {
	type list = []config.Property
	for _, c := range []struct {
		name, text string
		want       list
		fault      string
	}{
		{"the three separators", "a=1\nb:2\nc 3\n", list{{"a", "1", 1}, {"b", "2", 2}, {"c", "3", 3}}, ""},
		{"blanks around them", "  a \t = \t1 \n", list{{"a", "1 ", 1}}, ""},
		{"one separator only", "a==b\nc = = d\n", list{{"a", "=b", 1}, {"c", "= d", 2}}, ""},
		{"comments and blank lines", "# x\n\n  ! y\na=1#2\n", list{{"a", "1#2", 4}}, ""},
		{"continued lines", "a=1,\\\n   2,\\\r\n\t3\nb=4\n", list{{"a", "1,2,3", 1}, {"b", "4", 4}}, ""},
		{"an escaped backslash does not continue", "a=1\\\\\nb=2", list{{"a", `1\`, 1}, {"b", "2", 2}}, ""},
		{"a comment within a continued line is none", "a=1\\\n#2\n", list{{"a", "1#2", 1}}, ""},
		{"the last line may end in a backslash", "a=1\\", list{{"a", "1", 1}}, ""},
		{"escapes", `a\=b\:c\ d=\t\n\r\f\q\\` + "\n", list{{"a=b:c d", "\t\n\r\fq\\", 1}}, ""},
		{"unicode", `a=\u00e9\ud83d\ude00` + "\nb=é😀\n", list{{"a", "é😀", 1}, {"b", "é😀", 2}}, ""},
		{"line ends of every system", "a=1\rb=2\r\nc=3\n", list{{"a", "1", 1}, {"b", "2", 2}, {"c", "3", 3}}, ""},
		{"a key alone", "a\nb=\n", list{{"a", "", 1}, {"b", "", 2}}, ""},
		{"a byte order mark", "\ufeffa=1\n", list{{"a", "1", 1}}, ""},
		{"a malformed escape", "x=1\na=\\u12\n", list{{"x", "1", 1}}, `f:2: a: has a malformed \u escape`},
		{"a pair without its half", `a=\ud83d` + "\n", list{{"a", "\ufffd", 1}}, ""},
		{"repeated", "a=1\na=2\n", list{{"a", "1", 1}, {"a", "2", 2}}, ""},
		{"long", strings.Repeat("x", 5<<20), nil, "longer than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, faults := config.ReadProperties("f", []byte(c.text))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			text := ""
			if len(faults) > 0 {
				text = faults[0].String()
			}
			if c.fault == "" && text != "" || !strings.Contains(text, c.fault) {
				t.Errorf("the faults are %v", faults)
			}
		})
	}
}
