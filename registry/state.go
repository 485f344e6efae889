package registry

import (
	"cmp"
	"log/slog"
	"math"
	"slices"

	"github.com/google/btree"

	"github.com/millrace/millrace/compat/schema"
)

// state is what the log says. It is changed by apply alone, under the registry's lock. A draft lies over another state, which
// does not change meanwhile: writes are decided on one.
type state struct {
	contexts     layer[string, *contextState]
	configs      layer[string, *Config]
	modes        layer[string, string]
	associations associations
	names        *btree.BTreeG[string]            // of all subjects that have a version, deleted ones too; nil in a draft
	referred     map[versionKey]map[*version]bool // the versions whose content refers to a version; nil in a draft
	more         map[versionKey]int               // in a draft: how many more refer to a version than below
	versions     int                              // how many there are; not in a draft
	below        *state                           // of a draft
	packer       *packer
	replaced     func() // called when an import wrote over a version
	log          *slog.Logger
}

type versionKey struct {
	subject string
	number  int
}

// contextState is one context: subjects by qualified name, ids, and contents by their GUID.
type contextState struct {
	name     string
	declared bool // by a CONTEXT record
	maxID    int
	changes  int64 // how often an answer about an id may have changed that is not of the identity's own
	imported bool  // an import wrote over a version: places of identities may be of versions that others have by now, or will
	subjects layer[string, *subject]
	ids      layer[int, *identity]
	contents layer[GUID, *identity]
}

type subject struct {
	name     string
	versions []*version // by number
}

// version is immutable once it is in a state.
type version struct {
	subject string
	body    *body
	ts      int64
	number  int
	id      int
	deleted bool
}

func newState(log *slog.Logger) *state {
	s := &state{
		names: btree.NewG(32, func(a, b string) bool { return a < b }), referred: map[versionKey]map[*version]bool{},
		packer: new(packer), replaced: func() {}, log: log,
	}
	s.context(DefaultContext).declared = true
	return s
}

// draft returns a state over s, which takes changes without changing s.
func (s *state) draft() *state {
	return &state{
		contexts: s.contexts.over(), configs: s.configs.over(), modes: s.modes.over(), associations: s.associations.over(), more: map[versionKey]int{}, below: s,
		packer: s.packer, replaced: func() {}, log: slog.New(slog.DiscardHandler),
	}
}

// context returns a context to change, made when it is new.
func (s *state) context(name string) *contextState {
	if c := s.contexts.own[name]; c != nil {
		return c
	}
	c := &contextState{name: name}
	if old := s.contexts.at(name); old != nil {
		c = &contextState{
			name: name, declared: old.declared, maxID: old.maxID, imported: old.imported,
			subjects: old.subjects.over(), ids: old.ids.over(), contents: old.contents.over(),
		}
	}
	s.contexts.set(name, c)
	return c
}

// subject returns a subject to change, or nil.
func (c *contextState) subject(name string) *subject {
	sub := c.subjects.at(name)
	if _, own := c.subjects.own[name]; own || sub == nil {
		return sub
	}
	sub = &subject{name: name, versions: slices.Clone(sub.versions)}
	c.subjects.set(name, sub)
	return sub
}

// identity returns an identity to change, or nil.
func (c *contextState) identity(id int) *identity {
	it := c.ids.at(id)
	if _, own := c.ids.own[id]; own || it == nil {
		return it
	}
	content := c.contents.at(it.body.guid) == it
	it = it.over()
	c.ids.set(id, it)
	if content {
		c.contents.set(it.body.guid, it)
	}
	return it
}

// nextID returns the id of a new schema: one more than the greatest that was ever given, or a free one when an import took
// the greatest possible.
func (c *contextState) nextID() int {
	id := c.maxID + 1
	if id > math.MaxInt32 {
		for id = 1; c.ids.at(id) != nil; id++ {
			continue
		}
	}
	return id
}

