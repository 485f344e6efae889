package jsonschema

import (
	"strconv"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// typ returns the schema of a type: a nullable one is a choice of null and the type, to which the branches of a UNION are added.
func (w *writer) typ(t *logical.Type, name string, depth int) (*object, error) {
	if t == nil {
		return nil, logical.Errorf("a type is missing")
	}
	if depth > logical.MaxDepth {
		return nil, logical.ErrTooDeep
	}
	null := newObject("type", "null")
	if t.Nullable && t.Kind == logical.Union {
		return w.union(t, null, depth)
	}
	o, err := w.notNull(t, name, depth)
	if err != nil || !t.Nullable {
		return o, err
	}
	return newObject("oneOf", []*object{null, o}), nil
}

func numberOf(connect string) *object {
	return newObject("type", "number", property.ConnectType, connect)
}

// notNull returns the schema of a type without null. name is the title of what has one.
func (w *writer) notNull(t *logical.Type, name string, depth int) (*object, error) {
	switch t.Kind {
	case logical.Boolean:
		return newObject("type", "boolean"), nil
	case logical.TinyInt:
		return numberOf(property.ConnectInt8), nil
	case logical.SmallInt:
		return numberOf(property.ConnectInt16), nil
	case logical.Int:
		return numberOf(property.ConnectInt32), nil
	case logical.BigInt:
		return numberOf(property.ConnectInt64), nil
	case logical.Float:
		return numberOf(property.ConnectFloat32), nil
	case logical.Double:
		return numberOf(property.ConnectFloat64), nil
	case logical.Date:
		return titled(numberOf(property.ConnectInt32), titleDate), nil
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return timeOf(t)
	case logical.Decimal:
		return decimalOf(t), nil
	case logical.Char, logical.Varchar, logical.Binary, logical.Varbinary:
		return textOf(t), nil
	case logical.Variant:
		return &object{}, nil
	case logical.Struct:
		return w.structOf(t, name, depth)
	case logical.Enum:
		return enumOf(t, name)
	case logical.Union:
		return w.union(t, nil, depth)
	case logical.Array:
		items, err := w.typ(t.Elem, name, depth+1)
		if err != nil {
			return nil, err
		}
		return newObject("type", "array", "items", items), nil
	case logical.Map:
		return w.mapOf(t.Key, t.Elem, name, depth)
	case logical.Multiset:
		o, err := w.mapOf(t.Elem, &logical.Type{Kind: logical.Int}, name, depth)
		if err != nil {
			return nil, err
		}
		o.set(property.FlinkVersion, property.FlinkVersion1)
		o.set(property.FlinkType, property.FlinkMultiset)
		return o, nil
	case logical.Named:
		ref, err := w.reference(t.Name)
		if err != nil {
			return nil, err
		}
		return newObject("$ref", ref), nil
	}
	return nil, logical.Errorf("Unsupported to derive JSON Schema for type: %s", t.Kind)
}

func titled(o *object, title string) *object {
	o.set(kwTitle, title)
	return o
}

func timeOf(t *logical.Type) (*object, error) {
	if err := checkPrecision(t.Kind, t.Precision); err != nil {
		return nil, err
	}
	o := numberOf(property.ConnectInt64)
	switch t.Kind {
	case logical.Time:
		o = titled(numberOf(property.ConnectInt32), titleTime)
	case logical.TimestampLTZ:
		o.set(kwTitle, titleTimestamp)
	default:
		o.set(property.FlinkVersion, property.FlinkVersion1)
		o.set(property.FlinkType, property.FlinkTimestamp)
	}
	if t.Precision != millisecond {
		o.set(property.FlinkVersion, property.FlinkVersion1)
		o.set(property.FlinkPrecision, intNumber(t.Precision))
	}
	return o, nil
}

func intNumber(i int) logical.Number { return logical.Number(strconv.Itoa(i)) }

func decimalOf(t *logical.Type) *object {
	o := titled(numberOf(property.ConnectBytes), titleDecimal)
	scale := max(t.Scale, 0) // one that is not stated
	o.set(property.ConnectParameters,
		newObject(property.ConnectPrecision, strconv.Itoa(t.Precision), property.Scale, strconv.Itoa(scale)))
	return o
}

func textOf(t *logical.Type) *object {
	o := newObject("type", "string")
	least, most := "minLength", "maxLength"
	bytes := t.Kind == logical.Binary || t.Kind == logical.Varbinary
	if bytes {
		o.set(property.ConnectType, property.ConnectBytes)
		least, most = property.FlinkMinLength, property.FlinkMaxLength
	}
	fixed := t.Kind == logical.Char || t.Kind == logical.Binary
	if fixed || t.Length < logical.Unbounded {
		o.set(most, intNumber(t.Length))
		if bytes {
			o.set(property.FlinkVersion, property.FlinkVersion1)
		}
	}
	if fixed {
		o.set(least, intNumber(t.Length))
	}
	return o
}

// structOf returns an object: a field is a property, and required unless it is nullable. What a field says stands over what its
// inline type says.
func (w *writer) structOf(t *logical.Type, name string, depth int) (*object, error) {
	o := newObject("type", "object", kwTitle, name)
	properties := &object{}
	var required []logical.Value
	for i := range t.Fields {
		f := &t.Fields[i]
		p, err := w.typ(f.Type, name+"_"+f.Name, depth+1)
		if err != nil {
			return nil, err
		}
		if f.Default.Has && !f.Default.Derived && f.Default.Value != nil {
			v, err := w.defaultOf(f.Type, f.Default.Value)
			if err != nil {
				return nil, err
			}
			p.set(kwDefault, v)
		}
		p.set(property.ConnectIndex, intNumber(i))
		p.setText(kwDescription, f.Doc)
		say(p, f.Tags, f.Params, f.Rules)
		properties.add(f.Name, p)
		if !f.Type.Nullable {
			required = append(required, f.Name)
		}
	}
	if len(t.Fields) > 0 {
		o.set("properties", properties)
		o.set("additionalProperties", false)
	}
	if required != nil {
		o.set("required", required)
	}
	o.setText(kwDescription, t.Doc)
	say(o, t.Tags, t.Params, t.Rules)
	return o, nil
}

// say sets what is said about a field or type.
func say(o *object, tags []string, p logical.Params, rules []logical.Rule) {
	for _, e := range []logical.Member{
		{Name: property.Tags, Value: property.TagList(tags)}, {Name: property.Params, Value: property.ParamObject(p)},
		{Name: property.Rules, Value: property.RuleList(rules)},
	} {
		if e.Value != nil {
			o.set(e.Name, e.Value)
		}
	}
}

func enumOf(t *logical.Type, name string) (*object, error) {
	if len(t.Values) == 0 {
		return nil, logical.Errorf("%s", onlyNull)
	}
	symbols := make([]logical.Value, len(t.Values))
	for i, v := range t.Values {
		symbols[i] = v.Symbol
	}
	o := newObject("enum", symbols, kwTitle, name)
	o.setText(kwDescription, t.Doc)
	say(o, t.Tags, t.Params, nil)
	if hints := property.SymbolHints(t); hints != nil {
		o.set(property.Enum, hints)
	}
	return o, nil
}

// union returns a choice of branches, and of null when that is given.
func (w *writer) union(t *logical.Type, null *object, depth int) (*object, error) {
	var of []*object
	if null != nil {
		of = append(of, null)
	}
	for _, b := range t.Branches {
		o, err := w.typ(b.Type, b.Name, depth+1)
		if err != nil {
			return nil, err
		}
		of = append(of, o)
	}
	return newObject("oneOf", of, property.Union, property.BranchHints(t)), nil
}

// mapOf returns an object of values by the keys of a string type, or an array of entries by those of any other.
func (w *writer) mapOf(key, val *logical.Type, name string, depth int) (*object, error) {
	if key != nil && (key.Kind == logical.Varchar || key.Kind == logical.Char) {
		v, err := w.typ(val, name, depth+1)
		if err != nil {
			return nil, err
		}
		o := newObject("type", "object", "additionalProperties", v, property.ConnectType, property.ConnectMap)
		if key.Length < logical.Unbounded {
			o.set(property.LogicalKeyLength, intNumber(key.Length))
			if key.Kind == logical.Char {
				o.set(property.LogicalKeyType, property.Char)
			}
		}
		return o, nil
	}
	k, err := w.typ(key, name+"_key", depth+1)
	if err != nil {
		return nil, err
	}
	v, err := w.typ(val, name+"_value", depth+1)
	if err != nil {
		return nil, err
	}
	properties := newObject(property.EntryKey, k, property.EntryValue, v)
	entry := newObject("type", "object", "properties", properties, "additionalProperties", false)
	return newObject("type", "array", "items", entry, property.ConnectType, property.ConnectMap), nil
}
