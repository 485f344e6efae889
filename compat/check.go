package compat

import (
	"fmt"
	"slices"
	"unicode/utf16"

	"github.com/millrace/millrace/compat/schema"
)

// Previous is a version that a candidate is compared with.
type Previous struct {
	Version int
	Schema  schema.Schema
}

// Verdict is what keeps a candidate from following a version; the zero Verdict is that nothing does.
type Verdict struct {
	Level   Level
	Against Previous
	// Forward are the faults of the old schema reading the candidate's data, Backward those of the candidate reading the
	// old schema's.
	Forward, Backward []schema.Difference
}

// Compatible reports whether there is nothing.
func (v Verdict) Compatible() bool { return len(v.Forward) == 0 && len(v.Backward) == 0 }

// Lines words a verdict as Confluent's registry lists it, up to the old schema's text; nil when it is compatible. At the FULL
// levels Confluent names the old schema only when the candidate cannot read it.
func (v Verdict) Lines() []string {
	if v.Compatible() {
		return nil
	}
	var out []string
	for _, d := range v.Forward {
		out = append(out, d.Line("old", "new"))
	}
	for _, d := range v.Backward {
		out = append(out, d.Line("new", "old"))
	}
	if v.Level.backward() && len(v.Backward) == 0 {
		return out
	}
	return append(out, fmt.Sprintf("{oldSchemaVersion: %d}", v.Against.Version), oldSchema(v.Against.Schema.Canonical()))
}

// mostShown is how many UTF-16 units of the old schema's text Confluent shows.
const mostShown = 10 * 1024

func oldSchema(text string) string {
	if len(text) > mostShown {
		if units := utf16.Encode([]rune(text)); len(units) > mostShown {
			return "{oldSchema: <truncated> '" + string(utf16.Decode(units[:mostShown])) + "...'}"
		}
	}
	return "{oldSchema: '" + text + "'}"
}

// Judge compares candidate with previous, oldest first: with the last alone or, at a transitive level, from the newest to the
// oldest until one refuses it.
func Judge(l Level, candidate schema.Schema, previous []Previous) Verdict {
	if !l.Transitive() && len(previous) > 1 {
		previous = previous[len(previous)-1:]
	}
	for _, p := range slices.Backward(previous) {
		v := Verdict{Level: l, Against: p}
		if l.forward() {
			v.Forward = p.Schema.CanRead(candidate)
		}
		if l.backward() {
			v.Backward = candidate.CanRead(p.Schema)
		}
		if !v.Compatible() {
			return v
		}
	}
	return Verdict{}
}

// Check returns the lines of Judge's verdict; nil when candidate is compatible.
func Check(l Level, candidate schema.Schema, previous []Previous) []string {
	return Judge(l, candidate, previous).Lines()
}
