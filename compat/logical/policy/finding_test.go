package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// TestWords holds what users see: every rule, and every ending that a rule has.
func TestWords(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"EMPTY_STRUCT", describe(Validate(IcebergV2, doc(row()))), "EMPTY_STRUCT: a struct must have at least one field"},
		{"of a union", describe(Validate(IcebergV2, col(union()))), "EMPTY_STRUCT at 'c': a union must have at least one field"},
		{"FIELD_NAME_CASE_COLLISION", describe(Validate(IcebergV3, table(f("id", integer), f("Id", integer)))),
			"FIELD_NAME_CASE_COLLISION: field names 'id' and 'Id' differ only in case, which Iceberg's case-insensitive name index " +
				"cannot distinguish"},
		{"CYCLIC_TYPE", describe(Validate(Flink, doc(ref("ns.N"), named("ns.N", array(ref("ns.N")))))),
			"CYCLIC_TYPE: named type 'ns.N' refers to itself, and cannot be represented by a non-recursive type system"},
		{"UNRESOLVED_TYPE_REF", describe(Validate(Flink, col(ref("ns.N")))),
			"UNRESOLVED_TYPE_REF at 'c': named type 'ns.N' is referenced but not defined"},
		{"PRECISION_OUT_OF_RANGE and SCALE_OUT_OF_RANGE", describe(Validate(Flink, col(dec(40, 41)))),
			"PRECISION_OUT_OF_RANGE at 'c': DECIMAL precision 40 is outside the supported range 1 to 38\n" +
				"SCALE_OUT_OF_RANGE at 'c': DECIMAL scale 41 is outside the supported range 0 to the precision 40"},
		{"LENGTH_OUT_OF_RANGE", describe(Validate(Flink, table(f("a", sized(logical.Char, 0)), f("b", sized(logical.Varbinary, -2))))),
			"LENGTH_OUT_OF_RANGE at 'a': CHAR length 0 is below the minimum of 1\n" +
				"LENGTH_OUT_OF_RANGE at 'b': VARBINARY length -2 is below the minimum of 0"},
		{"UNREPRESENTABLE_TYPE of a time", describe(Validate(IcebergV2, col(timed(logical.TimestampLTZ, 9)))),
			"UNREPRESENTABLE_TYPE at 'c': TIMESTAMP_LTZ(9) needs Iceberg's nanosecond timestamp types, which arrived in " +
				"format-version 3"},
		{"of a VARIANT", describe(Validate(IcebergV2, col(of(logical.Variant)))),
			"UNREPRESENTABLE_TYPE at 'c': VARIANT needs Iceberg's variant type, which arrived in format-version 3"},

		{"REQUIRED_FIELD_ADDED of Flink", describe(Compare(Flink, table(), col(integer))),
			"REQUIRED_FIELD_ADDED at 'c': column is required by the reader's schema but missing from the writer's schema, " +
				"so rows written under the writer's schema have no value for it"},
		{"of Iceberg 2", describe(Compare(IcebergV2, table(), col(integer))),
			"REQUIRED_FIELD_ADDED at 'c': field is required by the reader's schema but missing from the writer's schema, " +
				"so rows written under the writer's schema have no value for it; format-version 2 cannot store a column default"},
		{"of Iceberg 3", describe(Compare(IcebergV3, table(), col(integer))),
			"REQUIRED_FIELD_ADDED at 'c': field is required by the reader's schema but missing from the writer's schema, " +
				"so rows written under the writer's schema have no value for it; a non-null column default would make it readable"},
		{"FIELD_DELETED", describe(Compare(IcebergV2, col(integer), table())),
			"FIELD_DELETED at 'c': field present in the writer's schema is missing from the reader's schema"},
		{"NULLABLE_TO_NON_NULLABLE of Flink", describe(Compare(Flink, col(null(integer)), col(integer))),
			"NULLABLE_TO_NON_NULLABLE at 'c': column is nullable in the writer's schema but NOT NULL in the reader's schema; " +
				"rows written under the writer's schema may hold nulls"},
		{"of an element", describe(Compare(Flink, doc(array(null(integer))), doc(array(integer)))),
			"NULLABLE_TO_NON_NULLABLE at '[]': container child is nullable in the writer's schema but NOT NULL in the reader's schema; " +
				"collections written under the writer's schema may hold nulls"},
		{"of Iceberg", describe(Compare(IcebergV2, col(null(integer)), col(integer))),
			"NULLABLE_TO_NON_NULLABLE at 'c': field is nullable in the writer's schema but non-nullable in the reader's schema; " +
				"rows written under the writer's schema may hold nulls"},
		{"NON_NULLABLE_DEFAULT_REMOVED", describe(Compare(Flink, table(def("c", integer, one)), col(integer))),
			"NON_NULLABLE_DEFAULT_REMOVED at 'c': NOT NULL column has a non-null default in the writer's schema but not in the " +
				"reader's schema; rows that omitted the column have no value to read"},
		{"MAP_KEY_TYPE_MISMATCH", describe(Compare(IcebergV2, col(dict(ref("x.K"), integer)),
			col(dict(dec(5, logical.Unstated), integer)))),
			"MAP_KEY_TYPE_MISMATCH at 'c': map key type is ref(x.K) in the writer's schema and DECIMAL(5, 0) in the reader's schema"},
		{"TYPE_MISMATCH", describe(Compare(Flink, doc(row()), doc(array(integer)))),
			"TYPE_MISMATCH: type is STRUCT in the writer's schema and ARRAY in the reader's schema"},
		{"UNSUPPORTED_TYPE_CHANGE", describe(Compare(Flink, col(text()), col(timed(logical.Time, 3)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is VARCHAR(2147483647) in the writer's schema and TIME(3) in the reader's schema"},
		{"of a fixed length", describe(Compare(Flink, col(sized(logical.Char, 1)), col(sized(logical.Char, 2)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is CHAR(1) in the writer's schema and CHAR(2) in the reader's schema" +
				" (a fixed-length type cannot change length)"},
		{"of a length", describe(Compare(Flink, col(enum("A")), col(sized(logical.Varchar, 2)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is ENUM in the writer's schema and VARCHAR(2) in the reader's schema" +
				" (length may not shrink)"},
		{"of a precision", describe(Compare(Flink, col(timed(logical.Timestamp, 3)), col(timed(logical.Timestamp, 6)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is TIMESTAMP(3) in the writer's schema and TIMESTAMP(6) in the reader's schema" +
				" (precision selects the unit of the stored value and cannot change)"},
		{"of a scale", describe(Compare(Flink|IcebergV2, col(dec(5, 1)), col(dec(5, 2)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is DECIMAL(5, 1) in the writer's schema and DECIMAL(5, 2) in the reader's schema" +
				" (decimal scale must be unchanged and precision may not shrink)"},
		{"of an integer", describe(Compare(Flink, col(bigint), col(dec(5, 2)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is BIGINT in the writer's schema and DECIMAL(5, 2) in the reader's schema" +
				" (target cannot represent the full range of the source)"},
		{"of fixed bytes", describe(Compare(IcebergV2, col(sized(logical.Binary, 1)), col(sized(logical.Binary, 2)))),
			"UNSUPPORTED_TYPE_CHANGE at 'c': type is BINARY(1) in the writer's schema and BINARY(2) in the reader's schema" +
				" (fixed-length binary cannot change length)"},
		{"ENUM_DELETED", describe(Compare(IcebergV2, col(enum("A", "B", "C")), col(enum("B")))),
			"ENUM_DELETED at 'c': enum symbol(s) [A, C] present in the writer's schema are missing from the reader's schema; rows " +
				"written under the writer's schema may already hold one of these values, which Iceberg has no default to fall back to"},
		{"nothing", describe(nil), ""},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestTargets(t *testing.T) {
	for target, want := range map[Target]string{
		0: "", Flink: "FLINK", IcebergV2: "ICEBERG_V2", IcebergV3: "ICEBERG_V3", Logical: "FLINK, ICEBERG_V2",
	} {
		if got := target.String(); got != want {
			t.Errorf("%d: %q, want %q", target, got, want)
		}
	}
}

// TestTogether holds that targets that object alike are one finding with the words of the first, and that each keeps its own
// otherwise.
func TestTogether(t *testing.T) {
	found := Compare(Logical, table(f("a", null(integer)), f("b", integer)), table(f("a", integer)))
	flink := Compare(Flink, table(f("a", null(integer))), table(f("a", integer)))
	iceberg := Compare(IcebergV2, table(f("b", integer)), table())
	flink[0].Target = Logical
	if diff := cmp.Diff(append(flink, iceberg...), found); diff != "" {
		t.Error(diff)
	}
}

// TestDifference holds the line of a finding beside those of the schema's language, for either direction.
func TestDifference(t *testing.T) {
	writer, reader := doc(row(f("100%s", bigint))), doc(row(f("100%s", integer)))
	found := Compare(Logical, writer, reader)
	at := compat.Previous{Version: 3, Schema: parse(t, `"int"`)}
	want := `{errorType:"UNSUPPORTED_TYPE_CHANGE", category:"FLINK, ICEBERG_V2", ` +
		`description:"type is BIGINT in the writer's schema and INT in the reader's schema", additionalInfo:"path '100%s'"}`
	backward := compat.Verdict{Level: compat.Backward, Against: at, Backward: Differences(found)}
	if diff := cmp.Diff([]string{want, "{oldSchemaVersion: 3}", `{oldSchema: '"int"'}`}, backward.Lines()); diff != "" {
		t.Error(diff)
	}
	forward := compat.Verdict{Level: compat.Forward, Against: at, Forward: Differences(found)}
	if diff := cmp.Diff(want, forward.Lines()[0]); diff != "" {
		t.Error(diff)
	}
	if got := (Finding{Rule: EmptyStruct, Target: IcebergV2, Message: "m"}).Difference().Line("new", "old"); got !=
		`{errorType:"EMPTY_STRUCT", category:"ICEBERG_V2", description:"m", additionalInfo:""}` {
		t.Error(got)
	}
	if Differences(nil) != nil {
		t.Error("differences of no findings")
	}
}

func parse(t *testing.T, text string) schema.Schema {
	t.Helper()
	s, err := avro.Format{}.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
