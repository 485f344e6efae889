package avro

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

func of(k logical.Kind) *logical.Type { return &logical.Type{Kind: k} }

func varchar(n int) *logical.Type { return &logical.Type{Kind: logical.Varchar, Length: n} }

func orNull(t *logical.Type) *logical.Type {
	out := *t
	out.Nullable = true
	return &out
}

func ref(name string) *logical.Type { return &logical.Type{Kind: logical.Named, Name: name} }

func list(t *logical.Type) *logical.Type { return &logical.Type{Kind: logical.Array, Elem: t} }

func fieldOf(name string, t *logical.Type) logical.Field { return logical.Field{Name: name, Type: t} }

func structOf(fields ...logical.Field) *logical.Type {
	return &logical.Type{Kind: logical.Struct, Fields: fields}
}

func either(branches ...logical.Branch) *logical.Type {
	return &logical.Type{Kind: logical.Union, Branches: branches}
}

func has(v logical.Value) logical.Default { return logical.Default{Has: true, Value: v} }

func TestToType(t *testing.T) {
	fraction := func(k logical.Kind, p int) *logical.Type { return &logical.Type{Kind: k, Precision: p} }
	decimal := func(p, s int) *logical.Type { return &logical.Type{Kind: logical.Decimal, Precision: p, Scale: s} }
	keyed := func(key, elem *logical.Type) *logical.Type {
		return &logical.Type{Kind: logical.Map, Key: key, Elem: elem}
	}
	multi := func(elem *logical.Type) *logical.Type { return &logical.Type{Kind: logical.Multiset, Elem: elem} }
	branches := either(logical.Branch{Name: "a", Type: orNull(of(logical.Int))}, logical.Branch{Name: "b", Type: structOf()})
	for _, c := range []struct {
		typ  *logical.Type
		want string
	}{
		{of(logical.Boolean), `"boolean"`},
		{of(logical.TinyInt), `{"type":"int","connect.type":"int8"}`},
		{of(logical.SmallInt), `{"type":"int","connect.type":"int16"}`},
		{of(logical.Int), `"int"`},
		{orNull(of(logical.Int)), `["null","int"]`},
		{of(logical.BigInt), `"long"`},
		{of(logical.Float), `"float"`},
		{of(logical.Double), `"double"`},
		{varchar(logical.Unbounded), `"string"`},
		{varchar(16), `{"type":"string","flink.maxLength":16,"flink.version":"1"}`},
		{&logical.Type{Kind: logical.Char, Length: 3}, `{"type":"string","flink.maxLength":3,"flink.minLength":3,"flink.version":"1"}`},
		{&logical.Type{Kind: logical.Varbinary, Length: logical.Unbounded}, `"bytes"`},
		{&logical.Type{Kind: logical.Varbinary, Length: 3}, `{"type":"bytes","flink.maxLength":3,"flink.version":"1"}`},
		{&logical.Type{Kind: logical.Binary, Length: 3}, `{"type":"fixed","name":"Row_f","size":3}`},
		{of(logical.Date), `{"type":"int","logicalType":"date"}`},
		{fraction(logical.Time, 3), `{"type":"int","logicalType":"time-millis"}`},
		{fraction(logical.Time, 0), `{"type":"int","logicalType":"time-millis","flink.precision":0,"flink.version":"1"}`},
		{fraction(logical.Time, 6), `{"type":"long","logicalType":"time-micros"}`},
		{fraction(logical.Time, 9), `{"type":"long","logicalType":"time-micros","flink.precision":9,"flink.version":"1"}`},
		{fraction(logical.Timestamp, 3), `{"type":"long","logicalType":"local-timestamp-millis"}`},
		{fraction(logical.Timestamp, 9), `{"type":"long","logicalType":"local-timestamp-nanos"}`},
		{fraction(logical.TimestampLTZ, 5), `{"type":"long","logicalType":"timestamp-micros","flink.precision":5,"flink.version":"1"}`},
		{fraction(logical.TimestampLTZ, 7), `{"type":"long","logicalType":"timestamp-nanos","flink.precision":7,"flink.version":"1"}`},
		{decimal(6, 3), `{"type":"bytes","logicalType":"decimal","precision":6,"scale":3}`},
		{decimal(6, logical.Unstated), `{"type":"bytes","logicalType":"decimal","precision":6,"scale":0}`},
		{of(logical.Variant), `{"type":"record","name":"Variant","namespace":"confluent.type","fields":[{"name":"metadata","type":"bytes"},{"name":"value","type":"bytes"}],"logicalType":"variant"}`},
		{list(orNull(of(logical.Int))), `{"type":"array","items":["null","int"]}`},
		{list(structOf(fieldOf("x", of(logical.Int)))), `{"type":"array","items":{"type":"record","name":"Row_f","fields":[{"name":"x","type":"int"}],"logical.anonymous":"true"}}`},
		{keyed(varchar(logical.Unbounded), of(logical.Int)), `{"type":"map","values":"int"}`},
		{keyed(orNull(varchar(4)), of(logical.Int)), `{"type":"map","values":"int","logical.key.length":4}`},
		{keyed(&logical.Type{Kind: logical.Char, Length: 4}, of(logical.Int)), `{"type":"map","values":"int","logical.key.length":4,"logical.key.type":"CHAR"}`},
		{
			keyed(of(logical.Int), orNull(structOf())),
			`{"type":"array","items":{"type":"record","name":"Row_f_Entry","fields":[{"name":"key","type":"int"},{"name":"value","type":["null",{"type":"record","name":"Row_f_value","fields":[],"logical.anonymous":"true"}],"default":null}],"connect.internal.type":"MapEntry"},"logicalType":"map"}`,
		},
		{multi(varchar(logical.Unbounded)), `{"type":"map","values":"int","flink.type":"multiset","flink.version":"1"}`},
		{
			multi(of(logical.BigInt)),
			`{"type":"array","items":{"type":"record","name":"Row_f_Entry","fields":[{"name":"key","type":"long"},{"name":"value","type":"int"}],"connect.internal.type":"MapEntry"},"flink.type":"multiset","flink.version":"1","logicalType":"map"}`,
		},
		{branches, `["int",{"type":"record","name":"b","fields":[],"logical.anonymous":"true"}]`},
		{orNull(branches), `["null","int",{"type":"record","name":"b","fields":[],"logical.anonymous":"true"}]`},
		{
			&logical.Type{Kind: logical.Enum, Tags: []string{"T"}, Values: []logical.EnumValue{{Symbol: "A"}, {Symbol: "B", Doc: "d", Params: logical.Params{{Key: "protobuf.enum.number", Value: "3"}}}}},
			`{"type":"enum","name":"Row_f","symbols":["A","B"],"confluent:enum":[{"name":"A"},{"doc":"d","name":"B"}],"confluent:tags":["T"],"logical.anonymous":"true"}`,
		},
	} {
		d, err := To(&logical.Schema{Root: structOf(fieldOf("f", c.typ))}, "Row")
		if err != nil {
			t.Errorf("%s: %v", showType(c.typ), err)
			continue
		}
		more := ""
		if c.typ.Kind == logical.Union {
			more = `,"confluent:union":[{"name":"a"},{"name":"b"}]`
		}
		equal(t, showType(c.typ), d.Text, `{"type":"record","name":"Row","fields":[{"name":"f","type":`+c.want+more+`}],"logical.anonymous":"true"}`)

		root, err := To(&logical.Schema{Root: c.typ}, "Row_f")
		if err != nil {
			t.Errorf("%s as the root: %v", showType(c.typ), err)
			continue
		}
		equal(t, showType(c.typ)+" as the root", root.Text, c.want)
		properties := map[string]string{"confluent:edition": "2"}
		if c.typ.Kind == logical.Union {
			properties["confluent:union"] = `[{"name":"a"},{"name":"b"}]`
		}
		if diff := cmp.Diff(properties, root.Properties); diff != "" {
			t.Error(diff)
		}
	}
}

