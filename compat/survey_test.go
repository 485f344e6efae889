package compat_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat"
)

// TestSurvey holds that a survey has every level's verdict.
func TestSurvey(t *testing.T) {
	const (
		plain  = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`
		filled = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0}]}`
		needs  = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}`
		text   = `{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}`
	)
	all := []string{plain, filled, needs, text}
	for _, candidate := range all {
		for _, previous := range [][]string{nil, {plain}, {plain, filled}, {text, plain, filled}, all} {
			next, before := parse(t, candidate), versions(t, previous...)
			s := compat.Compare(next, before)
			for _, l := range compat.Levels() {
				want := compat.Check(l, next, before)
				var got []string
				if refused := s.At(l); len(refused) > 0 {
					got = refused[0].Lines()
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s after %v at %s (-want +got):\n%s", candidate, previous, l, diff)
				}
			}
		}
	}
	if got := len(compat.Levels()); got != 7 {
		t.Errorf("%d levels", got)
	}
}
