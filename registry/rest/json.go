package rest

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/millrace/millrace/registry"
)

// kind is what a JSON value is.
type kind uint8

const (
	null kind = iota
	boolean
	integer
	decimal
	text
	array
	object
)

// value is a parsed JSON value. Of members with the same name the last counts, as Jackson has it.
type value struct {
	kind    kind
	text    string // of a number, a boolean or a string
	elems   []value
	members []member
}

type member struct {
	name  string
	value value
}

func (v *value) get(name string) *value {
	for i := range v.members {
		if v.members[i].name == name {
			return &v.members[i].value
		}
	}
	return nil
}

// manyMembers is from where on an object's members are found by a map while it is read.
const manyMembers = 16

// maxDepth is how deep a body may nest: Jackson's limit.
const maxDepth = 1000

// badBody is a body that is no JSON, or JSON of another shape, in Jackson's words.
type badBody struct{ msg string }

func (e *badBody) Error() string { return e.msg }

func bad(format string, args ...any) error { return &badBody{fmt.Sprintf(format, args...)} }

// parser reads one JSON document and words its faults as Jackson does.
// https://github.com/FasterXML/jackson-core
type parser struct {
	s   string
	pos int
}

const (
	someValue = "(JSON String, Number (or 'NaN'/'+INF'/'-INF'), Array, Object or token 'null', 'true' or 'false')"
	source    = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]"
)

// parseJSON reads body, which is bound as an instance of class. A body of nothing, or of null, is nil. The value shares no memory
// with the body.
func parseJSON(body, class string) (*value, error) {
	p := parser{s: body}
	more, err := p.space()
	if err != nil || !more {
		return nil, err
	}
	v := new(value)
	if err := p.value(v, 1); err != nil {
		return nil, err
	}
	if more, err = p.space(); err != nil {
		return nil, err
	}
	if more {
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		return nil, bad("Trailing token (of type %s) found after value (bound as `%s`): not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`", token, class)
	}
	if v.kind == null {
		return nil, nil
	}
	return v, nil
}

// space skips white space and says whether anything follows.
func (p *parser) space() (bool, error) {
	for ; p.pos < len(p.s); p.pos++ {
		switch c := p.s[p.pos]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c < ' ':
			return false, bad("Illegal character ((CTRL-CHAR, code %d)): only regular white space (\\r, \\n, \\t) is allowed between tokens", c)
		case c == '/':
			return false, p.unexpected("maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)")
		default:
			return true, nil
		}
	}
	return false, nil
}

// inside skips white space between the entries of a container.
func (p *parser) inside(of string) error {
	more, err := p.space()
	if err == nil && !more {
		err = bad("Unexpected end-of-input within/between %s entries", of)
	}
	return err
}

func (p *parser) unexpected(why string) error {
	r, n := utf8.DecodeRuneInString(p.s[p.pos:])
	if r == utf8.RuneError && n == 1 {
		return bad("Invalid UTF-8 start byte 0x%x", p.s[p.pos])
	}
	return bad("Unexpected character ('%c' (code %d)): %s", r, r, why)
}

func (p *parser) open(of string, start int) error {
	return bad("Unexpected end-of-input: expected close marker for %s (start marker at %s)", of, p.place(start))
}

func (p *parser) place(at int) string {
	line := strings.Count(p.s[:at], "\n") + 1
	return fmt.Sprintf(source, line, at-strings.LastIndexByte(p.s[:at], '\n'))
}

// token names the token that starts at the position.
func (p *parser) token() (string, error) {
	switch p.s[p.pos] {
	case '{':
		return "START_OBJECT", nil
	case '[':
		return "START_ARRAY", nil
	}
	v := new(value)
	if err := p.value(v, 1); err != nil {
		return "", err
	}
	return map[kind]string{null: "VALUE_NULL", boolean: "VALUE_" + strings.ToUpper(v.text), integer: "VALUE_NUMBER_INT", decimal: "VALUE_NUMBER_FLOAT", text: "VALUE_STRING"}[v.kind], nil
}

