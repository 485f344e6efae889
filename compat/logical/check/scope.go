package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// Lookup returns the body of a named type, or nil when it is not known: then nothing is known of what refers to it. It returns
// the same pointer for the same name. (*logical.Schema).Lookup is one. To Confluent a type that is declared behind the
// constraint is a STRUCT without fields, or an ENUM without symbols.
type Lookup func(name string) *logical.Type

// Scope is what an expression may refer to. It is immutable.
type Scope struct {
	names    []string // the columns in order
	columns  map[string]*logical.Type
	bindings map[string]*logical.Type // the variables of EVERY, ANY and ONE; nil types are unknown
	lookup   Lookup
	table    *logical.Type // a STRUCT of the columns; nil: a column-level constraint
}

// Table returns the scope of a table-level constraint: the fields of its STRUCT. lookup may be nil.
func Table(fields []logical.Field, lookup Lookup) Scope {
	s := Scope{columns: make(map[string]*logical.Type, len(fields)), lookup: lookup}
	s.table = &logical.Type{Kind: logical.Struct, Fields: fields}
	for _, f := range fields {
		if _, again := s.columns[f.Name]; !again {
			s.names = append(s.names, f.Name)
		}
		s.columns[f.Name] = f.Type
	}
	return s
}

// Column returns the scope of a column-level constraint: the field that it belongs to. lookup may be nil.
func Column(name string, t *logical.Type, lookup Lookup) Scope {
	return Scope{names: []string{name}, columns: map[string]*logical.Type{name: t}, lookup: lookup}
}

// single reports whether the scope is that of a column-level constraint.
func (s *Scope) single() bool { return s.table == nil }

// now is the variable that clients set to the time of the evaluation.
const now = "now"

// bind returns the scope inside EVERY, ANY or ONE.
func (s *Scope) bind(name string, t *logical.Type) *Scope {
	inner := *s
	if inner.bindings = maps.Clone(s.bindings); inner.bindings == nil {
		inner.bindings = make(map[string]*logical.Type)
	}
	inner.bindings[name] = t
	return &inner
}

// isColumn reports whether a name is a column rather than a variable.
func (s *Scope) isColumn(name string) bool {
	_, bound := s.bindings[name]
	_, ok := s.columns[name]
	return ok && !bound
}

// isThis reports whether a name is the column of a column-level constraint, which is never null.
func (s *Scope) isThis(name string) bool { return s.single() && s.isColumn(name) }

func (s *Scope) isKnown(name string) bool {
	_, bound := s.bindings[name]
	return bound || s.isColumn(name) || name == now
}

// typeOf returns the type of a column or variable; nil when it is unknown.
func (s *Scope) typeOf(name string) *logical.Type {
	if t, bound := s.bindings[name]; bound {
		return t
	}
	return s.columns[name]
}

// body returns the type that a reference stands for, or nil.
func (s *Scope) body(t *logical.Type) *logical.Type {
	if t == nil || t.Kind != logical.Named {
		return t
	}
	if s.lookup == nil {
		return nil
	}
	return s.lookup(t.Name)
}

// allowed lists the columns as messages do.
func (s *Scope) allowed() string {
	if len(s.names) == 0 {
		return "(none)"
	}
	return strings.Join(s.names, ", ")
}

// field returns a field of a STRUCT, or nil.
func field(t *logical.Type, name string) *logical.Field {
	if t == nil || t.Kind != logical.Struct {
		return nil
	}
	if i := slices.IndexFunc(t.Fields, func(f logical.Field) bool { return f.Name == name }); i >= 0 {
		return &t.Fields[i]
	}
	return nil
}

// element returns what a value of a collection is; nil when it is none.
func element(t *logical.Type) *logical.Type {
	if t == nil {
		return nil
	}
	switch t.Kind {
	case logical.Array, logical.Multiset, logical.Map:
		return t.Elem
	}
	return nil
}

// isReserved reports whether a name cannot stand behind a dot in CEL: this["in"].
func isReserved(name string) bool {
	switch strings.ToLower(name) {
	case "true", "false", "null", "in", "as":
		return true
	}
	return false
}
