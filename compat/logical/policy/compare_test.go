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

func TestAddedColumn(t *testing.T) {
	was := table(f("a", integer))
	add := func(new logical.Field) *logical.Schema { return table(f("a", integer), new) }
	comparePairs(t, []pair{
		{"nullable", was, add(f("b", null(text()))), nil},
		{"required", was, add(f("b", text())), []string{"REQUIRED_FIELD_ADDED b" + everyone}},
		{"with a default", was, add(def("b", integer, one)), []string{"REQUIRED_FIELD_ADDED b" + onlyV2}},
		{"with NULL by default", was, add(def("b", integer, nil)), []string{"REQUIRED_FIELD_ADDED b" + everyone}},
		{"a collection that is empty by default", was, add(def("b", array(text()), empty)), nil},
		{"a MAP with a default", was, add(def("b", dict(text(), text()), logical.Object{})), nil},
		{"a MULTISET with a default", was, add(def("b", bag(text()), empty)), nil},
		{"a collection with NULL by default", was, add(def("b", array(text()), nil)), []string{"REQUIRED_FIELD_ADDED b" + onlyFlink}},
		{"a collection without a default", was, add(f("b", array(text()))), []string{"REQUIRED_FIELD_ADDED b" + everyone}},
		{"a struct with a default", was, add(def("b", row(f("x", integer)), logical.Object{})), []string{"REQUIRED_FIELD_ADDED b" + onlyV2}},
		{"a VARIANT with a default", was, add(def("b", of(logical.Variant), "{}")), []string{"REQUIRED_FIELD_ADDED b" + icebergs}},
		{"a named collection with a default", was, doc(row(f("a", integer), def("b", ref("L"), empty)), named("L", array(text()))), nil},
		{"of an unknown type with NULL by default", was, add(def("b", ref("L"), nil)), []string{"REQUIRED_FIELD_ADDED b" + everyone}},
		{"in the middle", table(f("a", integer), f("z", integer)), table(f("a", integer), f("m", null(integer)), f("z", integer)), nil},
		{"whose type is not looked into", was, add(f("b", null(row(f("x", integer))))), nil},
		{"nested", col(row(f("x", integer))), col(row(f("x", integer), f("y", integer))), []string{"REQUIRED_FIELD_ADDED c.y" + everyone}},
		{"in an element", col(array(row())), col(array(row(f("y", integer)))), []string{"REQUIRED_FIELD_ADDED c[].y" + everyone}},
		{"in a value", col(dict(text(), row())), col(dict(text(), row(f("y", integer)))), []string{"REQUIRED_FIELD_ADDED c{}.y" + everyone}},
	})
}

func TestDroppedColumn(t *testing.T) {
	comparePairs(t, []pair{
		{"dropped", table(f("a", integer), f("b", integer)), table(f("a", integer)), []string{"FIELD_DELETED b" + icebergs}},
		{"renamed", table(f("a", null(integer))), table(f("b", null(integer))), []string{"FIELD_DELETED a" + icebergs}},
		{"renamed and required", table(f("a", integer)), table(f("b", integer)),
			[]string{"REQUIRED_FIELD_ADDED b" + everyone, "FIELD_DELETED a" + icebergs}},
		{"moved", table(f("a", integer), f("b", text()), f("c", text())), table(f("c", text()), f("a", integer), f("b", text())), nil},
		{"in another case", table(f("a", null(integer))), table(f("A", null(integer))), []string{"FIELD_DELETED a" + icebergs}},
		{"after what is found in others", table(f("a", bigint), f("b", integer), f("c", bigint)), table(f("c", integer), f("a", integer)),
			[]string{"UNSUPPORTED_TYPE_CHANGE c" + everyone, "UNSUPPORTED_TYPE_CHANGE a" + everyone, "FIELD_DELETED b" + icebergs}},
	})
}

