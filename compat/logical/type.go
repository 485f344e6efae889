package logical

import (
	"fmt"
	"math"
)

// Kind is what a type is, by its word in the DDL.
type Kind uint8

// The kinds.
const (
	Boolean Kind = iota + 1
	TinyInt
	SmallInt
	Int
	BigInt
	Float
	Double
	Decimal
	Char
	Varchar // STRING when it has no bound
	Binary
	Varbinary // BYTES when it has no bound
	Date
	Time
	Timestamp
	TimestampLTZ
	Variant
	Array
	Multiset
	Map
	Struct
	Enum
	Union
	Named // a reference to a named type of the schema
)

var kinds = [...]string{"", "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "CHAR", "VARCHAR",
	"BINARY", "VARBINARY", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ", "VARIANT", "ARRAY", "MULTISET", "MAP", "STRUCT", "ENUM",
	"UNION", "NAMED_TYPE_REF"}

// String returns the kind's name as Confluent's messages have it.
func (k Kind) String() string {
	if int(k) < len(kinds) && k > 0 {
		return kinds[k]
	}
	return fmt.Sprintf("Kind(%d)", k)
}

// Unbounded is the length of a STRING or BYTES.
const Unbounded = math.MaxInt32

// Unstated is the Scale of a DECIMAL(p), which says none; it counts as 0.
const Unstated = -1

// What a type has that is written without a parameter.
const (
	DefaultLength             = 1
	DefaultPrecision          = 10 // of a DECIMAL
	DefaultTimePrecision      = 0
	DefaultTimestampPrecision = 6
	MaxFraction               = 9 // the largest precision of a TIME, TIMESTAMP or TIMESTAMP_LTZ
)

// Type is what a value is. It is immutable once its Schema is built, and may be shared.
type Type struct {
	Kind     Kind
	Nullable bool // in the DDL every type is unless it says NOT NULL
	Doc      string
	Tags     []string
	Params   Params
	Rules    []Rule // a STRUCT's table-level CHECKs

	Length    int // CHAR, VARCHAR, BINARY, VARBINARY: from 1 to Unbounded
	Precision int // DECIMAL: digits; TIME, TIMESTAMP, TIMESTAMP_LTZ: digits of a second's fraction
	Scale     int // DECIMAL: digits behind the point, or Unstated

	Name     string // Named: the qualified name of the type
	Key      *Type  // MAP
	Elem     *Type  // ARRAY, MULTISET; MAP: the value
	Fields   []Field
	Values   []EnumValue
	Branches []Branch
}

// Field is a field of a STRUCT; its position is its index.
type Field struct {
	Name    string
	Type    *Type
	Default Default
	Doc     string
	Tags    []string
	Params  Params
	Rules   []Rule // column-level CHECKs
}

// Default is what a reader takes for an absent field. Its value is by the field's type: bool; Number; string of a CHAR, VARCHAR
// or ENUM; []byte of a BINARY or VARBINARY; the string of FormatTime of a DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ; []Value or
// Object.
type Default struct {
	Has   bool
	Value Value // nil: NULL
	// Derived is set where a language's wire format says it and nobody wrote it, as the empty list of an absent repeated field
	// of Protobuf. A writer of DDL or of a schema leaves it out; a comparison takes it as any other.
	Derived bool
}

// EnumValue is a symbol of an ENUM.
type EnumValue struct {
	Symbol string
	Doc    string
	Params Params
}

// Branch is a branch of a UNION.
type Branch struct {
	Name   string
	Type   *Type
	Doc    string
	Params Params
}

// Rule is a CHECK constraint.
type Rule struct {
	Name string // "": none
	Doc  string // what to say when it fails; "": nothing
	Expr string // CEL: what clients evaluate
	SQL  string // the expression as the DDL has it
}

// Param is a property of a type, field, branch or symbol: WITH ('key' = 'value') in the DDL, where every value is a string.
type Param struct {
	Key   string
	Value Value
}

// Params are properties in their order, each key once.
type Params []Param

// Get returns the value of a key.
func (p Params) Get(key string) (Value, bool) {
	for _, e := range p {
		if e.Key == key {
			return e.Value, true
		}
	}
	return nil, false
}

// Text returns the value of a key that is a string; "" otherwise.
func (p Params) Text(key string) string {
	v, _ := p.Get(key)
	s, _ := v.(string)
	return s
}

// With returns the properties with a key set, which keeps its place when it was there.
func (p Params) With(key string, v Value) Params {
	for i, e := range p {
		if e.Key == key {
			q := append(Params(nil), p...)
			q[i].Value = v
			return q
		}
	}
	return append(p[:len(p):len(p)], Param{key, v})
}

// Value is a default or a property's value: nil, bool, string, []byte, Number, []Value or Object.
type Value any

// Number is a number as it is written in decimal digits, without loss: -12, 1.50, 2.0E10. That of a FLOAT or DOUBLE is as
// FloatNumber has it, that of a DECIMAL as BigDecimal.String.
type Number string

// String returns the digits.
func (n Number) String() string { return string(n) }

// Member is a member of an Object.
type Member struct {
	Name  string
	Value Value
}

// Object is a value with named members in their order.
type Object []Member
