package pgvalue

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
	"unsafe"

	"github.com/millrace/millrace/connect/record"
)

// str views bytes as a string for the strconv functions, which do not keep it.
func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Text decodes the server's text output into a cell. An error is always an *Error.
func (c *Codec) Text(b *record.Batch, cell uint32, src []byte) error {
	switch c.op {
	case opText, opVersioned, opInet, opMac, opUUID, opChar:
		b.SetBytes(cell, src)
	case opTextOnly:
		if c.Schema.Kind == record.Bytes || c.binary != "bytes" && c.Schema.Name == "" && c.isUnknown() {
			c.setBinary(b, cell, src)
		} else {
			b.SetBytes(cell, src)
		}
	case opBool:
		if len(src) != 1 {
			return c.fail("not t or f")
		}
		b.SetBool(cell, src[0] == 't')
	case opInt:
		n, ok := parseInt(src)
		if !ok {
			return c.fail("not an integer")
		}
		b.SetInt(cell, n)
	case opOID:
		n, err := strconv.ParseUint(str(src), 10, 32)
		if err != nil {
			return c.fail("not an OID")
		}
		b.SetInt(cell, int64(n))
	case opFloat:
		f, err := strconv.ParseFloat(str(src), c.bits)
		if err != nil && !math.IsInf(f, 0) || len(src) == 0 {
			return c.fail("not a number")
		}
		b.SetFloat(cell, f)
	case opNumeric, opNumericVariable, opNumericDouble, opNumericString:
		return c.numericText(b, cell, src)
	case opMoney, opMoneyDouble, opMoneyString:
		cents, ok := parseMoney(src)
		if !ok {
			return c.fail("not an amount")
		}
		c.setMoney(b, cell, cents)
	case opBytea:
		return c.byteaText(b, cell, src)
	case opDate, opTime, opTimeTZ, opTimestamp, opTimestampTZ:
		return c.momentText(b, cell, src)
	case opInterval:
		return c.intervalText(b, cell, src)
	case opBit1:
		if len(src) != 1 {
			return c.fail("not one bit")
		}
		b.SetBool(cell, src[0] == '1')
	case opBits:
		buf := b.Buf()
		start := len(buf)
		for end := len(src); end > 0; end -= 8 {
			var x byte
			for _, d := range src[max(0, end-8):end] {
				x = x<<1 | d&1
			}
			buf = append(buf, x)
		}
		b.SetAppended(cell, trimHigh(buf, start))
	case opHStore:
		return c.hstoreText(b, cell, src)
	case opPoint:
		x, rest, ok := bytes.Cut(bytes.Trim(src, "()"), []byte{','})
		fx, err1 := strconv.ParseFloat(str(x), 64)
		fy, err2 := strconv.ParseFloat(str(rest), 64)
		if !ok || err1 != nil && !math.IsInf(fx, 0) || err2 != nil && !math.IsInf(fy, 0) {
			return c.fail("not a point")
		}
		setPoint(b, cell, fx, fy)
	case opGeometry:
		return c.geometryText(b, cell, src)
	case opVector:
		return c.vectorText(b, cell, src)
	case opArray:
		return c.arrayText(b, cell, src)
	}
	return nil
}

// isUnknown tells unknown types, whose text goes through the binary mode, from ranges and tsvectors.
func (c *Codec) isUnknown() bool {
	switch c.typ {
	case "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "tsvector":
		return false
	}
	return true
}

// parseInt reads a decimal integer of up to 64 bits.
func parseInt(s []byte) (int64, bool) {
	if len(s) == 0 || len(s) > 20 {
		return 0, false
	}
	neg := s[0] == '-'
	if neg {
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	var n uint64
	for _, d := range s {
		if d -= '0'; d > 9 {
			return 0, false
		}
		if n > (math.MaxUint64-9)/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if neg {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}

// byteaText reads the hex format, which servers use unless told otherwise.
func (c *Codec) byteaText(b *record.Batch, cell uint32, src []byte) error {
	if len(src) < 2 || src[0] != '\\' || src[1] != 'x' {
		return c.fail("not in hex format: set bytea_output=hex")
	}
	src = src[2:]
	if c.binary == "hex" {
		b.SetBytes(cell, src)
		return nil
	}
	if c.binary == "bytes" {
		buf, err := hex.AppendDecode(b.Buf(), src)
		if err != nil {
			return c.fail("not hexadecimal")
		}
		b.SetAppended(cell, buf)
		return nil
	}
	raw, err := hex.AppendDecode(nil, src)
	if err != nil {
		return c.fail("not hexadecimal")
	}
	c.setBinary(b, cell, raw)
	return nil
}

// trimHigh drops the zero bytes at the end of buf, but none before start.
func trimHigh(buf []byte, start int) []byte {
	for len(buf) > start && buf[len(buf)-1] == 0 {
		buf = buf[:len(buf)-1]
	}
	return buf
}
