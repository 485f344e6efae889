package avro

import (
	"slices"
	"strconv"

	"github.com/millrace/millrace/compat/schema"
)

// normalize returns the canonical text of the schema's normal form, which is written and read again, as Confluent does: a
// normal form drops what reading it drops. Where there is none, it is the canonical text.
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#schema-normalization
func (s *Schema) normalize() string {
	n := normalizer{known: make(map[Name]bool, len(s.known))}
	for _, name := range s.known {
		n.known[name] = true
	}
	n.write(s.root)
	normal, err := parse(schema.Document{Text: string(n.buf), References: schema.SortReferences(s.refs)}, s.imports, s.lenient)
	if err != nil {
		return s.canonical
	}
	return normal.canonical
}

// normalizer writes a schema with full names and without namespaces, its properties and aliases sorted, and its defaults as
// values of their type. An error is written as a record.
type normalizer struct {
	buf   []byte
	known map[Name]bool // names that are written as a reference
}

func (n *normalizer) raw(s string)    { n.buf = append(n.buf, s...) }
func (n *normalizer) string(s string) { n.buf = schema.AppendString(n.buf, s) }

func (n *normalizer) write(t *Type) {
	switch t.Kind {
	case Union:
		n.raw("[")
		for i, b := range t.Branches {
			if i > 0 {
				n.raw(",")
			}
			n.write(b)
		}
		n.raw("]")
	case Array, Map:
		n.raw(`{"type":"` + t.Kind.String() + map[Kind]string{Array: `","items":`, Map: `","values":`}[t.Kind])
		n.write(t.Elem)
		n.props(t.Props)
		n.raw("}")
	case Record, Enum, Fixed:
		n.named(t)
	default:
		if len(t.Props) == 0 {
			n.string(t.Kind.String())
			return
		}
		n.raw(`{"type":"` + t.Kind.String() + `"`)
		n.logical(t.Logical)
		n.props(t.Props)
		n.raw("}")
	}
}

func (n *normalizer) named(t *Type) {
	if n.known[t.Name] {
		n.string(t.Name.Full())
		return
	}
	n.known[t.Name] = true
	n.raw(`{"name":`)
	n.string(t.Name.Full())
	n.raw(`,"type":"` + t.Kind.String() + `"`)
	switch t.Kind {
	case Enum:
		n.raw(`,"symbols":`)
		n.strings(t.Symbols)
	case Fixed:
		n.raw(`,"size":` + strconv.Itoa(t.Size))
		n.logical(t.Logical)
	default:
		n.raw(`,"fields":[`)
		for i, f := range t.Fields {
			if i > 0 {
				n.raw(",")
			}
			n.field(f)
		}
		n.raw("]")
	}
	if t.Doc != nil && *t.Doc != "" {
		n.raw(`,"doc":`)
		n.string(*t.Doc)
	}
	aliases := make([]string, len(t.Aliases))
	for i, a := range t.Aliases {
		if aliases[i] = a.Full(); a.Space == "" && t.Name.Space != "" {
			aliases[i] = "." + a.Short // Java's spelling, which counts when they are sorted
		}
	}
	n.aliases(aliases)
	if t.EnumDefault != nil {
		n.raw(`,"default":`)
		n.string(*t.EnumDefault)
	}
	n.props(t.Props)
	n.raw("}")
}

func (n *normalizer) field(f *Field) {
	n.raw(`{"name":`)
	n.string(f.Name)
	n.raw(`,"type":`)
	n.write(f.Type)
	n.raw(`,"order":"` + f.Order.String() + `"`)
	if f.Doc != nil {
		n.raw(`,"doc":`)
		n.string(*f.Doc)
	}
	n.aliases(f.Aliases)
	if d := typedDefault(f); d != nil {
		n.raw(`,"default":`)
		n.buf = appendValue(n.buf, d)
	}
	n.props(f.Props)
	n.raw("}")
}

// logical writes a well-formed logical type, which comes before the other properties and takes the place of those of its name.
func (n *normalizer) logical(l *Logical) {
	if l == nil {
		return
	}
	n.raw(`,"logicalType":"` + l.Name + `"`)
	if l.Name == "decimal" {
		n.raw(`,"precision":` + strconv.Itoa(l.Precision))
		if l.Scale != 0 {
			n.raw(`,"scale":` + strconv.Itoa(l.Scale))
		}
	}
}

