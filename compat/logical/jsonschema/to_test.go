package jsonschema

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

func of(k logical.Kind) *logical.Type { return &logical.Type{Kind: k} }

func nullable(t *logical.Type) *logical.Type {
	n := *t
	n.Nullable = true
	return &n
}

func long(k logical.Kind, length int) *logical.Type { return &logical.Type{Kind: k, Length: length} }

func precise(k logical.Kind, precision int) *logical.Type {
	return &logical.Type{Kind: k, Precision: precision}
}

func named(name string) *logical.Type { return &logical.Type{Kind: logical.Named, Name: name} }

func structOf(fields ...logical.Field) *logical.Type {
	return &logical.Type{Kind: logical.Struct, Fields: fields}
}

func unionOf(types ...*logical.Type) *logical.Type {
	t := of(logical.Union)
	for i, b := range types {
		t.Branches = append(t.Branches, logical.Branch{Name: string(rune('a' + i)), Type: b})
	}
	return t
}

var str = long(logical.Varchar, logical.Unbounded)

const dialectText = `"$schema":"https://json-schema.org/draft/2020-12/schema"`

func TestToTypes(t *testing.T) {
	for _, c := range []struct {
		typ  *logical.Type
		want string // without $schema
	}{
		{of(logical.Boolean), `{"type":"boolean"}`},
		{of(logical.TinyInt), `{"connect.type":"int8","type":"number"}`},
		{of(logical.SmallInt), `{"connect.type":"int16","type":"number"}`},
		{of(logical.Int), `{"connect.type":"int32","type":"number"}`},
		{of(logical.BigInt), `{"connect.type":"int64","type":"number"}`},
		{of(logical.Float), `{"connect.type":"float32","type":"number"}`},
		{of(logical.Double), `{"connect.type":"float64","type":"number"}`},
		{&logical.Type{Kind: logical.Decimal, Precision: 10, Scale: 2}, `{"connect.parameters":{"connect.decimal.precision":"10","scale":"2"},"connect.type":"bytes",` + decimalTitle + `,"type":"number"}`},
		{&logical.Type{Kind: logical.Decimal, Precision: 10, Scale: logical.Unstated}, `{"connect.parameters":{"connect.decimal.precision":"10","scale":"0"},"connect.type":"bytes",` + decimalTitle + `,"type":"number"}`},
		{str, `{"type":"string"}`},
		{long(logical.Varchar, 9), `{"maxLength":9,"type":"string"}`},
		{long(logical.Char, 9), `{"maxLength":9,"minLength":9,"type":"string"}`},
		{long(logical.Varbinary, logical.Unbounded), `{"connect.type":"bytes","type":"string"}`},
		{long(logical.Varbinary, 9), `{"connect.type":"bytes","flink.maxLength":9,"flink.version":"1","type":"string"}`},
		{long(logical.Binary, 9), `{"connect.type":"bytes","flink.maxLength":9,"flink.minLength":9,"flink.version":"1","type":"string"}`},
		{of(logical.Date), `{"connect.type":"int32",` + dateTitle + `,"type":"number"}`},
		{precise(logical.Time, 3), `{"connect.type":"int32",` + timeTitle + `,"type":"number"}`},
		{precise(logical.Time, 0), `{"connect.type":"int32","flink.precision":0,"flink.version":"1",` + timeTitle + `,"type":"number"}`},
		{precise(logical.Timestamp, 3), `{"connect.type":"int64","flink.type":"timestamp","flink.version":"1","type":"number"}`},
		{precise(logical.Timestamp, 9), `{"connect.type":"int64","flink.precision":9,"flink.type":"timestamp","flink.version":"1","type":"number"}`},
		{precise(logical.TimestampLTZ, 3), `{"connect.type":"int64",` + stampTitle + `,"type":"number"}`},
		{precise(logical.TimestampLTZ, 6), `{"connect.type":"int64","flink.precision":6,"flink.version":"1",` + stampTitle + `,"type":"number"}`},
		{of(logical.Variant), `{}`},
		{nullable(of(logical.Boolean)), `{"oneOf":[{"type":"null"},{"type":"boolean"}]}`},
		{&logical.Type{Kind: logical.Array, Elem: nullable(str)}, `{"items":{"oneOf":[{"type":"null"},{"type":"string"}]},"type":"array"}`},
		{&logical.Type{Kind: logical.Map, Key: str, Elem: of(logical.Boolean)}, `{"additionalProperties":{"type":"boolean"},"connect.type":"map","type":"object"}`},
		{&logical.Type{Kind: logical.Map, Key: long(logical.Char, 2), Elem: of(logical.Boolean)}, `{"additionalProperties":{"type":"boolean"},"connect.type":"map","logical.key.length":2,"logical.key.type":"CHAR","type":"object"}`},
		{&logical.Type{Kind: logical.Map, Key: of(logical.Int), Elem: structOf()}, `{"connect.type":"map","items":{"additionalProperties":false,"properties":{"key":{"connect.type":"int32","type":"number"},"value":{"title":"Row_value","type":"object"}},"type":"object"},"type":"array"}`},
		{&logical.Type{Kind: logical.Multiset, Elem: str}, `{"additionalProperties":{"connect.type":"int32","type":"number"},"connect.type":"map","flink.type":"multiset","flink.version":"1","type":"object"}`},
		{unionOf(of(logical.Boolean), nullable(str)), `{"confluent:union":[{"name":"a"},{"name":"b"}],"oneOf":[{"type":"boolean"},{"oneOf":[{"type":"null"},{"type":"string"}]}]}`},
		{nullable(unionOf(structOf(), str)), `{"confluent:union":[{"name":"a"},{"name":"b"}],"oneOf":[{"type":"null"},{"title":"a","type":"object"},{"type":"string"}]}`},
		{&logical.Type{Kind: logical.Enum, Doc: "d", Tags: []string{"t"}, Values: []logical.EnumValue{{Symbol: "A"}, {Symbol: "B", Params: logical.Params{{Key: "protobuf.enum.number", Value: "7"}}}}}, `{"confluent:tags":["t"],"description":"d","enum":["A","B"],"title":"Row"}`},
		{&logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "A"}, {Symbol: "B", Doc: "b", Params: logical.Params{{Key: "k", Value: "v"}}}}}, `{"confluent:enum":[{"name":"A"},{"doc":"b","name":"B","params":{"k":"v"}}],"enum":["A","B"],"title":"Row"}`},
		{structOf(), `{"title":"Row","type":"object"}`},
		{&logical.Type{Kind: logical.Struct, Doc: "d", Params: logical.Params{{Key: "k", Value: "v"}, {Key: "avro.aliases", Value: "x"}}, Rules: []logical.Rule{{Expr: "e", SQL: "s"}}, Fields: []logical.Field{
			{Name: "z", Type: nullable(of(logical.Boolean)), Doc: "fd", Tags: []string{"t"}, Rules: []logical.Rule{{Name: "n", Doc: "d", Expr: "e", SQL: "s"}}},
			{Name: "a", Type: structOf()},
		}}, `{"additionalProperties":false,"confluent:params":{"k":"v"},"confluent:rules":[{"expr":"e","sql":"s"}],"description":"d","properties":{` +
			`"a":{"connect.index":1,"title":"Row_a","type":"object"},` +
			`"z":{"confluent:rules":[{"doc":"d","expr":"e","name":"n","sql":"s"}],"confluent:tags":["t"],"connect.index":0,"description":"fd","oneOf":[{"type":"null"},{"type":"boolean"}]}},` +
			`"required":["a"],"title":"Row","type":"object"}`},
	} {
		got := strings.Replace(write(t, &logical.Schema{Root: c.typ}), dialectText+",", "", 1)
		got = strings.Replace(got, dialectText, "", 1)
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", show(c.typ), got, c.want)
		}
	}
}

