package pgvalue

import (
	"bytes"
	"math"

	"github.com/millrace/millrace/connect/record"
)

// interval is what PostgreSQL keeps of one.
type interval struct{ months, days, micros int64 }

// monthMicros is a month of 30.4375 days, Debezium's average.
const monthMicros = 2_629_800_000_000

// intervalText reads intervalstyle postgres: 1 year 2 mons -3 days +04:05:06.789.
func (c *Codec) intervalText(b *record.Batch, cell uint32, src []byte) error {
	var v interval
	for len(src) > 0 {
		word, rest, _ := bytes.Cut(src, []byte{' '})
		neg := false
		if len(word) > 0 && (word[0] == '-' || word[0] == '+') {
			neg, word = word[0] == '-', word[1:]
		}
		p := parser{s: word}
		if bytes.IndexByte(word, ':') >= 0 {
			if v.micros = p.clock(); neg {
				v.micros = -v.micros
			}
			if p.bad || p.i != len(word) || len(rest) > 0 {
				return c.fail("not in style postgres: set intervalstyle=postgres")
			}
			break
		}
		n := p.number()
		if neg {
			n = -n
		}
		var name []byte
		name, src, _ = bytes.Cut(rest, []byte{' '})
		switch {
		case p.bad || p.i != len(word) || len(name) < 3:
			return c.fail("not in style postgres: set intervalstyle=postgres")
		case name[0] == 'y':
			v.months += 12 * n
		case name[0] == 'm':
			v.months += n
		case name[0] == 'd':
			v.days = n
		default:
			return c.fail("not in style postgres: set intervalstyle=postgres")
		}
	}
	c.setInterval(b, cell, v)
	return nil
}

func (c *Codec) setInterval(b *record.Batch, cell uint32, v interval) {
	if c.unit != iso {
		f := float64(v.months)*monthMicros + float64(v.days)*dayMicros + float64(v.micros)
		switch {
		case f >= math.MaxInt64:
			b.SetInt(cell, math.MaxInt64)
		case f <= math.MinInt64:
			b.SetInt(cell, math.MinInt64)
		default:
			b.SetInt(cell, v.months*monthMicros+v.days*dayMicros+v.micros)
		}
		return
	}
	buf := append(b.Buf(), 'P')
	buf = append(appendInt(buf, v.months/12), 'Y')
	buf = append(appendInt(buf, v.months%12), 'M')
	buf = append(appendInt(buf, v.days), 'D', 'T')
	us := v.micros
	buf = append(appendInt(buf, us/3_600_000_000), 'H')
	buf = append(appendInt(buf, us/60_000_000%60), 'M')
	rest := us % 60_000_000
	if rest < 0 {
		buf, rest = append(buf, '-'), -rest
	}
	buf = appendFraction(appendInt(buf, rest/1_000_000), rest%1_000_000, -1)
	b.SetAppended(cell, append(buf, 'S'))
}
