package avro_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

// TestJacksonWords holds the words for texts that are no JSON to those of Java's Avro 1.12.1, which printed this table, but
// for the places of unrecognized tokens: those are Confluent's.
func TestJacksonWords(t *testing.T) {
	const (
		parse, eof = "com.fasterxml.jackson.core.JsonParseException: ", "com.fasterxml.jackson.core.io.JsonEOFException: Unexpected end-of-input"
		at         = "\n at "
		value      = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
	)
	for text, want := range map[string]string{
		"{":           eof + ": expected close marker for Object (start marker at [1:1])" + at + "[1:2]",
		"string":      parse + "Unrecognized token 'string': was expecting " + value + at + "[1:1]",
		`{"bad`:       eof + " in field name" + at + "[1:6]",
		"[":           eof + ": expected close marker for Array (start marker at [1:1])" + at + "[1:2]",
		"[1":          eof + ": expected close marker for Array (start marker at [1:1])" + at + "[1:3]",
		`["int",`:     parse + "Unexpected end-of-input within/between Array entries" + at + "[1:8]",
		`{"a"`:        eof + " within/between Object entries" + at + "[1:5]",
		`{"a":`:       eof + " within/between Object entries" + at + "[1:6]",
		`{"a":1`:      eof + ": expected close marker for Object (start marker at [1:1])" + at + "[1:7]",
		`{"a":1,`:     parse + "Unexpected end-of-input within/between Object entries" + at + "[1:8]",
		`{"a" 1}`:     parse + "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value" + at + "[1:6]",
		`{"a":1 "b"}`: parse + `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries` + at + "[1:8]",
		"[1 2]":       parse + "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries" + at + "[1:4]",
		"{a:1}":       parse + "Unexpected character ('a' (code 97)): was expecting double-quote to start field name" + at + "[1:2]",
		`"abc`:        eof + ": was expecting closing quote for a string value" + at + "[1:5]",
		"@":           parse + "Unexpected character ('@' (code 64)): expected a valid value " + value + at + "[1:1]",
		`{"a":@}`:     parse + "Unexpected character ('@' (code 64)): expected a valid value " + value + at + "[1:6]",
		"]":           parse + "Unexpected close marker ']': no open Array to close" + at + "[1:1]",
		"[,]":         parse + "Unexpected character (',' (code 44)): expected a valid value " + value + at + "[1:2]",
		"[1,]":        parse + "Unexpected character (']' (code 93)): expected a valid value " + value + at + "[1:4]",
		`{"a":1,}`:    parse + "Unexpected character ('}' (code 125)): was expecting double-quote to start field name" + at + "[1:8]",
		"\n\n  foo":   parse + "Unrecognized token 'foo': was expecting " + value + at + "[3:3]",
		`"a\qb"`:      parse + "Unrecognized character escape 'q' (code 113)" + at + "[1:5]",
		"\"a\tb\"":    parse + "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value" + at + "[1:3]",
		"\x01":        parse + `Illegal character ((CTRL-CHAR, code 1)): only regular white space (\r, \n, \t) is allowed between tokens` + at + "[1:2]",
		"/*x":         eof + " in a comment" + at + "[1:4]",
	} {
		_, err := avro.Parse(schema.Document{Text: text}, nil, schema.Options{})
		var s *schema.SyntaxError
		if !errors.As(err, &s) {
			t.Errorf("%q: error %v", text, err)
			continue
		}
		got := strings.NewReplacer("[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: ", "[", ", column: ", ":").Replace(s.Words)
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
