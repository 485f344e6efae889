package pgvalue

import (
	"cmp"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/millrace/millrace/connect/record"
)

// pair is one entry of an hstore; an escaped part still holds its backslashes.
type pair struct {
	key, val               []byte
	keyEscaped, valEscaped bool
	null                   bool
}

// nextPair reads "key"=>"value" or "key"=>NULL off s.
func nextPair(s []byte) (p pair, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '"' {
		return p, nil, false
	}
	end, esc := quoted(s, 0)
	if end == 0 || len(s) < end+2 || s[end] != '=' || s[end+1] != '>' {
		return p, nil, false
	}
	p.key, p.keyEscaped = s[1:end-1], esc
	s = s[end+2:]
	switch {
	case len(s) >= 4 && string(s[:4]) == "NULL":
		p.null, s = true, s[4:]
	case len(s) > 0 && s[0] == '"':
		end, esc := quoted(s, 0)
		if end == 0 {
			return p, nil, false
		}
		p.val, p.valEscaped, s = s[1:end-1], esc, s[end:]
	default:
		return p, nil, false
	}
	for len(s) > 0 && (s[0] == ',' || s[0] == ' ') {
		s = s[1:]
	}
	return p, s, true
}

func (c *Codec) hstoreText(b *record.Batch, cell uint32, src []byte) error {
	n := 0
	for s := src; len(s) > 0; n++ {
		_, rest, ok := nextPair(s)
		if !ok {
			return c.fail("not an hstore")
		}
		s = rest
	}
	if c.isMap {
		entries := b.Cells(2 * n)
		b.SetRun(cell, entries, n)
		for s := src; len(s) > 0; entries += 2 {
			p, rest, _ := nextPair(s)
			b.SetAppended(entries, unescape(b.Buf(), p.key, p.keyEscaped))
			if !p.null {
				b.SetAppended(entries+1, unescape(b.Buf(), p.val, p.valEscaped))
			}
			s = rest
		}
		return nil
	}
	pairs := make([]pair, 0, 16)
	for s := src; len(s) > 0; {
		p, rest, _ := nextPair(s)
		pairs = append(pairs, p)
		s = rest
	}
	b.SetAppended(cell, appendPairs(b.Buf(), pairs))
	return nil
}

// appendPairs writes an hstore as a JSON object, in the order in which Java's HashMap gives the keys, which is Debezium's.
// https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/HashMap.html
func appendPairs(buf []byte, pairs []pair) []byte {
	buckets := uint32(16)
	for float64(len(pairs)) > 0.75*float64(buckets) {
		buckets *= 2
	}
	bucket := func(p pair) uint32 {
		key := p.key
		if p.keyEscaped {
			key = unescape(nil, key, true)
		}
		h := javaHash(key)
		return (h ^ h>>16) & (buckets - 1)
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(bucket(a), bucket(b)) })
	buf = append(buf, '{')
	for i, p := range pairs {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(appendJSON(buf, p.key, p.keyEscaped), ':')
		if p.null {
			buf = append(buf, "null"...)
		} else {
			buf = appendJSON(buf, p.val, p.valEscaped)
		}
	}
	return append(buf, '}')
}

// javaHash is String.hashCode of UTF-8 text.
func javaHash(s []byte) (h uint32) {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		s = s[n:]
		if r1, r2 := utf16.EncodeRune(r); r1 != utf8.RuneError {
			h = (h*31+uint32(r1))*31 + uint32(r2)
		} else {
			h = h*31 + uint32(r)
		}
	}
	return h
}

// hstoreBinary reads a count and, for each entry, a length and the key, a length (-1: null) and the value.
func (c *Codec) hstoreBinary(b *record.Batch, cell uint32, src []byte) error {
	field := func() ([]byte, bool, bool) {
		if len(src) < 4 {
			return nil, false, false
		}
		n := int(int32(binary.BigEndian.Uint32(src)))
		if src = src[4:]; n < 0 {
			return nil, true, true
		}
		if n > len(src) {
			return nil, false, false
		}
		v := src[:n:n]
		src = src[n:]
		return v, false, true
	}
	if len(src) < 4 {
		return c.fail("too short")
	}
	n := int(binary.BigEndian.Uint32(src))
	src = src[4:]
	if n > len(src)/8 {
		return c.fail("more entries than fit")
	}
	var entries uint32
	var pairs []pair
	if c.isMap {
		entries = b.Cells(2 * n)
		b.SetRun(cell, entries, n)
	} else {
		pairs = make([]pair, 0, 16)
	}
	for i := range n {
		key, null, ok := field()
		if !ok || null {
			return c.fail("an entry without key")
		}
		val, null, ok := field()
		if !ok {
			return c.fail("an entry without value")
		}
		if c.isMap {
			b.SetBytes(entries+2*uint32(i), key)
			if !null {
				b.SetBytes(entries+2*uint32(i)+1, val)
			}
			continue
		}
		pairs = append(pairs, pair{key: key, val: val, null: null})
	}
	if !c.isMap {
		b.SetAppended(cell, appendPairs(b.Buf(), pairs))
	}
	return nil
}

func unescape(dst, s []byte, escaped bool) []byte {
	if !escaped {
		return append(dst, s...)
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		dst = append(dst, s[i])
	}
	return dst
}

// appendJSON writes s as a JSON string, taking backslash escapes off first where there are any.
func appendJSON(dst, s []byte, escaped bool) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		x := s[i]
		if escaped && x == '\\' && i+1 < len(s) {
			i++
			x = s[i]
		}
		switch {
		case x == '"' || x == '\\':
			dst = append(dst, '\\', x)
		case x >= ' ' || x >= utf8.RuneSelf:
			dst = append(dst, x)
		case x == '\n':
			dst = append(dst, '\\', 'n')
		case x == '\r':
			dst = append(dst, '\\', 'r')
		case x == '\t':
			dst = append(dst, '\\', 't')
		case x == '\b':
			dst = append(dst, '\\', 'b')
		case x == '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[x>>4], hexDigits[x&15])
		}
	}
	return append(dst, '"')
}