func TestToNames(t *testing.T) {
	inner := structOf(fieldOf("x", of(logical.Int)))
	for _, c := range []struct {
		name   string
		schema logical.Schema
		want   string
	}{
		{"an anonymous root", logical.Schema{Namespace: "n", Root: orNull(structOf())}, `["null",{"type":"record","name":"Row","fields":[],"logical.anonymous":"true"}]`},
		{"a named root", logical.Schema{Name: "R", Root: structOf(fieldOf("s", inner))}, `{"type":"record","name":"R","fields":[{"name":"s","type":{"type":"record","name":"R_s","fields":[{"name":"x","type":"int"}],"logical.anonymous":"true"}}]}`},
		{"a nullable root of a namespace", logical.Schema{Name: "R", Namespace: "n", Root: orNull(inner)}, `["null",{"type":"record","name":"R","namespace":"n","fields":[{"name":"x","type":"int"}]}]`},
		{"a named enum", logical.Schema{Name: "R", Namespace: "n", Root: &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "A"}}}}, `{"type":"enum","name":"R","namespace":"n","symbols":["A"]}`},
		{
			"a type used twice", logical.Schema{Root: structOf(fieldOf("a", ref("n.T")), fieldOf("b", orNull(ref("n.T")))), Named: []logical.Definition{{Name: "n.T", Type: inner}}},
			`{"type":"record","name":"Row","fields":[{"name":"a","type":{"type":"record","name":"T","namespace":"n","fields":[{"name":"x","type":"int"}]}},{"name":"b","type":["null","n.T"]}],"logical.anonymous":"true"}`,
		},
		{
			"what a named type holds is in its namespace", logical.Schema{Root: ref("n.T"), Named: []logical.Definition{{Name: "n.T", Type: structOf(fieldOf("b", &logical.Type{Kind: logical.Binary, Length: 1}))}}},
			`{"type":"record","name":"T","namespace":"n","fields":[{"name":"b","type":{"type":"fixed","name":"T_b","size":1}}]}`,
		},
		{
			"itself", logical.Schema{Root: ref("T"), Named: []logical.Definition{{Name: "T", Type: structOf(fieldOf("next", orNull(ref("T"))))}}},
			`{"type":"record","name":"T","fields":[{"name":"next","type":["null","T"]}]}`,
		},
		{
			"a nested name is a namespace", logical.Schema{Root: ref("O"), Named: []logical.Definition{{Name: "O", Type: structOf(fieldOf("i", ref("O.I")))}, {Name: "O.I", Type: structOf()}}},
			`{"type":"record","name":"O","fields":[{"name":"i","type":{"type":"record","name":"I","namespace":"O","fields":[]}}]}`,
		},
		{"an orphan is left out", logical.Schema{Root: of(logical.Int), Named: []logical.Definition{{Name: "T", Type: inner}}}, `"int"`},
		{
			"a named union", logical.Schema{Root: structOf(fieldOf("u", orNull(ref("U")))), Named: []logical.Definition{{Name: "U", Type: either(logical.Branch{Name: "a", Type: of(logical.Int)}, logical.Branch{Name: "b", Type: varchar(logical.Unbounded)})}}},
			`{"type":"record","name":"Row","fields":[{"name":"u","type":["null","int","string"]}],"logical.anonymous":"true"}`,
		},
		{
			"another named type", logical.Schema{Root: list(orNull(ref("A"))), Named: []logical.Definition{{Name: "A", Type: list(of(logical.Int))}}},
			`{"type":"array","items":["null",{"type":"array","items":"int"}]}`,
		},
	} {
		d, err := To(&c.schema, "Row")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		equal(t, c.name, d.Text, c.want)
		equal(t, c.name+"'s namespace", d.Properties["confluent:namespace"], c.schema.Namespace)
	}
}

