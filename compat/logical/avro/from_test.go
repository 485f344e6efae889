package avro

import (
	"fmt"
	"strings"
	"testing"
)

func TestFromType(t *testing.T) {
	variant := `{"type":"record","name":"Variant","namespace":"confluent.type","fields":[{"name":"metadata","type":"bytes"},{"name":"value","type":"bytes"}]`
	entry := func(more string) string {
		return `{"type":"array","items":{"type":"record","fields":[{"name":"key","type":"int"},{"name":"value","type":["null","int"]}],` + more + `}`
	}
	for text, want := range map[string]string{
		`"boolean"`: "BOOLEAN", `"int"`: "INT", `"long"`: "BIGINT", `"float"`: "FLOAT", `"double"`: "DOUBLE", `"string"`: "VARCHAR", `"bytes"`: "VARBINARY",
		`{"type":"int","connect.type":"int8"}`: "TINYINT", `{"type":"int","connect.type":"INT16"}`: "SMALLINT",
		`{"type":"int","connect.type":7}`: "INT", `{"type":"int","logicalType":"x","connect.type":"int8"}`: "INT",
		`{"type":"int","logicalType":"date"}`: "DATE", `{"type":"int","logicalType":"Date"}`: "DATE",
		`{"type":"int","logicalType":"time-millis"}`:                                           "TIME(3)",
		`{"type":"int","logicalType":"time-millis","flink.precision":2}`:                       "TIME(2)",
		`{"type":"int","logicalType":"time-millis","flink.precision":"2"}`:                     "TIME(3)",
		`{"type":"int","logicalType":"time-millis","flink.precision":-1}`:                      "TIME(0)",
		`{"type":"long","logicalType":"time-micros"}`:                                          "TIME(6)",
		`{"type":"long","logicalType":"time-micros","flink.precision":9}`:                      "TIME(9)",
		`{"type":"long","logicalType":"timestamp-millis"}`:                                     "TIMESTAMP_LTZ(3)",
		`{"type":"long","logicalType":"timestamp-micros"}`:                                     "TIMESTAMP_LTZ(6)",
		`{"type":"long","logicalType":"timestamp-nanos"}`:                                      "TIMESTAMP_LTZ(9)",
		`{"type":"long","logicalType":"timestamp-nanos","flink.precision":7}`:                  "TIMESTAMP_LTZ(7)",
		`{"type":"long","logicalType":"local-timestamp-millis","flink.precision":0.9}`:         "TIMESTAMP(0)",
		`{"type":"long","logicalType":"local-timestamp-micros","flink.precision":-1}`:          "TIMESTAMP(6)",
		`{"type":"long","logicalType":"local-timestamp-nanos"}`:                                "TIMESTAMP(9)",
		`{"type":"long","logicalType":"x"}`:                                                    "BIGINT",
		`{"type":"bytes","logicalType":"decimal","precision":6,"scale":3}`:                     "DECIMAL(6,3)",
		`{"type":"bytes","logicalType":"decimal","precision":6}`:                               "DECIMAL(6,0)",
		`{"type":"bytes","logicalType":"DECIMAL"}`:                                             "DECIMAL(10,0)",
		`{"type":"bytes","logicalType":"decimal","precision":-1,"scale":"1"}`:                  "DECIMAL(10,0)",
		`{"type":"bytes","logicalType":"decimal","precision":4294967302}`:                      "DECIMAL(6,0)",
		`{"type":"bytes","logicalType":"decimal","precision":3e10}`:                            "DECIMAL(2147483647,0)",
		`{"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":6,"scale":3}`: "DECIMAL(6,3)",
		`{"type":"fixed","name":"F","size":16,"logicalType":"uuid"}`:                           "BINARY(16)",
		`{"type":"fixed","name":"F","size":12,"logicalType":"duration"}`:                       "BINARY(12)",
		`{"type":"fixed","name":"F","size":0}`:                                                 "BINARY(0)",
		`{"type":"string","logicalType":"uuid"}`:                                               "VARCHAR",
		`{"type":"bytes","flink.maxLength":5}`:                                                 "VARBINARY(5)",
		`{"type":"string","flink.maxLength":5}`:                                                "VARCHAR(5)",
		`{"type":"string","flink.maxLength":-1}`:                                               "VARCHAR(1)",
		`{"type":"string","flink.maxLength":2147483647}`:                                       "VARCHAR",
		`{"type":"string","flink.minLength":5,"flink.maxLength":5}`:                            "CHAR(5)",
		`{"type":"string","flink.minLength":4,"flink.maxLength":5}`:                            "VARCHAR(5)",
		`{"type":"string","flink.minLength":4}`:                                                "VARCHAR",

		`["null","int"]`: "INT?", `["int","null"]`: "INT?", `["int"]`: "INT", `["null"]`: "UNION()?", `[]`: "UNION()",
		`["int","string"]`:        "UNION(int INT, string VARCHAR)",
		`["int","null","string"]`: "UNION(int INT, string VARCHAR)?",
		`[{"type":"fixed","name":"a.F","size":1},{"type":"fixed","name":"b.F","size":2},{"type":"fixed","name":"G","size":3}]`: "UNION(a_F BINARY(1), b_F BINARY(2), G BINARY(3))",
		`[{"type":"map","values":"int"},{"type":"array","items":["null","int"]}]`:                                              "UNION(map MAP<VARCHAR,INT>, array ARRAY<INT?>)",

		`{"type":"array","items":"int"}`: "ARRAY<INT>", `{"type":"map","values":["null","long"]}`: "MAP<VARCHAR,BIGINT?>",
		`{"type":"map","values":"int","logical.key.length":3}`:                             "MAP<VARCHAR(3),INT>",
		`{"type":"map","values":"int","logical.key.length":3,"logical.key.type":"CHAR"}`:   "MAP<CHAR(3),INT>",
		`{"type":"map","values":"int","logical.key.length":"3","logical.key.type":"CHAR"}`: "MAP<VARCHAR,INT>",
		`{"type":"map","values":"int","flink.type":"multiset"}`:                            "MULTISET<VARCHAR>",
		entry(`"name":"E","connect.internal.type":"MapEntry"}`):                            "MAP<INT,INT?>",
		entry(`"name":"MapEntry","namespace":"io.confluent.connect.avro"}`):                "MAP<INT,INT?>",
		entry(`"name":"E"},"logicalType":"map"`):                                           "MAP<INT,INT?>",
		entry(`"name":"E"},"logicalType":"map","flink.type":"multiset"`):                   "MULTISET<INT>",
		entry(`"name":"E","logical.anonymous":"true"}`):                                    "ARRAY<{key INT, value INT?}>",

		variant + `}`: "VARIANT", `["null",` + variant + `,"logicalType":"variant"}]`: "VARIANT?",
		strings.NewReplacer(`"Variant"`, `"V"`, `"confluent.type"`, `"x"`).Replace(variant) + `,"logicalType":"variant"}`: "VARIANT",
		`{"type":"enum","name":"E","symbols":["A","B"],"default":"A","logical.anonymous":"true"}`:                         "ENUM(A,B)",
	} {
		got := mustRead(t, record(text, ""), nil, nil)
		equal(t, text, show(got), "R = {f "+want+"}")
		equal(t, text+" as the root", showType(mustRead(t, text, nil, nil).Root), want)
	}
}

