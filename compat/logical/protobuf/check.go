package protobuf

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// checkNames holds that the local named types of the top level can be in one file: they are in its package, which makes their
// simple names different, and none has that of the root.
func (w *writer) checkNames(rootName, rowName string) error {
	pkg := w.schema.Namespace
	none := func(s string) string {
		if s == "" {
			return "<none>"
		}
		return s
	}
	for _, name := range w.local {
		if in, _ := logical.Split(name); in != pkg && w.parent(name) == "" {
			return logical.Errorf("Proto requires all named types to share the file's package, but '%s' is in namespace '%s' while "+
				"the file's package is '%s'. Either align the namespaces, or split cross-namespace types into separate schemas "+
				"referenced as externals.",
				name, none(in), none(pkg))
		}
	}
	for _, name := range w.local {
		if _, simple := logical.Split(name); simple == rowName && name != rootName && w.parent(name) == "" {
			return logical.Errorf("Named type '%s' has the same simple name '%s' as the root message.", name, rowName)
		}
	}
	return nil
}

// checkPackage holds that the namespace is a package.
func (w *writer) checkPackage() error {
	if w.schema.Namespace == "" {
		return nil
	}
	for part := range strings.SplitSeq(w.schema.Namespace, ".") {
		if err := checkIdentifier(part); err != nil {
			return err
		}
	}
	return nil
}

// checkIdentifier holds that a name is one in Protobuf.
func checkIdentifier(name string) error {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return untranslated("%q is not a valid identifier.", name)
		}
	}
	if name == "" {
		return untranslated("Missing name.")
	}
	return nil
}

// symbols are the names of a scope: a message's or the file's.
type symbols struct {
	scope string // the full name; "": that of a file without a package
	names map[string]bool
}

func (s *symbols) add(name string) error {
	if err := checkIdentifier(name); err != nil {
		return err
	}
	if s.names[name] {
		if s.scope == "" {
			return untranslated("%q is already defined.", name)
		}
		return untranslated("%q is already defined in %q.", name, s.scope)
	}
	s.names[name] = true
	return nil
}

// addEnum adds an enum; the names of its values stand beside its own.
func (s *symbols) addEnum(e *enumDecl) error {
	if len(e.values) == 0 {
		return untranslated("Enums must contain at least one value.")
	}
	err := s.add(e.name)
	for _, v := range e.values {
		if err == nil {
			err = s.add(v.name)
		}
	}
	return err
}

// check holds that the names of a file are valid and that no two in one scope are equal.
func (f *fileDecl) check() error {
	top := &symbols{scope: f.pkg, names: map[string]bool{}}
	for _, m := range f.messages {
		if err := m.check(top); err != nil {
			return err
		}
	}
	for _, e := range f.enums {
		if err := top.addEnum(e); err != nil {
			return err
		}
	}
	return nil
}

func (m *messageDecl) check(in *symbols) error {
	if err := in.add(m.name); err != nil {
		return err
	}
	own := &symbols{scope: m.name, names: map[string]bool{}}
	if in.scope != "" {
		own.scope = in.scope + "." + m.name
	}
	for _, f := range m.fields {
		if err := own.add(f.name); err != nil {
			return err
		}
	}
	for _, o := range m.oneofs {
		if err := own.add(o.name); err != nil {
			return err
		}
		if len(o.fields) == 0 {
			return untranslated("Oneof %q must contain at least one field.", o.name)
		}
		for _, f := range o.fields {
			if err := own.add(f.name); err != nil {
				return err
			}
		}
	}
	for _, n := range m.messages {
		if err := n.check(own); err != nil {
			return err
		}
	}
	for _, e := range m.enums {
		if err := own.addEnum(e); err != nil {
			return err
		}
	}
	return nil
}
