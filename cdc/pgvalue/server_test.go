package pgvalue_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/test/testenv"
)

// expressions are values of built-in types, each a SQL expression of a type and typmod.
var expressions = []string{
	"true", "null::bool", "'-32768'::int2", "2147483647::int4", "'-9223372036854775808'::int8", "4294967295::oid", "'1e-45'::float4", "'3.4028235e38'::float4", "'NaN'::float4",
	"'-Infinity'::float8", "1.7976931348623157e308::float8", "'-0'::float8", "0.1::float8",
	"0::numeric", "'-0.000'::numeric", "123.4500::numeric", "-99999999999999999999.5::numeric", "1e100::numeric", "1e-100::numeric", "10000::numeric", "0.0001::numeric", "99999999.99999999::numeric",
	"123.45::numeric(10,2)", "-0.01::numeric(10,2)", "0::numeric(10,2)", "12345678901234567890123456789012345678::numeric(38,0)", "0.12345678901234567890::numeric(30,20)", "9999.9999::numeric(8,4)", "-10000.0001::numeric(9,4)", "12300::numeric(5,-2)", "0::numeric(5,-2)",
	"1234.56::money", "(-92233720368547758.08)::money", "0::money", "(-0.05)::money",
	"'x'::char(5)", "'ü€😀'::text", "''::text", "'x'::\"char\"", "''::\"char\"", "'n'::name", "'v'::varchar(9)", "'<a>b</a>'::xml", "'{\"a\": [1, null]}'::json", "'{\"a\": [1, null]}'::jsonb",
	"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "'\\x00ff80'::bytea", "''::bytea", "B'1'::bit(1)", "B'0'::bit(1)", "B'1000000001'::bit(10)", "B'00000000'::bit(8)", "B''::varbit", "B'101'::varbit(7)", "B'0000000010000000'::varbit",
	"'192.168.0.1'::inet", "'192.168.0.1/24'::inet", "'::1'::inet", "'2001:db8::/32'::cidr", "'10.0.0.0/8'::cidr", "'::ffff:1.2.3.4'::inet", "'08:00:2b:01:02:03'::macaddr", "'08:00:2b:01:02:03:04:05'::macaddr8", "point '(1.5,-2)'",
	"date '2024-02-29'", "date '0001-01-01'", "date '4713-01-01 BC'", "date '5874897-12-31'", "date 'infinity'", "date '-infinity'", "date '1582-10-10'",
	"time '00:00:00'", "time '24:00:00'", "time '12:34:56.123456'", "'12:34:56.789'::time(3)", "'12:34:56'::time(0)",
	"timetz '12:34:56.5+05:30'", "timetz '00:30:00+01'", "timetz '23:30:00-01:00:30'", "timetz '24:00:00+00'",
	"timestamp '2024-02-29 12:34:56.123456'", "'1969-12-31 23:59:59.999'::timestamp(3)", "'1900-01-01 00:00:00'::timestamp(0)", "timestamp '0044-03-15 12:00:00 BC'", "timestamp '294276-12-31 23:59:59.999999'", "timestamp '4713-01-01 00:00:00 BC'", "timestamp 'infinity'", "timestamp '-infinity'",
	"timestamptz '2024-02-29 12:34:56.5+02'", "'2024-02-29 12:34:56.5+02'::timestamptz(1)", "timestamptz '0044-03-15 12:00:00+00 BC'", "timestamptz '294276-12-31 23:59:59+00'", "timestamptz 'infinity'", "timestamptz '-infinity'",
	"interval '1 year 2 mons -3 days 04:05:06.789'", "interval '-1 year -2 mons +3 days -04:05:06.789'", "interval '0'", "interval '1 mon'", "interval '-1 day'", "interval '100 hours'", "interval '178000000 years'", "interval '-178000000 years'", "interval '-0.000001 s'",
	"array[1,null,-3]", "array[[1,2],[3,4]]", "'{}'::int4[]", "'[0:1]={1,2}'::int4[]", "array['a','b,c','d\"e\\f','',null,'NULL']", "array[1.5,null]::numeric(5,1)[]", "array[1.5,200]::numeric[]", "array['\\x00ff']::bytea[]",
	"array[true,false]", "array['2024-02-29 00:00:00+00']::timestamptz[]", "array['1 day']::interval[]", "array['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']::uuid[]", "array['{\"a\":1}']::jsonb[]", "array[date '2024-02-29', 'infinity']", "array['192.168.0.1/24']::inet[]",
}

// TestTextIsBinary asks a real server for values in both forms: in every mode both decode to the same.
func TestTextIsBinary(t *testing.T) {
	url := testenv.Postgres(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	cfg.RuntimeParams = map[string]string{"datestyle": "ISO", "intervalstyle": "postgres", "timezone": "UTC", "extra_float_digits": "3", "bytea_output": "hex", "client_encoding": "UTF8"}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	one := func(sql string, format int16) ([]byte, *pgconn.FieldDescription) {
		res := conn.ExecParams(ctx, sql, nil, nil, nil, []int16{format}).Read()
		if res.Err != nil {
			t.Fatalf("%s: %v", sql, res.Err)
		}
		return res.Rows[0][0], &res.FieldDescriptions[0]
	}
	version, _ := one("select current_setting('server_version_num')::int", 0)
	zero := 0
	for _, o := range []pgvalue.Options{
		{}, {Decimal: "string", Time: "isostring", Binary: "hex", Interval: "string"}, {Decimal: "double", Time: "nanoseconds", Binary: "base64", MoneyDigits: &zero}, {Time: "connect"}, {Time: "microseconds"}, {Time: "adaptive_time_microseconds"},
	} {
		for _, e := range expressions {
			if strings.Contains(e, "(5,-2)") && string(version) < "150000" {
				continue // negative scales came with 15
			}
			sql := "select " + e
			text, field := one(sql, 0)
			binary, _ := one(sql, 1)
			codec, err := pgvalue.Compile(pgvalue.NewCatalog(), pgvalue.Column{Name: "c", Type: field.DataTypeOID, Typmod: field.TypeModifier}, o)
			if err != nil || codec == nil {
				t.Errorf("%s has no codec: %v", e, err)
				continue
			}
			if !codec.HasBinary() || text == nil {
				continue
			}
			decode := func(read func(*record.Batch, uint32, []byte) error, in []byte) string {
				var b record.Batch
				b.SetBytes(b.Cells(1), []byte("before")) // offsets other than 0
				cell := b.Cells(1)
				if err := read(&b, cell, in); err != nil {
					return "error: " + err.Error()
				}
				return show(&b, codec.Schema, cell)
			}
			fromText, fromBinary := decode(codec.Text, text), decode(codec.Binary, binary)
			if fromText != fromBinary || strings.HasPrefix(fromText, "error") {
				t.Errorf("%s with %s: text gives %s, binary %s", e, fmt.Sprintf("%+v", o), fromText, fromBinary)
			}
		}
	}
}
