package check

import (
	"fmt"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
	"github.com/millrace/millrace/compat/schema"
)

// errorf returns a refusal at the first token of the span: a *schema.SyntaxError of what has the form of an expression.
func (s span) errorf(format string, args ...any) error {
	return s.fault(logical.Sprintf(format, args...), "CHECK constraint at line %d, col %d: ")
}

// fault returns a refusal that Confluent puts a place before, in the given form.
func (s span) fault(msg, place string) error {
	line, column := token.Position(s.src.text, s.src.tokens[s.from].Offset)
	words := msg
	if place != "" {
		words = fmt.Sprintf(place, line, column) + msg
	}
	return &schema.SyntaxError{Line: line, Column: column, Msg: msg, Meaning: true, Words: words}
}
