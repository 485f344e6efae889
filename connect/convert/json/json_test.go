package json_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/converttest"
	jsonconv "github.com/millrace/millrace/connect/convert/json"
	"github.com/millrace/millrace/connect/record"
)

var (
	on    = jsonconv.Options{}
	off   = jsonconv.Options{Schemaless: true}
	num   = jsonconv.Options{Schemaless: true, NumericDecimals: true}
	numOn = jsonconv.Options{NumericDecimals: true}
	keep  = jsonconv.Options{Schemaless: true, KeepNulls: true}
)

func encode(t testing.TB, o jsonconv.Options, s *record.Schema, v any) (string, error) {
	t.Helper()
	e, err := jsonconv.New(o).Encoder(t.Context(), "t", convert.Value, s)
	if err != nil {
		return "", err
	}
	var b record.Batch
	out, err := e.Append(nil, &b, converttest.Cell(&b, s, v))
	return string(out), err
}

func of(k record.Kind) *record.Schema  { return &record.Schema{Kind: k} }
func opt(k record.Kind) *record.Schema { return &record.Schema{Kind: k, Optional: true} }

// logical returns a logical type of Connect.
func logical(s record.Schema, name string, params ...record.Param) *record.Schema {
	s.Name, s.Version, s.Params = "org.apache.kafka.connect.data."+name, 1, params
	return &s
}

func array(s *record.Schema) *record.Schema { return &record.Schema{Kind: record.Array, Elem: s} }

func mapOf(k, v *record.Schema, optional bool) *record.Schema {
	return &record.Schema{Kind: record.Map, Key: k, Elem: v, Optional: optional}
}

// sample is the schema of the recorded cases nulls and full.
func sample() *record.Schema {
	inner := &record.Schema{Kind: record.Struct, Name: "in", Version: 3, Doc: `a "doc"`, Optional: true, Params: []record.Param{{Name: "z", Value: "1"}, {Name: "a", Value: "2"}},
		Fields: []record.Field{{Name: "x", Schema: &record.Schema{Kind: record.Int8, Default: record.Lit(int64(7))}}}}
	def := func(k record.Kind, optional bool, v any) *record.Schema {
		return &record.Schema{Kind: k, Optional: optional, Default: record.Lit(v)}
	}
	str := def(record.String, true, "déf\t\"")
	str.Doc = "docs"
	arr := def(record.Array, true, converttest.List(int64(1), int64(2)))
	arr.Elem = opt(record.Int32)
	return &record.Schema{Kind: record.Struct, Name: "n.S", Version: 2, Fields: []record.Field{
		{Name: "i8", Schema: of(record.Int8)},
		{Name: "i16", Schema: def(record.Int16, true, int64(5))},
		{Name: "f32", Schema: def(record.Float32, false, 1.5)},
		{Name: "f64", Schema: def(record.Float64, true, 1e10)},
		{Name: "bool", Schema: def(record.Boolean, false, true)},
		{Name: "str", Schema: str},
		{Name: "by", Schema: def(record.Bytes, true, []byte{1, 2, 3})},
		{Name: "dec", Schema: logical(*def(record.Bytes, true, []byte{125}), "Decimal", record.Param{Name: "scale", Value: "2"}, record.Param{Name: "connect.decimal.precision", Value: "10"})},
		{Name: "date", Schema: logical(*def(record.Int32, true, int64(1)), "Date")},
		{Name: "time", Schema: logical(*opt(record.Int32), "Time")},
		{Name: "ts", Schema: logical(*opt(record.Int64), "Timestamp")},
		{Name: "arr", Schema: arr},
		{Name: "map", Schema: mapOf(of(record.String), opt(record.Int64), true)},
		{Name: "omap", Schema: mapOf(opt(record.String), opt(record.Int64), true)},
		{Name: "imap", Schema: mapOf(of(record.Int32), of(record.String), true)},
		{Name: "in", Schema: inner},
		{Name: "in2", Schema: inner},
	}}
}

