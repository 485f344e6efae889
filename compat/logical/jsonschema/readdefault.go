package jsonschema

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
)

// fieldDefault is the default of a field, which is read when all named types are known.
type fieldDefault struct {
	field *logical.Field
	raw   any
}

// rawDefault returns what a property says is its default: beside a reference since draft 2019-09, else where references lead to.
// Null is none: it cannot be told from a default that is not there.
func rawDefault(n native.Node) any {
	if n.Class() == native.Reference && n.Modern() {
		if v, ok := n.Keyword(kwDefault); ok {
			return v
		}
	}
	for range logical.MaxDepth {
		if n.Class() != native.Reference {
			v, _ := n.Keyword(kwDefault)
			return v
		}
		t, ok := n.Target()
		if !ok {
			break
		}
		n = t
	}
	return nil
}

// setDefaults reads the defaults of fields. One that is no value of its field's type does not count, nor does one that no writer
// could write: of a list, map or struct, or a number for a DATE or TIME.
func (r *reader) setDefaults() {
	for _, d := range r.defaults {
		if v := r.defaultValue(d.field.Type, d.raw); v != nil {
			d.field.Default = logical.Default{Has: true, Value: v}
		}
	}
}

func (r *reader) lookup(name string) *logical.Type {
	i, known := r.index[name]
	if !known {
		return nil
	}
	return r.named[i].Type
}

// valueType returns the type that a default of t is written as: t, the body of its name, or the first branch of a UNION. nil: a
// name has no body.
func valueType(lookup func(string) *logical.Type, t *logical.Type) *logical.Type {
	for range logical.MaxDepth {
		switch {
		case t == nil:
			return nil
		case t.Kind == logical.Named:
			t = lookup(t.Name)
		case t.Kind == logical.Union && len(t.Branches) > 0:
			t = t.Branches[0].Type
		default:
			return t
		}
	}
	return nil
}

// defaultValue returns a default as the tree has it; nil when it is no value of the type.
func (r *reader) defaultValue(t *logical.Type, raw any) logical.Value {
	t = valueType(r.lookup, t)
	if t == nil {
		return nil
	}
	n, isNumber := raw.(json.Number)
	switch text, isText := raw.(string); t.Kind {
	case logical.Boolean:
		if b, ok := raw.(bool); ok {
			return b
		}
	case logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt:
		if isNumber {
			return wrapped(n.String(), t.Kind.IntegerBits())
		}
	case logical.Float, logical.Double:
		if isNumber {
			return float(n.String(), t.Kind)
		}
	case logical.Char, logical.Varchar, logical.Enum:
		if isText {
			return text
		}
	case logical.Binary, logical.Varbinary:
		if b, ok := decodeBase64(text); ok && isText {
			return b
		}
	case logical.Decimal:
		if isNumber {
			text = n.String()
		}
		if d, ok := logical.ParseBigDecimal(text); ok && (isText || isNumber) {
			return d.Number()
		}
	case logical.TimestampLTZ:
		if isNumber {
			millis, _ := strconv.ParseInt(string(wrapped(n.String(), 64)), 10, 64)
			if at := time.UnixMilli(millis).UTC(); at.Year() > -1e9 && at.Year() < 1e9 {
				return logical.FormatTime(t.Kind, at)
			}
			return nil
		}
		fallthrough
	case logical.Date, logical.Time, logical.Timestamp:
		if at, err := logical.ParseTime(t.Kind, text); err == nil && isText {
			return logical.FormatTime(t.Kind, at)
		}
	}
	return nil
}

// wrapped returns the lowest bits of a number without its fraction, as Java's narrowing has them.
func wrapped(text string, bits int) logical.Number {
	unscaled, exp := splitNumber(text)
	switch {
	case exp >= int64(bits): // a multiple of 2 to the bits
		return "0"
	case exp >= 0:
		unscaled.Mul(unscaled, pow10(exp))
	case -exp > int64(len(text)):
		return "0"
	default:
		unscaled.Quo(unscaled, pow10(-exp))
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	unscaled.Mod(unscaled, modulus)
	if unscaled.Bit(bits-1) == 1 {
		unscaled.Sub(unscaled, modulus)
	}
	return logical.Number(unscaled.String())
}

// splitNumber returns the digits of a JSON number, and the power of ten that they count.
func splitNumber(text string) (unscaled *big.Int, exp int64) {
	mantissa := text
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		exp, _ = strconv.ParseInt(text[i+1:], 10, 32)
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unscaled, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return new(big.Int), 0
	}
	return unscaled, exp - int64(len(fraction))
}

func pow10(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// float returns the nearest float; nil when there is none.
func float(text string, k logical.Kind) logical.Value {
	f, err := strconv.ParseFloat(text, k.FloatBits())
	if err != nil || math.IsInf(f, 0) {
		return nil
	}
	return logical.FloatNumber(f, k)
}

// decodeBase64 reads base 64 with or without its padding.
func decodeBase64(text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	if b, err := base64.StdEncoding.DecodeString(text); err == nil {
		return b, true
	}
	b, err := base64.RawStdEncoding.DecodeString(text)
	return b, err == nil
}
