package consume

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/avro"
)

var errDatum = errors.New("the bytes are not a datum of the schema")

// Bounds of one datum.
const (
	maxNesting = 100
	maxItems   = 1 << 16 // of types that take no bytes
)

// datum writes Avro's binary encoding as JSON: fields in the schema's order, unions without their branch's name, decimals as
// numbers, other bytes as base64. https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
type datum struct {
	b     []byte
	items int // read so far
}

func appendDatum(dst []byte, t *avro.Type, b []byte) ([]byte, error) {
	d := datum{b: b}
	dst, err := d.value(dst, t, 0)
	if err == nil && len(d.b) > 0 {
		err = fmt.Errorf("%w: %d are left over", errDatum, len(d.b))
	}
	return dst, err
}

func (d *datum) long() (int64, error) {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		return 0, errDatum
	}
	d.b = d.b[n:]
	return v, nil
}

func (d *datum) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(d.b)) {
		return nil, errDatum
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v, nil
}

func (d *datum) counted() ([]byte, error) {
	n, err := d.long()
	if err != nil {
		return nil, err
	}
	return d.take(n)
}

func (d *datum) value(dst []byte, t *avro.Type, depth int) ([]byte, error) {
	if depth > maxNesting {
		return dst, fmt.Errorf("%w: it nests deeper than %d levels", errDatum, maxNesting)
	}
	switch t.Kind {
	case avro.Null:
		return append(dst, "null"...), nil
	case avro.Boolean:
		v, err := d.take(1)
		if err != nil {
			return dst, err
		}
		return strconv.AppendBool(dst, v[0] != 0), nil
	case avro.Int, avro.Long:
		v, err := d.long()
		return strconv.AppendInt(dst, v, 10), err
	case avro.Float:
		v, err := d.take(4)
		if err != nil {
			return dst, err
		}
		return appendFloat(dst, float64(math.Float32frombits(binary.LittleEndian.Uint32(v))), 32), nil
	case avro.Double:
		v, err := d.take(8)
		if err != nil {
			return dst, err
		}
		return appendFloat(dst, math.Float64frombits(binary.LittleEndian.Uint64(v)), 64), nil
	case avro.String:
		v, err := d.counted()
		return appendText(dst, v), err
	case avro.Bytes:
		v, err := d.counted()
		return appendBytes(dst, t, v), err
	case avro.Fixed:
		v, err := d.take(int64(t.Size))
		return appendBytes(dst, t, v), err
	case avro.Enum:
		i, err := d.long()
		if err != nil || i < 0 || i >= int64(len(t.Symbols)) {
			return dst, errDatum
		}
		return appendText(dst, []byte(t.Symbols[i])), nil
	case avro.Union:
		i, err := d.long()
		if err != nil || i < 0 || i >= int64(len(t.Branches)) {
			return dst, errDatum
		}
		return d.value(dst, t.Branches[i], depth+1)
	case avro.Array, avro.Map:
		return d.blocks(dst, t, depth)
	}
	dst = append(dst, '{')
	for i, f := range t.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, []byte(f.Name)), ':')
		var err error
		if dst, err = d.value(dst, f.Type, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// blocks reads the items of an array or map: runs of a count and so many items, a negative count with the run's bytes
// behind it.
func (d *datum) blocks(dst []byte, t *avro.Type, depth int) ([]byte, error) {
	open, end := byte('['), byte(']')
	if t.Kind == avro.Map {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for first := true; ; {
		n, err := d.long()
		if err != nil {
			return dst, err
		}
		if n == 0 {
			return append(dst, end), nil
		}
		if n < 0 {
			if _, err := d.long(); err != nil {
				return dst, err
			}
			n = -n
		}
		for ; n != 0; n-- {
			if d.items++; d.items > maxItems {
				return dst, fmt.Errorf("%w: it has more than %d items", errDatum, maxItems)
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if t.Kind == avro.Map {
				key, err := d.counted()
				if err != nil {
					return dst, err
				}
				dst = append(appendText(dst, key), ':')
			}
			if dst, err = d.value(dst, t.Elem, depth+1); err != nil {
				return dst, err
			}
		}
	}
}

func appendText(dst, s []byte) []byte {
	if !utf8.Valid(s) {
		s = []byte(string([]rune(string(s))))
	}
	text, err := json.Marshal(string(s)) // a string always marshals
	if err != nil {
		return append(dst, `""`...)
	}
	return append(dst, text...)
}

func appendBytes(dst []byte, t *avro.Type, raw []byte) []byte {
	if l := t.Logical; l != nil && l.Name == "decimal" && len(raw) > 0 && len(raw) <= 64 {
		n := new(big.Int).SetBytes(raw)
		if raw[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
		}
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(l.Scale, 1000))), nil)
		return append(dst, new(big.Rat).SetFrac(n, scale).FloatString(min(l.Scale, 1000))...)
	}
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), raw), '"')
}

func appendFloat(dst []byte, f float64, size int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(strconv.AppendFloat(append(dst, '"'), f, 'g', -1, size), '"')
	}
	return strconv.AppendFloat(dst, f, 'g', -1, size)
}
