package envelope

import (
	"github.com/millrace/millrace/connect/record"
)

// Column is one column that a table's events show.
type Column struct {
	Name   string
	Schema *record.Schema
}

// Options are what all tables of a connector share.
type Options struct {
	Names      Names
	Tombstones bool            // tombstones.on.delete
	Headers    []record.Header // on every data record
}

// Table is the compiled envelope of one version of a table. Safe for concurrent use.
type Table struct {
	Layout *record.Layout
	Width  int // columns: the cells that an image has
	key    []int
	opts   Options
	source *record.Schema
}

// Indices of the envelope's fields.
const (
	fieldBefore = iota
	fieldAfter
	fieldSource
	fieldTransaction
	fieldOp
	fieldMillis
	fieldMicros
	fieldNanos
	fields
)

var transaction = &record.Schema{Kind: record.Struct, Optional: true, Name: "event.block", Version: 1, Fields: []record.Field{
	{Name: "id", Schema: &record.Schema{Kind: record.String}},
	{Name: "total_order", Schema: &record.Schema{Kind: record.Int64}},
	{Name: "data_collection_order", Schema: &record.Schema{Kind: record.Int64}},
}}

var (
	requiredString = &record.Schema{Kind: record.String}
	optionalString = &record.Schema{Kind: record.String, Optional: true}
	optionalLong   = &record.Schema{Kind: record.Int64, Optional: true}
)

// NewTable compiles the envelope of a table. key are the indices of the key's columns in the order of the key; none: the
// records have no key. source is the source block's schema, which may hold constants of the table.
func NewTable(schema, table string, columns []Column, key []int, source *record.Schema, o Options) *Table {
	t := &Table{Width: len(columns), key: key, opts: o, source: source}
	value := &record.Schema{Kind: record.Struct, Optional: true, Name: o.Names.schema(schema, table, "Value")}
	for _, c := range columns {
		value.Fields = append(value.Fields, record.Field{Name: o.Names.field(c.Name), Schema: c.Schema})
	}
	t.Layout = &record.Layout{
		Topic: o.Names.Topic(schema, table), Table: schema + "." + table, Headers: o.Headers,
		Value: &record.Schema{Kind: record.Struct, Name: o.Names.schema(schema, table, "Envelope"), Version: 2, Fields: []record.Field{
			fieldBefore:      {Name: "before", Schema: value},
			fieldAfter:       {Name: "after", Schema: value},
			fieldSource:      {Name: "source", Schema: source},
			fieldTransaction: {Name: "transaction", Schema: transaction, Const: record.Lit(nil)},
			fieldOp:          {Name: "op", Schema: requiredString},
			fieldMillis:      {Name: "ts_ms", Schema: optionalLong},
			fieldMicros:      {Name: "ts_us", Schema: optionalLong},
			fieldNanos:       {Name: "ts_ns", Schema: optionalLong},
		}},
	}
	if len(key) > 0 {
		k := &record.Schema{Kind: record.Struct, Name: o.Names.schema(schema, table, "Key")}
		for _, i := range key {
			k.Fields = append(k.Fields, value.Fields[i])
		}
		t.Layout.Key = k
	}
	return t
}

// Source fills the cells of a source block, whose constants need no cell.
type Source interface {
	Fill(b *record.Batch, first uint32)
}

// None stands for an image that a change does not have.
const None = ^uint32(0)

// Change is one change of a row. Before and After are the first cells of images of Width columns, or None.
type Change struct {
	Op            record.Op
	Before, After uint32
	Source        Source
	Nanos         int64 // the connector's clock, since 1970
}

// Write adds the rows of a change and counts id.Lo up for each: the change and, after a delete, its tombstone; an update
// that moves the key becomes a delete of the old key and a create of the new one, each with the other key in a header.
func (t *Table) Write(b *record.Batch, id *record.ID, c Change) {
	if c.Op == record.Update && c.Before != None && len(t.key) > 0 && !t.sameKey(b, c.Before, c.After) {
		oldKey, newKey := t.keyOf(b, c.Before), t.keyOf(b, c.After)
		t.row(b, id, Change{Op: record.Delete, Before: c.Before, After: None, Source: c.Source, Nanos: c.Nanos}, oldKey)
		t.header(b, "__debezium.newkey", newKey)
		if t.opts.Tombstones {
			t.tombstone(b, id, oldKey)
			t.header(b, "__debezium.newkey", newKey)
		}
		t.row(b, id, Change{Op: record.Create, Before: None, After: c.After, Source: c.Source, Nanos: c.Nanos}, newKey)
		t.header(b, "__debezium.oldkey", oldKey)
		return
	}
	image := c.After
	if image == None {
		image = c.Before
	}
	key := None
	if image != None {
		key = t.keyOf(b, image)
	}
	t.row(b, id, c, key)
	if c.Op == record.Delete && t.opts.Tombstones {
		t.tombstone(b, id, key)
	}
}

func (t *Table) row(b *record.Batch, id *record.ID, c Change, key uint32) {
	r := b.Row(t.Layout, c.Op, *id)
	id.Lo++
	if key != None {
		b.SetKey(r, key)
	}
	v := b.Cells(1 + fields)
	f := v + 1
	b.SetRun(v, f, fields)
	b.SetValue(r, v)
	if c.Before != None {
		b.SetRun(f+fieldBefore, c.Before, t.Width)
	}
	if c.After != None {
		b.SetRun(f+fieldAfter, c.After, t.Width)
	}
	fillSource(b, f+fieldSource, t.source, c.Source)
	b.SetAppended(f+fieldOp, append(b.Buf(), byte(c.Op)))
	b.SetInt(f+fieldMillis, c.Nanos/1_000_000)
	b.SetInt(f+fieldMicros, c.Nanos/1000)
	b.SetInt(f+fieldNanos, c.Nanos)
}

func fillSource(b *record.Batch, cell uint32, schema *record.Schema, s Source) {
	n := len(schema.Fields)
	first := b.Cells(n)
	b.SetRun(cell, first, n)
	s.Fill(b, first)
}

func (t *Table) tombstone(b *record.Batch, id *record.ID, key uint32) {
	r := b.Row(t.Layout, record.Delete, *id)
	id.Lo++
	if key != None {
		b.SetKey(r, key)
	}
}

// keyOf makes the key of an image; its cells share the image's data.
func (t *Table) keyOf(b *record.Batch, image uint32) uint32 {
	if len(t.key) == 0 {
		return None
	}
	k := b.Cells(1 + len(t.key))
	b.SetRun(k, k+1, len(t.key))
	for i, col := range t.key {
		b.CopyCell(k+1+uint32(i), image+uint32(col))
	}
	return k
}

func (t *Table) sameKey(b *record.Batch, x, y uint32) bool {
	for i, col := range t.key {
		if !b.Equal(t.Layout.Key.Fields[i].Schema, x+uint32(col), y+uint32(col)) {
			return false
		}
	}
	return true
}

// header adds a key as a header of the last row, as JSON without its schema.
func (t *Table) header(b *record.Batch, name string, key uint32) {
	b.AddHeader(name, appendJSON(nil, b, t.Layout.Key, key))
}
