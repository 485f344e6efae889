package registry

import (
	"strconv"
	"strings"
	"unicode"
)

// The names of contexts and subjects with a meaning of their own.
const (
	DefaultContext = "."
	globalContext  = ".__GLOBAL"
	anyContext     = "*"
	globalSubject  = "__GLOBAL"
	emptySubject   = "__EMPTY"
)

// Qualified is a subject's name in its context. Its text is the plain name in the default context and :.ctx:name elsewhere.
type Qualified struct {
	Context string // ".", ".ctx", or "*" in the prefix of a listing
	Name    string
}

// Qualify reads a subject's name; what has no context prefix is in the default context.
func Qualify(s string) Qualified {
	if rest, ok := strings.CutPrefix(s, ":"); ok {
		if ctx, name, ok := strings.Cut(rest, ":"); ok && (strings.HasPrefix(ctx, ".") || ctx == anyContext) {
			return Qualified{ctx, name}
		}
	}
	return Qualified{DefaultContext, s}
}

// String returns the subject as the API writes it.
func (q Qualified) String() string {
	if q.Context == DefaultContext {
		return q.Name
	}
	return ":" + q.Context + ":" + q.Name
}

// contextPrefix is how messages name a context: nothing for the default one.
func (q Qualified) contextPrefix() string {
	if q.Context == DefaultContext {
		return ""
	}
	return ":" + q.Context + ":"
}

// in returns the name s of a reference as it is meant in context ctx.
func in(ctx, s string) string {
	if ctx == DefaultContext || strings.HasPrefix(s, ":") {
		return canonicalSubject(s)
	}
	return Qualified{ctx, s}.String()
}

// canonicalSubject spells a subject the one way that keys use: :.:s is s.
func canonicalSubject(s string) string { return Qualify(s).String() }

// checkSubject refuses what cannot be a subject.
func checkSubject(s string) error {
	q := Qualify(s)
	if q.Context == anyContext || q.Context == globalContext || q.Name == globalSubject || q.Name == emptySubject ||
		strings.ContainsFunc(s, unicode.IsControl) {
		return errInvalidSubject(s)
	}
	return nil
}

func errInvalidSubject(s string) error {
	return errorf(CodeInvalidSubject, "The specified subject '%s' is not a valid.", s)
}

// Latest is the version that stands for a subject's newest.
const Latest = -1

// ParseVersion reads a version as paths have it: a number from 1 to 2^31-1, -1 or latest, blind to case.
func ParseVersion(s string) (int, error) {
	t := strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if strings.EqualFold(t, "latest") {
		return Latest, nil
	}
	v, err := strconv.ParseInt(t, 10, 32)
	if err != nil || v < Latest || v == 0 {
		return 0, ErrInvalidVersion(s)
	}
	return int(v), nil
}
