package protobuf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/schema"
)

// reader takes a text apart into words, strings and characters as Wire's reader does.
type reader struct {
	text string
	pos  int
	// line counts the newlines so far and lineStart is where the last of them ended, as Wire counts: an escaped newline in a
	// string counts, one in a trailing block comment does not.
	line, lineStart int
	depth           int
}

// mark is a position of a reader.
type mark struct{ pos, line, lineStart int }

// place is a position in a text, both from 1.
type place struct{ line, column int }

func (p place) String() string { return fmt.Sprintf(":%d:%d", p.line, p.column) }

// failure is what reading panics with; parseText recovers it.
type failure struct{ err *schema.SyntaxError }

// prefix is how Confluent's registry begins the words about a text that it cannot parse.
const prefix = "Could not parse Protobuf - "

// fail ends the parsing with Wire's words for a fault at m.
func (r *reader) fail(m mark, format string, args ...any) { fail(r.place(m), format, args...) }

// failHere is fail at the current position.
func (r *reader) failHere(format string, args ...any) { r.fail(r.here(), format, args...) }

func fail(at place, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	panic(failure{&schema.SyntaxError{
		Line: at.line, Column: at.column, Msg: msg, Words: prefix + "Syntax error in " + at.String() + ": " + msg,
	}})
}

// failPlain is fail for words of Wire that do not begin with the place.
func failPlain(at place, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	panic(failure{&schema.SyntaxError{Line: at.line, Column: at.column, Msg: msg, Words: prefix + msg}})
}

func (r *reader) here() mark { return mark{r.pos, r.line, r.lineStart} }

// place counts the column of m: UTF-16 units.
func (r *reader) place(m mark) place {
	n := 1
	for i := m.lineStart; i < m.pos; n++ {
		c, size := utf8.DecodeRuneInString(r.text[i:m.pos])
		if c > math.MaxUint16 {
			n++
		}
		i += size
	}
	return place{m.line + 1, n}
}

func (r *reader) end() bool { return r.pos >= len(r.text) }

func (r *reader) newline() {
	r.line++
	r.lineStart = r.pos
}

// peek returns the next character that is neither space nor comment.
func (r *reader) peek() rune {
	r.skip()
	if r.end() {
		r.failHere("unexpected end of file")
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.pos:])
	return c
}

// take reads c if it is the next character.
func (r *reader) take(c rune) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

func (r *reader) char() rune {
	c := r.peek()
	r.pos += utf8.RuneLen(max(c, 0))
	if c == utf8.RuneError {
		r.pos = min(r.pos, len(r.text))
	}
	return c
}

func (r *reader) require(c rune) {
	if got := r.char(); got != c {
		r.failAfter(got, "expected '%c' but was '%c'", c, bmp(got))
	}
}

// expect is require in the words of a type's or a name's reader.
func (r *reader) expect(c rune) {
	if got := r.char(); got != c {
		r.failAfter(got, "expected '%c'", c)
	}
}

// failAfter fails after the character c, of which Java has read the first UTF-16 unit alone.
func (r *reader) failAfter(c rune, format string, args ...any) {
	at := r.place(r.here())
	if c > math.MaxUint16 {
		at.column--
	}
	fail(at, format, args...)
}

// bmp returns c, or what Java prints for half of it.
func bmp(c rune) rune {
	if c > math.MaxUint16 {
		return '?'
	}
	return c
}

func wordChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

func (r *reader) word() string {
	r.skip()
	start := r.pos
	for !r.end() && wordChar(r.text[r.pos]) {
		r.pos++
	}
	if start == r.pos {
		r.failHere("expected a word")
	}
	return r.text[start:r.pos]
}

// identifier is word for a name that no digit begins.
func (r *reader) identifier() string {
	w := r.word()
	if w[0] >= '0' && w[0] <= '9' {
		at := r.place(r.here())
		at.column -= len(w) + 1
		fail(at, "field and constant names cannot start with a digit")
	}
	return w
}

// name reads a word that may be in parentheses or brackets, and tells which.
func (r *reader) name(word func() string) (name string, open rune) {
	closing := ')'
	switch open = r.peek(); open {
	case '(':
	case '[':
		closing = ']'
	default:
		return word(), 0
	}
	r.pos++
	name = word()
	r.expect(closing)
	return name, open
}

func (r *reader) bareName() string {
	name, _ := r.name(r.word)
	return name
}

func (r *reader) int() int32 {
	w := r.word()
	base := 10
	if strings.HasPrefix(w, "0x") || strings.HasPrefix(w, "0X") {
		w, base = w[2:], 16
	}
	n, err := strconv.ParseInt(w, base, 32)
	if err != nil || strings.Contains(w, "_") {
		r.failHere("expected an integer but was %s", w)
	}
	return int32(n)
}

// dataType reads a type whose first word is given. A name goes on where a dot follows.
func (r *reader) dataType(word string) string {
	if word != "map" {
		if r.peek() != '.' {
			return word
		}
		var b strings.Builder
		b.WriteString(word)
		for r.take('.') {
			b.WriteByte('.')
			b.WriteString(r.word())
		}
		return b.String()
	}
	r.nest()
	defer r.leave()
	r.expect('<')
	key := r.dataType(r.word())
	r.expect(',')
	value := r.dataType(r.word())
	r.expect('>')
	return "map<" + key + ", " + value + ">"
}

// nest enters a level of nesting.
func (r *reader) nest() {
	if r.depth++; r.depth > MaxDepth {
		failPlain(r.place(r.here()), "declarations nest deeper than %d levels", MaxDepth)
	}
}

func (r *reader) leave() { r.depth-- }

// quoted reads a string and those that follow it at once.
func (r *reader) quoted() string {
	quote := r.char()
	if quote != '"' && quote != '\'' {
		r.failAfter(quote, "expected quoted string")
	}
	var b strings.Builder
	for !r.end() {
		c, size := utf8.DecodeRuneInString(r.text[r.pos:])
		if c == utf8.RuneError && size == 1 {
			c = rune(r.text[r.pos]) // text that is not UTF-8: keep the character
		}
		r.pos += size
		if c == quote {
			if next := r.peek(); next == '"' || next == '\'' {
				quote = next
				r.pos++
				continue
			}
			return b.String()
		}
		if c == '\\' {
			c = r.escape()
		}
		b.WriteRune(c)
		if c == '\n' {
			r.newline()
		}
	}
	r.failHere("unterminated string")
	return ""
}

// escape reads what follows a backslash.
func (r *reader) escape() rune {
	if r.end() {
		r.failHere("unexpected end of file")
	}
	c, size := utf8.DecodeRuneInString(r.text[r.pos:])
	r.pos += size
	switch c {
	case 'a':
		return '\a'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'v':
		return '\v'
	case 'x', 'X':
		return r.number(16, 2)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		r.pos--
		return r.number(8, 3)
	}
	return c
}

// number reads up to most digits of a character's code.
func (r *reader) number(base rune, most int) rune {
	start, v := r.pos, rune(0)
	for !r.end() && r.pos < start+most {
		d, err := strconv.ParseUint(r.text[r.pos:r.pos+1], 16, 8)
		if err != nil || rune(d) >= base {
			break
		}
		v = v*base + rune(d)
		r.pos++
	}
	if r.pos == start {
		r.failHere(`expected a digit after \x or \X`)
	}
	return v
}
