package avro

import "strings"

// Kind is what a Type is.
type Kind uint8

// The kinds, in the order of Java's Schema.Type. An error is a Record.
const (
	Record Kind = iota
	Enum
	Array
	Map
	Union
	Fixed
	String
	Bytes
	Int
	Long
	Float
	Double
	Boolean
	Null
)

var kindNames = [...]string{"record", "enum", "array", "map", "union", "fixed", "string", "bytes", "int", "long", "float", "double",
	"boolean", "null"}

// String returns the name that a schema uses, as "record".
func (k Kind) String() string { return kindNames[k] }

// upper returns the name that Java's messages use, as RECORD.
func (k Kind) upper() string { return strings.ToUpper(kindNames[k]) }

func (k Kind) named() bool { return k == Record || k == Enum || k == Fixed }

// primitive returns the kind that name stands for in a schema.
func primitive(name string) (Kind, bool) {
	for k := String; k <= Null; k++ {
		if kindNames[k] == name {
			return k, true
		}
	}
	return 0, false
}

// Type is a node of a parsed schema. Read only: types are shared.
type Type struct {
	Kind Kind

	// Of a Record, an Enum or a Fixed.
	Name    Name
	Doc     *string
	Aliases []Name

	IsError     bool     // of a Record: declared as "error"
	Fields      []*Field // of a Record
	Symbols     []string // of an Enum
	EnumDefault *string  // of an Enum: what a reader takes for a symbol that it does not know
	Size        int      // of a Fixed: bytes

	Elem     *Type   // of an Array its items, of a Map its values
	Branches []*Type // of a Union

	Logical *Logical // nil when there is none or it is ill-formed
	Props   []Prop   // attributes that Avro does not define for this kind, in document order

	at    map[string]int // the fields' positions
	place                // where it begins
	elem  place          // where Elem is written, which may be a name
	sites []place        // where Branches are written

	placeholder bool   // it stands for the type called pending, which was not known when it was read
	pending     string // a full name
	short       string // the name as it was written, where pending has a namespace before it

	round int // the resolve round in which its fields were set
}

// Field is a field of a record.
type Field struct {
	Name    string
	Type    *Type
	Doc     *string
	Default *Value // nil: none, which a default of null is not
	Order   Order
	Aliases []string
	Props   []Prop

	place
	site place // where its type is written
}

// place is where something is written: in the document itself, 0, or in one that it refers to, counted from 1.
type place struct{ doc, off int }

// Offset returns where a Type or a Field begins, in bytes; own is false when that is in a document which the schema's refers to.
func (p place) Offset() (off int, own bool) { return p.off, p.doc == 0 }

// Prop is an attribute that Avro does not define.
type Prop struct {
	Name  string
	Value *Value
}

// Order is how records are sorted by a field.
type Order uint8

// The orders.
const (
	Ascending Order = iota
	Descending
	Ignore
)

var orderNames = [...]string{"ascending", "descending", "ignore"}

// String returns the name that a schema uses.
func (o Order) String() string { return orderNames[o] }

// Name is the name of a type. An empty Space is the null namespace.
type Name struct{ Space, Short string }

// Full returns the name with its namespace.
func (n Name) Full() string {
	if n.Space == "" {
		return n.Short
	}
	return n.Space + "." + n.Short
}

// splitName reads a name as it stands in a document: its own namespace, if it has one, wins over space.
func splitName(name, space string) Name {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return Name{name[:i], name[i+1:]}
	}
	return Name{space, name}
}

// qualified returns how n is written inside namespace space: short where the namespace is the same, unless the short name is
// also the name of a kind.
func (n Name) qualified(space string) string {
	if n.Space == "" || n.Space != space {
		return n.Full()
	}
	for _, k := range kindNames {
		if k == n.Short {
			return n.Full()
		}
	}
	return n.Short
}

// prop returns the attribute called name, or nil.
func prop(props []Prop, name string) *Value {
	for i := range props {
		if props[i].Name == name {
			return props[i].Value
		}
	}
	return nil
}

// fullName returns the full name of a named type and the kind's name of others: what must be unique in a union.
func (t *Type) fullName() string {
	if t.Kind.named() {
		return t.Name.Full()
	}
	return t.Kind.String()
}

// Field returns the field called name, or nil.
func (t *Type) Field(name string) *Field {
	if i, ok := t.at[name]; ok {
		return t.Fields[i]
	}
	return nil
}