func TestFromMarks(t *testing.T) {
	for text, want := range map[string]string{
		record(`"int"`, `"doc":"d","aliases":["a","b"],"confluent:tags":["T",1],"confluent:params":{"k":"v","n":[1,null],"avro.aliases":"x","protobuf.field.number":"3"},"other":1`): "{f INT 'd' #T #1 k=\"v\" n=[1,null] avro.aliases=\"a,b\"}",
		record(`"int"`, `"confluent:tags":"T","confluent:params":["k"],"confluent:rules":{"expr":"x"}`):                                                                              "{f INT}",
		record(`"int"`, `"confluent:rules":[{"name":"n","doc":"m","expr":"e","sql":"s"},{"expr":"e"},7,{"name":1,"doc":"","expr":"e2","sql":true}]`):                                 "{f INT CHECK[n|m|e|s] CHECK[||e2|true]}",
		record(`["int","string"]`, `"confluent:union":[{"name":"i","doc":"d","params":{"k":1,"protobuf.field.number":"2"}},{}]`):                                                     "{f UNION(i INT 'd' k=1, string VARCHAR)}",
		record(`["int","string"]`, `"confluent:union":[{"name":null}]`):                                                                                                              "{f UNION(int INT, string VARCHAR)}",
		record(`{"type":"array","items":["int","string"]}`, `"confluent:union":[{"name":"i"}]`):                                                                                      "{f ARRAY<UNION(i INT, string VARCHAR)>}",
		record(`"int"`, `"confluent:union":7`): "{f INT}",
		`{"type":"record","name":"R","doc":"d","aliases":["A","n.B"],"fields":[],"confluent:tags":["T"],"confluent:params":{"k":1},"confluent:rules":[{"expr":"e","sql":"s"}],"connect.name":"c"}`: "{} 'd' #T k=1 avro.aliases=\"A,n.B\" CHECK[||e|s]",
		`{"type":"enum","name":"R","doc":"d","aliases":["A"],"symbols":["X","Y"],"confluent:tags":["T"],"confluent:enum":[{"name":"Z","doc":"x","params":{"protobuf.enum.number":"1","p":2}}]}`:    "ENUM(X 'x' p=2,Y) 'd' #T avro.aliases=\"A\"",
	} {
		equal(t, text, show(mustRead(t, text, nil, nil)), "R = "+want)
	}
	s := mustRead(t, `{"type":"record","name":"n.R","aliases":["A",".B","m.C"],"fields":[]}`, nil, nil)
	equal(t, "aliases of a type with a namespace", show(s), `namespace n; R = {} avro.aliases="n.A,.B,m.C"`)
}

