package compat

import (
	"slices"
	"strings"
)

// Level is a compatibility level by the name that Confluent's API uses.
type Level string

// The levels. https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html
const (
	None               Level = "NONE"
	Backward           Level = "BACKWARD"            // the candidate reads data of the last version
	BackwardTransitive Level = "BACKWARD_TRANSITIVE" // … of every version
	Forward            Level = "FORWARD"             // the last version reads the candidate's data
	ForwardTransitive  Level = "FORWARD_TRANSITIVE"
	Full               Level = "FULL" // both
	FullTransitive     Level = "FULL_TRANSITIVE"
)

var levels = []Level{None, Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive}

// ParseLevel reads a level, blind to case.
func ParseLevel(s string) (Level, bool) {
	l := Level(strings.ToUpper(s))
	return l, slices.Contains(levels, l)
}

// Transitive reports whether every version counts, not only the last.
func (l Level) Transitive() bool { return strings.HasSuffix(string(l), "_TRANSITIVE") }

func (l Level) backward() bool {
	return strings.HasPrefix(string(l), "BACKWARD") || strings.HasPrefix(string(l), "FULL")
}

func (l Level) forward() bool {
	return strings.HasPrefix(string(l), "FORWARD") || strings.HasPrefix(string(l), "FULL")
}
