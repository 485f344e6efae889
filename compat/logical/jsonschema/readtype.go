package jsonschema

import (
	"encoding/json"
	"math"
	"strconv"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// convert reads a schema. depth is that inside its named type.
func (r *reader) convert(n native.Node, nullable bool, depth int) (*logical.Type, error) {
	if depth > logical.MaxDepth {
		return nil, logical.ErrTooDeep
	}
	if r.chain++; r.chain > maxChain {
		return nil, logical.Errorf("JSON schema nests types too deeply to convert")
	}
	defer func() { r.chain-- }()
	r.nodes++
	if err := r.count(n.Weight()); err != nil {
		return nil, err
	}
	switch n.Class() {
	case native.Anything:
		return plain(logical.Variant, nullable), nil
	case native.Boolean:
		return plain(logical.Boolean, nullable), nil
	case native.Number:
		return number(n, nullable)
	case native.String:
		return text(n, nullable)
	case native.Enum, native.Const:
		return enum(values{list: n.Values(), about: n}, nullable)
	case native.Array:
		return r.array(n, nullable, depth)
	case native.Object:
		return r.object(n, nullable, depth)
	case native.Reference:
		return r.reference(n, nullable)
	case native.AllOf:
		return r.allOf(n, nullable, depth)
	case native.AnyOf, native.OneOf:
		return r.union(n, nullable, depth)
	}
	return nil, logical.Errorf("Unsupported JSON schema type org.everit.json.schema.%s", classNames[n.Class()])
}

var classNames = map[native.Class]string{
	native.Nothing: "FalseSchema", native.Null: "NullSchema", native.Not: "NotSchema", native.Conditional: "ConditionalSchema",
}

func plain(k logical.Kind, nullable bool) *logical.Type {
	return &logical.Type{Kind: k, Nullable: nullable}
}

func number(n native.Node, nullable bool) (*logical.Type, error) {
	connect, ok, err := stringOf(n, property.ConnectType)
	if err != nil {
		return nil, err
	}
	if !ok {
		if n.Integer() {
			return plain(logical.BigInt, nullable), nil
		}
		return plain(logical.Double, nullable), nil
	}
	switch connect {
	case property.ConnectInt8:
		return plain(logical.TinyInt, nullable), nil
	case property.ConnectInt16:
		return plain(logical.SmallInt, nullable), nil
	case property.ConnectInt32:
		switch n.Text(kwTitle) {
		case titleTime:
			return temporal(n, logical.Time, nullable)
		case titleDate:
			return plain(logical.Date, nullable), nil
		}
		return plain(logical.Int, nullable), nil
	case property.ConnectInt64:
		switch {
		case n.Text(kwTitle) == titleTimestamp:
			return temporal(n, logical.TimestampLTZ, nullable)
		case n.Text(property.FlinkType) == property.FlinkTimestamp:
			return temporal(n, logical.Timestamp, nullable)
		}
		return plain(logical.BigInt, nullable), nil
	case property.ConnectFloat32:
		return plain(logical.Float, nullable), nil
	case property.ConnectFloat64:
		return plain(logical.Double, nullable), nil
	case property.ConnectBytes:
		return decimal(n, nullable)
	}
	return nil, logical.Errorf("Unsupported type %s", connect)
}

func temporal(n native.Node, k logical.Kind, nullable bool) (*logical.Type, error) {
	precision, ok, err := integerOf(n, property.FlinkPrecision)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		precision = millisecond
	case precision == -1 && k == logical.Time:
		precision = logical.DefaultTimePrecision
	case precision == -1:
		precision = logical.DefaultTimestampPrecision
	}
	if err := checkPrecision(k, precision); err != nil {
		return nil, err
	}
	return &logical.Type{Kind: k, Nullable: nullable, Precision: precision}, nil
}

func checkPrecision(k logical.Kind, precision int) error {
	if precision < 0 || precision > logical.MaxFraction {
		return logical.Errorf("%s precision must be in [0, 9], got %d", k, precision)
	}
	return nil
}

func decimal(n native.Node, nullable bool) (*logical.Type, error) {
	if n.Text(kwTitle) != titleDecimal {
		return nil, logical.Errorf("Expected decimal type")
	}
	var parameters native.Members
	if v, ok := n.Keyword(property.ConnectParameters); ok {
		if parameters, ok = v.(native.Members); !ok {
			return nil, logical.Errorf("%s must be an object: %s", property.ConnectParameters, javaText(v))
		}
	}
	parameter := func(name string, otherwise int) (int, error) {
		v, ok := parameters.Get(name)
		if !ok {
			return otherwise, nil
		}
		s, _ := v.(string)
		i, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return 0, logical.Errorf("%s.%s must be an integer as a string: %s", property.ConnectParameters, name, javaText(v))
		}
		return int(i), nil
	}
	scale, err := parameter(property.Scale, defaultScale)
	if err != nil {
		return nil, err
	}
	precision, err := parameter(property.ConnectPrecision, defaultPrecision)
	if err != nil {
		return nil, err
	}
	if precision == -1 {
		precision = logical.DefaultPrecision
	}
	return &logical.Type{Kind: logical.Decimal, Nullable: nullable, Precision: precision, Scale: scale}, nil
}

func text(n native.Node, nullable bool) (*logical.Type, error) {
	connect, _, err := stringOf(n, property.ConnectType)
	if err != nil {
		return nil, err
	}
	if connect != property.ConnectBytes {
		least, bounded := n.Limit("minLength")
		most, ok := n.Limit("maxLength")
		return sized(logical.Char, logical.Varchar, bounded, least, ok, most, nullable), nil
	}
	least, bounded, err := integerOf(n, property.FlinkMinLength)
	if err != nil {
		return nil, err
	}
	most, ok, err := integerOf(n, property.FlinkMaxLength)
	if err != nil {
		return nil, err
	}
	return sized(logical.Binary, logical.Varbinary, bounded, least, ok, most, nullable), nil
}

// sized returns the type of a text or of bytes whose length is bounded from below and from above.
func sized(fixed, varying logical.Kind, hasLeast bool, least int, hasMost bool, most int, nullable bool) *logical.Type {
	t := &logical.Type{Kind: varying, Nullable: nullable, Length: logical.Unbounded}
	if hasMost {
		t.Length = most
		if most == -1 {
			t.Length = logical.DefaultLength
		}
		if hasLeast && least == most {
			t.Kind = fixed
		}
	}
	return t
}

// stringOf returns a keyword that must be a string where it stands.
func stringOf(n native.Node, name string) (string, bool, error) {
	v, ok := n.Keyword(name)
	if !ok {
		return "", false, nil
	}
	s, ok := v.(string)
	if !ok {
		return "", false, logical.Errorf("%s must be a string: %s", name, javaText(v))
	}
	return s, true, nil
}

// integerOf returns a keyword that must be an integer of 32 bits where it stands.
func integerOf(n native.Node, name string) (int, bool, error) {
	v, ok := n.Keyword(name)
	if !ok {
		return 0, false, nil
	}
	if i, ok := integer(v); ok {
		return i, true, nil
	}
	return 0, false, logical.Errorf("%s must be an integer: %s", name, javaText(v))
}

func integer(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil && i >= math.MinInt32 && i <= math.MaxInt32
}
