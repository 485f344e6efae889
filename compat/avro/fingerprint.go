package avro

import (
	"crypto/md5" // a fingerprint that Avro defines, no protection
	"crypto/sha256"
	"strconv"
)

// ParsingForm returns the Parsing Canonical Form: what two schemas must have in common to read data alike, without docs,
// aliases, defaults, orders and properties. The types of referenced documents are in place.
// https://avro.apache.org/docs/1.12.0/specification/#parsing-canonical-form-for-schemas
func (s *Schema) ParsingForm() string {
	return string(appendParsingForm(nil, s.root, map[Name]bool{}))
}

// MD5 returns the MD5 fingerprint of the parsing form.
func (s *Schema) MD5() [md5.Size]byte { return md5.Sum([]byte(s.ParsingForm())) }

// SHA256 returns the SHA-256 fingerprint of the parsing form.
func (s *Schema) SHA256() [sha256.Size]byte { return sha256.Sum256([]byte(s.ParsingForm())) }

// CRC64 returns the Rabin fingerprint of the parsing form, CRC-64-AVRO, which the single-object encoding has in little-endian
// order. https://avro.apache.org/docs/1.12.0/specification/#schema-fingerprints
func (s *Schema) CRC64() uint64 {
	fp := uint64(emptyCRC)
	for _, b := range []byte(s.ParsingForm()) {
		fp = fp>>8 ^ crcTable[byte(fp)^b]
	}
	return fp
}

const emptyCRC = 0xc15d213aa4d7a795

var crcTable = func() (table [256]uint64) {
	for i := range table {
		fp := uint64(i)
		for range 8 {
			fp = fp>>1 ^ emptyCRC&-(fp&1)
		}
		table[i] = fp
	}
	return table
}()

// appendParsingForm appends t. Names and symbols are written as they are: in a schema that was parsed strictly none needs an escape.
func appendParsingForm(dst []byte, t *Type, known map[Name]bool) []byte {
	quoted := func(s string) { dst = append(append(append(dst, '"'), s...), '"') }
	switch t.Kind {
	case Union:
		dst = append(dst, '[')
		for i, b := range t.Branches {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendParsingForm(dst, b, known)
		}
		return append(dst, ']')
	case Array:
		dst = append(dst, `{"type":"array","items":`...)
		return append(appendParsingForm(dst, t.Elem, known), '}')
	case Map:
		dst = append(dst, `{"type":"map","values":`...)
		return append(appendParsingForm(dst, t.Elem, known), '}')
	case Record, Enum, Fixed:
	default:
		quoted(t.Kind.String())
		return dst
	}
	if known[t.Name] {
		quoted(t.Name.Full())
		return dst
	}
	known[t.Name] = true
	dst = append(dst, `{"name":`...)
	quoted(t.Name.Full())
	dst = append(dst, `,"type":`...)
	quoted(t.Kind.String())
	switch t.Kind {
	case Enum:
		dst = append(dst, `,"symbols":[`...)
		for i, s := range t.Symbols {
			if i > 0 {
				dst = append(dst, ',')
			}
			quoted(s)
		}
		dst = append(dst, ']')
	case Fixed:
		dst = strconv.AppendInt(append(dst, `,"size":`...), int64(t.Size), 10)
	default:
		dst = append(dst, `,"fields":[`...)
		for i, f := range t.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"name":`...)
			quoted(f.Name)
			dst = append(appendParsingForm(append(dst, `,"type":`...), f.Type, known), '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
