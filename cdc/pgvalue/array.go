package pgvalue

import (
	"bytes"
	"encoding/binary"

	"github.com/millrace/millrace/connect/record"
)

// Arrays of several dimensions become one run of their elements, row by row: Connect's array schema has no room for more.

// arrayText reads {1,NULL,"a b",{…}} and the form with bounds, [0:1]={1,2}.
func (c *Codec) arrayText(b *record.Batch, cell uint32, src []byte) error {
	if len(src) > 0 && src[0] == '[' {
		if i := bytes.IndexByte(src, '='); i >= 0 {
			src = src[i+1:]
		}
	}
	if len(src) < 2 || src[0] != '{' || src[len(src)-1] != '}' {
		return c.fail("not an array")
	}
	n, ok := c.countElements(src)
	if !ok {
		return c.fail("braces or quotes that do not match")
	}
	first := b.Cells(n)
	b.SetRun(cell, first, n)
	for i, next := 0, first; i < len(src); {
		switch src[i] {
		case '{', '}', c.delim:
			i++
		case '"':
			end, escaped := quoted(src, i)
			if err := c.element(b, next, src[i+1:end-1], escaped); err != nil {
				return err
			}
			i, next = end, next+1
		default:
			end := i
			for end < len(src) && src[end] != c.delim && src[end] != '}' {
				end++
			}
			if !bytes.EqualFold(src[i:end], []byte("NULL")) {
				if err := c.element(b, next, src[i:end], false); err != nil {
					return err
				}
			}
			i, next = end, next+1
		}
	}
	return nil
}

// element decodes one element; an escaped one is unescaped in the batch's data first.
func (c *Codec) element(b *record.Batch, cell uint32, src []byte, escaped bool) error {
	if escaped {
		buf := b.Buf()
		start := len(buf)
		for i := 0; i < len(src); i++ {
			if src[i] == '\\' && i+1 < len(src) {
				i++
			}
			buf = append(buf, src[i])
		}
		b.SetAppended(cell, buf)
		src = buf[start:len(buf):len(buf)]
	}
	return c.elem.Text(b, cell, src)
}

// quoted returns the index behind the closing quote of the one at i, and whether there are escapes between. The end is 0
// when there is none.
func quoted(s []byte, i int) (end int, escaped bool) {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			return i + 1, escaped
		}
	}
	return 0, escaped
}

func (c *Codec) countElements(s []byte) (n int, ok bool) {
	depth := 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '{':
			depth++
			i++
		case '}':
			if depth--; depth < 0 {
				return 0, false
			}
			i++
		case c.delim:
			i++
		case '"':
			end, _ := quoted(s, i)
			if end == 0 {
				return 0, false
			}
			i, n = end, n+1
		default:
			for i < len(s) && s[i] != c.delim && s[i] != '}' {
				i++
			}
			n++
		}
		if depth == 0 && i < len(s) {
			return 0, false
		}
	}
	return n, depth == 0
}

// arrayBinary reads dimensions, a null flag, the element type, a count and lower bound a dimension, and the elements
// (arrayfuncs.c, array_send).
func (c *Codec) arrayBinary(b *record.Batch, cell uint32, src []byte) error {
	if len(src) < 12 {
		return c.fail("too short")
	}
	dims := binary.BigEndian.Uint32(src)
	src = src[12:]
	if dims > 6 || len(src) < int(dims)*8 {
		return c.fail("more dimensions than there are")
	}
	n := 0
	if dims > 0 {
		n = 1
	}
	for range dims {
		d := binary.BigEndian.Uint32(src)
		src = src[8:]
		if d > 1<<27 || n*int(d) > 1<<27 {
			return c.fail("more elements than fit")
		}
		n *= int(d)
	}
	if n > len(src)/4 {
		return c.fail("more elements than fit")
	}
	first := b.Cells(n)
	b.SetRun(cell, first, n)
	for i := range n {
		if len(src) < 4 {
			return c.fail("too short")
		}
		size := int(int32(binary.BigEndian.Uint32(src)))
		if src = src[4:]; size < 0 {
			continue
		}
		if size > len(src) {
			return c.fail("an element longer than the array")
		}
		if err := c.elem.Binary(b, first+uint32(i), src[:size:size]); err != nil {
			return err
		}
		src = src[size:]
	}
	if len(src) > 0 {
		return c.fail("bytes left over")
	}
	return nil
}
