package pgvalue_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// show renders a cell for comparison: numbers, quoted strings, bytes in hex behind x.
func show(b *record.Batch, s *record.Schema, cell uint32) string {
	c := b.Cell(cell)
	if c.State == record.Null {
		return "null"
	}
	list := func(n int, each func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = each(i)
		}
		return strings.Join(parts, " ")
	}
	at := uint32(c.Bits)
	switch s.Kind {
	case record.Boolean:
		return strconv.FormatBool(c.Bits != 0)
	case record.Float32, record.Float64:
		return strconv.FormatFloat(c.Float(), 'g', -1, 64)
	case record.String:
		return strconv.Quote(string(b.Text(c)))
	case record.Bytes:
		return "x" + hex.EncodeToString(b.Text(c))
	case record.Array:
		return "[" + list(int(c.N), func(i int) string { return show(b, s.Elem, at+uint32(i)) }) + "]"
	case record.Map:
		return "{" + list(int(c.N), func(i int) string {
			return show(b, s.Key, at+2*uint32(i)) + ":" + show(b, s.Elem, at+2*uint32(i)+1)
		}) + "}"
	case record.Struct:
		return "(" + list(len(s.Fields), func(i int) string { return show(b, s.Fields[i].Schema, at+uint32(i)) }) + ")"
	}
	return strconv.FormatInt(int64(c.Bits), 10)
}

// The OIDs of types that the tests name.
var oids = map[string]uint32{
	"bool": 16, "bytea": 17, "char": 18, "name": 19, "int8": 20, "int2": 21, "int4": 23, "text": 25, "oid": 26, "json": 114, "xml": 142, "point": 600, "cidr": 650,
	"float4": 700, "float8": 701, "macaddr8": 774, "money": 790, "macaddr": 829, "inet": 869, "bpchar": 1042, "varchar": 1043, "date": 1082, "time": 1083, "timestamp": 1114,
	"timestamptz": 1184, "interval": 1186, "timetz": 1266, "bit": 1560, "varbit": 1562, "numeric": 1700, "uuid": 2950, "tsvector": 3614, "jsonb": 3802, "int4range": 3904,
	"int4[]": 1007, "text[]": 1009, "numeric[]": 1231, "timestamptz[]": 1185, "bytea[]": 1001,
	"hstore": 90001, "vector": 90002, "geometry": 90003, "mood": 90004, "positive": 90005, "citext": 90006, "ltree": 90007, "mood[]": 90008, "halfvec": 90009,
}

func catalog() *pgvalue.Catalog {
	c := pgvalue.NewCatalog()
	for _, n := range []string{"hstore", "vector", "geometry", "citext", "ltree", "halfvec"} {
		c.Add(pgvalue.TypeInfo{OID: oids[n], Name: n, Kind: 'b', BaseTypmod: -1})
	}
	c.Add(pgvalue.TypeInfo{OID: oids["mood"], Name: "mood", Kind: 'e', BaseTypmod: -1, Labels: []string{"sad", "ok"}})
	c.Add(pgvalue.TypeInfo{OID: oids["mood[]"], Name: "_mood", Kind: 'b', Elem: oids["mood"], BaseTypmod: -1})
	c.Add(pgvalue.TypeInfo{OID: oids["positive"], Name: "positive", Kind: 'd', Base: oids["numeric"], BaseTypmod: 655366})
	return c
}

// typmod of numeric(p,s), as the server counts.
func precision(p, s int32) int32 { return p<<16 | s&0x7ff + 4 }

