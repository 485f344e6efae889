package protobuf

import "strings"

// options reads a list of options in brackets, if there is one.
func (p *parser) options() []option {
	if !p.take('[') {
		return nil
	}
	var list []option
	for {
		list = append(list, p.option('='))
		if p.take(']') {
			return list
		}
		if !p.take(',') {
			p.failHere("Expected ',' or ']")
		}
	}
}

// option reads a name, a separator and a value.
func (p *parser) option(separator rune) option {
	name, open := p.name(p.word)
	o := option{name: name, paren: open == '('}
	if open == '[' {
		o.name = "[" + name + "]"
	}
	var subs []string
	c := p.char()
	for ; c == '.'; c = p.char() {
		subs = append(subs, p.bareName())
	}
	if separator == ':' && c == '{' {
		p.pos--
	} else if c != separator {
		p.failAfter(c, "expected '%c' in option", separator)
	}
	o.value = p.value()
	if len(subs) > 0 {
		o.value = value{kind: kindOption, sub: &option{name: strings.Join(subs, "."), value: o.value}}
	}
	return o
}

func (p *parser) value() value {
	p.nest()
	defer p.leave()
	switch c := p.peek(); {
	case c == '{':
		return p.entries()
	case c == '[':
		return p.list()
	case c == '"' || c == '\'':
		return value{kind: kindString, text: p.quoted()}
	case c >= '0' && c <= '9' || c == '-':
		return value{kind: kindNumber, text: p.word()}
	}
	word := p.word()
	if word == "true" || word == "false" {
		return value{kind: kindBool, text: word}
	}
	return value{kind: kindEnum, text: word}
}

// entries reads a message in braces. A key that comes twice has a list.
func (p *parser) entries() value {
	p.require('{')
	out := value{kind: kindMap}
	index := map[string]int{}
	for !p.take('}') {
		o := p.option(':')
		p.entry(&out, index, o)
		if !p.take(',') {
			p.take(';')
		}
	}
	return out
}

// entry adds an entry to a message. index has the places of keys, and of the keys inside those that are set field by field.
func (p *parser) entry(out *value, index map[string]int, o option) {
	i, known := index[o.name]
	if !known {
		i = len(out.entries)
		index[o.name] = i
		out.entries = append(out.entries, entry{key: o.name})
	}
	at := &out.entries[i].value
	switch {
	case o.value.kind == kindOption:
		sub := entry{o.value.sub.name, o.value.sub.value}
		inner := o.name + "\x00" + sub.key // no word has a zero byte
		if known && at.kind == kindMap {
			if j, ok := index[inner]; ok {
				at.entries[j] = sub
				return
			}
		} else {
			*at = value{kind: kindMap}
		}
		index[inner] = len(at.entries)
		at.entries = append(at.entries, sub)
	case !known:
		*at = o.value
	default:
		if at.kind != kindList {
			*at = value{kind: kindList, list: []value{*at}}
		}
		if o.value.kind == kindList {
			at.list = append(at.list, o.value.list...)
		} else {
			at.list = append(at.list, o.value)
		}
	}
}

func (p *parser) list() value {
	p.require('[')
	out := value{kind: kindList}
	for !p.take(']') {
		out.list = append(out.list, p.value())
		if !p.take(',') && p.peek() != ']' {
			p.failHere("expected ',' or ']'")
		}
	}
	return out
}

// plain is a value as text, which is how defaults are kept.
func (v value) plain() string {
	if v.kind <= kindEnum {
		return v.text
	}
	var p printer
	p.value(v)
	return p.b.String()
}
