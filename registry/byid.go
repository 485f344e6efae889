package registry

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf16"
)

// encoded are the encoded answers about an id: without a subject, and for each subject that has the id or whose alias does.
// They are made when they are asked for first; what makes them stale drops them all.
type encoded struct {
	plain atomic.Pointer[[]byte]
	named sync.Map // subject as asked → []byte
}

func (e *encoded) load(subject string) ([]byte, bool) {
	if subject == "" {
		b := e.plain.Load()
		if b == nil {
			return nil, false
		}
		return *b, true
	}
	b, ok := e.named.Load(subject)
	if !ok {
		return nil, false
	}
	return b.([]byte), true
}

// ByID returns the encoded answer about an id of the default context: the version that has it and its schema. It is what
// clients ask for most: known ids are answered from a map, without a lock.
func (r *Registry) ByID(id int) ([]byte, error) { return r.ByIDFor("", id) }

// ByIDFor is ByID for a client that names the subject, or with :.ctx: the context, that it reads.
func (r *Registry) ByIDFor(subject string, id int) ([]byte, error) {
	key := idKey{Qualify(subject).Context, id}
	if e, ok := r.byID.Load(key); ok {
		if b, ok := e.(*encoded).load(subject); ok {
			return b, nil
		}
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	meant := r.state.alias(subject)
	v, _, err := r.state.byID(canonicalSubject(meant), id)
	if err != nil {
		return nil, err
	}
	b := v.AppendIDJSON(nil, IDOptions{})
	if Qualify(v.Subject).Context != key.context { // the subject's own context may get the id yet
		return b, nil
	}
	e, _ := r.byID.LoadOrStore(key, new(encoded))
	switch {
	case subject == "":
		e.(*encoded).plain.Store(&b)
	case v.Subject == canonicalSubject(meant) || isContext(meant): // names that have nothing to do with the id would fill the memory
		e.(*encoded).named.Store(subject, b)
	}
	return b, nil
}

// FindID returns the version that an id stands for, in the context of a subject (:.ctx: is enough), and the greatest id there.
// A subject that has the id is the one answered. The default context gives way to the others when it lacks the id.
func (r *Registry) FindID(subject string, id int) (v Version, maxID int, err error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.state.byID(canonicalSubject(subject), id)
}

func (s *state) byID(subject string, id int) (Version, int, error) {
	for c := range s.contextsFor(subject) {
		it := c.ids[id]
		if it == nil {
			continue
		}
		subjects := it.subjects()
		if _, ok := it.at[subject]; ok {
			subjects = []string{subject}
		}
		for _, name := range subjects {
			if v := c.subjects[name].find(it.at[name]); v != nil {
				return v.answer(), c.maxID, nil
			}
		}
	}
	return Version{}, 0, errIDNotFound(id)
}

// contextsFor yields the context of a subject and, for the default one, then all others.
func (s *state) contextsFor(subject string) func(yield func(*contextState) bool) {
	return func(yield func(*contextState) bool) {
		name := Qualify(subject).Context
		if c := s.contexts[name]; c != nil && !yield(c) || name != DefaultContext {
			return
		}
		for _, n := range s.contextNames() {
			if n != DefaultContext && !yield(s.contexts[n]) {
				return
			}
		}
	}
}

// VersionsOf returns, for every subject that has an id, the version that got it last. subject chooses the context, and the subject when it names one.
func (r *Registry) VersionsOf(subject string, id int, deleted bool) ([]Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	subject = canonicalSubject(subject)
	for c := range r.state.contextsFor(subject) {
		it := c.ids[id]
		if it == nil {
			continue
		}
		names := it.subjects()
		if !isContext(subject) {
			names = []string{subject}
		}
		var out []Version
		for _, n := range names {
			if v := c.subjects[n].find(it.at[n]); v != nil && (deleted || !v.deleted) {
				out = append(out, v.answer())
			}
		}
		return out, nil
	}
	return nil, errIDNotFound(id)
}

// ContextID is an id in its context.
type ContextID struct {
	Context string
	ID      int
}

// IDsOf returns the ids that a GUID has, by context.
func (r *Registry) IDsOf(g GUID) []ContextID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []ContextID
	for _, n := range r.state.contextNames() {
		if it := r.state.contexts[n].contents[g]; it != nil {
			out = append(out, ContextID{n, it.id})
		}
	}
	return out
}

// ByGUID returns a version whose schema has a GUID.
func (r *Registry) ByGUID(g GUID) (Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, n := range r.state.contextNames() {
		c := r.state.contexts[n]
		if it := c.contents[g]; it != nil {
			for _, name := range it.subjects() {
				if v := c.subjects[name].find(it.at[name]); v != nil && v.guid == g {
					return v.answer(), nil
				}
			}
		}
	}
	return Version{}, errorf(CodeSchemaNotFound, "Schema %s not found", g)
}

// subjects returns the subjects that have the id in the order in which Confluent's registry goes through them: that of a Java
// hash map, by the low bits of the name's spread hash code. Where one answer is asked for it is about the first.
func (it *identity) subjects() []string {
	if len(it.order) < 2 {
		return it.order
	}
	capacity := 16
	for capacity*3/4 <= len(it.order) {
		capacity *= 2
	}
	bucket := func(s string) int {
		var h uint32
		for _, u := range utf16.Encode([]rune(s)) {
			h = 31*h + uint32(u)
		}
		return int(h^h>>16) & (capacity - 1)
	}
	out := slices.Clone(it.order)
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(bucket(a), bucket(b)) })
	return out
}
