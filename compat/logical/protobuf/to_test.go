package protobuf

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
)

// leaf is a type that is not null.
func leaf(k logical.Kind) *logical.Type {
	t := &logical.Type{Kind: k}
	if k == logical.Varchar || k == logical.Varbinary {
		t.Length = logical.Unbounded
	}
	return t
}

func null(t *logical.Type) *logical.Type { return nullable(t, true) }

func ref(name string) *logical.Type { return &logical.Type{Kind: logical.Named, Name: name} }

func array(e *logical.Type) *logical.Type { return &logical.Type{Kind: logical.Array, Elem: e} }

func field(name string, t *logical.Type) logical.Field { return logical.Field{Name: name, Type: t} }

func record(fields ...logical.Field) *logical.Type {
	return &logical.Type{Kind: logical.Struct, Fields: fields}
}

func union(branches ...logical.Field) *logical.Type {
	t := &logical.Type{Kind: logical.Union}
	for _, b := range branches {
		t.Branches = append(t.Branches, logical.Branch{Name: b.Name, Type: b.Type})
	}
	return t
}

func symbolsOf(names ...string) *logical.Type {
	t := &logical.Type{Kind: logical.Enum}
	for _, n := range names {
		t.Values = append(t.Values, logical.EnumValue{Symbol: n})
	}
	return t
}

// numbered gives a field the number of a property.
func numbered(f logical.Field, n int) logical.Field {
	f.Params = logical.Params{{Key: "protobuf.field.number", Value: strconv.Itoa(n)}}
	return f
}

// marks are the lines of an annotation with properties, without their layout.
func marks(pairs ...string) string { return param(append([]string{"flink.version", "1"}, pairs...)...) }

