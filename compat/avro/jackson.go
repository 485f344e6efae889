package avro

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/schema"
)

// Java reads schemas with Jackson, whose words for a text that is no JSON are in the registry's answers. They are those of
// Jackson 2.21 under Avro 1.12.1, but for the place of an unrecognized token, which Confluent's registry gives as its beginning.
const (
	jacksonParse = "com.fasterxml.jackson.core.JsonParseException: "
	jacksonEOF   = "com.fasterxml.jackson.core.io.JsonEOFException: Unexpected end-of-input"
	jacksonValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
)

// source is how Jackson names a place.
func (r *reader) source(off int) string {
	at := errorAt(r.text, off, "")
	return fmt.Sprintf("[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]", at.Line, at.Column)
}

// jackson gives an error Java's words, with the place that they name.
func (r *reader) jackson(err error, off int, words string) error {
	var s *schema.SyntaxError
	if errors.As(err, &s) {
		s.Words = words + "\n at " + r.source(off)
	}
	return err
}

// ended is an error of a text that ends too early.
func (r *reader) ended(off int, java, format string, args ...any) error {
	return r.jackson(r.fail(off, format, args...), len(r.text), jacksonEOF+java)
}

// open is the error of a container that begins at start and is not closed.
func (r *reader) open(start int, kind, msg string) error {
	return r.ended(start, fmt.Sprintf(": expected close marker for %s (start marker at %s)", kind, r.source(start)), "%s", msg)
}

// odd is an error at a character that may not stand at the reader's position; at the end of the text it is that.
func (r *reader) odd(java, within, format string, args ...any) error {
	err := r.fail(r.pos, format, args...)
	if r.pos >= len(r.text) {
		return r.jackson(err, len(r.text), jacksonEOF+" within/between "+within+" entries")
	}
	c, n := utf8.DecodeRuneInString(r.text[r.pos:])
	if c < ' ' {
		return r.jackson(err, r.pos+n, fmt.Sprintf(jacksonParse+`Illegal character ((CTRL-CHAR, code %d)): only regular white space (\r, \n, \t) is allowed between tokens`, c))
	}
	return r.jackson(err, r.pos, fmt.Sprintf(jacksonParse+"Unexpected character ('%c' (code %d)): %s", c, c, java))
}

// afterComma is the error of a text that ends behind a comma.
func (r *reader) afterComma(within, msg string) error {
	return r.jackson(r.fail(r.pos, "%s", msg), len(r.text), jacksonParse+"Unexpected end-of-input within/between "+within+" entries")
}

// clipToken bounds what of a token goes into Java's words: Jackson's limit.
func clipToken(s string) string {
	const most = 256
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "..."
}
