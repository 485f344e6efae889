package ddl

import (
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/compat/logical"
)

func str() *logical.Type { return &logical.Type{Kind: logical.Varchar, Length: logical.Unbounded} }

func ref(n string) *logical.Type { return &logical.Type{Kind: logical.Named, Name: n} }

func nullable(t *logical.Type) *logical.Type {
	u := *t
	u.Nullable = true
	return &u
}

func structOf(fields ...logical.Field) *logical.Type {
	return &logical.Type{Kind: logical.Struct, Nullable: true, Fields: fields}
}

func enumOf(symbols ...string) *logical.Type {
	t := &logical.Type{Kind: logical.Enum, Nullable: true}
	for _, s := range symbols {
		t.Values = append(t.Values, logical.EnumValue{Symbol: s})
	}
	return t
}

func TestPrint(t *testing.T) {
	kv := logical.Params{{Key: "k", Value: "v"}}
	named := func(t *logical.Type, n string) logical.Definition { return logical.Definition{Name: n, Type: t} }
	x := logical.Field{Name: "x", Type: &logical.Type{Kind: logical.Int}}
	def := func(t *logical.Type, v logical.Value) logical.Field {
		return logical.Field{Name: "d", Type: t, Default: logical.Default{Has: true, Value: v}}
	}
	for _, c := range []struct {
		name   string
		schema logical.Schema
		want   string
	}{
		{"a root without a name", logical.Schema{Root: nullable(&logical.Type{Kind: logical.Int})}, "TYPE INT;\n"},
		{"an inline root", logical.Schema{Name: "R", Namespace: "n",
			Root: &logical.Type{Kind: logical.Struct, Fields: numbered(x, x)}},
			"NAMESPACE n;\nSTRUCT R (x0 INT NOT NULL, x1 INT NOT NULL);\n"},
		{"an inline root that can be null", logical.Schema{Name: "R", Root: enumOf("a")}, "ENUM R ('a');\nTYPE R;\n"},
		{"an inline root that a peer uses", logical.Schema{Name: "R", Namespace: "n",
			Root:  &logical.Type{Kind: logical.Struct, Fields: []logical.Field{x}},
			Named: []logical.Definition{named(structOf(logical.Field{Name: "r", Type: ref("n.R")}), "n.P")}},
			"NAMESPACE n;\nSTRUCT R (x INT NOT NULL);\nSTRUCT P (r R NOT NULL);\nTYPE R NOT NULL;\n"},
		{"an inline root with the name of a type", logical.Schema{Name: "R", Namespace: "n", Root: structOf(x),
			Named: []logical.Definition{named(structOf(x), "n.R")}},
			"NAMESPACE n;\nSTRUCT R (x INT NOT NULL);\nTYPE STRUCT(x INT NOT NULL);\n"},
		{"a name of a root that is no STRUCT", logical.Schema{Name: "R", Root: &logical.Type{Kind: logical.Int}},
			"TYPE INT NOT NULL;\n"},
		{"the only root", logical.Schema{Root: ref("A"), Named: []logical.Definition{named(structOf(x), "A")}},
			"STRUCT A (x INT NOT NULL);\n"},
		{"the only root, which can be null", logical.Schema{Root: nullable(ref("A")),
			Named: []logical.Definition{named(structOf(x), "A")}},
			"STRUCT A (x INT NOT NULL);\nTYPE A;\n"},
		{"an orphan", logical.Schema{Root: ref("A"), Named: []logical.Definition{named(structOf(x), "A"), named(enumOf("b"), "B")}},
			"STRUCT A (x INT NOT NULL);\nENUM B ('b');\nTYPE A NOT NULL;\n"},
		{"a child before its parent", logical.Schema{Namespace: "n", Root: ref("n.A"), Named: []logical.Definition{
			{Name: "n.A.B.C", Type: enumOf("c")}, {Name: "n.A.B", Type: structOf(x)}, {Name: "n.A", Type: structOf(x)}}},
			"NAMESPACE n;\nSTRUCT A (x INT NOT NULL);\nSTRUCT A.B (x INT NOT NULL);\nENUM A.B.C ('c');\n"},
		{"names outside the namespace", logical.Schema{Namespace: "n", Root: structOf(
			logical.Field{Name: "a", Type: ref("m.A")}, logical.Field{Name: "b", Type: ref("n.sub.B")}),
			External: []string{"m.A", "n.sub.B"}},
			"NAMESPACE n;\nTYPE STRUCT(a m.A NOT NULL, b n.sub.B NOT NULL);\n"},
		{"external bodies and imports", logical.Schema{Namespace: "n", Root: ref("n.A"), External: []string{"n.E", "x.F", "x.G"},
			Imports: []logical.Import{{Name: "x.G", URI: "unused"}, {Name: "n.E", URI: "e's"}, {Name: "n.A", URI: "local"}},
			Named: []logical.Definition{named(structOf(logical.Field{Name: "g", Type: ref("x.G")}), "n.E"),
				named(structOf(logical.Field{Name: "e", Type: ref("n.E")}, logical.Field{Name: "f", Type: ref("x.F")}), "n.A")}},
			"NAMESPACE n;\nUSING TYPE E FOR REF 'e''s';\nSTRUCT A (e E NOT NULL, f x.F NOT NULL);\n"},
		{"reserved words", logical.Schema{Name: "Struct", Namespace: "a.null", Root: &logical.Type{Kind: logical.Struct,
			Fields: []logical.Field{{Name: "Order", Type: str()}, {Name: "in", Type: nullable(str())}}}},
			"NAMESPACE a.`null`;\nSTRUCT `Struct` (Order STRING NOT NULL, `in` STRING);\n"},
		{"everything attached", logical.Schema{Name: "R", Root: &logical.Type{Kind: logical.Struct, Doc: "it's",
			Tags:   []string{"t", "u"},
			Params: kv, Rules: []logical.Rule{{SQL: "a > 'b'"}, {Name: "the c", SQL: "a < 'c'", Doc: "m"}},
			Fields: []logical.Field{{Name: "a", Type: nullable(str()), Default: logical.Default{Has: true},
				Rules: []logical.Rule{{SQL: "a <> ''", Name: "c"}}, Doc: "d", Tags: []string{"t"}, Params: kv}}}},
			"STRUCT R (\n  a STRING DEFAULT NULL CONSTRAINT c CHECK (a <> '') COMMENT 'd' TAGS('t') WITH('k' = 'v'),\n  CHECK (a > 'b'),\n" +
				"  CONSTRAINT `the c` CHECK (a < 'c') MESSAGE 'm'\n) COMMENT 'it''s' TAGS('t', 'u') WITH('k' = 'v');\n"},
		{"three fields", logical.Schema{Name: "R", Root: &logical.Type{Kind: logical.Struct, Fields: numbered(x, x, x)}},
			"STRUCT R (\n  x0 INT NOT NULL,\n  x1 INT NOT NULL,\n  x2 INT NOT NULL\n);\n"},
		{"only constraints", logical.Schema{Name: "R", Root: &logical.Type{Kind: logical.Struct, Rules: []logical.Rule{{SQL: "TRUE"}}}},
			"STRUCT R (\n  CHECK (TRUE)\n);\n"},
		{"no fields", logical.Schema{Name: "R", Root: &logical.Type{Kind: logical.Struct}}, "STRUCT R ();\n"},
		{"an enum", logical.Schema{Name: "E", Root: &logical.Type{Kind: logical.Enum, Doc: "d", Tags: []string{"t"},
			Values: []logical.EnumValue{{Symbol: "a'b", Doc: "first", Params: kv}, {Symbol: "c"}}}},
			"ENUM E ('a''b' COMMENT 'first' WITH('k' = 'v'), 'c') COMMENT 'd' TAGS('t');\n"},
		{"an inline enum", logical.Schema{Root: &logical.Type{Kind: logical.Array, Elem: enumOf("a", "b")}},
			"TYPE ARRAY<ENUM('a', 'b')> NOT NULL;\n"},
		{"collections", logical.Schema{Root: &logical.Type{Kind: logical.Map, Key: str(),
			Elem: nullable(&logical.Type{Kind: logical.Multiset,
				Elem: &logical.Type{Kind: logical.Union, Branches: []logical.Branch{{Name: "a", Type: str(), Doc: "d"},
					{Name: "null", Type: nullable(&logical.Type{Kind: logical.Variant}), Params: kv}}}})}},
			"TYPE MAP<STRING NOT NULL, MULTISET<UNION(a STRING NOT NULL COMMENT 'd', `null` VARIANT WITH('k' = 'v')) " +
				"NOT NULL>> NOT NULL;\n"},
		{"what DDL cannot say", logical.Schema{Root: &logical.Type{Kind: logical.Struct, Doc: "d", Tags: []string{"t"},
			Fields: []logical.Field{x}}},
			"TYPE STRUCT(x INT NOT NULL) NOT NULL;\n"},
		{"properties of other types", logical.Schema{Name: "R", Root: &logical.Type{Kind: logical.Struct, Fields: []logical.Field{x},
			Params: logical.Params{{Key: "n", Value: logical.Number("1.50")}, {Key: "b", Value: true}, {Key: "z", Value: nil},
				{Key: "l", Value: []logical.Value{"a", logical.Number("1"), nil}}, {Key: "o", Value: logical.Object{{Name: "k", Value: "v"},
					{Name: "l", Value: []logical.Value{}}}}}}},
			"STRUCT R (x INT NOT NULL) WITH('n' = '1.50', 'b' = 'true', 'z' = 'null', 'l' = '[a, 1, null]', 'o' = '{k=v, l=[]}');\n"},
		{"a derived default", logical.Schema{Root: &logical.Type{Kind: logical.Struct, Fields: []logical.Field{{Name: "l",
			Type:    &logical.Type{Kind: logical.Array, Elem: str()},
			Default: logical.Default{Has: true, Derived: true, Value: []logical.Value{}}}}}},
			"TYPE STRUCT(l ARRAY<STRING NOT NULL> NOT NULL) NOT NULL;\n"},
		{"defaults that DDL has not", logical.Schema{Root: &logical.Type{Kind: logical.Struct, Fields: numbered(
			def(ref("E"), "A"), def(&logical.Type{Kind: logical.Array, Elem: str()}, []logical.Value{"it's"}),
			def(&logical.Type{Kind: logical.Double}, logical.Number("NaN")), def(&logical.Type{Kind: logical.Char, Length: 2}, "abc"),
			def(&logical.Type{Kind: logical.TinyInt}, logical.Number("128")), def(&logical.Type{Kind: logical.Int}, "1) NULL"))}},
			"TYPE STRUCT(d0 E NOT NULL, d1 ARRAY<STRING NOT NULL> NOT NULL, d2 DOUBLE NOT NULL, d3 CHAR(2) NOT NULL, " +
				"d4 TINYINT NOT NULL, d5 INT NOT NULL) NOT NULL;\n"},
		{"numbers as another language writes them", logical.Schema{Root: &logical.Type{Kind: logical.Struct, Fields: numbered(
			def(&logical.Type{Kind: logical.Double}, logical.Number("5")), def(&logical.Type{Kind: logical.Float}, logical.Number("1e10")),
			def(&logical.Type{Kind: logical.Decimal, Precision: 4, Scale: 2}, logical.Number("0001.50")),
			def(&logical.Type{Kind: logical.Double}, logical.Number("x")), def(&logical.Type{Kind: logical.Decimal, Precision: 4}, "x"))}},
			"TYPE STRUCT(d0 DOUBLE NOT NULL DEFAULT 5.0, d1 FLOAT NOT NULL DEFAULT 1.0E10, d2 DECIMAL(4, 2) NOT NULL DEFAULT 1.50, " +
				"d3 DOUBLE NOT NULL, d4 DECIMAL(4, 0) NOT NULL) NOT NULL;\n"},
		{"bounded types", logical.Schema{Root: structOf(
			logical.Field{Name: "c", Type: &logical.Type{Kind: logical.Char, Length: logical.Unbounded}},
			logical.Field{Name: "b", Type: &logical.Type{Kind: logical.Binary, Length: logical.Unbounded}})},
			"TYPE STRUCT(c CHAR(2147483647) NOT NULL, b BINARY(2147483647) NOT NULL);\n"},
	} {
		if diff := cmp.Diff(c.want, print(t, &c.schema)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// numbered returns fields with a number behind the name of each.
func numbered(fields ...logical.Field) []logical.Field {
	for i := range fields {
		fields[i].Name += strconv.Itoa(i)
	}
	return fields
}

func TestPrintRefuses(t *testing.T) {
	x := logical.Field{Name: "x", Type: &logical.Type{Kind: logical.Int}}
	rule := func(sql string) *logical.Type {
		f := x
		f.Rules = []logical.Rule{{Expr: "this > 0", SQL: sql}}
		return structOf(f)
	}
	for _, c := range []struct {
		s    logical.Schema
		want string
	}{
		{logical.Schema{Root: ref("A"), Named: []logical.Definition{{Name: "A", Type: str()}}},
			"Named-type body must be STRUCT or ENUM, got VARCHAR for 'A'"},
		{logical.Schema{Root: ref("a..b")}, "The schema has no DDL: identifier must not be empty"},
		{logical.Schema{Root: structOf(x), Namespace: "."}, "The schema has no DDL: identifier must not be empty"},
		{logical.Schema{Root: structOf(x, x)}, "The schema has no DDL: Duplicate field: x"},
		{logical.Schema{Root: structOf(logical.Field{Name: "a b", Type: str()})},
			"The schema has no DDL: Field name must not contain whitespace or control characters; got: 'a b'"},
		{logical.Schema{Root: &logical.Type{Kind: logical.Varchar, Length: -7}},
			"The schema has no DDL: VARCHAR length must be in [0, 2147483647], got -7"},
		{logical.Schema{Root: rule("x > 0), y INT, CHECK (x < 0")}, "The constraint 'x > 0), y INT, CHECK (x < 0' has no DDL"},
		{logical.Schema{Root: rule("x >")}, "The constraint 'x >' has no DDL"},
	} {
		text, err := Print(&c.s)
		var fault *logical.Error
		if text != "" || !errors.As(err, &fault) || fault.Msg != c.want {
			t.Errorf("%q, %v, want %s", text, err, c.want)
		}
	}
}

// A name without a namespace is one of the script's: what has none stands under an alias.
func TestPrintAliases(t *testing.T) {
	s := &logical.Schema{Namespace: "n", Root: structOf(logical.Field{Name: "a", Type: ref("S")}, logical.Field{Name: "b", Type: ref("n.S_")},
		logical.Field{Name: "c", Type: ref("S")}), External: []string{"S", "n.S_"}}
	want := "NAMESPACE n;\nUSING TYPE S__ FOR TYPE S;\nTYPE STRUCT(a S__ NOT NULL, b S_ NOT NULL, c S__ NOT NULL);\n"
	text := print(t, s)
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(s, read(t, text), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
