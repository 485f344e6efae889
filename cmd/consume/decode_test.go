package consume

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/linkedin/goavro/v2"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

const shop = `{"type":"record","name":"R","fields":[
 {"name":"id","type":"long"},{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":8,"scale":2}},
 {"name":"name","type":["null","string"]},{"name":"raw","type":"bytes"},{"name":"tags","type":{"type":"array","items":"string"}},
 {"name":"attrs","type":{"type":"map","values":"double"}},{"name":"kind","type":{"type":"enum","name":"K","symbols":["A","B"]}},
 {"name":"fix","type":{"type":"fixed","name":"F","size":2}},{"name":"ok","type":"boolean"},{"name":"f","type":"float"},{"name":"next","type":["null","R"]}]}`

func parse(t testing.TB, text string) *avro.Type {
	s, err := avro.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Root()
}

// encoded is a datum that goavro wrote.
func encoded(t testing.TB) []byte {
	codec, err := goavro.NewCodec(shop)
	if err != nil {
		t.Fatal(err)
	}
	native, _, err := codec.NativeFromTextual([]byte(`{"id":-7,"price":"\u0000\u00ff","name":{"string":"ü \"x\""},"raw":"\u0001","tags":["a","b"],"attrs":{"w":1.5},"kind":"B","fix":"ab","ok":true,"f":0.5,
 "next":{"R":{"id":1,"price":"\u00ff","name":null,"raw":"","tags":[],"attrs":{},"kind":"A","fix":"cd","ok":false,"f":2,"next":null}}}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := codec.BinaryFromNative(nil, native)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDatum(t *testing.T) {
	got, err := appendDatum(nil, parse(t, shop), encoded(t))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":-7,"price":2.55,"name":"ü \"x\"","raw":"AQ==","tags":["a","b"],"attrs":{"w":1.5},"kind":"B","fix":"YWI=","ok":true,"f":0.5,` +
		`"next":{"id":1,"price":-0.01,"name":null,"raw":"","tags":[],"attrs":{},"kind":"A","fix":"Y2Q=","ok":false,"f":2,"next":null}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTruncated(t *testing.T) {
	root, whole := parse(t, shop), encoded(t)
	for n := range whole {
		if _, err := appendDatum(nil, root, whole[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for a datum", n, len(whole))
		}
	}
	if _, err := appendDatum(nil, root, append(bytes.Clone(whole), 0)); err == nil {
		t.Error("a byte too many is not told")
	}
}

// FuzzDatum: whatever the bytes, the answer is JSON or an error.
func FuzzDatum(f *testing.F) {
	root := parse(f, shop)
	f.Add(encoded(f))
	nulls := parse(f, `{"type":"array","items":"null"}`)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range []*avro.Type{root, nulls} {
			if text, err := appendDatum(nil, s, b); err == nil && !json.Valid(text) {
				t.Errorf("%q", text)
			}
		}
	})
}