func TestWritesFields(t *testing.T) {
	integer, text := leaf(logical.Int), leaf(logical.Varchar)
	for name, tt := range map[string]struct {
		field logical.Field
		want  string // the body of the message
	}{
		"a leaf":            {field("f", integer), `int32 f = 1;`},
		"a leaf or null":    {field("f", null(leaf(logical.BigInt))), `optional int64 f = 1;`},
		"a narrow integer":  {field("f", leaf(logical.TinyInt)), `int32 f = 1 ` + marks("connect.type", "int8") + `;`},
		"a bounded string":  {field("f", &logical.Type{Kind: logical.Varchar, Length: 9}), `string f = 1 ` + marks("flink.maxLength", "9") + `;`},
		"a fixed string":    {field("f", &logical.Type{Kind: logical.Binary, Length: 9}), `bytes f = 1 ` + marks("flink.minLength", "9", "flink.maxLength", "9") + `;`},
		"a decimal":         {field("f", &logical.Type{Kind: logical.Decimal, Nullable: true, Precision: 9, Scale: 2}), `optional .confluent.type.Decimal f = 1 ` + marks("precision", "9", "scale", "2") + `;`},
		"a date":            {field("f", leaf(logical.Date)), `.google.type.Date f = 1 ` + marks("flink.notNull", "true") + `;`},
		"a local timestamp": {field("f", &logical.Type{Kind: logical.Timestamp, Nullable: true, Precision: 3}), `optional .google.protobuf.Timestamp f = 1 ` + marks("flink.precision", "3", "flink.type", "timestamp") + `;`},
		"an instant":        {field("f", &logical.Type{Kind: logical.TimestampLTZ, Nullable: true, Precision: 9}), `optional .google.protobuf.Timestamp f = 1;`},
		"a struct":          {field("foo_bar", null(record(field("x", integer)))), `optional .a.M.FooBarRow foo_bar = 1; message FooBarRow { int32 x = 1; }`},
		"an enum":           {field("fooBar", symbolsOf("A", "B")), `.a.M.FooBarEnum fooBar = 1; enum FooBarEnum { A = 0; B = 1; }`},
		"a list":            {field("f", array(integer)), `repeated int32 f = 1;`},
		"a list or null":    {field("f", null(array(integer))), `.a.M.FRepeatedWrapper f = 1 ` + marks("flink.wrapped", "true") + `; message FRepeatedWrapper { repeated int32 value = 1; }`},
		"a list with nulls": {field("f", array(null(integer))), `repeated .a.M.FElementWrapper f = 1 ` + marks("flink.wrapped", "true") + `; message FElementWrapper { optional int32 value = 1; }`},
		"a list of lists":   {field("f", array(array(text))), `repeated .a.M.FElementWrapper f = 1 ` + marks("flink.wrapped", "true") + `; message FElementWrapper { repeated string value = 1; }`},
		"a list of unions":  {field("f", array(union(field("i", integer)))), `repeated .a.M.FElementWrapper f = 1 ` + marks("flink.wrapped", "true") + `; message FElementWrapper { oneof value { int32 i = 1; } }`},
		"a map":             {field("user_counts", &logical.Type{Kind: logical.Map, Key: null(text), Elem: integer}), `repeated .a.M.UserCountsEntry user_counts = 1; message UserCountsEntry { optional string key = 1; int32 value = 2; }`},
		"a multiset":        {field("f", &logical.Type{Kind: logical.Multiset, Elem: text}), `repeated .a.M.FEntry f = 1 ` + marks("flink.type", "multiset") + `; message FEntry { string key = 1; int32 value = 2; }`},
		"a union":           {field("u", union(field("i", integer), field("l", array(text)))), `oneof u { int32 i = 1; .a.M.LRepeatedWrapper l = 2 ` + marks("flink.wrapped", "true") + `; } message LRepeatedWrapper { repeated string value = 1; }`},
		"a union in another": {field("u", union(field("in", union(field("i", integer))))), `oneof u { .a.M.InOneofWrapper in = 1 ` + marks("flink.wrapped", "true") +
			`; } message InOneofWrapper { oneof value { int32 i = 1; } }`},
		"a number":             {numbered(field("f", integer), 42), `int32 f = 42;`},
		"a reserved word":      {field("message", integer), `int32 message = 1;`},
		"a default":            {logical.Field{Name: "f", Type: integer, Default: logical.Default{Has: true, Value: logical.Number("7")}}, `int32 f = 1 ` + marks("logical.default", "7") + `;`},
		"a default in bytes":   {logical.Field{Name: "f", Type: leaf(logical.Varbinary), Default: logical.Default{Has: true, Value: []byte{1, 2}}}, `bytes f = 1 ` + marks("logical.default", "AQI=") + `;`},
		"no default of null":   {logical.Field{Name: "f", Type: null(integer), Default: logical.Default{Has: true}}, `optional int32 f = 1;`},
		"no derived default":   {logical.Field{Name: "f", Type: array(integer), Default: logical.Default{Has: true, Value: []logical.Value{}, Derived: true}}, `repeated int32 f = 1;`},
		"what is said of it":   {logical.Field{Name: "f", Type: leaf(logical.SmallInt), Doc: "d\n\"é\"", Tags: []string{"A", "B"}, Params: logical.Params{{Key: "k", Value: "v"}, {Key: "avro.aliases", Value: "x"}}, Rules: []logical.Rule{{Name: "n", Expr: "e", SQL: "s"}}}, `int32 f = 1 [(confluent.field_meta) = {doc: "d\n\"é\"", params: [{key: "flink.version", value: "1"}, {key: "connect.type", value: "int16"}, {key: "k", value: "v"}], rules: [{expr: "e", name: "n", sql: "s"}], tags: ["A", "B"]}];`},
		"a variant, not null":  {field("f", leaf(logical.Variant)), `.confluent.type.Variant f = 1 ` + marks("flink.notNull", "true") + `;`},
		"enum numbers":         {field("f", &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "A"}, {Symbol: "B", Params: logical.Params{{Key: "protobuf.enum.number", Value: "-3"}}}, {Symbol: "C"}}}), `.a.M.FEnum f = 1; enum FEnum { B = -3; A = 0; C = 1; }`},
		"symbols of one value": {field("f", &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "A"}, {Symbol: "B", Params: logical.Params{{Key: "protobuf.enum.number", Value: "1"}}}, {Symbol: "C", Params: logical.Params{{Key: "protobuf.enum.number", Value: "1"}}}}}), `.a.M.FEnum f = 1; enum FEnum { option allow_alias = true; A = 0; B = 1; C = 1; }`},
	} {
		t.Run(name, func(t *testing.T) {
			s := &logical.Schema{Namespace: "a", Root: record(tt.field)}
			imports := ""
			for _, path := range []string{decimalFile, variantFile, timestampFile, dateFile} { // in order
				typ := map[string]string{decimalFile: decimalType, variantFile: variantType, timestampFile: timestampType, dateFile: dateType}[path]
				if strings.Contains(tt.want, typ) {
					imports += "import \"" + path + "\";"
				}
			}
			want := mustParse(t, proto3(imports+"message M {"+tt.want+"}"), nil).Canonical()
			got := mustWrite(t, s, "M")
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if name == "enum numbers" { // a compiler wants 0 first; normalising puts it behind
				return
			}
			if _, err := mustParse(t, got, nil).Descriptor(context.Background()); err != nil {
				t.Errorf("%s\n%v", got, err)
			}
		})
	}
}

