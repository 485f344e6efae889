package registry

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// TestDraft applies random records to a draft over a state and to the state itself: the draft must answer like the state that
// has them, and the state must not change by the draft.
func TestDraft(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		base, model := newState(slog.New(slog.DiscardHandler)), newState(slog.New(slog.DiscardHandler))
		for range r.IntN(60) {
			rec := randomRecord(r)
			base.apply(0, rec)
			model.apply(0, rec)
		}
		before := describe(base)
		lower := base.draft()
		draft := lower
		for i := range r.IntN(30) {
			if i == 12 { // a draft over a draft
				draft = lower.draft()
			}
			rec := randomRecord(r)
			draft.apply(0, rec)
			model.apply(0, rec)
			if got, want := describe(draft), describe(model); got != want {
				t.Fatalf("seed %d: after %s = %s the draft has\n%s\nand the state\n%s", seed, rec.Key, rec.Value, got, want)
			}
		}
		if after := describe(base); after != before {
			t.Fatalf("seed %d: the draft changed the state below:\n%s\nwas\n%s", seed, after, before)
		}
	}
}

func randomRecord(r *rand.Rand) Record {
	subject := []string{"a", "b", "c", ":.x:a", ":.x:b"}[r.IntN(5)]
	number := 1 + r.IntN(4)
	id := 1 + r.IntN(6)
	var rec Record
	switch r.IntN(15) {
	case 0:
		rec = recordKey{Type: keySchema, Subject: subject, Version: number}.tombstone()
	case 1:
		rec = deleteSubjectRecord(subject, number)
	case 2:
		rec = clearSubjectRecord(subject)
	case 3:
		rec = modeRecord(subject, []string{Import, ReadOnly}[r.IntN(2)])
	case 4:
		rec = recordKey{Type: keyMode, Subject: subject}.tombstone()
	case 5:
		rec = configRecord(subject, &Config{CompatibilityLevel: "FULL", CompatibilityGroup: fmt.Sprint(number)})
	case 6:
		rec = recordKey{Type: keyConfig, Subject: subject}.tombstone()
	case 7:
		rec = contextRecord(".x")
		if r.IntN(2) == 0 {
			rec.Value = nil
		}
	case 8, 9, 10:
		a := &Association{
			Subject: subject, GUID: fmt.Sprint("g", id), ResourceName: fmt.Sprint("t", number), ResourceNamespace: "n", ResourceID: fmt.Sprint("id", id),
			ResourceType: TopicResource, Type: KeyAssociation, Lifecycle: []Lifecycle{Strong, Weak}[id%2], Frozen: id%3 == 0, Created: int64(id % 2),
		}
		if rec = a.record(); r.IntN(3) == 0 {
			rec.Value = nil
		}
	default:
		c := &Content{Type: schema.Avro, Text: fmt.Sprintf(`{"type":"fixed","name":"F%d","size":%d}`, id%4, id%4+1)}
		if id == 6 {
			c.References = []schema.Reference{{Name: "F", Subject: "a", Version: number}}
		}
		rec = schemaRecord(subject, number, id, c, r.IntN(4) == 0)
	}
	rec.Time = int64(r.IntN(1000))
	return rec
}

