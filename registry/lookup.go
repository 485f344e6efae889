package registry

import (
	"slices"
	"strconv"

	"github.com/millrace/millrace/compat/schema"
)

// Version is a version of a subject as the registry answers it.
type Version struct {
	Subject string
	Number  int
	ID      int
	GUID    GUID
	Content *Content // nil where a listing says so
	Deleted bool
	Time    int64 // when it was written, in milliseconds since 1970

	body     *body // of what comes from the state
	reworded bool  // Content has another text than the body
}

// answer returns the version with its content.
func (v *version) answer() Version {
	out := v.place()
	out.Content = v.body.content()
	return out
}

// place returns the version without its content, whose text takes time to unpack.
func (v *version) place() Version {
	return Version{Subject: v.subject, Number: v.number, ID: v.id, GUID: v.body.guid, Deleted: v.deleted, Time: v.ts, body: v.body}
}

// prepared is a candidate that was parsed and brought into the form in which it would be stored.
type prepared struct {
	Content
	schema func() (schema.Schema, error) // parsed, where that was not needed yet
	forms  *forms                        // made when it is compared first
	formed formed                        // zero with references
}

// GUID returns the content's, which is remembered for one that is a text alone.
func (p *prepared) GUID() GUID {
	if p.formed.text != "" && p.formed.text == p.Text && len(p.References) == 0 && p.Metadata == nil && p.RuleSet == nil {
		return p.formed.guid
	}
	return p.Content.GUID()
}

// prepare reads a candidate, strictly unless the config of its scope says otherwise. References to the latest version name it from here
// on; its references must be there.
func (r *Registry) prepare(to referring, subject string, cfg Config, c *Candidate, normalize bool) (prepared, error) {
	lenient := cfg.lenient(c.Type)
	if len(c.References) == 0 {
		form, err := r.form(c, normalize)
		if err != nil && lenient {
			return r.parse(nil, subject, c, normalize, schema.Options{Lenient: true})
		}
		if err != nil {
			return prepared{}, invalid(subject, c, err)
		}
		own := *c
		p := prepared{Content: c.Content, schema: func() (schema.Schema, error) { return r.parsedCandidate(&own) }, forms: new(forms), formed: form}
		p.Text, p.References = form.text, nil
		return p, nil
	}
	c.References = slices.Clone(c.References)
	res := to(Qualify(subject).Context, false)
	for i, ref := range c.References {
		if ref.Version == Latest {
			if v := res.find(ref); v != nil {
				c.References[i].Version = v.number
			}
		}
	}
	return r.parse(res, subject, c, normalize, schema.Options{Lenient: lenient})
}

// parse prepares a candidate without looking at what is remembered.
func (r *Registry) parse(refs schema.Resolver, subject string, c *Candidate, normalize bool, o schema.Options) (prepared, error) {
	f, err := r.format(c.Type)
	if err != nil {
		return prepared{}, err
	}
	parsed, err := f.Parse(schema.Document{Text: c.Text, References: c.References}, refs, o)
	if err != nil {
		return prepared{}, invalid(subject, c, err)
	}
	p := prepared{Content: c.Content, schema: func() (schema.Schema, error) { return parsed, nil }, forms: new(forms)}
	p.Text = parsed.Canonical()
	if normalize {
		p.Text = parsed.Normalized()
		p.References = schema.SortReferences(p.References)
	}
	return p, nil
}

// defaulted gives a candidate its type and Confluent's order to its metadata and rules, and reads it.
func (r *Registry) defaulted(c Candidate) (Candidate, error) {
	if c.NoType {
		c.Type = schema.Avro
	}
	c.Metadata, c.RuleSet = c.Metadata.sorted(), c.RuleSet.normal()
	if _, err := r.format(c.Type); err != nil {
		return c, err
	}
	r.readAhead(&c)
	return c, nil
}

// received is defaulted for what a client sends, where DDL becomes the schema that it describes.
func (r *Registry) received(subject string, c Candidate) (Candidate, error) {
	c, err := r.defaulted(c)
	if err != nil || !beginsAsDDL(c.Text) {
		return c, err
	}
	return r.converted(subject, c)
}

