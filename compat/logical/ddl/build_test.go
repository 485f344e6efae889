package ddl

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

func TestSchemaFaults(t *testing.T) {
	const (
		noType = "No type to register. Add a 'STRUCT <name> (...)' or 'ENUM <name> (...)' declaration (which the script will " +
			"auto-register) or a trailing 'TYPE <typeExpr>' statement."
		noRoot = "line 1, column 1: Cannot infer the type to register: dependency cycle among defined types: %s. Add an explicit " +
			"trailing 'TYPE <name>' statement."
	)
	for _, c := range []struct{ name, text, want string }{
		{"nothing declared", "NAMESPACE a;", "line 1, column 1: " + noType},
		{"only a comment", "// a", "line 1, column 5: " + noType},
		{"a name declared twice", "STRUCT A (x INT);\nENUM A ('B')", "line 2, column 6: Duplicate named type: A"},
		{"twice in a namespace", "NAMESPACE n; STRUCT A (x INT); STRUCT n.A (x INT)", "line 1, column 39: Duplicate named type: n.A"},
		{"a field twice", "STRUCT A (x INT,\n x INT)", "line 2, column 2: Duplicate field: x"},
		{"a symbol twice", "ENUM A ('x', 'x')", "line 1, column 14: Duplicate enum symbol: x"},
		{"a branch twice", "TYPE UNION(x INT, x INT)", "line 1, column 19: Duplicate union branch: x"},
		{"a parent missing", "STRUCT A (x INT); STRUCT A.B.C (x INT)",
			"line 1, column 26: Nested type 'A.B.C' has no immediate parent. Found ancestor 'A' but missing 'A.B'. Declare 'A.B' first."},
		{"a nested root", "NAMESPACE n; STRUCT A (x INT); STRUCT A.B (x INT); STRUCT A.B.C (x INT); TYPE A.B.C",
			"line 1, column 74: Cannot register nested type 'n.A.B.C' as the root; register 'n.A' instead."},
		{"a cycle", "STRUCT X (a A); STRUCT A (b ARRAY<B>); STRUCT B (x X, a A)", fmt.Sprintf(noRoot, "X -> A -> B -> X")},
		{"a cycle behind others", "STRUCT A (c C, b B); STRUCT C (c C); STRUCT B (a A)", fmt.Sprintf(noRoot, "A -> B -> A")},
		{"used by what is nested", "STRUCT A (x INT); STRUCT A.B (a A)", fmt.Sprintf(noRoot, "?")},
		{"a field without a name", "STRUCT A (`` INT)", "line 1, column 11: Field name must not be empty"},
		{"a space in a field's name", "STRUCT A (`a b` INT)",
			"line 1, column 11: Field name must not contain whitespace or control characters; got: 'a b'"},
		{"a symbol without a name", "ENUM A ('')", "line 1, column 9: Enum symbol name must not be empty"},
		{"an ideographic space in a branch's name", "TYPE UNION(`a\u3000b` INT)",
			"line 1, column 12: Union branch name must not contain whitespace or control characters; got: 'a\u3000b'"},
		{"a type without a name", "STRUCT `` (x INT)", "line 1, column 8: identifier must not be empty"},
		{"a namespace with an empty part", "NAMESPACE a.``.b; TYPE INT", "line 1, column 11: identifier must not be empty"},
		{"a reference to nothing", "TYPE `.`", "line 1, column 6: identifier must not be empty"},
		{"an alias for nothing", "USING TYPE a FOR TYPE `a..`; TYPE a", "line 1, column 23: identifier must not be empty"},
		{"a long namespace in many names",
			"NAMESPACE " + strings.Repeat("n", 1<<20) + ";\nTYPE STRUCT(" + strings.Repeat("x X, ", 200) + "x X)",
			"line 2, column 645: the script's names are too long"},
		{"constraints without end", "STRUCT A (x INT" + strings.Repeat(" CHECK (x > 0)", 8193) + ")",
			"line 1, column 17: the script has too many constraints"},
		{"constraints on fields without end", "STRUCT A (" + manyFields(1<<12) + strings.Repeat(", CHECK (f0 > 0)", 1<<8) + ")",
			"line 1, column 43957: the script has too many constraints"},
		{"a precision too large", "TYPE TIME(10)", "line 1, column 11: TIME precision must be in [0, 9], got 10"},
		{"a negative precision", "TYPE TIMESTAMP(-1) WITH LOCAL TIME ZONE",
			"line 1, column 16: TIMESTAMP_LTZ precision must be in [0, 9], got -1"},
		{"a length too large", "TYPE CHAR(2147483648)", "line 1, column 11: CHAR length must be in [0, 2147483647], got 2147483648"},
		{"a negative scale", "TYPE DECIMAL(1, -1)", "line 1, column 17: DECIMAL scale must be in [0, 2147483647], got -1"},
	} {
		wantFault(t, c.name, c.text, c.want)
	}
}

