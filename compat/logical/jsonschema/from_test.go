package jsonschema

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
)

const (
	decimalTitle = `"title":"org.apache.kafka.connect.data.Decimal"`
	dateTitle    = `"title":"org.apache.kafka.connect.data.Date"`
	timeTitle    = `"title":"org.apache.kafka.connect.data.Time"`
	stampTitle   = `"title":"org.apache.kafka.connect.data.Timestamp"`
)

func TestFromTypes(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"boolean"}`:                                            "BOOLEAN NOT NULL",
		`{"type":"integer"}`:                                            "BIGINT NOT NULL",
		`{"type":"number"}`:                                             "DOUBLE NOT NULL",
		`{"minimum":1}`:                                                 "DOUBLE NOT NULL",
		`{"type":"number","connect.type":"int8"}`:                       "TINYINT NOT NULL",
		`{"type":"integer","connect.type":"int16"}`:                     "SMALLINT NOT NULL",
		`{"type":"integer","connect.type":"int32"}`:                     "INT NOT NULL",
		`{"type":"integer","connect.type":"int64"}`:                     "BIGINT NOT NULL",
		`{"type":"number","connect.type":"float32"}`:                    "FLOAT NOT NULL",
		`{"type":"number","connect.type":"float64"}`:                    "DOUBLE NOT NULL",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `}`: "DECIMAL(38, 18) NOT NULL",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"connect.parameters":{"scale":"2","connect.decimal.precision":"10"}}`: "DECIMAL(10, 2) NOT NULL",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"connect.parameters":{"scale":"3"}}`:                                  "DECIMAL(38, 3) NOT NULL",
		`{"type":"integer","connect.type":"int32",` + dateTitle + `}`:                                                                       "DATE NOT NULL",
		`{"type":"integer","connect.type":"int32",` + timeTitle + `}`:                                                                       "TIME(3) NOT NULL",
		`{"type":"integer","connect.type":"int32",` + timeTitle + `,"flink.precision":-1}`:                                                  "TIME(0) NOT NULL",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"flink.precision":-1}`:                                                 "TIMESTAMP_LTZ(6) NOT NULL",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"connect.parameters":{"connect.decimal.precision":"-1"}}`:             "DECIMAL(10, 18) NOT NULL",
		`{"type":"string","connect.type":"bytes","flink.maxLength":-1}`:                                                                     "VARBINARY(1) NOT NULL",
		`{"type":"object","connect.type":"map","additionalProperties":{"type":"boolean"},"logical.key.length":-1}`:                          "MAP<VARCHAR(1) NOT NULL, BOOLEAN NOT NULL> NOT NULL",
		`{"type":"integer","connect.type":"int32",` + timeTitle + `,"flink.precision":0}`:                                                   "TIME(0) NOT NULL",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `}`:                                                                      "TIMESTAMP_LTZ(3) NOT NULL",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"flink.precision":9}`:                                                  "TIMESTAMP_LTZ(9) NOT NULL",
		`{"type":"integer","connect.type":"int64","flink.type":"timestamp","flink.precision":6}`:                                            "TIMESTAMP(6) NOT NULL",
		`{"type":"integer",` + dateTitle + `}`:                                                                                              "BIGINT NOT NULL",
		`{"type":"string"}`:                                                                                                                 "VARCHAR NOT NULL",
		`{"pattern":"a"}`:                                                                                                                   "VARCHAR NOT NULL",
		`{"type":"string","format":"date-time"}`:                                                                                            "VARCHAR NOT NULL",
		`{"type":"string","contentEncoding":"base64"}`:                                                                                      "VARCHAR NOT NULL",
		`{"type":"string","maxLength":5}`:                                                                                                   "VARCHAR(5) NOT NULL",
		`{"type":"string","minLength":2,"maxLength":5}`:                                                                                     "VARCHAR(5) NOT NULL",
		`{"type":"string","minLength":5,"maxLength":5}`:                                                                                     "CHAR(5) NOT NULL",
		`{"type":"string","minLength":5}`:                                                                                                   "VARCHAR NOT NULL",
		`{"type":"string","connect.type":"bytes"}`:                                                                                          "VARBINARY NOT NULL",
		`{"type":"string","connect.type":"bytes","flink.maxLength":5}`:                                                                      "VARBINARY(5) NOT NULL",
		`{"type":"string","connect.type":"bytes","flink.maxLength":5,"flink.minLength":5}`:                                                  "BINARY(5) NOT NULL",
		`{}`:                          "VARIANT NOT NULL",
		`true`:                        "VARIANT NOT NULL",
		`{"title":"T"}`:               "VARIANT NOT NULL",
		`{"type":"array","items":{}}`: "ARRAY<VARIANT NOT NULL> NOT NULL",
		`{"items":{"type":"string"}}`: "ARRAY<VARCHAR NOT NULL> NOT NULL",
		`{"type":"array","items":{"oneOf":[{"type":"null"},{"type":"boolean"}]}}`: "ARRAY<BOOLEAN> NOT NULL",
		`{` + modern + `"type":"array","items":{"type":"boolean"}}`:               "ARRAY<BOOLEAN NOT NULL> NOT NULL",

		// A list of types is a choice, which what stands beside it is about: its types have no keywords of Connect.
		`{"type":["string","null"]}`:                         "VARCHAR",
		`{"type":["string"]}`:                                "VARCHAR NOT NULL",
		`{"type":["null","integer"],"connect.type":"int32"}`: "BIGINT",
		`{"type":["string","null"],"maxLength":3}`:           "VARCHAR(3)",
		`{"type":["string","boolean"]}`:                      "UNION(connect_union_field_0 VARCHAR, connect_union_field_1 BOOLEAN) NOT NULL",
		`{"type":["string","null","boolean"]}`:               "UNION(connect_union_field_0 VARCHAR, connect_union_field_1 BOOLEAN)",
		`{"type":["null"]}`:                                  "UNION()",
		`{"anyOf":[{"type":"boolean"}]}`:                     "BOOLEAN NOT NULL",
		`{"oneOf":[{"type":"null"},{"type":"string"}]}`:      "VARCHAR",

		`{"enum":["b","a","b"]}`: "ENUM(b, a) NOT NULL",
		`{"enum":["a",null]}`:    "ENUM(a)",
		`{"enum":[1,1.50,true]}`: "ENUM(1, 1.5, true) NOT NULL",
		`{"const":42}`:           "ENUM(42) NOT NULL",
		`{"type":"string","enum":["a","b"],"description":"d"}`:                                           `ENUM(a, b) COMMENT "d" NOT NULL`,
		`{"type":"string","enum":["a",null]}`:                                                            "ENUM(a) NOT NULL",
		`{"type":["string","null"],"enum":["a",null,"b"],"confluent:enum":[{"doc":"A"},{},{"doc":"B"}]}`: `ENUM(a COMMENT "A", b COMMENT "B")`,
		`{"type":"string","const":"a"}`:                                                                  "ENUM(a) NOT NULL",
		`{"type":"string","maxLength":4,"enum":["a"]}`:                                                   "VARCHAR(4) NOT NULL",
		`{"type":"string","minLength":0,"enum":["a"]}`:                                                   "ENUM(a) NOT NULL",
		`{"type":"integer","enum":[1,2]}`:                                                                "BIGINT NOT NULL",
		`{"type":["integer","null"],"enum":[1,null]}`:                                                    "BIGINT",
		`{"type":"boolean","const":true}`:                                                                "BOOLEAN NOT NULL",
		`{"enum":["a"],"title":"E","confluent:tags":["t",1],"confluent:params":{"k":{"n":[1]},"avro.aliases":"x"},"confluent:enum":[{"doc":"d","params":{"p":"v","protobuf.enum.number":"3"}}]}`: `E ENUM(a COMMENT "d" WITH [{p v}]) TAGS [t 1] WITH [{k [{n [1]}]}] NOT NULL`,
	} {
		if got := showSchema(read(t, text, nil)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestFromContainers(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"object","connect.type":"map","additionalProperties":{"type":"integer"}}`:                                                                                  "MAP<VARCHAR NOT NULL, BIGINT NOT NULL> NOT NULL",
		`{"type":"object","connect.type":"map","additionalProperties":{},"logical.key.length":3}`:                                                                           "MAP<VARCHAR(3) NOT NULL, VARIANT NOT NULL> NOT NULL",
		`{"type":"object","connect.type":"map","additionalProperties":{},"logical.key.length":3,"logical.key.type":"CHAR"}`:                                                 "MAP<CHAR(3) NOT NULL, VARIANT NOT NULL> NOT NULL",
		`{"type":"object","connect.type":"map","flink.type":"multiset","additionalProperties":{"type":"integer","connect.type":"int32"}}`:                                   "MULTISET<VARCHAR NOT NULL> NOT NULL",
		`{"type":"array","connect.type":"map","items":{"type":"object","properties":{"value":{"type":"boolean"},"key":{"type":"integer"}}}}`:                                "MAP<BIGINT NOT NULL, BOOLEAN NOT NULL> NOT NULL",
		`{"type":"array","connect.type":"map","flink.type":"multiset","items":{"properties":{"key":{"type":"integer"},"value":{"type":"integer","connect.type":"int32"}}}}`: "MULTISET<BIGINT NOT NULL> NOT NULL",
		`{"type":"array","connect.type":"map","items":{"type":"string"}}`:                                                                                                   "ARRAY<VARCHAR NOT NULL> NOT NULL",
		`{"type":"object","additionalProperties":{"type":"string"}}`:                                                                                                        "STRUCT() NOT NULL",
		`{"type":"object","title":"T","properties":{"b":{"type":"string"},"a":{"type":"string"}},"required":["b"]}`:                                                         "T STRUCT(a VARCHAR, b VARCHAR NOT NULL) NOT NULL",
		`{"properties":{"a":{"connect.index":2},"b":{},"c":{"connect.index":1},"B":{}}}`:                                                                                    "STRUCT(c VARIANT, a VARIANT, B VARIANT, b VARIANT) NOT NULL",
		`{"type":["object","null"],"title":"T","description":"d","properties":{"a":{"type":"boolean"}}}`:                                                                    "T STRUCT(a BOOLEAN)",
		`{"type":"object","confluent:namespace":"a.b","description":"d","confluent:tags":["t"],"confluent:rules":[{"expr":"e","sql":"s"},{"expr":"e"},3],"properties":{
			"a":{"type":"string","description":"f","confluent:tags":["u"],"confluent:params":{"k":"v"},"confluent:rules":[{"name":"n","doc":"x","expr":"e","sql":"s"}]}}}`: `NAMESPACE a.b; STRUCT(a VARCHAR COMMENT "f" TAGS [u] WITH [{k v}] CHECK ["n" "x" "e" "s"]) COMMENT "d" TAGS [t] CHECK ["" "" "e" "s"] NOT NULL`,
		`{"properties":{"o":{"type":"object","description":"d","properties":{}}}}`: `STRUCT(o STRUCT() COMMENT "d" COMMENT "d") NOT NULL`,
	} {
		if got := showSchema(read(t, text, nil)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestFromCombined(t *testing.T) {
	object := func(properties string) string { return `{"type":"object","properties":{` + properties + `}}` }
	for text, want := range map[string]string{
		`{"allOf":[` + object(`"b":{"type":"boolean"}`) + `,` + object(`"a":{"type":"string"}`) + `]}`:                                                                                                       "STRUCT(a VARCHAR, b BOOLEAN) NOT NULL",
		`{"title":"T","description":"lost","allOf":[{"$ref":"#/definitions/B"}],"type":"object","properties":{"a":{}},"required":["a"],"definitions":{"B":{"properties":{"b":{},"a":{}},"required":["b"]}}}`: "T STRUCT(a VARIANT NOT NULL, b VARIANT NOT NULL) NOT NULL",
		`{"allOf":[{"allOf":[` + object(`"a":{}`) + `]},{"anyOf":[` + object(`"b":{}`) + `]}]}`:                                                                                                              "STRUCT(a VARIANT) NOT NULL",
		`{"type":"number","format":"x"}`:                                          "DOUBLE NOT NULL",
		`{"type":"integer","connect.type":"int32","format":"int32"}`:              "BIGINT NOT NULL",
		`{"type":"array","items":{"type":"string"},"additionalProperties":false}`: "ARRAY<VARCHAR NOT NULL> NOT NULL",
		`{"allOf":[{"type":"object"},{"type":"array","items":{}}]}`:               "ARRAY<VARIANT NOT NULL> NOT NULL",
		`{"allOf":[{"anyOf":[{"type":"null"},{"type":"boolean"}]}]}`:              "BOOLEAN",
		`{"type":"object","properties":{"a":{}},"dependentRequired":{"a":["b"]}}`: "STRUCT(a VARIANT) NOT NULL",

		`{"oneOf":[{"type":"string","title":"s"},{"type":"boolean"}]}`:                                                                                            "UNION(s VARCHAR, connect_union_field_1 BOOLEAN) NOT NULL",
		`{"oneOf":[{"type":"null"},{"type":"string","title":"s"},{"type":"boolean"}],"confluent:union":[{"name":"x","doc":"d","params":{"k":"v","avro.a":"b"}}]}`: `UNION(x VARCHAR COMMENT "d" WITH [{k v}], connect_union_field_1 BOOLEAN)`,
		`{"oneOf":[{"type":"boolean"},{"oneOf":[{"type":"null"},{"type":"string"}]}],"confluent:union":[{"name":"a"},{"name":"b"}]}`:                              "UNION(a BOOLEAN, b VARCHAR) NOT NULL",

		// A property of one value that tells the branches apart names them.
		`{"oneOf":[` + object(`"k":{"enum":["card"]}`) + `,` + object(`"k":{"type":["string","null"],"const":"bank"},"i":{}`) + `]}`:                                              "UNION(card STRUCT(k ENUM(card)), bank STRUCT(i VARIANT, k ENUM(bank))) NOT NULL",
		`{"oneOf":[{"$ref":"#/definitions/C"},{"allOf":[` + object(`"k":{"const":"b"}`) + `,` + object(`"i":{}`) + `]}],"definitions":{"C":` + object(`"k":{"const":"c"}`) + `}}`: "C = STRUCT(k ENUM(c)) NOT NULL; UNION(c C, b STRUCT(i VARIANT, k ENUM(b))) NOT NULL",
		`{"oneOf":[` + object(`"k":{"const":"a"}`) + `,` + object(`"k":{"const":"a"}`) + `]}`:                                                                                     "UNION(connect_union_field_0 STRUCT(k ENUM(a)), connect_union_field_1 STRUCT(k ENUM(a))) NOT NULL",
		`{"oneOf":[` + object(`"k":{"const":"a"}`) + `,` + object(`"l":{"const":"b"}`) + `]}`:                                                                                     "UNION(connect_union_field_0 STRUCT(k ENUM(a)), connect_union_field_1 STRUCT(l ENUM(b))) NOT NULL",
		`{"oneOf":[` + object(`"k":{"const":"a"},"l":{"const":"b"}`) + `,` + object(`"k":{"const":"c"}`) + `]}`:                                                                   "UNION(connect_union_field_0 STRUCT(k ENUM(a), l ENUM(b)), connect_union_field_1 STRUCT(k ENUM(c))) NOT NULL",
		`{"oneOf":[` + object(`"k":{"const":"a"}`) + `,` + object(`"k":{"const":1}`) + `]}`:                                                                                       "UNION(connect_union_field_0 STRUCT(k ENUM(a)), connect_union_field_1 STRUCT(k ENUM(1))) NOT NULL",
		`{"oneOf":[` + object(`"k":{"const":"a"}`) + `,` + object(`"k":{"const":"b"}`) + `],"confluent:union":[{"name":"P"},{}]}`:                                                 "UNION(P STRUCT(k ENUM(a)), b STRUCT(k ENUM(b))) NOT NULL",
		`{"oneOf":[` + object(`"k":{"const":"a"}`) + `,` + object(`"k":{"const":"b"}`) + `],"confluent:union":[{},{"name":"a"}]}`:                                                 "UNION(connect_union_field_0 STRUCT(k ENUM(a)), a STRUCT(k ENUM(b))) NOT NULL",
	} {
		if got := showSchema(read(t, text, nil)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestFromReferences(t *testing.T) {
	ext := map[string]string{"ext.Doc": `{"type":"object","properties":{"i":{"$ref":"#/definitions/Inner"},"l":{"items":{"type":"string"}}},
		"definitions":{"Inner":{"type":"object","properties":{"v":{"type":"integer"}}}}}`, "leaf": `{"type":"boolean"}`,
		"mid": `{"properties":{"leaf":{"$ref":"leaf"}}}`}
	for text, want := range map[string]string{
		`{"$ref":"#/definitions/A","definitions":{"A":{"type":"string"},"unused":{}}}`:                                                             "A = VARCHAR NOT NULL; A NOT NULL",
		`{` + modern + `"$ref":"#/$defs/A","$defs":{"unused":{},"A":{"type":"string"}}}`:                                                           "unused = VARIANT NOT NULL; A = VARCHAR NOT NULL; A NOT NULL",
		`{` + modern + `"$ref":"#/$defs/A","$defs":{"A":{"type":"string"},"bad":{"not":{}},"null":{"type":"null"}}}`:                               "A = VARCHAR NOT NULL; A NOT NULL",
		`{"properties":{"t":{"$ref":"#/definitions/T"}},"definitions":{"T":{"properties":{"left":{"$ref":"#/definitions/T"}}}}}`:                   "T = STRUCT(left T) NOT NULL; STRUCT(t T) NOT NULL",
		`{` + modern + `"$ref":"#/$defs/A","$defs":{"A":{"properties":{"b":{"$ref":"#/$defs/B"}}},"B":{"properties":{"a":{"$ref":"#/$defs/A"}}}}}`: "B = STRUCT(a A) NOT NULL; A = STRUCT(b B) NOT NULL; A NOT NULL",
		`{"$ref":"#/definitions/D","definitions":{"D":{"$ref":"#/definitions/Q"},"Q":{"$ref":"#/definitions/D"}}}`:                                 "D = Q NOT NULL; Q = D NOT NULL; D NOT NULL",
		`{"properties":{"o":{"$ref":"#/definitions/O"}},"required":["o"],"definitions":{"O":{"type":["object","null"],"properties":{}}}}`:          "O = STRUCT(); STRUCT(o O NOT NULL) NOT NULL",
		`{"properties":{"o":{"oneOf":[{"$ref":"#/definitions/N"},{"type":"string"}]}},"required":["o"],"definitions":{"N":{"type":"null"}}}`:       "STRUCT(o VARCHAR) NOT NULL",
		`{"$id":"http://e.x/a.json","properties":{"a":{"$ref":"http://e.x/a.json#/definitions/A"}},"definitions":{"A":{}}}`:                        "A = VARIANT NOT NULL; STRUCT(a A) NOT NULL",

		// What is no definition gets a name that stands for its URI.
		`{"properties":{"self":{"$ref":"#"}}}`:                                                             "USING Ref1 FOR #; EXTERNAL Ref1 = STRUCT(self Ref1) NOT NULL; STRUCT(self Ref1) NOT NULL",
		`{"properties":{"a":{"type":"string"},"b":{"$ref":"#/properties/a"}}}`:                             "USING Ref1 FOR #/properties/a; EXTERNAL Ref1 = VARCHAR NOT NULL; STRUCT(a VARCHAR, b Ref1) NOT NULL",
		`{"properties":{"a":{"$ref":"leaf"},"b":{"$ref":"leaf"}}}`:                                         "USING Ref1 FOR leaf; EXTERNAL Ref1 = BOOLEAN NOT NULL; STRUCT(a Ref1, b Ref1) NOT NULL",
		`{"properties":{"m":{"$ref":"mid"}}}`:                                                              "USING Ref1 FOR mid; USING Ref2 FOR leaf; EXTERNAL Ref1 = STRUCT(leaf Ref2) NOT NULL; EXTERNAL Ref2 = BOOLEAN NOT NULL; STRUCT(m Ref1) NOT NULL",
		`{"properties":{"a":{"$ref":"ext.Doc#/properties/l/items"}}}`:                                      "USING Ref1 FOR ext.Doc#/properties/l/items; EXTERNAL Ref1 = VARCHAR NOT NULL; STRUCT(a Ref1) NOT NULL",
		`{"properties":{"a":{"$ref":"ext.Doc#/definitions/Inner"}}}`:                                       "EXTERNAL Inner = STRUCT(v BIGINT) NOT NULL; STRUCT(a Inner) NOT NULL",
		`{"properties":{"a":{"$ref":"ext.Doc"}}}`:                                                          "USING Ref1 FOR ext.Doc; EXTERNAL Ref1 = STRUCT(i Inner, l ARRAY<VARCHAR NOT NULL>) NOT NULL; Inner = STRUCT(v BIGINT) NOT NULL; STRUCT(a Ref1) NOT NULL",
		`{"properties":{"a":{"$ref":"#/definitions/Ref1"},"b":{"$ref":"leaf"}},"definitions":{"Ref1":{}}}`: "USING Ref2 FOR leaf; Ref1 = VARIANT NOT NULL; EXTERNAL Ref2 = BOOLEAN NOT NULL; STRUCT(a Ref1, b Ref2) NOT NULL",
		`{` + modern + `"properties":{"a":{"$ref":"#/$defs/X"},"b":{"$ref":"leaf"},"c":{"$ref":"mid"}},"$defs":{"Ref7":{"$ref":"#/properties/a","logical.ref":true},"X":{"$ref":"leaf","logical.ref":true}}}`: "USING Ref7 FOR #/properties/a; USING X FOR leaf; USING Ref8 FOR mid; EXTERNAL Ref7 = X NOT NULL; EXTERNAL X = BOOLEAN NOT NULL; EXTERNAL Ref8 = STRUCT(leaf X) NOT NULL; STRUCT(a X, b X, c Ref8) NOT NULL",
		`{"$ref":"#/definitions/a~1b%25","definitions":{"a/b%":{"type":"boolean"}}}`: "a/b% = BOOLEAN NOT NULL; a/b% NOT NULL",
		`{"$ref":"http://json-schema.org/draft-07/schema#"}`:                         "USING Ref1 FOR http://json-schema.org/draft-07/schema#; Ref1 NOT NULL",
	} {
		if got := showSchema(read(t, text, ext)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestFromRefuses(t *testing.T) {
	two := `[{"type":"string"},{"type":"boolean"}]`
	for text, want := range map[string]string{
		`false`:           "Unsupported JSON schema type org.everit.json.schema.FalseSchema",
		`{"type":"null"}`: "Unsupported JSON schema type org.everit.json.schema.NullSchema",
		`{"not":{}}`:      "Unsupported JSON schema type org.everit.json.schema.NotSchema",
		`{"if":{}}`:       "Unsupported JSON schema type org.everit.json.schema.ConditionalSchema",
		`{"type":"object","properties":{"a":{}},"if":{}}`:                              hidden,
		`{"allOf":[{"not":{}},{"type":"string"}]}`:                                     hidden,
		`{"allOf":[{"type":"string"},{"type":"object","additionalProperties":false}]}`: `Unsupported criterion allOf for {"allOf":[{"type":"string"},{"type":"object","additionalProperties":false}]}`,
		`{"type":"boolean","format":"x"}`:                                              `Unsupported criterion allOf for {"type":"boolean","format":"x"}`,
		`{"type":"array"}`:                                                             "Array schema did not specify the items type",
		`{"type":"array","items":[{}]}`:                                                "JSON tuples (i.e. arrays that contain items of different types) are not supported",
		`{` + modern + `"type":"array","prefixItems":[{}]}`:                            "JSON tuples (i.e. arrays that contain items of different types) are not supported",
		`{"const":null}`:                                                               onlyNull,
		`{"type":"string","enum":[null]}`:                                              onlyNull,
		`{"enum":["a b"]}`:                                                             "Enum symbol name must not contain whitespace or control characters; got: 'a b'",
		`{"enum":[""]}`:                                                                "Enum symbol name must not be empty",
		`{"properties":{"a b":{}}}`:                                                    "Field name must not contain whitespace or control characters; got: 'a b'",
		`{"oneOf":[{"title":"a b"},{"type":"string"}]}`:                                "Union branch name must not contain whitespace or control characters; got: 'a b'",
		`{"oneOf":[{"title":"a"},{"title":"a","type":"string"}]}`:                      "Duplicate union branch: a",
		`{"oneOf":` + two + `,"confluent:union":{"x":1}}`:                              `confluent:union property must be an array of objects`,
		`{"oneOf":` + two + `,"confluent:union":[{"name":1}]}`:                         `confluent:union property has a malformed name: 1`,
		`{"enum":["A"],"confluent:enum":["a"]}`:                                        `confluent:enum property must be an array of objects`,
		`{"type":"integer","connect.type":1}`:                                          "connect.type must be a string: 1",
		`{"type":"string","connect.type":null}`:                                        "connect.type must be a string: null",
		`{"type":"integer","connect.type":"int9"}`:                                     "Unsupported type int9",
		`{"type":"number","connect.type":"bytes"}`:                                     "Expected decimal type",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"connect.parameters":{"scale":"x"}}`:          "connect.parameters.scale must be an integer as a string: x",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"connect.parameters":[1]}`:                    "connect.parameters must be an object: [1]",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"flink.precision":"3"}`:                        "flink.precision must be an integer: 3",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"flink.precision":10}`:                         "TIMESTAMP_LTZ precision must be in [0, 9], got 10",
		`{"type":"string","connect.type":"bytes","flink.maxLength":5000000000}`:                                     "flink.maxLength must be an integer: 5000000000",
		`{"properties":{"a":{"connect.index":"1"},"b":{}}}`:                                                         "connect.index must be an integer: 1",
		`{"type":"object","connect.type":"map"}`:                                                                    "A map (connect.type: map) must declare its values with additionalProperties",
		`{"type":"array","connect.type":"map","items":{"type":"object"}}`:                                           "A map (connect.type: map) array's items must declare key and value",
		`{"type":"object","connect.type":"map","flink.type":"multiset","additionalProperties":{"type":"integer"}}`:  "Unexpected value type for a MULTISET type: BIGINT NOT NULL",
		`{` + modern + `"properties":{"b":{"$ref":"#/$defs/V"}},"$defs":{"U":{"$ref":"#/$defs/V"},"V":{"not":{}}}}`: "Unsupported JSON schema type org.everit.json.schema.NotSchema",
		strings.Repeat(`{"items":`, 300) + `{}` + strings.Repeat(`}`, 300):                                          "Schema type nesting depth exceeds the maximum of 256",
	} {
		_, err := From(parse(t, text, nil), nil)
		var refused *logical.Error
		if !errors.As(err, &refused) || refused.Msg != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestFromDefaults(t *testing.T) {
	for property, want := range map[string]string{
		`{"type":"boolean","default":true}`:                                                                  "true",
		`{"type":"boolean","default":"true"}`:                                                                "",
		`{"type":"integer","default":7}`:                                                                     "7",
		`{"type":"integer","default":7.9}`:                                                                   "7",
		`{"type":"integer","default":-7.9}`:                                                                  "-7",
		`{"type":"integer","default":1e3}`:                                                                   "1000",
		`{"type":"integer","default":1e999}`:                                                                 "0",
		`{"type":"integer","connect.type":"int8","default":200}`:                                             "-56",
		`{"type":"integer","connect.type":"int32","default":-2147483648}`:                                    "-2147483648",
		`{"type":"number","default":1.5}`:                                                                    "1.5",
		`{"type":"number","default":1e10}`:                                                                   "1.0E10",
		`{"type":"number","default":1e999}`:                                                                  "",
		`{"type":"number","connect.type":"float32","default":0.1}`:                                           "0.1",
		`{"type":"string","default":"x"}`:                                                                    "x",
		`{"type":"string","default":1}`:                                                                      "",
		`{"type":["string","null"],"default":null}`:                                                          "",
		`{"type":["string","null"],"default":"x"}`:                                                           "x",
		`{"type":"string","connect.type":"bytes","default":"AQI="}`:                                          "[1 2]",
		`{"type":"string","connect.type":"bytes","default":"AQI"}`:                                           "[1 2]",
		`{"type":"string","connect.type":"bytes","default":"*"}`:                                             "",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"default":"12.340"}`:                   "12.340",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"default":12.34}`:                      "12.34",
		`{"type":"number","connect.type":"bytes",` + decimalTitle + `,"default":"x"}`:                        "",
		`{"type":"integer","connect.type":"int32",` + dateTitle + `,"default":"2026-04-17"}`:                 "2026-04-17",
		`{"type":"integer","connect.type":"int32",` + dateTitle + `,"default":19000}`:                        "",
		`{"type":"integer","connect.type":"int32",` + timeTitle + `,"default":"18:00:00.5"}`:                 "18:00:00.500",
		`{"type":"integer","connect.type":"int64","flink.type":"timestamp","default":"2026-04-17T18:00:00"}`: "2026-04-17T18:00",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"default":"2026-04-17T18:00:00Z"}`:      "2026-04-17T18:00:00Z",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"default":1500}`:                        "1970-01-01T00:00:01.500Z",
		`{"type":"integer","connect.type":"int64",` + stampTitle + `,"default":"noon"}`:                      "",
		`{"enum":["a","b"],"default":"b"}`:                                                                   "b",
		`{"type":"array","items":{"type":"string"},"default":["x"]}`:                                         "",
		`{"type":"object","properties":{},"default":{}}`:                                                     "",
		`{"default":1}`: "",
		`{"oneOf":[{"type":"integer"},{"type":"string"}],"default":5}`:      "5",
		`{"oneOf":[{"type":"integer"},{"type":"string"}],"default":"five"}`: "",
		`{"type":["null"],"default":5}`:                                     "",
		`{"$ref":"#/definitions/D"}`:                                        "d",
		`{"$ref":"#/definitions/D","default":"own"}`:                        "d",
		`{"$ref":"#/definitions/E","default":"own"}`:                        "",
		`{"$ref":"#/definitions/Loop","default":"own"}`:                     "",
	} {
		text := `{"properties":{"p":` + property + `},"definitions":{"D":{"type":"string","default":"d"},"E":{"$ref":"#/definitions/F"},"F":{},"Loop":{"$ref":"#/definitions/Loop"}}}`
		got := ""
		if d := read(t, text, nil).Root.Fields[0].Default; d.Has {
			got = sprint(d.Value)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", property, got, want)
		}
	}
	// Since 2019-09 what stands beside a reference counts, and is of the type that the reference names.
	text := `{` + modern + `"properties":{"p":{"$ref":"#/$defs/E","default":7},"q":{"$ref":"#/$defs/E","default":null}},
		"$defs":{"E":{"oneOf":[{"type":"integer"},{"$ref":"#/$defs/D"}]},"D":{"properties":{"f":{"$ref":"#/$defs/E","default":8}}}}}`
	want := "D = STRUCT(f E DEFAULT 8) NOT NULL; E = UNION(connect_union_field_0 BIGINT, connect_union_field_1 D) NOT NULL; STRUCT(p E DEFAULT 7, q E) NOT NULL"
	if got := showSchema(read(t, text, nil)); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
}

// A definition that has no logical type leaves nothing of what it refers to.
func TestFromUndoes(t *testing.T) {
	bad := `"Bad":{"properties":{"a":{"$ref":"ext#/properties/x"},"b":{"$ref":"ext"},"c":{"$ref":"#/$defs/Good"},"d":{"not":{}}}},`
	got := read(t, `{`+modern+`"properties":{"g":{"$ref":"#/$defs/Good"},"x":{"$ref":"ext#/properties/x"}},"$defs":{`+bad+
		`"Good":{"properties":{"n":{"type":"integer"}}}}}`, map[string]string{"ext": `{"properties":{"x":{"type":"string"}}}`})
	want := "USING Ref1 FOR ext#/properties/x; Good = STRUCT(n BIGINT) NOT NULL; EXTERNAL Ref1 = VARCHAR NOT NULL; STRUCT(g Good, x Ref1) NOT NULL"
	if s := showSchema(got); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

// A title that could be no type's name in DDL is none.
func TestTitlesThatAreNoNames(t *testing.T) {
	for title, want := range map[string]string{"Order": "Order", "com.shop.Order": "com.shop.Order", "An order": "An order", "An order.": "", "a..b": "", "...": ""} {
		got := read(t, `{"title":"`+title+`","properties":{"a":{"type":"integer"}}}`, nil)
		if got.Name != want {
			t.Errorf("%q names %q, want %q", title, got.Name, want)
		}
	}
}
