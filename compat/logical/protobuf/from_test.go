package protobuf

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	native "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

func TestReadsFields(t *testing.T) {
	for name, tt := range map[string]struct{ fields, want string }{
		"integers of 32 bits":             {`int32 a = 1; sint32 b = 2; sfixed32 c = 3;`, `a INT!, b INT!, c INT!`},
		"integers that need 64 bits":      {`uint32 a = 1; fixed32 b = 2; int64 c = 3; uint64 d = 4; sint64 e = 5; fixed64 f = 6; sfixed64 g = 7;`, `a BIGINT!, b BIGINT!, c BIGINT!, d BIGINT!, e BIGINT!, f BIGINT!, g BIGINT!`},
		"other scalars":                   {`bool a = 1; float b = 2; double c = 3; string d = 4; bytes e = 5;`, `a BOOLEAN!, b FLOAT!, c DOUBLE!, d VARCHAR!, e VARBINARY!`},
		"optional is nullable":            {`optional int32 a = 1; optional string b = 2;`, `a INT, b VARCHAR`},
		"a list has an empty default":     {`repeated int32 a = 1;`, `a ARRAY<INT!>! DEFAULT []logical.Value{} derived`},
		"a map has an empty default":      {`map<string, int64> a = 1;`, `a MAP<VARCHAR!, BIGINT!>! DEFAULT logical.Object{} derived`},
		"a message in a map may be null":  {`map<string, google.protobuf.Timestamp> a = 1;`, `a MAP<VARCHAR!, TIMESTAMP_LTZ(9)>! DEFAULT logical.Object{} derived`},
		"wrappers are leaves":             {`google.protobuf.Int32Value a = 1; google.protobuf.StringValue b = 2; google.protobuf.UInt64Value c = 3; google.protobuf.BytesValue d = 4;`, `a INT, b VARCHAR, c BIGINT, d VARBINARY`},
		"a list of wrappers has nulls":    {`repeated google.protobuf.BoolValue a = 1;`, `a ARRAY<BOOLEAN>! DEFAULT []logical.Value{} derived`},
		"times":                           {`google.protobuf.Timestamp a = 1; google.type.Date b = 2; google.type.TimeOfDay c = 3;`, `a TIMESTAMP_LTZ(9), b DATE, c TIME(9)`},
		"decimals and variants":           {`confluent.type.Decimal a = 1; confluent.type.Variant b = 2;`, `a DECIMAL(10, 0), b VARIANT`},
		"a message of a library":          {`google.type.LatLng a = 1; google.protobuf.Empty b = 2;`, `a STRUCT(latitude DOUBLE!, longitude DOUBLE!), b STRUCT()`},
		"an enum of a library":            {`google.type.CalendarPeriod a = 1;`, `a ENUM(CALENDAR_PERIOD_UNSPECIFIED, DAY, WEEK, FORTNIGHT, MONTH, QUARTER, HALF, YEAR)!`},
		"a nested message":                {`message N { string s = 1; } N n = 1; repeated N l = 2;`, `n STRUCT(s VARCHAR!), l ARRAY<STRUCT(s VARCHAR!)!>! DEFAULT []logical.Value{} derived`},
		"a nested enum":                   {`enum E { Z = 0; A = 1; } E e = 1; optional E f = 2;`, `e ENUM(Z, A)!, f ENUM(Z, A)`},
		"enum numbers that are not plain": {`enum E { Z = 0; A = 5; } E e = 1;`, `e ENUM(Z protobuf.enum.number=0, A protobuf.enum.number=5)!`},
		"a oneof comes last":              {`oneof u { int32 a = 2; N n = 3; } string s = 1; message N {}`, `s VARCHAR!, u UNION(a INT, n STRUCT())`},
		"numbers that are not plain":      {`int32 a = 2; oneof u { int32 b = 5; }`, `a INT! protobuf.field.number=2, u UNION(b INT protobuf.field.number=5)`},
		"numbers in another order":        {`int32 a = 2; int32 b = 1;`, `a INT! protobuf.field.number=2, b INT! protobuf.field.number=1`},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, proto3(imports+"message M { "+tt.fields+" }"), nil)
			if want := "M: STRUCT(" + tt.want + ")!"; described(got) != want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.fields, described(got), want)
			}
			if got.Namespace != "a" {
				t.Errorf("namespace %q", got.Namespace)
			}
		})
	}
}

