package avro

import (
	"math"
	"slices"
	"strconv"

	"github.com/millrace/millrace/compat/schema"
)

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonInt
	jsonFloat
	jsonString
	jsonArray
	jsonObject
)

// Value is a JSON value of a schema document: a default or an unknown attribute. Objects keep the order of their members
// and integers every digit.
type Value struct {
	kind    jsonKind
	off     int     // byte offset in the document
	text    string  // a string's content, an integer's digits, true or false
	num     float64 // of a jsonFloat
	elems   []Value
	members []member
}

type member struct {
	name  string
	value Value
}

// get returns the member called name, or nil when v is no object or has none.
func (v *Value) get(name string) *Value {
	for i := range v.members {
		if v.members[i].name == name {
			return &v.members[i].value
		}
	}
	return nil
}

// lookup returns get for many calls.
func (v *Value) lookup() func(name string) *Value {
	if len(v.members) <= 16 {
		return v.get
	}
	named := make(map[string]*Value, len(v.members))
	for i := range v.members {
		named[v.members[i].name] = &v.members[i].value
	}
	return func(name string) *Value { return named[name] }
}

// Text returns the content of a string; false for every other value and for nil.
func (v *Value) Text() (string, bool) { return v.str() }

// str returns the content of a string, and false for every other value and for nil.
func (v *Value) str() (string, bool) {
	if v == nil || v.kind != jsonString {
		return "", false
	}
	return v.text, true
}

// int64 returns the value of an integer that fits.
func (v *Value) int64() (int64, bool) {
	if v.kind != jsonInt {
		return 0, false
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	return n, err == nil
}

func (v *Value) int32() (int32, bool) {
	n, ok := v.int64()
	return int32(n), ok && n >= math.MinInt32 && n <= math.MaxInt32
}

// isBig says whether v is an integer beyond 64 bits.
func (v *Value) isBig() bool {
	if v.kind != jsonInt {
		return false
	}
	_, ok := v.int64()
	return !ok
}

// hasBig says whether v or anything inside it is an integer beyond 64 bits.
func (v *Value) hasBig() bool {
	return v.isBig() || slices.ContainsFunc(v.elems, func(e Value) bool { return e.hasBig() }) ||
		slices.ContainsFunc(v.members, func(m member) bool { return m.value.hasBig() })
}

// equal compares as Jackson's nodes do: the order of members does not count, 1 and 1.0 differ, NaN equals NaN.
func (v *Value) equal(o *Value) bool {
	if v == nil || o == nil {
		return v == o
	}
	if v.kind != o.kind || v.text != o.text || math.Float64bits(v.num) != math.Float64bits(o.num) ||
		len(v.elems) != len(o.elems) || len(v.members) != len(o.members) {
		return false
	}
	for i := range v.elems {
		if !v.elems[i].equal(&o.elems[i]) {
			return false
		}
	}
	if len(v.members) == 0 {
		return true
	}
	other := o.lookup()
	for i := range v.members {
		if w := other(v.members[i].name); w == nil || !v.members[i].value.equal(w) {
			return false
		}
	}
	return true
}

// String returns v as compact JSON, numbers as Java prints them.
func (v *Value) String() string {
	return string(appendValue(nil, v))
}

func appendValue(dst []byte, v *Value) []byte {
	switch v.kind {
	case jsonNull:
		return append(dst, "null"...)
	case jsonBool, jsonInt:
		return append(dst, v.text...)
	case jsonFloat:
		return appendDouble(dst, v.num, 64)
	case jsonString:
		return schema.AppendString(dst, v.text)
	case jsonArray:
		dst = append(dst, '[')
		for i := range v.elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, &v.elems[i])
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i := range v.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(schema.AppendString(dst, v.members[i].name), ':')
		dst = appendValue(dst, &v.members[i].value)
	}
	return append(dst, '}')
}

// appendDouble writes f as Java does, quoted when JSON has no number for it.
func appendDouble(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(schema.AppendFloat(append(dst, '"'), f, bits), '"')
	}
	return schema.AppendFloat(dst, f, bits)
}