// Lookup returns the version of a subject that a schema is. deleted includes deleted versions. A subject of the default
// context is looked for in the other contexts too.
func (r *Registry) Lookup(subject string, c Candidate, normalize, deleted bool) (Version, error) {
	c, err := r.received(subject, c)
	if err != nil {
		return Version{}, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	subject = canonicalSubject(subject)
	var first error
	for name := range r.state.spellings(subject) {
		v, err := r.lookup(r.state, name, c, normalize, deleted)
		if err == nil {
			return v, nil
		}
		if first == nil {
			first = err
		}
	}
	return Version{}, first
}

func (r *Registry) lookup(s *state, subject string, c Candidate, normalize, deleted bool) (Version, error) {
	sub := s.subject(subject)
	cfg := s.configInScope(subject)
	if c.Text == "" {
		if sub.newest(deleted) == nil {
			return Version{}, errSubjectNotFound(subject)
		}
		return Version{}, errSchemaNotFound
	}
	p, err := r.prepare(s.referring, subject, cfg, &c, normalize || isTrue(cfg.Normalize))
	if err != nil {
		return Version{}, err
	}
	if sub.newest(deleted) == nil {
		return Version{}, errSubjectNotFound(subject)
	}
	if v, ok := r.same(s, subject, p, deleted); ok {
		return v, nil
	}
	if filled, ok := withLatest(p, sub); ok {
		if v, ok := r.same(s, subject, filled, deleted); ok {
			return v, nil
		}
	}
	return Version{}, errSchemaNotFound
}

// withLatest returns p with metadata and rules of the subject's latest version in the place of those that p lacks; false when
// that changes nothing.
func withLatest(p prepared, sub *subject) (prepared, bool) {
	last := sub.latest()
	if last == nil {
		return p, false
	}
	changed := false
	if m := last.body.metadata(); p.Metadata == nil && m != nil {
		p.Metadata, changed = m, true
	}
	if rs := last.body.ruleSet(); p.RuleSet == nil && rs != nil {
		p.RuleSet, changed = rs, true
	}
	return p, changed
}

// same returns the version of a subject whose schema is p: by its GUID or, newest first, by comparing.
func (r *Registry) same(s *state, subject string, p prepared, deleted bool) (Version, bool) {
	sub := s.subject(subject)
	if sub == nil {
		return Version{}, false
	}
	c := s.contexts.at(Qualify(subject).Context)
	if it := c.contents.at(p.GUID()); it != nil {
		if number, ok := it.at(subject); ok {
			if v := sub.find(number); v != nil && (deleted || !v.deleted) {
				found := v.place()
				found.ID, found.GUID, found.body = it.id, it.body.guid, it.body
				found.Content = found.body.like(&p.Content)
				return found, true
			}
		}
	}
	for _, v := range slices.Backward(sub.versions) {
		if (deleted || !v.deleted) && r.means(s, p, v) {
			return v.answer(), true
		}
	}
	return Version{}, false
}

// means reports whether p is the schema of v in all that counts: the same type, references, rules and metadata, but for a
// version property that one of them lacks (p's must be v's number then), and a text that means the same. A p without
// references may have those of v in its text.
func (r *Registry) means(s *state, p prepared, v *version) bool {
	old := v.body
	if p.Type != old.typ || !p.RuleSet.equal(old.ruleSet()) {
		return false
	}
	mine, theirMetadata := p.Metadata, old.metadata()
	number, has := mine.property(VersionProperty)
	_, had := theirMetadata.property(VersionProperty)
	switch {
	case has && !had:
		if number != strconv.Itoa(v.number) {
			return false
		}
		mine = mine.withoutVersion()
	case had && !has:
		theirMetadata = theirMetadata.withoutVersion()
	}
	if !mine.equal(theirMetadata) && (has == had || !mine.empty() || !theirMetadata.empty()) {
		return false
	}
	if slices.Equal(p.References, old.references()) && old.is(p.Text) {
		return true
	}
	theirs := r.formsOf(s, v)
	if theirs.unreadable {
		return false // stored by a more lenient parser: nothing new can be the same
	}
	if *p.forms == (forms{}) {
		parsed, err := p.schema()
		if err != nil {
			return false
		}
		*p.forms = formsOf(parsed)
	}
	if slices.Equal(p.References, old.references()) {
		return theirs.normalized == p.forms.normalized
	}
	return len(p.References) == 0 && theirs.inlined != [32]byte{} && theirs.inlined == p.forms.inlined
}

func (m *Metadata) empty() bool {
	return m == nil || len(m.Tags)+len(m.Properties)+len(m.Sensitive) == 0
}

// spellings yields a subject and, when it is in the default context, the same name in every other context that has it.
func (s *state) spellings(subject string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !yield(subject) || Qualify(subject).Context != DefaultContext {
			return
		}
		for _, ctx := range s.contextNames() {
			if q := (Qualified{ctx, subject}).String(); ctx != DefaultContext && s.contexts.at(ctx).subjects.at(q) != nil && !yield(q) {
				return
			}
		}
	}
}
