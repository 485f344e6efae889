package envelope

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/record/javatext"
)

// appendJSON renders a key as Kafka Connect's JsonConverter does without schemas and with numeric decimals. Keys move
// rarely, so it allocates.
func appendJSON(dst []byte, b *record.Batch, s *record.Schema, cell uint32) []byte {
	c := b.Cell(cell)
	if c.State == record.Null {
		return append(dst, "null"...)
	}
	switch s.Kind {
	case record.Struct:
		dst = append(dst, '{')
		for i, f := range s.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, f.Name), ':')
			dst = appendJSON(dst, b, f.Schema, uint32(c.Bits)+uint32(i))
		}
		return append(dst, '}')
	case record.Array:
		dst = append(dst, '[')
		for i := range c.N {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, b, s.Elem, uint32(c.Bits)+i)
		}
		return append(dst, ']')
	case record.Boolean:
		return strconv.AppendBool(dst, c.Bits != 0)
	case record.Float32:
		return appendFloat(dst, c.Float(), 32)
	case record.Float64:
		return appendFloat(dst, c.Float(), 64)
	case record.String:
		return appendString(dst, string(b.Text(c)))
	case record.Bytes:
		if scale, ok := s.Param("scale"); ok && s.Name == "org.apache.kafka.connect.data.Decimal" {
			n, err := strconv.ParseInt(scale, 10, 32)
			if err == nil {
				if text, err := javatext.AppendDecimal(dst, b.Text(c), int32(n)); err == nil {
					return text
				}
			}
		}
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), b.Text(c)), '"')
	default:
		return strconv.AppendInt(dst, int64(c.Bits), 10)
	}
}

func appendString(dst []byte, s string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return append(dst, `""`...)
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}

// appendFloat writes numbers as Jackson does: what JSON has no number for is a string.
func appendFloat(dst []byte, f float64, size int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(javatext.AppendFloat(append(dst, '"'), f, size), '"')
	}
	return javatext.AppendFloat(dst, f, size)
}
