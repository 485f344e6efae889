package protobuf

import "slices"

// WithoutExtensions returns the canonical text without what other files add to Protobuf: extensions that the file declares and
// custom options, which are those whose names are in parentheses. It is Confluent's format=ignore_extensions.
func (s *Schema) WithoutExtensions() string {
	f, err := parseText(s.canonical) // a copy
	if err != nil {
		return s.canonical
	}
	f.extends, f.options = nil, standardOptions(f.options)
	withoutExtensions(f.messages, f.enums)
	for _, sv := range f.services {
		sv.options = standardOptions(sv.options)
		for _, r := range sv.rpcs {
			r.options = standardOptions(r.options)
		}
	}
	text, _ := f.print() // no longer than the canonical text
	return text
}

func standardOptions(list []option) []option {
	return slices.DeleteFunc(list, func(o option) bool { return o.paren })
}

func withoutExtensions(messages []*message, enums []*enum) {
	for _, m := range messages {
		m.extends, m.options = nil, standardOptions(m.options)
		fieldsWithout(m.fields)
		for _, o := range m.oneofs {
			o.options = standardOptions(o.options)
			fieldsWithout(o.fields)
			groupsWithout(o.groups)
		}
		groupsWithout(m.groups)
		for i := range m.extensions {
			m.extensions[i].options = standardOptions(m.extensions[i].options)
		}
		withoutExtensions(m.messages, m.enums)
	}
	for _, e := range enums {
		e.options = standardOptions(e.options)
		for i := range e.constants {
			e.constants[i].options = standardOptions(e.constants[i].options)
		}
	}
}

func groupsWithout(list []*group) {
	for _, g := range list {
		fieldsWithout(g.fields)
	}
}

func fieldsWithout(list []*field) {
	for _, f := range list {
		f.options = standardOptions(f.options)
	}
}