// TestKafkaConnectsBytes compares with what Kafka's JsonConverter 4.3.1 wrote on JDK 17.
func TestKafkaConnectsBytes(t *testing.T) {
	recorded, err := os.ReadFile("testdata/jsonconverter-4.3.1.tsv")
	if err != nil {
		t.Fatal(err)
	}
	mixed := converttest.List(3, "c", 1, "a")
	text := converttest.List("b", 1, `a"`, nil)
	nulls := converttest.List(-1, nil, 2.0, nil, false, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil)
	full := converttest.List(127, -3, math.NaN(), 0.1, true, "x", []byte{255}, []byte{255}, -3, 12345, -1, converttest.List(1, nil, 3), text, text, mixed, converttest.List(1), nil)
	nested := &record.Schema{Kind: record.Struct, Name: "o", Fields: []record.Field{
		{Name: "a", Schema: &record.Schema{Kind: record.Struct, Fields: []record.Field{{Name: "b", Schema: of(record.Int32)}, {Name: "c", Schema: of(record.String)}}}},
		{Name: "d", Schema: of(record.Struct)},
		{Name: "e", Schema: of(record.Boolean)},
	}}
	var latin strings.Builder
	for r := rune(0); r < 0x100; r++ {
		latin.WriteRune(r)
	}
	latin.WriteString("\u2028\u2029\U0001f600</script>&'\u20ac")
	with := func(s *record.Schema, v any) *record.Schema { s.Default = record.Lit(v); return s }
	decimal := func(scale string) *record.Schema {
		return logical(*of(record.Bytes), "Decimal", record.Param{Name: "scale", Value: scale})
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	cases := map[string]func() (jsonconv.Options, *record.Schema, any){
		"nulls:on": func() (jsonconv.Options, *record.Schema, any) { return on, sample(), nulls }, "nulls:off": func() (jsonconv.Options, *record.Schema, any) { return off, sample(), nulls },
		"nulls:num": func() (jsonconv.Options, *record.Schema, any) { return num, sample(), nulls }, "nulls:numOn": func() (jsonconv.Options, *record.Schema, any) { return numOn, sample(), nulls },
		"nulls:keep": func() (jsonconv.Options, *record.Schema, any) { return keep, sample(), nulls }, "full:on": func() (jsonconv.Options, *record.Schema, any) { return on, sample(), full },
		"full:off": func() (jsonconv.Options, *record.Schema, any) { return off, sample(), full }, "full:numOn": func() (jsonconv.Options, *record.Schema, any) { return numOn, sample(), full },
		"full:keep":   func() (jsonconv.Options, *record.Schema, any) { return keep, sample(), full },
		"optnull on":  func() (jsonconv.Options, *record.Schema, any) { return on, opt(record.String), nil },
		"optnull off": func() (jsonconv.Options, *record.Schema, any) { return off, opt(record.String), nil },
		"reqnull":     func() (jsonconv.Options, *record.Schema, any) { return on, of(record.String), nil },
		"structdef":   func() (jsonconv.Options, *record.Schema, any) { return on, nested, nil },
		"int64":       func() (jsonconv.Options, *record.Schema, any) { return on, of(record.Int64), int64(math.MinInt64) },
		"defnull":     func() (jsonconv.Options, *record.Schema, any) { return on, with(of(record.Int32), int64(4)), nil },
		"omapnull": func() (jsonconv.Options, *record.Schema, any) {
			return off, mapOf(opt(record.String), opt(record.Int64), false), converttest.List(nil, 2)
		},
		"optarrdef": func() (jsonconv.Options, *record.Schema, any) {
			return on, array(with(opt(record.Int32), int64(3))), converttest.List(1, nil)
		},
		"nested": func() (jsonconv.Options, *record.Schema, any) {
			return on, nested, converttest.List(converttest.List(1, "x"), converttest.List(), true)
		},
		"emptyparams":    func() (jsonconv.Options, *record.Schema, any) { return on, of(record.String), "a" },
		"emptymapparams": func() (jsonconv.Options, *record.Schema, any) { return on, of(record.String), "a" },
		"nestedarr": func() (jsonconv.Options, *record.Schema, any) {
			return on, array(array(of(record.String))), converttest.List(converttest.List("a"), converttest.List())
		},
		"decdef numeric": func() (jsonconv.Options, *record.Schema, any) {
			return numOn, with(decimal("3"), []byte{0x13, 0x88}), []byte{0x03, 0xe8}
		},
		"string": func() (jsonconv.Options, *record.Schema, any) { return off, of(record.String), latin.String() },
		"bigdec": func() (jsonconv.Options, *record.Schema, any) {
			return num, decimal("5"), twosComplement(t, "-"+strings.Repeat("1234567890", 20)+"12345")
		},
		"hugedec": func() (jsonconv.Options, *record.Schema, any) {
			return num, decimal("0"), twosComplement(t, strings.Repeat("9876543210", 40))
		},
	}
	// The shortest form since JDK 19, which JDK 17 misses.
	newer := map[string]string{"double:44b52d02c7e14af6": "1.0E23", "double:2": "9.9E-324", "float:3810000000000000": "1.1754944E-38"}
	seen := 0
	for line := range strings.Lines(string(recorded)) {
		name, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if n := newer[name]; n != "" {
			want = n
		}
		kind, rest, _ := strings.Cut(name, ":")
		var got string
		var err error
		switch c := cases[name]; {
		case c != nil:
			o, s, v := c()
			got, err = encode(t, o, s, v)
		case kind == "double", kind == "float":
			n, perr := strconv.ParseUint(rest, 16, 64)
			if perr != nil {
				t.Fatal(perr)
			}
			k := map[string]record.Kind{"double": record.Float64, "float": record.Float32}[kind]
			got, err = encode(t, off, of(k), math.Float64frombits(n))
		case kind == "bytes":
			got, err = encode(t, off, of(record.Bytes), unhex(rest))
		case kind == "dec", kind == "decnum":
			scale, digits, _ := strings.Cut(rest, ":")
			o := off
			o.NumericDecimals = kind == "decnum"
			s := decimal(scale)
			if kind == "dec" {
				got, err = encode(t, off, s, unhex(digits))
				break
			}
			got, err = encode(t, o, s, unhex(digits))
		case strings.HasPrefix(name, "null/null"), name == "schemaless":
			continue // no schema: such rows do not reach an encoder
		default:
			t.Errorf("no case for %s", name)
			continue
		}
		seen++
		if strings.HasPrefix(want, "ERROR") {
			var bad *convert.ValueError
			if !errors.As(err, &bad) || !bad.BadRecord() {
				t.Errorf("%s: %v, want a ValueError", name, err)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, want)
		}
	}
	if seen < 120 {
		t.Errorf("only %d cases", seen)
	}
}

func TestConstantsAreFolded(t *testing.T) {
	s, row := converttest.Envelope()
	free := *s // the same without constants
	free.Fields = append([]record.Field{}, s.Fields...)
	source := *s.Fields[2].Schema
	source.Fields = append([]record.Field{}, source.Fields...)
	free.Fields[2].Schema = &source
	values := append([]record.Literal{}, row...)
	src := append([]record.Literal{}, row[2].V.([]record.Literal)...)
	for i := range source.Fields {
		if c := source.Fields[i].Const; c != nil {
			source.Fields[i].Const, src[i] = nil, *c
		}
	}
	values[2].V = src
	free.Fields[3].Const, values[3].V = nil, nil
	for _, o := range []jsonconv.Options{on, off, num, numOn, keep} {
		folded, err := encode(t, o, s, row)
		if err != nil {
			t.Fatal(err)
		}
		written, err := encode(t, o, &free, values)
		if err != nil || folded != written {
			t.Errorf("%v\n got %s\nwant %s", err, folded, written)
		}
		if !json.Valid([]byte(folded)) {
			t.Errorf("not JSON: %s", folded)
		}
	}
}

func TestUnchangedIsWritten(t *testing.T) {
	e, err := jsonconv.New(off).Encoder(t.Context(), "t", convert.Value, opt(record.String))
	if err != nil {
		t.Fatal(err)
	}
	var b record.Batch
	c := converttest.Cell(&b, opt(record.String), "__debezium_unavailable_value")
	b.SetUnchanged(c)
	if out, err := e.Append([]byte("x"), &b, c); err != nil || string(out) != `x"__debezium_unavailable_value"` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	got, err := encode(t, off, of(record.String), "a\xffb\xe2\x82")
	if err != nil || got != "\"a\ufffdb\ufffd\ufffd\"" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFaults(t *testing.T) {
	wrong := of(record.Int32)
	wrong.Default = record.Lit("four")
	image := &record.Schema{Kind: record.Struct, Optional: true, Fields: []record.Field{{Name: "id", Schema: of(record.Int32)}, {Name: "tags", Schema: array(of(record.String))}}}
	envelope := &record.Schema{Kind: record.Struct, Fields: []record.Field{{Name: "after", Schema: image}}}
	for _, tt := range []struct {
		name string
		s    *record.Schema
		v    any
		want string
	}{
		{"null", envelope, converttest.List(converttest.List(nil, nil)), "field after.id: null value"},
		{"null element", envelope, converttest.List(converttest.List(1, converttest.List("a", nil))), "field after.tags[]: null value"},
		{"no scale", logical(*of(record.Bytes), "Decimal"), []byte{1}, "scale"},
		{"no digits", logical(*of(record.Bytes), "Decimal", record.Param{Name: "scale", Value: "2"}), []byte{}, "Decimal of no bytes"},
		{"no kind", &record.Schema{}, 1, "without a type"},
		{"default", wrong, 1, "of type string"},
	} {
		if out, err := encode(t, numOn, tt.s, tt.v); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v (%s), want %s", tt.name, err, out, tt.want)
		}
	}
}

func twosComplement(t *testing.T, digits string) []byte {
	t.Helper()
	n, ok := newInt(digits)
	if !ok {
		t.Fatalf("%s is no number", digits)
	}
	return n
}

func TestAllocs(t *testing.T) {
	s, row := converttest.Envelope()
	for name, o := range map[string]jsonconv.Options{"schemas": on, "schemaless": off, "numeric": num} {
		e, err := jsonconv.New(o).Encoder(t.Context(), "t", convert.Value, s)
		if err != nil {
			t.Fatal(err)
		}
		var b record.Batch
		c := converttest.Cell(&b, s, row)
		var dst []byte
		if n := testing.AllocsPerRun(100, func() {
			if dst, err = e.Append(dst[:0], &b, c); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a row", name, n)
		}
		if !bytes.HasSuffix(dst, []byte("}")) {
			t.Errorf("%s: %s", name, dst)
		}
	}
}

func BenchmarkEnvelope(b *testing.B) {
	s, row := converttest.Envelope()
	for name, o := range map[string]jsonconv.Options{"schemas": on, "schemaless": off, "numeric": num} {
		b.Run(name, func(b *testing.B) {
			e, err := jsonconv.New(o).Encoder(b.Context(), "t", convert.Value, s)
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
		})
	}
}
