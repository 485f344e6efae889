package jsonschema

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/millrace/millrace/compat/logical"
)

// defaultOf returns a default as JSON has it: bytes in base 64, a decimal and what has a time as text.
func (w *writer) defaultOf(t *logical.Type, v logical.Value) (logical.Value, error) {
	typ := valueType(func(name string) *logical.Type { return w.bodies[name] }, t)
	if typ == nil {
		typ = t
	}
	n, isNumber := v.(logical.Number)
	if isNumber && !json.Valid([]byte(n)) {
		return nil, logical.Errorf("the default %s is not a number", n)
	}
	switch typ.Kind {
	case logical.Boolean, logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt, logical.Char, logical.Varchar,
		logical.Enum, logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return v, nil
	case logical.Binary, logical.Varbinary:
		if b, ok := v.([]byte); ok {
			return base64.StdEncoding.EncodeToString(b), nil
		}
		return v, nil
	case logical.Decimal:
		if isNumber {
			if d, ok := logical.ParseBigDecimal(string(n)); ok {
				return d.String(), nil
			}
		}
		return v, nil
	case logical.Float, logical.Double:
		if isNumber {
			f, err := strconv.ParseFloat(string(n), typ.Kind.FloatBits())
			if err != nil {
				return nil, logical.Errorf("the default %s is out of the range of %s", n, typ.Kind)
			}
			return logical.FloatNumber(f, typ.Kind), nil
		}
		return v, nil
	}
	return nil, logical.Errorf("Default values are not supported for type: %s", typ.Kind)
}
