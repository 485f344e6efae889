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
	out := []string{}
	r.each(prefix, func(sub *subject) bool {
		live := sub.latest() != nil
		if d == All || live == (d == Live) {
			out = append(out, sub.name)
		}
		return true
	})
	return out
}

// mostHeld is how many subjects a listing looks at before it lets writers have the state.
const mostHeld = 512

// each calls do with the subjects that start with a prefix, in order, until it returns false. do runs under the lock, and may not
// keep the subject. A listing is no snapshot: what is written meanwhile may be in it or not.
func (r *Registry) each(prefix string, do func(*subject) bool) {
	want := Qualify(prefix)
	start, all := want.String(), want.Context == anyContext
	if all {
		start = ""
	}
	from := start
	for more := true; more; {
		more = false
		held := 0
		r.mu.RLock()
		r.state.names.AscendGreaterOrEqual(from, func(name string) bool {
			if held++; held > mostHeld {
				from, more = name, true
				return false
			}
			q := Qualify(name)
			switch {
			case (all || q.Context == want.Context) && strings.HasPrefix(q.Name, want.Name):
				return do(r.state.contexts.at(q.Context).subjects.at(name))
			case name > start && !strings.HasPrefix(name, start):
				return false
			}
			return true
		})
		r.mu.RUnlock()
	}
}

// Numbers returns the versions of a subject, without their contents.
func (r *Registry) Numbers(subject string, d Deleted) ([]Version, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	subject = canonicalSubject(subject)
	var out []Version
	for name := range r.state.spellings(subject) {
		if sub := r.state.subject(name); sub != nil {
			for _, v := range sub.versions {
				if d.has(v.deleted) {
					out = append(out, v.place())
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
		sub := s.subject(name)
		newest := sub.newest(deleted)
		if newest == nil {
			continue
		}
		known = true
		if number == Latest {
			return newest, nil
		}
		if v := sub.find(number); v != nil && (deleted || !v.deleted) {
			return v, nil
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
			got, ok := v.body.metadata().property(k)
			all = all && ok && got == value
		}
		if all {
			return v.answer(), nil
		}
	}
	return Version{}, errSchemaNotFound
}

// ReferencedBy returns the ids of the schemas that refer to a version, sorted. The version itself may be deleted; deleted
// includes deleted referrers. Only subjects that may be seen count; a nil seen sees all.
func (r *Registry) ReferencedBy(subject string, number int, deleted bool, seen func(subject string) bool) ([]int, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v, err := r.state.get(canonicalSubject(subject), number, true)
	if err != nil {
		return nil, err
	}
	ids := []int{}
	for o := range r.state.referred[versionKey{v.subject, v.number}] {
		if (deleted || !o.deleted) && (seen == nil || seen(o.subject)) {
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
	// Associations is nil where they do not matter.
	Associations *SubjectAssociations
	Seen         func(subject string) bool // whose versions are listed; nil: all subjects'. It may not call the registry
	Skip, Most   int                       // of what is listed; a Most of 0 is no bound
}

// Schemas returns versions by subject and number, without their contents.
func (r *Registry) Schemas(f SchemaFilter) []Version {
	var out []Version
	r.each(f.Prefix, func(sub *subject) bool {
		if f.Associations != nil && !f.Associations.allow(r.state.associations.bySubject.at(sub.name)) || f.Seen != nil && !f.Seen(sub.name) {
			return true
		}
		versions := sub.live(f.Deleted)
		if f.LatestOnly && len(versions) > 1 {
			versions = versions[len(versions)-1:]
		}
		for _, v := range versions {
			switch {
			case f.RuleType != "" && !v.body.ruleSet().has(f.RuleType):
			case f.Skip > 0:
				f.Skip--
			default:
				out = append(out, v.place())
				if len(out) == f.Most {
					return false
				}
			}
		}
		return true
	})
	return out
}

// Aliases returns the subjects whose alias a subject is.
func (r *Registry) Aliases(subject string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []string
	for k, c := range r.state.configs.all() {
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
	if c := s.configs.at(scopeKey(subject)); c != nil && c.Alias != "" {
		return c.Alias
	}
	return subject
}
