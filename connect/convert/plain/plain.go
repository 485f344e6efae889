package plain

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// Converter compiles encoders of one class. It is safe for concurrent use.
type Converter struct {
	class string
	kind  record.Kind // Invalid: any
	width int         // bytes of a number
}

// The converters, by the names of Kafka Connect's classes.
var (
	String    = &Converter{class: "StringConverter"}
	ByteArray = &Converter{class: "ByteArrayConverter", kind: record.Bytes}
	Boolean   = &Converter{class: "BooleanConverter", kind: record.Boolean, width: 1}
	Short     = &Converter{class: "ShortConverter", kind: record.Int16, width: 2}
	Integer   = &Converter{class: "IntegerConverter", kind: record.Int32, width: 4}
	Long      = &Converter{class: "LongConverter", kind: record.Int64, width: 8}
	Float     = &Converter{class: "FloatConverter", kind: record.Float32, width: 4}
	Double    = &Converter{class: "DoubleConverter", kind: record.Float64, width: 8}
)

// Encoder compiles s. The error is a *convert.SchemaError.
func (v *Converter) Encoder(_ context.Context, _ string, part convert.Part, s *record.Schema) (convert.Encoder, error) {
	switch {
	case s == nil:
		return raw{}, nil
	case v.kind == record.Invalid:
		return compileText(s)
	case v.kind != s.Kind:
		return nil, &convert.SchemaError{Msg: fmt.Sprintf("%s writes values of type %v, and the %s is %v", v.class, v.kind, part, s.Kind)}
	}
	return raw{width: v.width, kind: s.Kind}, nil
}

const noNull = "null value: the message would be empty"

// raw writes bytes as they are and numbers big-endian.
type raw struct {
	width int // 0: bytes
	kind  record.Kind
}

// Append appends cell c of b. The error is a *convert.ValueError.
func (r raw) Append(dst []byte, b *record.Batch, c uint32) ([]byte, error) {
	v := b.Cell(c)
	if v.State == record.Null {
		return dst, &convert.ValueError{Msg: noNull}
	}
	n := v.Bits
	switch {
	case r.width == 0:
		return append(dst, b.Text(v)...), nil
	case r.kind == record.Float32:
		n = uint64(math.Float32bits(float32(v.Float())))
	}
	switch r.width {
	case 1:
		return append(dst, byte(n)), nil
	case 2:
		return binary.BigEndian.AppendUint16(dst, uint16(n)), nil
	case 4:
		return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
	default:
		return binary.BigEndian.AppendUint64(dst, n), nil
	}
}