func compile(t testing.TB, typ string, typmod int32, o pgvalue.Options) *pgvalue.Codec {
	t.Helper()
	c, err := pgvalue.Compile(catalog(), pgvalue.Column{Name: "c", Type: oids[typ], Typmod: typmod}, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestText holds text forms to what Debezium makes of them, in each mode. Dates and infinities that Debezium falsifies are
// right here.
func TestText(t *testing.T) {
	type opts = pgvalue.Options
	zero := 0
	four := 4
	for _, c := range []struct {
		typ    string
		typmod int32
		opts   opts
		in     string
		want   string
		schema string // name of the schema
	}{
		{"bool", -1, opts{}, "t", "true", ""},
		{"int2", -1, opts{}, "-32768", "-32768", ""},
		{"int8", -1, opts{}, "-9223372036854775808", "-9223372036854775808", ""},
		{"int8", -1, opts{}, "9223372036854775807", "9223372036854775807", ""},
		{"oid", -1, opts{}, "4294967295", "4294967295", ""},
		{"float4", -1, opts{}, "1.5e-10", "1.4999999853326784e-10", ""},
		{"float8", -1, opts{}, "NaN", "NaN", ""},
		{"float8", -1, opts{}, "-Infinity", "-Inf", ""},
		{"char", -1, opts{}, "", `""`, ""},
		{"mood", -1, opts{}, "sad", `"sad"`, "io.debezium.data.Enum"},
		{"mood[]", -1, opts{}, "{sad,ok}", `["sad" "ok"]`, ""},
		{"citext", -1, opts{}, "Ab", `"Ab"`, ""},
		{"ltree", -1, opts{}, "a.b", `"a.b"`, "io.debezium.data.Ltree"},
		{"jsonb", -1, opts{}, `{"a": 1}`, `"{\"a\": 1}"`, "io.debezium.data.Json"},
		{"xml", -1, opts{}, "<a/>", `"<a/>"`, "io.debezium.data.Xml"},
		{"uuid", -1, opts{}, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "io.debezium.data.Uuid"},
		{"tsvector", -1, opts{}, "'a':1", `"'a':1"`, "io.debezium.data.Tsvector"},
		{"int4range", -1, opts{}, "[1,5)", `"[1,5)"`, ""},

		{"numeric", precision(10, 2), opts{}, "123.45", "x3039", "org.apache.kafka.connect.data.Decimal"},
		{"numeric", precision(10, 2), opts{}, "-0.01", "xff", ""},
		{"numeric", precision(10, 2), opts{}, "1.28", "x0080", ""},
		{"numeric", precision(10, 2), opts{}, "-1.28", "x80", ""},
		{"numeric", precision(5, -2), opts{}, "12300", "x7b", ""},
		{"numeric", precision(5, -2), opts{}, "0", "x00", ""},
		{"numeric", precision(38, 10), opts{}, "1234567890123456789012345678.0123456789", "x0949b0f6f0023313c449904ecc674515", ""},
		{"positive", -1, opts{}, "5.00", "x01f4", ""},
		{"numeric", -1, opts{}, "1.500", "(1 x0f)", "io.debezium.data.VariableScaleDecimal"},
		{"numeric", -1, opts{}, "100", "(0 x64)", ""},
		{"numeric", -1, opts{}, "-99999999999999999999", "(0 xfa9438a1d29cf00001)", ""},
		{"numeric", -1, opts{Decimal: "string"}, "1.500", `"1.500"`, ""},
		{"numeric", -1, opts{Decimal: "string"}, "NaN", `"NAN"`, ""},
		{"numeric", -1, opts{Decimal: "string"}, "-Infinity", `"NEGATIVE_INFINITY"`, ""},
		{"numeric", -1, opts{Decimal: "double"}, "1.500", "1.5", ""},
		{"numeric", -1, opts{Decimal: "double"}, "Infinity", "+Inf", ""},
		{"money", -1, opts{}, "$1,234.56", "x01e240", "org.apache.kafka.connect.data.Decimal"},
		{"money", -1, opts{}, "-$92,233,720,368,547,758.08", "x8000000000000000", ""},
		{"money", -1, opts{MoneyDigits: &zero}, "$2.50", "x03", ""},
		{"money", -1, opts{MoneyDigits: &zero}, "-$2.50", "xfd", ""},
		{"money", -1, opts{MoneyDigits: &four}, "$1.00", "x2710", ""},
		{"money", -1, opts{Decimal: "string"}, "-$0.05", `"-0.05"`, ""},
		{"money", -1, opts{Decimal: "double"}, "$1.10", "1.1", ""},

		{"bytea", -1, opts{}, `\x00ff`, "x00ff", ""},
		{"bytea", -1, opts{Binary: "hex"}, `\x00ff`, `"00ff"`, ""},
		{"bytea", -1, opts{Binary: "base64"}, `\xfbff`, `"+/8="`, ""},
		{"bytea", -1, opts{Binary: "base64-url-safe"}, `\xfbff`, `"-_8="`, ""},
		{"bit", 1, opts{}, "1", "true", ""},
		{"bit", 10, opts{}, "1000000001", "x0102", "io.debezium.data.Bits"},
		{"varbit", -1, opts{}, "", "x", "io.debezium.data.Bits"},

		{"date", -1, opts{}, "1970-01-02", "1", "io.debezium.time.Date"},
		{"date", -1, opts{}, "2024-02-29", "19782", ""},
		{"date", -1, opts{}, "0001-01-01 BC", "-719528", ""},
		{"date", -1, opts{}, "infinity", "2147483647", ""},
		{"date", -1, opts{Time: "connect"}, "1969-12-31", "-1", "org.apache.kafka.connect.data.Date"},
		{"date", -1, opts{Time: "isostring"}, "2024-02-29", `"2024-02-29Z"`, "io.debezium.time.IsoDate"},
		{"date", -1, opts{Time: "isostring"}, "12024-02-29", `"+12024-02-29Z"`, ""},
		{"time", -1, opts{}, "12:34:56.123456", "45296123456", "io.debezium.time.MicroTime"},
		{"time", 3, opts{}, "12:34:56.123", "45296123", "io.debezium.time.Time"},
		{"time", -1, opts{}, "24:00:00", "86400000000", ""},
		{"time", -1, opts{Time: "nanoseconds"}, "00:00:00.000001", "1000", "io.debezium.time.NanoTime"},
		{"time", 3, opts{Time: "adaptive_time_microseconds"}, "00:00:01", "1000000", "io.debezium.time.MicroTime"},
		{"timestamp", -1, opts{}, "1970-01-01 00:00:00.000001", "1", "io.debezium.time.MicroTimestamp"},
		{"timestamp", 0, opts{}, "1969-12-31 23:59:59", "-1000", "io.debezium.time.Timestamp"},
		{"timestamp", -1, opts{Time: "connect"}, "1970-01-01 00:00:01.5", "1500", "org.apache.kafka.connect.data.Timestamp"},
		{"timestamp", -1, opts{Time: "isostring"}, "2024-02-29 01:02:03.4", `"2024-02-29T01:02:03.4Z"`, "io.debezium.time.IsoTimestamp"},
		{"timestamp", -1, opts{Time: "nanoseconds"}, "294276-12-31 23:59:59", "9223372036854775807", ""},
		{"timestamp", -1, opts{}, "infinity", "9223372036825200000", ""},
		{"timestamptz", -1, opts{}, "2024-02-29 01:02:03+02:30", `"2024-02-28T22:32:03.000000Z"`, "io.debezium.time.ZonedTimestamp"},
		{"timestamptz", 0, opts{}, "2024-02-29 01:02:03+00", `"2024-02-29T01:02:03Z"`, ""},
		{"timestamptz", -1, opts{}, "-infinity", `"-infinity"`, ""},
		{"timetz", -1, opts{}, "00:30:00.5+01", `"23:30:00.5Z"`, "io.debezium.time.ZonedTime"},
		{"interval", -1, opts{}, "1 year 2 mons -3 days +04:05:06.789", "36572706789000", "io.debezium.time.MicroDuration"},
		{"interval", -1, opts{}, "00:00:00", "0", ""},
		{"interval", -1, opts{}, "178000000 years", "9223372036854775807", ""},
		{"interval", -1, opts{Interval: "string"}, "1 year 2 mons -3 days -04:05:06.789", `"P1Y2M-3DT-4H-5M-6.789S"`, "io.debezium.time.Interval"},

		{"hstore", -1, opts{}, `"a"=>"1", "b\"c"=>NULL`, `"{\"a\":\"1\",\"b\\\"c\":null}"`, "io.debezium.data.Json"},
		{"hstore", -1, opts{HStore: "map"}, `"a"=>"1", "b"=>NULL`, `{"a":"1" "b":null}`, ""},
		{"hstore", -1, opts{HStore: "map"}, "", "{}", ""},
		{"inet", -1, opts{}, "192.168.0.1/24", `"192.168.0.1/24"`, ""},
		{"point", -1, opts{}, "(1,2)", "(1 2 x0101000000000000000000f03f0000000000000040 null)", "io.debezium.data.geometry.Point"},
		{"geometry", -1, opts{}, "0101000020E6100000000000000000F03F0000000000000040", "(x0101000020e6100000000000000000f03f0000000000000040 4326)", "io.debezium.data.geometry.Geometry"},
		{"vector", -1, opts{}, "[1,2.5,-3]", "[1 2.5 -3]", "io.debezium.data.DoubleVector"},
		{"int4[]", -1, opts{}, "{1,NULL,-3}", "[1 null -3]", ""},
		{"int4[]", -1, opts{}, "[0:1]={1,2}", "[1 2]", ""},
		{"int4[]", -1, opts{}, "{{1,2},{3,4}}", "[1 2 3 4]", ""},
		{"int4[]", -1, opts{}, "{}", "[]", ""},
		{"text[]", -1, opts{}, `{a,"b,c","d\"e\\",NULL,"NULL",""}`, `["a" "b,c" "d\"e\\" null "NULL" ""]`, ""},
		{"bytea[]", -1, opts{}, `{"\\x00ff"}`, "[x00ff]", ""},
		{"numeric[]", precision(5, 1), opts{}, "{1.5,-2.0}", "[x0f xec]", ""},
		{"timestamptz[]", -1, opts{}, `{"2024-02-29 00:00:00+00"}`, `["2024-02-29T00:00:00.000000Z"]`, ""},
	} {
		name := fmt.Sprintf("%s/%d/%s/%s", c.typ, c.typmod, c.opts.Decimal+c.opts.Time+c.opts.Binary+c.opts.Interval+c.opts.HStore, c.in)
		t.Run(name, func(t *testing.T) {
			codec := compile(t, c.typ, c.typmod, c.opts)
			var b record.Batch
			cell := b.Cells(1)
			if err := codec.Text(&b, cell, []byte(c.in)); err != nil {
				t.Fatal(err)
			}
			if got := show(&b, codec.Schema, cell); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if c.schema != "" && codec.Schema.Name != c.schema {
				t.Errorf("the schema is %s, want %s", codec.Schema.Name, c.schema)
			}
		})
	}
}
