package pgvalue_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// TestWrongText holds text that is no value of its type to an error that names the type and shows no data.
func TestWrongText(t *testing.T) {
	for typ, texts := range map[string][]string{
		"bool": {"", "true"}, "int4": {"", "-", "x", "1.5", "99999999999999999999", "9223372036854775808"}, "oid": {"-1", "4294967296"}, "float8": {"", "secret"},
		"numeric": {"", "secret", "1.2.3", "1e5"}, "money": {"", "secret"}, "bytea": {"", "secret", `\xsecret`, `\x0`}, "date": {"", "secret", "2024-13-01", "2024-01-32", "2024-01", "2024-01-01x"},
		"time": {"", "12", "12:60:00", "12:00:00x"}, "timestamp": {"2024-01-01", "2024-01-01T00:00:00"}, "timestamptz": {"2024-01-01 00:00:00"}, "timetz": {"12:00:00"},
		"interval": {"secret", "1", "1 secret", "1 day 2", "01:02"}, "hstore": {"secret", `"a"`, `"a"=>`, `"a"=>"b`, `a=>b`}, "point": {"", "(1)", "(x,1)"}, "geometry": {"", "00", "secret"},
		"vector": {"[secret]", "[1,]"}, "int4[]": {"", "secret", "{", "{1", `{"1}`, "{x}", "[0:1]=1"}, "bit": {"", "10"},
	} {
		typmod := int32(-1)
		if typ == "numeric" {
			typmod = precision(10, 2)
		}
		c := compile(t, typ, typmod, pgvalue.Options{})
		for _, text := range texts {
			var b record.Batch
			var e *pgvalue.Error
			err := c.Text(&b, b.Cells(1), []byte(text))
			if !errors.As(err, &e) || e.Type == "" || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %q gives %v", typ, text, err)
			}
		}
	}
}

