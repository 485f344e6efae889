package avro_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/avro"
	"github.com/millrace/millrace/connect/convert/converttest"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/registry/wire"
)

// registry is a fake that gives ids in order of registration.
type registry struct {
	texts    []string            // by id, from 1
	subjects map[string][]string // versions
	err      error
	down     bool
}

func (r *registry) id(text string) int {
	for i, t := range r.texts {
		if t == text {
			return i + 1
		}
	}
	r.texts = append(r.texts, text)
	return len(r.texts)
}

func (r *registry) Register(_ context.Context, subject, text string, _ bool) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.subjects == nil {
		r.subjects = map[string][]string{}
	}
	r.subjects[subject] = append(r.subjects[subject], text)
	return r.id(text), nil
}

func (r *registry) Lookup(_ context.Context, subject, text string, _ bool) (int, error) {
	for _, t := range r.subjects[subject] {
		if t == text {
			return r.id(text), nil
		}
	}
	return 0, errors.New("40403: Schema not found")
}

func (r *registry) Latest(_ context.Context, subject string) (int, string, error) {
	v := r.subjects[subject]
	if len(v) == 0 {
		return 0, "", errors.New("40401: Subject not found")
	}
	return r.id(v[len(v)-1]), v[len(v)-1], nil
}

func (r *registry) ByID(_ context.Context, id int) (string, error) {
	if id > len(r.texts) {
		return "", errors.New("40403: Schema not found")
	}
	return r.texts[id-1], nil
}

func (r *registry) Retriable(error) bool { return r.down }

func encode(t testing.TB, o avro.Options, s *record.Schema, v any) ([]byte, error) {
	t.Helper()
	if o.Registry == nil {
		o.Registry = &registry{}
	}
	e, err := avro.New(o).Encoder(t.Context(), "t", convert.Value, s)
	if err != nil {
		return nil, err
	}
	var b record.Batch
	return e.Append(nil, &b, converttest.Cell(&b, s, v))
}

// TestConfluentsBytes encodes what recorded messages hold and compares the bytes.
func TestConfluentsBytes(t *testing.T) {
	schemas := map[uint32]*record.Schema{}
	texts := map[uint32]string{}
	for _, versions := range recorded(t) {
		for _, v := range versions {
			schemas[uint32(v.ID)], texts[uint32(v.ID)] = connectSchema(t, v.Schema), string(v.Schema)
		}
	}
	n := 0
	messages(t, func(topic string, message []byte) {
		id := binary.BigEndian.Uint32(message[1:5])
		s := schemas[id]
		if s == nil {
			t.Fatalf("%s: no schema %d", topic, id)
		}
		got, err := encode(t, avro.Options{}, s, literal(t, s, decode(t, texts[id], message[5:])))
		if err != nil || !bytes.Equal(got[5:], message[5:]) {
			t.Errorf("%s: %v\n got %x\nwant %x", topic, err, got, message)
		}
		n++
	})
	if n < 150 {
		t.Errorf("only %d messages", n)
	}
}

func TestFrame(t *testing.T) {
	r := &registry{texts: make([]string, 0x010203)}
	got, err := encode(t, avro.Options{Registry: r}, of(record.Int32), 1)
	if err != nil || !bytes.Equal(got, []byte{0, 0, 1, 2, 4, 2}) {
		t.Errorf("%x, %v", got, err)
	}
	// A schema that is nothing but bytes has no length before them.
	if got, err = encode(t, avro.Options{}, of(record.Bytes), []byte{7, 8}); err != nil || !bytes.Equal(got, []byte{0, 0, 0, 0, 1, 7, 8}) {
		t.Errorf("%x, %v", got, err)
	}
}

func TestNullsTakeTheirDefault(t *testing.T) {
	s := structOf("R", record.Field{Name: "a", Schema: with(opt(record.Int32), int64(7))}, record.Field{Name: "b", Schema: with(of(record.String), "x")},
		record.Field{Name: "c", Schema: opt(record.Int32)}, record.Field{Name: "l", Schema: arrayOf(with(opt(record.Int32), int64(9)))},
		record.Field{Name: "k", Schema: with(opt(record.Int32), int64(5)), Const: record.Lit(nil)})
	nulls := converttest.List(nil, nil, nil, converttest.List(nil), nil)
	got, err := encode(t, avro.Options{}, s, nulls)
	want := []byte{0, 0, 0, 0, 1, 0, 14, 2, 'x', 0, 2, 2, 0, 0, 10}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n got %x\nwant %x", err, got, want)
	}
	_, err = encode(t, avro.Options{KeepNulls: true}, s, nulls)
	var bad *convert.ValueError
	if !errors.As(err, &bad) || bad.Path != "b" || !bad.BadRecord() {
		t.Errorf("%v", err)
	}
	s.Fields[1].Schema = of(record.Int32)
	got, err = encode(t, avro.Options{KeepNulls: true}, s, converttest.List(nil, 1, nil, converttest.List(nil), nil))
	if want = []byte{0, 0, 0, 0, 1, 2, 2, 0, 2, 2, 0, 2}; err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n got %x\nwant %x", err, got, want)
	}
}