func TestWritesFiles(t *testing.T) {
	tree := record(field("next", null(ref("a.Tree"))))
	outer := record(field("in", null(ref("a.Outer.In"))), field("e", ref("a.Outer.E")))
	texts := map[string]string{
		"peers.proto": `syntax = "proto3"; package p; message A { message In {} enum E { Z = 0; } }`,
		"other.proto": `syntax = "proto3"; package o; message O {}`,
	}
	for name, tt := range map[string]struct {
		schema *logical.Schema
		want   string
	}{
		"named types are beside the root": {
			&logical.Schema{Namespace: "a", Root: record(field("n", null(ref("a.N"))), field("e", ref("a.E"))), Named: []logical.Definition{
				{Name: "a.E", Type: symbolsOf("Z")}, {Name: "a.N", Type: record()}, {Name: "a.Orphan", Type: record()},
			}},
			`message Fallback { optional .a.N n = 1; .a.E e = 2; } message N {} message Orphan {} enum E { Z = 0; }`,
		},
		"a root that has a name": {&logical.Schema{Namespace: "a", Name: "Named", Root: record()}, `message Named {}`},
		"a root that is named": {
			&logical.Schema{Namespace: "a", Root: ref("a.Tree"), Named: []logical.Definition{{Name: "a.Peer", Type: record()}, {Name: "a.Tree", Type: tree}}},
			`message Tree { optional .a.Tree next = 1; } message Peer {}`,
		},
		"several roots": {
			&logical.Schema{Namespace: "a", Root: union(field("B", ref("a.B")), field("A", ref("a.A"))), Named: []logical.Definition{
				{Name: "a.A", Type: record()}, {Name: "a.B", Type: record()},
			}},
			`message B {} message A {}`,
		},
		"nested types are marked": {
			&logical.Schema{Namespace: "a", Root: ref("a.Outer"), Named: []logical.Definition{
				{Name: "a.Outer", Type: outer}, {Name: "a.Outer.In", Type: record()}, {Name: "a.Outer.E", Type: symbolsOf("Z")},
			}},
			`message Outer { optional .a.Outer.In in = 1; .a.Outer.E e = 2;
				message In { option (confluent.message_meta) = {params: [{key: "logical.named", value: "true"}]}; }
				enum E { option (confluent.enum_meta) = {params: [{key: "logical.named", value: "true"}]}; Z = 0; } }`,
		},
		"nested types in a cycle are not": {
			&logical.Schema{Namespace: "a", Root: ref("a.O"), Named: []logical.Definition{
				{Name: "a.O", Type: record(field("n", null(ref("a.O.N"))))}, {Name: "a.O.N", Type: record(field("n", null(ref("a.O.N"))))},
			}},
			`message O { optional .a.O.N n = 1; message N { optional .a.O.N n = 1; } }`,
		},
		"types of references are imported": {
			&logical.Schema{Namespace: "a", Root: record(field("i", null(ref("p.A.In"))), field("e", ref("p.A.E"))), External: []string{"p.A.In"},
				Named:      []logical.Definition{{Name: "p.A.In", Type: record()}},
				References: document("", texts).References, Resolved: texts},
			`import "peers.proto"; message Fallback { optional .p.A.In i = 1; .p.A.E e = 2; }`,
		},
		"numbers leave room for those that are said": {
			&logical.Schema{Namespace: "a", Root: record(field("a", leaf(logical.Int)), numbered(field("b", leaf(logical.Int)), 2), field("c", leaf(logical.Int)))},
			`message Fallback { int32 a = 1; int32 b = 2; int32 c = 3; }`,
		},
		"what is said of the root": {
			&logical.Schema{Namespace: "a", Root: &logical.Type{Kind: logical.Struct, Doc: "d", Tags: []string{"T"}, Params: logical.Params{{Key: "k", Value: "v"}}, Rules: []logical.Rule{{Doc: "m", Expr: "e", SQL: "s"}}}},
			`message Fallback { option (confluent.message_meta) = {doc: "d", params: [{key: "k", value: "v"}], rules: [{doc: "m", expr: "e", sql: "s"}], tags: ["T"]}; }`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := mustParse(t, proto3(tt.want), tt.schema.Resolved).Canonical()
			d, err := To(tt.schema, "Fallback")
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want, d.Text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !gocmp.Equal(d.References, tt.schema.References) {
				t.Errorf("references %v", d.References)
			}
		})
	}
}