func TestUsingFaults(t *testing.T) {
	const (
		shadowed = "USING TYPE declared for name(s) that are also locally declared as STRUCT/ENUM — a USING TYPE names something " +
			"resolved elsewhere, so it must not collide with a local declaration: "
		dangling = "USING TYPE declared for name(s) that aren't referenced by any local type or by the root — an unused USING TYPE " +
			"has no effect: "
		chained = "USING TYPE alias targets that are themselves aliases — chains are not resolved, so each alias must name its " +
			"type directly: "
	)
	for _, c := range []struct{ name, text, want string }{
		{"no URI", "USING TYPE A FOR REF ' '; TYPE A", "line 1, column 22: USING TYPE A FOR REF clause must be a non-empty URI"},
		{"a name twice", "USING TYPE A FOR REF 'a'; USING TYPE A FOR TYPE x.A; TYPE A",
			"line 1, column 38: Duplicate USING TYPE: A (each alias FQN may be declared at most once)"},
		{"itself", "USING TYPE A FOR TYPE A; TYPE A", "line 1, column 23: USING TYPE A FOR TYPE A aliases a name to itself"},
		{"a reference that nothing uses", "NAMESPACE n; USING TYPE A FOR REF 'a'; TYPE INT",
			"line 1, column 25: " + dangling + "[n.A]"},
		{"aliases that nothing uses", "USING TYPE A FOR TYPE x.A; USING TYPE B FOR TYPE x.B; TYPE INT",
			"line 1, column 12: " + dangling + "[A, B]"},
		{"a declared type", "NAMESPACE n; USING TYPE A FOR TYPE x.A; STRUCT A (x INT); STRUCT B (a A); TYPE B",
			"line 1, column 25: " + shadowed + "[n.A]"},
		{"an alias of an alias", "USING TYPE A FOR TYPE B; USING TYPE B FOR TYPE x.B; TYPE STRUCT(a A, b B)",
			"line 1, column 23: " + chained + "[B]"},
	} {
		wantFault(t, c.name, c.text, c.want)
	}
}

func wantFault(t *testing.T, name, text, want string) {
	t.Helper()
	script, err := Parse(text)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	_, err = script.Schema()
	var syntax *schema.SyntaxError
	if !errors.As(err, &syntax) || !syntax.Meaning || err.Error() != want {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name, text     string
		root           string // "": it has been unwrapped
		rootName       string
		nullable       bool
		named, outside []string
	}{
		{name: "one type", text: "STRUCT A (x INT)", rootName: "A"},
		{name: "one type, named as the root", text: "STRUCT A (x INT); TYPE A", rootName: "A", nullable: true},
		{name: "the first of several", text: "STRUCT A (x INT); STRUCT B (y INT)", rootName: "A", named: []string{"B"}},
		{name: "the one that no other uses", text: "STRUCT A (x INT); STRUCT B (a A)", rootName: "B", named: []string{"A"}},
		{name: "one that uses itself", text: "STRUCT A (a A)", root: "A", named: []string{"A"}},
		{name: "one with a nested type", text: "STRUCT A (x INT); STRUCT A.B (y INT)", root: "A", named: []string{"A", "A.B"}},
		{name: "a root that a peer uses", text: "STRUCT A (x INT); STRUCT B (a A); TYPE A NOT NULL", root: "A",
			named: []string{"A", "B"}},
		{name: "in a namespace", text: "NAMESPACE n.m; STRUCT A (b B, c x.C, d D); ENUM B ('x')", rootName: "A",
			named:   []string{"n.m.B"},
			outside: []string{"x.C", "n.m.D"}},
		{name: "written in full", text: "NAMESPACE n; STRUCT n.A (b n.B); ENUM n.B ('x')", rootName: "A", named: []string{"n.B"}},
		{name: "of another namespace", text: "NAMESPACE n; STRUCT x.A (x INT)", root: "x.A", named: []string{"x.A"}},
		{name: "nested in a namespace", text: "NAMESPACE n; STRUCT A (b A.B); STRUCT A.B (c n.A.B.C); ENUM n.A.B.C ('x')", root: "n.A",
			named: []string{"n.A", "n.A.B", "n.A.B.C"}},
		{name: "an external root", text: "TYPE x.A NOT NULL", root: "x.A", outside: []string{"x.A"}},
		{name: "an alias", text: "NAMESPACE n; USING TYPE P FOR TYPE Q; USING TYPE R FOR TYPE x.R; STRUCT A (p P, r R NOT NULL)",
			rootName: "A", outside: []string{"Q", "x.R"}},
		{name: "an alias of a declared type", text: "USING TYPE I FOR TYPE A.I; STRUCT A.I (x INT); STRUCT B (i I)", rootName: "B",
			named: []string{"A.I"}},
		{name: "an external prefix", text: "NAMESPACE n; TYPE x.A.B", root: "x.A.B", outside: []string{"x.A.B"}, nullable: true},
	} {
		s := read(t, c.text)
		var named []string
		for _, d := range s.Named {
			named = append(named, d.Name)
		}
		root := ""
		if s.Root.Kind == logical.Named {
			root = s.Root.Name
		}
		if diff := cmp.Diff([]any{c.root, c.rootName, c.nullable, c.named, c.outside},
			[]any{root, s.Name, s.Root.Nullable, named, s.External}); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestImports(t *testing.T) {
	s := read(t, "NAMESPACE n; USING TYPE A FOR REF 'a.json#/it''s'; USING TYPE x.B FOR REF 'b'; TYPE STRUCT(b x.B, a ARRAY<A>)")
	want := []logical.Import{{Name: "n.A", URI: "a.json#/it's"}, {Name: "x.B", URI: "b"}}
	if diff := cmp.Diff(want, s.Imports); diff != "" {
		t.Error(diff)
	}
	if s.Import("n.A") != "a.json#/it's" || !s.IsExternal("x.B") {
		t.Errorf("%+v", s)
	}
}

func manyFields(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf("f%d INT", i)
	}
	return strings.Join(fields, ", ")
}