func TestToMarks(t *testing.T) {
	params := logical.Params{{Key: "z", Value: "1"}, {Key: "avro.aliases", Value: "a, b,,a"}, {Key: "protobuf.field.number", Value: "3"}, {Key: "k", Value: "v"}}
	rules := []logical.Rule{{Name: "n", Doc: "m", Expr: "e", SQL: "s"}, {Expr: "e2", SQL: "s2"}}
	f := logical.Field{Name: "f", Type: of(logical.Int), Doc: "d", Tags: []string{"T"}, Params: params, Rules: rules}
	u := fieldOf("u", either(logical.Branch{Name: "i", Type: of(logical.Int), Doc: "d", Params: params[:1]}, logical.Branch{Name: "s", Type: varchar(logical.Unbounded), Params: params[1:3]}))
	root := &logical.Type{Kind: logical.Struct, Doc: "d", Tags: []string{"T", "U"}, Params: params, Rules: rules, Fields: []logical.Field{f, u}}
	d, err := To(&logical.Schema{Name: "R", Namespace: "n", Root: root}, "Row")
	if err != nil {
		t.Fatal(err)
	}
	wantRules := `"confluent:rules":[{"doc":"m","expr":"e","name":"n","sql":"s"},{"expr":"e2","sql":"s2"}]`
	equal(t, "text", d.Text, `{"type":"record","name":"R","namespace":"n","doc":"d","fields":[`+
		`{"name":"f","type":"int","doc":"d","aliases":["a","b"],"confluent:params":{"k":"v","z":"1"},`+wantRules+`,"confluent:tags":["T"]},`+
		`{"name":"u","type":["int","string"],"confluent:union":[{"doc":"d","name":"i","params":{"z":"1"}},{"name":"s"}]}],`+
		`"confluent:params":{"k":"v","z":"1"},`+wantRules+`,"confluent:tags":["T","U"],"aliases":["a","b"]}`)
}

