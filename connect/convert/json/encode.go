package json

import (
	"strconv"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/record/javatext"
)

// Append appends the message of cell c. The error is a *convert.ValueError.
func (e *encoder) Append(dst []byte, b *record.Batch, c uint32) ([]byte, error) {
	dst = append(dst, e.root.lit...)
	dst, err := e.root.append(dst, b, b.Cell(c))
	return append(dst, e.tail...), err
}

// append writes one value, without the literal bytes before it.
func (n *node) append(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	if c.State == record.Null {
		if n.null == nil {
			return dst, &convert.ValueError{Path: n.path, Msg: noNull}
		}
		return append(dst, n.null...), nil
	}
	switch n.op {
	case opInt:
		return strconv.AppendInt(dst, int64(c.Bits), 10), nil
	case opBool:
		return strconv.AppendBool(dst, c.Bits != 0), nil
	case opFloat32:
		return appendFloat(dst, c.Float(), 32), nil
	case opFloat64:
		return appendFloat(dst, c.Float(), 64), nil
	case opString:
		return appendString(dst, b.Text(c)), nil
	case opBytes:
		return appendBase64(dst, b.Text(c)), nil
	case opDecimal:
		dst, err := javatext.AppendDecimal(dst, b.Text(c), n.scale)
		if err != nil {
			return dst, &convert.ValueError{Path: n.path, Msg: err.Error()}
		}
		return dst, nil
	case opArray:
		return n.array(dst, b, c)
	case opObject:
		return n.object(dst, b, c)
	case opPairs:
		return n.pairs(dst, b, c)
	default:
		return n.structure(dst, b, c)
	}
}

func (n *node) structure(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	cells := b.Run(uint32(c.Bits), int(c.N))
	for i := range n.steps {
		s := &n.steps[i]
		dst = append(dst, s.lit...)
		v := cells[s.field]
		switch { // the common ones without a call
		case v.State == record.Null && s.null != nil:
			dst = append(dst, s.null...)
		case v.State != record.Null && s.op == opInt:
			dst = strconv.AppendInt(dst, int64(v.Bits), 10)
		case v.State != record.Null && s.op == opString:
			dst = appendString(dst, b.Text(v))
		default:
			var err error
			if dst, err = s.append(dst, b, v); err != nil {
				return dst, err
			}
		}
	}
	return append(dst, n.tail...), nil
}

func (n *node) array(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range b.Run(uint32(c.Bits), int(c.N)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = n.elem.appendWhole(dst, b, v); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// appendWhole is append for a value that no literal leads to but its own.
func (n *node) appendWhole(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	return n.append(append(dst, n.lit...), b, c)
}

func (n *node) object(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	dst = append(dst, '{')
	cells := b.Run(uint32(c.Bits), 2*int(c.N))
	for i := 0; i < len(cells); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		switch k := cells[i]; {
		case k.State != record.Null:
			dst = appendString(dst, b.Text(k))
		case n.key.null == nil:
			return dst, &convert.ValueError{Path: n.key.path, Msg: noNull}
		case n.key.null[0] == '"': // a default
			dst = append(dst, n.key.null...)
		default:
			dst = append(dst, `"null"`...)
		}
		dst = append(dst, ':')
		if dst, err = n.elem.appendWhole(dst, b, cells[i+1]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (n *node) pairs(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	dst = append(dst, '[')
	cells := b.Run(uint32(c.Bits), 2*int(c.N))
	for i := 0; i < len(cells); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '[')
		var err error
		if dst, err = n.key.appendWhole(dst, b, cells[i]); err != nil {
			return dst, err
		}
		dst = append(dst, ',')
		if dst, err = n.elem.appendWhole(dst, b, cells[i+1]); err != nil {
			return dst, err
		}
		dst = append(dst, ']')
	}
	return append(dst, ']'), nil
}