// subject returns a subject by its qualified name, or nil.
func (s *state) subject(name string) *subject {
	if c := s.contexts.at(Qualify(name).Context); c != nil {
		return c.subjects.at(name)
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
func (sub *subject) latest() *version { return sub.newest(false) }

// newest returns the newest version, a deleted one too where that is asked for, or nil.
func (sub *subject) newest(deleted bool) *version {
	if sub != nil {
		for _, v := range slices.Backward(sub.versions) {
			if deleted || !v.deleted {
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
	sub := c.subject(v.subject)
	if sub == nil {
		sub = &subject{name: v.subject}
		c.subjects.set(v.subject, sub)
		if s.names != nil {
			s.names.ReplaceOrInsert(v.subject)
		}
	}
	it := c.identity(v.id)
	if it == nil {
		it = &identity{id: v.id, body: s.shared(v.body)}
		c.ids.set(v.id, it)
		c.contents.set(v.body.guid, it)
		c.maxID = max(c.maxID, v.id)
	}
	v.body = it.body // shared
	i, found := slices.BinarySearchFunc(sub.versions, v.number, byNumber)
	if found {
		old := sub.versions[i]
		s.refer(old, false)
		if old.id != v.id {
			s.replaced()
			c.imported = true
		}
		sub.versions[i] = v
	} else {
		sub.versions = slices.Insert(sub.versions, i, v)
		s.versions++
	}
	if found || c.imported {
		c.changes++
	}
	s.refer(v, true)
	it.set(v.subject, v.number)
}

// mostShared is in how many contexts a content's body is looked for.
const mostShared = 16

// shared returns the body of the same content that another context has, or b.
func (s *state) shared(b *body) *body {
	n := 0
	for _, c := range s.contexts.all() {
		if it := c.contents.at(b.guid); it != nil && it.body.typ == b.typ {
			return it.body
		}
		if n++; n == mostShared {
			break
		}
	}
	return b
}

// remove forgets a version.
func (s *state) remove(name string, number int) {
	ctx := Qualify(name).Context
	v := s.subject(name).find(number)
	if v == nil {
		return
	}
	c := s.context(ctx)
	sub := c.subject(name)
	s.refer(v, false)
	sub.versions = slices.DeleteFunc(sub.versions, func(o *version) bool { return o == v })
	s.versions--
	c.changes++
	if it := c.identity(v.id); it != nil {
		if at, ok := it.at(name); ok && at == number {
			it.drop(name)
			for _, o := range slices.Backward(sub.versions) {
				if o.id == v.id {
					it.set(name, o.number)
					break
				}
			}
		}
		if it.live == 0 {
			c.ids.delete(v.id)
			if c.contents.at(it.body.guid) == it {
				c.contents.delete(it.body.guid)
			}
		}
	}
	if len(sub.versions) == 0 {
		c.subjects.delete(name)
		if s.names != nil {
			s.names.Delete(name)
		}
	}
}

// refer notes, or forgets, what v refers to.
func (s *state) refer(v *version, on bool) {
	ctx := Qualify(v.subject).Context
	for _, r := range v.body.references() {
		k := versionKey{in(ctx, r.Subject), r.Version}
		switch {
		case s.below != nil && on:
			s.more[k]++
		case s.below != nil:
			s.more[k]--
		case on:
			if s.referred[k] == nil {
				s.referred[k] = map[*version]bool{}
			}
			s.referred[k][v] = true
		default:
			if delete(s.referred[k], v); len(s.referred[k]) == 0 {
				delete(s.referred, k)
			}
		}
	}
}

// referrers returns how many versions refer to a version.
func (s *state) referrers(k versionKey) int {
	n := 0
	for ; s.below != nil; s = s.below {
		n += s.more[k]
	}
	return n + len(s.referred[k])
}

// configInScope returns the configuration that holds for a subject, with the default level.
func (s *state) configInScope(subject string) Config {
	var c Config
	for i, k := range scopes(subject) {
		if o := s.configs.at(k); o != nil {
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
		if m := s.modes.at(k); m != "" {
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
	refs := slices.Clone(v.body.references())
	ctx := Qualify(v.subject).Context
	for i := range refs {
		refs[i].Subject = qualifiedFull(in(ctx, refs[i].Subject))
	}
	return schema.Document{Text: v.body.text(), References: refs}, nil
}

// referrer is where references lead.
type referrer interface {
	schema.Resolver
	find(ref schema.Reference) *version
}

// referring returns where the references of schemas in a context lead; deleted includes deleted versions.
type referring func(context string, deleted bool) referrer

// referring is for those who have the state to themselves, or hold the registry's lock, for as long as they use it.
func (s *state) referring(context string, deleted bool) referrer {
	return resolver{s: s, ctx: context, deleted: deleted}
}

// referring is for those who do not hold the registry's lock: it is taken for one reference at a time, so that nobody waits for a schema
// to be read, converted or compared. What references lead to can change in between, as it can right after.
func (r *Registry) referring(context string, deleted bool) referrer {
	return current{r: r, ctx: context, deleted: deleted}
}

type current struct {
	r       *Registry
	ctx     string
	deleted bool
}

func (c current) find(ref schema.Reference) *version {
	c.r.mu.RLock()
	defer c.r.mu.RUnlock()
	return c.r.state.referring(c.ctx, c.deleted).find(ref)
}

func (c current) Resolve(ref schema.Reference) (schema.Document, error) {
	c.r.mu.RLock()
	defer c.r.mu.RUnlock()
	return c.r.state.referring(c.ctx, c.deleted).Resolve(ref)
}

// qualifiedFull spells a subject with its context even in the default one, so that no other context claims it.
func qualifiedFull(s string) string {
	if q := Qualify(s); q.Context == DefaultContext {
		return ":.:" + q.Name
	}
	return s
}
