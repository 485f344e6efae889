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
	base     *scope  // the package of the file
	size     int     // of the full name
}

// defines reports whether s is a type.
func (s *scope) defines() bool { return s.message != nil || s.enum != nil || s.group != nil }

func (s *scope) child(name string) *scope {
	c := s.children[name]
	if c == nil {
		c = &scope{parent: s, name: name, size: s.size + 1 + len(name)}
		if s.children == nil {
			s.children = map[string]*scope{}
		}
		s.children[name] = c
	}
	return c
}

// maxName bounds a type's full name, in bytes.
const maxName = 4096

// full returns the name from the root, with a leading dot.
func (s *scope) full() string {
	if s.parent == nil {
		return ""
	}
	return s.parent.full() + "." + s.name
}

// sameName reports whether two types have the same name below the packages of their files.
func (s *scope) sameName(o *scope) bool {
	top, otherTop := s.base, o.base
	for s != top && o != otherTop {
		if s.name != o.name {
			return false
		}
		s, o = s.parent, o.parent
	}
	return s == top && o == otherTop
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

// find returns the type of a dotted name below s. steps counts down what looking costs; below zero nothing is found.
func (s *scope) find(dotted string, steps *int) *scope {
	for name := range strings.SplitSeq(dotted, ".") {
		if *steps--; *steps < 0 {
			return nil
		}
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
func (s *scope) resolve(name string, steps *int) *scope {
	if rest, ok := strings.CutPrefix(name, "."); ok {
		return s.root().find(rest, steps)
	}
	for at := s; at != nil; at = at.parent {
		if t := at.find(name, steps); t != nil {
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

// declare puts the types of a file into the tree; false when a name is too long.
func (s *scope) declare(src *source) bool {
	d := declarer{src: src, base: s.within(src.file.pkg), fits: true}
	d.types(d.base, src.file.messages, src.file.enums)
	return d.fits
}

type declarer struct {
	src  *source
	base *scope
	fits bool
}

// add makes a name in at that of a type of the file.
func (d *declarer) add(at *scope, name string) *scope {
	c := at.within(name)
	c.message, c.enum, c.group, c.source, c.base = nil, nil, nil, d.src, d.base
	d.fits = d.fits && c.size <= maxName
	return c
}

func (d *declarer) types(at *scope, messages []*message, enums []*enum) {
	for _, m := range messages {
		c := d.add(at, m.name)
		c.message = m
		d.types(c, m.messages, m.enums)
		d.groups(c, m.groups)
		for _, o := range m.oneofs {
			d.groups(c, o.groups)
		}
	}
	for _, e := range enums {
		d.add(at, e.name).enum = e
	}
}

func (d *declarer) groups(at *scope, groups []*group) {
	for _, g := range groups {
		d.add(at, g.name).group = g
	}
}
