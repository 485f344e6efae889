package plain_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/converttest"
	"github.com/millrace/millrace/connect/convert/plain"
	"github.com/millrace/millrace/connect/record"
)

func of(k record.Kind) *record.Schema { return &record.Schema{Kind: k, Optional: true} }

func TestConverters(t *testing.T) {
	decimal := of(record.Bytes)
	decimal.Name, decimal.Params = "org.apache.kafka.connect.data.Decimal", []record.Param{{Name: "scale", Value: "2"}}
	date := of(record.Int32)
	date.Name = "org.apache.kafka.connect.data.Date"
	key := &record.Schema{Kind: record.Struct, Fields: []record.Field{
		{Name: "server", Schema: of(record.String), Const: record.Lit("shop")},
		{Name: "id", Schema: of(record.Int32)}, {Name: "none", Schema: of(record.Int32)}, {Name: "price", Schema: decimal},
		{Name: "tags", Schema: &record.Schema{Kind: record.Array, Elem: of(record.String)}},
		{Name: "attrs", Schema: &record.Schema{Kind: record.Map, Key: of(record.String), Elem: of(record.Boolean)}},
		{Name: "at", Schema: &record.Schema{Kind: record.Struct, Fields: []record.Field{{Name: "x", Schema: of(record.Float64)}, {Name: "y", Schema: of(record.Float32)}}}},
	}}
	for _, tt := range []struct {
		c    *plain.Converter
		s    *record.Schema
		v    any
		want string // hex for all but String
		err  string
	}{
		{plain.String, of(record.String), "a\"ü", "a\"ü", ""},
		{plain.String, of(record.Int64), -5, "-5", ""},
		{plain.String, of(record.Boolean), true, "true", ""},
		{plain.String, of(record.Float64), 1e10, "1.0E10", ""},
		{plain.String, of(record.Float32), 0.5, "0.5", ""},
		{plain.String, decimal, []byte{0xff}, "-0.01", ""},
		{plain.String, key, converttest.List(nil, 7, nil, []byte{125}, converttest.List("a", nil, "b"), converttest.List("x", true, "y", nil), converttest.List(1.0, 2.5)),
			"Struct{server=shop,id=7,price=1.25,tags=[a, null, b],attrs={x=true, y=null},at=Struct{x=1.0,y=2.5}}", ""},
		{plain.String, of(record.Bytes), []byte{1}, "", "no text for values of type bytes"},
		{plain.String, date, 1, "", "no text"},
		{plain.String, of(record.String), nil, "", "null value"},
		{plain.ByteArray, of(record.Bytes), []byte{0, 1, 255}, "0001ff", ""},
		{plain.ByteArray, of(record.String), "x", "", "ByteArrayConverter writes values of type bytes, and the value is string"},
		{plain.ByteArray, of(record.Bytes), nil, "", "null value"},
		{plain.Boolean, of(record.Boolean), true, "01", ""},
		{plain.Short, of(record.Int16), -2, "fffe", ""},
		{plain.Integer, of(record.Int32), 258, "00000102", ""},
		{plain.Long, of(record.Int64), -1, "ffffffffffffffff", ""},
		{plain.Float, of(record.Float32), 1.5, "3fc00000", ""},
		{plain.Double, of(record.Float64), 1.5, "3ff8000000000000", ""},
		{plain.Long, of(record.Int32), 1, "", "LongConverter"},
	} {
		var b record.Batch
		e, err := tt.c.Encoder(t.Context(), "t", convert.Value, tt.s)
		var out []byte
		if err == nil {
			out, err = e.Append(nil, &b, converttest.Cell(&b, tt.s, tt.v))
		}
		got := string(out)
		if tt.c != plain.String {
			got = hex.EncodeToString(out)
		}
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v: %v, want %s", tt.s, err, tt.err)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%v: %v\n got %s\nwant %s", tt.s, err, got, tt.want)
		}
	}
}

func TestAllocs(t *testing.T) {
	s, row := converttest.Envelope()
	e, err := plain.String.Encoder(t.Context(), "t", convert.Value, s)
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