func TestNullability(t *testing.T) {
	comparePairs(t, []pair{
		{"allowed", col(integer), col(null(integer)), nil},
		{"taken away", col(null(integer)), col(integer), []string{"NULLABLE_TO_NON_NULLABLE c" + everyone}},
		{"taken away with a default", col(null(integer)), table(def("c", integer, one)), []string{"NULLABLE_TO_NON_NULLABLE c" + everyone}},
		{"taken away from a collection with a default", col(null(array(text()))), table(def("c", array(text()), empty)),
			[]string{"NULLABLE_TO_NON_NULLABLE c" + onlyFlink}},
		{"taken away along with a default", table(def("c", null(integer), one)), col(integer),
			[]string{"NULLABLE_TO_NON_NULLABLE c" + everyone}},
		{"of an element", col(array(null(integer))), col(array(integer)), []string{"NULLABLE_TO_NON_NULLABLE c[]" + onlyFlink}},
		{"of an element of a MULTISET", col(bag(null(text()))), col(bag(text())), []string{"NULLABLE_TO_NON_NULLABLE c[]" + onlyFlink}},
		{"of a key and a value", col(dict(null(text()), null(text()))), col(dict(text(), text())),
			[]string{"NULLABLE_TO_NON_NULLABLE c{key}" + onlyFlink, "NULLABLE_TO_NON_NULLABLE c{}" + onlyFlink}},
		{"of an element, allowed", col(array(integer)), col(array(null(integer))), nil},
		{"of the root", doc(null(row())), doc(row()), nil},
		{"of a named type", doc(row(f("c", null(ref("N")))), named("N", integer)), doc(row(f("c", ref("N"))), named("N", null(integer))),
			[]string{"NULLABLE_TO_NON_NULLABLE c" + everyone}},
	})
}

func TestDefaultRemoved(t *testing.T) {
	with, without := table(def("c", integer, one)), col(integer)
	comparePairs(t, []pair{
		{"removed", with, without, []string{"NON_NULLABLE_DEFAULT_REMOVED c" + onlyFlink}},
		{"made NULL", with, table(def("c", integer, nil)), []string{"NON_NULLABLE_DEFAULT_REMOVED c" + onlyFlink}},
		{"was NULL", table(def("c", integer, nil)), without, nil},
		{"removed where NULL is allowed", table(def("c", null(integer), one)), col(null(integer)), nil},
		{"removed and NULL allowed", with, col(null(integer)), nil},
		{"changed", with, table(def("c", integer, logical.Number("2"))), nil},
		{"added", without, with, nil},
	})
}

func TestShapes(t *testing.T) {
	comparePairs(t, []pair{
		{"struct and value", col(row(f("x", integer))), col(integer), []string{"TYPE_MISMATCH c" + everyone}},
		{"value and array", col(text()), col(array(text())), []string{"TYPE_MISMATCH c" + everyone}},
		{"array and map", col(array(text())), col(dict(text(), text())), []string{"TYPE_MISMATCH c" + everyone}},
		{"multiset and map of counts", col(bag(text())), col(dict(text(), integer)), []string{"TYPE_MISMATCH c" + onlyFlink}},
		{"multiset and map of texts", col(bag(text())), col(dict(text(), text())),
			[]string{"TYPE_MISMATCH c" + onlyFlink, "UNSUPPORTED_TYPE_CHANGE c{}" + icebergs}},
		{"multiset and array", col(bag(text())), col(array(text())), []string{"TYPE_MISMATCH c" + everyone}},
		{"union and value", col(union(f("s", text()))), col(text()), []string{"TYPE_MISMATCH c" + everyone}},
		{"union and struct", col(union(f("s", text()))), col(row(f("s", null(text())))), nil},
		{"root", doc(array(bigint)), doc(array(integer)), []string{"UNSUPPORTED_TYPE_CHANGE []" + everyone}},
		{"field below a root that is an array", doc(array(row(f("x", bigint)))), doc(array(row(f("x", integer)))),
			[]string{"UNSUPPORTED_TYPE_CHANGE [].x" + everyone}},
	})
}

func TestUnions(t *testing.T) {
	was := col(union(f("s", text()), f("i", integer)))
	comparePairs(t, []pair{
		{"branch added", was, col(union(f("s", text()), f("i", integer), f("b", of(logical.Boolean)))), nil},
		{"branch removed", was, col(union(f("s", text()))), []string{"FIELD_DELETED c.i" + icebergs}},
		{"branches reordered", was, col(union(f("i", integer), f("s", text()))), nil},
		{"branch widened", was, col(union(f("s", text()), f("i", bigint))), nil},
		{"branch narrowed", col(union(f("i", bigint))), col(union(f("i", integer))), []string{"UNSUPPORTED_TYPE_CHANGE c.i" + everyone}},
		{"branch no longer nullable", col(union(f("i", null(bigint)))), col(union(f("i", bigint))), nil},
	})
}

