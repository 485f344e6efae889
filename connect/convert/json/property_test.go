package json_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/converttest"
	jsonconv "github.com/millrace/millrace/connect/convert/json"
	"github.com/millrace/millrace/connect/record"
)

// TestRandomRowsReadBack decodes rows of random schemas with encoding/json and compares every value. Elements of arrays
// and maps take the default of their schema in the place of null, too, as JsonConverter does.
func TestRandomRowsReadBack(t *testing.T) {
	for seed := range uint64(400) {
		s, rows := converttest.Random(rand.New(rand.NewPCG(seed, 2)), 5)
		for _, o := range []jsonconv.Options{on, off} {
			e, err := jsonconv.New(o).Encoder(t.Context(), "t", convert.Value, s)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			var b record.Batch
			for i, row := range rows {
				out, err := e.Append(nil, &b, converttest.Cell(&b, s, row))
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				d := json.NewDecoder(bytes.NewReader(out))
				d.UseNumber()
				var got any
				if err := d.Decode(&got); err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, out)
				}
				if !o.Schemaless {
					got = got.(map[string]any)["payload"]
				}
				if d := cmp.Diff(plainOf(s, converttest.Expected(s, row)), number(s, got)); d != "" {
					t.Fatalf("seed %d row %d: %s\n%s", seed, i, d, out)
				}
			}
		}
	}
}

// plainOf returns what encoding/json reads of a value.
func plainOf(s *record.Schema, v any) any {
	if v == nil && s.Default != nil {
		v = s.Default.V
	}
	switch v := v.(type) {
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case []record.Literal:
		switch {
		case s.Kind == record.Struct:
			out := map[string]any{}
			for i, f := range s.Fields {
				out[f.Name] = plainOf(f.Schema, v[i].V)
			}
			return out
		case s.Kind == record.Map && s.Key.Kind == record.String:
			out := map[string]any{}
			for i := 0; i < len(v); i += 2 {
				out[v[i].V.(string)] = plainOf(s.Elem, v[i+1].V)
			}
			return out
		case s.Kind == record.Map:
			out := []any{}
			for i := 0; i < len(v); i += 2 {
				out = append(out, []any{plainOf(s.Key, v[i].V), plainOf(s.Elem, v[i+1].V)})
			}
			return out
		}
		out := []any{}
		for _, e := range v {
			out = append(out, plainOf(s.Elem, e.V))
		}
		return out
	}
	return v
}

// number turns the numbers of a value that was read into those of its schema.
func number(s *record.Schema, v any) any {
	switch v := v.(type) {
	case json.Number:
		switch s.Kind {
		case record.Float32:
			f, _ := strconv.ParseFloat(v.String(), 32)
			return f
		case record.Float64:
			f, _ := v.Float64()
			return f
		}
		n, _ := v.Int64()
		return n
	case []any:
		for i := range v {
			if s.Kind == record.Map {
				pair := v[i].([]any)
				pair[0], pair[1] = number(s.Key, pair[0]), number(s.Elem, pair[1])
				continue
			}
			v[i] = number(s.Elem, v[i])
		}
	case map[string]any:
		for k := range v {
			if s.Kind == record.Map {
				v[k] = number(s.Elem, v[k])
				continue
			}
			v[k] = number(s.Fields[s.Field(k)].Schema, v[k])
		}
	}
	return v
}