// namer names subjects by a strategy for an hour from the epoch.
type namer wire.Strategy

func (n namer) SubjectUntil(_ context.Context, topic string, part convert.Part, record string) (string, time.Time, error) {
	subject, err := wire.Strategy(n).Subject(topic, part, record)
	return subject, time.Unix(3600, 0), err
}

func TestSubjects(t *testing.T) {
	s := structOf("shop.Key", record.Field{Name: "id", Schema: of(record.Int32)})
	for strategy, want := range map[wire.Strategy]string{wire.TopicName: "topic-key", wire.RecordName: "shop.Key", wire.TopicRecordName: "topic-shop.Key"} {
		r := &registry{}
		e, err := avro.New(avro.Options{Registry: r, Namer: namer(strategy)}).Encoder(t.Context(), "topic", convert.Key, s)
		if err != nil {
			t.Fatal(err)
		}
		if x := e.(convert.Expiring).Expires(); x != time.Unix(3600, 0) {
			t.Errorf("%s: the encoder expires at %v", want, x)
		}
		if _, ok := r.subjects[want]; !ok || len(r.subjects) != 1 {
			t.Errorf("%v, want %s", r.subjects, want)
		}
	}
	e, err := avro.New(avro.Options{Registry: &registry{}}).Encoder(t.Context(), "topic", convert.Key, of(record.Int32))
	if err != nil || !e.(convert.Expiring).Expires().IsZero() {
		t.Errorf("named after the topic: %v", err)
	}
	_, err = avro.New(avro.Options{Registry: &registry{}, Namer: namer(wire.RecordName)}).Encoder(t.Context(), "topic", convert.Key, of(record.Int32))
	var schema *convert.SchemaError
	if !errors.As(err, &schema) || !strings.HasSuffix(err.Error(), `the key of "topic" is none, but of type int: use TopicNameStrategy`) {
		t.Error(err)
	}
}

func TestRegistryErrors(t *testing.T) {
	s := structOf("R", record.Field{Name: "id", Schema: of(record.Int32)})
	incompatible := errors.New("409: Schema being registered is incompatible")
	for _, down := range []bool{true, false} {
		_, err := encode(t, avro.Options{Registry: &registry{err: incompatible, down: down}}, s, converttest.List(1))
		var refused *avro.RegistryError
		if !errors.As(err, &refused) || refused.Retriable() != down || !errors.Is(err, incompatible) || !strings.Contains(err.Error(), `"t-value"`) {
			t.Errorf("down %v: %v", down, err)
		}
	}
	if _, err := encode(t, avro.Options{NoRegister: true}, s, converttest.List(1)); err == nil || !strings.Contains(err.Error(), "looking up the schema of") {
		t.Error(err)
	}
}

