package protobuf

import (
	"strconv"
	"strings"
)

// printer writes a file as Confluent's registry stores it. Blank lines are indented as the declaration that they are in.
type printer struct {
	b      strings.Builder
	level  int
	inLine bool
	full   bool // more than MaxText was to be written, and is lost
}

// write writes text, each line of it indented.
func (p *printer) write(parts ...string) {
	for _, s := range parts {
		for s != "" && !p.full {
			p.full = p.b.Len() > MaxText
			line, rest, ends := strings.Cut(s, "\n")
			indent := p.level
			if line == "" {
				indent--
			}
			for i := 0; i < indent && !p.inLine; i++ {
				p.b.WriteString("  ")
			}
			p.b.WriteString(line)
			if p.inLine = !ends; ends {
				p.b.WriteByte('\n')
			}
			s = rest
		}
	}
}

// newline ends a line; when none is begun, it is a blank one.
func (p *printer) newline() { p.write("\n") }

// block writes what f does one level deeper.
func (p *printer) block(f func()) {
	p.level++
	f()
	p.level--
}

// print returns the canonical text; false when it is longer than MaxText, as deep nesting can make it.
func (f *file) print() (string, bool) {
	p := &printer{}
	if f.syntax != "" {
		p.write("syntax = ", quote(f.syntax), ";\n")
	}
	if f.pkg != "" {
		p.write("package ", f.pkg, ";\n")
	}
	if len(f.imports)+len(f.public)+len(f.weak) > 0 {
		p.newline()
	}
	for _, i := range f.imports {
		p.write("import ", quote(i), ";\n")
	}
	for _, i := range f.public {
		p.write("import public ", quote(i), ";\n")
	}
	for _, i := range f.weak {
		p.write("import weak ", quote(i), ";\n")
	}
	p.statements(f.options)
	p.types(f.messages, f.enums)
	if len(f.extends) > 0 {
		p.newline()
	}
	for _, e := range f.extends {
		p.extend(e)
	}
	if len(f.services) > 0 {
		p.newline()
	}
	for _, s := range f.services {
		p.service(s)
	}
	return p.b.String(), !p.full
}

func (p *printer) types(messages []*message, enums []*enum) {
	if len(messages)+len(enums) > 0 {
		p.newline()
	}
	for _, m := range messages {
		p.message(m)
	}
	for _, e := range enums {
		p.enum(e)
	}
}

// statements writes options after a blank line, or in the first place the end of the line before.
func (p *printer) statements(options []option) {
	if len(options) > 0 {
		p.newline()
	}
	for _, o := range options {
		p.write("option ")
		p.option(o)
		p.write(";\n")
	}
}

func (p *printer) message(m *message) {
	p.write("message ", m.name, " {")
	p.block(func() {
		p.reserved(m.reserved)
		p.statements(m.options)
		p.fields(m.fields)
		p.oneofs(m.oneofs)
		p.groups(m.groups)
		p.extensions(m.extensions)
		if len(m.extends) > 0 {
			p.newline()
		}
		for _, e := range m.extends {
			p.extend(e)
		}
		p.types(m.messages, m.enums)
	})
	p.write("}\n")
}

func (p *printer) reserved(list []ranges) {
	if len(list) > 0 {
		p.newline()
	}
	for _, r := range list {
		p.write("reserved ")
		p.ranges(r)
		p.write(";\n")
	}
}

func (p *printer) ranges(list ranges) {
	for i, s := range list {
		if i > 0 {
			p.write(", ")
		}
		if s.named {
			p.write(quote(s.name))
			continue
		}
		p.write(number(s.from))
		if s.to == maxTag && s.to != s.from {
			p.write(" to max")
		} else if s.to != s.from {
			p.write(" to ", number(s.to))
		}
	}
}

func (p *printer) extensions(list []extensions) {
	if len(list) > 0 {
		p.newline()
	}
	for _, e := range list {
		p.write("extensions ")
		p.ranges(e.ranges)
		p.bracketed(e.options)
		p.write(";\n")
	}
}

func (p *printer) fields(list []*field) {
	if len(list) > 0 {
		p.newline()
	}
	for _, f := range list {
		if f.label != noLabel {
			p.write(f.label.String(), " ")
		}
		p.write(f.typ, " ", f.name, " = ", number(f.tag))
		p.bracketed(f.allOptions())
		p.write(";\n")
	}
}

