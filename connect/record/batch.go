package record

import (
	"encoding/binary"
	"math"
)

// State tells what a cell holds.
type State uint8

// The states. The zero cell is Null.
const (
	Null State = iota
	Set
	// Unchanged: the source did not send the value because the change left it alone (an out-of-line TOAST value). The
	// cell then holds the source's placeholder, which encoders write; a sink that can merge looks at the state.
	Unchanged
)

// Cell is one value: 16 bytes without pointers, so that the collector does not scan rows. What Bits and N mean depends
// on the schema's kind:
//
//	Boolean, IntN   Bits is the value as int64
//	Float32, 64     Bits is math.Float64bits of the value
//	String, Bytes   N bytes of the batch's data from Bits on
//	Array           N cells from cell Bits on
//	Map             2·N cells from cell Bits on: key, value, key, value …
//	Struct          N cells from cell Bits on, one a field; cells of constant fields are not written
type Cell struct {
	Bits  uint64
	N     uint32
	State State
}

// Op is what happened to a row, in Debezium's letters.
type Op byte

// The operations. The zero Op marks a record that is no change of a row (a heartbeat, say).
const (
	Create   Op = 'c'
	Update   Op = 'u'
	Delete   Op = 'd'
	Read     Op = 'r' // a row found by a snapshot
	Truncate Op = 't'
	Message  Op = 'm'
)

// ID names a row within its source partition: the same change has the same ID every time it is read, and later changes
// have larger ones. Producers derive duplicate detection from it. The zero ID means that the source has none.
type ID struct{ Hi, Lo uint64 }

// Position is where a source resumes: a JSON object, as Kafka Connect stores offsets, that means something to the
// source that made it and nothing to anyone else.
type Position []byte

// none marks an absent key or value in a row header.
const none = math.MaxUint32

type rowHeader struct {
	key, value uint32 // cell indices, or none
	layout     uint32
	headers    uint32 // first of this row's own headers
	nheaders   uint16
	op         Op
	id         ID
	time       int64
}

// Batch is a run of rows in source order, in reused memory. It has one owner at a time: a source fills it, an encoder
// reads it, then it is Reset and filled again. Values read from it are valid until then.
type Batch struct {
	layouts []*Layout
	rows    []rowHeader
	cells   []Cell
	data    []byte
	headers []Header
	pos     []byte
	hasPos  bool
	last    *Layout
	lastIdx uint32
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.poison()
	clear(b.layouts)
	clear(b.headers)
	b.layouts, b.rows, b.cells, b.data, b.headers, b.pos = b.layouts[:0], b.rows[:0], b.cells[:0], b.data[:0], b.headers[:0], b.pos[:0]
	b.hasPos, b.last, b.lastIdx = false, nil, 0
}

// Len returns the number of rows.
func (b *Batch) Len() int { return len(b.rows) }

// Size returns the bytes of row data held: cells and their text.
func (b *Batch) Size() int { return len(b.data) + 16*len(b.cells) }

// SetPosition says where to resume once every row of this batch is delivered. A batch without rows may carry one.
func (b *Batch) SetPosition(p []byte) { b.pos, b.hasPos = append(b.pos[:0], p...), true }

// Position returns what SetPosition said; ok is false when the rows end where no resuming is possible yet.
func (b *Batch) Position() (p Position, ok bool) { return b.pos, b.hasPos }

// Row adds a row of layout l and returns its index. Key and value are absent until SetKey and SetValue.
func (b *Batch) Row(l *Layout, op Op, id ID) int {
	if b.last != l {
		b.lastIdx = b.layoutIndex(l)
		b.last = l
	}
	b.rows = append(b.rows, rowHeader{key: none, value: none, layout: b.lastIdx, op: op, id: id})
	return len(b.rows) - 1
}

func (b *Batch) layoutIndex(l *Layout) uint32 {
	for i, have := range b.layouts {
		if have == l {
			return uint32(i)
		}
	}
	b.layouts = append(b.layouts, l)
	return uint32(len(b.layouts) - 1)
}

// SetKey makes cell c the key of row r. Several rows may share one cell.
func (b *Batch) SetKey(r int, c uint32) { b.rows[r].key = c }

// SetValue makes cell c the value of row r.
func (b *Batch) SetValue(r int, c uint32) { b.rows[r].value = c }

// SetTime sets the record's timestamp in milliseconds since 1970; 0 leaves it to the broker's client.
func (b *Batch) SetTime(r int, ms int64) { b.rows[r].time = ms }

// AddHeader adds a header to the row added last, before the layout's own.
func (b *Batch) AddHeader(key string, value []byte) {
	r := &b.rows[len(b.rows)-1]
	if r.nheaders == 0 {
		r.headers = uint32(len(b.headers))
	}
	start := len(b.data)
	b.data = append(b.data, value...)
	b.headers = append(b.headers, Header{Key: key, Value: b.data[start:len(b.data):len(b.data)]})
	r.nheaders++
}