// value reads the value at the position, which is not the end.
func (p *parser) value(v *value, depth int) error {
	switch c := p.s[p.pos]; {
	case c == '{' || c == '[':
		if depth > maxDepth {
			return bad("Document nesting depth (%d) exceeds the maximum allowed (%d, from `StreamReadConstraints.getMaxNestingDepth()`)", depth, maxDepth)
		}
		if c == '{' {
			return p.object(v, depth)
		}
		return p.array(v, depth)
	case c == '"':
		v.kind = text
		var err error
		v.text, err = p.string("VALUE_STRING")
		return err
	case c == '-' || c >= '0' && c <= '9':
		return p.number(v)
	case c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return p.word(v)
	}
	return p.unexpected("expected a valid value " + someValue)
}

func (p *parser) word(v *value) error {
	start := p.pos
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		if c != '_' && c != '$' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c < utf8.RuneSelf {
			break
		}
		p.pos++
	}
	switch w := p.s[start:p.pos]; w {
	case "null":
		v.kind = null
	case "true":
		v.kind, v.text = boolean, "true"
	case "false":
		v.kind, v.text = boolean, "false"
	default:
		if len(w) > 256 {
			w = strings.ToValidUTF8(w[:256], "") + "..."
		}
		return bad("Unrecognized token '%s': was expecting %s", strings.ToValidUTF8(w, "\uFFFD"), someValue)
	}
	return nil
}

func (p *parser) object(v *value, depth int) error {
	v.kind = object
	start := p.pos
	var at map[string]int // of the members, once there are many
	for p.pos++; ; p.pos++ {
		more, err := p.space()
		if err != nil {
			return err
		}
		if !more {
			if len(v.members) > 0 { // after a comma
				return bad("Unexpected end-of-input within/between Object entries")
			}
			return p.open("Object", start)
		}
		if p.s[p.pos] == '}' && len(v.members) == 0 {
			p.pos++
			return nil
		}
		if p.s[p.pos] != '"' {
			return p.unexpected("was expecting double-quote to start field name")
		}
		m := member{}
		if m.name, err = p.string("field name"); err != nil {
			return err
		}
		if err := p.inside("Object"); err != nil {
			return err
		}
		if p.s[p.pos] != ':' {
			return p.unexpected("was expecting a colon to separate field name and value")
		}
		p.pos++
		if err := p.inside("Object"); err != nil {
			return err
		}
		if err := p.value(&m.value, depth+1); err != nil {
			return err
		}
		if at == nil && len(v.members) == manyMembers {
			at = make(map[string]int, 2*manyMembers)
			for i := range v.members {
				at[v.members[i].name] = i
			}
		}
		var same *value
		if at == nil {
			same = v.get(m.name)
		} else if i, ok := at[m.name]; ok {
			same = &v.members[i].value
		} else {
			at[m.name] = len(v.members)
		}
		if same != nil {
			*same = m.value
		} else {
			v.members = append(v.members, m)
		}
		done, err := p.next("Object", '}', start)
		if done || err != nil {
			return err
		}
	}
}

func (p *parser) array(v *value, depth int) error {
	v.kind = array
	start := p.pos
	for p.pos++; ; p.pos++ {
		more, err := p.space()
		if err != nil {
			return err
		}
		if !more {
			if len(v.elems) > 0 {
				return bad("Unexpected end-of-input within/between Array entries")
			}
			return p.open("Array", start)
		}
		if p.s[p.pos] == ']' && len(v.elems) == 0 {
			p.pos++
			return nil
		}
		v.elems = append(v.elems, value{})
		if err := p.value(&v.elems[len(v.elems)-1], depth+1); err != nil {
			return err
		}
		done, err := p.next("Array", ']', start)
		if done || err != nil {
			return err
		}
	}
}

// next moves to the comma after an entry, or past the end of its container.
func (p *parser) next(of string, end byte, start int) (done bool, err error) {
	more, err := p.space()
	switch {
	case err != nil:
		return false, err
	case !more:
		return false, p.open(of, start)
	case p.s[p.pos] == end:
		p.pos++
		return true, nil
	case p.s[p.pos] == ',':
		return false, nil
	case p.s[p.pos] == '}' || p.s[p.pos] == ']':
		return false, bad("Unexpected close marker '%c': expected '%c' (for %s starting at %s)", p.s[p.pos], end, of, p.place(start))
	}
	return false, p.unexpected("was expecting comma to separate " + of + " entries")
}