func TestToDefaults(t *testing.T) {
	decimal := func(scale int) *logical.Type { return &logical.Type{Kind: logical.Decimal, Precision: 9, Scale: scale} }
	fraction := func(k logical.Kind, p int) *logical.Type { return &logical.Type{Kind: k, Precision: p} }
	u := either(logical.Branch{Name: "d", Type: of(logical.Date)}, logical.Branch{Name: "s", Type: varchar(logical.Unbounded)})
	for _, c := range []struct {
		typ   *logical.Type
		value logical.Value
		want  string // type, default
	}{
		{of(logical.Boolean), true, `"boolean","default":true`},
		{of(logical.TinyInt), logical.Number("-7"), `{"type":"int","connect.type":"int8"},"default":-7`},
		{of(logical.BigInt), logical.Number("9223372036854775807"), `"long","default":9223372036854775807`},
		{of(logical.Float), logical.Number("1"), `"float","default":1.0`},
		{of(logical.Double), logical.Number(".5"), `"double","default":0.5`},
		{of(logical.Double), "Infinity", `"double","default":"Infinity"`},
		{varchar(logical.Unbounded), "it's", `"string","default":"it's"`},
		{&logical.Type{Kind: logical.Varbinary, Length: logical.Unbounded}, []byte{0x41, 0xff}, `"bytes","default":"Aÿ"`},
		{decimal(2), logical.Number("12.34"), `{"type":"bytes","logicalType":"decimal","precision":9,"scale":2},"default":"\u0004Ò"`},
		{decimal(2), logical.Number("5"), `{"type":"bytes","logicalType":"decimal","precision":9,"scale":2},"default":"\u0001ô"`},
		{decimal(2), "-1.28", `{"type":"bytes","logicalType":"decimal","precision":9,"scale":2},"default":"` + "\u0080" + `"`},
		{decimal(logical.Unstated), logical.Number("1E2"), `{"type":"bytes","logicalType":"decimal","precision":9,"scale":0},"default":"d"`},
		{decimal(0), logical.Number("-1.29e2"), `{"type":"bytes","logicalType":"decimal","precision":9,"scale":0},"default":"ÿ` + "\x7f" + `"`},
		{of(logical.Date), "1969-12-31", `{"type":"int","logicalType":"date"},"default":-1`},
		{fraction(logical.Time, 3), "12:02:00.0015", `{"type":"int","logicalType":"time-millis"},"default":43320001`},
		{fraction(logical.Time, 6), "00:00:00.000001", `{"type":"long","logicalType":"time-micros"},"default":1`},
		{fraction(logical.Timestamp, 3), "1969-12-31T23:59:59.999", `{"type":"long","logicalType":"local-timestamp-millis"},"default":-1`},
		{fraction(logical.TimestampLTZ, 9), "1970-01-01T01:00:00+01:00", `{"type":"long","logicalType":"timestamp-nanos"},"default":0`},
		{orNull(of(logical.Int)), nil, `["null","int"],"default":null`},
		{orNull(of(logical.Int)), logical.Number("1"), `["int","null"],"default":1`},
		{u, "1970-01-02", `[{"type":"int","logicalType":"date"},"string"],"default":1,"confluent:union":[{"name":"d"},{"name":"s"}]`},
		{orNull(u), "1970-01-02", `[{"type":"int","logicalType":"date"},"string","null"],"default":1,"confluent:union":[{"name":"d"},{"name":"s"}]`},
		{orNull(u), nil, `["null",{"type":"int","logicalType":"date"},"string"],"default":null,"confluent:union":[{"name":"d"},{"name":"s"}]`},
	} {
		f := fieldOf("f", c.typ)
		f.Default = has(c.value)
		d, err := To(&logical.Schema{Name: "R", Root: structOf(f)}, "")
		if err != nil {
			t.Errorf("%s = %s: %v", showType(c.typ), showValue(c.value), err)
			continue
		}
		equal(t, showType(c.typ), d.Text, `{"type":"record","name":"R","fields":[{"name":"f","type":`+c.want+`}]}`)
	}
	f := fieldOf("f", list(of(logical.Int)))
	f.Default = logical.Default{Has: true, Value: []logical.Value{}, Derived: true}
	d, err := To(&logical.Schema{Name: "R", Root: structOf(f)}, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "a derived default", d.Text, `{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"array","items":"int"}}]}`)
}