// TestNoFit tells values that are right, and that the chosen form has no place for, from those that are wrong.
func TestNoFit(t *testing.T) {
	for _, text := range []string{"NaN", "Infinity", "-Infinity"} {
		var b record.Batch
		var e *pgvalue.Error
		c := compile(t, "numeric", precision(5, 2), pgvalue.Options{})
		if err := c.Text(&b, b.Cells(1), []byte(text)); !errors.As(err, &e) || !e.NoFit {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

// TestLyingBinary holds counts and lengths that the bytes do not bear out to errors, without cells for them.
func TestLyingBinary(t *testing.T) {
	u32 := func(vs ...uint32) []byte {
		var b []byte
		for _, v := range vs {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		return b
	}
	for name, c := range map[string]struct {
		typ string
		in  []byte
	}{
		"an array of 2^31":          {"int4[]", u32(1, 0, 23, 1<<31, 1)},
		"an array of 2^27 each way": {"int4[]", u32(6, 0, 23, 1<<27, 1, 1<<27, 1, 1<<27, 1, 1<<27, 1, 1<<27, 1, 1<<27, 1)},
		"a thousand dimensions":     {"int4[]", u32(1000, 0, 23)},
		"an element beyond the end": {"int4[]", append(u32(1, 0, 23, 1, 1, 400), 0, 0, 0, 1)},
		"an array with more":        {"int4[]", u32(1, 0, 23, 1, 1, 4, 7, 7)},
		"numeric digits":            {"numeric", []byte{0xff, 0xff, 0, 0, 0, 0, 0, 0}},
		"a numeric digit":           {"numeric", []byte{0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff}},
		"a numeric sign":            {"numeric", []byte{0, 0, 0, 0, 0x12, 0x34, 0, 0}},
		"hstore entries":            {"hstore", u32(1<<31 - 1)},
		"an hstore key":             {"hstore", u32(1, 1<<31-1, 0)},
		"an hstore key of null":     {"hstore", append(u32(1, 0xffffffff), u32(0)...)},
		"bits":                      {"varbit", u32(1 << 30)},
		"bits below zero":           {"varbit", u32(0xffffffff)},
		"an address":                {"inet", []byte{2, 32, 0, 200, 1}},
		"a jsonb version":           {"jsonb", []byte{9, '{', '}'}},
		"an empty jsonb":            {"jsonb", nil},
		"a time of day":             {"time", u32(0xffffffff, 0)},
		"a short date":              {"date", []byte{1}},
		"a short interval":          {"interval", u32(1, 2, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			codec := compile(t, c.typ, -1, pgvalue.Options{})
			var b record.Batch
			var e *pgvalue.Error
			if err := codec.Binary(&b, b.Cells(1), c.in); !errors.As(err, &e) {
				t.Errorf("it gives %v", err)
			}
			if b.Size() > 1024 {
				t.Errorf("it takes %d bytes of the batch", b.Size())
			}
		})
	}
}

func TestCompile(t *testing.T) {
	loop := catalog()
	loop.Add(pgvalue.TypeInfo{OID: 99, Name: "loop", Kind: 'd', Base: 99, BaseTypmod: -1})
	loop.Add(pgvalue.TypeInfo{OID: 98, Name: "_self", Kind: 'b', Elem: 98, BaseTypmod: -1})
	loop.Add(pgvalue.TypeInfo{OID: 97, Name: "box", Kind: 'b', BaseTypmod: -1})
	for _, oid := range []uint32{99, 97, 12345} {
		if c, err := pgvalue.Compile(loop, pgvalue.Column{Type: oid, Typmod: -1}, pgvalue.Options{}); c != nil || err != nil {
			t.Errorf("type %d is not left out: %v, %v", oid, c, err)
		}
		c, err := pgvalue.Compile(loop, pgvalue.Column{Type: oid, Typmod: -1}, pgvalue.Options{IncludeUnknown: true})
		if c == nil || err != nil {
			t.Fatalf("type %d is left out though asked for: %v", oid, err)
		}
		var b record.Batch
		cell := b.Cells(1)
		if err := c.Text(&b, cell, []byte("(1,2)")); err != nil || show(&b, c.Schema, cell) != "x28312c3229" {
			t.Errorf("type %d is %s, %v", oid, show(&b, c.Schema, cell), err)
		}
	}
	if _, err := pgvalue.Compile(catalog(), pgvalue.Column{Type: oids["text"], Typmod: -1}, pgvalue.Options{Placeholder: "hex:zz"}); err == nil {
		t.Error("a placeholder that is not hexadecimal passes")
	}
	if err := loop.AddRow([][]byte{[]byte("1")}); err == nil {
		t.Error("a short catalogue row passes")
	}
}

// TestUnchangedAndMissing holds what stands for values that the stream does not have.
func TestUnchangedAndMissing(t *testing.T) {
	const placeholder = `"__debezium_unavailable_value"`
	for _, c := range []struct {
		typ                string
		opts               pgvalue.Options
		unchanged, missing string // missing of a column that may not be null
	}{
		{"text", pgvalue.Options{}, placeholder, `""`},
		{"text", pgvalue.Options{Placeholder: "hex:4142"}, `"AB"`, `""`},
		{"jsonb", pgvalue.Options{}, placeholder, `""`},
		{"bytea", pgvalue.Options{}, "x5f5f646562657a69756d5f756e617661696c61626c655f76616c7565", "x"},
		{"bytea", pgvalue.Options{Binary: "hex", Placeholder: "x"}, `"78"`, `""`},
		{"text[]", pgvalue.Options{}, "[" + placeholder + "]", "[]"},
		{"hstore", pgvalue.Options{}, `"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}"`, `""`},
		{"hstore", pgvalue.Options{HStore: "map"}, "{" + placeholder + ":" + placeholder + "}", "{}"},
		{"int4", pgvalue.Options{}, "0", "0"},
		{"bool", pgvalue.Options{}, "false", "false"},
		{"timestamptz", pgvalue.Options{}, placeholder, `"1970-01-01T00:00:00.000000Z"`},
	} {
		codec, err := pgvalue.Compile(catalog(), pgvalue.Column{Type: oids[c.typ], Typmod: -1, NotNull: true}, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		var b record.Batch
		cell := b.Cells(2)
		codec.Unchanged(&b, cell)
		codec.Missing(&b, cell+1)
		if b.Cell(cell).State != record.Unchanged {
			t.Errorf("%s: the cell is not marked", c.typ)
		}
		if got := show(&b, codec.Schema, cell); got != c.unchanged {
			t.Errorf("%s unchanged: got %s, want %s", c.typ, got, c.unchanged)
		}
		if got := show(&b, codec.Schema, cell+1); got != c.missing {
			t.Errorf("%s missing: got %s, want %s", c.typ, got, c.missing)
		}
	}
	var b record.Batch
	cell := b.Cells(1)
	if compile(t, "int4", -1, pgvalue.Options{}).Missing(&b, cell); b.Cell(cell).State != record.Null {
		t.Error("a column that may be null is missing as something else")
	}
}

// TestDefaults holds which defaults of columns schemas show.
func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		typ, expr string
		typmod    int32
		notNull   bool
		want      any // nil: none
	}{
		{"int4", "7", -1, false, int64(7)},
		{"int4", "(-7)", -1, false, int64(-7)},
		{"int4", "'-7'::integer", -1, false, int64(-7)},
		{"int4", "nextval('t_id_seq'::regclass)", -1, true, int64(0)},
		{"int4", "random()", -1, false, nil},
		{"text", "'a b'::text", -1, false, "a b"},
		{"text", "NULL::text", -1, false, nil},
		{"text", "upper('x'::text)", -1, false, nil},
		{"bool", "true", -1, false, true},
		{"numeric", "1.5", precision(5, 2), false, "x"},
		{"date", "'2024-02-29'::date", -1, false, int64(19782)},
		{"date", "now()", -1, true, int64(0)},
	} {
		codec, err := pgvalue.Compile(catalog(), pgvalue.Column{Type: oids[c.typ], Typmod: c.typmod, NotNull: c.notNull, Default: c.expr, HasDefault: true}, pgvalue.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d := codec.Schema.Default
		switch {
		case c.want == nil && d == nil:
		case d == nil || c.want == nil:
			t.Errorf("%s default %s: got %v, want %v", c.typ, c.expr, d, c.want)
		default:
			if raw, ok := d.V.([]byte); ok {
				if string(raw) != "\x00\x96" {
					t.Errorf("%s default %s: got %x", c.typ, c.expr, raw)
				}
			} else if d.V != c.want {
				t.Errorf("%s default %s: got %v, want %v", c.typ, c.expr, d.V, c.want)
			}
		}
	}
}

// TestAllocations holds the hot path: values of common types take no memory but the batch's.
func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		typ    string
		typmod int32
		text   string
		binary []byte
	}{
		{"int4", -1, "42", []byte{0, 0, 0, 42}},
		{"int8", -1, "42", []byte{0, 0, 0, 0, 0, 0, 0, 42}},
		{"bool", -1, "t", []byte{1}},
		{"float8", -1, "1.5", []byte{0x3f, 0xf8, 0, 0, 0, 0, 0, 0}},
		{"text", -1, "hello", []byte("hello")},
		{"numeric", precision(10, 2), "123.45", []byte{0, 2, 0, 0, 0, 0, 0, 2, 0, 123, 0x11, 0x94}},
		{"numeric", -1, "123.45", []byte{0, 2, 0, 0, 0, 0, 0, 2, 0, 123, 0x11, 0x94}},
		{"timestamp", -1, "2024-02-29 01:02:03.4", []byte{0, 2, 0xb5, 0x5d, 0, 0, 0, 0}},
		{"timestamptz", -1, "2024-02-29 01:02:03.4+00", []byte{0, 2, 0xb5, 0x5d, 0, 0, 0, 0}},
		{"date", -1, "2024-02-29", []byte{0, 0, 0x22, 0x75}},
		{"uuid", -1, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", make([]byte, 16)},
		{"bytea", -1, `\x00ff`, []byte{0, 255}},
		{"jsonb", -1, `{"a": 1}`, append([]byte{1}, `{"a": 1}`...)},
		{"int4[]", -1, "{1,2}", []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 2}},
	} {
		codec := compile(t, c.typ, c.typmod, pgvalue.Options{})
		var b record.Batch
		text := []byte(c.text)
		for form, run := range map[string]func() error{
			"text":   func() error { return codec.Text(&b, b.Cells(1), text) },
			"binary": func() error { return codec.Binary(&b, b.Cells(1), c.binary) },
		} {
			if n := testing.AllocsPerRun(100, func() {
				b.Reset()
				if err := run(); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s in %s allocates %v times", c.typ, form, n)
			}
		}
	}
}
