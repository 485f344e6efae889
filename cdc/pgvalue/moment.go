package pgvalue

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/millrace/millrace/connect/record"
)

const (
	daySeconds = 86400
	dayMicros  = daySeconds * 1_000_000
	epochDays  = 10957 // from 1970-01-01 to PostgreSQL's epoch, 2000-01-01
)

// The JDBC driver's stand-ins for timestamp ±infinity, in milliseconds since 1970: what Debezium sends.
const (
	positiveInfinity = 9223372036825200
	negativeInfinity = -9223372036832400
)

// days returns the day number since 1970-01-01 of a date of the proleptic Gregorian calendar; year 0 is 1 BC.
func days(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// civil is the inverse of days.
func civil(z int64) (y, m, d int64) {
	z += 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	if m = mp + 3; m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// moment is a point in time as days since 1970 and microseconds in the day, or an infinity.
type moment struct {
	day, micros int64
	infinite    int // -1, 0, 1
}

// appendDate writes an ISO date; years beyond four digits have a sign, as Java prints them.
func appendDate(dst []byte, day int64) []byte {
	y, m, d := civil(day)
	switch {
	case y < 0:
		dst, y = append(dst, '-'), -y
	case y > 9999:
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, int(y), 4)
	dst = append(dst, '-', byte('0'+m/10), byte('0'+m%10), '-')
	return append(dst, byte('0'+d/10), byte('0'+d%10))
}

// appendClock writes a time of day with as many fraction digits as digits says, or without trailing zeros when negative.
func appendClock(dst []byte, micros int64, digits int) []byte {
	s, f := micros/1_000_000, micros%1_000_000
	h, m := s/3600, s/60%60
	s %= 60
	dst = append(dst, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
	return appendFraction(dst, f, digits)
}

func appendFraction(dst []byte, f int64, digits int) []byte {
	if digits == 0 || digits < 0 && f == 0 {
		return dst
	}
	dst = append(dst, '.')
	dst = appendPadded(dst, int(f), 6)
	if digits > 0 {
		return dst[:len(dst)-6+digits]
	}
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// set writes a moment as the codec's schema wants it.
func (c *Codec) set(b *record.Batch, cell uint32, m moment) {
	switch c.op {
	case opDate:
		c.setDate(b, cell, m)
	case opTime:
		c.setTime(b, cell, m.micros)
	case opTimeTZ:
		b.SetAppended(cell, append(appendClock(b.Buf(), (m.micros%dayMicros+dayMicros)%dayMicros, -1), 'Z'))
	case opTimestampTZ:
		digits := c.precision
		if digits < 0 {
			digits = 6
		}
		switch {
		case m.infinite > 0:
			b.SetString(cell, "infinity")
		case m.infinite < 0:
			b.SetString(cell, "-infinity")
		default:
			b.SetAppended(cell, append(appendClock(append(appendDate(b.Buf(), m.day), 'T'), m.micros, digits), 'Z'))
		}
	default:
		c.setTimestamp(b, cell, m)
	}
}

func (c *Codec) setDate(b *record.Batch, cell uint32, m moment) {
	switch {
	case c.unit == iso && m.infinite > 0:
		b.SetString(cell, "infinity")
	case c.unit == iso && m.infinite < 0:
		b.SetString(cell, "-infinity")
	case c.unit == iso:
		b.SetAppended(cell, append(appendDate(b.Buf(), m.day), 'Z'))
	case m.infinite > 0:
		b.SetInt(cell, math.MaxInt32)
	case m.infinite < 0:
		b.SetInt(cell, math.MinInt32)
	default:
		b.SetInt(cell, m.day)
	}
}

func (c *Codec) setTime(b *record.Batch, cell uint32, us int64) {
	switch c.unit {
	case millis:
		b.SetInt(cell, us/1000)
	case micros:
		b.SetInt(cell, us)
	case nanos:
		b.SetInt(cell, us*1000)
	default:
		b.SetAppended(cell, append(appendClock(b.Buf(), us%dayMicros, -1), 'Z'))
	}
}

func (c *Codec) setTimestamp(b *record.Batch, cell uint32, m moment) {
	if m.infinite != 0 {
		ms := int64(positiveInfinity)
		if m.infinite < 0 {
			ms = negativeInfinity
		}
		m.day = floorDiv(ms, daySeconds*1000)
		m.micros = (ms - m.day*daySeconds*1000) * 1000
	}
	switch c.unit {
	case millis:
		b.SetInt(cell, m.day*daySeconds*1000+m.micros/1000)
	case micros:
		b.SetInt(cell, saturate(m.day, dayMicros, m.micros))
	case nanos:
		b.SetInt(cell, saturate(m.day, dayMicros*1000, m.micros*1000))
	default:
		b.SetAppended(cell, append(appendClock(append(appendDate(b.Buf(), m.day), 'T'), m.micros, -1), 'Z'))
	}
}

// saturate returns day·perDay+rest, or the nearest int64.
func saturate(day, perDay, rest int64) int64 {
	if limit := math.MaxInt64 / perDay; day >= limit {
		if day > limit || rest > math.MaxInt64-limit*perDay {
			return math.MaxInt64
		}
	} else if day < -limit { // rest counts up from a day's start, so one more day may fit
		if day < -limit-1 || rest-perDay < math.MinInt64+limit*perDay {
			return math.MinInt64
		}
		return -limit*perDay + (rest - perDay)
	}
	return day*perDay + rest
}

func (c *Codec) momentBinary(b *record.Batch, cell uint32, src []byte) error {
	var m moment
	switch c.op {
	case opDate:
		if len(src) != 4 {
			return c.fail("not four bytes")
		}
		switch d := int32(binary.BigEndian.Uint32(src)); d {
		case math.MaxInt32:
			m.infinite = 1
		case math.MinInt32:
			m.infinite = -1
		default:
			m.day = int64(d) + epochDays
		}
	case opTimeTZ: // the zone is seconds west of UTC
		if len(src) != 12 {
			return c.fail("not twelve bytes")
		}
		m.micros = int64(binary.BigEndian.Uint64(src)) + int64(int32(binary.BigEndian.Uint32(src[8:])))*1_000_000
	default:
		if len(src) != 8 {
			return c.fail("not eight bytes")
		}
		us := int64(binary.BigEndian.Uint64(src))
		switch {
		case c.op == opTime:
			if us < 0 || us > dayMicros {
				return c.fail("not a time of day")
			}
			m.micros = us
		case us == math.MaxInt64:
			m.infinite = 1
		case us == math.MinInt64:
			m.infinite = -1
		default:
			day := floorDiv(us, dayMicros)
			m.day, m.micros = day+epochDays, us-day*dayMicros
		}
	}
	c.set(b, cell, m)
	return nil
}

// momentText reads dates and times in ISO style: 2024-02-29 12:34:56.123456+02 BC.
func (c *Codec) momentText(b *record.Batch, cell uint32, src []byte) error {
	var m moment
	p := parser{s: src}
	switch {
	case c.op != opTime && c.op != opTimeTZ && string(src) == "infinity":
		m.infinite = 1
	case c.op != opTime && c.op != opTimeTZ && string(src) == "-infinity":
		m.infinite = -1
	default:
		rest, bc := bytes.CutSuffix(src, []byte(" BC"))
		p.s = rest
		if c.op != opTime && c.op != opTimeTZ {
			y := p.number()
			p.skip('-')
			mo := p.number()
			p.skip('-')
			d := p.number()
			if bc {
				y = 1 - y
			}
			if mo < 1 || mo > 12 || d < 1 || d > 31 || y > 6_000_000 {
				p.bad = true
			}
			m.day = days(y, mo, d)
			if c.op != opDate {
				p.skip(' ')
			}
		}
		if c.op != opDate {
			m.micros = p.clock()
		}
		if c.op == opTimeTZ || c.op == opTimestampTZ {
			m.micros -= p.zone() * 1_000_000
			if c.op == opTimestampTZ {
				shift := floorDiv(m.micros, dayMicros)
				m.day, m.micros = m.day+shift, m.micros-shift*dayMicros
			}
		}
		if p.bad || p.i != len(p.s) {
			return c.fail("not in ISO style: set datestyle=ISO")
		}
		if c.op == opTimestamp && m.micros == dayMicros {
			m.day, m.micros = m.day+1, 0
		}
	}
	c.set(b, cell, m)
	return nil
}

// parser reads small numbers out of a text. After the first fault it returns zeros.
type parser struct {
	s   []byte
	i   int
	bad bool
}

func (p *parser) number() int64 {
	start := p.i
	var n int64
	for p.i < len(p.s) && p.s[p.i]-'0' <= 9 && p.i-start < 18 {
		n = n*10 + int64(p.s[p.i]-'0')
		p.i++
	}
	p.bad = p.bad || p.i == start
	return n
}

func (p *parser) skip(c byte) {
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return
	}
	p.bad = true
}

func (p *parser) at(c byte) bool { return p.i < len(p.s) && p.s[p.i] == c }

// clock reads hh:mm:ss with an optional fraction, in microseconds.
func (p *parser) clock() int64 {
	h := p.number()
	p.skip(':')
	m := p.number()
	p.skip(':')
	s := p.number()
	if m > 59 || s > 60 || h > 1<<40 {
		p.bad = true
		return 0
	}
	return (h*3600+m*60+s)*1_000_000 + p.fraction()
}

func (p *parser) fraction() int64 {
	if !p.at('.') {
		return 0
	}
	p.i++
	var f int64
	for unit := int64(100_000); p.i < len(p.s) && p.s[p.i]-'0' <= 9; p.i++ {
		f += int64(p.s[p.i]-'0') * unit
		unit /= 10
	}
	return f
}

// zone reads +hh[:mm[:ss]] in seconds east of UTC.
func (p *parser) zone() int64 {
	sign := int64(1)
	if p.at('-') {
		sign = -1
	} else if !p.at('+') {
		p.bad = true
		return 0
	}
	p.i++
	s := p.number() * 3600
	for unit := int64(60); p.at(':') && unit > 0; unit /= 60 {
		p.i++
		s += p.number() * unit
	}
	return sign * s
}
