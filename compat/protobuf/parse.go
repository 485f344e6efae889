package protobuf

import (
	"path"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// Bounds of a text.
const (
	MaxText  = 16 << 20 // bytes, of a text and of its canonical form
	MaxDepth = 1000     // levels of declarations or option values
)

// parser reads the declarations of a file with Wire's grammar.
type parser struct {
	reader
	file     *file
	count    int // declarations so far
	types    map[string]mark
	services map[string]mark
}

// parseText reads a file as text.
func parseText(text string) (f *file, err *schema.SyntaxError) {
	if len(text) > MaxText {
		return nil, tooMuch("the text is longer than %d bytes", MaxText)
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case failure:
			f, err = nil, p.err
		default:
			panic(p)
		}
	}()
	p := &parser{reader: reader{text: text}, file: &file{}, types: map[string]mark{}, services: map[string]mark{}}
	for p.skip(); !p.end(); p.skip() {
		p.topLevel()
	}
	return p.file, nil
}

func (p *parser) once(seen map[string]mark, name string, at mark) {
	if before, ok := seen[name]; ok {
		failPlain(p.place(at), "%s (%s) is already defined at %s", name, p.place(at), p.place(before))
	}
	seen[name] = at
}

func (p *parser) topLevel() {
	index := p.count
	p.count++
	if p.take(';') {
		return
	}
	f, at := p.file, p.here()
	switch word := p.word(); word {
	case "package":
		f.pkg, f.pkgAt = p.bareName(), at
		p.require(';')
	case "import":
		p.imported(at)
	case "syntax":
		p.syntax(at, index)
	case "option":
		f.options = append(f.options, p.optionStatement())
	case "reserved":
		p.reserved(at)
	case "message":
		m := p.message(at)
		p.once(p.types, m.name, at)
		f.messages = append(f.messages, m)
	case "enum":
		e := p.enum(at)
		p.once(p.types, e.name, at)
		f.enums = append(f.enums, e)
	case "service":
		s := p.service(at)
		p.once(p.services, s.name, at)
		f.services = append(f.services, s)
	case "extend":
		f.extends = append(f.extends, p.extend(at))
	case "edition":
		p.failHere("edition is not currently supported")
	default:
		p.fail(at, "unexpected label: %s", word)
	}
}

