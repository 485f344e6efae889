package json

import (
	"fmt"
	"strconv"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/record/javatext"
)

// op says how a value is written.
type op uint8

const (
	opInt op = iota
	opBool
	opFloat32
	opFloat64
	opString
	opBytes
	opDecimal
	opArray
	opObject // a map with string keys
	opPairs  // any other map
	opStruct
)

// node writes one value, behind the literal bytes that lead to it.
type node struct {
	lit   []byte // before the value
	field uint32 // cell of the struct that the node is a step of
	op    op
	scale int32  // opDecimal
	null  []byte // written for null; nil: null is an error
	steps []node // opStruct
	tail  []byte // opStruct: after the last step
	key   *node  // opPairs, opObject
	elem  *node  // opArray, opPairs, opObject
	path  string
}

const (
	decimalName = "org.apache.kafka.connect.data.Decimal"
	noNull      = "null value for a field that is required and has no default"
)

type compiler struct {
	Options
	lit []byte // literal bytes that no step has taken yet
}

type encoder struct {
	root node
	tail []byte
}

func compile(s *record.Schema, o Options) (*encoder, error) {
	c := &compiler{Options: o}
	if !o.Schemaless {
		var err error
		if c.lit, err = c.appendSchema(append(c.lit, `{"schema":`...), s, ""); err != nil {
			return nil, err
		}
		c.lit = append(c.lit, `},"payload":`...)
	}
	e := &encoder{}
	var err error
	if e.root, err = c.node(s, ""); err != nil {
		return nil, err
	}
	if !o.Schemaless {
		c.lit = append(c.lit, '}')
	}
	e.tail = c.take()
	return e, nil
}

func (c *compiler) take() []byte {
	lit := c.lit
	c.lit = nil
	return lit
}

// node compiles a value. The pending literal bytes become the node's, unless it is a struct that is never null, whose
// first step takes them; bytes that end such a struct are left pending, for what follows.
func (c *compiler) node(s *record.Schema, path string) (node, error) {
	n := node{path: path}
	switch {
	case s.Default != nil && s.Default.V != nil && !c.KeepNulls:
		var err error
		if n.null, err = c.appendLiteral(nil, s, s.Default, path); err != nil {
			return n, err
		}
	case s.Optional:
		n.null = []byte("null")
	}
	if s.Kind != record.Struct || n.null != nil {
		n.lit = c.take()
	}
	switch s.Kind {
	case record.Boolean:
		n.op = opBool
	case record.Int8, record.Int16, record.Int32, record.Int64:
		n.op = opInt
	case record.Float32:
		n.op = opFloat32
	case record.Float64:
		n.op = opFloat64
	case record.String:
		n.op = opString
	case record.Bytes:
		n.op = opBytes
		if c.numeric(s) {
			n.op = opDecimal
			var err error
			if n.scale, err = scaleOf(s, path); err != nil {
				return n, err
			}
		}
	case record.Array, record.Map:
		return n, c.elements(&n, s)
	case record.Struct:
		return n, c.structure(&n, s)
	default:
		return n, &convert.SchemaError{Path: path, Msg: fmt.Sprintf("schema of kind %v", s.Kind)}
	}
	return n, nil
}

// elements compiles an Array or Map.
func (c *compiler) elements(n *node, s *record.Schema) error {
	one := func(s *record.Schema, path string) (*node, error) {
		inner := &compiler{Options: c.Options}
		e, err := inner.node(s, path)
		if e.op == opStruct { // nothing follows that would take the pending bytes
			e.tail = append(e.tail, inner.take()...)
		}
		return &e, err
	}
	var err error
	if n.elem, err = one(s.Elem, n.path+"[]"); err != nil || s.Kind == record.Array {
		n.op = opArray
		return err
	}
	n.op = opPairs
	if s.Key.Kind == record.String {
		n.op = opObject
	}
	n.key, err = one(s.Key, n.path+"[key]")
	return err
}

