package avro

import (
	"fmt"
	"strconv"
	"strings"

	compat "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// The names that AvroData gives.
const (
	namespace      = "io.confluent.connect.avro"
	defaultName    = "ConnectDefault"
	mapEntry       = "MapEntry"
	connectData    = "org.apache.kafka.connect.data."
	fieldDocs      = namespace + ".field.doc."
	recordDoc      = namespace + ".record.doc"
	connectDoc     = "connect.record.doc"
	fieldDefault   = namespace + ".field.default"
	anyPrecision   = 64
	precisionParam = "connect.decimal.precision"
)

// unsupported are the parameters that make AvroData build types which no source of ours has.
var unsupported = []string{namespace + ".Enum", namespace + ".Union", connectData + "Enum", connectData + "Union", "connect.fixed.size"}

// Schema returns the Avro schema of a Connect schema, its text as AvroData and Avro's Schema.toString write it. Version,
// documentation, parameters, defaults and names of the Connect schema are kept in connect. attributes unless o.NoMetadata.
// The error is a *convert.SchemaError.
func Schema(s *record.Schema, o Options) (*compat.Schema, error) {
	b := &builder{o: o, defined: map[string]*record.Schema{}}
	b.typ(s, "")
	if b.err != nil {
		return nil, b.err
	}
	parsed, err := compat.Parse(schema.Document{Text: string(b.dst)}, nil, schema.Options{})
	if err != nil {
		return nil, &convert.SchemaError{Msg: fmt.Sprintf("%v; schema.name.adjustment.mode=avro and field.name.adjustment.mode=avro make names that Avro allows", err)}
	}
	return parsed, nil
}

// builder writes an Avro schema as JSON, in the order of AvroData's attributes. It stops at the first error.
type builder struct {
	o       Options
	dst     []byte
	defined map[string]*record.Schema // by full name
	unnamed []*record.Schema          // those that are called ConnectDefault, ConnectDefault2, …
	err     error
}

func (b *builder) put(s string) { b.dst = append(b.dst, s...) }

func (b *builder) quote(s string) { b.dst = appendJSONString(b.dst, s) }

func (b *builder) fail(path, format string, args ...any) {
	if b.err == nil {
		b.err = &convert.SchemaError{Path: path, Msg: fmt.Sprintf(format, args...)}
	}
}

// typ writes the type of values of s: a union with null when they are optional, null last when there is a default.
func (b *builder) typ(s *record.Schema, path string) {
	switch {
	case !s.Optional:
		b.base(s, path)
	case hasDefault(s) && s.Kind != record.Struct:
		b.put("[")
		b.base(s, path)
		b.put(`,"null"]`)
	default:
		b.put(`["null",`)
		b.base(s, path)
		b.put("]")
	}
}

func hasDefault(s *record.Schema) bool { return s.Default != nil && s.Default.V != nil }

var primitives = map[record.Kind]string{
	record.Boolean: "boolean", record.Int8: "int", record.Int16: "int", record.Int32: "int", record.Int64: "long",
	record.Float32: "float", record.Float64: "double", record.String: "string", record.Bytes: "bytes",
}

func (b *builder) base(s *record.Schema, path string) {
	for _, p := range unsupported {
		if _, ok := s.Param(p); ok {
			b.fail(path, "the schema parameter %s is not supported", p)
			return
		}
	}
	switch s.Kind {
	case record.Array:
		b.put(`{"type":"array","items":`)
		b.typ(s.Elem, path+"[]")
	case record.Map:
		b.mapType(s, path)
	case record.Struct:
		if name, known := b.name(s, path); known {
			b.quote(name)
			return
		}
		b.record(s, path)
	default:
		name, ok := primitives[s.Kind]
		if !ok {
			b.fail(path, "a schema without a type")
			return
		}
		b.put(`{"type":"` + name + `"`)
	}
	b.attributes(s, path)
	b.put("}")
}

// stringKeys reports whether a map is one of Avro's, whose keys are strings.
func (o *Options) stringKeys(s *record.Schema) bool {
	return s.Key.Kind == record.String && (!s.Key.Optional || o.OptionalMapKeys)
}

// mapType writes Avro's map, or an array of records of key and value where keys are no strings. AvroData leaves the record's
// attributes to the array.
func (b *builder) mapType(s *record.Schema, path string) {
	if b.o.stringKeys(s) {
		b.put(`{"type":"map","values":`)
		b.typ(s.Elem, path+"[]")
		return
	}
	b.put(`{"type":"array","items":`)
	full := namespace + "." + mapEntry
	if s.Name != "" {
		full = b.o.fullName(s.Name)
	}
	if b.known(full, s, path) {
		b.quote(full)
		return
	}
	b.defined[full] = s
	b.recordHead(full)
	b.put(`"fields":[`)
	b.field("key", "", s.Key, path+"[key]")
	b.put(",")
	b.field("value", "", s.Elem, path+"[]")
	b.put("]")
	if s.Name != "" {
		b.put(`,"connect.internal.type":"` + mapEntry + `"`)
	}
	b.put("}")
}

// known reports whether the name is taken by a schema of the same fields.
func (b *builder) known(full string, s *record.Schema, path string) bool {
	other := b.defined[full]
	if other == nil {
		return false
	}
	if !sameShape(other, s) {
		b.fail(path, "two different schemas are called %s", full)
	}
	return true
}

// name returns the full name of a struct and whether it has been written already.
func (b *builder) name(s *record.Schema, path string) (full string, known bool) {
	if s.Name != "" {
		full = b.o.fullName(s.Name)
		return full, b.known(full, s, path)
	}
	name := func(i int) string {
		if i == 0 {
			return namespace + "." + defaultName
		}
		return namespace + "." + defaultName + strconv.Itoa(i+1)
	}
	for i, u := range b.unnamed {
		if sameShape(u, s) {
			return name(i), true
		}
	}
	return name(len(b.unnamed)), false
}

func (b *builder) recordHead(full string) {
	space, short := splitFull(full)
	b.put(`{"type":"record","name":`)
	b.quote(short)
	b.put(`,"namespace":`) // "" resets what an outer record gives
	b.quote(space)
	b.put(",")
}

func (b *builder) record(s *record.Schema, path string) {
	full, _ := b.name(s, path)
	if s.Name == "" {
		b.unnamed = append(b.unnamed, s)
	} else {
		b.defined[full] = s
	}
	b.recordHead(full)
	docParam := recordDoc
	if b.o.DiscardTypeDocs {
		docParam = connectDoc
	}
	if doc, ok := s.Param(docParam); ok {
		b.put(`"doc":`)
		b.quote(doc)
		b.put(",")
	}
	b.put(`"fields":[`)
	for i := range s.Fields {
		if i > 0 {
			b.put(",")
		}
		f := &s.Fields[i]
		doc, _ := s.Param(fieldDocs + f.Name)
		b.field(f.Name, doc, f.Schema, join(path, f.Name))
	}
	b.put("]")
}

func (b *builder) field(name, doc string, s *record.Schema, path string) {
	b.put(`{"name":`)
	b.quote(b.o.fieldName(name))
	b.put(`,"type":`)
	b.typ(s, path)
	if b.o.DiscardTypeDocs {
		doc = s.Doc
	}
	if doc != "" {
		b.put(`,"doc":`)
		b.quote(doc)
	}
	if hasDefault(s) {
		before := len(b.dst)
		b.put(`,"default":`)
		if !b.literal(s, s.Default, true, path) {
			b.dst = b.dst[:before] // Avro has no such default: AvroData leaves it out, too
		}
	} else if s.Optional {
		b.put(`,"default":null`)
	}
	b.put("}")
}

// attributes writes what AvroData keeps of a Connect schema beside the type.
func (b *builder) attributes(s *record.Schema, path string) {
	name := strings.ToLower(s.Name)
	decimal := name == strings.ToLower(connectData+"Decimal") && s.Kind == record.Bytes
	if decimal {
		scale, precision := b.decimal(s, path)
		b.put(`,"scale":` + strconv.Itoa(scale) + `,"precision":` + strconv.Itoa(precision))
	}
	if !b.o.NoMetadata {
		b.metadata(s, path)
	}
	logical := map[string]string{"decimal": "decimal", "date": "date", "time": "time-millis", "timestamp": "timestamp-millis"}
	if rest, ok := strings.CutPrefix(name, connectData); ok && logical[rest] != "" && (rest != "decimal" || decimal) {
		b.put(`,"logicalType":"` + logical[rest] + `"`)
	}
	for _, p := range s.Params {
		if strings.HasPrefix(p.Name, "avro") {
			b.put(",")
			b.quote(p.Name)
			b.put(":")
			b.quote(p.Value)
		}
	}
}

func (b *builder) metadata(s *record.Schema, path string) {
	if s.Doc != "" {
		b.put(`,"connect.doc":`)
		b.quote(s.Doc)
	}
	if s.Version != 0 {
		b.put(`,"connect.version":` + strconv.Itoa(s.Version))
	}
	_, ofAvro := s.Param(fieldDefault)
	first := true
	for _, p := range s.Params {
		if p.Name == fieldDefault && !b.o.DiscardTypeDocs {
			continue
		}
		if first {
			b.put(`,"connect.parameters":{`)
		} else {
			b.put(",")
		}
		first = false
		b.quote(p.Name)
		b.put(":")
		b.quote(p.Value)
	}
	if !first {
		b.put("}")
	}
	if hasDefault(s) && (b.o.DiscardTypeDocs || !ofAvro) {
		b.put(`,"connect.default":`)
		b.literal(s, s.Default, false, path)
	}
	if s.Name != "" {
		b.put(`,"connect.name":`)
		b.quote(s.Name)
	}
	switch s.Kind {
	case record.Int8, record.Int16:
		b.put(`,"connect.type":"` + s.Kind.String() + `"`)
	}
}

func (b *builder) decimal(s *record.Schema, path string) (scale, precision int) {
	number := func(param string) int {
		text, _ := s.Param(param)
		n, err := strconv.Atoi(text)
		if err != nil {
			b.fail(path, "a Decimal whose parameter %s is not a whole number", param)
		}
		return n
	}
	precision = anyPrecision
	if _, ok := s.Param(precisionParam); ok {
		precision = number(precisionParam)
	}
	return number("scale"), precision
}

// sameShape reports whether two schemas have the same Avro type, default, documentation and constants aside.
func sameShape(x, y *record.Schema) bool {
	if x == y {
		return true
	}
	if x == nil || y == nil || x.Kind != y.Kind || x.Name != y.Name || len(x.Fields) != len(y.Fields) {
		return false
	}
	inner := func(x, y *record.Schema) bool {
		return x == y || x != nil && y != nil && x.Optional == y.Optional && hasDefault(x) == hasDefault(y) && sameShape(x, y)
	}
	for i := range x.Fields {
		if x.Fields[i].Name != y.Fields[i].Name || !inner(x.Fields[i].Schema, y.Fields[i].Schema) {
			return false
		}
	}
	return inner(x.Key, y.Key) && inner(x.Elem, y.Elem)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
