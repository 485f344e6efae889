package policy

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	logicalavro "github.com/millrace/millrace/compat/logical/avro"
	logicaljson "github.com/millrace/millrace/compat/logical/jsonschema"
	logicalproto "github.com/millrace/millrace/compat/logical/protobuf"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// The rules depend on what a converter makes of a schema: what may be NULL, what has a default, what is the same type. These
// tests begin with the text of one.

func TestAvroTable(t *testing.T) {
	compareTable(t, "avro.txt", func(text string) (*logical.Schema, error) {
		if !strings.HasPrefix(text, `{"type":`) {
			text = `{"type":"record","name":"R","fields":[` + text + `]}`
		}
		s, err := avro.Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil {
			return nil, err
		}
		return logicalavro.From(s, nil, nil)
	})
}

func TestProtobufTable(t *testing.T) {
	compareTable(t, "protobuf.txt", func(text string) (*logical.Schema, error) {
		if !strings.HasPrefix(text, "syntax") {
			text = `syntax = "proto3"; package t; message M { ` + text + ` }`
		}
		s, err := protobuf.Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil {
			return nil, err
		}
		return logicalproto.From(s, nil)
	})
}

func TestJSONTable(t *testing.T) {
	compareTable(t, "jsonschema.txt", func(text string) (*logical.Schema, error) {
		// Properties, the names of those that are required, definitions.
		parts := append(strings.SplitN(text, " /", 3), "", "")
		text = `{"type":"object","properties":{` + parts[0] + `},"required":[` + parts[1] + `],"$defs":{` + parts[2] + `}}`
		s, err := jsonschema.Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil {
			return nil, err
		}
		return logicaljson.From(s, nil)
	})
}
