package avro

import (
	"math"
	"strconv"
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// scalar converts a type without parts, not null.
func scalar(t *native.Type) (*logical.Type, error) {
	logicalType := text(t.Props, "logicalType")
	switch t.Kind {
	case native.Boolean:
		return &logical.Type{Kind: logical.Boolean}, nil
	case native.Float:
		return &logical.Type{Kind: logical.Float}, nil
	case native.Double:
		return &logical.Type{Kind: logical.Double}, nil
	case native.Int:
		return integer(t, logicalType)
	case native.Long:
		return long(t, logicalType)
	case native.String:
		return characters(t)
	}
	switch {
	case strings.EqualFold(logicalType, "decimal"):
		return decimal(t)
	case t.Kind == native.Fixed:
		return &logical.Type{Kind: logical.Binary, Length: t.Size}, nil
	}
	n, _, err := lengthOf(t.Props, property.FlinkMaxLength)
	return &logical.Type{Kind: logical.Varbinary, Length: n}, err
}

// decimal reads precision and scale, also where Avro takes them for ill-formed.
func decimal(t *native.Type) (*logical.Type, error) {
	out := &logical.Type{Kind: logical.Decimal, Precision: logical.DefaultPrecision}
	if hasProp(t.Props, property.Precision) {
		n, ok := propOf(t.Props, property.Precision).(logical.Number)
		if !ok {
			return nil, logical.Errorf("precision property must be a JSON Integer.")
		}
		if out.Precision = truncated(n); out.Precision == -1 {
			out.Precision = logical.DefaultPrecision
		}
	}
	if n, ok := propOf(t.Props, property.Scale).(logical.Number); ok {
		out.Scale = truncated(n)
	}
	return out, nil
}

func integer(t *native.Type, logicalType string) (*logical.Type, error) {
	connect, annotated := propOf(t.Props, property.ConnectType).(string)
	switch {
	case strings.EqualFold(logicalType, "date"):
		return &logical.Type{Kind: logical.Date}, nil
	case strings.EqualFold(logicalType, "time-millis"):
		return fraction(logical.Time, t, "time-millis", 3, true)
	case logicalType != "" || !annotated:
		return &logical.Type{Kind: logical.Int}, nil
	case strings.EqualFold(connect, property.ConnectInt8):
		return &logical.Type{Kind: logical.TinyInt}, nil
	case strings.EqualFold(connect, property.ConnectInt16):
		return &logical.Type{Kind: logical.SmallInt}, nil
	}
	return nil, logical.Errorf("Connect type annotation for Avro int field is null")
}

// fractional are the logical types of a long, their precision, and whether flink.precision may not exceed it.
var fractional = map[string]struct {
	kind      logical.Kind
	precision int
	bounded   bool
}{
	"time-micros":            {logical.Time, 6, false}, // the widest that Avro has for a TIME
	"timestamp-millis":       {logical.TimestampLTZ, 3, true},
	"timestamp-micros":       {logical.TimestampLTZ, 6, true},
	"timestamp-nanos":        {logical.TimestampLTZ, 9, false},
	"local-timestamp-millis": {logical.Timestamp, 3, true},
	"local-timestamp-micros": {logical.Timestamp, 6, true},
	"local-timestamp-nanos":  {logical.Timestamp, 9, false},
}

func long(t *native.Type, logicalType string) (*logical.Type, error) {
	if f, ok := fractional[strings.ToLower(logicalType)]; ok {
		return fraction(f.kind, t, logicalType, f.precision, f.bounded)
	}
	return &logical.Type{Kind: logical.BigInt}, nil
}

// fraction returns a type of the precision that flink.precision says, or else that its Avro type has.
func fraction(k logical.Kind, t *native.Type, logicalType string, has int, bounded bool) (*logical.Type, error) {
	precision := has
	if n, ok := propOf(t.Props, property.FlinkPrecision).(logical.Number); ok {
		precision = truncated(n)
		if bounded && precision > has {
			return nil, logical.Errorf("flink.precision %d exceeds the precision carried by Avro logical type '%s' (%d)",
				precision, logicalType, has)
		}
	}
	if precision == -1 {
		if precision = logical.DefaultTimestampPrecision; k == logical.Time {
			precision = logical.DefaultTimePrecision
		}
	}
	if precision < 0 || precision > logical.MaxFraction {
		return nil, logical.Errorf("%s precision must be in [0, 9], got %d", k, precision)
	}
	return &logical.Type{Kind: k, Precision: precision}, nil
}

// characters returns a CHAR where a string's two bounds are one.
func characters(t *native.Type) (*logical.Type, error) {
	most, _, err := lengthOf(t.Props, property.FlinkMaxLength)
	if err != nil {
		return nil, err
	}
	least, set, err := lengthOf(t.Props, property.FlinkMinLength)
	if err != nil {
		return nil, err
	}
	if set && least == most {
		return &logical.Type{Kind: logical.Char, Length: most}, nil
	}
	return &logical.Type{Kind: logical.Varchar, Length: most}, nil
}

// lengthOf returns a length and whether it is set; Unbounded where it is not.
func lengthOf(props []native.Prop, name string) (n int, set bool, err error) {
	if !hasProp(props, name) {
		return logical.Unbounded, false, nil
	}
	v := propOf(props, name)
	if n, ok := int32Of(v); ok && n >= -1 {
		return length(n), true, nil
	}
	return 0, true, logical.Errorf("%s property must be a length, got %s", name, logical.Text(v))
}

// length returns the length that a number stands for: -1 is none, which counts as 1.
func length(n int) int {
	if n == -1 {
		return logical.DefaultLength
	}
	return n
}

// int32Of returns an integer that Java holds in an int.
func int32Of(v logical.Value) (int, bool) {
	n, ok := v.(logical.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 32)
	return int(i), err == nil
}

// truncated returns a number as Java's intValue does: the lower 32 bits of an integer, a fraction cut off towards zero.
func truncated(n logical.Number) int {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return int(int32(i)) //nolint:gosec // as Java
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || !strings.ContainsAny(string(n), ".eE") {
		return 0
	}
	return int(math.Trunc(min(max(f, math.MinInt32), math.MaxInt32)))
}