func TestToReferences(t *testing.T) {
	resolved := map[string]string{
		"b.Outer": `{"type":"record","name":"b.Outer","fields":[{"name":"i","type":{"type":"record","name":"Inner","fields":[{"name":"e","type":"z.E"}]}}]}`,
		"z.E":     `{"type":"enum","name":"z.E","symbols":["X"]}`,
	}
	s := &logical.Schema{
		Name: "R", Root: structOf(fieldOf("o", ref("b.Outer")), fieldOf("i", orNull(ref("b.Inner"))), fieldOf("e", ref("z.E"))), Resolved: resolved,
		References: []schema.Reference{{Name: "z.E", Subject: "z", Version: 1}, {Name: "b.Outer", Subject: "b", Version: 2}, {Name: "z.E", Subject: "z", Version: 1}},
	}
	d, err := To(s, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "text", d.Text, `{"type":"record","name":"R","fields":[{"name":"o","type":"b.Outer"},{"name":"i","type":["null",{"type":"record","name":"Inner","namespace":"b","fields":[{"name":"e","type":"z.E"}]}]},{"name":"e","type":"z.E"}]}`)
	if diff := cmp.Diff([]schema.Reference{{Name: "b.Outer", Subject: "b", Version: 2}, {Name: "z.E", Subject: "z", Version: 1}}, d.References); diff != "" {
		t.Error(diff)
	}
	back := mustRead(t, d.Text, d.Properties, resolved)
	equal(t, "read again", show(back), "R = {o b.Outer, i b.Inner?, e z.E}; b.Outer = {i b.Inner} external; b.Inner = {e z.E} external; z.E = ENUM(X) external")
	again, err := To(back, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "written again", again.Text, d.Text)
}

