package nats

import (
	"strconv"
	"strings"
)

// Subject returns the subject of topic: its name, where white space, control characters, the wildcards * and > and a $
// at the beginning, which is the server's own, become _, and so does an empty token. Topics that differ in such
// characters alone share a subject.
func Subject(topic string) string {
	tokens := strings.Split(topic, ".")
	for i, t := range tokens {
		t = strings.Map(func(r rune) rune {
			if r <= ' ' || r == 0x7f || r == '*' || r == '>' {
				return '_'
			}
			return r
		}, t)
		if t == "" || i == 0 && t[0] == '$' {
			t = "_" + strings.TrimPrefix(t, "$")
		}
		tokens[i] = t
	}
	return strings.Join(tokens, ".")
}

// covering returns the subjects that a new stream for subject takes, and the stream's name: all of its prefix.
func covering(subject string) (filter, stream string) {
	stream, _, nested := strings.Cut(subject, ".")
	if nested {
		return stream + ".>", cleanStream(stream)
	}
	return subject, cleanStream(stream)
}

// within reports whether every subject that f covers is covered by filter, which is a subject or ends with the one
// wildcard >.
func within(f, filter string) bool {
	prefix, open := strings.CutSuffix(filter, ">")
	return f == filter || open && strings.HasPrefix(f, prefix)
}

// cleanStream replaces what names of streams cannot have beside what subjects cannot: they name directories.
func cleanStream(s string) string { return strings.NewReplacer("/", "_", `\`, "_").Replace(s) }

func streamName(s string) string {
	if strings.ContainsAny(s, ".*>/\\ \t\r\n") {
		return "must be without . * > / \\ and white space"
	}
	return ""
}

func notNegative(s string) string {
	if n, err := strconv.ParseInt(s, 10, 64); err != nil || n < 0 {
		return "must not be negative"
	}
	return ""
}