// Cells reserves n null cells side by side and returns the index of the first.
func (b *Batch) Cells(n int) uint32 {
	start := len(b.cells)
	if cap(b.cells)-start >= n {
		b.cells = b.cells[:start+n]
		clear(b.cells[start:])
	} else {
		b.cells = append(b.cells, make([]Cell, n)...)
	}
	return uint32(start)
}

// Truncate drops every row, cell, header and byte added since m.
func (b *Batch) Truncate(m Mark) {
	b.rows, b.cells, b.data, b.headers = b.rows[:m.rows], b.cells[:m.cells], b.data[:m.data], b.headers[:m.headers]
}

// Mark is a point to Truncate back to.
type Mark struct{ rows, cells, data, headers int }

// Mark returns the present end of the batch.
func (b *Batch) Mark() Mark { return Mark{len(b.rows), len(b.cells), len(b.data), len(b.headers)} }

// SetInt sets cell c to an integer or boolean.
func (b *Batch) SetInt(c uint32, v int64) { b.cells[c] = Cell{Bits: uint64(v), State: Set} }

// SetBool sets cell c to a boolean.
func (b *Batch) SetBool(c uint32, v bool) {
	var n uint64
	if v {
		n = 1
	}
	b.cells[c] = Cell{Bits: n, State: Set}
}

// SetFloat sets cell c to a float of either width.
func (b *Batch) SetFloat(c uint32, v float64) {
	b.cells[c] = Cell{Bits: math.Float64bits(v), State: Set}
}

// SetBytes copies v into the batch and sets cell c, a String or Bytes, to it.
func (b *Batch) SetBytes(c uint32, v []byte) {
	b.cells[c] = Cell{Bits: uint64(len(b.data)), N: uint32(len(v)), State: Set}
	b.data = append(b.data, v...)
}

// SetString is SetBytes for a string.
func (b *Batch) SetString(c uint32, v string) {
	b.cells[c] = Cell{Bits: uint64(len(b.data)), N: uint32(len(v)), State: Set}
	b.data = append(b.data, v...)
}

// Buf returns the batch's data to append a value to; give the result to SetAppended before anything else is added.
func (b *Batch) Buf() []byte { return b.data }

// SetAppended takes back buf, which is Buf with a value appended, and sets cell c to the appended part.
func (b *Batch) SetAppended(c uint32, buf []byte) {
	start := len(b.data)
	b.data = buf
	b.cells[c] = Cell{Bits: uint64(start), N: uint32(len(buf) - start), State: Set}
}

// SetRun sets cell c, an Array, Map or Struct, to n elements, entries or fields whose cells begin at first.
func (b *Batch) SetRun(c, first uint32, n int) {
	b.cells[c] = Cell{Bits: uint64(first), N: uint32(n), State: Set}
}

// SetNull sets cell c to null.
func (b *Batch) SetNull(c uint32) { b.cells[c] = Cell{} }

// SetUnchanged marks cell c, already set to its placeholder, as Unchanged.
func (b *Batch) SetUnchanged(c uint32) { b.cells[c].State = Unchanged }

// CopyCell makes cell dst show the same value as cell src of this batch, sharing its data.
func (b *Batch) CopyCell(dst, src uint32) { b.cells[dst] = b.cells[src] }

// Cell returns cell c.
func (b *Batch) Cell(c uint32) Cell { return b.cells[c] }

// Run returns n cells from first on. The slice is valid until cells are added.
func (b *Batch) Run(first uint32, n int) []Cell { return b.cells[first : int(first)+n] }

// Text returns the bytes of a String or Bytes cell.
func (b *Batch) Text(c Cell) []byte { return b.data[c.Bits : c.Bits+uint64(c.N) : c.Bits+uint64(c.N)] }

// At returns row i.
func (b *Batch) At(i int) Row { return Row{b: b, i: i} }

// Row is one change, or one record, of a Batch.
type Row struct {
	b *Batch
	i int
}

// Batch returns the batch that the row belongs to, for encoders that read cells.
func (r Row) Batch() *Batch { return r.b }

// Layout returns what the row shares with its table's other rows.
func (r Row) Layout() *Layout { return r.b.layouts[r.b.rows[r.i].layout] }

// Op returns what happened to the row.
func (r Row) Op() Op { return r.b.rows[r.i].op }

// ID returns the row's name within its source partition.
func (r Row) ID() ID { return r.b.rows[r.i].id }

// Time returns the record's timestamp in milliseconds since 1970, 0 for none.
func (r Row) Time() int64 { return r.b.rows[r.i].time }

// Headers returns the row's own headers; those of its Layout come after them.
func (r Row) Headers() []Header {
	h := &r.b.rows[r.i]
	return r.b.headers[h.headers : h.headers+uint32(h.nheaders)]
}

