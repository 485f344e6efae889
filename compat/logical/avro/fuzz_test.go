package avro

import (
	"errors"
	"testing"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/logical/property"
	"github.com/millrace/millrace/compat/schema"
)

// What is read can be shown and written, or says why not; what is written can be parsed.
func FuzzFrom(f *testing.F) {
	for _, text := range []string{
		record(`{"type":"array","items":{"type":"record","name":"E","connect.internal.type":"MapEntry","fields":[{"name":"key","type":"int"},{"name":"value","type":["null","R"]}]}}`, `"default":[]`),
		record(`["int","null",{"type":"enum","name":"n.E","symbols":["A"],"aliases":["B"],"confluent:enum":[{"doc":"d","params":{"k":1}}]}]`, `"default":7,"confluent:union":[{"name":"i"}]`),
		record(`{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}`, `"default":"\u00ff\u0001","confluent:tags":["T"],"confluent:params":{"k":[1.5,null,{"a":true}]},"confluent:rules":[{"expr":"e","sql":"s"}]`),
		record(`{"type":"long","logicalType":"timestamp-micros","flink.precision":4}`, `"default":-9223372036854775808`),
		record(`{"type":"int","logicalType":"date"}`, `"default":-2147483648,"aliases":["g"]`),
		record(`{"type":"string","flink.minLength":5,"flink.maxLength":5}`, `"default":"hello"`),
		record(`{"type":"map","values":"int","logical.key.length":3,"flink.type":"multiset"}`, `"default":{"a":1}`),
		record(`{"type":"record","name":"n.I","logical.anonymous":"true","fields":[{"name":"d","type":"double","default":"NaN"}]}`, `"default":{"d":1}`),
		`["null",{"type":"fixed","name":"F","size":16,"logicalType":"uuid"},{"type":"record","name":"confluent.type.Variant","fields":[{"name":"metadata","type":"bytes"},{"name":"value","type":"bytes"}]}]`,
	} {
		f.Add(text, "n", `[{"name":"a","doc":"d"},{"params":{"k":"v"}}]`, true)
		f.Add(text, "", ``, false)
	}
	f.Fuzz(func(t *testing.T, text, namespace, union string, lenient bool) {
		s, err := native.Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: lenient})
		if err != nil {
			return
		}
		properties := map[string]string{}
		if namespace != "" {
			properties[property.Namespace] = namespace
		}
		if union != "" {
			properties[property.Union] = union
		}
		tree, err := From(s, nil, properties)
		if err != nil {
			mustBeRefusal(t, err)
			return
		}
		if _, err := ddl.Print(tree); err != nil {
			mustBeRefusal(t, err)
		}
		d, err := To(tree, "Row")
		if err != nil {
			mustBeRefusal(t, err)
			return
		}
		again, err := native.Parse(schema.Document{Text: d.Text}, nil, schema.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, d.Text)
		}
		if _, err := From(again, nil, d.Properties); err != nil {
			mustBeRefusal(t, err)
		}
	})
}

func mustBeRefusal(t *testing.T, err error) {
	t.Helper()
	var fault *logical.Error
	if !errors.As(err, &fault) {
		t.Errorf("not a *logical.Error: %v", err)
	}
}