const imports = `import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto"; import "google/protobuf/empty.proto";
import "google/type/date.proto"; import "google/type/timeofday.proto"; import "google/type/latlng.proto"; import "google/type/calendar_period.proto";
import "confluent/type/decimal.proto"; import "confluent/type/variant.proto"; import "google/protobuf/struct.proto";
`

// param is a field's annotation with properties, in pairs.
func param(pairs ...string) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, fmt.Sprintf("{key: %q, value: %q}", pairs[i], pairs[i+1]))
	}
	return "[(confluent.field_meta) = {params: [" + strings.Join(list, ", ") + "]}]"
}

func TestReadsAnnotations(t *testing.T) {
	for name, tt := range map[string]struct{ fields, want string }{
		"narrow integers":            {`int32 a = 1 ` + param("connect.type", "int8") + `; optional sint32 b = 2 ` + param("connect.type", "int16") + `;`, `a TINYINT!, b SMALLINT`},
		"lengths":                    {`string a = 1 ` + param("flink.maxLength", "5") + `; bytes b = 2 ` + param("flink.minLength", "3", "flink.maxLength", "3") + `; string c = 3 ` + param("flink.minLength", "3", "flink.maxLength", "4") + `;`, `a VARCHAR(5)!, b BINARY(3)!, c VARCHAR(4)!`},
		"precisions":                 {`google.protobuf.Timestamp a = 1 ` + param("flink.precision", "3", "flink.type", "timestamp") + `; google.type.TimeOfDay b = 2 ` + param("flink.precision", "0") + `; google.protobuf.Timestamp c = 3 ` + param("flink.precision", "6") + `;`, `a TIMESTAMP(3), b TIME(0), c TIMESTAMP_LTZ(6)`},
		"decimals":                   {`confluent.type.Decimal a = 1 ` + param("precision", "5", "scale", "2") + `; confluent.type.Decimal b = 2 ` + param("precision", "x", "scale", "1") + `;`, `a DECIMAL(5, 2), b DECIMAL(10, 1)`},
		"not null":                   {`google.type.Date a = 1 ` + param("flink.notNull", "true") + `; int32 b = 2 ` + param("flink.notNull", "false") + `;`, `a DATE!, b INT`},
		"a null list has no default": {`repeated int32 a = 1 ` + param("flink.notNull", "false") + `;`, `a ARRAY<INT!>`},
		"what is said of a field":    {`int32 a = 1 [(confluent.field_meta) = {doc: "d", tags: ["A", "B"], params: [{key: "k", value: "v"}, {key: "flink.x", value: "1"}, {key: "avro.x", value: "1"}, {key: "scale", value: "1"}], rules: [{name: "n", doc: "m", expr: "this > 0", sql: "a > 0"}, {expr: "x"}]}];`, `a INT! "d" [A B] k=v CHECK{Name:n Doc:m Expr:this > 0 SQL:a > 0}`},
		"what is said of a branch":   {`oneof u { int32 a = 1 [(confluent.field_meta) = {doc: "d", tags: "T", params: {key: "k", value: "v"}}]; }`, `u UNION(a INT "d" k=v)`},
		"what is said of a message":  {`N n = 1; message N { option (confluent.message_meta) = {doc: "d", tags: "T", params: {key: "k", value: "v"}, rules: {expr: "e", sql: "s"}}; }`, `n STRUCT() "d" [T] k=v CHECK{Name: Doc: Expr:e SQL:s}`},
		"what is said of an enum":    {`E e = 1; enum E { option (confluent.enum_meta).doc = "d"; Z = 0 [(confluent.enum_value_meta) = {doc: "z", params: {key: "k", value: "v"}}]; }`, `e ENUM(Z "z" k=v)! "d"`},
		"parameters of -1": {`string a = 1 ` + param("flink.maxLength", "-1") + `; google.type.TimeOfDay b = 2 ` + param("flink.precision", "-1") +
			`; google.protobuf.Timestamp c = 3 ` + param("flink.precision", "-1") + `; confluent.type.Decimal d = 4 ` + param("precision", "-1") + `;`,
			`a VARCHAR(1)!, b TIME(0), c TIMESTAMP_LTZ(6), d DECIMAL(10, 0)`},
		"lengths of 0": {`string a = 1 ` + param("flink.maxLength", "0") + `; bytes b = 2 ` + param("flink.minLength", "0", "flink.maxLength", "0") + `;`,
			`a VARCHAR(0)!, b BINARY(0)!`},
		"blank docs are none": {`int32 a = 1 [(confluent.field_meta).doc = " "];`, `a INT!`},
		"a list that may be null": {
			`W a = 1 ` + param("flink.wrapped", "true") + `; message W { repeated int32 value = 1; }`, `a ARRAY<INT!>`,
		},
		"elements that may be null": {
			`repeated W a = 1 ` + param("flink.wrapped", "true") + `; message W { optional int32 value = 1; }`, `a ARRAY<INT>! DEFAULT []logical.Value{} derived`,
		},
		"a list of unions": {
			`repeated W a = 1 ` + param("flink.wrapped", "true") + `; message W { oneof value { int32 i = 1; string s = 2; } }`,
			`a ARRAY<UNION(i INT protobuf.field.number=1, s VARCHAR protobuf.field.number=2)>! DEFAULT []logical.Value{} derived`,
		},
		"a union alone in a wrapper": {
			`W a = 1 ` + param("flink.wrapped", "true") + `; message W { oneof value { int32 i = 1; } }`,
			`a UNION(i INT protobuf.field.number=1) protobuf.field.number=1`,
		},
		"a map is told by its entries": {
			`repeated AEntry a = 1; message AEntry { optional int64 key = 1; double value = 2; }`, `a MAP<BIGINT, DOUBLE!>! DEFAULT logical.Object{} derived`,
		},
		"a map with unions for keys": {
			`repeated AEntry a = 1; message AEntry { oneof key { int32 i = 1; } double value = 2; }`,
			`a MAP<UNION(i INT protobuf.field.number=1), DOUBLE!>! DEFAULT logical.Object{} derived`,
		},
		"an entry alone is a message": {
			`AEntry a = 1; message AEntry { string key = 1; double value = 2; }`, `a STRUCT(key VARCHAR!, value DOUBLE!)`,
		},
		"a multiset": {
			`repeated AEntry a = 1 ` + param("flink.type", "multiset") + `; message AEntry { string key = 1; int32 value = 2; }`,
			`a MULTISET<VARCHAR!>! DEFAULT logical.Object{} derived`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, proto3(imports+"message M { "+tt.fields+" }"), nil)
			if want := "M: STRUCT(" + tt.want + ")!"; described(got) != want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.fields, described(got), want)
			}
		})
	}
}

