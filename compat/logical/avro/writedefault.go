package avro

import (
	"strconv"

	"github.com/millrace/millrace/compat/logical"
)

// defaultTo returns a default as Avro has it. What is not of its type is left as it is: Avro refuses it in its own words.
func defaultTo(t *logical.Type, v logical.Value) (logical.Value, error) {
	if v == nil {
		return nil, nil
	}
	switch t.Kind {
	case logical.Boolean, logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt, logical.Char, logical.Varchar,
		logical.Binary, logical.Varbinary, logical.Enum:
		return v, nil
	case logical.Float, logical.Double:
		return floatingTo(t, v), nil
	case logical.Decimal:
		return decimalTo(t, v)
	case logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return clockTo(t, v)
	case logical.Union:
		if len(t.Branches) > 0 {
			return defaultTo(t.Branches[0].Type, v)
		}
	}
	return nil, logical.Errorf("Default values are not supported for type: %s", t.Kind)
}

func floatingTo(t *logical.Type, v logical.Value) logical.Value {
	n, ok := v.(logical.Number)
	if !ok {
		return v
	}
	f, err := strconv.ParseFloat(string(n), t.Kind.FloatBits())
	if err != nil {
		return v
	}
	return logical.FloatNumber(f, t.Kind)
}

func decimalTo(t *logical.Type, v logical.Value) (logical.Value, error) {
	var text string
	switch v := v.(type) {
	case logical.Number:
		text = string(v)
	case string:
		text = v
	default:
		return v, nil
	}
	b, ok := decimalBytes(text, max(t.Scale, 0))
	if !ok {
		return nil, cannot("%s is no DECIMAL(%d, %d)", text, t.Precision, max(t.Scale, 0))
	}
	return b, nil
}

func clockTo(t *logical.Type, v logical.Value) (logical.Value, error) {
	text, ok := v.(string)
	if !ok {
		return v, nil
	}
	n, ok := clockNumber(t.Kind, text, unitOf(nil, t))
	if !ok {
		return nil, cannot("'%s' is no %s", text, t.Kind)
	}
	return logical.Number(strconv.FormatInt(n, 10)), nil
}
