package protobuf

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
)

// fieldType reads the type of a field of m. A single message may be absent and is null then; a collection cannot.
func (r *reader) fieldType(m *native.Message, f *native.Field) (*logical.Type, error) {
	null := f.Message != nil && !f.Repeated
	if v, ok := f.Meta.Param(property.FlinkNotNull); ok {
		null = !strings.EqualFold(v, "true")
	}
	switch {
	case !f.Repeated:
		return r.single(m, f, null || f.Optional)
	case f.Message != nil && !f.Group && entryShape(f.Message):
		return r.mapType(f, null)
	}
	if err := r.enter(); err != nil {
		return nil, err
	}
	elem, err := r.element(m, f)
	if err != nil {
		return nil, err
	}
	r.leave()
	return &logical.Type{Kind: logical.Array, Nullable: null, Elem: elem}, nil
}

func (r *reader) element(m *native.Message, f *native.Field) (*logical.Type, error) {
	if wrapped(f) {
		return r.unwrap(f)
	}
	return r.single(m, f, f.Optional)
}

// single reads the type of a field that is not a list, or of the elements of one that is.
func (r *reader) single(m *native.Message, f *native.Field, null bool) (*logical.Type, error) {
	switch {
	case f.Enum != nil:
		return r.enumType(f.Enum, null)
	case f.Message != nil:
		return r.messageType(m, f, null)
	case !f.Scalar:
		return nil, logical.Errorf("Field %s.%s has the type %s, which is not defined", m.FullName, f.Name, f.Type)
	}
	t := &logical.Type{Nullable: null}
	switch f.Type {
	case "int32", "sint32", "sfixed32":
		t.Kind = logical.Int
		switch v, _ := f.Meta.Param(property.ConnectType); v {
		case property.ConnectInt8:
			t.Kind = logical.TinyInt
		case property.ConnectInt16:
			t.Kind = logical.SmallInt
		}
	case "uint32", "fixed32", "int64", "uint64", "sint64", "fixed64", "sfixed64":
		t.Kind = logical.BigInt
	case "float":
		t.Kind = logical.Float
	case "double":
		t.Kind = logical.Double
	case "bool":
		t.Kind = logical.Boolean
	case "string":
		return t, bounded(t, m, f, logical.Char, logical.Varchar)
	case "bytes":
		return t, bounded(t, m, f, logical.Binary, logical.Varbinary)
	}
	return t, nil
}

// bounded makes t a string with the bounds that the annotation gives.
func bounded(t *logical.Type, m *native.Message, f *native.Field, fixed, varying logical.Kind) error {
	least, err := intParam(m, f, property.FlinkMinLength, -1)
	if err != nil {
		return err
	}
	most, err := intParam(m, f, property.FlinkMaxLength, logical.Unbounded)
	if err != nil {
		return err
	}
	t.Kind, t.Length = varying, most
	switch {
	case most == -1:
		t.Length = logical.DefaultLength
	case most < 0:
		return logical.Errorf("Field %s.%s has a %s of %d; a length is at least 0", m.FullName, f.Name, property.FlinkMaxLength, most)
	case least == most:
		t.Kind = fixed
	}
	return nil
}

// intParam returns a property that must be a number, or what stands for it when it is not there.
func intParam(m *native.Message, f *native.Field, key string, otherwise int) (int, error) {
	v, ok := f.Meta.Param(key)
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil {
		return 0, logical.Errorf("Field %s.%s has a non-integer %s '%s'", m.FullName, f.Name, key, v)
	}
	return int(n), nil
}

func (r *reader) enumType(e *native.Enum, null bool) (*logical.Type, error) {
	_, known := r.index[e.FullName]
	if !known && r.outside(e.File, e.FullName) {
		t, err := r.enum(e)
		if err != nil {
			return nil, err
		}
		r.put(e.FullName, t)
		r.external = append(r.external, e.FullName)
		known = true
	}
	if known {
		return &logical.Type{Kind: logical.Named, Name: e.FullName, Nullable: null}, nil
	}
	t, err := r.enum(e)
	if err != nil {
		return nil, err
	}
	t.Nullable = null
	return t, nil
}

func (r *reader) messageType(m *native.Message, f *native.Field, null bool) (*logical.Type, error) {
	switch name := f.Message.FullName; name {
	case decimalType:
		return decimal(f, null), nil
	case dateType:
		return &logical.Type{Kind: logical.Date, Nullable: null}, nil
	case timeType:
		return fraction(m, f, logical.Time, logical.DefaultTimePrecision, null)
	case timestampType:
		kind := logical.TimestampLTZ
		if v, _ := f.Meta.Param(property.FlinkType); v == property.FlinkTimestamp {
			kind = logical.Timestamp
		}
		return fraction(m, f, kind, logical.DefaultTimestampPrecision, null)
	case variantType:
		return &logical.Type{Kind: logical.Variant, Nullable: null}, nil
	default:
		if t := unwrapped(name); t != nil {
			return t, nil
		}
	}
	known, err := r.isKnown(f.Message)
	switch {
	case err != nil:
		return nil, err
	case known:
		return &logical.Type{Kind: logical.Named, Name: f.Message.FullName, Nullable: null}, nil
	case wrapped(f):
		return r.enclosed(f, func() (*logical.Type, error) {
			t, err := r.unwrap(f)
			if err != nil {
				return nil, err
			}
			return nullable(t, true), nil
		})
	}
	return r.enclosed(f, func() (*logical.Type, error) {
		t, err := r.inline(f.Message)
		if err != nil {
			return nil, err
		}
		return nullable(t, null), nil
	})
}

