package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"plain", "plain"},
		{"in the %s schema and the %s schema", "in the new schema and the old schema"},
		{"%s first", "new first"},
		{"100%% of %s%% in %s", "100% of new% in old"},
		{"%s %s %s", "new old %s"},
		{"%%s is no side, %s is", "%s is no side, new is"},
		{"%d stays", "%d stays"},
		{"", ""},
		{"%", "%"},
	} {
		if got := (Difference{Message: c.message}).Line("new", "old"); got != c.want {
			t.Errorf("Line(%q) = %q, want %q", c.message, got, c.want)
		}
	}
}

func TestSortReferences(t *testing.T) {
	refs := []Reference{{"n", "b", 1}, {"n", "a", 2}, {"m", "a", 1}, {"n", "a", 2}, {"l", "a", 1}}
	want := []Reference{{"m", "a", 1}, {"l", "a", 1}, {"n", "a", 2}, {"n", "b", 1}}
	if diff := cmp.Diff(want, SortReferences(refs)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if refs[0] != (Reference{"n", "b", 1}) {
		t.Error("the argument was changed")
	}
	if got := SortReferences(nil); got != nil {
		t.Errorf("of none: %v", got)
	}
}

func TestSyntaxError(t *testing.T) {
	if got := (&SyntaxError{Line: 2, Column: 3, Msg: "m"}).Error(); got != "line 2, column 3: m" {
		t.Error(got)
	}
	if got := (&SyntaxError{Msg: "m"}).Error(); got != "m" {
		t.Error(got)
	}
}

// The numbers are Double.parseDouble's and Float.parseFloat's.
func TestParseFloat(t *testing.T) {
	for text, want := range map[string]string{"1": "1.0", " 1.50f ": "1.5", "+2d": "2.0", "-.5": "-0.5", "1.": "1.0", "0x1p3": "8.0", "1e999": "Infinity",
		"-Infinity": "-Infinity", "+NaN": "NaN", "-NaN": "NaN", "\t7\n": "7.0"} {
		for _, bits := range []int{32, 64} {
			f, ok := ParseFloat(text, bits)
			if got := string(AppendFloat(nil, f, bits)); !ok || got != want {
				t.Errorf("%q in %d bits: %s, %t, want %s", text, bits, got, ok, want)
			}
		}
	}
	if f, _ := ParseFloat("1e39", 32); string(AppendFloat(nil, f, 32)) != "Infinity" {
		t.Errorf("1e39 is %v", f)
	}
	for _, text := range []string{"", " ", "x", "1x", "inf", "nan", "1e", "0x1", "1_0", "1 2", "--1", "1ff"} {
		if f, ok := ParseFloat(text, 64); ok {
			t.Errorf("%q is %v", text, f)
		}
	}
}