func TestFromNames(t *testing.T) {
	for _, c := range []struct {
		name, text string
		properties map[string]string
		want       string
	}{
		{"a root of a namespace", `{"type":"record","name":"a.R","fields":[]}`, nil, "namespace a; R = {}"},
		{"a nullable root", `["null",{"type":"enum","name":"a.R","symbols":["X"]}]`, nil, "namespace a; R = ENUM(X)?"},
		{"a fixed root", `{"type":"fixed","name":"a.R","size":1}`, nil, "namespace a; BINARY(1)"},
		{"an anonymous root", `{"type":"record","name":"a.R","fields":[],"logical.anonymous":"true"}`, nil, "{}"},
		{"two types", `[{"type":"record","name":"a.R","fields":[]},"int"]`, nil, "UNION(R a.R, int INT); a.R = {}"},
		{"the metadata's namespace", `{"type":"record","name":"a.R","fields":[]}`, map[string]string{"confluent:namespace": "b"}, "namespace b; a.R; a.R = {}"},
		{"the metadata's empty namespace", `{"type":"record","name":"a.R","fields":[]}`, map[string]string{"confluent:namespace": ""}, "a.R; a.R = {}"},
		{"the metadata's branches", `["int","string"]`, map[string]string{"confluent:union": `[{"name":"a"},{"name":"b","doc":"d"}]`}, "UNION(a INT, b VARCHAR 'd')"},
		{
			"the metadata's branches in a field", `{"type":"record","name":"R","fields":[{"name":"f","type":["int","string"]}]}`,
			map[string]string{"confluent:union": `[{"name":"a"}]`}, "R = {f UNION(int INT, string VARCHAR)}",
		},
		{"itself", `{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}`, nil, "R; R = {next R?}"},
		{
			"itself in a nullable field", `{"type":"record","name":"R","fields":[{"name":"t","type":["null",{"type":"record","name":"T","fields":[{"name":"l","type":["null","T"]}]}]}]}`,
			nil, "R = {t T?}; T = {l T?}",
		},
		{
			"each other", `{"type":"record","name":"n.A","fields":[{"name":"b","type":{"type":"record","name":"B","fields":[{"name":"a","type":{"type":"array","items":"A"}}]}},{"name":"c","type":"B"}]}`,
			nil, "namespace n; n.A; n.A = {b n.B, c n.B}; n.B = {a ARRAY<n.A>}",
		},
		{
			"a type inside the root's name", `{"type":"record","name":"q.R","fields":[{"name":"e","type":{"type":"enum","name":"E","namespace":"q.R","symbols":["X"]}}]}`,
			nil, "namespace q; q.R; q.R = {e q.R.E}; q.R.E = ENUM(X)",
		},
		{
			"inline records used twice", `{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"I","logical.anonymous":"true","fields":[]}},{"name":"b","type":["null","I"]}]}`,
			nil, "R = {a {}, b {}?}",
		},
	} {
		equal(t, c.name, show(mustRead(t, c.text, c.properties, nil)), c.want)
	}
}

