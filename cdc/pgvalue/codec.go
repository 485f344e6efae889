package pgvalue

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/record"
)

// Column is what the catalogue says of a column.
type Column struct {
	Name       string
	Type       uint32
	Typmod     int32 // -1: none
	NotNull    bool
	Default    string // pg_get_expr's text, with HasDefault
	HasDefault bool
	Generated  bool
}

type op uint8

const (
	opText      op = iota // also everything whose binary form is its text
	opVersioned           // text behind a version byte in binary: jsonb, ltree
	opTextOnly            // ranges, tsvector: read as text
	opChar
	opBool
	opInt
	opOID
	opFloat
	opNumeric
	opNumericVariable
	opNumericDouble
	opNumericString
	opMoney
	opMoneyDouble
	opMoneyString
	opBytea
	opUUID
	opDate
	opTime
	opTimeTZ
	opTimestamp
	opTimestampTZ
	opInterval
	opBit1
	opBits
	opHStore
	opInet
	opMac
	opPoint
	opArray
	opVector
	opGeometry
)

// unit says how a moment is written.
type unit uint8

const (
	millis unit = iota
	micros
	nanos
	iso
)

// Codec decodes the values of one column.
type Codec struct {
	Schema *record.Schema

	op          op
	typ         string
	bits        int // integers: width
	scale       int // numeric, money
	precision   int // fraction digits of times, -1 for the type's own
	unit        unit
	binary      string
	isMap       bool
	elem        *Codec
	placeholder []byte
	missing     *record.Literal
	delim       byte
}

// Compile returns the codec of a column, or nil for a type that Debezium leaves out of the schema.
func Compile(cat *Catalog, col Column, o Options) (*Codec, error) {
	o = o.withDefaults()
	c, err := compile(cat, col.Type, col.Typmod, o)
	if c == nil || err != nil {
		return nil, err
	}
	s := *c.Schema
	s.Optional = !col.NotNull
	c.Schema = &s
	if err := c.setPlaceholder(o.Placeholder); err != nil {
		return nil, err
	}
	c.setDefault(col)
	return c, nil
}

func named(k record.Kind, name string, params ...record.Param) *record.Schema {
	s := &record.Schema{Kind: k, Name: name, Params: params, Optional: true}
	if name != "" {
		s.Version = 1
	}
	return s
}

const (
	decimalName = "org.apache.kafka.connect.data.Decimal"
	dbzTime     = "io.debezium.time."
	connectData = "org.apache.kafka.connect.data."
)

