package compat

import (
	"slices"

	"github.com/millrace/millrace/compat/schema"
)

// Levels returns all levels, from the one that asks nothing to the one that asks most.
func Levels() []Level { return slices.Clone(levels) }

// Survey is a candidate beside every version before it, newest first: what all levels need to know.
type Survey []Verdict

// Compare compares candidate with previous, oldest first, in both directions.
func Compare(candidate schema.Schema, previous []Previous) Survey {
	s := make(Survey, 0, len(previous))
	for _, p := range slices.Backward(previous) {
		s = append(s, Verdict{Level: FullTransitive, Against: p, Forward: p.Schema.CanRead(candidate), Backward: candidate.CanRead(p.Schema)})
	}
	return s
}

// At returns the verdicts of the versions that level l refuses candidate for, newest first. The first of them, where there is
// one, is Judge's.
func (s Survey) At(l Level) []Verdict {
	if !l.Transitive() && len(s) > 1 {
		s = s[:1]
	}
	var out []Verdict
	for _, v := range s {
		v.Level = l
		if !l.forward() {
			v.Forward = nil
		}
		if !l.backward() {
			v.Backward = nil
		}
		if !v.Compatible() {
			out = append(out, v)
		}
	}
	return out
}