func TestFromReferences(t *testing.T) {
	resolved := map[string]string{
		"b.Outer": `{"type":"record","name":"b.Outer","fields":[{"name":"i","type":{"type":"record","name":"Inner","fields":[{"name":"e","type":"a.E"}]}}]}`,
		"a.E":     `{"type":"enum","name":"a.E","symbols":["X"]}`,
	}
	for text, want := range map[string]string{
		`{"type":"record","name":"R","fields":[{"name":"i","type":"b.Inner"},{"name":"e","type":"a.E"}]}`: "R = {i b.Inner, e a.E}; b.Inner = {e a.E} external; a.E = ENUM(X) external",
		`"b.Outer"`: "namespace b; b.Outer; b.Outer = {i b.Inner} external; b.Inner = {e a.E} external; a.E = ENUM(X) external",
		`{"type":"record","name":"b.Inner","fields":[{"name":"e","type":"a.E"}]}`: "namespace b; b.Inner; b.Inner = {e a.E} external; a.E = ENUM(X) external",
	} {
		s := mustRead(t, text, nil, resolved)
		equal(t, text, show(s), want)
		if len(s.References) != 2 || s.Resolved["a.E"] != resolved["a.E"] {
			t.Errorf("%s: references %v, resolved %v", text, s.References, s.Resolved)
		}
	}
}