func compile(cat *Catalog, oid uint32, typmod int32, o Options) (*Codec, error) {
	t, typmod, ok := cat.resolve(oid, typmod)
	if !ok {
		return unknown("unknown", o), nil
	}
	c := &Codec{typ: t.Name, precision: -1, binary: o.Binary}
	if t.Elem != 0 {
		elem, err := compile(cat, t.Elem, typmod, o)
		if elem == nil || err != nil || elem.op == opArray {
			return unknown(t.Name, o), err
		}
		if elem.Schema.Name == "io.debezium.data.Enum" { // Debezium makes array elements optional, but not these
			s := *elem.Schema
			s.Optional = false
			elem.Schema = &s
		}
		c.op, c.elem, c.Schema, c.delim = opArray, elem, &record.Schema{Kind: record.Array, Optional: true, Elem: elem.Schema}, ','
		return c, nil
	}
	if t.Kind == 'e' {
		c.op, c.Schema = opText, named(record.String, "io.debezium.data.Enum", record.Param{Name: "allowed", Value: strings.Join(t.Labels, ",")})
		return c, nil
	}
	integer := func(bits int, k record.Kind) { c.op, c.bits, c.Schema = opInt, bits, named(k, "") }
	text := func(as op, name string) { c.op, c.Schema = as, named(record.String, name) }
	switch t.Name {
	case "bool":
		c.op, c.Schema = opBool, named(record.Boolean, "")
	case "int2":
		integer(16, record.Int16)
	case "int4":
		integer(32, record.Int32)
	case "int8":
		integer(64, record.Int64)
	case "oid":
		c.op, c.Schema = opOID, named(record.Int64, "")
	case "float4":
		c.op, c.bits, c.Schema = opFloat, 32, named(record.Float32, "")
	case "float8":
		c.op, c.bits, c.Schema = opFloat, 64, named(record.Float64, "")
	case "numeric":
		c.numeric(typmod, o)
	case "money":
		c.scale = *o.MoneyDigits
		switch o.Decimal {
		case "double":
			c.op, c.Schema = opMoneyDouble, named(record.Float64, "")
		case "string":
			text(opMoneyString, "")
		default:
			c.op, c.Schema = opMoney, named(record.Bytes, decimalName, record.Param{Name: "scale", Value: strconv.Itoa(c.scale)})
		}
	case "text", "varchar", "bpchar", "name", "citext":
		text(opText, "")
	case "char":
		text(opChar, "")
	case "xml":
		text(opText, "io.debezium.data.Xml")
	case "json":
		text(opText, "io.debezium.data.Json")
	case "jsonb":
		text(opVersioned, "io.debezium.data.Json")
	case "ltree":
		text(opVersioned, "io.debezium.data.Ltree")
	case "tsvector":
		text(opTextOnly, "io.debezium.data.Tsvector")
	case "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange":
		text(opTextOnly, "")
	case "uuid":
		text(opUUID, "io.debezium.data.Uuid")
	case "inet", "cidr":
		text(opInet, "")
	case "macaddr", "macaddr8":
		text(opMac, "")
	case "bytea":
		c.op, c.Schema = opBytea, bytesSchema(o.Binary)
	case "bit", "varbit":
		c.bitString(t.Name, typmod)
	case "hstore":
		c.op, c.isMap = opHStore, o.HStore == "map"
		if c.Schema = named(record.String, "io.debezium.data.Json"); c.isMap {
			c.Schema = &record.Schema{Kind: record.Map, Optional: true, Key: &record.Schema{Kind: record.String}, Elem: &record.Schema{Kind: record.String, Optional: true}}
		}
	case "point":
		c.op, c.Schema = opPoint, pointSchema()
	case "geometry", "geography":
		c.op, c.Schema = opGeometry, geometrySchema(t.Name)
	case "vector":
		c.op, c.Schema = opVector, vectorSchema("io.debezium.data.DoubleVector", record.Float64)
	case "halfvec":
		c.op, c.Schema = opVector, vectorSchema("io.debezium.data.FloatVector", record.Float32)
	default:
		if !c.moment(t.Name, typmod, o) {
			return unknown(t.Name, o), nil
		}
	}
	return c, nil
}

// unknown is a type that Debezium knows nothing of: left out, or its text as bytes when asked for.
func unknown(name string, o Options) *Codec {
	if !o.IncludeUnknown {
		return nil
	}
	return &Codec{op: opTextOnly, typ: name, binary: o.Binary, Schema: bytesSchema(o.Binary)}
}

func bytesSchema(mode string) *record.Schema {
	if mode == "bytes" {
		return named(record.Bytes, "")
	}
	return named(record.String, "")
}

func (c *Codec) numeric(typmod int32, o Options) {
	switch o.Decimal {
	case "double":
		c.op, c.Schema = opNumericDouble, named(record.Float64, "")
		return
	case "string":
		c.op, c.Schema = opNumericString, named(record.String, "")
		return
	}
	if typmod < 4 {
		c.op = opNumericVariable
		c.Schema = &record.Schema{Kind: record.Struct, Optional: true, Name: "io.debezium.data.VariableScaleDecimal", Version: 1, Doc: "Variable scaled decimal", Fields: []record.Field{
			{Name: "scale", Schema: &record.Schema{Kind: record.Int32}}, {Name: "value", Schema: &record.Schema{Kind: record.Bytes}}}}
		return
	}
	// The typmod is precision and an 11-bit signed scale, plus 4 (numeric.c, numeric_typmod_scale).
	m := uint32(typmod - 4)
	c.op, c.scale = opNumeric, int((m&0x7ff)^1024)-1024
	c.Schema = named(record.Bytes, decimalName, record.Param{Name: "scale", Value: strconv.Itoa(c.scale)},
		record.Param{Name: "connect.decimal.precision", Value: strconv.Itoa(int(m >> 16 & 0xffff))})
}

