package converttest

import "github.com/millrace/millrace/connect/record"

// Envelope returns the value schema of a table of ten columns as Debezium builds it, with the constants of its source
// block, and a create of a row whose columns hold about 220 bytes of text.
func Envelope() (s *record.Schema, row []record.Literal) {
	of := func(k record.Kind) *record.Schema { return &record.Schema{Kind: k} }
	opt := func(k record.Kind) *record.Schema { return &record.Schema{Kind: k, Optional: true} }
	named := func(k record.Kind, name string) *record.Schema {
		return &record.Schema{Kind: k, Optional: true, Name: name, Version: 1}
	}
	decimal := named(record.Bytes, "org.apache.kafka.connect.data.Decimal")
	decimal.Params = []record.Param{{Name: "scale", Value: "2"}, {Name: "connect.decimal.precision", Value: "12"}}
	image := &record.Schema{Kind: record.Struct, Optional: true, Name: "shop.public.orders.Value", Fields: []record.Field{
		{Name: "id", Schema: of(record.Int64)},
		{Name: "customer_id", Schema: opt(record.Int32)},
		{Name: "status", Schema: opt(record.String)},
		{Name: "amount", Schema: decimal},
		{Name: "paid", Schema: opt(record.Boolean)},
		{Name: "placed_at", Schema: named(record.Int64, "io.debezium.time.MicroTimestamp")},
		{Name: "email", Schema: opt(record.String)},
		{Name: "address", Schema: opt(record.String)},
		{Name: "note", Schema: opt(record.String)},
		{Name: "weight", Schema: opt(record.Float64)},
	}}
	constant := func(name string, s *record.Schema, v any) record.Field {
		return record.Field{Name: name, Schema: s, Const: record.Lit(v)}
	}
	snapshot := named(record.String, "io.debezium.data.Enum")
	snapshot.Params = []record.Param{{Name: "allowed", Value: "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"}}
	snapshot.Default = record.Lit("false")
	source := &record.Schema{Kind: record.Struct, Name: "io.debezium.connector.postgresql.Source", Version: 1, Fields: []record.Field{
		constant("version", of(record.String), "3.6.1.Final"),
		constant("connector", of(record.String), "postgresql"),
		constant("name", of(record.String), "shop"),
		{Name: "ts_ms", Schema: of(record.Int64)},
		{Name: "snapshot", Schema: snapshot},
		constant("db", of(record.String), "shop"),
		{Name: "sequence", Schema: opt(record.String)},
		{Name: "ts_us", Schema: opt(record.Int64)},
		{Name: "ts_ns", Schema: opt(record.Int64)},
		constant("schema", of(record.String), "public"),
		constant("table", of(record.String), "orders"),
		{Name: "txId", Schema: opt(record.Int64)},
		{Name: "lsn", Schema: opt(record.Int64)},
		{Name: "xmin", Schema: opt(record.Int64)},
		constant("origin", opt(record.String), nil),
		constant("origin_lsn", opt(record.Int64), nil),
	}}
	transaction := &record.Schema{Kind: record.Struct, Optional: true, Name: "event.block", Version: 1, Fields: []record.Field{
		{Name: "id", Schema: of(record.String)},
		{Name: "total_order", Schema: of(record.Int64)},
		{Name: "data_collection_order", Schema: of(record.Int64)},
	}}
	s = &record.Schema{Kind: record.Struct, Name: "shop.public.orders.Envelope", Version: 2, Fields: []record.Field{
		{Name: "before", Schema: image},
		{Name: "after", Schema: image},
		{Name: "source", Schema: source},
		constant("transaction", transaction, nil),
		{Name: "op", Schema: of(record.String)},
		{Name: "ts_ms", Schema: opt(record.Int64)},
		{Name: "ts_us", Schema: opt(record.Int64)},
		{Name: "ts_ns", Schema: opt(record.Int64)},
	}}
	after := List(int64(48211), 1234, "shipped", []byte{0x01, 0xe2, 0x40}, true, int64(1795436560592929), "ada.lovelace@example.com",
		"12 St James's Square, Flat 3, London SW1Y 4JH, United Kingdom", "leave with the neighbour, ring twice; the dog is called Babbage and does not bite \"much\"", 2.75)
	src := List(nil, nil, nil, int64(1795436576276), "false", nil, `["35280392","35280392"]`, int64(1795436576276864), int64(1795436576276864000),
		nil, nil, int64(1558), int64(35280392), nil, nil, nil)
	return s, List(nil, after, src, nil, "c", int64(1795436578777), int64(1795436578777395), int64(1795436578777395725))
}