func TestToDocument(t *testing.T) {
	s := &logical.Schema{Name: "Order", Namespace: "a.b", Root: nullable(structOf(logical.Field{Name: "t", Type: named("a.T")}, logical.Field{Name: "e", Type: nullable(named("Ext"))},
		logical.Field{Name: "w", Type: named("Ref1")})),
		Named:      []logical.Definition{{Name: "a.T", Type: nullable(structOf(logical.Field{Name: "next", Type: nullable(named("a.T"))}))}, {Name: "Ref1", Type: str}},
		External:   []string{"Ext", "Ref1"},
		Imports:    []logical.Import{{Name: "Ref1", URI: "doc#/definitions/Ext"}},
		References: []schema.Reference{{Name: "doc", Subject: "s", Version: 2}},
		Resolved:   map[string]string{"doc": `{"definitions":{"Ext":{"type":"string"}}}`, "other": `true`},
	}
	d, err := To(s, "ignored")
	if err != nil {
		t.Fatal(err)
	}
	want := logical.Document{Type: schema.JSON, References: s.References, Properties: map[string]string{"confluent:edition": "2"},
		Text: `{"$defs":{"Ref1":{"$ref":"doc#/definitions/Ext","logical.ref":true},` +
			`"a.T":{"additionalProperties":false,"properties":{"next":{"connect.index":0,"oneOf":[{"type":"null"},{"$ref":"#/$defs/a.T"}]}},"title":"a.T","type":"object"}},` +
			dialectText + `,"confluent:namespace":"a.b","oneOf":[{"type":"null"},{"additionalProperties":false,"properties":{` +
			`"e":{"connect.index":1,"oneOf":[{"type":"null"},{"$ref":"doc#/$defs/Ext"}]},"t":{"$ref":"#/$defs/a.T","connect.index":0},` +
			`"w":{"$ref":"#/$defs/Ref1","connect.index":2}},"required":["t","w"],"title":"Order","type":"object"}],"title":"Order"}`}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
	back := read(t, d.Text, s.Resolved)
	wantBack := "NAMESPACE a.b; USING Ref1 FOR doc#/definitions/Ext; EXTERNAL Ref1 = VARCHAR NOT NULL; a.T = STRUCT(next a.T) NOT NULL; " +
		"EXTERNAL Ext = VARCHAR NOT NULL; Order STRUCT(t a.T NOT NULL, e Ext, w Ref1 NOT NULL)"
	if got := showSchema(back); got != wantBack {
		t.Errorf(" got %s\nwant %s", got, wantBack)
	}
}