func TestFromRefuses(t *testing.T) {
	deep := `"int"`
	for range 257 {
		deep = `{"type":"array","items":` + deep + `}`
	}
	for text, want := range map[string]string{
		`"null"`:             "Standalone NULL type is not supported",
		record(`"null"`, ""): "Standalone NULL type is not supported",
		record(`{"type":"int","connect.type":"int32"}`, ""):                                                                "Connect type annotation for Avro int field is null",
		record(`{"type":"bytes","logicalType":"decimal","precision":"6"}`, ""):                                             "precision property must be a JSON Integer.",
		record(`{"type":"bytes","logicalType":"decimal","precision":null}`, ""):                                            "precision property must be a JSON Integer.",
		record(`{"type":"int","logicalType":"time-millis","flink.precision":4}`, ""):                                       "flink.precision 4 exceeds the precision carried by Avro logical type 'time-millis' (3)",
		record(`{"type":"long","logicalType":"timestamp-micros","flink.precision":7}`, ""):                                 "flink.precision 7 exceeds the precision carried by Avro logical type 'timestamp-micros' (6)",
		record(`{"type":"long","logicalType":"local-timestamp-nanos","flink.precision":10}`, ""):                           "TIMESTAMP precision must be in [0, 9], got 10",
		record(`{"type":"long","logicalType":"timestamp-millis","flink.precision":-2}`, ""):                                "TIMESTAMP_LTZ precision must be in [0, 9], got -2",
		record(`{"type":"string","flink.maxLength":"5"}`, ""):                                                              "flink.maxLength property must be a length, got 5",
		record(`{"type":"string","flink.minLength":-2}`, ""):                                                               "flink.minLength property must be a length, got -2",
		record(`{"type":"map","values":"string","flink.type":"multiset"}`, ""):                                             "Unexpected value type for a MULTISET type: VARCHAR",
		record(`{"type":"array","items":{"type":"record","name":"E","connect.internal.type":"MapEntry","fields":[]}}`, ""): "Found map encoded as array of key-value pairs, but array elements do not match the expected format.",
		record(`["int","string"]`, `"confluent:union":{"x":1}`):                                                            "confluent:union property must be an array of objects",
		record(`["int","string"]`, `"confluent:union":"text"`):                                                             "confluent:union property must be an array of objects",
		record(`["int","string"]`, `"confluent:union":null`):                                                               "confluent:union property must be an array of objects",
		record(`["int","string"]`, `"confluent:union":["a","b"]`):                                                          "confluent:union property must be an array of objects",
		record(`["int","string"]`, `"confluent:union":[null,null]`):                                                        "confluent:union property must be an array of objects",
		record(`["int","string"]`, `"confluent:union":[{"name":1}]`):                                                       "confluent:union property has a malformed name: 1",
		record(`["int","string"]`, `"confluent:union":[{"name":"a","doc":5},{}]`):                                          "confluent:union property has a malformed doc: 5",
		record(`["int","string"]`, `"confluent:union":[{"params":"k"}]`):                                                   "confluent:union property has a malformed params: k",
		record(`["int","string"]`, `"confluent:union":[{"name":""}]`):                                                      "Union branch name must not be empty",
		record(`["int","string"]`, `"confluent:union":[{"name":"a b"}]`):                                                   "Union branch name must not contain whitespace or control characters; got: 'a b'",
		record(`["int","string"]`, `"confluent:union":[{"name":"string"}]`):                                                "Duplicate union branch: string",
		`{"type":"enum","name":"E","symbols":["A"],"confluent:enum":[{"doc":1}]}`:                                          "confluent:enum property has a malformed doc: 1",
		`{"type":"enum","name":"E","symbols":["A "]}`:                                                                      "Enum symbol name must not contain whitespace or control characters; got: 'A '",
		`{"type":"record","name":"R","fields":[{"name":"","type":"int"}]}`:                                                 "Field name must not be empty",
		deep: "Schema type nesting depth exceeds the maximum of 256",
		`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"I","logical.anonymous":"true","fields":[{"name":"b","type":["null","I"]}]}}]}`: "Cyclic schemas are not supported.\nFound a cycle in the field: a.b",
		record(`{"type":"bytes","logicalType":"decimal","precision":6}`, `"default":""`):                                                                                  "Default value of field f does not suit its type: \"\"",
		record(`{"type":"int","logicalType":"time-millis"}`, `"default":-1`):                                                                                              "Default value of field f does not suit its type: -1",
		record(`["null",{"type":"array","items":"int"}]`, `"default":[1]`):                                                                                                "Default value of field f does not suit its type: [1]",
	} {
		_, err := read(text, nil, nil)
		equal(t, text, refusal(t, err), want)
	}
	_, err := read(`["int","string"]`, map[string]string{"confluent:union": "[{"}, nil)
	if msg := refusal(t, err); !strings.HasPrefix(msg, "Failed to deserialize union metadata") {
		t.Error(msg)
	}
}

// Inline records that are used twice on each level are a power of two of types.
func TestFromBoundsWhatInlineRecordsRepeat(t *testing.T) {
	typ := `{"type":"record","name":"I0","logical.anonymous":"true","fields":[]}`
	for i := range 40 {
		typ = fmt.Sprintf(`{"type":"record","name":"I%d","logical.anonymous":"true","fields":[{"name":"a","type":%s},{"name":"b","type":"I%d"}]}`, i+1, typ, i)
	}
	_, err := read(typ, nil, nil)
	equal(t, "doubling", refusal(t, err), "Inline records are used too often: they repeat more than 100000 types")
}