func TestMapKeys(t *testing.T) {
	keyed := func(k *logical.Type) *logical.Schema { return col(dict(k, integer)) }
	comparePairs(t, []pair{
		{"widened", keyed(integer), keyed(bigint), []string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"narrowed", keyed(bigint), keyed(integer), []string{"UNSUPPORTED_TYPE_CHANGE c{key}" + onlyFlink, "MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"length grown", keyed(sized(logical.Varchar, 5)), keyed(sized(logical.Varchar, 9)), nil},
		{"length shrunk", keyed(sized(logical.Varchar, 9)), keyed(sized(logical.Varchar, 5)), []string{"UNSUPPORTED_TYPE_CHANGE c{key}" + onlyFlink}},
		{"decimal grown", keyed(dec(5, 2)), keyed(dec(6, 2)), []string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"decimal with scale 0 stated", keyed(dec(5, logical.Unstated)), keyed(dec(5, 0)), nil},
		{"fixed", keyed(sized(logical.Binary, 4)), keyed(sized(logical.Binary, 5)),
			[]string{"UNSUPPORTED_TYPE_CHANGE c{key}" + onlyFlink, "MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"symbol gone", keyed(enum("A", "B")), keyed(enum("A")), nil},
		{"struct with a new field", keyed(row(f("x", integer))), keyed(row(f("x", integer), f("y", null(integer)))),
			[]string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"struct reordered", keyed(row(f("x", integer), f("y", integer))), keyed(row(f("y", integer), f("x", integer))),
			[]string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"array", keyed(array(integer)), keyed(array(bigint)), []string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"map", keyed(dict(text(), integer)), keyed(dict(text(), bigint)), []string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"value and array", keyed(text()), keyed(array(text())), []string{"TYPE_MISMATCH c{key}" + onlyFlink, "MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"elements of a multiset", col(bag(integer)), col(bag(bigint)), []string{"MAP_KEY_TYPE_MISMATCH c" + icebergs}},
		{"key and value", keyed(text()), col(dict(of(logical.Date), text())), []string{"UNSUPPORTED_TYPE_CHANGE c{key}" + onlyFlink,
			"UNSUPPORTED_TYPE_CHANGE c{}" + everyone, "MAP_KEY_TYPE_MISMATCH c" + icebergs}},
	})
}

func TestNamedTypes(t *testing.T) {
	tree := func(extra ...logical.Field) *logical.Type {
		return row(append([]logical.Field{f("children", array(ref("N")))}, extra...)...)
	}
	rooted := func(extra ...logical.Field) *logical.Schema {
		body := tree(extra...)
		return doc(body, named("N", body))
	}
	comparePairs(t, []pair{
		{"recursive", doc(ref("N"), named("N", tree())), doc(ref("N"), named("N", tree())), nil},
		{"recursive with a change", doc(ref("N"), named("N", tree())), doc(ref("N"), named("N", tree(f("x", integer)))),
			[]string{"REQUIRED_FIELD_ADDED x" + everyone}},
		{"recursive as the root itself", rooted(), rooted(f("x", integer)), []string{"REQUIRED_FIELD_ADDED x" + everyone}},
		{"used twice", doc(row(f("a", ref("N")), f("b", ref("N"))), named("N", bigint)),
			doc(row(f("a", ref("N")), f("b", ref("N"))), named("N", integer)), []string{"UNSUPPORTED_TYPE_CHANGE a" + everyone}},
		{"in place of what stood there, twice", table(f("a", row(f("v", integer))), f("b", row(f("v", integer)))),
			doc(row(f("a", ref("N")), f("b", ref("N"))), named("N", row(f("v", text())))),
			[]string{"UNSUPPORTED_TYPE_CHANGE a.v" + everyone, "UNSUPPORTED_TYPE_CHANGE b.v" + everyone}},
		{"renamed", doc(row(f("a", ref("N"))), named("N", row(f("v", integer)))),
			doc(row(f("a", ref("M"))), named("M", row(f("v", integer)))), nil},
		{"by way of another", doc(row(f("a", ref("N"))), named("N", ref("M")), named("M", bigint)), table(f("a", bigint)), nil},
		{"unknown", col(ref("X")), col(ref("X")), nil},
		{"unknown and another", col(ref("X")), col(ref("Y")), []string{"TYPE_MISMATCH c" + everyone}},
		{"unknown and known", col(ref("X")), doc(row(f("c", ref("X"))), named("X", integer)), []string{"TYPE_MISMATCH c" + everyone}},
		{"that is only itself", doc(ref("X"), named("X", ref("X"))), doc(ref("X"), named("X", ref("X"))), nil},
		{"recursive as a key", doc(row(f("c", dict(ref("N"), integer))), named("N", tree())),
			doc(row(f("c", dict(ref("N"), integer))), named("N", tree())), nil},
		{"recursive as a key with a change", doc(row(f("c", dict(ref("N"), integer)), f("d", bag(ref("N")))), named("N", tree())),
			doc(row(f("c", dict(ref("N"), integer)), f("d", bag(ref("N")))), named("N", tree(f("x", null(integer))))),
			[]string{"MAP_KEY_TYPE_MISMATCH c" + icebergs, "MAP_KEY_TYPE_MISMATCH d" + icebergs}},
		{"unknown as a key", col(dict(ref("X"), integer)), col(dict(ref("Y"), integer)),
			[]string{"TYPE_MISMATCH c{key}" + onlyFlink, "MAP_KEY_TYPE_MISMATCH c" + icebergs}},
	})
}

func TestParameters(t *testing.T) {
	refused := []string{"UNSUPPORTED_TYPE_CHANGE c" + everyone}
	flinkRefuses := []string{"UNSUPPORTED_TYPE_CHANGE c" + onlyFlink}
	icebergRefuses := []string{"UNSUPPORTED_TYPE_CHANGE c" + icebergs}
	change := func(from, to *logical.Type, want []string) pair {
		return pair{render(from) + " to " + render(to), col(from), col(to), want}
	}
	varchar := func(n int) *logical.Type { return sized(logical.Varchar, n) }
	varbinary := func(n int) *logical.Type { return sized(logical.Varbinary, n) }
	comparePairs(t, []pair{
		change(varchar(5), varchar(9), nil),
		change(varchar(9), varchar(5), flinkRefuses),
		change(varchar(0), varchar(5), flinkRefuses),
		change(varchar(5), varchar(0), nil),
		change(varchar(0), text(), nil),
		change(text(), varchar(0), nil),
		change(varbinary(0), varbinary(5), flinkRefuses),
		change(varbinary(9), varbinary(5), flinkRefuses),
		change(sized(logical.Char, 5), sized(logical.Char, 6), flinkRefuses),
		change(sized(logical.Char, 5), varchar(5), nil),
		change(sized(logical.Char, 5), varchar(4), flinkRefuses),
		change(sized(logical.Binary, 5), sized(logical.Binary, 6), refused),
		change(sized(logical.Binary, 5), varbinary(5), icebergRefuses),
		change(enum("A"), varchar(5), flinkRefuses),
		change(varchar(5), enum("A"), nil),
		change(enum("A"), text(), nil),
		change(timed(logical.Timestamp, 3), timed(logical.Timestamp, 6), flinkRefuses),
		change(timed(logical.Timestamp, 6), timed(logical.Timestamp, 3), flinkRefuses),
		change(timed(logical.Timestamp, 6), timed(logical.Timestamp, 7), refused),
		change(timed(logical.TimestampLTZ, 7), timed(logical.TimestampLTZ, 9), flinkRefuses),
		change(timed(logical.Time, 3), timed(logical.Time, 9), flinkRefuses),
		change(dec(10, 2), dec(12, 2), nil),
		change(dec(12, 2), dec(10, 2), refused),
		change(dec(10, 2), dec(12, 3), refused),
		change(dec(10, logical.Unstated), dec(10, 0), nil),
		change(dec(10, 0), dec(10, logical.Unstated), nil),
		change(dec(38, 2), dec(40, 2), nil),
		change(of(logical.TinyInt), dec(3, 0), icebergRefuses),
		change(of(logical.TinyInt), dec(2, 0), refused),
		change(of(logical.SmallInt), dec(5, 0), icebergRefuses),
		change(of(logical.SmallInt), dec(5, 1), refused),
		change(integer, dec(12, 2), icebergRefuses),
		change(integer, dec(9, 0), refused),
		change(bigint, dec(19, logical.Unstated), icebergRefuses),
		change(bigint, dec(18, logical.Unstated), refused),
	})
}

func TestEnumSymbols(t *testing.T) {
	comparePairs(t, []pair{
		{"added", col(enum("A")), col(enum("A", "B")), nil},
		{"reordered", col(enum("A", "B")), col(enum("B", "A")), nil},
		{"removed", col(enum("A", "B")), col(enum("A")), []string{"ENUM_DELETED c" + icebergs}},
		{"removed from an element", col(array(enum("A", "B"))), col(array(enum("A"))), []string{"ENUM_DELETED c[]" + icebergs}},
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