func TestWritesRootsWithoutMessages(t *testing.T) {
	leaves := map[logical.Kind]string{
		logical.Boolean: "BOOLEAN", logical.TinyInt: "INT", logical.SmallInt: "INT", logical.Int: "INT", logical.BigInt: "BIGINT", logical.Float: "FLOAT",
		logical.Double: "DOUBLE", logical.Varchar: "VARCHAR", logical.Varbinary: "VARBINARY", logical.Variant: "VARIANT",
	}
	for kind, want := range leaves {
		text := mustWrite(t, &logical.Schema{Root: leaf(kind)}, "Fallback")
		if got := described(mustRead(t, text, nil)); got != want {
			t.Errorf("%s reads back as %s from\n%s", kind, got, text)
		}
		if kind != logical.Variant && strings.Count(text, "message ") != 9 {
			t.Errorf("the file of the wrappers is\n%s", text)
		}
	}
	texts := map[string]string{"b.Leaf": `syntax = "proto3"; package b; message Leaf {}`}
	s := &logical.Schema{Namespace: "b", Root: ref("b.Leaf"), References: document("", texts).References, Resolved: texts}
	text := mustWrite(t, s, "Fallback")
	if want := "syntax = \"proto3\";\npackage b;\n\nimport public \"b.Leaf\";\n"; text != want {
		t.Errorf("got %s", text)
	}
	if got := described(mustRead(t, text, texts)); got != "b.Leaf!" {
		t.Errorf("reads back as %s", got)
	}
}