func TestReadsNamedTypes(t *testing.T) {
	const mark = `option (confluent.message_meta) = {params: {key: "logical.named", value: "true"}};`
	for name, tt := range map[string]struct{ text, want string }{
		"the first message is the root": {
			`message M { N n = 1; E e = 2; } message N { M2 m = 1; } enum E { Z = 0; } message M2 {}`,
			"M: STRUCT(n a.N, e a.E!)!\na.N = STRUCT(m a.M2)!\na.M2 = STRUCT()!\na.E = ENUM(Z)!",
		},
		"a recursive root stays named": {
			`message M { M m = 1; }`, "a.M!\na.M = STRUCT(m a.M)!",
		},
		"a root that others refer to stays named": {
			`message M {} message N { M m = 1; }`, "a.M!\na.M = STRUCT()!\na.N = STRUCT(m a.M)!",
		},
		"a nested type that is marked": {
			`message M { N n = 1; message N { ` + mark + ` O o = 1; message O { ` + mark + ` } } E e = 2;
				enum E { option (confluent.enum_meta) = {params: {key: "logical.named", value: "true"}}; Z = 0; } }`,
			"a.M!\na.M = STRUCT(n a.M.N, e a.M.E!)!\na.M.N = STRUCT(o a.M.N.O)!\na.M.N.O = STRUCT()!\na.M.E = ENUM(Z)!",
		},
		"nested types that contain each other": {
			`message M { A a = 1; message A { B b = 1; } message B { repeated A a = 1; } message C {} }`,
			"a.M!\na.M = STRUCT(a a.M.A)!\na.M.A = STRUCT(b a.M.B)!\na.M.B = STRUCT(a ARRAY<a.M.A!>! DEFAULT []logical.Value{} derived)!",
		},
		"a cycle through a map": {
			`message M { map<string, N> n = 1; message N { map<string, N> n = 1; } }`,
			"a.M!\na.M = STRUCT(n MAP<VARCHAR!, a.M.N>! DEFAULT logical.Object{} derived)!\n" +
				"a.M.N = STRUCT(n MAP<VARCHAR!, a.M.N>! DEFAULT logical.Object{} derived)!",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := described(mustRead(t, proto3(tt.text), nil)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestReadsProto2(t *testing.T) {
	got := mustRead(t, `package a; message M {
		required int32 a = 1 [default = -7]; optional int32 b = 2 [default = 0x10]; optional string s = 3 [default = "x"];
		optional bytes y = 4 [default = "z"]; optional bool o = 5 [default = true]; optional double d = 6 [default = 1.50];
		optional float i = 7 [default = -inf]; optional E e = 8 [default = B]; required N n = 9; map<string, int32> m = 10;
		optional group G = 11 { required int32 q = 1; } repeated uint64 l = 12;
		enum E { A = 1; B = 2; } message N {} }`, nil)
	want := "M: STRUCT(" + strings.Join([]string{
		`a INT! DEFAULT "-7"`, `b INT DEFAULT "16"`, `s VARCHAR DEFAULT "x"`, `y VARBINARY DEFAULT []byte{0x7a}`, `o BOOLEAN DEFAULT true`,
		`d DOUBLE DEFAULT "1.5"`, `i FLOAT DEFAULT "-Infinity"`, `e ENUM(A protobuf.enum.number=1, B protobuf.enum.number=2) DEFAULT "B"`,
		`n STRUCT()`, `m MAP<VARCHAR, INT>! DEFAULT logical.Object{} derived`, `l ARRAY<BIGINT!>! DEFAULT []logical.Value{} derived`, `g STRUCT(q INT!)`,
	}, ", ")
	// The group stands behind the fields, so the numbers are not plain.
	var plain []string
	root := got.Root
	for i := range root.Fields {
		if n := root.Fields[i].Params.Text("protobuf.field.number"); n == "" {
			t.Errorf("%s has no number", root.Fields[i].Name)
		}
		root.Fields[i].Params = nil
		plain = append(plain, root.Fields[i].Name)
	}
	if s := described(got); s != want+")!" {
		t.Errorf("got\n%s\nwant\n%s\n%v", s, want, plain)
	}
}

// Numbers without a sign may be more than a BIGINT holds, which DDL then does not show.
func TestReadsUnsignedDefaults(t *testing.T) {
	got := mustRead(t, `message M { optional uint32 a = 1 [default = 4294967295]; optional fixed64 b = 2 [default = 18446744073709551615];
		optional sint64 c = 3 [default = -0x10]; optional sfixed32 d = 4 [default = 010]; }`, nil)
	want := `M: STRUCT(a BIGINT DEFAULT "4294967295", b BIGINT DEFAULT "18446744073709551615", c BIGINT DEFAULT "-16", d INT DEFAULT "8")!`
	if s := described(got); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

func TestReadsDefaults(t *testing.T) {
	for name, tt := range map[string]struct{ typ, text, want string }{
		"boolean":   {"bool", "TRUE", "true"},
		"int":       {"int32", "-5", `"-5"`},
		"double":    {"double", "1.5", `"1.5"`},
		"no number": {"double", "NaN", `"NaN"`},
		"infinite":  {"float", "-inf", `"-Infinity"`},
		"too large": {"float", "1e39", `"Infinity"`},
		"suffix":    {"float", " 1.50f ", `"1.5"`},
		"exponent":  {"confluent.type.Decimal", "+1e5", `"1E+5"`},
		"string":    {"string", "", `""`},
		"bytes":     {"bytes", "AQI=", "[]byte{0x1, 0x2}"},
		"decimal":   {"confluent.type.Decimal", "12.340", `"12.340"`},
		"date":      {"google.type.Date", "2026-04-17", `"2026-04-17"`},
		"time":      {"google.type.TimeOfDay", "12:30:00", `"12:30"`},
		"instant":   {"google.protobuf.Timestamp", "2026-04-17T12:00:00Z", `"2026-04-17T12:00:00Z"`},
		"enum":      {"E", "A", `"A"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, proto3(imports+"message M { enum E { Z = 0; A = 1; } "+tt.typ+" f = 1 "+param("logical.default", tt.text)+"; }"), nil)
			if d := got.Root.Fields[0].Default; !d.Has || d.Derived || fmt.Sprintf("%#v", d.Value) != tt.want {
				t.Errorf("got %#v, want %s", d, tt.want)
			}
		})
	}
}

func TestReadsReferences(t *testing.T) {
	texts := map[string]string{
		"peers.proto":  `syntax = "proto3"; package p; import "deep.proto"; message A { d.D d = 1; message In { int32 i = 1; } enum E { Z = 0; } } message B { B b = 1; }`,
		"deep.proto":   `syntax = "proto3"; package d; message D { int32 x = 1; }`,
		"enums.proto":  `syntax = "proto3"; package e; enum E { Z = 0; }`,
		"e.F":          `syntax = "proto3"; package e; enum F { Y = 0; }`,
		"export.proto": `syntax = "proto3"; import public "google/type/latlng.proto";`,
	}
	got := mustRead(t, proto3(`import "peers.proto"; import "enums.proto"; import "e.F"; import "export.proto";
		message M { p.B b = 1; p.A a = 2; p.A.In i = 3; p.A.E e = 4; e.E f = 5; e.F g = 6; google.type.LatLng l = 7; }`), texts)
	want := strings.Join([]string{
		"M: STRUCT(b p.B, a p.A, i p.A.In, e p.A.E!, f ENUM(Z)!, g e.F!, l google.type.LatLng)!",
		"external p.B = STRUCT(b p.B)!", "external p.A = STRUCT(d d.D)!", "external d.D = STRUCT(x INT!)!", "external p.A.In = STRUCT(i INT!)!",
		"external p.A.E = ENUM(Z)!", "external e.F = ENUM(Y)!", "external google.type.LatLng = STRUCT(latitude DOUBLE!, longitude DOUBLE!)!",
	}, "\n")
	if s := described(got); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if len(got.References) != len(texts) || !cmp.Equal(got.Resolved, texts) {
		t.Errorf("references %v, resolved %v", got.References, got.Resolved)
	}
}

func TestReadsRoots(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
	}{
		"a file that exports another": {`syntax = "proto3"; package a; import public "leaf.proto";`, "b.Leaf!"},
		"a file that exports an enum": {`syntax = "proto3"; import public "enum.proto";`, "b.E!"},
		"a wrapper":                   {`syntax = "proto3"; package google.protobuf; message Int64Value { int64 value = 1; }`, "BIGINT"},
		"a message like a wrapper":    {`syntax = "proto3"; message Int64Value { int64 value = 1; }`, "Int64Value: STRUCT(value BIGINT!)!"},
		"an empty message":            {`syntax = "proto3"; message M {}`, "M: STRUCT()!"},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, tt.text, map[string]string{
				"leaf.proto": `syntax = "proto3"; package b; message Leaf { string s = 1; }`,
				"enum.proto": `syntax = "proto3"; package b; enum E { Z = 0; }`,
			})
			if s := described(got); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

func TestRefusesToRead(t *testing.T) {
	field := func(f string) string { return proto3(imports + "message M { " + f + " }") }
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":                 {`syntax = "proto3";`, "ProtobufSchema has no root descriptor"},
		"an enum alone":           {`syntax = "proto3"; enum E { Z = 0; }`, "ProtobufSchema has no root descriptor"},
		"a type nowhere":          {field(`x.Y y = 1;`), "Field a.M.y has the type x.Y, which is not defined"},
		"a library's cycle":       {field(`google.protobuf.Struct s = 1;`), "Cyclic schemas are not supported.\nFound a cycle in the field: s.fields.value.struct_value"},
		"a length in words":       {field(`string s = 1 ` + param("flink.maxLength", "abc") + `;`), "Field a.M.s has a non-integer flink.maxLength 'abc'"},
		"a precision in words":    {field(`google.type.TimeOfDay s = 1 ` + param("flink.precision", "x") + `;`), "Field a.M.s has a non-integer flink.precision 'x'"},
		"a precision too large":   {field(`google.protobuf.Timestamp s = 1 ` + param("flink.precision", "10") + `;`), "TIMESTAMP_LTZ precision must be in [0, 9], got 10"},
		"a default that is none":  {field(`int32 s = 1 ` + param("logical.default", "abc") + `;`), `Field a.M.s has an invalid logical.default 'abc': For input string: "abc"`},
		"a default out of range":  {field(`int32 s = 1 ` + param("connect.type", "int8", "logical.default", "300") + `;`), `Field a.M.s has an invalid logical.default '300': For input string: "300"`},
		"a default of bytes":      {field(`bytes s = 1 ` + param("logical.default", "%%%") + `;`), "Field a.M.s has an invalid logical.default '%%%': it is not base64"},
		"a default of a time":     {field(`google.protobuf.Timestamp s = 1 ` + param("logical.default", "junk") + `;`), "Field a.M.s has an invalid logical.default 'junk': Text 'junk' could not be parsed"},
		"a default of a list":     {field(`repeated int32 s = 1 ` + param("logical.default", "1") + `;`), "Default values are not supported for type: ARRAY"},
		"a negative length":       {field(`string s = 1 ` + param("flink.maxLength", "-2") + `;`), "Field a.M.s has a flink.maxLength of -2; a length is at least 0"},
		"a default of words":      {field(`double s = 1 ` + param("logical.default", "x") + `;`), `Field a.M.s has an invalid logical.default 'x': For input string: "x"`},
		"a decimal out of bounds": {field(`confluent.type.Decimal s = 1 ` + param("logical.default", "1e99999") + `;`), "Field a.M.s has an invalid logical.default '1e99999': it is not a number"},
		"a wrapper of nothing":    {field(`W w = 1 ` + param("flink.wrapped", "true") + `; message W { int32 v = 1; }`), "flink.wrapped wrapper missing 'value' payload: W"},
		"a multiset of no counts": {field(`repeated AEntry a = 1 ` + param("flink.type", "multiset") + `; message AEntry { string key = 1; int64 value = 2; }`), "Unexpected value type for a MULTISET type: BIGINT NOT NULL"},
		"a field twice":           {field(`int32 a = 1; int32 a = 2;`), "Duplicate field: a"},
		"a symbol twice":          {field(`E e = 1; enum E { Z = 0; Z = 1; }`), "Duplicate enum symbol: Z"},
		"a wrapper in itself":     {field(`repeated W w = 1 `+param("flink.wrapped", "true")+`;`) + `message W { repeated W value = 1 ` + param("flink.wrapped", "true") + `; }`, "Schema type nesting depth exceeds the maximum of 256"},
		"an entry in itself":      {field(`repeated AEntry a = 1;`) + `message AEntry { string key = 1; repeated AEntry value = 2; }`, "Schema type nesting depth exceeds the maximum of 256"},
		"fields without end":      {doubling(40), "Protobuf schema has more than 524288 fields, counting those of a message where it is used"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := native.Parse(schema.Document{Text: tt.text}, nil, schema.Options{Lenient: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = From(s, nil)
			var fault *logical.Error
			if !errors.As(err, &fault) || fault.Msg != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// doubling is a file whose messages each hold the next twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("syntax = \"proto3\"; message M { N0 a = 1; N0 b = 2;")
	for i := range n {
		fmt.Fprintf(&b, " message N%d { N%d a = 1; N%d b = 2; }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " message N%d {} }", n)
	return b.String()
}

// TestReadsLongChains holds that types of references may lead far, and peers further.
func TestReadsLongChains(t *testing.T) {
	var b strings.Builder
	b.WriteString(`syntax = "proto3"; package p;`)
	for i := range maxChain + 10 {
		fmt.Fprintf(&b, " message M%d { M%d m = 1; }", i, i+1)
	}
	fmt.Fprintf(&b, " message M%d {}", maxChain+10)
	if got := mustRead(t, b.String(), nil); len(got.Named) != maxChain+10 {
		t.Errorf("%d named types", len(got.Named))
	}
	texts := map[string]string{"p.proto": b.String()}
	s := mustParse(t, `syntax = "proto3"; import "p.proto"; message R { p.M100 m = 1; }`, texts)
	if got, err := From(s, texts); err != nil || len(got.External) != maxChain+10-100+1 {
		t.Error(err)
	}
	s = mustParse(t, `syntax = "proto3"; import "p.proto"; message R { p.M0 m = 1; }`, texts)
	if _, err := From(s, texts); err == nil {
		t.Error("a chain without end is read")
	}
}

// TestReadsNormalizedTextAlike holds that normalising changes nothing but the order of what has numbers.
func TestReadsNormalizedTextAlike(t *testing.T) {
	text := proto3(imports + `message M { N n = 1; repeated W w = 2 ` + param("flink.wrapped", "true") + `; google.type.Date d = 3;
		oneof u { N un = 4; E ue = 5; } message N { E e = 1; } message W { repeated int32 value = 1; } enum E { Z = 0; A = 1; } }`)
	s := mustParse(t, text, nil)
	want := mustRead(t, text, nil)
	if got := mustRead(t, s.Normalized(), nil); described(got) != described(want) {
		t.Errorf("got\n%s\nwant\n%s", described(got), described(want))
	}
}

// TestReadsConcurrently holds that a schema can be read by several at once; the race detector says more.
func TestReadsConcurrently(t *testing.T) {
	s := mustParse(t, proto3(imports+`message M { N n = 1; map<string, N> m = 2; oneof u { google.type.Date d = 3; } message N { N n = 1; } }`), nil)
	want, err := From(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := From(s, nil); err != nil || described(got) != described(want) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
