package protobuf

import (
	"strconv"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// scalars are the types that Protobuf has.
var scalars = map[logical.Kind]string{
	logical.Boolean: "bool", logical.TinyInt: "int32", logical.SmallInt: "int32", logical.Int: "int32", logical.BigInt: "int64",
	logical.Float: "float", logical.Double: "double", logical.Char: "string", logical.Varchar: "string", logical.Binary: "bytes",
	logical.Varbinary: "bytes",
}

// standIns are the messages that stand for a type, and the files that declare them.
var standIns = map[logical.Kind][2]string{
	logical.Decimal: {decimalType, decimalFile}, logical.Variant: {variantType, variantFile}, logical.Date: {dateType, dateFile},
	logical.Time: {timeType, timeFile}, logical.Timestamp: {timestampType, timestampFile},
	logical.TimestampLTZ: {timestampType, timestampFile},
}

// collection reports whether a type is a list in Protobuf.
func collection(t *logical.Type) bool {
	return t.Kind == logical.Array || t.Kind == logical.Map || t.Kind == logical.Multiset
}

// field makes a field of m. The messages and enums that are made for its type go into m.
func (w *writer) field(m *messageDecl, t *logical.Type, name, doc string, number int) (*fieldDecl, error) {
	switch {
	case t.Kind == logical.Union:
		return w.wrap(m, t, name, doc, number, oneofSuffix)
	case collection(t) && t.Nullable:
		f, err := w.wrap(m, nullable(t, false), name, doc, number, repeatedSuffix)
		if err == nil && t.Kind == logical.Multiset {
			f.meta.mark(property.FlinkType, property.FlinkMultiset)
		}
		return f, err
	case t.Kind == logical.Array:
		return w.array(m, t, name, doc, number)
	case t.Kind == logical.Map:
		return w.entries(m, t.Key, t.Elem, name, doc, number)
	case t.Kind == logical.Multiset:
		f, err := w.entries(m, t.Elem, &logical.Type{Kind: logical.Int}, name, doc, number)
		if err == nil {
			f.meta.mark(property.FlinkType, property.FlinkMultiset)
		}
		return f, err
	}
	f := &fieldDecl{name: name, number: number, meta: meta{doc: doc}}
	if t.Nullable {
		f.label = "optional"
	}
	return f, w.single(m, f, t)
}

// single gives a field a type that is not a list.
func (w *writer) single(m *messageDecl, f *fieldDecl, t *logical.Type) error {
	standIn, stands := standIns[t.Kind]
	if !t.Nullable && (stands || t.Kind == logical.Struct) {
		f.meta.mark(property.FlinkNotNull, "true")
	}
	if stands {
		f.typ = "." + standIn[0]
		w.imports[standIn[1]] = true
	} else {
		f.typ = scalars[t.Kind]
	}
	switch t.Kind {
	case logical.TinyInt:
		f.meta.mark(property.ConnectType, property.ConnectInt8)
	case logical.SmallInt:
		f.meta.mark(property.ConnectType, property.ConnectInt16)
	case logical.Char, logical.Binary:
		f.meta.mark(property.FlinkMinLength, strconv.Itoa(t.Length), property.FlinkMaxLength, strconv.Itoa(t.Length))
	case logical.Varchar, logical.Varbinary:
		if t.Length != logical.Unbounded {
			f.meta.mark(property.FlinkMaxLength, strconv.Itoa(t.Length))
		}
	case logical.Decimal:
		f.meta.mark(property.Precision, strconv.Itoa(t.Precision), property.Scale, strconv.Itoa(t.Scale))
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		if t.Precision < 0 || t.Precision > logical.MaxFraction {
			return logical.Errorf("%s precision must be in [0, %d], got %d", t.Kind, logical.MaxFraction, t.Precision)
		}
		if t.Precision != logical.MaxFraction {
			f.meta.mark(property.FlinkPrecision, strconv.Itoa(t.Precision))
		}
		if t.Kind == logical.Timestamp {
			f.meta.mark(property.FlinkType, property.FlinkTimestamp)
		}
	case logical.Named:
		return w.named(f, t.Name)
	case logical.Struct:
		n, err := w.message(t, made(f.name, rowSuffix), nil)
		if err != nil {
			return err
		}
		f.typ = n.name
		m.messages = append(m.messages, n)
	case logical.Enum:
		e, err := w.enum(t, made(f.name, enumSuffix))
		if err != nil {
			return err
		}
		f.typ = e.name
		m.enums = append(m.enums, e)
	}
	if f.typ == "" {
		return logical.Errorf("Unsupported to derive Protobuf Schema for type %s", t.Kind)
	}
	return nil
}

// named gives a field a named type: one of the file, or one of a reference, which the file then imports.
func (w *writer) named(f *fieldDecl, name string) error {
	f.typ = "." + name
	if w.isLocal[name] {
		return nil
	}
	file, known := w.externals[name]
	if !known {
		return logical.Errorf("Unknown named type reference: %s", name)
	}
	w.imports[file] = true
	return nil
}

// wrap makes a field whose message has the type in its field value, or in a oneof of that name.
func (w *writer) wrap(m *messageDecl, t *logical.Type, name, doc string, number int, suffix string) (*fieldDecl, error) {
	wrapper := &logical.Type{Kind: logical.Struct, Fields: []logical.Field{{Name: property.EntryValue, Type: t}}}
	n, err := w.message(wrapper, made(name, suffix), nil)
	if err != nil {
		return nil, err
	}
	m.messages = append(m.messages, n)
	f := &fieldDecl{typ: n.name, name: name, number: number, meta: meta{doc: doc}}
	f.meta.mark(property.FlinkWrapped, "true")
	return f, nil
}

// array makes a list. Elements that are lists, unions or null are wrapped.
func (w *writer) array(m *messageDecl, t *logical.Type, name, doc string, number int) (*fieldDecl, error) {
	var f *fieldDecl
	var err error
	if e := t.Elem; e.Nullable || e.Kind == logical.Union || collection(e) {
		f, err = w.wrap(m, e, name, doc, number, elementSuffix)
	} else {
		f, err = w.field(m, e, name, doc, number)
	}
	if err != nil {
		return nil, err
	}
	f.label = "repeated"
	return f, nil
}

// entries makes a list of messages with a key and a value. It is no map of Protobuf, whose keys are few types and not null.
func (w *writer) entries(m *messageDecl, key, value *logical.Type, name, doc string, number int) (*fieldDecl, error) {
	fields := []logical.Field{{Name: property.EntryKey, Type: key}, {Name: property.EntryValue, Type: value}}
	entry := &logical.Type{Kind: logical.Struct, Fields: fields}
	n, err := w.message(entry, made(name, entrySuffix), nil)
	if err != nil {
		return nil, err
	}
	m.messages = append(m.messages, n)
	return &fieldDecl{label: "repeated", typ: n.name, name: name, number: number, meta: meta{doc: doc}}, nil
}