// describe is all that decisions may ask a state for.
func describe(s *state) string {
	out := ""
	contexts := maps.Collect(s.contexts.all())
	for _, name := range slices.Sorted(maps.Keys(contexts)) {
		c := contexts[name]
		out += fmt.Sprintf("%s declared=%v max=%d empty=%v\n", name, c.declared, c.maxID, c.subjects.empty())
		subjects := maps.Collect(c.subjects.all())
		for _, n := range slices.Sorted(maps.Keys(subjects)) {
			for _, v := range subjects[n].versions {
				out += fmt.Sprintf("  %s/%d id=%d guid=%s deleted=%v ts=%d referrers=%d\n", v.subject, v.number, v.id, v.body.guid, v.deleted, v.ts, s.referrers(versionKey{v.subject, v.number}))
			}
			out += fmt.Sprintf("  %s %+v %s\n", n, s.configInScope(n), s.modeInScope(n))
		}
		ids := maps.Collect(c.ids.all())
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			out += fmt.Sprintf("  %d %s", id, ids[id].body.guid)
			for _, n := range []string{"a", "b", "c", ":.x:a", ":.x:b"} {
				at, ok := ids[id].at(n)
				out += fmt.Sprint(" ", at, ok)
			}
			out += fmt.Sprintf(" live=%d content=%v\n", ids[id].live, c.contents.at(ids[id].body.guid) == ids[id])
		}
		guids := maps.Collect(c.contents.all())
		out += fmt.Sprintf("  %d contents\n", len(guids))
	}
	all := slices.Collect(maps.Values(maps.Collect(s.associations.all.all())))
	for _, a := range (AssociationFilter{}).of(all) {
		out += fmt.Sprintf("%+v", *a)
		for at, ix := range s.associations.indexes(a) {
			out += fmt.Sprintf(" %s of %d", at, len(ix.at(at)))
		}
		out += fmt.Sprintf(" of %d\n", s.associations.n)
	}
	return out
}

// TestIdentity has many subjects come and go: an identity's places, and the first of them, must be what a plain map and a full
// sort say.
func TestIdentity(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	it := &identity{id: 1}
	var order []string
	numbers := map[string]int{}
	for range 20_000 {
		s := fmt.Sprintf("subject-%d", r.IntN(300))
		if r.IntN(5) < 2 {
			it.drop(s)
			delete(numbers, s)
			order = slices.DeleteFunc(order, func(o string) bool { return o == s })
		} else {
			if numbers[s] == 0 {
				order = append(order, s)
			}
			numbers[s] = 1 + r.IntN(9)
			it.set(s, numbers[s])
		}
		if it.live != len(numbers) {
			t.Fatalf("%d subjects, want %d", it.live, len(numbers))
		}
		if n, ok := it.at(s); n != numbers[s] || ok != (n > 0) {
			t.Fatalf("%s is at %d, want %d", s, n, numbers[s])
		}
		if len(order) == 0 {
			continue
		}
		want := slices.Clone(order)
		slices.SortStableFunc(want, func(a, b string) int { return bucket(a, len(order)) - bucket(b, len(order)) })
		if it.first() != want[0] {
			t.Fatalf("the first of %d is %s, want %s", len(order), it.first(), want[0])
		}
	}
	if len(it.places) > 2*it.live+2*manyPlaces {
		t.Errorf("%d places for %d subjects", len(it.places), it.live)
	}
}

// TestChosen asks for ids between random records: what is remembered of an earlier answer must be what a fresh state answers.
func TestChosen(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 9))
		s := newState(slog.New(slog.DiscardHandler))
		var log []Record
		for i := range 120 {
			rec := randomRecord(r)
			log = append(log, rec)
			s.apply(0, rec)
			if i == 60 { // it goes on from a snapshot
				c := s.capture()
				file := filepath.Join(t.TempDir(), "snapshot")
				if err := writeSnapshot(file, snapshotHead{}, &c); err != nil {
					t.Fatal(err)
				}
				var err error
				if s, _, err = readSnapshot(file, s.log); err != nil {
					t.Fatal(err)
				}
			}
			fresh := newState(slog.New(slog.DiscardHandler))
			for _, rec := range log {
				fresh.apply(0, rec)
			}
			for id := range 7 {
				for _, subject := range []string{"", "a", ":.x:", ":.x:b"} {
					got, _, _ := s.byID(subject, id)
					want, _, _ := fresh.byID(subject, id)
					if (got == nil) != (want == nil) || got != nil && (got.subject != want.subject || got.number != want.number || got.id != want.id || got.deleted != want.deleted || got.ts != want.ts) {
						t.Fatalf("seed %d: id %d of %q is %+v, want %+v", seed, id, subject, got, want)
					}
				}
			}
		}
	}
}