func TestToRefuses(t *testing.T) {
	const avro = "Logical type schema cannot be represented as AVRO: "
	withDefault := func(typ *logical.Type, v logical.Value) logical.Schema {
		f := fieldOf("f", typ)
		f.Default = has(v)
		return logical.Schema{Root: structOf(f)}
	}
	root := func(typ *logical.Type) logical.Schema { return logical.Schema{Root: typ} }
	u := either(logical.Branch{Name: "i", Type: of(logical.Int)}, logical.Branch{Name: "s", Type: varchar(logical.Unbounded)})
	deep := of(logical.Int)
	for range 257 {
		deep = list(deep)
	}
	self := logical.Schema{Root: structOf(fieldOf("u", ref("U"))), Named: []logical.Definition{{Name: "U", Type: either(logical.Branch{Name: "s", Type: structOf(fieldOf("u", ref("U")))})}}}
	for _, c := range []struct {
		name   string
		schema logical.Schema
		want   string
	}{
		{"no root", logical.Schema{}, "the schema has no root"},
		{"imports by URI", logical.Schema{Root: of(logical.Int), Imports: []logical.Import{{Name: "Ref1", URI: "u"}, {Name: "Ref2", URI: "v"}}}, "Cannot emit to Avro: LogicalType carries JSON-specific synthetic external imports [Ref1, Ref2]. Re-construct the LT against Avro-compatible externals."},
		{"an unknown type", root(ref("n.T")), "Unknown named type reference: n.T"},
		{"a field's name", root(structOf(fieldOf("a-b", of(logical.Int)))), "Illegal field name for AVRO format `a-b`. AVRO expects field names to start with [A-Za-z_] subsequently contain only [A-Za-z0-9_]."},
		{"a type's name", logical.Schema{Root: ref("n.a-b"), Named: []logical.Definition{{Name: "n.a-b", Type: structOf()}}}, "Illegal field name for AVRO format `a-b`. AVRO expects field names to start with [A-Za-z_] subsequently contain only [A-Za-z0-9_]."},
		{"a symbol", root(&logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "a b"}}}), avro + "Illegal character in: a b"},
		{"a nullable union in a list", root(list(orNull(u))), avro + `Nested union: ["null",["int","string"]]`},
		{"a union in a union", root(either(logical.Branch{Name: "u", Type: u})), avro + `Nested union: [["int","string"]]`},
		{"two branches of a type", root(either(logical.Branch{Name: "a", Type: of(logical.Int)}, logical.Branch{Name: "b", Type: of(logical.TinyInt)})), avro + "Duplicate in union:int"},
		{"two types of a name", root(structOf(fieldOf("a", either(logical.Branch{Name: "x", Type: structOf()})), fieldOf("b", either(logical.Branch{Name: "x", Type: structOf(fieldOf("c", of(logical.Int)))})))), avro + "Can't redefine: x"},
		{"a union of itself", self, "Duplicate named type: U"},
		{"a fraction", root(&logical.Type{Kind: logical.Time, Precision: 10}), "TIME precision must be in [0, 9], got 10"},
		{"a decimal without digits", root(&logical.Type{Kind: logical.Decimal}), avro + "Invalid decimal precision: 0 (must be positive)"},
		{"a decimal of too many behind the point", root(&logical.Type{Kind: logical.Decimal, Precision: 2, Scale: 3}), avro + "Invalid decimal scale: 3 (greater than precision: 2)"},
		{"a decimal of a negative scale", root(&logical.Type{Kind: logical.Decimal, Precision: 2, Scale: -2}), avro + "Invalid decimal scale: -2 (must be positive)"},
		{"a kind that is none", root(&logical.Type{}), "Unsupported to derive an Avro Schema for type Kind(0)"},
		{"depth", root(deep), "Schema type nesting depth exceeds the maximum of 256"},
		{"a list's default", withDefault(list(of(logical.Int)), []logical.Value{}), "Default values are not supported for type: ARRAY"},
		{"a STRUCT's default", withDefault(structOf(), logical.Object{}), "Default values are not supported for type: STRUCT"},
		{"a VARIANT's default", withDefault(of(logical.Variant), "x"), "Default values are not supported for type: VARIANT"},
		{"NULL for what is not null", withDefault(of(logical.Int), nil), avro + `Invalid default for field f: null not a "int"`},
		{"a default of another type", withDefault(of(logical.Int), "x"), avro + `Invalid default for field f: "x" not a "int"`},
		{"a number that is none", withDefault(of(logical.Int), logical.Number("x")), avro + `Invalid default for field f: "x" not a "int"`},
		{"a decimal that does not fit", withDefault(&logical.Type{Kind: logical.Decimal, Precision: 4, Scale: 1}, logical.Number("1.25")), avro + "1.25 is no DECIMAL(4, 1)"},
		{"a decimal of gigabytes", withDefault(&logical.Type{Kind: logical.Decimal, Precision: 4}, logical.Number("1e999999999")), avro + "1e999999999 is no DECIMAL(4, 0)"},
		{"no date", withDefault(of(logical.Date), "2026-02-30"), avro + "'2026-02-30' is no DATE"},
		{"a date beyond Avro's", withDefault(of(logical.Date), "+999999999-01-01"), avro + "'+999999999-01-01' is no DATE"},
		{"a time beyond 64 bits", withDefault(&logical.Type{Kind: logical.Timestamp, Precision: 9}, "3000-01-01T00:00:00"), avro + "'3000-01-01T00:00:00' is no TIMESTAMP"},
		{"a reference that is no schema", logical.Schema{Root: of(logical.Int), Resolved: map[string]string{"a": `{"type":"x"}`}}, avro + "Unknown schema: x"},
	} {
		_, err := To(&c.schema, "Row")
		equal(t, c.name, refusal(t, err), c.want)
	}
}

// A named type that is written where it is used, not named, must not make a power of two of them.
func TestToBoundsWhatItRepeats(t *testing.T) {
	s := &logical.Schema{Root: ref("A60"), Named: []logical.Definition{{Name: "A0", Type: of(logical.Int)}}}
	for i := range 60 {
		prev, next := fmt.Sprintf("A%d", i), fmt.Sprintf("A%d", i+1)
		s.Named = append(s.Named, logical.Definition{Name: next, Type: &logical.Type{Kind: logical.Map, Key: ref(prev), Elem: ref(prev)}})
	}
	_, err := To(s, "Row")
	if msg := refusal(t, err); !strings.Contains(msg, "it has more than") {
		t.Error(msg)
	}
}
