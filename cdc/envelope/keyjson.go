package envelope

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/record"
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
		return strconv.AppendFloat(dst, c.Float(), 'g', -1, 32)
	case record.Float64:
		return strconv.AppendFloat(dst, c.Float(), 'g', -1, 64)
	case record.String:
		return appendString(dst, string(b.Text(c)))
	case record.Bytes:
		if scale, ok := s.Param("scale"); ok && s.Name == "org.apache.kafka.connect.data.Decimal" {
			n, err := strconv.Atoi(scale)
			if err == nil {
				return append(dst, decimal(b.Text(c), n)...)
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

// decimal writes a two's complement number with scale fraction digits.
func decimal(raw []byte, scale int) string {
	u := new(big.Int).SetBytes(raw)
	if len(raw) > 0 && raw[0] >= 0x80 {
		u.Sub(u, new(big.Int).Lsh(big.NewInt(1), uint(len(raw))*8))
	}
	if scale <= 0 {
		return new(big.Int).Mul(u, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-scale)), nil)).String()
	}
	s, sign := u.String(), ""
	if u.Sign() < 0 {
		s, sign = s[1:], "-"
	}
	if len(s) <= scale {
		s = strings.Repeat("0", scale-len(s)+1) + s
	}
	return sign + s[:len(s)-scale] + "." + s[len(s)-scale:]
}
