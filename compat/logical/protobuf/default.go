package protobuf

import (
	"encoding/base64"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
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
		n, err := strconv.ParseInt(text, 10, bits[t.Kind])
		if err != nil {
			return fail("For input string: \"" + text + "\"")
		}
		return logical.Number(strconv.FormatInt(n, 10)), nil
	case logical.Float, logical.Double:
		n, err := float(strings.TrimSpace(text))
		if err != nil {
			return fail("For input string: \"" + text + "\"")
		}
		return n, nil
	case logical.Decimal:
		if !decimalNumber.MatchString(text) {
			return fail("it is not a number")
		}
		return tidy(text), nil
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

var bits = map[logical.Kind]int{logical.TinyInt: 8, logical.SmallInt: 16, logical.Int: 32, logical.BigInt: 64}

var decimalNumber = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?$`)

// tidy returns a decimal number without a plus sign and with a digit on either side of its point.
func tidy(text string) logical.Number {
	text = strings.TrimPrefix(text, "+")
	sign, rest := "", text
	if after, ok := strings.CutPrefix(text, "-"); ok {
		sign, rest = "-", after
	}
	if strings.HasPrefix(rest, ".") {
		rest = "0" + rest
	}
	if at := strings.IndexByte(rest, '.'); at >= 0 && (at+1 == len(rest) || rest[at+1] < '0' || rest[at+1] > '9') {
		rest = rest[:at] + rest[at+1:]
	}
	return logical.Number(sign + rest)
}

// float reads a floating-point number. What is none in digits has the name that Java gives it.
func float(text string) (logical.Number, error) {
	if decimalNumber.MatchString(text) {
		return tidy(text), nil
	}
	n, err := strconv.ParseFloat(strings.TrimRight(text, "fFdD"), 64)
	if strings.HasPrefix(strings.ToLower(strings.TrimLeft(text, "+-")), "inf") || strings.EqualFold(text, "nan") {
		n, err = strconv.ParseFloat(text, 64)
	}
	switch {
	case err != nil:
		return "", err
	case math.IsNaN(n):
		return "NaN", nil
	case math.IsInf(n, 1):
		return "Infinity", nil
	case math.IsInf(n, -1):
		return "-Infinity", nil
	}
	return logical.Number(strconv.FormatFloat(n, 'g', -1, 64)), nil
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
		v, err = float(text)
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

// writeDefault returns the text of a default for an annotation.
func writeDefault(t *logical.Type, v logical.Value) (string, error) {
	for t.Kind == logical.Union && len(t.Branches) > 0 {
		t = t.Branches[0].Type
	}
	switch t.Kind {
	case logical.Array, logical.Multiset, logical.Map, logical.Struct, logical.Variant, logical.Named, logical.Union:
		return "", noDefault(t)
	}
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case logical.Number:
		return string(v), nil
	case string:
		return v, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil
	}
	return "", noDefault(t)
}
