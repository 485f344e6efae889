package avro

import (
	"testing"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/ddl"
)

// What ?format=logical shows of an Avro schema, and what comes of registering that as Avro.
func TestDDL(t *testing.T) {
	for _, c := range []struct{ name, text, ddl, back string }{
		{
			"a record of a namespace",
			`{"type":"record","name":"Order","namespace":"acme","doc":"an order","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"],"default":null,"doc":"what they said"}]}`,
			"NAMESPACE acme;\nSTRUCT Order (id BIGINT NOT NULL, note STRING DEFAULT NULL COMMENT 'what they said') COMMENT 'an order';\n",
			"",
		},
		{
			"a nullable root",
			`["null",{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}]`,
			"STRUCT Order (id BIGINT NOT NULL);\nTYPE Order;\n",
			"",
		},
		{
			"types that refer to each other",
			`{"type":"record","name":"Node","namespace":"acme","fields":[{"name":"next","type":["null","Node"]},{"name":"state","type":{"type":"enum","name":"State","symbols":["ON","OFF"]}}]}`,
			"NAMESPACE acme;\nSTRUCT Node (next Node, state State NOT NULL);\nENUM State ('ON', 'OFF');\n",
			"",
		},
		{
			"defaults",
			`{"type":"record","name":"R","fields":[{"name":"d","type":{"type":"int","logicalType":"date"},"default":1},{"name":"t","type":{"type":"long","logicalType":"timestamp-micros"},"default":1500000},` +
				`{"name":"m","type":{"type":"bytes","logicalType":"decimal","precision":5,"scale":2},"default":"\u0004\u00d2"},{"name":"b","type":"bytes","default":"A\u00ff"},{"name":"f","type":"float","default":1},{"name":"s","type":["string","null"],"default":"it's"}]}`,
			"STRUCT R (\n  d DATE NOT NULL DEFAULT '1970-01-02',\n  t TIMESTAMP_LTZ(6) NOT NULL DEFAULT '1970-01-01T00:00:01.500Z',\n  m DECIMAL(5, 2) NOT NULL DEFAULT 12.34,\n" +
				"  b BYTES NOT NULL DEFAULT x'41FF',\n  f FLOAT NOT NULL DEFAULT 1.0,\n  s STRING DEFAULT 'it''s'\n);\n",
			"",
		},
		{
			"a union of a field",
			`{"type":"record","name":"R","fields":[{"name":"u","type":["null","int",{"type":"fixed","name":"F","size":4}]}]}`,
			"STRUCT R (u UNION(`int` INT NOT NULL, F BINARY(4) NOT NULL));\n",
			`{"type":"record","name":"R","fields":[{"name":"u","type":["null","int",{"type":"fixed","name":"F","size":4}],"confluent:union":[{"name":"int"},{"name":"F"}]}]}`,
		},
		{
			"properties and aliases",
			`{"type":"record","name":"R","fields":[{"name":"a","type":"int","aliases":["b"],"confluent:params":{"k":"v"},"confluent:tags":["PII"]}]}`,
			"STRUCT R (a INT NOT NULL TAGS('PII') WITH('k' = 'v', 'avro.aliases' = 'b'));\n",
			"",
		},
		{
			"what Debezium writes",
			`{"type":"record","name":"Value","namespace":"pg.public.t","fields":[{"name":"id","type":"int"},{"name":"at","type":["null",{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}],"default":null},{"name":"small","type":{"type":"int","connect.type":"int16"}}],"connect.name":"pg.public.t.Value"}`,
			"NAMESPACE pg.public.t;\nSTRUCT Value (\n  id INT NOT NULL,\n  at BIGINT DEFAULT NULL,\n  small SMALLINT NOT NULL\n);\n",
			`{"type":"record","name":"Value","namespace":"pg.public.t","fields":[{"name":"id","type":"int"},{"name":"at","type":["null","long"],"default":null},{"name":"small","type":{"type":"int","connect.type":"int16"}}]}`,
		},
		{"no record", `{"type":"map","values":["null","double"]}`, "TYPE MAP<STRING NOT NULL, DOUBLE> NOT NULL;\n", ""},
	} {
		got, err := ddl.Print(mustRead(t, c.text, nil, nil))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		equal(t, c.name, got, c.ddl)
		back, err := fromDDL(got)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := c.back
		if want == "" {
			want = c.text
		}
		d, err := To(back, logical.RootName("orders-value"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		equal(t, c.name+" registered", d.Text, mustNormalize(t, want))
	}
}

func TestAnonymousDDLTakesTheSubjectsName(t *testing.T) {
	s, err := fromDDL("TYPE STRUCT(id INT NOT NULL, line STRUCT(n INT)) NOT NULL")
	if err != nil {
		t.Fatal(err)
	}
	d, err := To(s, logical.RootName("orders-value"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "text", d.Text, `{"type":"record","name":"orders_value","fields":[{"name":"id","type":"int"},{"name":"line","type":["null",{"type":"record","name":"orders_value_line","fields":[{"name":"n","type":["null","int"]}],"logical.anonymous":"true"}]}],"logical.anonymous":"true"}`)
	equal(t, "shown", show(mustRead(t, d.Text, d.Properties, nil)), "{id INT, line {n INT?}?}")
}

func fromDDL(text string) (*logical.Schema, error) {
	script, err := ddl.Parse(text)
	if err != nil {
		return nil, err
	}
	return script.Schema()
}
