package avro

import (
	"slices"
	"strings"
)

// parser holds what the documents of one Parse share: the names that they defined. Errors carry Java's messages.
type parser struct {
	strict bool // names are checked by Avro's rule and defaults against their types
	named  map[string]*Type
	order  []*Type // named, in the order of their definitions
	round  int     // see resolve.go
	budget int     // steps left for checks of default values
	visits int     // steps of resolving
	nested int
	types  []Type // the last ones that newType made

	text  string // the document being read
	doc   int    // its number, as place has it
	fresh bool   // it has defined a new name
}

// attributes that Avro defines: all others are properties.
var (
	typeAttributes  = []string{"doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"}
	enumAttributes  = append(slices.Clone(typeAttributes), "default")
	fieldAttributes = []string{"default", "doc", "name", "order", "type", "aliases"}
)

func newParser(strict bool) *parser {
	return &parser{strict: strict, named: map[string]*Type{}, budget: 1_000_000}
}

// document parses one document with the names of the documents before it, and returns its resolved type.
func (p *parser) document(text string) (*Type, error) {
	v, rest, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	p.text, p.fresh = text, false
	if v == nil {
		return nil, p.fail(0, "Cannot parse <null> schema")
	}
	t, err := p.parse(v, "")
	if err != nil {
		return nil, err
	}
	if t, err = p.resolve(t); err != nil {
		return nil, err
	}
	if dangling := strings.TrimSpace(rest); dangling != "" {
		return nil, p.fail(len(text)-len(strings.TrimLeft(rest, " \t\r\n")), "dangling content after end of schema: %s", clip(dangling))
	}
	return t, nil
}

// newType keeps a type. Types of a document are allocated together: nearly all of a schema's memory is theirs.
func (p *parser) newType(t Type) *Type {
	if len(p.types) == cap(p.types) {
		p.types = make([]Type, 0, min(2*cap(p.types)+2, 64))
	}
	p.types = append(p.types, t)
	return &p.types[len(p.types)-1]
}

func (p *parser) at(off int) place { return place{p.doc, off} }

func (p *parser) fail(off int, format string, args ...any) error {
	return errorAt(p.text, off, format, args...)
}

