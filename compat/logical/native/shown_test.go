package native_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/native"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

var languages = []schema.Type{schema.Avro, schema.JSON, schema.Protobuf}

// parse reads a schema as the registry does what it has stored.
func parse(t schema.Type, text string, resolved map[string]string) (schema.Schema, error) {
	d := schema.Document{Text: text}
	for _, name := range avro.InOrder(resolved) {
		d.References = append(d.References, schema.Reference{Name: name, Subject: name, Version: 1})
	}
	switch t {
	case schema.Avro:
		return avro.Parse(d, logical.Texts(resolved), schema.Options{Lenient: true})
	case schema.JSON:
		return jsonschema.Parse(d, logical.Texts(resolved), schema.Options{Lenient: true})
	}
	return protobuf.Parse(d, logical.Texts(resolved), schema.Options{Lenient: true})
}

// mustRefuse fails for an error that does not say what is wrong with a schema.
func mustRefuse(t *testing.T, err error) {
	t.Helper()
	var fault *logical.Error
	if !errors.As(err, &fault) {
		t.Fatalf("not a *logical.Error: %v", err)
	}
}

// FuzzShown holds that any stored schema has DDL that reads back and can be judged, or is refused; and that what the DDL is written
// as, in any language, has DDL as well, which stays the same from then on.
func FuzzShown(f *testing.F) {
	for _, text := range documents {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, language := range languages {
			s, err := parse(language, text, nil)
			if err != nil {
				continue
			}
			shown, err := native.Source{Schema: s}.DDL()
			if err != nil {
				mustRefuse(t, err)
				continue
			}
			native.Judge(native.Source{Schema: s})
			for _, to := range languages {
				written(t, to, written(t, to, shown))
			}
		}
	})
}

// written returns the DDL of what DDL without references is in a language; "" when it is refused.
func written(t *testing.T, to schema.Type, script string) string {
	t.Helper()
	if script == "" || strings.Contains(script, "CHECK (") { // whose CEL nobody has looked at
		return ""
	}
	parsed, err := native.Parse(script)
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	d, err := parsed.Document(to, "s", nil, nil)
	if err != nil {
		mustRefuse(t, err)
		if strings.Contains(err.Error(), "Invalid logical type schema") {
			t.Fatalf("%v\n%s", err, script)
		}
		return ""
	}
	s, err := parse(to, d.Text, nil)
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", to, err, script, d.Text)
	}
	shown, err := native.Source{Schema: s, Properties: d.Properties}.DDL()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", to, err, script, d.Text)
	}
	return shown
}

// documents are schemas whose names, defaults and depths DDL has to cope with.
var documents = []string{
	`{"title":"An order. Of a customer.","type":"object","properties":{"a":{"type":"integer"}}}`,
	`{"title":"...","type":"object","properties":{"a":{"type":"integer"}}}`,
	`{"title":"select","type":"object","properties":{"a":{"type":"integer"}}}`,
	`{"type":"object","properties":{"a":{"$ref":"#/$defs/a..b"}},"$defs":{"a..b":{"type":"integer"}}}`,
	`{"type":"object","properties":{"a":{"$ref":"#/$defs/ "}},"$defs":{" ":{"enum":["x"]}}}`,
	`{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"integer"}}}`,
	`{"type":"object","properties":{"a":{"$ref":""}}}`,
	`{"type":"object","properties":{"a":{"$ref":"#"}}}`,
	`{"confluent:namespace":"a..b","type":"object","properties":{"a":{"type":"integer"}}}`,
	`{"type":"object","properties":{"a":{"type":"string","maxLength":0},"b":{"type":"string","minLength":0,"maxLength":0}}}`,
	`{"type":"object","properties":{"a":{"type":"string","maxLength":2,"default":"abc"}}}`,
	`{"type":"object","properties":{"a":{"type":"string","default":"it's"},"b":{"enum":["x"],"default":"x"},"c":{"type":"array","items":{"type":"string"},"default":[]}}}`,
	`{"type":"object","properties":{"a":{"type":"number","connect.type":"bytes","title":"org.apache.kafka.connect.data.Decimal","connect.parameters":{"scale":"-1","connect.decimal.precision":"0"}}}}`,
	`{"type":"object","properties":{},"title":"T"}`,
	`{"oneOf":[{"type":"string"},{"type":"integer"}]}`,
	`{"type":"record","name":"R","fields":[]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"int"},"default":[]},{"name":"b","type":{"type":"map","values":"int"},"default":{"x":1}}]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":"NaN"},{"name":"b","type":"float","default":"-Infinity"}]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"enum","name":"E","symbols":["A","B"]},"default":"A"},{"name":"b","type":["int","string"],"default":1}]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"string","flink.maxLength":2},"default":"abc"},{"name":"b","type":{"type":"int","logicalType":"time-millis","flink.precision":0},"default":1}]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":2,"scale":5},"default":"\u0001"}]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":0,"scale":-3}}]}`,
	`{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":0}},{"name":"b","type":{"type":"record","name":"I","fields":[],"logical.anonymous":"true"}}]}`,
	`{"type":"record","name":"a.b.R","fields":[{"name":"a","type":{"type":"record","name":"c.R","fields":[{"name":"r","type":["null","a.b.R"]}]}}]}`,
	`{"type":"record","name":"n.R","fields":[{"name":"a","type":{"type":"record","name":"n.R.S","fields":[]}},{"name":"b","type":{"type":"enum","name":"n.R.S.T","symbols":[]}}]}`,
	`{"type":"enum","name":"E","symbols":["A"],"confluent:tags":["T"]}`,
	`{"type":"record","name":"R","confluent:rules":[{"expr":"true","sql":"a >"}],"fields":[{"name":"a","type":"int","confluent:rules":[{"expr":"x","sql":")"}]}]}`,
	`["int","string"]`,
	`message M { optional double d = 1 [default = nan]; optional float f = 2 [default = -inf]; optional uint64 u = 3 [default = 18446744073709551615]; optional E e = 4 [default = B]; enum E { A = 0; B = 1; } }`,
	`message M { optional bytes b = 1 [default = "\377"]; optional string s = 2 [default = "it's"]; repeated int32 r = 3; map<string, int32> m = 4; oneof u { int32 x = 5; } }`,
	`syntax = "proto3"; message A { B b = 1; message B { C c = 1; message C { } } } message D { A.B.C c = 1; }`,
	`syntax = "proto3"; package p; enum E { A = 0; } message M { E e = 1; message E2 { M m = 1; } E2 x = 2; }`,
}