func (c *Codec) bitString(name string, typmod int32) {
	if name == "bit" && typmod <= 1 {
		c.op, c.Schema = opBit1, named(record.Boolean, "")
		return
	}
	length := "2147483647"
	if typmod > 0 {
		length = strconv.Itoa(int(typmod))
	}
	c.op, c.Schema = opBits, named(record.Bytes, "io.debezium.data.Bits", record.Param{Name: "length", Value: length})
}

// moment compiles the types of date and time.
func (c *Codec) moment(name string, typmod int32, o Options) bool {
	if name != "interval" && typmod >= 0 && typmod <= 6 {
		c.precision = int(typmod)
	}
	coarse := c.precision >= 0 && c.precision <= 3
	pick := func(k record.Kind, u unit, schema string) { c.unit, c.Schema = u, named(k, schema) }
	switch name {
	case "date":
		c.op = opDate
		switch o.Time {
		case "connect":
			pick(record.Int32, millis, connectData+"Date")
		case "isostring":
			pick(record.String, iso, dbzTime+"IsoDate")
		default:
			pick(record.Int32, millis, dbzTime+"Date")
		}
	case "time":
		c.op = opTime
		switch {
		case o.Time == "connect":
			pick(record.Int32, millis, connectData+"Time")
		case o.Time == "isostring":
			pick(record.String, iso, dbzTime+"IsoTime")
		case o.Time == "nanoseconds":
			pick(record.Int64, nanos, dbzTime+"NanoTime")
		case o.Time == "adaptive" && coarse:
			pick(record.Int32, millis, dbzTime+"Time")
		default:
			pick(record.Int64, micros, dbzTime+"MicroTime")
		}
	case "timestamp":
		c.op = opTimestamp
		switch {
		case o.Time == "connect":
			pick(record.Int64, millis, connectData+"Timestamp")
		case o.Time == "isostring":
			pick(record.String, iso, dbzTime+"IsoTimestamp")
		case o.Time == "nanoseconds":
			pick(record.Int64, nanos, dbzTime+"NanoTimestamp")
		case o.Time != "microseconds" && coarse:
			pick(record.Int64, millis, dbzTime+"Timestamp")
		default:
			pick(record.Int64, micros, dbzTime+"MicroTimestamp")
		}
	case "timetz":
		c.op = opTimeTZ
		pick(record.String, iso, dbzTime+"ZonedTime")
	case "timestamptz":
		c.op = opTimestampTZ
		pick(record.String, iso, dbzTime+"ZonedTimestamp")
	case "interval":
		c.op = opInterval
		if o.Interval == "string" {
			pick(record.String, iso, dbzTime+"Interval")
		} else {
			pick(record.Int64, micros, dbzTime+"MicroDuration")
		}
	default:
		return false
	}
	return true
}

// HasBinary reports whether Binary understands the type's binary form.
func (c *Codec) HasBinary() bool {
	switch c.op {
	case opTextOnly, opVector, opGeometry:
		return false
	case opArray:
		return c.elem.HasBinary()
	}
	return true
}

func (c *Codec) fail(what string) error { return &Error{Type: c.typ, What: what} }

// setPlaceholder reads the option's hex: form.
func (c *Codec) setPlaceholder(s string) error {
	c.placeholder = []byte(s)
	if h, ok := strings.CutPrefix(s, "hex:"); ok {
		b, err := hex.DecodeString(h)
		if err != nil {
			return c.fail("the placeholder's hex: part is not hexadecimal")
		}
		c.placeholder = b
	}
	for e := c.elem; e != nil; e = e.elem {
		e.placeholder = c.placeholder
	}
	return nil
}
