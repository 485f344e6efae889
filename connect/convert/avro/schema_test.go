package avro_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/convert/avro"
	"github.com/millrace/millrace/connect/convert/converttest"
	"github.com/millrace/millrace/connect/record"
)

func of(k record.Kind) *record.Schema  { return &record.Schema{Kind: k} }
func opt(k record.Kind) *record.Schema { return &record.Schema{Kind: k, Optional: true} }

func with(s *record.Schema, v any) *record.Schema {
	c := *s
	c.Default = record.Lit(v)
	return &c
}

func named(s *record.Schema, name string) *record.Schema {
	c := *s
	c.Name = name
	return &c
}

func logical(s *record.Schema, name string, params ...record.Param) *record.Schema {
	c := *s
	c.Name, c.Version, c.Params = "org.apache.kafka.connect.data."+name, 1, params
	return &c
}

func structOf(name string, fields ...record.Field) *record.Schema {
	return &record.Schema{Kind: record.Struct, Name: name, Fields: fields}
}

func arrayOf(s *record.Schema) *record.Schema { return &record.Schema{Kind: record.Array, Elem: s} }

func mapOf(k, v *record.Schema) *record.Schema {
	return &record.Schema{Kind: record.Map, Key: k, Elem: v}
}

func TestSchema(t *testing.T) {
	scale := func(n string) record.Param { return record.Param{Name: "scale", Value: n} }
	precision := func(n string) record.Param { return record.Param{Name: "connect.decimal.precision", Value: n} }
	point := structOf("geo.Point", record.Field{Name: "x", Schema: of(record.Float64)})
	optPoint := *point
	optPoint.Optional = true
	for _, tt := range []struct {
		name string
		s    *record.Schema
		o    avro.Options
		want string
	}{
		{"primitive", of(record.Int64), avro.Options{}, `"long"`},
		{"optional", opt(record.String), avro.Options{}, `["null","string"]`},
		{"optional with default", with(opt(record.String), "a"), avro.Options{}, `[{"type":"string","connect.default":"a"},"null"]`},
		{"int8", of(record.Int8), avro.Options{}, `{"type":"int","connect.type":"int8"}`},
		{"int16 bare", of(record.Int16), avro.Options{NoMetadata: true}, `"int"`},
		{"decimal", logical(of(record.Bytes), "Decimal", scale("2")), avro.Options{}, `{"type":"bytes","scale":2,"precision":64,"connect.version":1,"connect.parameters":{"scale":"2"},"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}`},
		{"decimal bare", logical(of(record.Bytes), "Decimal", scale("2"), precision("10")), avro.Options{NoMetadata: true}, `{"type":"bytes","scale":2,"precision":10,"logicalType":"decimal"}`},
		{"decimal of negative scale", logical(of(record.Bytes), "Decimal", scale("-2"), precision("10")), avro.Options{NoMetadata: true}, `{"type":"bytes","scale":-2,"precision":10,"logicalType":"decimal"}`},
		{"date", logical(of(record.Int32), "Date"), avro.Options{NoMetadata: true}, `{"type":"int","logicalType":"date"}`},
		{"time", logical(of(record.Int32), "Time"), avro.Options{}, `{"type":"int","connect.version":1,"connect.name":"org.apache.kafka.connect.data.Time","logicalType":"time-millis"}`},
		{"timestamp", logical(of(record.Int64), "Timestamp"), avro.Options{NoMetadata: true}, `{"type":"long","logicalType":"timestamp-millis"}`},
		{"array", arrayOf(opt(record.Int32)), avro.Options{}, `{"type":"array","items":["null","int"]}`},
		{"map", mapOf(of(record.String), opt(record.Int32)), avro.Options{}, `{"type":"map","values":["null","int"]}`},
		{"map of optional keys", mapOf(opt(record.String), of(record.Int32)), avro.Options{OptionalMapKeys: true}, `{"type":"map","values":"int"}`},
		{"map of other keys", mapOf(of(record.Int32), opt(record.String)), avro.Options{}, `{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[{"name":"key","type":"int"},{"name":"value","type":["null","string"],"default":null}]}}`},
		{"named map", named(mapOf(opt(record.String), of(record.Int32)), "a.M"), avro.Options{}, `{"type":"array","items":{"type":"record","name":"M","namespace":"a","fields":[{"name":"key","type":["null","string"],"default":null},{"name":"value","type":"int"}],"connect.internal.type":"MapEntry"},"connect.name":"a.M"}`},
		{"unnamed records", structOf("", record.Field{Name: "a", Schema: structOf("", record.Field{Name: "x", Schema: of(record.Int32)})}, record.Field{Name: "b", Schema: structOf("", record.Field{Name: "x", Schema: of(record.Int32)})}), avro.Options{},
			`{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[{"name":"a","type":{"type":"record","name":"ConnectDefault2","fields":[{"name":"x","type":"int"}]}},{"name":"b","type":"ConnectDefault2"}]}`},
		{"reuse", structOf("n.R", record.Field{Name: "a", Schema: &optPoint}, record.Field{Name: "b", Schema: point}, record.Field{Name: "c", Schema: with(&optPoint, converttest.List(1.0))}), avro.Options{},
			`{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":["null",{"type":"record","name":"Point","namespace":"geo","fields":[{"name":"x","type":"double"}],"connect.name":"geo.Point"}],"default":null},{"name":"b","type":"geo.Point"},{"name":"c","type":["null","geo.Point"],"default":{"x":1.0}}],"connect.name":"n.R"}`},
		{"no namespace inside one", structOf("n.R", record.Field{Name: "a", Schema: structOf("P")}), avro.Options{NoMetadata: true}, `{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":{"type":"record","name":"P","namespace":"","fields":[]}}]}`},
		{"scrubbed", structOf("1a.b-c.Kä", record.Field{Name: "col umn", Schema: of(record.Int32)}, record.Field{Name: "9*~", Schema: of(record.Int32)}), avro.Options{NoMetadata: true, ScrubNames: true},
			`{"type":"record","name":"K_C3_A4","namespace":"x1a.b_c","fields":[{"name":"col_umn","type":"int"},{"name":"x9__7E","type":"int"}]}`},
		{"doc", &record.Schema{Kind: record.Struct, Name: "R", Doc: "d", Params: []record.Param{{Name: "io.confluent.connect.avro.record.doc", Value: "rd"}, {Name: "io.confluent.connect.avro.field.doc.a", Value: "fd"}, {Name: "avro.java.string", Value: "String"}}, Fields: []record.Field{{Name: "a", Schema: of(record.Int32)}}}, avro.Options{},
			`{"type":"record","name":"R","doc":"rd","fields":[{"name":"a","type":"int","doc":"fd"}],"connect.doc":"d","connect.parameters":{"io.confluent.connect.avro.record.doc":"rd","io.confluent.connect.avro.field.doc.a":"fd","avro.java.string":"String"},"connect.name":"R","avro.java.string":"String"}`},
		{"field doc", structOf("R", record.Field{Name: "a", Schema: &record.Schema{Kind: record.Int32, Doc: "d"}}), avro.Options{DiscardTypeDocs: true, NoMetadata: true}, `{"type":"record","name":"R","fields":[{"name":"a","type":"int","doc":"d"}]}`},
		{"defaults", structOf("R",
			record.Field{Name: "f", Schema: with(of(record.Float32), 1.100000023841858)}, record.Field{Name: "d", Schema: with(opt(record.Float64), 1e10)}, record.Field{Name: "b", Schema: with(of(record.Bytes), []byte{0, 0x22, 255})},
			record.Field{Name: "a", Schema: with(arrayOf(opt(record.Int32)), converttest.List(int64(1), nil))}, record.Field{Name: "m", Schema: with(mapOf(of(record.Int32), of(record.Int32)), converttest.List(int64(1), int64(2)))},
			record.Field{Name: "n", Schema: with(of(record.Boolean), false)}, record.Field{Name: "s", Schema: with(mapOf(of(record.String), of(record.Int32)), converttest.List("k", int64(2)))}), avro.Options{},
			`{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"float","connect.default":1.1},"default":1.100000023841858},{"name":"d","type":[{"type":"double","connect.default":1.0E10},"null"],"default":1.0E10},` +
				`{"name":"b","type":{"type":"bytes","connect.default":"\u0000\"ÿ"},"default":"\u0000\"ÿ"},{"name":"a","type":{"type":"array","items":["null","int"],"connect.default":[1,null]},"default":[1,null]},` +
				`{"name":"m","type":{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[{"name":"key","type":"int"},{"name":"value","type":"int"}]},"connect.default":[[1,2]]}},` +
				`{"name":"n","type":{"type":"boolean","connect.default":false},"default":false},{"name":"s","type":{"type":"map","values":"int","connect.default":{"k":2}},"default":{"k":2}}],"connect.name":"R"}`},
	} {
		s, err := avro.Schema(tt.s, tt.o)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := s.Canonical(); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestSchemaFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    *record.Schema
		want string
	}{
		{"name", structOf("a-b.Value"), "schema.name.adjustment.mode=avro"},
		{"field", structOf("V", record.Field{Name: "1st", Schema: of(record.Int32)}), "field.name.adjustment.mode=avro"},
		{"two of one name", structOf("R", record.Field{Name: "a", Schema: structOf("P", record.Field{Name: "x", Schema: of(record.Int32)})}, record.Field{Name: "b", Schema: structOf("P", record.Field{Name: "y", Schema: of(record.Int32)})}), "field b: two different schemas are called P"},
		{"no kind", structOf("R", record.Field{Name: "a", Schema: &record.Schema{}}), "field a: a schema without a type"},
		{"scale", structOf("R", record.Field{Name: "a", Schema: logical(of(record.Bytes), "Decimal")}), "field a: a Decimal whose parameter scale"},
		{"default", structOf("R", record.Field{Name: "a", Schema: with(of(record.Int32), "x")}), "field a: a default of type string"},
		{"enum", &record.Schema{Kind: record.String, Params: []record.Param{{Name: "io.confluent.connect.avro.Enum", Value: "E"}}}, "io.confluent.connect.avro.Enum is not supported"},
	} {
		if s, err := avro.Schema(tt.s, avro.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v, want %s", tt.name, s, err, tt.want)
		}
	}
}