func TestFromDefaults(t *testing.T) {
	long := func(logicalType string) string { return `{"type":"long","logicalType":"` + logicalType + `"}` }
	dec := `{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`
	for _, c := range []struct{ typ, text, want string }{
		{`"boolean"`, `true`, `true`}, {`"int"`, `-5`, `-5`}, {`"long"`, `9223372036854775807`, `9223372036854775807`}, {`"string"`, `"x"`, `"x"`},
		{`"float"`, `1`, `1.0`}, {`"float"`, `0.1234567891`, `0.12345679`}, {`"double"`, `1e10`, `1.0E10`}, {`"double"`, `-1.5e-7`, `-1.5E-7`}, {`"double"`, `"NaN"`, `NaN`},
		{`"bytes"`, `"A\u00ff€"`, `x41ff3f`}, {`{"type":"fixed","name":"F","size":1}`, `"\u0000"`, `x00`},
		{`{"type":"int","connect.type":"int8"}`, `300`, `44`}, {`{"type":"int","connect.type":"int16"}`, `-5`, `-5`},
		{dec, `"\u0004\u00d2"`, `12.34`}, {dec, `"\u00ff"`, `-0.01`}, {dec, `"\u0000"`, `0.00`}, {dec, `"\u00ea"`, `-0.22`},
		{`{"type":"bytes","logicalType":"decimal","precision":9}`, `"\u0001\u0000"`, `256`},
		{`{"type":"int","logicalType":"date"}`, `20151`, `"2025-03-04"`}, {`{"type":"int","logicalType":"date"}`, `-1`, `"1969-12-31"`}, {`{"type":"int","logicalType":"date"}`, `2147483647`, `"+5881580-07-11"`},
		{`{"type":"int","logicalType":"time-millis"}`, `43320000`, `"12:02"`}, {long("time-micros"), `43320000001`, `"12:02:00.000001"`},
		{`{"type":"long","logicalType":"time-micros","flink.precision":2}`, `1000000`, `"00:00:01"`},
		{long("timestamp-millis"), `1741263480000`, `"2025-03-06T12:18:00Z"`}, {long("timestamp-millis"), `-1`, `"1969-12-31T23:59:59.999Z"`},
		{long("timestamp-nanos"), `1`, `"1970-01-01T00:00:00.000000001Z"`}, {long("local-timestamp-micros"), `1741263480000000`, `"2025-03-06T12:18"`},
		{`{"type":"long","logicalType":"local-timestamp-micros","flink.precision":2}`, `1000000`, `"1970-01-01T00:00:01"`},
		{long("local-timestamp-millis"), `9223372036854775807`, `"+292278994-08-17T07:12:55.807"`},
		{`{"type":"enum","name":"E","symbols":["A"]}`, `"A"`, `"A"`},
		{`["null","int"]`, `null`, `null`}, {`["int","null"]`, `7`, `7`}, {`["int","null","string"]`, `7`, `7`}, {`["null","boolean"]`, `true`, `true`},
		{`["null","int"]`, `7`, ``}, {`["null","string"]`, `"x"`, ``}, {`["double","null"]`, `"NaN"`, ``}, {`"float"`, `" 1.50f "`, `1.5`}, {`"int"`, `2147483648`, ``}, {`"string"`, `1`, ``},
		{`{"type":"array","items":` + dec + `}`, `["C","?"]`, `[0.67,0.63]`}, {`{"type":"array","items":["null","int"]}`, `[null]`, `[null]`},
		{`{"type":"map","values":{"type":"int","logicalType":"date"}}`, `{"a":0}`, `{"a":"1970-01-01"}`}, {`{"type":"map","values":"int","flink.type":"multiset"}`, `{"a":2}`, `{"a":2}`},
		{`{"type":"record","name":"I","fields":[{"name":"d","type":{"type":"int","logicalType":"date"}},{"name":"b","type":"bytes"}]}`, `{"d":1,"b":"A"}`, `{"d":1,"b":"A"}`},
		{`{"type":"array","items":{"type":"record","name":"E","connect.internal.type":"MapEntry","fields":[{"name":"key","type":"int"},{"name":"value","type":"int"}]}}`, `[{"key":1,"value":2}]`, `[{"key":1,"value":2}]`},
	} {
		s := mustRead(t, record(c.typ, `"default":`+c.text), nil, nil)
		got := ""
		if d := s.Root.Fields[0].Default; d.Has {
			got = showValue(d.Value)
		}
		equal(t, c.typ+" = "+c.text, got, c.want)
	}
}
