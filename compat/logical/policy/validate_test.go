package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
)

func TestValidate(t *testing.T) {
	char0 := sized(logical.Char, 0)
	for _, c := range []struct {
		name   string
		schema *logical.Schema
		want   []string
	}{
		{"well-formed", table(f("a", bigint), f("b", null(text())), f("c", dec(38, 38)), f("d", timed(logical.Timestamp, 6))), nil},
		{"a value", doc(integer), nil},
		{"an ENUM without symbols", col(enum()), nil},
		{"TIME finer than milliseconds", col(timed(logical.Time, 9)), nil},
		{"a MULTISET", col(bag(text())), nil},

		{"no columns", doc(row()), []string{"EMPTY_STRUCT " + icebergs}},
		{"a struct without fields", col(row()), []string{"EMPTY_STRUCT c" + icebergs}},
		{"a union without branches", col(union()), []string{"EMPTY_STRUCT c" + icebergs}},

		{"names that differ in case", table(f("id", integer), f("ID", integer)), []string{"FIELD_NAME_CASE_COLLISION " + icebergs}},
		{"branches that differ in case", col(union(f("b", integer), f("B", text()))),
			[]string{"FIELD_NAME_CASE_COLLISION c" + icebergs}},
		{"three names of one, two of another",
			table(f("ab", integer), f("aB", integer), f("x", integer), f("AB", integer), f("X", integer)),
			[]string{"FIELD_NAME_CASE_COLLISION " + icebergs, "FIELD_NAME_CASE_COLLISION " + icebergs}},
		{"names in different structs", table(f("a", row(f("x", integer))), f("b", row(f("X", integer)))), nil},
		{"a letter that lowers to two", table(f("i", integer), f("İ", integer)), nil},

		{"a precision too large", col(dec(39, 0)), []string{"PRECISION_OUT_OF_RANGE c" + everyone}},
		{"a precision of 0", col(dec(0, 0)), []string{"PRECISION_OUT_OF_RANGE c" + everyone}},
		{"a scale above the precision", col(dec(5, 6)), []string{"SCALE_OUT_OF_RANGE c" + everyone}},
		{"a negative scale", col(dec(5, -2)), []string{"SCALE_OUT_OF_RANGE c" + everyone}},
		{"no scale", col(dec(5, logical.Unstated)), nil},
		{"no scale and a negative precision", col(dec(-5, logical.Unstated)), []string{"PRECISION_OUT_OF_RANGE c" + everyone}},
		{"both", col(dec(40, 41)), []string{"PRECISION_OUT_OF_RANGE c" + everyone, "SCALE_OUT_OF_RANGE c" + everyone}},

		{"CHAR(0)", col(char0), []string{"LENGTH_OUT_OF_RANGE c" + everyone}},
		{"BINARY(0)", col(sized(logical.Binary, 0)), []string{"LENGTH_OUT_OF_RANGE c" + everyone}},
		{"CHAR(1)", col(sized(logical.Char, 1)), nil},
		{"VARCHAR(0)", col(sized(logical.Varchar, 0)), nil},
		{"VARBINARY(0)", col(sized(logical.Varbinary, 0)), nil},
		{"VARCHAR(-2)", col(sized(logical.Varchar, -2)), []string{"LENGTH_OUT_OF_RANGE c" + everyone}},

		{"nanoseconds", col(timed(logical.Timestamp, 7)), []string{"UNREPRESENTABLE_TYPE c" + onlyV2}},
		{"nanoseconds of an instant", col(timed(logical.TimestampLTZ, 9)), []string{"UNREPRESENTABLE_TYPE c" + onlyV2}},
		{"a VARIANT", col(of(logical.Variant)), []string{"UNREPRESENTABLE_TYPE c" + onlyV2}},

		{"a recursive type", doc(row(f("c", ref("N")), f("d", ref("N"))), named("N", row(f("next", null(ref("N")))))),
			[]string{"CYCLIC_TYPE c" + everyone, "CYCLIC_TYPE d" + everyone}},
		{"types that contain each other", doc(ref("A"), named("A", row(f("b", array(ref("B"))))), named("B", row(f("a", ref("A"))))),
			[]string{"CYCLIC_TYPE " + everyone}},
		{"a type that contains a recursive one",
			doc(row(f("c", ref("A"))), named("A", row(f("n", ref("N")))), named("N", array(ref("N")))),
			[]string{"CYCLIC_TYPE c.n" + everyone}},
		{"a recursive type that nobody uses", doc(row(f("c", integer)), named("N", array(ref("N")))), nil},
		{"a type that is not there", col(array(ref("X"))), []string{"UNRESOLVED_TYPE_REF c[]" + everyone}},
		{"a bad named type, used twice", doc(row(f("a", ref("M")), f("b", ref("M"))), named("M", row(f("v", char0)))),
			[]string{"LENGTH_OUT_OF_RANGE a.v" + everyone}},
		{"a bad named type that nobody uses", doc(row(f("a", integer)), named("M", char0)), nil},

		{"paths", table(f("a", row(f("b", array(row(f("c", dict(char0, bag(char0))))))))),
			[]string{"LENGTH_OUT_OF_RANGE a.b[].c{key}" + everyone, "LENGTH_OUT_OF_RANGE a.b[].c{}[]" + everyone}},
		{"nothing", &logical.Schema{}, nil},
		{"no schema", nil, nil},
	} {
		if diff := cmp.Diff(lines(c.want...), told(Validate(all, c.schema))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

// TestCyclicAgrees holds cycles beside Schema.Cyclic, which looks at one type at a time.
func TestCyclicAgrees(t *testing.T) {
	refs := func(to ...string) *logical.Type {
		r := row()
		for _, n := range to {
			r.Fields = append(r.Fields, f("to_"+n, ref(n)))
		}
		return r
	}
	s := doc(ref("a"), named("a", refs("b", "x")), named("b", refs("c", "d")), named("c", refs("b", "e")), named("d", refs("d")),
		named("e", refs("f")), named("f", refs("g", "missing")), named("g", refs("e", "h")), named("h", refs()), named("i", refs("a")),
		named("p", refs("q", "r")), named("q", refs()), named("r", refs("q")))
	cyclic := cycles(s, namesOf(s))
	for _, d := range s.Named {
		if got, want := cyclic[d.Name], s.Cyclic(d.Name); got != want {
			t.Errorf("%s: cyclic = %t, want %t", d.Name, got, want)
		}
	}
}
