package avro_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"

	"github.com/millrace/millrace/connect/record"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var logicalType = regexp.MustCompile(`,"logicalType":"[^"]*"`)

// decode reads a message's payload with goavro, without logical types.
func decode(t testing.TB, schema string, payload []byte) any {
	t.Helper()
	codec, err := goavro.NewCodec(logicalType.ReplaceAllString(schema, ""))
	if err != nil {
		t.Fatalf("%v\n%s", err, schema)
	}
	v, rest, err := codec.NativeFromBinary(payload)
	if err != nil || len(rest) > 0 {
		t.Fatalf("%v, %d bytes left\n%s\n%x", err, len(rest), schema, payload)
	}
	return v
}

// literal turns what goavro read into what converttest.Cell takes.
func literal(t testing.TB, s *record.Schema, v any) any {
	t.Helper()
	if u, ok := v.(map[string]any); ok && s.Optional {
		if len(u) != 1 {
			t.Fatalf("a union of %d values", len(u))
		}
		for _, inner := range u {
			v = inner
		}
	}
	switch v := v.(type) {
	case int32:
		return int64(v)
	case float32:
		return float64(v)
	case []any:
		var out []record.Literal
		for _, e := range v {
			if s.Kind == record.Map {
				pair := e.(map[string]any)
				out = append(out, record.Literal{V: literal(t, s.Key, pair["key"])}, record.Literal{V: literal(t, s.Elem, pair["value"])})
				continue
			}
			out = append(out, record.Literal{V: literal(t, s.Elem, e)})
		}
		if out == nil {
			out = []record.Literal{}
		}
		return out
	case map[string]any:
		if s.Kind == record.Map {
			out := []record.Literal{}
			for k, e := range v {
				out = append(out, record.Literal{V: k}, record.Literal{V: literal(t, s.Elem, e)})
			}
			return out
		}
		out := make([]record.Literal, len(s.Fields))
		for i, f := range s.Fields {
			out[i].V = literal(t, f.Schema, v[f.Name])
		}
		return out
	}
	return v
}

// connectSchema turns an Avro schema that AvroConverter registered back into the Connect schema that it was made of.
func connectSchema(t testing.TB, raw json.RawMessage) *record.Schema {
	t.Helper()
	r := &reader{t: t, named: map[string]*record.Schema{}}
	return r.schema(raw, "")
}

type reader struct {
	t     testing.TB
	named map[string]*record.Schema
}

type avroType struct {
	Type, Items     json.RawMessage
	Name, Namespace string
	Fields          []avroField
	Version         int             `json:"connect.version"`
	Doc             string          `json:"connect.doc"`
	Parameters      json.RawMessage `json:"connect.parameters"`
	Default         json.RawMessage `json:"connect.default"`
	ConnectName     string          `json:"connect.name"`
	ConnectType     string          `json:"connect.type"`
	LogicalType     string
}

type avroField struct {
	Name string
	Type json.RawMessage
}

var kinds = map[string]record.Kind{"boolean": record.Boolean, "int": record.Int32, "long": record.Int64, "float": record.Float32, "double": record.Float64, "string": record.String, "bytes": record.Bytes}

func (r *reader) unmarshal(raw json.RawMessage, v any) {
	r.t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		r.t.Fatalf("%v: %s", err, raw)
	}
}

func (r *reader) schema(raw json.RawMessage, space string) *record.Schema {
	switch raw[0] {
	case '[':
		var branches []json.RawMessage
		r.unmarshal(raw, &branches)
		i := 0
		if string(branches[0]) == `"null"` {
			i = 1
		}
		s := *r.schema(branches[i], space)
		s.Optional = true
		return &s
	case '"':
		var name string
		r.unmarshal(raw, &name)
		if k, ok := kinds[name]; ok {
			return &record.Schema{Kind: k}
		}
		if !strings.Contains(name, ".") {
			name = space + "." + name
		}
		return r.named[name]
	}
	var a avroType
	r.unmarshal(raw, &a)
	s := &record.Schema{Version: a.Version, Doc: a.Doc, Name: a.ConnectName}
	var kind string
	r.unmarshal(a.Type, &kind)
	switch kind {
	case "array":
		s.Kind, s.Elem = record.Array, r.schema(a.Items, space)
	case "record":
		s.Kind = record.Struct
		if a.Namespace != "" {
			space = a.Namespace
		}
		r.named[space+"."+a.Name] = s
		for _, f := range a.Fields {
			s.Fields = append(s.Fields, record.Field{Name: f.Name, Schema: r.schema(f.Type, space)})
		}
	default:
		s.Kind = kinds[kind]
	}
	switch a.ConnectType {
	case "int8":
		s.Kind = record.Int8
	case "int16":
		s.Kind = record.Int16
	}
	if a.Parameters != nil {
		d := json.NewDecoder(bytes.NewReader(a.Parameters))
		var words []string
		for tok, err := d.Token(); err == nil; tok, err = d.Token() {
			if w, ok := tok.(string); ok {
				words = append(words, w)
			}
		}
		for i := 0; i < len(words); i += 2 {
			s.Params = append(s.Params, record.Param{Name: words[i], Value: words[i+1]})
		}
	}
	if a.Default != nil {
		s.Default = r.literal(s, a.Default)
	}
	return s
}

func (r *reader) literal(s *record.Schema, raw json.RawMessage) *record.Literal {
	switch s.Kind {
	case record.String:
		var v string
		r.unmarshal(raw, &v)
		return record.Lit(v)
	case record.Bytes:
		var v string
		r.unmarshal(raw, &v)
		b := []byte{}
		for _, c := range v {
			b = append(b, byte(c))
		}
		return record.Lit(b)
	case record.Boolean:
		var v bool
		r.unmarshal(raw, &v)
		return record.Lit(v)
	case record.Float32, record.Float64:
		var v float64
		r.unmarshal(raw, &v)
		return record.Lit(v)
	}
	var v int64
	r.unmarshal(raw, &v)
	return record.Lit(v)
}
