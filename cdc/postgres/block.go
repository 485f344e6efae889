package postgres

import (
	"strconv"

	"github.com/millrace/millrace/connect/record"
)

// ConnectorVersion is the version in every event's source block: the one whose events these are.
const ConnectorVersion = "3.6.1.Final"

// Indices of the source block's fields.
const (
	srcVersion = iota
	srcConnector
	srcName
	srcMillis
	srcSnapshot
	srcDB
	srcSequence
	srcMicros
	srcNanos
	srcSchema
	srcTable
	srcTxID
	srcLSN
	srcXmin
	srcOrigin
	srcOriginLSN
	srcFields
)

// sourceSchema returns the source block of a table's events: what never changes for the table is constant.
func (s *Source) sourceSchema(schema, table string) *record.Schema {
	str, optStr := &record.Schema{Kind: record.String}, &record.Schema{Kind: record.String, Optional: true}
	long, optLong := &record.Schema{Kind: record.Int64}, &record.Schema{Kind: record.Int64, Optional: true}
	snapshot := &record.Schema{Kind: record.String, Optional: true, Name: "io.debezium.data.Enum", Version: 1, Default: record.Lit("false"),
		Params: []record.Param{{Name: "allowed", Value: "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"}}}
	return &record.Schema{Kind: record.Struct, Name: "io.debezium.connector.postgresql.Source", Version: 1, Fields: []record.Field{
		srcVersion:   {Name: "version", Schema: str, Const: record.Lit(ConnectorVersion)},
		srcConnector: {Name: "connector", Schema: str, Const: record.Lit("postgresql")},
		srcName:      {Name: "name", Schema: str, Const: record.Lit(s.cfg.Names.Prefix)},
		srcMillis:    {Name: "ts_ms", Schema: long},
		srcSnapshot:  {Name: "snapshot", Schema: snapshot},
		srcDB:        {Name: "db", Schema: str, Const: record.Lit(s.cfg.Conn.Database)},
		srcSequence:  {Name: "sequence", Schema: optStr},
		srcMicros:    {Name: "ts_us", Schema: optLong},
		srcNanos:     {Name: "ts_ns", Schema: optLong},
		srcSchema:    {Name: "schema", Schema: str, Const: record.Lit(schema)},
		srcTable:     {Name: "table", Schema: str, Const: record.Lit(table)},
		srcTxID:      {Name: "txId", Schema: optLong},
		srcLSN:       {Name: "lsn", Schema: optLong},
		srcXmin:      {Name: "xmin", Schema: optLong, Const: record.Lit(nil)},
		srcOrigin:    {Name: "origin", Schema: optStr},
		srcOriginLSN: {Name: "origin_lsn", Schema: optLong},
	}}
}

// block is what the source block of a row says.
type block struct {
	snapshot  string
	micros    int64  // the commit's time since 1970
	last      uint64 // end of the last transaction before; 0: none
	lsn       uint64
	txID      uint32
	origin    []byte
	originLSN uint64
}

// Fill implements envelope.Source.
func (k *block) Fill(b *record.Batch, f uint32) {
	b.SetInt(f+srcMillis, k.micros/1000)
	b.SetString(f+srcSnapshot, k.snapshot)
	seq := append(b.Buf(), '[')
	if k.last == 0 {
		seq = append(seq, "null"...)
	} else {
		seq = append(strconv.AppendUint(append(seq, '"'), k.last, 10), '"')
	}
	seq = append(strconv.AppendUint(append(seq, ',', '"'), k.lsn, 10), '"', ']')
	b.SetAppended(f+srcSequence, seq)
	b.SetInt(f+srcMicros, k.micros)
	b.SetInt(f+srcNanos, k.micros*1000)
	if k.txID != 0 {
		b.SetInt(f+srcTxID, int64(k.txID))
	}
	b.SetInt(f+srcLSN, int64(k.lsn))
	if k.origin != nil {
		b.SetBytes(f+srcOrigin, k.origin)
		b.SetInt(f+srcOriginLSN, int64(k.originLSN))
	}
}

// setSnapshot changes the snapshot marker of a row that is written already.
func setSnapshot(b *record.Batch, row int, marker string) {
	v, ok := b.At(row).Value()
	if !ok {
		return
	}
	const envelopeSource = 2
	if c, ok := v.Index(envelopeSource).Index(srcSnapshot).Cell(); ok {
		b.SetString(c, marker)
	}
}