func (p *parser) digits() int {
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		p.pos++
	}
	return p.pos - start
}

// maxNumber is how many characters a number may have: Jackson's limit.
const maxNumber = 1000

func (p *parser) number(v *value) error {
	start := p.pos
	v.kind = integer
	if p.s[p.pos] == '-' {
		p.pos++
	}
	first := p.pos
	switch n := p.digits(); {
	case n == 0:
		return bad("Unexpected character ('-' (code 45)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value")
	case n > 1 && p.s[first] == '0':
		return bad("Invalid numeric value: Leading zeroes not allowed")
	}
	if p.pos < len(p.s) && p.s[p.pos] == '.' {
		v.kind = decimal
		p.pos++
		if p.digits() == 0 {
			return bad("Decimal point not followed by a digit")
		}
	}
	if p.pos < len(p.s) && p.s[p.pos]|0x20 == 'e' {
		v.kind = decimal
		p.pos++
		if p.pos < len(p.s) && (p.s[p.pos] == '+' || p.s[p.pos] == '-') {
			p.pos++
		}
		if p.digits() == 0 {
			return bad("Exponent indicator not followed by a digit")
		}
	}
	if v.text = strings.Clone(p.s[start:p.pos]); len(v.text) > maxNumber {
		return bad("Number value length (%d) exceeds the maximum allowed (%d, from `StreamReadConstraints.getMaxNumberLength()`)", len(v.text), maxNumber)
	}
	return nil
}

// string reads the string at the position; as names what it is where it ends early. It shares no memory with the document.
func (p *parser) string(as string) (string, error) {
	p.pos++
	s, from := p.s, p.pos
	var buf []byte
	for p.pos < len(s) {
		for p.pos < len(s) && registry.Unescaped(s[p.pos]) {
			p.pos++
		}
		if p.pos == len(s) {
			break
		}
		switch c := s[p.pos]; {
		case c == '"':
			last := s[from:p.pos]
			p.pos++
			if buf == nil {
				return strings.Clone(last), nil
			}
			buf = append(buf, last...)
			return unsafe.String(unsafe.SliceData(buf), len(buf)), nil // nobody else has it
		case c == '\\':
			if buf == nil { // a schema's text is nearly all of its body, and full of escapes
				buf = make([]byte, 0, len(s)-from)
			}
			buf = append(buf, s[from:p.pos]...)
			if p.pos+1 < len(s) && (s[p.pos+1] == '"' || s[p.pos+1] == '\\') {
				buf = append(buf, s[p.pos+1])
				p.pos += 2
			} else {
				r, err := p.escape(as)
				if err != nil {
					return "", err
				}
				buf = utf8.AppendRune(buf, r)
			}
			from = p.pos
		case c < ' ':
			what := "string value"
			if as == "field name" {
				what = "name"
			}
			return "", bad("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in %s", c, what)
		default:
			r, n := utf8.DecodeRuneInString(s[p.pos:])
			if r == utf8.RuneError && n == 1 {
				return "", bad("Invalid UTF-8 start byte 0x%x", c)
			}
			p.pos += n
		}
	}
	return "", bad("Unexpected end-of-input in %s", as)
}

// escape reads the escape at the position; half a surrogate pair is U+FFFD.
func (p *parser) escape(as string) (rune, error) {
	if p.pos+1 >= len(p.s) {
		return 0, bad("Unexpected end-of-input in %s", as)
	}
	c := p.s[p.pos+1]
	p.pos += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := p.hex4(as)
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		if strings.HasPrefix(p.s[p.pos:], `\u`) {
			back := p.pos
			p.pos += 2
			low, err := p.hex4(as)
			if err != nil {
				return 0, err
			}
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
			p.pos = back
		}
		return utf8.RuneError, nil
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.pos-1:])
	return 0, bad("Unrecognized character escape '%c' (code %d)", r, r)
}

func (p *parser) hex4(as string) (rune, error) {
	var r rune
	for range 4 {
		if p.pos >= len(p.s) {
			return 0, bad("Unexpected end-of-input in %s", as)
		}
		c := p.s[p.pos]
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, p.unexpected("expected a hex-digit for character escape sequence")
		}
		p.pos++
	}
	return r, nil
}