// allOptions returns a field's options with default and json_name, last.
func (f *field) allOptions() []option {
	all := f.options[:len(f.options):len(f.options)]
	if f.value != nil {
		v := value{kind: kindEnum, text: *f.value}
		switch f.typ {
		case "string", "bytes":
			v.kind = kindString
		}
		all = append(all, option{name: "default", value: v})
	}
	if f.jsonName != nil {
		all = append(all, option{name: "json_name", value: value{kind: kindString, text: *f.jsonName}})
	}
	return all
}

func (p *printer) oneofs(list []*oneof) {
	first := true
	for _, o := range list {
		if len(o.fields)+len(o.groups) == 0 {
			continue
		}
		if first {
			p.newline()
			first = false
		}
		p.write("oneof ", o.name, " {")
		p.block(func() {
			p.statements(o.options)
			p.fields(o.fields)
			p.groups(o.groups)
		})
		p.write("}\n")
	}
}

func (p *printer) groups(list []*group) {
	if len(list) > 0 {
		p.newline()
	}
	for _, g := range list {
		if g.label != noLabel {
			p.write(g.label.String(), " ")
		}
		p.write("group ", g.name, " = ", number(g.tag), " {")
		p.block(func() { p.fields(g.fields) })
		p.write("}\n")
	}
}

func (p *printer) enum(e *enum) {
	p.write("enum ", e.name, " {")
	p.block(func() {
		p.reserved(e.reserved)
		if len(e.reserved) == 0 && len(e.options)+len(e.constants) > 0 {
			p.newline()
		}
		for _, o := range e.options {
			p.write("option ")
			p.option(o)
			p.write(";\n")
		}
		for _, c := range e.constants {
			p.write(c.name, " = ", number(c.tag))
			p.bracketed(c.options)
			p.write(";\n")
		}
	})
	p.write("}\n")
}

func (p *printer) extend(e *extend) {
	p.write("extend ", e.name, " {")
	p.block(func() { p.fields(e.fields) })
	p.write("}\n")
}

func (p *printer) service(s *service) {
	p.write("service ", s.name, " {")
	p.block(func() {
		p.statements(s.options)
		if len(s.rpcs) > 0 {
			p.newline()
		}
		for _, r := range s.rpcs {
			p.rpc(r)
		}
	})
	p.write("}\n")
}

func (p *printer) rpc(r *rpc) {
	in, out := "", ""
	if r.streamsIn {
		in = "stream "
	}
	if r.streamsOut {
		out = "stream "
	}
	p.write("rpc ", r.name, " (", in, r.request, ") returns (", out, r.response, ")")
	if len(r.options) > 0 {
		p.write(" {")
		p.block(func() { p.statements(r.options) })
		p.write("}")
	}
	p.write(";\n")
}

// bracketed writes the options of a field.
func (p *printer) bracketed(list []option) {
	switch len(list) {
	case 0:
	case 1:
		p.write(" [")
		p.option(list[0])
		p.write("]")
	default:
		p.write(" [\n")
		p.block(func() {
			for i, o := range list {
				if i > 0 {
					p.write(",\n")
				}
				p.option(o)
			}
			p.newline()
		})
		p.write("]")
	}
}

func (p *printer) option(o option) {
	if o.paren {
		p.write("(", o.name, ")")
	} else {
		p.write(o.name)
	}
	if o.value.kind == kindOption {
		p.write(".")
		p.option(*o.value.sub)
		return
	}
	p.write(" = ")
	p.value(o.value)
}

func (p *printer) value(v value) {
	switch v.kind {
	case kindString:
		p.write(quote(v.text))
	case kindMap:
		p.items('{', '}', len(v.entries), func(i int) {
			p.write(v.entries[i].key, ": ")
			p.value(v.entries[i].value)
		})
	case kindList:
		p.items('[', ']', len(v.list), func(i int) { p.value(v.list[i]) })
	case kindOption:
		p.option(*v.sub)
	default:
		p.write(v.text)
	}
}

func (p *printer) items(open, closing byte, n int, item func(int)) {
	p.write(string(open), "\n")
	p.block(func() {
		for i := range n {
			item(i)
			if i < n-1 {
				p.write(",")
			}
			p.newline()
		}
	})
	p.write(string(closing))
}

func number(n int32) string { return strconv.Itoa(int(n)) }

// quote writes a string between quotes, with the escapes of a Protobuf file.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		if i := strings.IndexRune("\a\b\f\n\r\t\v\\\"'", c); i >= 0 {
			b.WriteByte('\\')
			b.WriteByte(`abfnrtv\"'`[i])
		} else {
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
