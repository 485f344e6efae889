package protobuf

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// defaultOf returns the default of a field: that of its annotation, else proto2's own. A collection that is neither null has the
// empty one, since an absent list is no other than an empty one; that is derived.
func defaultOf(m *native.Message, f *native.Field, t *logical.Type) (logical.Default, error) {
	if text, ok := f.Meta.Param(property.LogicalDefault); ok {
		v, err := readDefault(m, f, t, text)
		return logical.Default{Has: err == nil, Value: v}, err
	}
	if f.Default != nil {
		v, err := ownDefault(m, f)
		return logical.Default{Has: err == nil, Value: v}, err
	}
	if t.Nullable {
		return logical.Default{}, nil
	}
	switch t.Kind {
	case logical.Array:
		return logical.Default{Has: true, Value: []logical.Value{}, Derived: true}, nil
	case logical.Map, logical.Multiset:
		return logical.Default{Has: true, Value: logical.Object{}, Derived: true}, nil
	}
	return logical.Default{}, nil
}

// readDefault reads the text of an annotation as a value of a type.
func readDefault(m *native.Message, f *native.Field, t *logical.Type, text string) (logical.Value, error) {
	fail := func(why string) (logical.Value, error) {
		return nil, logical.Errorf("Field %s.%s has an invalid %s '%s': %s", m.FullName, f.Name, property.LogicalDefault, text, why)
	}
	for t.Kind == logical.Union && len(t.Branches) > 0 { // the first branch says
		t = t.Branches[0].Type
	}
	switch t.Kind {
	case logical.Boolean:
		return strings.EqualFold(text, "true"), nil
	case logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt:
		n, err := strconv.ParseInt(text, 10, t.Kind.IntegerBits())
		if err != nil {
			return fail("For input string: \"" + text + "\"")
		}
		return logical.Number(strconv.FormatInt(n, 10)), nil
	case logical.Float, logical.Double:
		n, ok := float(text, t.Kind)
		if !ok {
			return fail("For input string: \"" + text + "\"")
		}
		return n, nil
	case logical.Decimal:
		d, ok := logical.ParseBigDecimal(text)
		if !ok {
			return fail("it is not a number")
		}
		return d.Number(), nil
	case logical.Char, logical.Varchar, logical.Enum:
		return text, nil
	case logical.Binary, logical.Varbinary:
		encoding := base64.StdEncoding
		if len(text)%4 != 0 {
			encoding = base64.RawStdEncoding
		}
		b, err := encoding.DecodeString(text)
		if err != nil || strings.ContainsAny(text, "\r\n") {
			return fail("it is not base64")
		}
		return b, nil
	case logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		at, err := logical.ParseTime(t.Kind, text)
		if err != nil {
			return fail("Text '" + text + "' could not be parsed")
		}
		return logical.FormatTime(t.Kind, at), nil
	}
	return nil, noDefault(t)
}

func noDefault(t *logical.Type) error {
	return logical.Errorf("Default values are not supported for type: %s", t.Kind)
}

// float reads a floating-point number of Java, or of Protobuf's text.
func float(text string, k logical.Kind) (logical.Number, bool) {
	if sign, word := text[:len(text)-len(strings.TrimLeft(text, "+-"))], strings.TrimLeft(text, "+-"); len(sign) < 2 {
		switch strings.ToLower(word) {
		case "inf", "infinity":
			text = sign + "Infinity"
		case "nan":
			text = "NaN"
		}
	}
	f, ok := schema.ParseFloat(text, k.FloatBits())
	return logical.FloatNumber(f, k), ok
}

// ownDefault reads the default of proto2.
func ownDefault(m *native.Message, f *native.Field) (logical.Value, error) {
	text := *f.Default
	var v logical.Value
	var err error
	switch {
	case f.Enum != nil || f.Type == "string":
		v = text
	case f.Type == "bytes":
		v = []byte(text)
	case f.Type == "bool":
		v, err = strconv.ParseBool(text)
	case f.Type == "float" || f.Type == "double":
		kind := logical.Double
		if f.Type == "float" {
			kind = logical.Float
		}
		n, ok := float(text, kind)
		if v = n; !ok {
			err = strconv.ErrSyntax
		}
	case f.Type == "uint32" || f.Type == "fixed32":
		v, err = unsigned(text, 32)
	case f.Type == "uint64" || f.Type == "fixed64":
		v, err = unsigned(text, 64)
	case strings.HasSuffix(f.Type, "32"):
		v, err = signed(text, 32)
	case f.Scalar:
		v, err = signed(text, 64)
	default:
		return nil, logical.Errorf("Field %s.%s is a message and has a default", m.FullName, f.Name)
	}
	if err != nil {
		return nil, logical.Errorf("Field %s.%s has an invalid default '%s'", m.FullName, f.Name, text)
	}
	return v, nil
}

func signed(text string, size int) (logical.Number, error) {
	n, err := strconv.ParseInt(text, 0, size)
	return logical.Number(strconv.FormatInt(n, 10)), err
}

func unsigned(text string, size int) (logical.Number, error) {
	n, err := strconv.ParseUint(text, 0, size)
	return logical.Number(strconv.FormatUint(n, 10)), err
}
