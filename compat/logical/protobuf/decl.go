package protobuf

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
)

// fileDecl is a file that is being made.
type fileDecl struct {
	pkg      string
	imports  []string
	messages []*messageDecl
	enums    []*enumDecl
}

type messageDecl struct {
	name     string
	meta     meta
	fields   []*fieldDecl
	oneofs   []*oneofDecl
	messages []*messageDecl
	enums    []*enumDecl
}

type oneofDecl struct {
	name   string
	fields []*fieldDecl
}

type fieldDecl struct {
	label  string // optional, repeated or none
	typ    string
	name   string
	number int
	meta   meta
}

type enumDecl struct {
	name   string
	meta   meta
	alias  bool // two values have one number
	values []valueDecl
}

type valueDecl struct {
	name   string
	number int
	meta   meta
}

// meta is an annotation.
type meta struct {
	doc    string
	params []native.Param
	tags   []string
	rules  []logical.Rule
}

// set sets a property, which keeps its place when it is there.
func (m *meta) set(key, value string) {
	for i := range m.params {
		if m.params[i].Key == key {
			m.params[i].Value = value
			return
		}
	}
	m.params = append(m.params, native.Param{Key: key, Value: value})
}

// mark sets properties that say what Protobuf does not, in pairs; flink.version is with them.
func (m *meta) mark(pairs ...string) {
	if len(pairs) == 0 {
		return
	}
	m.set(property.FlinkVersion, property.FlinkVersion1)
	for i := 0; i+1 < len(pairs); i += 2 {
		m.set(pairs[i], pairs[i+1])
	}
}

// take sets the properties of a tree, of which there may be many.
func (m *meta) take(params logical.Params) {
	if len(params) == 0 {
		return
	}
	at := make(map[string]int, len(m.params)+len(params))
	for i, p := range m.params {
		at[p.Key] = i
	}
	for _, p := range params {
		if property.OfOneLanguage(p.Key) {
			continue
		}
		if i, ok := at[p.Key]; ok {
			m.params[i].Value = logical.JavaText(p.Value)
			continue
		}
		at[p.Key] = len(m.params)
		m.params = append(m.params, native.Param{Key: p.Key, Value: logical.JavaText(p.Value)})
	}
}

// printer writes a file that is being made as text. How it looks is for the registry's own printer.
type printer struct{ strings.Builder }

func (f *fileDecl) print() (string, error) {
	p := &printer{}
	p.WriteString("syntax = \"proto3\";\n")
	if f.pkg != "" {
		p.WriteString("package " + f.pkg + ";\n")
	}
	for _, path := range f.imports {
		p.WriteString("import " + quote(path) + ";\n")
	}
	for _, m := range f.messages {
		p.message(m)
	}
	for _, e := range f.enums {
		p.enum(e)
	}
	if p.Len() > native.MaxText {
		return "", untranslated("the text is longer than %d bytes", native.MaxText)
	}
	return p.String(), nil
}

func (p *printer) message(m *messageDecl) {
	if p.Len() > native.MaxText {
		return
	}
	p.WriteString("message " + m.name + " {\n")
	p.option("message_meta", m.meta)
	p.fields(m.fields)
	for _, o := range m.oneofs {
		p.WriteString("oneof " + o.name + " {\n")
		p.fields(o.fields)
		p.WriteString("}\n")
	}
	for _, n := range m.messages {
		p.message(n)
	}
	for _, e := range m.enums {
		p.enum(e)
	}
	p.WriteString("}\n")
}

func (p *printer) fields(list []*fieldDecl) {
	for _, f := range list {
		if f.label != "" {
			p.WriteString(f.label + " ")
		}
		p.WriteString(f.typ + " " + f.name + " = " + strconv.Itoa(f.number))
		p.bracketed("field_meta", f.meta)
		p.WriteString(";\n")
	}
}

func (p *printer) enum(e *enumDecl) {
	p.WriteString("enum " + e.name + " {\n")
	if e.alias {
		p.WriteString("option allow_alias = true;\n")
	}
	p.option("enum_meta", e.meta)
	for _, v := range e.values {
		p.WriteString(v.name + " = " + strconv.Itoa(v.number))
		p.bracketed("enum_value_meta", v.meta)
		p.WriteString(";\n")
	}
	p.WriteString("}\n")
}

func (p *printer) option(name string, m meta) {
	if text := m.text(); text != "" {
		p.WriteString("option (confluent." + name + ") = " + text + ";\n")
	}
}

func (p *printer) bracketed(name string, m meta) {
	if text := m.text(); text != "" {
		p.WriteString(" [(confluent." + name + ") = " + text + "]")
	}
}

// text returns the annotation's value; "" when it says nothing.
func (m *meta) text() string {
	var parts []string
	if m.doc != "" {
		parts = append(parts, "doc: "+quote(m.doc))
	}
	list := func(name string, n int, item func(int) string) {
		if n == 0 {
			return
		}
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		parts = append(parts, name+": ["+strings.Join(items, ", ")+"]")
	}
	list("params", len(m.params), func(i int) string {
		return "{key: " + quote(m.params[i].Key) + ", value: " + quote(m.params[i].Value) + "}"
	})
	list("tags", len(m.tags), func(i int) string { return quote(m.tags[i]) })
	list("rules", len(m.rules), func(i int) string {
		r := m.rules[i]
		var members []string
		for _, e := range [][2]string{{"doc", r.Doc}, {"expr", r.Expr}, {"name", r.Name}, {"sql", r.SQL}} {
			if e[1] != "" {
				members = append(members, e[0]+": "+quote(e[1]))
			}
		}
		return "{" + strings.Join(members, ", ") + "}"
	})
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// quote writes a string between quotes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
