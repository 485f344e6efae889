package registry

import (
	"cmp"
	"log/slog"
	"math"
	"slices"

	"github.com/millrace/millrace/compat/schema"
)

// state is what the log says. It is changed by apply alone, under the registry's lock.
type state struct {
	contexts map[string]*contextState
	names    []string // of all subjects that have a version, deleted ones too; sorted
	configs  map[string]*Config
	modes    map[string]string
	// referrers are the versions whose content refers to a version.
	referrers map[versionKey]map[*version]bool
	changed   func(ctx string, id int) // called when an answer about an id is stale
	replaced  func()                   // called when an import wrote over a version
	configure func()                   // called when a config changed: subjects may have got another alias
	log       *slog.Logger
}

type versionKey struct {
	subject string
	number  int
}

// contextState is one context: subjects by qualified name, ids, and contents by their GUID.
type contextState struct {
	name     string
	declared bool // by a CONTEXT record
	subjects map[string]*subject
	ids      map[int]*identity
	contents map[GUID]*identity
	maxID    int
	strays   map[versionKey][]int // the ids that a version had before an import wrote over it
}

// identity is a schema id with the content that it stands for.
type identity struct {
	id      int
	guid    GUID
	content *Content
	// at is where each subject had the content last. A version that an import wrote over keeps its entry, as in Confluent's
	// registry.
	at    map[string]int
	order []string // the subjects of at in the order of their arrival
}

type subject struct {
	name     string
	versions []*version // by number
}

type version struct {
	subject string
	number  int
	id      int
	guid    GUID
	content *Content
	deleted bool
	ts      int64
}

func newState(log *slog.Logger, changed func(string, int)) *state {
	s := &state{
		contexts: map[string]*contextState{}, configs: map[string]*Config{}, modes: map[string]string{},
		referrers: map[versionKey]map[*version]bool{}, changed: changed, replaced: func() {}, configure: func() {}, log: log,
	}
	s.context(DefaultContext).declared = true
	return s
}

// context returns a context, made when it is new.
func (s *state) context(name string) *contextState {
	c := s.contexts[name]
	if c == nil {
		c = &contextState{name: name, subjects: map[string]*subject{}, ids: map[int]*identity{}, contents: map[GUID]*identity{}, strays: map[versionKey][]int{}}
		s.contexts[name] = c
	}
	return c
}

// nextID returns the id of a new schema: one more than the greatest that was ever given, or a free one when an import took
// the greatest possible.
func (c *contextState) nextID() int {
	id := c.maxID + 1
	if id > math.MaxInt32 {
		for id = 1; c.ids[id] != nil; id++ {
			continue
		}
	}
	return id
}

// subject returns a subject by its qualified name, or nil.
func (s *state) subject(name string) *subject {
	if c := s.contexts[Qualify(name).Context]; c != nil {
		return c.subjects[name]
	}
	return nil
}

func byNumber(v *version, number int) int { return cmp.Compare(v.number, number) }

func (sub *subject) find(number int) *version {
	if sub == nil {
		return nil
	}
	if i, ok := slices.BinarySearchFunc(sub.versions, number, byNumber); ok {
		return sub.versions[i]
	}
	return nil
}

// live returns the versions that are not deleted, or all.
func (sub *subject) live(deleted bool) []*version {
	if sub == nil {
		return nil
	}
	var out []*version
	for _, v := range sub.versions {
		if deleted || !v.deleted {
			out = append(out, v)
		}
	}
	return out
}

// latest returns the newest live version, or nil.
func (sub *subject) latest() *version {
	if sub != nil {
		for _, v := range slices.Backward(sub.versions) {
			if !v.deleted {
				return v
			}
		}
	}
	return nil
}

func (sub *subject) maxVersion() int {
	if sub == nil || len(sub.versions) == 0 {
		return 0
	}
	return sub.versions[len(sub.versions)-1].number
}

// put makes v its subject's version of its number.
func (s *state) put(v *version) {
	c := s.context(Qualify(v.subject).Context)
	sub := c.subjects[v.subject]
	if sub == nil {
		sub = &subject{name: v.subject}
		c.subjects[v.subject] = sub
		i, _ := slices.BinarySearch(s.names, v.subject)
		s.names = slices.Insert(s.names, i, v.subject)
	}
	i, found := slices.BinarySearchFunc(sub.versions, v.number, byNumber)
	if found {
		old := sub.versions[i]
		s.refer(old, false)
		s.stale(c, old)
		if k := (versionKey{v.subject, v.number}); old.id != v.id && !slices.Contains(c.strays[k], old.id) {
			c.strays[k] = append(c.strays[k], old.id)
			s.replaced()
		}
		sub.versions[i] = v
	} else {
		sub.versions = slices.Insert(sub.versions, i, v)
	}
	s.refer(v, true)
	it := c.ids[v.id]
	if it == nil {
		it = &identity{id: v.id, guid: v.guid, content: v.content, at: map[string]int{}}
		c.ids[v.id] = it
		c.contents[v.guid] = it
		c.maxID = max(c.maxID, v.id)
	} else {
		v.content = it.content // shared
	}
	if _, ok := it.at[v.subject]; !ok {
		it.order = append(it.order, v.subject)
	}
	it.at[v.subject] = v.number
	s.changed(c.name, v.id)
}

