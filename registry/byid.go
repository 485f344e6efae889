package registry

// AppendByID appends the encoded answer about an id to dst: the version that has it and its schema. subject is what the client
// says that it reads, or :.ctx: for a context, or nothing. It is what clients ask for most.
func (r *Registry) AppendByID(dst []byte, subject string, id int) ([]byte, error) {
	r.mu.RLock()
	if subject != "" {
		subject = canonicalSubject(r.state.alias(subject))
	}
	v, _, err := r.state.byID(subject, id)
	r.mu.RUnlock()
	if err != nil {
		return dst, err
	}
	return v.place().AppendIDJSON(dst, IDOptions{}), nil
}

// AppendVersion appends the encoded answer about a version of a subject, or of the one that it is an alias for, or Latest, to dst, as
// Get finds it.
func (r *Registry) AppendVersion(dst []byte, subject string, number int, deleted bool) ([]byte, error) {
	r.mu.RLock()
	v, err := r.state.get(canonicalSubject(r.state.alias(subject)), number, deleted)
	r.mu.RUnlock()
	if err != nil {
		return dst, err
	}
	return v.place().AppendJSON(dst, Whole), nil
}

// FindID returns the version that an id stands for, in the context of a subject (:.ctx: is enough), and the greatest id there.
// A subject that has the id is the one answered. The default context gives way to the others when it lacks the id.
func (r *Registry) FindID(subject string, id int) (_ Version, maxID int, err error) {
	r.mu.RLock()
	v, maxID, err := r.state.byID(canonicalSubject(subject), id)
	r.mu.RUnlock()
	if err != nil {
		return Version{}, 0, err
	}
	return v.answer(), maxID, nil
}

func (s *state) byID(subject string, id int) (*version, int, error) {
	own := s.contexts.at(Qualify(subject).Context)
	if own != nil {
		if v := own.byID(subject, id); v != nil {
			return v, own.maxID, nil
		}
	}
	for c := range s.contextsFor(subject) {
		if c != own {
			if v := c.byID(subject, id); v != nil {
				return v, c.maxID, nil
			}
		}
	}
	return nil, 0, errIDNotFound(id)
}

func (c *contextState) byID(subject string, id int) *version {
	it := c.ids.at(id)
	if it == nil {
		return nil
	}
	if number, ok := it.at(subject); ok {
		if v := c.subjects.at(subject).find(number); v != nil {
			return v
		}
	}
	if it.chosenAt.Load() == c.changes {
		if v := it.chosen.Load(); v != nil {
			return v
		}
	}
	name := it.first()
	number, _ := it.at(name)
	v := c.subjects.at(name).find(number)
	if v == nil { // an import wrote over the first
		for _, name := range it.subjects() {
			number, _ := it.at(name)
			if v = c.subjects.at(name).find(number); v != nil {
				break
			}
		}
	}
	it.chosen.Store(v)
	it.chosenAt.Store(c.changes) // last: who sees it sees the version too
	return v
}

// contextsFor yields the context of a subject and, for the default one, then all others.
func (s *state) contextsFor(subject string) func(yield func(*contextState) bool) {
	return func(yield func(*contextState) bool) {
		name := Qualify(subject).Context
		if c := s.contexts.at(name); c != nil && !yield(c) || name != DefaultContext {
			return
		}
		for _, n := range s.contextNames() {
			if n != DefaultContext && !yield(s.contexts.at(n)) {
				return
			}
		}
	}
}

// VersionsOf returns, for every subject that has an id, the version that got it last, without its content. subject chooses the
// context, and the subject when it names one.
func (r *Registry) VersionsOf(subject string, id int, deleted bool) ([]Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	subject = canonicalSubject(subject)
	for c := range r.state.contextsFor(subject) {
		it := c.ids.at(id)
		if it == nil {
			continue
		}
		names := []string{subject}
		if isContext(subject) {
			names = it.subjects()
		}
		var out []Version
		for _, n := range names {
			number, _ := it.at(n)
			if v := c.subjects.at(n).find(number); v != nil && (deleted || !v.deleted) {
				out = append(out, v.place())
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
		if it := r.state.contexts.at(n).contents.at(g); it != nil {
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
		c := r.state.contexts.at(n)
		if it := c.contents.at(g); it != nil {
			for _, name := range it.subjects() {
				number, _ := it.at(name)
				if v := c.subjects.at(name).find(number); v != nil && v.body.guid == g {
					return v.answer(), nil
				}
			}
		}
	}
	return Version{}, errorf(CodeSchemaNotFound, "Schema %s not found", g)
}
