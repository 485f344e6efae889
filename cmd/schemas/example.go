package schemas

import (
	"encoding/json"
	"strings"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// Bounds of examples.
const (
	maxExample      = 2000  // bytes of one
	maxExampleSteps = 5_000 // types that are looked at for one
	maxExampleDepth = 32    // values inside each other
	maxExamples     = 100   // of one file; findings beyond have none
)

// examples makes examples: a record, in JSON, that a writer's schema allows and a reader's cannot read.
type examples struct {
	made       int
	validators map[*jsonschema.Schema]validators
	messages   map[*protobuf.Schema]messages
}

// of returns an example for a finding of reader on writer; "" where none is known.
func (x *examples) of(reader, writer schema.Schema, d schema.Difference) string {
	if x.made >= maxExamples {
		return ""
	}
	x.made++
	tokens := strings.FieldsFunc(strings.TrimPrefix(d.Path, "#"), func(c rune) bool { return c == '/' })
	text, ok := "", false
	switch r := reader.(type) {
	case *avro.Schema:
		if w, same := writer.(*avro.Schema); same {
			e := avroExample{rule: d.Rule, steps: maxExampleSteps, open: map[*avro.Type]bool{}, met: map[[2]*avro.Type]bool{}}
			text, ok = e.follow(r.Root(), w.Root(), tokens, 0)
		}
	case *jsonschema.Schema:
		if w, same := writer.(*jsonschema.Schema); same {
			text, ok = x.json(r, w, tokens)
		}
	case *protobuf.Schema:
		if w, same := writer.(*protobuf.Schema); same {
			text, ok = x.protobuf(w, d.Rule, tokens)
		}
	}
	if !ok || len(text) > maxExample {
		return ""
	}
	return text
}

// quote returns s as JSON.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil { // which a string never is
		return `""`
	}
	return string(text)
}