// stale drops the answers about a version: those about its id, and those about ids of what it was before an import.
func (s *state) stale(c *contextState, v *version) {
	s.changed(c.name, v.id)
	for _, id := range c.strays[versionKey{v.subject, v.number}] {
		s.changed(c.name, id)
	}
}

// remove forgets a version.
func (s *state) remove(name string, number int) {
	c := s.contexts[Qualify(name).Context]
	if c == nil {
		return
	}
	sub := c.subjects[name]
	v := sub.find(number)
	if v == nil {
		return
	}
	s.refer(v, false)
	sub.versions = slices.DeleteFunc(sub.versions, func(o *version) bool { return o == v })
	s.stale(c, v)
	if it := c.ids[v.id]; it != nil {
		if it.at[name] == number {
			delete(it.at, name)
			it.order = slices.DeleteFunc(it.order, func(o string) bool { return o == name })
			for _, o := range slices.Backward(sub.versions) {
				if o.id == v.id {
					it.at[name], it.order = o.number, append(it.order, name)
					break
				}
			}
		}
		if len(it.at) == 0 {
			delete(c.ids, v.id)
			if c.contents[it.guid] == it {
				delete(c.contents, it.guid)
			}
		}
	}
	if len(sub.versions) == 0 {
		delete(c.subjects, name)
		if i, ok := slices.BinarySearch(s.names, name); ok {
			s.names = slices.Delete(s.names, i, i+1)
		}
	}
}

// refer notes, or forgets, what v refers to.
func (s *state) refer(v *version, on bool) {
	ctx := Qualify(v.subject).Context
	for _, r := range v.content.References {
		k := versionKey{in(ctx, r.Subject), r.Version}
		if on {
			if s.referrers[k] == nil {
				s.referrers[k] = map[*version]bool{}
			}
			s.referrers[k][v] = true
		} else if delete(s.referrers[k], v); len(s.referrers[k]) == 0 {
			delete(s.referrers, k)
		}
	}
}

// configInScope returns the configuration that holds for a subject, with the default level.
func (s *state) configInScope(subject string) Config {
	var c Config
	for i, k := range scopes(subject) {
		if o := s.configs[k]; o != nil {
			if i == 0 && k != "" {
				c = *o
			} else {
				c = c.within(*o)
			}
		}
	}
	return c.within(Config{CompatibilityLevel: DefaultLevel})
}

func (s *state) modeInScope(subject string) string {
	for _, k := range scopes(subject) {
		if m := s.modes[k]; m != "" {
			return m
		}
	}
	return ReadWrite
}

// scopes are the keys of configs and modes that hold for a subject, narrowest first. The default context's own is "".
func scopes(subject string) []string {
	q := Qualify(subject)
	ctx := q.contextPrefix()
	global := ":" + globalContext + ":"
	if q.Name == "" {
		return []string{ctx, global}
	}
	return []string{q.String(), ctx, global}
}

// resolver gives a Format the documents that a schema of context ctx refers to.
type resolver struct {
	s       *state
	ctx     string
	deleted bool // deleted versions may be referred to
}

func (r resolver) find(ref schema.Reference) *version {
	sub := r.s.subject(in(r.ctx, ref.Subject))
	if ref.Version == Latest {
		return sub.latest()
	}
	if v := sub.find(ref.Version); v != nil && (r.deleted || !v.deleted) {
		return v
	}
	return nil
}

// Resolve implements schema.Resolver. References of the document come back qualified: they are meant in its own context.
func (r resolver) Resolve(ref schema.Reference) (schema.Document, error) {
	v := r.find(ref)
	if v == nil {
		return schema.Document{}, errorf(CodeInvalidSchema, "No schema reference found for subject \"%s\" and version %d", in(r.ctx, ref.Subject), ref.Version)
	}
	refs := slices.Clone(v.content.References)
	ctx := Qualify(v.subject).Context
	for i := range refs {
		refs[i].Subject = qualifiedFull(in(ctx, refs[i].Subject))
	}
	return schema.Document{Text: v.content.Text, References: refs}, nil
}

// qualifiedFull spells a subject with its context even in the default one, so that no other context claims it.
func qualifiedFull(s string) string {
	if q := Qualify(s); q.Context == DefaultContext {
		return ":.:" + q.Name
	}
	return s
}