func TestToDefaults(t *testing.T) {
	for _, c := range []struct {
		typ  *logical.Type
		v    logical.Value
		want string // "": none
	}{
		{of(logical.Boolean), true, `true`},
		{of(logical.BigInt), logical.Number("-9223372036854775808"), `-9223372036854775808`},
		{of(logical.Double), logical.Number("2.0"), `2`},
		{of(logical.Double), logical.Number("10000000"), `1E+7`},
		{of(logical.Float), logical.Number("0.1"), `0.1`},
		{str, "x", `"x"`},
		{long(logical.Binary, 3), []byte{1, 2, 3}, `"AQID"`},
		{&logical.Type{Kind: logical.Decimal, Precision: 9, Scale: 3}, logical.Number("12.340"), `"12.340"`},
		{of(logical.Date), "2026-04-17", `"2026-04-17"`},
		{nullable(of(logical.Int)), nil, ``},
		{nullable(of(logical.Int)), logical.Number("42"), `42`},
		{unionOf(of(logical.Int), str), logical.Number("5"), `5`},
		{named("E"), "A", `"A"`},
	} {
		s := &logical.Schema{Root: structOf(logical.Field{Name: "f", Type: c.typ, Default: logical.Default{Has: true, Value: c.v}}),
			Named: []logical.Definition{{Name: "E", Type: &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "A"}}}}}}
		text := write(t, s)
		if got := strings.Contains(text, `"default":`); got != (c.want != "") || !strings.Contains(text, c.want) {
			t.Errorf("%s DEFAULT %v: %s", show(c.typ), c.v, text)
		}
	}
	derived := &logical.Schema{Root: structOf(logical.Field{Name: "f", Type: &logical.Type{Kind: logical.Array, Elem: str},
		Default: logical.Default{Has: true, Value: []logical.Value{}, Derived: true}})}
	if text := write(t, derived); strings.Contains(text, "default") {
		t.Errorf("a derived default was written: %s", text)
	}
}

