package protobuf

import "github.com/millrace/millrace/compat/schema"

// unresolved returns the first type that own uses and that is nowhere, as the fault that Confluent finds in it. text is own's.
func (s *sources) unresolved(text string) *schema.SyntaxError {
	var missing *schema.SyntaxError
	f := s.own.file
	f.uses(s.scope(s.own), func(at *scope, typ string, m mark) string {
		if missing == nil && !scalar(typ) && s.resolve(at, typ) == nil {
			msg := "Could not resolve type: " + typ
			p := (&reader{text: text}).place(m)
			missing = &schema.SyntaxError{Line: p.line, Column: p.column, Msg: msg, Words: msg, Meaning: true}
		}
		return typ
	})
	return missing
}

// use is told a type that is used in a scope, and returns what to write in its place.
type use func(at *scope, typ string, m mark) string

// uses tells u of every type that a file uses, in the order of the canonical text. at is the scope of the file's package.
func (f *file) uses(at *scope, u use) {
	inMessages(at, f.messages, u)
	inExtends(at, f.extends, u)
	for _, s := range f.services {
		for _, r := range s.rpcs {
			r.request = u(at, r.request, r.at)
			r.response = u(at, r.response, r.at)
		}
	}
}

func inMessages(at *scope, messages []*message, u use) {
	for _, m := range messages {
		c := at.within(m.name)
		inFields(c, m.fields, u)
		for _, o := range m.oneofs {
			inFields(c, o.fields, u)
			inGroups(c, o.groups, u)
		}
		inGroups(c, m.groups, u)
		inExtends(c, m.extends, u)
		inMessages(c, m.messages, u)
	}
}

func inGroups(at *scope, groups []*group, u use) {
	for _, g := range groups {
		inFields(at.within(g.name), g.fields, u)
	}
}

func inExtends(at *scope, extends []*extend, u use) {
	for _, e := range extends {
		e.name = u(at, e.name, e.at)
		inFields(at, e.fields, u)
	}
}

func inFields(at *scope, fields []*field, u use) {
	for _, f := range fields {
		if key, value, ok := mapTypes(f.typ); ok {
			k, v := u(at, key, f.at), u(at, value, f.at)
			if k != key || v != value {
				f.typ = mapOf(k, v)
			}
		} else if typ := u(at, f.typ, f.at); typ != f.typ {
			f.typ = typ
		}
	}
}