func TestRefusesToWrite(t *testing.T) {
	const failed = "Failed to translate the provided schema to a Protobuf descriptor: "
	integer := leaf(logical.Int)
	root := func(fields ...logical.Field) *logical.Schema { return &logical.Schema{Root: record(fields...)} }
	named := func(s *logical.Schema, d ...logical.Definition) *logical.Schema { s.Named = d; return s }
	withDefault := func(t *logical.Type, v logical.Value) *logical.Schema {
		return root(logical.Field{Name: "f", Type: t, Default: logical.Default{Has: true, Value: v}})
	}
	texts := map[string]string{"one.proto": `syntax = "proto3"; package p; message P {}`, "two.proto": `syntax = "proto3"; package p; message P {}`}
	for name, tt := range map[string]struct {
		schema *logical.Schema
		want   string
	}{
		"a URI": {
			&logical.Schema{Root: record(), Imports: []logical.Import{{Name: "A"}, {Name: "B"}}},
			"Cannot emit to Proto: LogicalType carries JSON-specific synthetic external imports [A, B]. Re-construct the LT against Proto-compatible externals.",
		},
		"a root of bounded length": {&logical.Schema{Root: &logical.Type{Kind: logical.Char, Length: 3}}, "Top-level schema must be STRUCT, got CHAR"},
		"a root that is a list":    {&logical.Schema{Root: array(integer)}, "Top-level schema must be STRUCT, got ARRAY"},
		"a root that is nowhere":   {&logical.Schema{Root: ref("X")}, "Top-level schema must be STRUCT, got NAMED_TYPE_REF"},
		"a root that is an enum":   {&logical.Schema{Root: symbolsOf("A"), Name: "E"}, "Top-level schema must be STRUCT, got ENUM"},
		"a leaf with a doc": {
			&logical.Schema{Root: &logical.Type{Kind: logical.Int, Doc: "d"}},
			"Schema-level doc/tags/params are not supported on a wrapped root (type INT). Wrap the value in a STRUCT instead.",
		},
		"a leaf with named types": {
			named(&logical.Schema{Root: integer}, logical.Definition{Name: "N", Type: record()}),
			"Local namedTypes are not supported on a wrapped root (type INT). Wrap the value in a STRUCT instead.",
		},
		"a leaf with references": {
			&logical.Schema{Root: integer, Resolved: texts},
			"External references are not supported on a wrapped root (type INT). Wrap the value in a STRUCT instead.",
		},
		"another namespace": {
			named(&logical.Schema{Namespace: "a", Root: record()}, logical.Definition{Name: "N", Type: record()}),
			"Proto requires all named types to share the file's package, but 'N' is in namespace '<none>' while the file's package is 'a'. " +
				"Either align the namespaces, or split cross-namespace types into separate schemas referenced as externals.",
		},
		"a type with the root's name": {
			named(&logical.Schema{Root: record()}, logical.Definition{Name: "M", Type: record()}),
			"Named type 'M' has the same simple name 'M' as the root message.",
		},
		"a type that is nowhere":    {root(field("f", ref("x.Y"))), "Unknown named type reference: x.Y"},
		"a type in two references":  {&logical.Schema{Root: record(), Resolved: texts}, "Duplicate named type: p.P"},
		"a named type that is none": {named(root(), logical.Definition{Name: "N", Type: integer}), "Unsupported named type kind for proto: INT (N)"},
		"a nested type that is none": {
			named(root(), logical.Definition{Name: "N", Type: record()}, logical.Definition{Name: "N.I", Type: integer}),
			"Unsupported nested type kind for proto: INT (N.I)",
		},
		"a default of a list":    {withDefault(array(integer), []logical.Value{logical.Number("1")}), "Default values are not supported for type: ARRAY"},
		"a default of a struct":  {withDefault(record(), logical.Object{}), "Default values are not supported for type: STRUCT"},
		"a default of a variant": {withDefault(leaf(logical.Variant), "x"), "Default values are not supported for type: VARIANT"},
		"a default of a name":    {named(withDefault(ref("E"), "A"), logical.Definition{Name: "E", Type: symbolsOf("A")}), "Default values are not supported for type: NAMED_TYPE_REF"},
		"a number twice": {
			root(numbered(field("a", integer), 5), numbered(field("b", integer), 5)), "Duplicate protobuf.field.number 5 in struct 'M'",
		},
		"a number in words": {
			root(logical.Field{Name: "a", Type: integer, Params: logical.Params{{Key: "protobuf.field.number", Value: "abc"}}}),
			"Invalid protobuf.field.number 'abc': it must be an integer",
		},
		"a number of nothing": {
			root(numbered(field("a", integer), 0)), failed + "Field numbers must be positive integers and at most 536870911, got 0.",
		},
		"an enum that does not begin with 0": {
			root(field("e", &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "A", Params: logical.Params{{Key: "protobuf.enum.number", Value: "1"}}}}})),
			"The first symbol of enum 'EEnum' has the number 1; proto3 requires 0",
		},
		"an enum of nothing":            {root(field("e", symbolsOf())), failed + "Enums must contain at least one value."},
		"a union of nothing":            {root(field("u", union())), failed + `Oneof "u" must contain at least one field.`},
		"a symbol of two enums":         {root(field("e", symbolsOf("A")), field("f", symbolsOf("A"))), failed + `"A" is already defined in "M".`},
		"a branch like a field":         {root(field("a", integer), field("u", union(field("a", integer)))), failed + `"a" is already defined in "M".`},
		"two wrappers of one name":      {root(field("foo_bar", null(array(integer))), field("fooBar", null(array(integer)))), failed + `"FooBarRepeatedWrapper" is already defined in "M".`},
		"a name that is none":           {root(field("é", integer)), failed + `"é" is not a valid identifier.`},
		"a namespace that is none":      {&logical.Schema{Namespace: "a.1b", Root: record()}, failed + `"1b" is not a valid identifier.`},
		"a precision past the ninth":    {root(field("t", &logical.Type{Kind: logical.Time, Precision: 10})), "TIME precision must be in [0, 9], got 10"},
		"depth without end":             {root(field("f", deep(3000))), "Schema type nesting depth exceeds the maximum of 256"},
		"fields without end":            {root(field("f", wide(25))), "Protobuf schema has more than 524288 fields, counting those of a type where it is used"},
		"a symbol that no parser reads": {root(field("e", symbolsOf("option"))), failed + "line 5, column 8: expected a word"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := To(tt.schema, "M")
			var fault *logical.Error
			if !errors.As(err, &fault) {
				t.Fatalf("%v, want %s", err, tt.want)
			}
			if fault.Msg != tt.want {
				t.Errorf("got  %s\nwant %s", fault.Msg, tt.want)
			}
		})
	}
}

