package protobuf

import "strings"

// scope is a name in the tree of packages and types that a file sees.
type scope struct {
	parent   *scope
	name     string
	children map[string]*scope
	message  *message
	enum     *enum
	group    *group
	source   *source // the file of the type
}

// defines reports whether s is a type.
func (s *scope) defines() bool { return s.message != nil || s.enum != nil || s.group != nil }

func (s *scope) child(name string) *scope {
	c := s.children[name]
	if c == nil {
		c = &scope{parent: s, name: name}
		if s.children == nil {
			s.children = map[string]*scope{}
		}
		s.children[name] = c
	}
	return c
}

// full returns the name from the root, with a leading dot.
func (s *scope) full() string {
	if s.parent == nil {
		return ""
	}
	var names []string
	for ; s.parent != nil; s = s.parent {
		names = append(names, s.name)
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		b.WriteByte('.')
		b.WriteString(names[i])
	}
	return b.String()
}

// within returns the scope of a dotted name below s, made when it is not there.
func (s *scope) within(dotted string) *scope {
	for name := range strings.SplitSeq(dotted, ".") {
		if name != "" {
			s = s.child(name)
		}
	}
	return s
}

// find returns the type of a dotted name below s.
func (s *scope) find(dotted string) *scope {
	for name := range strings.SplitSeq(dotted, ".") {
		if s = s.children[name]; s == nil {
			return nil
		}
	}
	if s.defines() {
		return s
	}
	return nil
}

// resolve returns the type that a name written inside s means: from the innermost scope out, or from the root when it begins
// with a dot.
func (s *scope) resolve(name string) *scope {
	if rest, ok := strings.CutPrefix(name, "."); ok {
		return s.root().find(rest)
	}
	for at := s; at != nil; at = at.parent {
		if t := at.find(name); t != nil {
			return t
		}
	}
	return nil
}

func (s *scope) root() *scope {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// declare puts the types of a file into the tree.
func (s *scope) declare(src *source) {
	at := s.within(src.file.pkg)
	at.types(src, src.file.messages, src.file.enums)
}

func (s *scope) types(src *source, messages []*message, enums []*enum) {
	for _, m := range messages {
		c := s.within(m.name)
		c.message, c.source = m, src
		c.types(src, m.messages, m.enums)
		c.groups(src, m.groups)
		for _, o := range m.oneofs {
			c.groups(src, o.groups)
		}
	}
	for _, e := range enums {
		c := s.within(e.name)
		c.enum, c.source = e, src
	}
}

func (s *scope) groups(src *source, groups []*group) {
	for _, g := range groups {
		c := s.within(g.name)
		c.group, c.source = g, src
	}
}
