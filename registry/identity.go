package registry

import (
	"cmp"
	"math"
	"slices"
	"sync/atomic"
	"unicode/utf8"
)

// identity is a schema id with the body that it stands for, and where each subject had it last. A version that an import wrote
// over keeps its entry, as in Confluent's registry.
type identity struct {
	id     int
	body   *body
	places []place        // in the order of their arrival, with those that are gone
	index  map[string]int // of places by subject, once there are many
	live   int            // how many subjects have it
	below  *identity      // what a draft's identity lies over
	// The version that answers where no subject is named, as of a number of changes of its context.
	chosen   atomic.Pointer[version]
	chosenAt atomic.Int64
}

// place is the number of a subject's version; 0: the subject does not have the id any more.
type place struct {
	subject string
	number  int32
}

// manyPlaces is from where on places are found by an index.
const manyPlaces = 8

// over returns an identity for a draft.
func (it *identity) over() *identity {
	return &identity{id: it.id, body: it.body, live: it.live, below: it}
}

func (it *identity) find(subject string) *place {
	if it.index != nil {
		if i, ok := it.index[subject]; ok {
			return &it.places[i]
		}
		return nil
	}
	for i := range it.places {
		if it.places[i].subject == subject {
			return &it.places[i]
		}
	}
	return nil
}

// at returns the number of the version by which a subject has the id.
func (it *identity) at(subject string) (number int, ok bool) {
	for ; it != nil; it = it.below {
		if p := it.find(subject); p != nil {
			return int(p.number), p.number != 0
		}
	}
	return 0, false
}

// set notes that a subject has the id by a version.
func (it *identity) set(subject string, number int) {
	_, had := it.at(subject)
	it.chosen.Store(nil)
	p := it.find(subject)
	if p != nil && had {
		p.number = int32(number)
		return
	}
	if p != nil { // it comes anew
		it.forget(p)
	}
	if it.index != nil {
		it.index[subject] = len(it.places)
	}
	it.places = append(it.places, place{subject, int32(number)})
	if it.index == nil && len(it.places) > manyPlaces {
		it.reindex()
	}
	if had {
		return
	}
	it.live++
}

// drop notes that a subject does not have the id any more.
func (it *identity) drop(subject string) {
	if _, had := it.at(subject); !had {
		return
	}
	it.live--
	it.chosen.Store(nil)
	p := it.find(subject)
	if p == nil { // it is below
		it.places = append(it.places, place{subject: subject})
		if it.index != nil {
			it.index[subject] = len(it.places) - 1
		}
		return
	}
	p.number = 0
	if it.below == nil && len(it.places) > 2*it.live+manyPlaces {
		it.places = slices.DeleteFunc(it.places, func(p place) bool { return p.number == 0 })
		it.reindex()
	}
}

// forget frees a place for another of the same subject.
func (it *identity) forget(p *place) {
	delete(it.index, p.subject)
	p.subject = "\x00" // no subject's
}

func (it *identity) reindex() {
	it.index = nil
	if len(it.places) <= manyPlaces {
		return
	}
	it.index = make(map[string]int, len(it.places))
	for i, p := range it.places {
		it.index[p.subject] = i
	}
}

// first returns the first of subjects.
func (it *identity) first() string {
	best, at := "", math.MaxInt
	for _, p := range it.places {
		if p.number != 0 {
			if b := bucket(p.subject, it.live); b < at {
				best, at = p.subject, b
			}
		}
	}
	return best
}

// subjects returns the subjects that have the id in the order in which Confluent's registry goes through them: that of a Java
// hash map, by the low bits of the name's spread hash code. Where one answer is asked for it is about the first. It is not for
// drafts.
func (it *identity) subjects() []string {
	out := make([]string, 0, it.live)
	for _, p := range it.places {
		if p.number != 0 {
			out = append(out, p.subject)
		}
	}
	if len(out) > 1 {
		type spread struct {
			subject string
			bucket  int
		}
		sorted := make([]spread, len(out))
		for i, s := range out {
			sorted[i] = spread{s, bucket(s, it.live)}
		}
		slices.SortStableFunc(sorted, func(a, b spread) int { return cmp.Compare(a.bucket, b.bucket) })
		for i := range sorted {
			out[i] = sorted[i].subject
		}
	}
	return out
}

// capacity is how many buckets a Java hash map of n entries has.
func capacity(n int) int {
	c := 16
	for c*3/4 <= n {
		c *= 2
	}
	return c
}

// bucket is where a Java hash map of n entries has a string.
func bucket(s string, n int) int {
	var h uint32
	for _, r := range s {
		if r > 0xFFFF { // as two units of UTF-16
			h = 31*(31*h+uint32(0xD800+(r-0x10000)>>10)) + uint32(0xDC00+(r-0x10000)&0x3FF)
			continue
		}
		if r == utf8.RuneError {
			r = 0xFFFD
		}
		h = 31*h + uint32(r)
	}
	return int(h^h>>16) & (capacity(n) - 1)
}
