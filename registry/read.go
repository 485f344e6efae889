package registry

import (
	"slices"
	"strings"
)

// Deleted says what of the soft-deleted a listing has.
type Deleted uint8

// The choices.
const (
	Live Deleted = iota // what is not deleted
	All                 // both
	OnlyDeleted
)

func (d Deleted) has(deleted bool) bool { return d == All || deleted == (d == OnlyDeleted) }

// Subjects returns the subjects that start with a prefix, sorted. The prefix :*: stands for every context. Listed is what has a
// version that d allows; OnlyDeleted lists what has no live one.
func (r *Registry) Subjects(prefix string, d Deleted) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := []string{}
	for _, sub := range r.state.matching(prefix) {
		live := sub.latest() != nil
		if d == All || live == (d == Live) {
			out = append(out, sub.name)
		}
	}
	return out
}

// matching returns the subjects that start with a prefix.
func (s *state) matching(prefix string) []*subject {
	want := Qualify(prefix)
	var out []*subject
	for _, name := range s.names {
		q := Qualify(name)
		if (want.Context == anyContext || want.Context == q.Context) && strings.HasPrefix(q.Name, want.Name) {
			out = append(out, s.contexts[q.Context].subjects[name])
		}
	}
	return out
}

// Numbers returns the versions of a subject.
func (r *Registry) Numbers(subject string, d Deleted) ([]Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	subject = canonicalSubject(subject)
	var out []Version
	for name := range r.state.spellings(subject) {
		if sub := r.state.subject(name); sub != nil {
			for _, v := range sub.versions {
				if d.has(v.deleted) {
					out = append(out, v.answer())
				}
			}
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, errSubjectNotFound(subject)
}

// Get returns a version of a subject, or Latest; deleted includes a deleted one. A subject of the default context is looked
// for in the other contexts too.
func (r *Registry) Get(subject string, number int, deleted bool) (Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v, err := r.state.get(canonicalSubject(subject), number, deleted)
	if err != nil {
		return Version{}, err
	}
	return v.answer(), nil
}

func (s *state) get(subject string, number int, deleted bool) (*version, error) {
	known := false
	for name := range s.spellings(subject) {
		versions := s.subject(name).live(deleted)
		if len(versions) == 0 {
			continue
		}
		known = true
		if number == Latest {
			return versions[len(versions)-1], nil
		}
		if i, ok := slices.BinarySearchFunc(versions, number, byNumber); ok {
			return versions[i], nil
		}
	}
	if known {
		return nil, errVersionNotFound(number)
	}
	return nil, errSubjectNotFound(subject)
}

// GetByMetadata returns the newest version of a subject whose properties hold all of want.
func (r *Registry) GetByMetadata(subject string, want map[string]string, deleted bool) (Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	subject = canonicalSubject(subject)
	versions := r.state.subject(subject).live(deleted)
	if len(versions) == 0 {
		return Version{}, errSubjectNotFound(subject)
	}
	for _, v := range slices.Backward(versions) {
		all := true
		for k, value := range want {
			got, ok := v.content.Metadata.property(k)
			all = all && ok && got == value
		}
		if all {
			return v.answer(), nil
		}
	}
	return Version{}, errSchemaNotFound
}

// ReferencedBy returns the ids of the schemas that refer to a version, sorted. The version itself may be deleted; deleted
// includes deleted referrers.
func (r *Registry) ReferencedBy(subject string, number int, deleted bool) ([]int, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v, err := r.state.get(canonicalSubject(subject), number, true)
	if err != nil {
		return nil, err
	}
	ids := []int{}
	for o := range r.state.referrers[versionKey{v.subject, v.number}] {
		if deleted || !o.deleted {
			ids = append(ids, o.id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// SchemaFilter says which versions Schemas returns.
type SchemaFilter struct {
	Prefix     string // of the subject
	Deleted    bool   // soft-deleted versions too
	LatestOnly bool
	RuleType   string // only schemas with a rule of this type
}

// Schemas returns versions by subject and number.
func (r *Registry) Schemas(f SchemaFilter) []Version {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []Version
	for _, sub := range r.state.matching(f.Prefix) {
		versions := sub.live(f.Deleted)
		if f.LatestOnly && len(versions) > 1 {
			versions = versions[len(versions)-1:]
		}
		for _, v := range versions {
			if f.RuleType == "" || v.content.RuleSet.has(f.RuleType) {
				out = append(out, v.answer())
			}
		}
	}
	return out
}

// Aliases returns the subjects whose alias a subject is.
func (r *Registry) Aliases(subject string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []string
	for k, c := range r.state.configs {
		if c.Alias != "" && c.Alias == subject {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Alias returns the subject that a subject's config names in its place, or the subject itself.
func (r *Registry) Alias(subject string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.state.alias(subject)
}

func (s *state) alias(subject string) string {
	if c := s.configs[scopeKey(subject)]; c != nil && c.Alias != "" {
		return c.Alias
	}
	return subject
}
