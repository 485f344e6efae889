package check

import (
	"github.com/millrace/millrace/compat/logical"
)

// class is what a type is to the operators.
type class uint8

const (
	noClass class = iota
	intClass
	decimalClass // numbers stand in the order of their widening
	doubleClass
	stringClass
	bytesClass
	timeClass
	boolClass
)

func classOf(t *logical.Type) class {
	if t == nil {
		return noClass
	}
	switch t.Kind {
	case logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt:
		return intClass
	case logical.Float, logical.Double:
		return doubleClass
	case logical.Decimal:
		return decimalClass
	case logical.Char, logical.Varchar:
		return stringClass
	case logical.Binary, logical.Varbinary:
		return bytesClass
	case logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return timeClass
	case logical.Boolean:
		return boolClass
	}
	return noClass
}

func (c class) isNumber() bool { return c >= intClass && c <= doubleClass }

// comparable reports whether values of two types may be equal.
func comparable(a, b *logical.Type) bool {
	ca, cb := classOf(a), classOf(b)
	return a.Kind == b.Kind || ca != noClass && ca == cb || ca.isNumber() && cb.isNumber()
}

// isInstant reports whether a type is one that clients hand over in several forms, so that CEL needs a timestamp(…) around it.
func isInstant(t *logical.Type) bool {
	return t != nil && (t.Kind == logical.Timestamp || t.Kind == logical.TimestampLTZ)
}

// The types of literals and results.
var (
	bigIntType  = &logical.Type{Kind: logical.BigInt}
	doubleType  = &logical.Type{Kind: logical.Double}
	decimalType = &logical.Type{Kind: logical.Decimal}
	stringType  = &logical.Type{Kind: logical.Varchar, Length: logical.Unbounded}
	bytesType   = &logical.Type{Kind: logical.Varbinary, Length: logical.Unbounded}
	boolType    = &logical.Type{Kind: logical.Boolean}
	instantType = &logical.Type{Kind: logical.TimestampLTZ}
	variantType = &logical.Type{Kind: logical.Variant}
)

// at is a node in the scope that it is read in.
type at struct {
	n node
	s *Scope
}

// typer finds the types of nodes, each once.
type typer struct {
	types    map[at]*logical.Type
	numbers  map[at]class
	temporal map[at]bool
	bodies   map[at]*Scope
}

func newTyper() *typer {
	return &typer{types: map[at]*logical.Type{}, numbers: map[at]class{}, temporal: map[at]bool{}, bodies: map[at]*Scope{}}
}

func memo[V any](m map[at]V, n node, s *Scope, find func() V) V {
	if v, ok := m[at{n, s}]; ok {
		return v
	}
	v := find()
	m[at{n, s}] = v
	return v
}

// typeOf returns the type of a node, or nil where it takes more than its parts' types to know it: such a node is left to the
// check of the CEL.
func (t *typer) typeOf(n node, s *Scope) *logical.Type {
	return memo(t.types, n, s, func() *logical.Type {
		switch n := n.(type) {
		case *chain:
			return t.join(n.args, s, true)
		case *sign:
			return t.typeOf(n.arg, s)
		case *column:
			return t.columnType(n, s)
		case *literal:
			return literalType(n)
		case *paren:
			if len(n.path) > 0 {
				return nil
			}
			return t.typeOf(n.arg, s)
		case *caseOf:
			return t.join(n.results(), s, false)
		case *call:
			return t.resultType(n, s)
		}
		return boolType
	})
}

// join returns the type that values of all nodes have: the widest where they are numbers, the first where they are of one class,
// nil where they are not. A node whose class is unknown makes all of them unknown if strict, and counts for nothing otherwise.
func (t *typer) join(nodes []node, s *Scope, strict bool) *logical.Type {
	var widest *logical.Type
	for _, n := range nodes {
		next := t.typeOf(n, s)
		a, b := classOf(widest), classOf(next)
		switch {
		case b == noClass && strict:
			return nil
		case b == noClass, a == b:
		case widest == nil, a.isNumber() && b.isNumber() && b > a:
			widest = next
		case !a.isNumber() || !b.isNumber():
			return nil
		}
	}
	return widest
}