// Key returns the row's key; ok is false when it has none.
func (r Row) Key() (v Value, ok bool) {
	h := &r.b.rows[r.i]
	if h.key == none {
		return Value{}, false
	}
	return Value{b: r.b, s: r.Layout().Key, c: h.key}, true
}

// Value returns the row's value; ok is false when it has none, as a tombstone.
func (r Row) Value() (v Value, ok bool) {
	h := &r.b.rows[r.i]
	if h.value == none {
		return Value{}, false
	}
	return Value{b: r.b, s: r.Layout().Value, c: h.value}, true
}

// Value is one cell with its schema: the general, slower way to read a row. Encoders compile plans over cells instead.
type Value struct {
	b   *Batch
	s   *Schema
	c   uint32
	lit *Literal
}

// Schema returns the value's schema.
func (v Value) Schema() *Schema { return v.s }

// Cell returns the cell's index; constants have none and return ok false.
func (v Value) Cell() (c uint32, ok bool) { return v.c, v.lit == nil }

// State returns the value's state. Constants are Set, or Null for a null constant.
func (v Value) State() State {
	if v.lit != nil {
		if v.lit.V == nil {
			return Null
		}
		return Set
	}
	return v.b.cells[v.c].State
}

// Int returns an integer.
func (v Value) Int() int64 {
	if v.lit != nil {
		n, _ := v.lit.V.(int64)
		return n
	}
	return int64(v.b.cells[v.c].Bits)
}

// Bool returns a boolean.
func (v Value) Bool() bool {
	if v.lit != nil {
		t, _ := v.lit.V.(bool)
		return t
	}
	return v.b.cells[v.c].Bits != 0
}

// Float returns a float of either width.
func (v Value) Float() float64 {
	if v.lit != nil {
		f, _ := v.lit.V.(float64)
		return f
	}
	return math.Float64frombits(v.b.cells[v.c].Bits)
}

// Bytes returns the bytes of a String or Bytes value, valid until the batch is Reset.
func (v Value) Bytes() []byte {
	if v.lit != nil {
		switch t := v.lit.V.(type) {
		case string:
			return []byte(t)
		case []byte:
			return t
		}
		return nil
	}
	return v.b.Text(v.b.cells[v.c])
}

// Len returns the number of elements, entries or fields.
func (v Value) Len() int {
	if v.lit != nil {
		l, _ := v.lit.V.([]Literal)
		return len(l)
	}
	return int(v.b.cells[v.c].N)
}

// Index returns element i of an array or field i of a struct.
func (v Value) Index(i int) Value {
	s := v.s.Elem
	var lit *Literal
	if v.s.Kind == Struct {
		s, lit = v.s.Fields[i].Schema, v.s.Fields[i].Const
	}
	if v.lit != nil {
		lit = &v.lit.V.([]Literal)[i]
	}
	if lit != nil {
		return Value{b: v.b, s: s, lit: lit}
	}
	return Value{b: v.b, s: s, c: uint32(v.b.cells[v.c].Bits) + uint32(i)}
}

// Entry returns key and value of map entry i.
func (v Value) Entry(i int) (key, val Value) {
	c := uint32(v.b.cells[v.c].Bits) + 2*uint32(i)
	return Value{b: v.b, s: v.s.Key, c: c}, Value{b: v.b, s: v.s.Elem, c: c + 1}
}

// Append appends the ID's 16 bytes, big-endian.
func (id ID) Append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, id.Hi)
	return binary.BigEndian.AppendUint64(dst, id.Lo)
}

// IsZero reports whether the source gave no ID.
func (id ID) IsZero() bool { return id == ID{} }

// Less orders IDs as the source made them.
func (id ID) Less(o ID) bool { return id.Hi < o.Hi || id.Hi == o.Hi && id.Lo < o.Lo }

// Float returns the value of a float's cell.
func (c Cell) Float() float64 { return math.Float64frombits(c.Bits) }

// Equal reports whether cells x and y, both of schema s, hold the same value. States Set and Unchanged are told apart.
func (b *Batch) Equal(s *Schema, x, y uint32) bool {
	u, v := b.cells[x], b.cells[y]
	if u.State != v.State {
		return false
	}
	if u.State == Null {
		return true
	}
	run := func(n uint32, schema func(i uint32) *Schema) bool {
		for i := range n {
			if !b.Equal(schema(i), uint32(u.Bits)+i, uint32(v.Bits)+i) {
				return false
			}
		}
		return true
	}
	switch s.Kind {
	case String, Bytes:
		return string(b.Text(u)) == string(b.Text(v))
	case Array:
		return u.N == v.N && run(u.N, func(uint32) *Schema { return s.Elem })
	case Map:
		return u.N == v.N && run(2*u.N, func(i uint32) *Schema {
			if i%2 == 0 {
				return s.Key
			}
			return s.Elem
		})
	case Struct:
		return run(u.N, func(i uint32) *Schema { return s.Fields[i].Schema })
	default:
		return u.Bits == v.Bits
	}
}
