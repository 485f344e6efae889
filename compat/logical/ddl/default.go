package ddl

import (
	"encoding/hex"
	"math"
	"strconv"
	"unicode/utf16"

	"github.com/millrace/millrace/compat/logical"
)

// value returns the default that a literal is for a field of a type.
func (b *builder) value(l *literal, t *logical.Type) (logical.Value, error) {
	if l.kind == nullLiteral {
		return nil, nil
	}
	switch t.Kind {
	case logical.Boolean:
		if l.kind == boolLiteral {
			return l.text[0]|0x20 == 't', nil
		}
	case logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt:
		if l.kind == intLiteral {
			return b.integer(l, t.Kind)
		}
	case logical.Float, logical.Double:
		if l.number() {
			return b.float(l, t.Kind)
		}
	case logical.Decimal:
		if l.number() {
			return b.decimal(l, l.text, t)
		} else if l.kind == stringLiteral {
			return b.decimal(l, l.value, t)
		}
	case logical.Char, logical.Varchar:
		if l.kind == stringLiteral {
			return b.chars(l, t)
		}
	case logical.Binary, logical.Varbinary:
		if l.kind == bytesLiteral {
			return b.bytes(l, t)
		}
	case logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		if l.kind == stringLiteral {
			return b.time(l, t)
		}
	default:
		return nil, b.fault(l.offset, "Default values are not supported for type: %s", t.Kind)
	}
	return nil, b.fault(l.offset, "Default literal %s is not compatible with type %s", l.text, t.Kind)
}

func (b *builder) integer(l *literal, k logical.Kind) (logical.Value, error) {
	n, err := strconv.ParseInt(l.text, 10, k.IntegerBits())
	if err != nil {
		return nil, b.fault(l.offset, "%s default value out of range: %s", k, l.text)
	}
	return logical.Number(strconv.FormatInt(n, 10)), nil
}

// float refuses what no float can be, which Confluent takes for an infinity, a value that no schema language can write.
func (b *builder) float(l *literal, k logical.Kind) (logical.Value, error) {
	f, err := strconv.ParseFloat(l.text, k.FloatBits())
	if err != nil || math.IsInf(f, 0) {
		return nil, b.fault(l.offset, "%s default value out of range: %s", k, l.text)
	}
	return logical.FloatNumber(f, k), nil
}

func (b *builder) decimal(l *literal, text string, t *logical.Type) (logical.Value, error) {
	d, ok := logical.ParseBigDecimal(text)
	if !ok {
		return nil, b.fault(l.offset, "Default literal %s is not compatible with type %s", l.text, t.Kind)
	}
	typ, most := "DECIMAL("+strconv.Itoa(t.Precision), t.Precision
	if t.Scale != logical.Unstated {
		typ, most = typ+", "+strconv.Itoa(t.Scale), most-t.Scale
		if d.Scale > t.Scale {
			return nil, b.fault(l.offset, "%s) default value '%s' has scale %d (more digits after the decimal point than declared scale)",
				typ, d.Plain(), d.Scale)
		}
	}
	if digits := d.WholeDigits(); digits > most {
		return nil, b.fault(l.offset, "%s) default value '%s' exceeds declared precision (integer-part digits %d > %d)",
			typ, d.Plain(), digits, most)
	}
	return d.Number(), nil
}

// chars counts a string's length in the code units of UTF-16, as Java does.
func (b *builder) chars(l *literal, t *logical.Type) (logical.Value, error) {
	n := len(utf16.Encode([]rune(l.value)))
	switch {
	case t.Length == logical.Unbounded:
	case t.Kind == logical.Char && n != t.Length:
		return nil, b.fault(l.offset, "CHAR(%d) default value '%s' has %d characters; must be exactly %d (CHAR is fixed-length — "+
			"use VARCHAR for variable length).", t.Length, l.value, n, t.Length)
	case n > t.Length:
		return nil, b.fault(l.offset, "VARCHAR(%d) default value '%s' exceeds the declared length (%d > %d)",
			t.Length, l.value, n, t.Length)
	}
	return l.value, nil
}

func (b *builder) bytes(l *literal, t *logical.Type) (logical.Value, error) {
	if len(utf16.Encode([]rune(l.value)))%2 != 0 {
		return nil, b.fault(l.offset, "Bytes literal %s has odd number of hex digits; must be even (each pair = one byte)", l.text)
	}
	v, err := hex.DecodeString(l.value)
	if err != nil {
		return nil, b.fault(l.offset, "Invalid hex character at position %d in bytes literal %s", 2*len(v), l.text)
	}
	switch {
	case t.Length == logical.Unbounded:
	case t.Kind == logical.Binary && len(v) != t.Length:
		return nil, b.fault(l.offset, "BINARY(%d) default value has %d bytes; must be exactly %d (BINARY is fixed-length — use "+
			"VARBINARY for variable length).", t.Length, len(v), t.Length)
	case len(v) > t.Length:
		return nil, b.fault(l.offset, "VARBINARY(%d) default value of %d bytes exceeds the declared length (max %d)",
			t.Length, len(v), t.Length)
	}
	return v, nil
}

func (b *builder) time(l *literal, t *logical.Type) (logical.Value, error) {
	if t.Kind != logical.Date {
		if n := fractionDigits(l.value); n > t.Precision {
			return nil, b.fault(l.offset, "%s(%d) default value '%s' has %d fractional-second digits, exceeds the declared "+
				"precision (%d).", t.Kind, t.Precision, l.value, n, t.Precision)
		}
	}
	v, err := logical.ParseTime(t.Kind, l.value)
	if err != nil {
		return nil, b.fault(l.offset, "Default literal %s is not compatible with type %s: %s", l.text, t.Kind, err)
	}
	return logical.FormatTime(t.Kind, v), nil
}

// fractionDigits counts the digits behind the last point.
func fractionDigits(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] != '.' {
			continue
		}
		n := 0
		for i++; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
			n++
		}
		return n
	}
	return 0
}