// TestConfluentsSchemas rebuilds the Connect schemas of recorded subjects from their connect. attributes, and compares the
// Avro schemas of these with what AvroConverter registered.
func TestConfluentsSchemas(t *testing.T) {
	subjects := recorded(t)
	for _, subject := range slices.Sorted(maps.Keys(subjects)) {
		for _, v := range subjects[subject] {
			s := connectSchema(t, v.Schema)
			got, err := avro.Schema(s, avro.Options{})
			if err != nil {
				t.Errorf("%s %d: %v", subject, v.ID, err)
				continue
			}
			if want := string(v.Schema); got.Canonical() != want {
				t.Errorf("%s %d:\n got %s\nwant %s", subject, v.ID, got.Canonical(), want)
			}
		}
	}
}

type version struct {
	ID     int             `json:"id"`
	Schema json.RawMessage `json:"schema"`
}

func recorded(t *testing.T) map[string][]version {
	t.Helper()
	data, err := os.ReadFile("testdata/subjects.json")
	if err != nil {
		t.Fatal(err)
	}
	var subjects map[string][]version
	if err := json.Unmarshal(data, &subjects); err != nil {
		t.Fatal(err)
	}
	return subjects
}

// messages returns the recorded keys and values.
func messages(t *testing.T, each func(topic string, message []byte)) {
	t.Helper()
	data, err := os.ReadFile("testdata/messages.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct {
			Topic      string
			Key, Value struct{ Hex string }
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		for _, h := range []string{r.Key.Hex, r.Value.Hex} {
			if h != "" {
				each(r.Topic, unhex(t, h))
			}
		}
	}
}
