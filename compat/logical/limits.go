package logical

import (
	"errors"
	"fmt"
	"strings"
)

// MaxDepth is how many types may stand around a type in one body or script, the body itself counted and names not followed.
// It is Confluent's limit. Readers and writers of every language hold it, so that what one gives another takes.
const MaxDepth = 256

// ErrTooDeep is the fault of types that nest deeper than MaxDepth.
var ErrTooDeep = Errorf("Schema type nesting depth exceeds the maximum of %d", MaxDepth)

// Error says why a tree is none: what Confluent's ValidationException is.
type Error struct{ Msg string }

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// Errorf returns an *Error. Texts among args are shortened, as they may be a whole schema.
func Errorf(format string, args ...any) error { return &Error{Sprintf(format, args...)} }

// Sprintf is fmt.Sprintf with the texts among args shortened.
func Sprintf(format string, args ...any) string {
	short := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			short[i] = Shorten(a)
		case error:
			short[i] = errors.New(Shorten(a.Error()))
		case fmt.Stringer:
			short[i] = Shorten(a.String())
		default:
			short[i] = a
		}
	}
	return fmt.Sprintf(format, short...)
}

// maxShown is how many bytes of a text a message repeats.
const maxShown = 1000

// Shorten returns a text as a message may repeat it: cut off behind 1,000 bytes.
func Shorten(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + "…"
}
