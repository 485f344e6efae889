package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
)

type pair struct {
	name           string
	writer, reader *logical.Schema
	want           []string // rule, path and targets
}

func comparePairs(t *testing.T, pairs []pair) {
	t.Helper()
	for _, p := range pairs {
		if diff := cmp.Diff(lines(p.want...), told(Compare(all, p.writer, p.reader))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", p.name, diff)
		}
	}
}

const (
	everyone  = " (FLINK, ICEBERG_V2, ICEBERG_V3)"
	onlyFlink = " (FLINK)"
	onlyV2    = " (ICEBERG_V2)"
	icebergs  = " (ICEBERG_V2, ICEBERG_V3)"
)

var (
	integer = of(logical.Int)
	bigint  = of(logical.BigInt)
	one     = logical.Number("1")
	empty   = []logical.Value{}
)

// TestCollectionDefaults is about defaults that DDL cannot say.
func TestCollectionDefaults(t *testing.T) {
	was := table(f("a", integer))
	add := func(new logical.Field) *logical.Schema { return table(f("a", integer), new) }
	object := logical.Object{}
	comparePairs(t, []pair{
		{"added ARRAY", was, add(def("b", array(text()), empty)), nil},
		{"added MAP", was, add(def("b", dict(text(), text()), object)), nil},
		{"added MULTISET", was, add(def("b", bag(text()), empty)), nil},
		{"added STRUCT", was, add(def("b", row(f("x", integer)), object)), []string{"REQUIRED_FIELD_ADDED b" + onlyV2}},
		{"added VARIANT", was, add(def("b", of(logical.Variant), "{}")), []string{"REQUIRED_FIELD_ADDED b" + icebergs}},
		{"added INT that is NULL by default", was, add(def("b", integer, nil)), []string{"REQUIRED_FIELD_ADDED b" + everyone}},
		{"added name of a collection", was, doc(row(f("a", integer), def("b", ref("L"), empty)), named("L", array(text()))), nil},
		{"collection no longer nullable", col(null(array(text()))), table(def("c", array(text()), empty)),
			[]string{"NULLABLE_TO_NON_NULLABLE c" + onlyFlink}},
		{"default made NULL", table(def("c", integer, one)), table(def("c", integer, nil)),
			[]string{"NON_NULLABLE_DEFAULT_REMOVED c" + onlyFlink}},
		{"NULL as a default removed", table(def("c", integer, nil)), col(integer), nil},
	})
}

// TestOddTrees is about trees that no DDL makes: names of what is no STRUCT, a body that is the root itself, a length of 0.
func TestOddTrees(t *testing.T) {
	tree := func(extra ...logical.Field) *logical.Schema {
		body := row(append([]logical.Field{f("children", array(ref("N")))}, extra...)...)
		return doc(body, named("N", body))
	}
	varchar := func(n int) *logical.Schema { return col(sized(logical.Varchar, n)) }
	varbinary := func(n int) *logical.Schema { return col(sized(logical.Varbinary, n)) }
	shrunk := []string{"UNSUPPORTED_TYPE_CHANGE c" + onlyFlink}
	comparePairs(t, []pair{
		{"recursive as the root itself", tree(), tree(f("x", integer)), []string{"REQUIRED_FIELD_ADDED x" + everyone}},
		{"by way of another", doc(row(f("a", ref("N"))), named("N", ref("M")), named("M", bigint)), table(f("a", bigint)), nil},
		{"a name that is only itself", doc(ref("X"), named("X", ref("X"))), doc(ref("X"), named("X", ref("X"))), nil},
		{"VARCHAR(0) to VARCHAR(5)", varchar(0), varchar(5), shrunk},
		{"VARCHAR(5) to VARCHAR(0)", varchar(5), varchar(0), nil},
		{"VARCHAR(0) to STRING", varchar(0), col(text()), nil},
		{"STRING to VARCHAR(0)", col(text()), varchar(0), nil},
		{"VARBINARY(0) to VARBINARY(5)", varbinary(0), varbinary(5), shrunk},
		{"a precision that is too large anyway", col(dec(38, 2)), col(dec(40, 2)), nil},
	})
}

func TestCompareNothing(t *testing.T) {
	s := col(&logical.Type{Kind: logical.Map})
	if got := Compare(all, s, s); got != nil {
		t.Errorf("a map of nothing and itself: %v", got)
	}
	if got := told(Compare(Flink, col(nil), col(integer))); got != "TYPE_MISMATCH c (FLINK)\n" {
		t.Errorf("nothing and a value: %q", got)
	}
	if got := Compare(all, nil, s); got != nil {
		t.Errorf("no schema: %v", got)
	}
	if got := Compare(0, col(bigint), col(integer)); got != nil {
		t.Errorf("no target: %v", got)
	}
}
