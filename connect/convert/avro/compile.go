package avro

import (
	"fmt"
	"time"

	compat "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// op says how a value is written.
type op uint8

const (
	opInt op = iota // int and long
	opBool
	opFloat
	opDouble
	opString
	opBytes
	opRaw // bytes without their length: a message that is nothing but bytes
	opArray
	opMap // a map, or records of key and value
	opStruct
)

// node writes one value, behind the literal bytes that lead to it.
type node struct {
	lit    []byte // before the value
	field  uint32 // cell of the struct that the node is a step of
	op     op
	union  bool   // a value that is not null has its branch before it
	branch byte   // zigzag
	null   []byte // written for null: its branch, or the default; nil: null is an error
	steps  []node // opStruct
	tail   []byte // opStruct: after the last step
	key    *node  // opMap
	elem   *node  // opArray, opMap
	path   string
}

const maxBranches = 64 // whose index is one byte

const noNull = "null value for a field that is required and has no default"

type compiler struct {
	o   *Options
	lit []byte // literal bytes that no step has taken yet
}

type encoder struct {
	root  node
	tail  []byte
	until time.Time // when the subject's name is to be asked for again; zero: never
}

// Expires implements convert.Expiring: an association of the topic may change.
func (e *encoder) Expires() time.Time { return e.until }

// compile plans the encoding of values of s as values of t, behind head. The error is a *convert.SchemaError.
func compile(s *record.Schema, t *compat.Type, o *Options, head []byte) (*encoder, error) {
	c := &compiler{o: o, lit: head}
	e := &encoder{}
	var err error
	if e.root, err = c.node(s, t, false, ""); err != nil {
		return nil, err
	}
	if e.root.op == opBytes && t.Kind == compat.Bytes {
		e.root.op = opRaw
	}
	e.tail = c.take()
	return e, nil
}

func (c *compiler) take() []byte {
	lit := c.lit
	c.lit = nil
	return lit
}

func mismatch(s *record.Schema, t *compat.Type, path string) error {
	return &convert.SchemaError{Path: path, Msg: fmt.Sprintf("values of type %v do not fit the Avro type %v", s.Kind, t.Kind)}
}

// branchOf returns the branch of a union for values of s, and that of null; -1: there is none.
func branchOf(s *record.Schema, t *compat.Type, o *Options) (value, null int) {
	value, null = -1, -1
	for i, b := range t.Branches {
		switch {
		case b.Kind == compat.Null:
			null = i
		case value >= 0 && !(b.Kind == compat.Record && s.Name != "" && b.Name.Full() == o.fullName(s.Name)):
		default:
			if _, ok := opOf(s, b, o); ok {
				value = i
			}
		}
	}
	return value, null
}

// opOf returns how values of s are written as t, which is no union.
func opOf(s *record.Schema, t *compat.Type, o *Options) (op, bool) {
	switch s.Kind {
	case record.Boolean:
		return opBool, t.Kind == compat.Boolean
	case record.Int8, record.Int16, record.Int32:
		return opInt, t.Kind == compat.Int || t.Kind == compat.Long
	case record.Int64:
		return opInt, t.Kind == compat.Long
	case record.Float32:
		if t.Kind == compat.Double {
			return opDouble, true
		}
		return opFloat, t.Kind == compat.Float
	case record.Float64:
		return opDouble, t.Kind == compat.Double
	case record.String:
		return opString, t.Kind == compat.String
	case record.Bytes:
		return opBytes, t.Kind == compat.Bytes
	case record.Array:
		return opArray, t.Kind == compat.Array
	case record.Map:
		if o.stringKeys(s) {
			return opMap, t.Kind == compat.Map
		}
		return opMap, t.Kind == compat.Array && isEntry(t.Elem)
	case record.Struct:
		return opStruct, t.Kind == compat.Record
	}
	return 0, false
}

func isEntry(t *compat.Type) bool {
	return t.Kind == compat.Record && len(t.Fields) == 2 && t.Fields[0].Name == "key" && t.Fields[1].Name == "value"
}

// node compiles a value. The pending literal bytes become the node's, unless it is a struct that is never null, whose
// first step takes them; bytes that end such a struct are left pending, for what follows. A field that is null takes its
// default, as Struct.get does, where defaulted.
func (c *compiler) node(s *record.Schema, t *compat.Type, defaulted bool, path string) (node, error) {
	n := node{path: path}
	inner := t
	if t.Kind == compat.Union {
		value, null := branchOf(s, t, c.o)
		if value < 0 {
			return n, mismatch(s, t, path)
		}
		if value >= maxBranches {
			return n, &convert.SchemaError{Path: path, Msg: "a union of too many branches"}
		}
		inner = t.Branches[value]
		n.union, n.branch = true, byte(value)<<1
		if null >= 0 && s.Optional {
			n.null = appendInt(nil, int64(null))
		}
	}
	var ok bool
	if n.op, ok = opOf(s, inner, c.o); !ok {
		return n, mismatch(s, inner, path)
	}
	if defaulted && hasDefault(s) && !c.o.KeepNulls {
		var err error
		if n.null, err = c.literal(nil, s, t, s.Default, path); err != nil {
			return n, err
		}
	}
	if n.op != opStruct || n.null != nil {
		n.lit = c.take()
	}
	switch {
	case n.op == opArray:
		return n, c.elements(&n, s, nil, inner.Elem)
	case n.op == opMap && inner.Kind == compat.Map:
		return n, c.elements(&n, s, nil, inner.Elem)
	case n.op == opMap:
		return n, c.elements(&n, s, inner.Elem.Fields[0].Type, inner.Elem.Fields[1].Type)
	case n.op == opStruct:
		if n.null == nil && n.union { // nothing to decide per row
			c.lit = append(c.lit, n.branch)
			n.union = false
		}
		return n, c.structure(&n, s, inner)
	}
	return n, nil
}

// elements compiles an Array or Map. key is nil for Avro's own maps, whose keys are strings without branch.
func (c *compiler) elements(n *node, s *record.Schema, key, elem *compat.Type) error {
	one := func(s *record.Schema, t *compat.Type, path string) (*node, error) {
		alone := &compiler{o: c.o}
		e, err := alone.node(s, t, false, path)
		if e.op == opStruct { // nothing follows that would take the pending bytes
			e.tail = append(e.tail, alone.take()...)
		}
		return &e, err
	}
	var err error
	if n.elem, err = one(s.Elem, elem, n.path+"[]"); err != nil || s.Kind == record.Array {
		return err
	}
	if key == nil {
		n.key = &node{op: opString, path: n.path + "[key]"}
		return nil
	}
	n.key, err = one(s.Key, key, n.path+"[key]")
	return err
}

// structure compiles the fields in the order of the Avro type.
func (c *compiler) structure(n *node, s *record.Schema, t *compat.Type) error {
	at := make(map[string]int, len(s.Fields))
	for i := range s.Fields {
		at[c.o.fieldName(s.Fields[i].Name)] = i
	}
	for _, f := range t.Fields {
		i, ok := at[f.Name]
		delete(at, f.Name)
		path := join(n.path, f.Name)
		var err error
		switch {
		case !ok && f.Default == nil:
			return &convert.SchemaError{Path: path, Msg: "the registered schema has this field without a default, and the table has no such column"}
		case !ok:
			c.lit, err = appendDefault(c.lit, f.Type, f.Default.String(), path)
		case s.Fields[i].Const != nil:
			c.lit, err = c.constant(c.lit, s.Fields[i].Schema, f.Type, s.Fields[i].Const, path)
		default:
			var step node
			if step, err = c.node(s.Fields[i].Schema, f.Type, true, path); err == nil {
				step.field = uint32(i)
				n.steps = append(n.steps, step)
			}
		}
		if err != nil {
			return err
		}
	}
	for i := range s.Fields {
		if _, left := at[c.o.fieldName(s.Fields[i].Name)]; left {
			return &convert.SchemaError{Path: join(n.path, s.Fields[i].Name), Msg: "the registered schema has no such field"}
		}
	}
	if n.null != nil {
		n.tail = c.take()
	}
	return nil
}