// clip bounds what of a document goes into a message.
func clip(s string) string {
	const most = 10_000
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func (p *parser) parse(v *Value, space string) (*Type, error) {
	switch v.kind {
	case jsonString:
		return p.find(v.text, space, v.off), nil
	case jsonArray:
		return p.union(v, space)
	case jsonObject:
	default:
		return nil, p.fail(v.off, "Schema not yet supported: %s", v)
	}
	kind, ok := v.get("type").str()
	if !ok {
		return nil, p.fail(v.off, "No type: %s", clip(v.String()))
	}
	if k, ok := primitive(kind); ok {
		t := p.newType(Type{Kind: k, place: p.at(v.off)})
		return t, p.props(v, t, typeAttributes)
	}
	switch kind {
	case "record", "error":
		return p.record(v, space, kind == "error")
	case "enum":
		return p.enum(v, space)
	case "fixed":
		return p.fixed(v, space)
	case "array":
		return p.container(v, space, Array, "items", "Array has no items type: %s")
	case "map":
		return p.container(v, space, Map, "values", "Map has no values type: %s")
	}
	return p.find(kind, space, v.off), nil
}

// find returns the type called name where it is known, and a placeholder where it is not yet: a record is known only after
// its end, also to itself.
func (p *parser) find(name, space string, off int) *Type {
	if k, ok := primitive(name); ok {
		return p.newType(Type{Kind: k, place: p.at(off)})
	}
	full := name
	if space != "" && !strings.Contains(name, ".") {
		full = space + "." + name
	}
	if t := p.named[full]; t != nil {
		return t
	}
	if t := p.named[name]; t != nil {
		return t
	}
	return p.newType(Type{Kind: Record, placeholder: true, pending: full, short: name, Name: splitName(full, ""), place: p.at(off)})
}

func (p *parser) record(v *Value, space string, isError bool) (*Type, error) {
	t, err := p.define(v, space, Record)
	if err != nil {
		return nil, err
	}
	t.IsError = isError
	fields := v.get("fields")
	if fields == nil || fields.kind != jsonArray {
		return nil, p.fail(v.off, "Record has no fields: %s", clip(v.String()))
	}
	t.Fields = make([]*Field, len(fields.elems))
	for i := range fields.elems {
		if t.Fields[i], err = p.field(&fields.elems[i], t.Name.Space); err != nil {
			return nil, err
		}
	}
	t.at = make(map[string]int, len(t.Fields))
	for i, f := range t.Fields {
		if first, dup := t.at[f.Name]; dup {
			return nil, p.fail(f.off, "Duplicate field %s in record %s: %s and %s.", f.Name, t.Name.Full(), f.describe(i), t.Fields[first].describe(first))
		}
		t.at[f.Name] = i
	}
	return p.finish(v, t, typeAttributes)
}

// describe is how Java prints a field: a type:INT pos:0.
func (f *Field) describe(pos int) string {
	return f.Name + " type:" + f.Type.Kind.upper() + " pos:" + itoa(pos)
}

func (p *parser) field(v *Value, space string) (*Field, error) {
	name, ok := v.get("name").str()
	if !ok {
		return nil, p.fail(v.off, "No field name: %s", clip(v.String()))
	}
	f := &Field{Name: name, Doc: optional(v, "doc"), Default: v.get("default"), place: p.at(v.off)}
	typ := v.get("type")
	if typ == nil {
		return nil, p.fail(v.off, "No field type: %s", clip(v.String()))
	}
	var err error
	f.site = p.at(typ.off)
	if f.Type, err = p.parse(typ, space); err != nil {
		return nil, err
	}
	if o := v.get("order"); o != nil {
		text, _ := o.str()
		i := slices.Index(orderNames[:], strings.ToLower(text))
		if i < 0 {
			return nil, p.fail(o.off, "No enum constant org.apache.avro.Schema.Field.Order.%s", strings.ToUpper(clip(text)))
		}
		f.Order = Order(i)
	}
	if text, ok := f.Default.str(); ok && (f.Type.Kind == Float || f.Type.Kind == Double) {
		num, fault := parseDouble(text)
		if fault != "" {
			return nil, p.fail(f.Default.off, "%s", fault)
		}
		f.Default = &Value{kind: jsonFloat, num: num, off: f.Default.off}
	}
	if err := p.checkName(name, v.off); err != nil {
		return nil, err
	}
	if err := p.checkDefault(f, 0); err != nil {
		return nil, err
	}
	f.Props = properties(v, fieldAttributes)
	f.Aliases, err = p.aliases(v)
	return f, err
}

func (p *parser) enum(v *Value, space string) (*Type, error) {
	t, err := p.define(v, space, Enum)
	if err != nil {
		return nil, err
	}
	symbols := v.get("symbols")
	if symbols == nil || symbols.kind != jsonArray {
		return nil, p.fail(v.off, "Enum has no symbols: %s", clip(v.String()))
	}
	t.EnumDefault = optional(v, "default")
	seen := make(map[string]bool, len(symbols.elems))
	for i := range symbols.elems {
		e := &symbols.elems[i]
		symbol, ok := e.str()
		if !ok {
			return nil, p.fail(e.off, "Null name")
		}
		if err := p.checkName(symbol, e.off); err != nil {
			return nil, err
		}
		if seen[symbol] {
			return nil, p.fail(e.off, "Duplicate enum symbol: %s", symbol)
		}
		seen[symbol] = true
		t.Symbols = append(t.Symbols, symbol)
	}
	if t.EnumDefault != nil && !seen[*t.EnumDefault] {
		return nil, p.fail(v.get("default").off, "The Enum Default: %s is not in the enum symbol set: [%s]", clip(*t.EnumDefault), clip(strings.Join(t.Symbols, ", ")))
	}
	return p.finish(v, t, enumAttributes)
}

func (p *parser) fixed(v *Value, space string) (*Type, error) {
	t, err := p.define(v, space, Fixed)
	if err != nil {
		return nil, err
	}
	const maxArray = 1<<31 - 1 - 8 // what the Java library can hold
	size := v.get("size")
	if size == nil {
		return nil, p.fail(v.off, "Invalid or no size: %s", clip(v.String()))
	}
	n, ok := size.int32()
	switch {
	case !ok:
		return nil, p.fail(size.off, "Invalid or no size: %s", clip(v.String()))
	case n < 0:
		return nil, p.fail(size.off, "Malformed data. Length is negative: %d", n)
	case n > maxArray:
		return nil, p.fail(size.off, "Cannot read arrays longer than %d bytes in Java library", maxArray)
	}
	t.Size = int(n)
	return p.finish(v, t, typeAttributes)
}

func (p *parser) container(v *Value, space string, kind Kind, attribute, missing string) (*Type, error) {
	elem := v.get(attribute)
	if elem == nil {
		return nil, p.fail(v.off, missing, clip(v.String()))
	}
	t := p.newType(Type{Kind: kind, place: p.at(v.off), elem: p.at(elem.off)})
	var err error
	if t.Elem, err = p.parse(elem, space); err != nil {
		return nil, err
	}
	return t, p.props(v, t, typeAttributes)
}

func (p *parser) union(v *Value, space string) (*Type, error) {
	t := p.newType(Type{Kind: Union, place: p.at(v.off), Branches: make([]*Type, len(v.elems)), sites: make([]place, len(v.elems))})
	for i := range v.elems {
		t.sites[i] = p.at(v.elems[i].off)
		var err error
		if t.Branches[i], err = p.parse(&v.elems[i], space); err != nil {
			return nil, err
		}
	}
	return t, p.checkBranches(t)
}

// checkBranches holds that a union has no union in it and no type twice. Placeholders count once they are resolved.
func (p *parser) checkBranches(t *Type) error {
	var few [8]string
	names := few[:0]
	var many map[string]bool // once they are
	for _, b := range t.Branches {
		if b.Kind == Union {
			return p.fail(b.off, "Nested union: %s", clip(text(t)))
		}
		if b.placeholder {
			continue
		}
		name := b.fullName()
		if many[name] || slices.Contains(names, name) {
			return p.fail(t.off, "Duplicate in union:%s", name)
		}
		switch {
		case many != nil:
			many[name] = true
		case len(names) < len(few):
			names = append(names, name)
		default:
			many = map[string]bool{name: true}
		}
	}
	return nil
}

// define starts a named type: its kind, name and doc.
func (p *parser) define(v *Value, space string, kind Kind) (*Type, error) {
	if own := optional(v, "namespace"); own != nil {
		space = *own
	}
	name, ok := v.get("name").str()
	if !ok {
		return nil, p.fail(v.off, "No name in schema: %s", clip(v.String()))
	}
	t := p.newType(Type{Kind: kind, Name: splitName(name, space), Doc: optional(v, "doc"), place: p.at(v.off)})
	if err := p.checkName(t.Name.Short, v.get("name").off); err != nil {
		return nil, err
	}
	if len(t.Name.Space)+1+len(t.Name.Short) > MaxName {
		return nil, p.fail(v.off, "name has more than %d bytes: %s…", MaxName, strings.ToValidUTF8(t.Name.Full()[:64], ""))
	}
	if _, taken := primitive(t.Name.Full()); taken {
		return nil, p.fail(v.off, "Schemas may not be named after primitives: %s", t.Name.Full())
	}
	return t, nil
}

// finish ends a named type: its properties, its aliases and its place among the known names.
func (p *parser) finish(v *Value, t *Type, attributes []string) (*Type, error) {
	if err := p.props(v, t, attributes); err != nil {
		return nil, err
	}
	aliases, err := p.aliases(v)
	if err != nil {
		return nil, err
	}
	seen := make(map[Name]bool, len(aliases))
	for _, a := range aliases {
		name := splitName(a, t.Name.Space)
		if err := p.checkName(name.Short, v.get("aliases").off); err != nil {
			return nil, err
		}
		if !seen[name] {
			seen[name] = true
			t.Aliases = append(t.Aliases, name)
		}
	}
	full := t.Name.Full()
	if p.strict && t.Name.Space != "" {
		for part := range strings.SplitSeq(t.Name.Space, ".") {
			if fault := nameFault(part); fault != "" {
				return nil, p.fail(v.off, "Namespace part %q is invalid: %s", part, fault)
			}
		}
	}
	if known := p.named[full]; known == nil {
		p.named[full], p.fresh = t, true
		p.order = append(p.order, t)
	} else if !sameType(known, t, map[[2]*Type]bool{}) {
		return nil, p.fail(v.off, "Can't redefine: %s", full)
	}
	return t, nil
}

// aliases returns the aliases of a type or a field, each once.
func (p *parser) aliases(v *Value) ([]string, error) {
	list := v.get("aliases")
	if list == nil {
		return nil, nil
	}
	if list.kind != jsonArray {
		return nil, p.fail(list.off, "aliases not an array: %s", clip(v.String()))
	}
	var out []string
	seen := map[string]bool{}
	for i := range list.elems {
		a, ok := list.elems[i].str()
		if !ok {
			return nil, p.fail(list.elems[i].off, "alias not a string: %s", clip(list.elems[i].String()))
		}
		if !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// props reads the properties of t and the logical type that they describe.
func (p *parser) props(v *Value, t *Type, attributes []string) error {
	t.Props = properties(v, attributes)
	t.Logical = logicalOf(t)
	if !p.strict || t.Kind != Record && t.Kind != Array && t.Kind != Map {
		return nil
	}
	for _, pr := range t.Props { // the Java library copies these types with their properties, and cannot copy big numbers
		if pr.Value.hasBig() {
			return p.fail(pr.Value.off, "Can't set a property to an integer beyond 64 bits: %s", pr.Name)
		}
	}
	return nil
}

func properties(v *Value, attributes []string) []Prop {
	var out []Prop
	for i := range v.members {
		if m := &v.members[i]; !slices.Contains(attributes, m.name) {
			out = append(out, Prop{m.name, &m.value})
		}
	}
	return out
}

// optional returns the text of an attribute. Avro ignores an attribute of its own that is no string.
func optional(v *Value, name string) *string {
	if s, ok := v.get(name).str(); ok {
		return &s
	}
	return nil
}

func (p *parser) checkName(name string, off int) error {
	if !p.strict {
		return nil
	}
	if fault := nameFault(name); fault != "" {
		return p.fail(off, "%s", clip(fault))
	}
	return nil
}

// nameFault says what is wrong with a name, or nothing. https://avro.apache.org/docs/1.12.0/specification/#names
func nameFault(name string) string {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9':
		case i == 0:
			return "Illegal initial character: " + name
		default:
			return "Illegal character in: " + name
		}
	}
	if name == "" {
		return "Empty name"
	}
	return ""
}
