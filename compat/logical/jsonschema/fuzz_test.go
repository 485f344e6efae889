package jsonschema

import (
	"testing"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// FuzzFrom reads any document; what was read can be written or is refused, and what was written says itself when it is read.
func FuzzFrom(f *testing.F) {
	for _, seed := range []string{
		`{"type":"object","title":"T","properties":{"a":{"$ref":"#/definitions/A","default":1},"b":{"enum":["x",null]}},"definitions":{"A":{"type":"integer","connect.type":"int8"}}}`,
		`{` + modern + `"oneOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/A"}]},{"const":"x"}],"confluent:union":[{"name":"n"}],"$defs":{"A":{"type":["object","null"]},"R":{"$ref":"ext","logical.ref":true}}}`,
		`{"type":"array","connect.type":"map","items":{"properties":{"key":{"type":"number","connect.type":"bytes",` + decimalTitle + `},"value":{"type":"string","connect.type":"bytes","flink.maxLength":1}}}}`,
		`{"properties":{"t":{"type":"integer","connect.type":"int64",` + stampTitle + `,"default":5,"connect.index":1}},"confluent:rules":[{"expr":"e","sql":"s"}]}`,
		`true`, `{"$ref":"#"}`, `{"$ref":"ext#/definitions/D"}`,
	} {
		f.Add(seed)
	}
	ext := map[string]string{"ext": `{"definitions":{"D":{"type":"string","default":"d"}}}`}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := native.Parse(schema.Document{Text: text, References: []schema.Reference{{Name: "ext"}}}, logical.Texts(ext), schema.Options{Lenient: true})
		if err != nil {
			return
		}
		tree, err := From(s, ext)
		if err != nil {
			return
		}
		d, err := To(tree, "Row")
		if err != nil {
			return
		}
		again, err := native.Parse(schema.Document{Text: d.Text, References: []schema.Reference{{Name: "ext"}}}, logical.Texts(ext), schema.Options{})
		if err != nil {
			t.Fatalf("%s\nwritten %s\n%s", text, d.Text, err)
		}
		if _, err := From(again, ext); err != nil {
			t.Fatalf("%s\nwritten %s\n%s", text, d.Text, err)
		}
	})
}
