package pgvalue

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/millrace/millrace/connect/record"
)

func pointSchema() *record.Schema {
	return &record.Schema{Kind: record.Struct, Optional: true, Name: "io.debezium.data.geometry.Point", Version: 1, Doc: "Geometry (POINT)", Fields: []record.Field{
		{Name: "x", Schema: &record.Schema{Kind: record.Float64}},
		{Name: "y", Schema: &record.Schema{Kind: record.Float64}},
		{Name: "wkb", Schema: &record.Schema{Kind: record.Bytes, Optional: true}},
		{Name: "srid", Schema: &record.Schema{Kind: record.Int32, Optional: true}},
	}}
}

func geometrySchema(typ string) *record.Schema {
	name, doc := "io.debezium.data.geometry.Geometry", "Geometry"
	if typ == "geography" {
		name, doc = "io.debezium.data.geometry.Geography", "Geography"
	}
	return &record.Schema{Kind: record.Struct, Optional: true, Name: name, Version: 1, Doc: doc, Fields: []record.Field{
		{Name: "wkb", Schema: &record.Schema{Kind: record.Bytes}},
		{Name: "srid", Schema: &record.Schema{Kind: record.Int32, Optional: true}},
	}}
}

func vectorSchema(name string, k record.Kind) *record.Schema {
	return &record.Schema{Kind: record.Array, Optional: true, Name: name, Version: 1, Elem: &record.Schema{Kind: k}}
}

// setPoint writes a point with its well-known binary form: little-endian, type 1, x, y.
func setPoint(b *record.Batch, cell uint32, x, y float64) {
	f := b.Cells(4)
	b.SetRun(cell, f, 4)
	b.SetFloat(f, x)
	b.SetFloat(f+1, y)
	wkb := append(b.Buf(), 1, 1, 0, 0, 0)
	wkb = binary.LittleEndian.AppendUint64(wkb, math.Float64bits(x))
	b.SetAppended(f+2, binary.LittleEndian.AppendUint64(wkb, math.Float64bits(y)))
}

// geometryText reads PostGIS's output: extended well-known binary in hexadecimal, with a flag for the reference system.
func (c *Codec) geometryText(b *record.Batch, cell uint32, src []byte) error {
	f := b.Cells(2)
	b.SetRun(cell, f, 2)
	start := len(b.Buf())
	buf, err := hex.AppendDecode(b.Buf(), src)
	if err != nil || len(buf)-start < 5 {
		return c.fail("not well-known binary in hexadecimal")
	}
	b.SetAppended(f, buf)
	wkb := buf[start:]
	var order binary.ByteOrder = binary.LittleEndian
	if wkb[0] == 0 {
		order = binary.BigEndian
	}
	const hasSRID = 0x20000000
	if order.Uint32(wkb[1:])&hasSRID != 0 && len(wkb) >= 9 {
		b.SetInt(f+1, int64(int32(order.Uint32(wkb[5:]))))
	}
	return nil
}

// vectorText reads pgvector's output: [1,2.5].
func (c *Codec) vectorText(b *record.Batch, cell uint32, src []byte) error {
	src = bytes.TrimSuffix(bytes.TrimPrefix(src, []byte{'['}), []byte{']'})
	n := 0
	if len(src) > 0 {
		n = bytes.Count(src, []byte{','}) + 1
	}
	first := b.Cells(n)
	b.SetRun(cell, first, n)
	for i := range n {
		word, rest, _ := bytes.Cut(src, []byte{','})
		f, err := strconv.ParseFloat(str(word), 64)
		if err != nil {
			return c.fail("not a vector")
		}
		b.SetFloat(first+uint32(i), f)
		src = rest
	}
	return nil
}
