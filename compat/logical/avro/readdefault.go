package avro

import (
	"strconv"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// defaultOf returns a field's default. Where Java makes nothing of it, because it does not suit the first branch of a union,
// there is none.
func defaultOf(f *native.Field, typ *logical.Type) (logical.Default, error) {
	if f.Default == nil {
		return logical.Default{}, nil
	}
	v := value(f.Default)
	if text, ok := v.(string); ok { // what JSON has no number for: NaN, Infinity
		kind := map[native.Kind]logical.Kind{native.Float: logical.Float, native.Double: logical.Double}[f.Type.Kind]
		if n, ok := schema.ParseFloat(text, kind.FloatBits()); kind != 0 && ok {
			return logical.Default{Has: true, Value: logical.FloatNumber(n, kind)}, nil
		}
	}
	v, is := typed(v, f.Type)
	if is == made && v != nil {
		v, is = meant(v, f.Type, typ)
	}
	switch is {
	case made:
		return logical.Default{Has: true, Value: v}, nil
	case dropped:
		return logical.Default{}, nil
	}
	return logical.Default{}, logical.Errorf("Default value of field %s does not suit its type: %s", f.Name, f.Default)
}

type making uint8

const (
	made    making = iota
	dropped        // Java's null
	failed         // Java's exception
)

// typed returns a JSON value as Java's Avro library makes one of an Avro type: text as bytes, numbers of the type's size, a
// union's value by its first branch. t is nil where a value has no type.
func typed(v logical.Value, t *native.Type) (logical.Value, making) {
	for t != nil && t.Kind == native.Union {
		if len(t.Branches) == 0 {
			return nil, failed
		}
		t = t.Branches[0]
	}
	switch v := v.(type) {
	case logical.Number:
		return typedNumber(v, t)
	case string:
		switch {
		case t == nil, t.Kind == native.String, t.Kind == native.Enum:
			return v, made
		case t.Kind == native.Bytes, t.Kind == native.Fixed:
			return bytesOf(v), made
		}
		return nil, dropped
	case []logical.Value:
		if len(v) > 0 && t != nil && t.Kind != native.Array {
			return nil, failed
		}
		out := make([]logical.Value, len(v))
		for i, e := range v {
			var elem *native.Type
			if t != nil {
				elem = t.Elem
			}
			one, is := typed(e, elem)
			if is != made {
				return nil, failed
			}
			out[i] = one
		}
		return out, made
	case logical.Object:
		return typedObject(v, t)
	}
	return v, made // null and Booleans, whatever the type
}

func typedObject(v logical.Object, t *native.Type) (logical.Value, making) {
	out := make(logical.Object, len(v))
	for i, m := range v {
		var inner *native.Type
		switch {
		case t == nil:
		case t.Kind == native.Map:
			inner = t.Elem
		case t.Kind == native.Record:
			f := t.Field(m.Name)
			if f == nil {
				return nil, failed
			}
			inner = f.Type
		}
		one, is := typed(m.Value, inner)
		if is != made {
			return nil, failed
		}
		out[i] = logical.Member{Name: m.Name, Value: one}
	}
	return out, made
}

func typedNumber(v logical.Number, t *native.Type) (logical.Value, making) {
	switch {
	case t == nil:
		return v, made
	case t.Kind == native.Int, t.Kind == native.Long:
		bits := 64
		if t.Kind == native.Int {
			bits = 32
		}
		if _, err := strconv.ParseInt(string(v), 10, bits); err == nil {
			return v, made
		}
	case t.Kind == native.Float, t.Kind == native.Double:
		kind := logical.Double
		if t.Kind == native.Float {
			kind = logical.Float
		}
		f, err := strconv.ParseFloat(string(v), kind.FloatBits())
		if err == nil {
			return logical.FloatNumber(f, kind), made
		}
	}
	return nil, dropped
}

// meant returns a typed value as one of its logical type.
func meant(v logical.Value, t *native.Type, typ *logical.Type) (logical.Value, making) {
	if t != nil && t.Kind == native.Union {
		members := nonNull(t)
		if t = nil; len(members) > 0 {
			t = members[0]
		}
	}
	switch typ.Kind {
	case logical.Union:
		if len(typ.Branches) == 0 {
			return nil, failed
		}
		return meant(v, t, typ.Branches[0].Type)
	case logical.Array:
		return meantList(v, t, typ)
	case logical.Map, logical.Multiset:
		return meantMap(v, t, typ)
	case logical.Decimal:
		if b, ok := v.([]byte); ok {
			n, ok := decimalNumber(b, max(typ.Scale, 0))
			return n, madeIf(ok)
		}
	case logical.TinyInt, logical.SmallInt, logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		if n, ok := v.(logical.Number); ok {
			if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
				return meantInteger(i, t, typ)
			}
		}
	}
	return v, made
}

func madeIf(ok bool) making {
	if ok {
		return made
	}
	return failed
}

func meantInteger(i int64, t *native.Type, typ *logical.Type) (logical.Value, making) {
	switch typ.Kind {
	case logical.TinyInt:
		return logical.Number(strconv.Itoa(int(int8(i)))), made //nolint:gosec // as Java
	case logical.SmallInt:
		return logical.Number(strconv.Itoa(int(int16(i)))), made //nolint:gosec // as Java
	}
	text, ok := clockText(typ.Kind, i, unitOf(t, typ))
	return text, madeIf(ok)
}

// unitOf returns the digits of a second's fraction that a time's number counts: those of its Avro type, where it is known.
func unitOf(t *native.Type, typ *logical.Type) int {
	if t != nil && t.Logical != nil {
		if t.Kind == native.Int {
			return 3
		}
		if f, ok := fractional[t.Logical.Name]; ok {
			return f.precision
		}
	}
	switch {
	case typ.Precision <= 3:
		return 3
	case typ.Precision <= 6 || typ.Kind == logical.Time:
		return 6
	}
	return 9
}

func meantList(v logical.Value, t *native.Type, typ *logical.Type) (logical.Value, making) {
	list, ok := v.([]logical.Value)
	if !ok {
		return v, made
	}
	var elem *native.Type
	if t != nil {
		elem = t.Elem
	}
	out := make([]logical.Value, len(list))
	for i, e := range list {
		one, is := e, made
		if e != nil {
			one, is = meant(e, elem, typ.Elem)
		}
		if is != made {
			return nil, failed
		}
		out[i] = one
	}
	return out, made
}

// meantMap converts the values of a MAP. Its keys are texts; a MAP whose are not has an array of entries, which stays as it is.
func meantMap(v logical.Value, t *native.Type, typ *logical.Type) (logical.Value, making) {
	object, ok := v.(logical.Object)
	if !ok || typ.Kind == logical.Multiset {
		return v, made
	}
	var elem *native.Type
	if t != nil {
		elem = t.Elem
	}
	out := make(logical.Object, len(object))
	for i, m := range object {
		one, is := m.Value, made
		if one != nil {
			one, is = meant(one, elem, typ.Elem)
		}
		if is != made {
			return nil, failed
		}
		out[i] = logical.Member{Name: m.Name, Value: one}
	}
	return out, made
}
