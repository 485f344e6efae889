package jsonschema

import (
	"errors"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
)

// tags returns the values that tell the branches of a union apart: each is an object with exactly one property that admits a
// single value, the property has the same name in all of them, and the values are distinct strings. nil: they are not so told.
func (r *reader) tags(of []native.Node) ([]string, error) {
	var key string
	var tags []string
	seen := map[string]bool{}
	for i, n := range of {
		name, v, err := r.tag(n)
		if err != nil {
			return nil, err
		}
		s, ok := v.(string)
		if !ok || seen[s] || i > 0 && name != key {
			return nil, nil
		}
		seen[s], key = true, name
		tags = append(tags, s)
	}
	return tags, nil
}

// tag returns the one property of an object that admits a single value, and that value; nil when there is none, or more.
func (r *reader) tag(n native.Node) (name string, v any, err error) {
	s, ok, err := r.unwrap(n)
	if err != nil || !ok {
		return "", nil, err
	}
	var properties []native.Definition
	switch {
	case s.object != nil:
		properties = s.object.list
	case s.values == nil && s.node.Class() == native.Object:
		properties = s.node.Properties()
	}
	for _, p := range properties {
		if err := r.count(1); err != nil {
			return "", nil, err
		}
		one, err := r.single(p.Schema, 0)
		if err != nil {
			return "", nil, err
		}
		if one == nil {
			continue
		}
		if v != nil {
			return "", nil, nil
		}
		name, v = p.Name, one
	}
	return name, v, nil
}

// unwrap returns what a reference or an allOf stands for; false for nothing.
func (r *reader) unwrap(n native.Node) (simple, bool, error) {
	seen := map[native.Node]bool{}
	for !seen[n] {
		seen[n] = true
		switch n.Class() {
		case native.Reference:
			t, ok := n.Target()
			if !ok {
				return simple{}, false, nil
			}
			n = t
		case native.AllOf:
			s, err := r.simplify(n)
			if err != nil {
				var none *logical.Error
				if errors.As(err, &none) && r.count(0) == nil {
					return simple{}, false, nil // it has no logical type
				}
				return simple{}, false, err
			}
			if s.object != nil || s.values != nil {
				return s, true, nil
			}
			n = s.node
		default:
			return simple{node: n}, true, nil
		}
	}
	return simple{}, false, nil
}

// single returns the one value other than null that a schema admits; nil when it admits more, or anything else.
func (r *reader) single(n native.Node, depth int) (any, error) {
	if err := r.count(n.Weight()); err != nil || depth > logical.MaxDepth {
		return nil, err
	}
	s, ok, err := r.unwrap(n)
	if err != nil || !ok || s.object != nil {
		return nil, err
	}
	var list []any
	switch c := s.node; {
	case s.values != nil:
		list = s.values.list
	case c.Class() == native.AnyOf, c.Class() == native.OneOf:
		var of []native.Node
		for _, m := range c.Of() {
			if !isNull(m) {
				of = append(of, m)
			}
		}
		if len(of) != 1 {
			return nil, nil
		}
		return r.single(of[0], depth+1)
	default:
		list = c.Values()
	}
	var one any
	for _, v := range list {
		if v == nil {
			continue
		}
		if one != nil {
			return nil, nil
		}
		one = v
	}
	return one, nil
}
