package compat_test

import (
	"fmt"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

func ExampleCheck() {
	parse := func(text string) schema.Schema {
		s, err := avro.Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil {
			panic(err)
		}
		return s
	}
	first := parse(`{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`)
	next := parse(`{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"note","type":"string"}]}`)
	for _, line := range compat.Check(compat.Backward, next, []compat.Previous{{Version: 1, Schema: first}}) {
		fmt.Println(line)
	}
	// Output:
	// {errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'note' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'note'}
	// {oldSchemaVersion: 1}
	// {oldSchema: '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}'}
}