func TestToRefuses(t *testing.T) {
	withDefault := func(typ *logical.Type, v logical.Value) *logical.Schema {
		return &logical.Schema{Root: structOf(logical.Field{Name: "f", Type: typ, Default: logical.Default{Has: true, Value: v}})}
	}
	deep := of(logical.Boolean)
	wide := of(logical.Boolean)
	for range 300 {
		deep = &logical.Type{Kind: logical.Array, Elem: deep}
		wide = nullable(unionOf(wide))
	}
	for _, c := range []struct {
		s    *logical.Schema
		want string
	}{
		{withDefault(&logical.Type{Kind: logical.Array, Elem: str}, []logical.Value{"x"}), "Default values are not supported for type: ARRAY"},
		{withDefault(&logical.Type{Kind: logical.Map, Key: str, Elem: str}, logical.Object{}), "Default values are not supported for type: MAP"},
		{withDefault(&logical.Type{Kind: logical.Multiset, Elem: str}, logical.Object{}), "Default values are not supported for type: MULTISET"},
		{withDefault(structOf(), logical.Object{}), "Default values are not supported for type: STRUCT"},
		{withDefault(of(logical.Variant), "x"), "Default values are not supported for type: VARIANT"},
		{withDefault(of(logical.Int), logical.Number("NaN")), "the default NaN is not a number"},
		{withDefault(of(logical.Double), logical.Number("1e999")), "the default 1e999 is out of the range of DOUBLE"},
		{&logical.Schema{Root: precise(logical.Time, 10)}, "TIME precision must be in [0, 9], got 10"},
		{&logical.Schema{Root: precise(logical.Timestamp, -1)}, "TIMESTAMP precision must be in [0, 9], got -1"},
		{&logical.Schema{Root: named("Gone")}, "Unknown named type reference: 'Gone'. Either define it as a local STRUCT/ENUM declaration, or place it as a $defs (or definitions) entry in an external schema in resolvedReferences."},
		{&logical.Schema{Root: str, Resolved: map[string]string{"a": `{"$defs":{"T":{}}}`, "b": `{"definitions":{"T":{}}}`}}, "Duplicate named type: T"},
		{&logical.Schema{Root: str, Resolved: map[string]string{"a": `{`}}, "Failed to parse external schema for name collection"},
		{&logical.Schema{Root: deep}, "Schema type nesting depth exceeds the maximum of 256"},
		{&logical.Schema{Root: wide}, "Schema type nesting depth exceeds the maximum of 256"},
		{&logical.Schema{}, "a type is missing"},
		{&logical.Schema{Root: &logical.Type{Kind: 99}}, "Unsupported to derive JSON Schema for type: Kind(99)"},
		{&logical.Schema{Root: named("X"), External: []string{"X"}}, `Logical type schema cannot be represented as JSON: line 1, column 9: $ref "X" leads nowhere: it is neither in the document nor among its references`},
	} {
		_, err := To(c.s, "Row")
		var refused *logical.Error
		if !errors.As(err, &refused) || refused.Msg != c.want {
			t.Errorf(" got %v\nwant %s", err, c.want)
		}
	}
}