func (p *parser) imported(at mark) {
	list := &p.file.imports
	if c := p.peek(); c != '"' && c != '\'' {
		switch p.word() {
		case "public":
			list = &p.file.public
		case "weak":
			list = &p.file.weak
		default:
			p.fail(at, "expected quoted string")
		}
	}
	*list = append(*list, path.Clean(strings.ReplaceAll(p.quoted(), `\`, "/")))
	p.require(';')
}

func (p *parser) syntax(at mark, index int) {
	if p.file.syntax != "" {
		p.fail(at, "too many syntax definitions")
	}
	p.require('=')
	if index != 0 {
		p.fail(at, "'syntax' element must be the first declaration in a file")
	}
	s := p.quoted()
	if s != "proto2" && s != "proto3" {
		p.fail(at, "unexpected syntax: %s", s)
	}
	p.file.syntax = s
	p.require(';')
}

func (p *parser) optionStatement() option {
	o := p.option('=')
	p.require(';')
	return o
}

// block reads declarations up to the closing brace.
func (p *parser) block(declaration func()) {
	p.require('{')
	p.nest()
	for !p.take('}') {
		declaration()
	}
	p.leave()
}

// statements reads what a block holds, each statement from where it begins; a lone semicolon is an empty one.
func (p *parser) statements(statement func(at mark)) {
	p.block(func() {
		p.count++
		if !p.take(';') {
			statement(p.here())
		}
	})
}

func (p *parser) message(at mark) *message {
	m := &message{at: at, name: p.bareName()}
	p.statements(func(at mark) { p.inMessage(m, at) })
	return m
}

func (p *parser) inMessage(m *message, at mark) {
	switch word := p.word(); word {
	case "option":
		m.options = append(m.options, p.optionStatement())
	case "reserved":
		m.reserved = append(m.reserved, p.reserved(at))
	case "message":
		m.messages = append(m.messages, p.message(at))
	case "enum":
		m.enums = append(m.enums, p.enum(at))
	case "extend":
		m.extends = append(m.extends, p.extend(at))
	case "oneof":
		m.oneofs = append(m.oneofs, p.oneof(at))
	case "extensions":
		m.extensions = append(m.extensions, p.extensions(at))
	default:
		if f, g := p.fieldOrGroup(at, word); f != nil {
			m.fields = append(m.fields, f)
		} else {
			m.groups = append(m.groups, g)
		}
	}
}

func (p *parser) extend(at mark) *extend {
	e := &extend{at: at, name: p.bareName()}
	p.statements(func(at mark) {
		switch word := p.word(); word {
		case "option":
			p.optionStatement()
		case "reserved":
			p.reserved(at)
		default:
			if f, _ := p.fieldOrGroup(at, word); f != nil {
				e.fields = append(e.fields, f)
			}
		}
	})
	return e
}

func (p *parser) enum(at mark) *enum {
	e := &enum{at: at, name: p.bareName()}
	p.statements(func(at mark) {
		switch word := p.identifier(); word {
		case "option":
			e.options = append(e.options, p.optionStatement())
		case "reserved":
			e.reserved = append(e.reserved, p.reserved(at))
		default:
			p.require('=')
			c := constant{name: word, tag: p.int(), options: p.options()}
			p.require(';')
			p.trailing()
			e.constants = append(e.constants, c)
		}
	})
	return e
}

func (p *parser) service(at mark) *service {
	s := &service{at: at, name: p.bareName()}
	p.statements(func(at mark) {
		switch word := p.word(); word {
		case "option":
			s.options = append(s.options, p.optionStatement())
		case "reserved":
			p.reserved(at)
		case "rpc":
			s.rpcs = append(s.rpcs, p.rpc(at))
		default:
			p.fail(at, "unexpected label: %s", word)
		}
	})
	return s
}

func (p *parser) rpc(at mark) *rpc {
	r := &rpc{at: at, name: p.bareName()}
	r.request, r.streamsIn = p.rpcType()
	if p.word() != "returns" {
		p.fail(at, "expected 'returns'")
	}
	r.response, r.streamsOut = p.rpcType()
	if p.peek() != '{' {
		p.require(';')
		return r
	}
	p.statements(func(at mark) {
		switch word := p.word(); word {
		case "option":
			r.options = append(r.options, p.optionStatement())
		case "reserved":
			p.reserved(at)
		default:
			p.fail(at, "unexpected label: %s", word)
		}
	})
	return r
}

func (p *parser) rpcType() (typ string, stream bool) {
	p.require('(')
	word := p.word()
	if stream = word == "stream"; stream {
		word = p.word()
	}
	typ = p.dataType(word)
	p.require(')')
	return typ, stream
}

// fieldOrGroup reads the field or the group whose first word is given.
func (p *parser) fieldOrGroup(at mark, word string) (*field, *group) {
	l := noLabel
	switch word {
	case "required":
		if p.file.syntax == "proto3" {
			p.fail(at, "'required' label forbidden in proto3 field declarations")
		}
		l = required
	case "optional":
		l = optional
	case "repeated":
		l = repeated
	default:
		if p.file.syntax != "proto3" && (word != "map" || p.peek() != '<') {
			p.fail(at, "unexpected label: %s", word)
		}
	}
	if l != noLabel {
		word = p.word()
	}
	typ := p.dataType(word)
	if l != noLabel && strings.HasPrefix(typ, "map<") {
		p.fail(at, "'map' type cannot have label")
	}
	if typ == "group" {
		return nil, p.group(at, l)
	}
	return p.field(at, l, typ), nil
}

// field reads a field from its name on.
func (p *parser) field(at mark, l label, typ string) *field {
	f := &field{at: at, label: l, typ: typ}
	f.name, _ = p.name(p.identifier)
	p.require('=')
	f.tag = p.int()
	for _, o := range p.options() {
		switch o.name {
		case "default":
			f.value = new(o.value.plain())
		case "json_name":
			f.jsonName = new(o.value.plain())
		default:
			f.options = append(f.options, o)
		}
	}
	p.require(';')
	p.trailing()
	return f
}

func (p *parser) oneof(at mark) *oneof {
	o := &oneof{at: at, name: p.bareName()}
	p.block(func() {
		at := p.here()
		switch typ := p.dataType(p.word()); typ {
		case "group":
			o.groups = append(o.groups, p.group(at, noLabel))
		case "option":
			o.options = append(o.options, p.optionStatement())
		default:
			o.fields = append(o.fields, p.field(at, noLabel, typ))
		}
	})
	return o
}

func (p *parser) group(at mark, l label) *group {
	g := &group{at: at, label: l, name: p.word()}
	p.require('=')
	g.tag = p.int()
	p.block(func() {
		at := p.here()
		f, _ := p.fieldOrGroup(at, p.word())
		if f == nil {
			p.failHere("expected field declaration, was a group")
		}
		g.fields = append(g.fields, f)
	})
	return g
}

func (p *parser) reserved(at mark) ranges {
	var list ranges
	for {
		if c := p.peek(); c == '"' || c == '\'' {
			list = append(list, span{name: p.quoted(), named: true})
		} else {
			from := p.int()
			if c := p.peek(); c == ',' || c == ';' {
				list = append(list, span{from: from, to: from})
			} else {
				list = append(list, p.to(at, from, "expected ',', ';', or 'to'"))
			}
		}
		if p.last() {
			break
		}
	}
	p.trailing()
	return list
}

func (p *parser) extensions(at mark) extensions {
	var e extensions
	for {
		from := p.int()
		if c := p.peek(); c == ',' || c == ';' || c == '[' {
			e.ranges = append(e.ranges, span{from: from, to: from})
		} else {
			e.ranges = append(e.ranges, p.to(at, from, "expected ',', ';', '[' or 'to'"))
		}
		if p.peek() == '[' {
			e.options = p.options()
			p.require(';')
			return e
		}
		if p.last() {
			return e
		}
	}
}

// to reads the end of a range.
func (p *parser) to(at mark, from int32, otherwise string) span {
	if p.word() != "to" {
		p.fail(at, "%s", otherwise)
	}
	word := p.word()
	if word == "max" {
		return span{from: from, to: maxTag}
	}
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil {
		failPlain(p.place(p.here()), "For input string: \"%s\"", word)
	}
	return span{from: from, to: int32(n)}
}

// last reads what follows an item of a list.
func (p *parser) last() bool {
	c := p.char()
	if c != ',' && c != ';' {
		p.failAfter(c, "expected ',' or ';'")
	}
	return c == ';'
}