// isKnown reports whether a message is a named type. One of a reference is read when it is first met.
func (r *reader) isKnown(m *native.Message) (bool, error) {
	if _, known := r.index[m.FullName]; known {
		return true, nil
	}
	if !r.outside(m.File, m.FullName) {
		return false, nil
	}
	if r.chain++; r.chain > maxChain {
		return false, logical.Errorf("Protobuf schema nests types too deeply to convert")
	}
	r.put(m.FullName, nil)
	r.external = append(r.external, m.FullName)
	err := r.define(m)
	r.chain--
	return true, err
}

// enclosed reads what a message that is not named holds; one inside itself has no form.
func (r *reader) enclosed(f *native.Field, read func() (*logical.Type, error)) (*logical.Type, error) {
	name := f.Message.FullName
	if r.open[name] {
		return nil, r.cyclicError()
	}
	r.open[name] = true
	t, err := read()
	delete(r.open, name)
	return t, err
}

// inline reads a message that is written where it is used. It is read once.
func (r *reader) inline(m *native.Message) (*logical.Type, error) {
	if b := r.bodies[m]; b != nil {
		if r.depth+b.height > logical.MaxDepth {
			return nil, logical.ErrTooDeep
		}
		r.deepest = max(r.deepest, r.depth+b.height)
		return b.typ, r.take(b.count)
	}
	deepest, count := r.deepest, r.count
	r.deepest = r.depth
	t, err := r.message(m)
	if err != nil {
		return nil, err
	}
	r.bodies[m] = &body{t, r.deepest - r.depth, r.count - count}
	r.deepest = max(r.deepest, deepest)
	return t, nil
}

// unwrap reads what a wrapper wraps.
func (r *reader) unwrap(f *native.Field) (*logical.Type, error) {
	if r.wraps++; r.wraps > 4*logical.MaxDepth {
		return nil, logical.Errorf("Protobuf schema nests types too deeply to convert")
	}
	defer func() { r.wraps-- }()
	if f.Message != nil {
		switch value, union := payload(f.Message); {
		case value != nil:
			return r.fieldType(f.Message, value)
		case union != nil:
			return r.oneof(f.Message, union, true)
		}
	}
	return nil, logical.Errorf("flink.wrapped wrapper missing 'value' payload: %s", strings.TrimPrefix(f.Type, "."))
}

// unwrapped returns the type that a message of a well-known name stands for, wherever it is; nil: none.
func unwrapped(name string) *logical.Type {
	t := &logical.Type{Nullable: true}
	switch name {
	case "google.protobuf.DoubleValue":
		t.Kind = logical.Double
	case "google.protobuf.FloatValue":
		t.Kind = logical.Float
	case "google.protobuf.Int64Value", "google.protobuf.UInt64Value", "google.protobuf.UInt32Value":
		t.Kind = logical.BigInt
	case "google.protobuf.Int32Value":
		t.Kind = logical.Int
	case "google.protobuf.BoolValue":
		t.Kind = logical.Boolean
	case "google.protobuf.StringValue":
		t.Kind, t.Length = logical.Varchar, logical.Unbounded
	case "google.protobuf.BytesValue":
		t.Kind, t.Length = logical.Varbinary, logical.Unbounded
	case variantType:
		t.Kind = logical.Variant
	default:
		return nil
	}
	return t
}

// decimal reads the precision and scale of an annotation; what is no number counts as not there.
func decimal(f *native.Field, null bool) *logical.Type {
	t := &logical.Type{Kind: logical.Decimal, Nullable: null, Precision: logical.DefaultPrecision}
	read := func(key string, into *int) {
		v, _ := f.Meta.Param(key)
		if n, err := strconv.ParseInt(v, 10, 32); err == nil {
			*into = int(n)
		}
	}
	read(property.Precision, &t.Precision)
	read(property.Scale, &t.Scale)
	if t.Precision == -1 {
		t.Precision = logical.DefaultPrecision
	}
	return t
}

// fraction reads a type with a precision, which the message has nine digits of.
func fraction(m *native.Message, f *native.Field, kind logical.Kind, unsaid int, null bool) (*logical.Type, error) {
	p, err := intParam(m, f, property.FlinkPrecision, logical.MaxFraction)
	switch {
	case err != nil:
		return nil, err
	case p == -1:
		p = unsaid
	case p < 0 || p > logical.MaxFraction:
		return nil, logical.Errorf("%s precision must be in [0, %d], got %d", kind, logical.MaxFraction, p)
	}
	return &logical.Type{Kind: kind, Nullable: null, Precision: p}, nil
}
