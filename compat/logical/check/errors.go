package check

import (
	"fmt"

	"github.com/millrace/millrace/compat/logical/token"
	"github.com/millrace/millrace/compat/schema"
)

// errorf returns a refusal at the first token of the span: a *schema.SyntaxError of what has the form of an expression.
func (s span) errorf(format string, args ...any) error {
	msg := fmt.Sprintf(format, args...)
	line, column := token.Position(s.src.text, s.src.tokens[s.from].Offset)
	return &schema.SyntaxError{Line: line, Column: column, Msg: msg, Meaning: true,
		Words: fmt.Sprintf("CHECK constraint at line %d, col %d: %s", line, column, msg)}
}
