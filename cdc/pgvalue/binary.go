package pgvalue

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"

	"github.com/millrace/millrace/connect/record"
)

// Binary decodes the server's binary output into a cell. Call it only where HasBinary. An error is always an *Error.
func (c *Codec) Binary(b *record.Batch, cell uint32, src []byte) error {
	short := func(n int) bool { return len(src) != n }
	switch c.op {
	case opText:
		b.SetBytes(cell, src)
	case opVersioned:
		if len(src) == 0 || src[0] != 1 {
			return c.fail("an unknown version of the binary form")
		}
		b.SetBytes(cell, src[1:])
	case opChar:
		if len(src) == 1 && src[0] == 0 {
			src = nil
		}
		b.SetBytes(cell, src)
	case opBool, opBit1:
		if c.op == opBit1 {
			if len(src) != 5 {
				return c.fail("not one bit")
			}
			src = src[4:]
		} else if short(1) {
			return c.fail("not one byte")
		}
		b.SetBool(cell, src[0] != 0)
	case opInt:
		switch len(src) * 8 {
		default:
			return c.fail("an integer of another length")
		case c.bits:
		}
		switch c.bits {
		case 16:
			b.SetInt(cell, int64(int16(binary.BigEndian.Uint16(src))))
		case 32:
			b.SetInt(cell, int64(int32(binary.BigEndian.Uint32(src))))
		default:
			b.SetInt(cell, int64(binary.BigEndian.Uint64(src)))
		}
	case opOID:
		if short(4) {
			return c.fail("not four bytes")
		}
		b.SetInt(cell, int64(binary.BigEndian.Uint32(src)))
	case opFloat:
		switch {
		case c.bits == 32 && len(src) == 4:
			b.SetFloat(cell, float64(math.Float32frombits(binary.BigEndian.Uint32(src))))
		case c.bits == 64 && len(src) == 8:
			b.SetFloat(cell, math.Float64frombits(binary.BigEndian.Uint64(src)))
		default:
			return c.fail("a float of another length")
		}
	case opNumeric, opNumericVariable, opNumericDouble, opNumericString:
		return c.numericBinary(b, cell, src)
	case opMoney, opMoneyDouble, opMoneyString:
		if short(8) {
			return c.fail("not eight bytes")
		}
		c.setMoney(b, cell, int64(binary.BigEndian.Uint64(src)))
	case opBytea:
		c.setBinary(b, cell, src)
	case opUUID:
		if short(16) {
			return c.fail("not sixteen bytes")
		}
		b.SetAppended(cell, appendUUID(b.Buf(), src))
	case opDate, opTime, opTimeTZ, opTimestamp, opTimestampTZ:
		return c.momentBinary(b, cell, src)
	case opInterval:
		if short(16) {
			return c.fail("not sixteen bytes")
		}
		c.setInterval(b, cell, interval{
			micros: int64(binary.BigEndian.Uint64(src)), days: int64(int32(binary.BigEndian.Uint32(src[8:]))), months: int64(int32(binary.BigEndian.Uint32(src[12:])))})
	case opBits:
		return c.bitsBinary(b, cell, src)
	case opHStore:
		return c.hstoreBinary(b, cell, src)
	case opInet:
		return c.inetBinary(b, cell, src)
	case opMac:
		if len(src) != 6 && len(src) != 8 {
			return c.fail("neither six nor eight bytes")
		}
		buf := b.Buf()
		for i, x := range src {
			if i > 0 {
				buf = append(buf, ':')
			}
			buf = append(buf, hexDigits[x>>4], hexDigits[x&15])
		}
		b.SetAppended(cell, buf)
	case opPoint:
		if short(16) {
			return c.fail("not sixteen bytes")
		}
		setPoint(b, cell, math.Float64frombits(binary.BigEndian.Uint64(src)), math.Float64frombits(binary.BigEndian.Uint64(src[8:])))
	case opArray:
		return c.arrayBinary(b, cell, src)
	default:
		return c.fail("its binary form is not read")
	}
	return nil
}

const hexDigits = "0123456789abcdef"

func appendUUID(dst, u []byte) []byte {
	for i, x := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[x>>4], hexDigits[x&15])
	}
	return dst
}

// setBinary writes raw bytes as the binary handling mode says.
func (c *Codec) setBinary(b *record.Batch, cell uint32, raw []byte) {
	switch c.binary {
	case "hex":
		b.SetAppended(cell, hex.AppendEncode(b.Buf(), raw))
	case "base64":
		b.SetAppended(cell, base64.StdEncoding.AppendEncode(b.Buf(), raw))
	case "base64-url-safe":
		b.SetAppended(cell, base64.URLEncoding.AppendEncode(b.Buf(), raw))
	default:
		b.SetBytes(cell, raw)
	}
}

// bitsBinary reads a count of bits and the bits, left-aligned (varbit.c, varbit_send).
func (c *Codec) bitsBinary(b *record.Batch, cell uint32, src []byte) error {
	if len(src) < 4 {
		return c.fail("too short")
	}
	n := int(int32(binary.BigEndian.Uint32(src)))
	src = src[4:]
	if n < 0 || len(src) != (n+7)/8 {
		return c.fail("bits of another length than said")
	}
	buf := b.Buf()
	start := len(buf)
	shift := uint(len(src)*8 - n)
	for i := len(src) - 1; i >= 0; i-- {
		x := src[i] >> shift
		if i > 0 {
			x |= src[i-1] << (8 - shift)
		}
		buf = append(buf, x)
	}
	b.SetAppended(cell, trimHigh(buf, start))
	return nil
}

// inetBinary reads family, mask length, cidr flag, length and address (network.c, network_send).
func (c *Codec) inetBinary(b *record.Batch, cell uint32, src []byte) error {
	if len(src) < 4 || len(src) != 4+int(src[3]) {
		return c.fail("not an address")
	}
	addr, ok := netip.AddrFromSlice(src[4:])
	if !ok {
		return c.fail("neither IPv4 nor IPv6")
	}
	buf := addr.AppendTo(b.Buf())
	if isCIDR := src[2] != 0; isCIDR || int(src[1]) != addr.BitLen() {
		buf = append(buf, '/')
		buf = appendInt(buf, int64(src[1]))
	}
	b.SetAppended(cell, buf)
	return nil
}
