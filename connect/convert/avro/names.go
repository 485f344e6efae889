package avro

import (
	"net/url"
	"strings"
)

// fullName returns the Avro name of a Connect schema's name.
func (o *Options) fullName(name string) string {
	if !o.ScrubNames {
		return name
	}
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = scrub(parts[i])
	}
	return strings.Join(parts, ".")
}

func (o *Options) fieldName(name string) string {
	if !o.ScrubNames {
		return name
	}
	return scrub(name)
}

// splitFull splits a full name into namespace and name.
func splitFull(full string) (space, short string) {
	i := strings.LastIndexByte(full, '.')
	return full[:max(i, 0)], full[i+1:]
}

// scrub makes a name that Avro allows: what is not a letter, digit or underscore is encoded as in a URL's query and its
// percent signs become underscores; a leading digit gets an x before it.
func scrub(name string) string {
	if name == "" || ok(name) && !digit(name[0]) {
		return name
	}
	s := url.QueryEscape(name)
	s = strings.ReplaceAll(s, "~", "%7E") // Java's encoder keeps the star and escapes the tilde
	s = strings.ReplaceAll(s, "%2A", "*")
	if digit(s[0]) {
		s = "x" + s
	}
	return strings.Map(func(r rune) rune {
		if ok(string(r)) {
			return r
		}
		return '_'
	}, s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func ok(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || digit(c) || c == '_') {
			return false
		}
	}
	return true
}