func (n *normalizer) props(props []Prop) {
	sorted := slices.Clone(props)
	slices.SortFunc(sorted, func(a, b Prop) int { return compareUTF16(a.Name, b.Name) })
	for _, p := range sorted {
		n.raw(",")
		n.string(p.Name)
		n.raw(":")
		n.buf = appendValue(n.buf, ordered(p.Value))
	}
}

func (n *normalizer) aliases(list []string) {
	if len(list) == 0 {
		return
	}
	list = slices.Clone(list)
	slices.SortFunc(list, compareUTF16)
	n.raw(`,"aliases":`)
	n.strings(list)
}

func (n *normalizer) strings(list []string) {
	n.raw("[")
	for i, s := range list {
		if i > 0 {
			n.raw(",")
		}
		n.string(s)
	}
	n.raw("]")
}

// ordered returns v with the members of every object sorted.
func ordered(v *Value) *Value {
	out := *v
	out.elems = slices.Clone(v.elems)
	for i := range out.elems {
		out.elems[i] = *ordered(&out.elems[i])
	}
	out.members = slices.Clone(v.members)
	for i := range out.members {
		out.members[i].value = *ordered(&out.members[i].value)
	}
	slices.SortFunc(out.members, func(a, b member) int { return compareUTF16(a.name, b.name) })
	return &out
}

// typedDefault returns the default of f as the value that Java makes of it: numbers as their type prints them, the text of bytes
// in Latin-1, a union's value by its first branch. It is nil when there is none, and when Java makes none of it. Where Java
// fails, it is the default as it stands.
func typedDefault(f *Field) *Value {
	if f.Default == nil {
		return nil
	}
	d := ordered(f.Default)
	switch typed, is := typedValue(d, f.Type); is {
	case made:
		return typed
	case dropped:
		return nil
	}
	return d
}

type making uint8

const (
	made    making = iota
	dropped        // Java's null
	failed         // Java's exception
)

// typedValue returns v as a value of t. t is nil inside of what has no type: there every value is kept.
func typedValue(v *Value, t *Type) (*Value, making) {
	for t != nil && t.Kind == Union {
		if len(t.Branches) == 0 {
			return nil, failed
		}
		t = t.Branches[0]
	}
	is := func(kinds ...Kind) bool { return t == nil || slices.Contains(kinds, t.Kind) }
	switch v.kind {
	case jsonNull, jsonBool:
		return v, made
	case jsonInt, jsonFloat:
		return typedNumber(v, t)
	case jsonString:
		switch {
		case is(String, Enum):
			return v, made
		case is(Bytes, Fixed):
			return &Value{kind: jsonString, text: latin1(v.text)}, made
		}
		return nil, dropped
	case jsonArray:
		if len(v.elems) > 0 && !is(Array) {
			return nil, failed
		}
		for i := range v.elems {
			var elem *Type
			if t != nil {
				elem = t.Elem
			}
			typed, is := typedValue(&v.elems[i], elem)
			if is != made {
				return nil, failed
			}
			v.elems[i] = *typed
		}
		return v, made
	}
	for i := range v.members {
		m := &v.members[i]
		var inner *Type
		switch {
		case t == nil:
		case t.Kind == Map:
			inner = t.Elem
		case t.Kind == Record:
			f := t.Field(m.name)
			if f == nil {
				return nil, failed
			}
			inner = f.Type
		}
		typed, is := typedValue(&m.value, inner)
		if is != made {
			return nil, failed
		}
		m.value = *typed
	}
	return v, made
}

func typedNumber(v *Value, t *Type) (*Value, making) {
	if v.isBig() {
		return nil, dropped
	}
	if t == nil {
		return v, made
	}
	switch t.Kind {
	case Int, Long:
		if v.kind == jsonInt {
			return v, made
		}
	case Float, Double:
		num := v.num
		if v.kind == jsonInt {
			n, _ := v.int64()
			num = float64(n)
		}
		if t.Kind == Float { // Java prints the float; read again, that text is the double that prints the same
			num, _ = strconv.ParseFloat(strconv.FormatFloat(num, 'g', -1, 32), 64)
		}
		return &Value{kind: jsonFloat, num: num}, made
	}
	return nil, dropped
}

// latin1 returns s as it comes back from bytes: what has no byte is a question mark.
func latin1(s string) string {
	out := []rune(s)
	for i, c := range out {
		if c > 0xFF {
			out[i] = '?'
		}
	}
	return string(out)
}