// deep is a list of lists of lists.
func deep(n int) *logical.Type {
	t := leaf(logical.Int)
	for range n {
		t = array(t)
	}
	return t
}

// wide is a struct that has each other twice.
func wide(n int) *logical.Type {
	t := record()
	for range n {
		t = record(field("a", t), field("b", t))
	}
	return t
}

// TestWritesSchemasBackAlike holds that reading what a file says and writing it gives its normalised text, where it says all in
// Confluent's spelling.
func TestWritesSchemasBackAlike(t *testing.T) {
	texts := map[string]string{"p.proto": `syntax = "proto3"; package p; message P { message In {} }`}
	for name, body := range map[string]string{
		"fields":   `message M { int32 a = 1; optional string b = 2; repeated double c = 3; oneof u { int64 d = 4; bytes e = 5; } }`,
		"numbers":  `message M { int32 a = 4; optional string b = 7; oneof u { int64 d = 9; bytes e = 12; } }`,
		"types":    `message M { optional .a.N n = 1; .a.E e = 2; } message N { optional .a.N n = 1; } enum E { Z = 0; A = 7; }`,
		"nested":   `message M { optional .a.M.N n = 1; message N { repeated .a.M.N n = 1; } }`,
		"imports":  `import "p.proto"; message M { optional .p.P p = 1; optional .p.P.In i = 2; }`,
		"standins": `import "google/protobuf/timestamp.proto"; import "google/type/date.proto"; message M { optional .google.protobuf.Timestamp t = 1; optional .google.type.Date d = 2; }`,
		"marks":    `message M { int32 a = 1 ` + marks("connect.type", "int8", "logical.default", "5") + `; string s = 2 ` + marks("flink.maxLength", "5", "k", "v") + `; }`,
		"wrappers": `message M { .a.M.LRepeatedWrapper l = 1 ` + marks("flink.wrapped", "true") + `; message LRepeatedWrapper { repeated int32 value = 1; } }`,
	} {
		t.Run(name, func(t *testing.T) {
			refs := texts
			if name != "imports" {
				refs = nil
			}
			s := mustParse(t, proto3(body), refs)
			got := mustWrite(t, mustRead(t, s.Canonical(), refs), "Fallback")
			if diff := gocmp.Diff(s.Normalized(), got); diff != "" {
				t.Errorf("(-file +written):\n%s", diff)
			}
		})
	}
}

// TestWritesTheSame holds that a document does not depend on the order of a map.
func TestWritesTheSame(t *testing.T) {
	texts := map[string]string{}
	var fields []logical.Field
	for i := range 20 {
		n := strconv.Itoa(i)
		texts["r"+n+".proto"] = `syntax = "proto3"; package r` + n + `; message R {}`
		fields = append(fields, field("f"+n, null(ref("r"+n+".R"))))
	}
	s := &logical.Schema{Root: record(fields...), Resolved: texts, References: document("", texts).References}
	first := mustWrite(t, s, "M")
	for range 20 {
		if got := mustWrite(t, s, "M"); got != first {
			t.Fatalf("%s\nthen\n%s", first, got)
		}
	}
}