// results returns the values of a CASE.
func (n *caseOf) results() []node {
	var out []node
	for _, w := range n.whens {
		out = append(out, w.then)
	}
	if n.other != nil {
		out = append(out, n.other)
	}
	return out
}

func literalType(l *literal) *logical.Type {
	switch l.kind {
	case intLiteral:
		return bigIntType
	case decimalLiteral:
		return decimalType
	case doubleLiteral:
		return doubleType
	case stringLiteral:
		return stringType
	case bytesLiteral:
		return bytesType
	case boolLiteral:
		return boolType
	case timestampLiteral:
		return instantType
	}
	return nil // NULL; an INTERVAL has no logical type
}

// columnType follows a column's path. It goes into the STRUCT that a reference stands for, but not where the reference is the
// element of a collection: Confluent does not either, and what is known of a type decides which CEL is written.
func (t *typer) columnType(c *column, s *Scope) *logical.Type {
	typ := s.body(s.typeOf(c.name))
	for _, step := range c.path {
		switch {
		case step.index != nil:
			typ = element(typ)
		default:
			f := field(typ, step.field)
			if f == nil {
				return nil
			}
			typ = s.body(f.Type)
		}
	}
	return typ
}

// operandType is typeOf without the calls and CASEs, which Confluent does not look into for the operands of * and ||.
func (t *typer) operandType(n node, s *Scope) *logical.Type {
	if v, ok := n.(*sign); ok {
		n = v.arg
	}
	switch n.(type) {
	case *column, *literal, *paren:
		return t.typeOf(n, s)
	}
	return nil
}

// number returns the class of a node that is a number throughout, the widest of its operands'; noClass otherwise. A predicate is
// none even if its operands are.
func (t *typer) number(n node, s *Scope) class {
	return memo(t.numbers, n, s, func() class {
		switch n := n.(type) {
		case *column, *call, *caseOf:
			if c := classOf(t.typeOf(n, s)); c.isNumber() {
				return c
			}
			return noClass
		case *literal:
			switch n.kind {
			case intLiteral, decimalLiteral, doubleLiteral:
				return classOf(literalType(n))
			}
			return noClass
		case *chain, *sign, *paren:
			var parts []node
			n.children(func(c node) { parts = append(parts, c) })
			return t.commonNumber(s, parts...)
		}
		return noClass
	})
}

// commonNumber returns the widest class of nodes that all are numbers; noClass otherwise.
func (t *typer) commonNumber(s *Scope, nodes ...node) class {
	widest := noClass
	for _, n := range nodes {
		c := t.number(n, s)
		if c == noClass {
			return noClass
		}
		widest = max(widest, c)
	}
	return widest
}

// isTemporal reports whether a timestamp column, a TIMESTAMP or an INTERVAL is anywhere in a node.
func (t *typer) isTemporal(n node, s *Scope) bool {
	return memo(t.temporal, n, s, func() bool {
		switch n := n.(type) {
		case *column:
			return isInstant(t.columnType(n, s))
		case *literal:
			return n.kind == timestampLiteral || n.kind == intervalLiteral
		}
		found := false
		n.children(func(c node) { found = found || t.isTemporal(c, s) })
		return found
	})
}

// body returns the scope of a macro's last argument, always the same one; nil when the macro has no variable. The variable of a
// MAP has the type of its values.
func (t *typer) body(n *call, s *Scope) *Scope {
	return memo(t.bodies, node(n), s, func() *Scope {
		name := n.args[1].String()
		if !isVariable(name) {
			return nil
		}
		return s.bind(name, element(t.typeOf(n.args[0], s)))
	})
}
