package avro

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// Append appends the message of cell c. The error is a *convert.ValueError.
func (e *encoder) Append(dst []byte, b *record.Batch, c uint32) ([]byte, error) {
	dst, err := e.root.append(append(dst, e.root.lit...), b, b.Cell(c))
	return append(dst, e.tail...), err
}

// append writes one value, without the literal bytes before it.
func (n *node) append(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	if c.State == record.Null {
		if n.null == nil {
			return dst, &convert.ValueError{Path: n.path, Msg: noNull}
		}
		return append(dst, n.null...), nil
	}
	if n.union {
		dst = append(dst, n.branch)
	}
	switch n.op {
	case opInt:
		return appendInt(dst, int64(c.Bits)), nil
	case opBool:
		return append(dst, byte(c.Bits)), nil
	case opFloat:
		return appendFloat(dst, c.Float()), nil
	case opDouble:
		return appendDouble(dst, c.Float()), nil
	case opString:
		return appendText(dst, b.Text(c)), nil
	case opBytes:
		return appendBytes(dst, b.Text(c)), nil
	case opRaw:
		return append(dst, b.Text(c)...), nil
	case opArray, opMap:
		return n.run(dst, b, c)
	default:
		return n.structure(dst, b, c)
	}
}

func (n *node) structure(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	cells := b.Run(uint32(c.Bits), int(c.N))
	for i := range n.steps {
		s := &n.steps[i]
		v := cells[s.field]
		if len(s.lit) > 0 {
			dst = append(dst, s.lit...)
		}
		if v.State == record.Null && s.null != nil {
			dst = append(dst, s.null...)
			continue
		}
		if v.State == record.Null || s.op > opString {
			var err error
			if dst, err = s.append(dst, b, v); err != nil {
				return dst, err
			}
			continue
		}
		if s.union {
			dst = append(dst, s.branch)
		}
		switch s.op {
		case opInt:
			dst = appendInt(dst, int64(v.Bits))
		case opString:
			dst = appendText(dst, b.Text(v))
		case opBool:
			dst = append(dst, byte(v.Bits))
		case opFloat:
			dst = appendFloat(dst, v.Float())
		case opDouble:
			dst = appendDouble(dst, v.Float())
		}
	}
	return append(dst, n.tail...), nil
}

// run writes the elements of an array, or the keys and values of a map by turns, as one block and its end.
func (n *node) run(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	if c.N == 0 {
		return append(dst, 0), nil
	}
	dst = appendInt(dst, int64(c.N))
	count := int(c.N)
	if n.key != nil {
		count *= 2
	}
	for i, v := range b.Run(uint32(c.Bits), count) {
		e := n.elem
		if n.key != nil && i%2 == 0 {
			e = n.key
		}
		var err error
		if dst, err = e.append(append(dst, e.lit...), b, v); err != nil {
			return dst, err
		}
	}
	return append(dst, 0), nil
}

// appendInt writes Avro's int and long: zigzag, seven bits a byte, least first.
func appendInt(dst []byte, v int64) []byte {
	u := uint64(v)<<1 ^ uint64(v>>63)
	if u < 0x80 {
		return append(dst, byte(u))
	}
	var buf [binary.MaxVarintLen64]byte
	n := 0
	for ; u >= 0x80; n++ {
		buf[n] = byte(u) | 0x80
		u >>= 7
	}
	buf[n] = byte(u)
	return append(dst, buf[:n+1]...)
}

func appendFloat(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(f)))
}

func appendDouble(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

func appendBytes(dst, b []byte) []byte {
	return append(appendInt(dst, int64(len(b))), b...)
}

// appendText writes a string. What is not UTF-8 is replaced, since readers may refuse it.
func appendText(dst, s []byte) []byte {
	if !utf8.Valid(s) {
		s = bytes.ToValidUTF8(s, []byte("\uFFFD"))
	}
	return appendBytes(dst, s)
}
