package avro

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/schema"
)

const (
	// MaxDepth is how deep a document may nest, and the text that is printed from it.
	MaxDepth = 1000
	// MaxName is the most bytes that a full name may have.
	MaxName = 2048

	maxNumber = 1000 // characters of a number: Jackson's limit
)

// errorAt builds the error for the byte offset off of text.
func errorAt(text string, off int, format string, args ...any) *schema.SyntaxError {
	off = min(off, len(text))
	before := text[:off]
	line := strings.Count(before, "\n")
	return &schema.SyntaxError{
		Line:   line + 1,
		Column: utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1,
		Msg:    fmt.Sprintf(format, args...),
	}
}

// reader reads one JSON value as Jackson does with comments allowed: of members with the same name the last value counts, in
// the place of the first.
type reader struct {
	text   string
	pos    int
	within string // what the value at hand is in: Object, Array or nothing

	// What containers that are not closed yet have so far, the outer ones' first: each is copied, at its size, when it is closed.
	members []member
	elems   []Value
}

// readJSON returns the value that text starts with and the text after it. An empty text has no value.
func readJSON(text string) (v *Value, rest string, err error) {
	r := &reader{text: text}
	if err := r.space(); err != nil {
		return nil, "", err
	}
	if r.pos == len(text) {
		return nil, "", nil
	}
	root, err := r.value(1)
	if err != nil {
		return nil, "", err
	}
	return &root, text[r.pos:], nil
}

func (r *reader) fail(off int, format string, args ...any) error {
	return errorAt(r.text, off, format, args...)
}

// space skips white space and comments.
func (r *reader) space() error {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		case '/':
			start, rest := r.pos, r.text[r.pos:]
			switch {
			case strings.HasPrefix(rest, "//"):
				end := strings.IndexAny(rest, "\r\n")
				if end < 0 {
					end = len(rest)
				}
				r.pos += end
			case strings.HasPrefix(rest, "/*"):
				end := strings.Index(rest[2:], "*/")
				if end < 0 {
					return r.ended(start, " in a comment", "comment is not closed with */")
				}
				r.pos += end + 4
			default:
				return r.fail(start, "expected a value or a comment after /")
			}
		default:
			return nil
		}
	}
	return nil
}

func (r *reader) peek() byte {
	if r.pos < len(r.text) {
		return r.text[r.pos]
	}
	return 0
}