func TestRegisteredSchemas(t *testing.T) {
	s := structOf("n.R", record.Field{Name: "id", Schema: of(record.Int32)}, record.Field{Name: "name", Schema: opt(record.String)})
	row := converttest.List(1, "x")
	for _, tt := range []struct {
		name, text string
		want       []byte // after the id
		err        string
	}{
		{"its own", `{"type":"record","name":"R","namespace":"n","fields":[{"name":"id","type":"int"},{"name":"name","type":["null","string"],"default":null}]}`, []byte{2, 2, 2, 'x'}, ""},
		{"another order, union and width", `{"type":"record","name":"R","namespace":"n","fields":[{"name":"name","type":["string","null"]},{"name":"id","type":"long"}]}`, []byte{0, 2, 'x', 2}, ""},
		{"more fields", `{"type":"record","name":"R","fields":[{"name":"id","type":"int"},{"name":"a","type":["null","int"],"default":null},{"name":"b","type":{"type":"record","name":"B","fields":[{"name":"x","type":"double"},{"name":"y","type":"string","default":"q"}]},"default":{"x":1}},
			{"name":"name","type":["null","string"]},{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]},"default":"B"},{"name":"l","type":{"type":"array","items":"boolean"},"default":[true,false]},{"name":"y","type":"bytes","default":"\u00ff"},{"name":"m","type":{"type":"map","values":"int"},"default":{}},{"name":"f","type":"float","default":1.5},{"name":"z","type":{"type":"fixed","name":"F","size":1},"default":"a"}]}`,
			[]byte{2, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 2, 'q', 2, 2, 'x', 2, 4, 1, 0, 0, 2, 0xff, 0, 0, 0, 0xc0, 0x3f, 'a'}, ""},
		{"a field without default", `{"type":"record","name":"R","fields":[{"name":"id","type":"int"},{"name":"name","type":["null","string"]},{"name":"a","type":"int"}]}`, nil, "field a: the registered schema has this field without a default"},
		{"a default without end", `{"type":"record","name":"R","fields":[{"name":"id","type":"int"},{"name":"name","type":["null","string"]},{"name":"a","type":{"type":"record","name":"A","fields":[{"name":"a","type":"A","default":{}}]},"default":{}}]}`, nil, "field a: the registered schema's default of this field cannot be written"},
		{"a missing field", `{"type":"record","name":"R","fields":[{"name":"id","type":"int"}]}`, nil, "field name: the registered schema has no such field"},
		{"another type", `{"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"name","type":["null","string"]}]}`, nil, "field id: values of type int32 do not fit the Avro type string"},
		{"no record", `"int"`, nil, "do not fit"},
	} {
		r := &registry{texts: []string{tt.text}, subjects: map[string][]string{"t-value": {tt.text}}}
		for _, o := range []avro.Options{{Registry: r, NoRegister: true, UseLatest: true}, {Registry: r, NoRegister: true, UseID: 1}} {
			got, err := encode(t, o, s, row)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("%s: %v, want %s", tt.name, err, tt.err)
				}
			} else if err != nil || !bytes.Equal(got[5:], tt.want) {
				t.Errorf("%s: %v\n got %x\nwant %x", tt.name, err, got, tt.want)
			}
		}
	}
	r := &registry{}
	if _, err := encode(t, avro.Options{Registry: r}, s, row); err != nil {
		t.Fatal(err)
	}
	if got, err := encode(t, avro.Options{Registry: r, NoRegister: true}, s, row); err != nil || got[4] != 1 {
		t.Errorf("looked up: %x, %v", got, err)
	}
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	got, err := encode(t, avro.Options{}, of(record.String), "a\xffb")
	if err != nil || string(got[6:]) != "a\ufffdb" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestConstantsAreFolded(t *testing.T) {
	s, row := converttest.Envelope()
	free, values := unfold(s, row)
	folded, err := encode(t, avro.Options{}, s, row)
	if err != nil {
		t.Fatal(err)
	}
	written, err := encode(t, avro.Options{}, free, values)
	if err != nil || !bytes.Equal(folded, written) {
		t.Errorf("%v\n got %x\nwant %x", err, folded, written)
	}
	schema, err := avro.Schema(s, avro.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(decode(t, schema.Canonical(), folded[5:])); !strings.Contains(got, "connector:postgresql") {
		t.Error(got)
	}
}

// unfold returns a schema without constants and the row that has them in cells.
func unfold(s *record.Schema, row []record.Literal) (*record.Schema, []record.Literal) {
	free, values := *s, append([]record.Literal{}, row...)
	free.Fields = append([]record.Field{}, s.Fields...)
	for i := range free.Fields {
		f := &free.Fields[i]
		if f.Const != nil {
			values[i], f.Const = *f.Const, nil
		} else if inner, ok := values[i].V.([]record.Literal); ok && f.Schema.Kind == record.Struct {
			f.Schema, values[i].V = unfoldAny(f.Schema, inner)
		}
	}
	return &free, values
}

func unfoldAny(s *record.Schema, row []record.Literal) (*record.Schema, any) { return unfold(s, row) }

func TestAllocs(t *testing.T) {
	s, row := converttest.Envelope()
	e, err := avro.New(avro.Options{Registry: &registry{}}).Encoder(t.Context(), "t", convert.Value, s)
	if err != nil {
		t.Fatal(err)
	}
	var b record.Batch
	c := converttest.Cell(&b, s, row)
	var dst []byte
	if n := testing.AllocsPerRun(100, func() { dst, err = e.Append(dst[:0], &b, c) }); n != 0 || err != nil {
		t.Errorf("%v allocations a row, %v", n, err)
	}
}

func BenchmarkEnvelope(b *testing.B) {
	s, row := converttest.Envelope()
	e, err := avro.New(avro.Options{Registry: &registry{}}).Encoder(b.Context(), "t", convert.Value, s)
	if err != nil {
		b.Fatal(err)
	}
	var batch record.Batch
	c := converttest.Cell(&batch, s, row)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = e.Append(dst[:0], &batch, c); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(dst)))
}
