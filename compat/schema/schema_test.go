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