func (r *reader) value(depth int) (v Value, err error) {
	if depth > MaxDepth {
		return v, r.fail(r.pos, "document nests deeper than %d levels", MaxDepth)
	}
	v.off = r.pos
	switch c := r.peek(); {
	case c == '{':
		v.kind = jsonObject
		v.members, err = r.object(depth)
		return v, err
	case c == '[':
		v.kind = jsonArray
		v.elems, err = r.array(depth)
		return v, err
	case c == '"':
		v.kind = jsonString
		err = r.string(&v.text, ": was expecting closing quote for a string value")
		return v, err
	case c == '-' || c >= '0' && c <= '9':
		err = r.number(&v)
		return v, err
	case r.pos == len(r.text):
		return v, r.ended(r.pos, " within/between "+r.within+" entries", "unexpected end of input: expected a value")
	}
	word := r.text[r.pos:]
	end := strings.IndexFunc(word, func(c rune) bool { return c < utf8.RuneSelf && !isWordByte(byte(c)) })
	if end < 0 {
		end = len(word)
	}
	switch word[:end] {
	case "null":
		v.kind = jsonNull
	case "true", "false":
		v.kind, v.text = jsonBool, word[:end]
	case "":
		c, _ := utf8.DecodeRuneInString(word)
		err := r.odd("expected a valid value "+jacksonValue, r.within, "unexpected character %q: expected a value", c)
		if kind := map[rune]string{']': "Array", '}': "Object"}[c]; kind != "" && depth == 1 {
			err = r.jackson(err, r.pos, jacksonParse+fmt.Sprintf("Unexpected close marker '%c': no open %s to close", c, kind))
		}
		return v, err
	default:
		err := r.fail(r.pos, "unrecognized token %q: expected a JSON string, number, array, object, null, true or false", word[:min(end, 64)])
		return v, r.jackson(err, r.pos, jacksonParse+fmt.Sprintf("Unrecognized token '%s': was expecting %s", clipToken(word[:end]), jacksonValue))
	}
	r.pos += end
	return v, nil
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func (r *reader) object(depth int) ([]member, error) {
	start, own := r.pos, len(r.members)
	r.pos++
	var seen map[string]int // set once the members are many
	for first := true; ; first = false {
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.pos == len(r.text) {
			return nil, r.open(start, "Object", "unexpected end of input: the object that starts here is not closed")
		}
		if r.peek() == '}' {
			r.pos++
			list := slices.Clone(r.members[own:])
			r.members = r.members[:own]
			return list, nil
		}
		if !first {
			if r.peek() != ',' {
				return nil, r.odd("was expecting comma to separate Object entries", "Object", "expected a comma or } between the members of an object")
			}
			r.pos++
			if err := r.space(); err != nil {
				return nil, err
			}
			if r.pos == len(r.text) {
				return nil, r.afterComma("Object", "expected a name in double quotes")
			}
		}
		if r.peek() != '"' {
			return nil, r.odd("was expecting double-quote to start field name", "Object", "expected a name in double quotes")
		}
		var name string
		if err := r.string(&name, " in field name"); err != nil {
			return nil, err
		}
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.peek() != ':' {
			return nil, r.odd("was expecting a colon to separate field name and value", "Object", "expected a colon after the name %q", name)
		}
		r.pos++
		if err := r.space(); err != nil {
			return nil, err
		}
		r.within = "Object"
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if len(r.members)-own == 16 {
			seen = make(map[string]int)
			for i, o := range r.members[own:] {
				seen[o.name] = own + i
			}
		}
		at, known := -1, false
		if seen != nil {
			at, known = seen[name]
		} else if i := slices.IndexFunc(r.members[own:], func(o member) bool { return o.name == name }); i >= 0 {
			at, known = own+i, true
		}
		if known {
			r.members[at].value = v
			continue
		}
		if seen != nil {
			seen[name] = len(r.members)
		}
		r.members = append(r.members, member{name, v})
	}
}

func (r *reader) array(depth int) ([]Value, error) {
	start, own := r.pos, len(r.elems)
	closed := func() ([]Value, error) {
		list := slices.Clone(r.elems[own:])
		r.elems = r.elems[:own]
		return list, nil
	}
	r.pos++
	for first := true; ; first = false {
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.pos == len(r.text) {
			return nil, r.open(start, "Array", "unexpected end of input: the array that starts here is not closed")
		}
		if first && r.peek() == ']' {
			r.pos++
			return closed()
		}
		if !first {
			c := r.peek()
			if c != ',' && c != ']' {
				return nil, r.odd("was expecting comma to separate Array entries", "Array", "expected a comma or ] between the elements of an array")
			}
			r.pos++
			if c == ']' {
				return closed()
			}
			if err := r.space(); err != nil {
				return nil, err
			}
			if r.pos == len(r.text) {
				return nil, r.afterComma("Array", "unexpected end of input: expected a value")
			}
		}
		r.within = "Array"
		e, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		r.elems = append(r.elems, e)
	}
}

func (r *reader) number(v *Value) error {
	start := r.pos
	digits := func() int {
		n := 0
		for ; r.peek() >= '0' && r.peek() <= '9'; r.pos++ {
			n++
		}
		return n
	}
	if r.peek() == '-' {
		r.pos++
	}
	first := r.peek()
	n := digits()
	if n == 0 {
		return r.fail(start, "a number needs a digit")
	}
	if first == '0' && n > 1 {
		return r.fail(start, "a number must not start with zeros")
	}
	v.kind = jsonInt
	if r.peek() == '.' {
		v.kind = jsonFloat
		r.pos++
		if digits() == 0 {
			return r.fail(start, "a number needs a digit after the point")
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		v.kind = jsonFloat
		r.pos++
		if c := r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		if digits() == 0 {
			return r.fail(start, "a number needs a digit in its exponent")
		}
	}
	if r.pos < len(r.text) && (isWordByte(r.peek()) || r.peek() == '.') {
		return r.fail(r.pos, "unexpected character after a number")
	}
	if r.pos-start > maxNumber {
		return r.fail(start, "number has more than %d characters", maxNumber)
	}
	v.text = r.text[start:r.pos]
	if v.kind == jsonInt {
		if v.text == "-0" {
			v.text = "0"
		}
		return nil
	}
	var err error
	if v.num, err = strconv.ParseFloat(v.text, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
		return r.fail(start, "malformed number %q", v.text)
	}
	v.text = ""
	return nil
}

// string reads the quoted string at pos. An escaped half of a surrogate pair without its other half becomes U+FFFD.
// open is what Java says of one without its end.
func (r *reader) string(out *string, open string) error {
	start := r.pos
	r.pos++
	from := r.pos
	var buf []byte
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"':
			if buf == nil {
				*out = r.text[from:r.pos]
			} else {
				*out = string(append(buf, r.text[from:r.pos]...))
			}
			r.pos++
			if !utf8.ValidString(*out) {
				return r.fail(start, "string is not valid UTF-8")
			}
			return nil
		case c < ' ':
			err := r.fail(r.pos, "control character %U in a string must be escaped", c)
			return r.jackson(err, r.pos, jacksonParse+fmt.Sprintf("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", c))
		case c != '\\':
			r.pos++
			continue
		}
		buf = append(buf, r.text[from:r.pos]...)
		char, err := r.escape()
		if err != nil {
			return err
		}
		buf = utf8.AppendRune(buf, char)
		from = r.pos
	}
	return r.ended(start, open, "unexpected end of input: the string that starts here is not closed")
}

func (r *reader) escape() (rune, error) {
	start := r.pos
	r.pos++
	c := r.peek()
	r.pos++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		err := r.fail(start, "unknown escape in a string")
		return 0, r.jackson(err, r.pos, jacksonParse+fmt.Sprintf("Unrecognized character escape '%c' (code %d)", c, c))
	}
	char, ok := r.hex4()
	if !ok {
		return 0, r.fail(start, `\u needs four hexadecimal digits`)
	}
	if utf16.IsSurrogate(char) && strings.HasPrefix(r.text[min(r.pos, len(r.text)):], `\u`) {
		mark := r.pos
		r.pos += 2
		if low, ok := r.hex4(); ok {
			if pair := utf16.DecodeRune(char, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
		r.pos = mark
	}
	return char, nil
}

func (r *reader) hex4() (rune, bool) {
	if r.pos+4 > len(r.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(r.text[r.pos:r.pos+4], 16, 16)
	r.pos += 4
	return rune(n), err == nil
}
