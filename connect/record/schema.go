package record

import "strings"

// Kind is a Connect schema type. The names in String are the ones of Kafka Connect's JSON form ("int32", "struct").
type Kind uint8

// The kinds, as Kafka Connect's Schema.Type lists them.
const (
	Invalid Kind = iota
	Boolean
	Int8
	Int16
	Int32
	Int64
	Float32
	Float64
	String
	Bytes
	Array
	Map
	Struct
)

var kindNames = [...]string{"invalid", "boolean", "int8", "int16", "int32", "int64", "float", "double", "string", "bytes", "array", "map", "struct"}

// String returns the type word of Connect's JSON schema form.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Schema is a Kafka Connect schema: a tree, immutable once rows use it, shared by pointer. Converters compile one plan
// per pointer, so a source that sees a table change makes a new Schema and never edits one.
type Schema struct {
	Kind     Kind
	Optional bool
	Name     string   // logical type or record name, "" for none
	Version  int      // 0: none
	Doc      string   // "" for none
	Params   []Param  // in the order in which they were added
	Default  *Literal // nil: no default
	Fields   []Field  // Struct only
	Key      *Schema  // Map only
	Elem     *Schema  // Array: items, Map: values
}

// Param is one schema parameter, such as a Decimal's scale.
type Param struct{ Name, Value string }

// Field is one member of a Struct.
type Field struct {
	Name   string
	Schema *Schema
	// Const, when set, is the value of this field in every row of the schema. The row's cell for the field is not
	// written, and encoders fold the value into their literal parts.
	Const *Literal
}

// Literal is a value known when the schema is made: a default or a constant. V is nil, bool, int64 (all integer
// kinds), float64 (both float kinds), string, []byte, or []Literal (array elements, or struct members in field order).
type Literal struct{ V any }

// Lit returns a Literal of v.
func Lit(v any) *Literal { return &Literal{V: v} }

// Param returns the value of the parameter called name.
func (s *Schema) Param(name string) (string, bool) {
	for _, p := range s.Params {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// Field returns the index of the field called name, or -1.
func (s *Schema) Field(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// Equal reports whether two schemas are the same by content. Constants count.
func (s *Schema) Equal(o *Schema) bool {
	if s == o {
		return true
	}
	if s == nil || o == nil || s.Kind != o.Kind || s.Optional != o.Optional || s.Name != o.Name || s.Version != o.Version ||
		s.Doc != o.Doc || len(s.Params) != len(o.Params) || len(s.Fields) != len(o.Fields) || !s.Default.equal(o.Default) {
		return false
	}
	for i := range s.Params {
		if s.Params[i] != o.Params[i] {
			return false
		}
	}
	for i := range s.Fields {
		a, b := &s.Fields[i], &o.Fields[i]
		if a.Name != b.Name || !a.Const.equal(b.Const) || !a.Schema.Equal(b.Schema) {
			return false
		}
	}
	return s.Key.Equal(o.Key) && s.Elem.Equal(o.Elem)
}

func (l *Literal) equal(o *Literal) bool {
	if l == nil || o == nil {
		return l == o
	}
	switch a := l.V.(type) {
	case []byte:
		b, ok := o.V.([]byte)
		return ok && string(a) == string(b)
	case []Literal:
		b, ok := o.V.([]Literal)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !a[i].equal(&b[i]) {
				return false
			}
		}
		return true
	default:
		switch o.V.(type) {
		case []byte, []Literal:
			return false
		}
		return l.V == o.V
	}
}

// String returns a short form for messages: struct{id:int32,name:string?}.
func (s *Schema) String() string {
	if s == nil {
		return "null"
	}
	var b strings.Builder
	s.write(&b)
	return b.String()
}

func (s *Schema) write(b *strings.Builder) {
	switch s.Kind {
	case Struct:
		b.WriteString("struct{")
		for i, f := range s.Fields {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(f.Name)
			b.WriteByte(':')
			f.Schema.write(b)
		}
		b.WriteByte('}')
	case Array:
		b.WriteString("array<")
		s.Elem.write(b)
		b.WriteByte('>')
	case Map:
		b.WriteString("map<")
		s.Key.write(b)
		b.WriteByte(',')
		s.Elem.write(b)
		b.WriteByte('>')
	default:
		b.WriteString(s.Kind.String())
	}
	if s.Optional {
		b.WriteByte('?')
	}
}

// Layout is what the rows of one table version share: their topic, their key and value schema and constant headers.
// Immutable once rows use it; encoders are cached by its pointer and by those of its schemas.
type Layout struct {
	Topic   string
	Key     *Schema // nil: the rows have no key
	Value   *Schema // nil: the rows have no value
	Headers []Header
	Table   string // "schema.table" for logs and metrics, "" for none
}

// Header is one record header, already encoded.
type Header struct {
	Key   string
	Value []byte
}