func (c *compiler) structure(n *node, s *record.Schema) error {
	n.op = opStruct
	c.lit = append(c.lit, '{')
	for i := range s.Fields {
		f := &s.Fields[i]
		if i > 0 {
			c.lit = append(c.lit, ',')
		}
		c.lit = append(appendString(c.lit, []byte(f.Name)), ':')
		path := join(n.path, f.Name)
		if f.Const != nil {
			var err error
			if c.lit, err = c.appendLiteral(c.lit, f.Schema, f.Const, path); err != nil {
				return err
			}
			continue
		}
		step, err := c.node(f.Schema, path)
		if err != nil {
			return err
		}
		step.field = uint32(i)
		n.steps = append(n.steps, step)
	}
	c.lit = append(c.lit, '}')
	if n.null != nil {
		n.tail = c.take()
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// numeric reports whether values of s are written as decimal numbers.
func (c *compiler) numeric(s *record.Schema) bool {
	return c.NumericDecimals && s.Kind == record.Bytes && s.Name == decimalName
}

func scaleOf(s *record.Schema, path string) (int32, error) {
	text, _ := s.Param("scale")
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, &convert.SchemaError{Path: path, Msg: "a Decimal whose parameter scale is not a whole number"}
	}
	return int32(n), nil
}

// appendLiteral renders a default or a constant, as a row's value would be.
func (c *compiler) appendLiteral(dst []byte, s *record.Schema, l *record.Literal, path string) ([]byte, error) {
	wrong := func() ([]byte, error) {
		return nil, &convert.SchemaError{Path: path, Msg: fmt.Sprintf("a default or constant of type %T for schema %s", l.V, s)}
	}
	switch v := l.V.(type) {
	case nil:
		switch {
		case s.Default != nil && s.Default.V != nil && !c.KeepNulls:
			return c.appendLiteral(dst, s, s.Default, path)
		case !s.Optional:
			return nil, &convert.SchemaError{Path: path, Msg: noNull}
		}
		return append(dst, "null"...), nil
	case bool:
		if s.Kind != record.Boolean {
			return wrong()
		}
		return strconv.AppendBool(dst, v), nil
	case int64:
		if s.Kind < record.Int8 || s.Kind > record.Int64 {
			return wrong()
		}
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		switch s.Kind {
		case record.Float32:
			return appendFloat(dst, v, 32), nil
		case record.Float64:
			return appendFloat(dst, v, 64), nil
		}
		return wrong()
	case string:
		if s.Kind != record.String {
			return wrong()
		}
		return appendString(dst, []byte(v)), nil
	case []byte:
		switch {
		case s.Kind != record.Bytes:
			return wrong()
		case !c.numeric(s):
			return appendBase64(dst, v), nil
		}
		scale, err := scaleOf(s, path)
		if err != nil {
			return nil, err
		}
		return javatext.AppendDecimal(dst, v, scale)
	case []record.Literal:
		switch {
		case s.Kind == record.Array:
			return c.appendArray(dst, s, v, path)
		case s.Kind == record.Map && len(v)%2 == 0:
			return c.appendMap(dst, s, v, path)
		case s.Kind == record.Struct && len(v) == len(s.Fields):
			return c.appendStruct(dst, s, v, path)
		}
	}
	return wrong()
}

func (c *compiler) appendArray(dst []byte, s *record.Schema, v []record.Literal, path string) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	for i := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = c.appendLiteral(dst, s.Elem, &v[i], path+"[]"); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func (c *compiler) appendMap(dst []byte, s *record.Schema, v []record.Literal, path string) ([]byte, error) {
	object := s.Key.Kind == record.String
	marks := "[[,]]"
	if object {
		marks = "{\x00:\x00}"
	}
	mark := func(i int) {
		if marks[i] != 0 {
			dst = append(dst, marks[i])
		}
	}
	mark(0)
	for i := 0; i < len(v); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		mark(1)
		var err error
		if key, ok := v[i].V.(string); object && !ok && v[i].V == nil {
			dst = append(dst, `"null"`...)
		} else if object && ok {
			dst = appendString(dst, []byte(key))
		} else if dst, err = c.appendLiteral(dst, s.Key, &v[i], path+"[key]"); err != nil {
			return nil, err
		}
		mark(2)
		if dst, err = c.appendLiteral(dst, s.Elem, &v[i+1], path+"[]"); err != nil {
			return nil, err
		}
		mark(3)
	}
	mark(4)
	return dst, nil
}

func (c *compiler) appendStruct(dst []byte, s *record.Schema, v []record.Literal, path string) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	for i := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, []byte(s.Fields[i].Name)), ':')
		if dst, err = c.appendLiteral(dst, s.Fields[i].Schema, &v[i], join(path, s.Fields[i].Name)); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}
