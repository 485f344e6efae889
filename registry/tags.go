package registry

import (
	"context"
	"slices"
	"strconv"

	"github.com/millrace/millrace/compat/schema"
)

// AnyTag asks for all tags where tags are named.
const AnyTag = "*"

// TagChange is what a registration does to the tags inside its schema's text.
type TagChange struct {
	Add, Remove []schema.Tagged
	// Propagate adds the tags of the subject's latest version, where the schema has the places that they are at.
	Propagate bool
}

func (c TagChange) any() bool { return len(c.Add)+len(c.Remove) > 0 || c.Propagate }

// TagEdit is a change of a version's tags and of its data contract, which makes a new version.
type TagEdit struct {
	Add, Remove []schema.Tagged
	NewVersion  int // what it must be the number of; 0: any
	Metadata    *Metadata
	RuleSet     *RuleSet // in the place of the version's; not together with the two below
	MergeRules  *RuleSet // replace those with the same name or follow
	RemoveRules []string // by name
}

// SchemaTags returns the places in the text of v that have one of the tags, with all tags that they have.
func (r *Registry) SchemaTags(v Version, tags []string) ([]schema.Tagged, error) {
	p, err := r.parsedVersion(v)
	tagger, ok := p.(schema.Tagger)
	var all []schema.Tagged
	if err == nil && ok {
		all, err = tagger.Tags()
	}
	if err != nil {
		return nil, errorf(CodeInvalidSchema, "%s", err)
	}
	wanted := map[string]bool{}
	for _, t := range tags {
		wanted[t] = true
	}
	return slices.DeleteFunc(all, func(t schema.Tagged) bool {
		return !wanted[AnyTag] && !slices.ContainsFunc(t.Tags, func(tag string) bool { return wanted[tag] })
	}), nil
}

// tagged makes the change of its tags part of a registration's text. The state is read where tags are propagated or the schema
// has references.
func (r *Registry) tagged(s *state, subject string, reg Registration) (Registration, error) {
	if !reg.Tags.any() {
		return reg, nil
	}
	edits := tagEdits(reg.Tags.Add, reg.Tags.Remove)
	if reg.Tags.Propagate {
		if last := s.subject(subject).latest(); last != nil && last.body.typ == reg.Type {
			edits = slices.Concat(r.propagated(s, last), edits)
		}
	}
	reg.Tags = TagChange{}
	if len(edits) == 0 {
		return reg, nil
	}
	var cfg Config
	if s != nil {
		cfg = s.configInScope(subject)
	}
	prepared, err := r.prepare(s.referring, subject, cfg, &reg.Candidate, false)
	if err != nil {
		return reg, err
	}
	p, err := prepared.schema()
	if err == nil {
		reg.Text, err = withTags(p, edits)
	}
	return reg, err
}

// propagated returns the edits that add the tags of a version to another; none when it cannot be read any more.
func (r *Registry) propagated(s *state, v *version) []schema.TagEdit {
	p, err := r.stored(s.referring, v)
	tagger, ok := p.(schema.Tagger)
	if err != nil || !ok {
		return nil
	}
	tags, err := tagger.Tags()
	if err != nil {
		return nil
	}
	edits := tagEdits(tags, nil)
	for i := range edits {
		edits[i].IfThere = true
	}
	return edits
}

func tagEdits(add, remove []schema.Tagged) []schema.TagEdit {
	var edits []schema.TagEdit
	for _, t := range add {
		edits = append(edits, schema.TagEdit{Entity: t.Entity, Add: t.Tags})
	}
	for _, t := range remove {
		edits = append(edits, schema.TagEdit{Entity: t.Entity, Remove: t.Tags})
	}
	return edits
}

// withTags returns the text of a schema after edits.
func withTags(p schema.Schema, edits []schema.TagEdit) (string, error) {
	tagger, ok := p.(schema.Tagger)
	if !ok {
		return "", errorf(CodeInvalidSchema, "Schemas of type %s have no tags", p.Type())
	}
	text, err := tagger.WithTags(edits)
	if err != nil {
		return "", errorf(CodeInvalidSchema, "%s", err)
	}
	return text, nil
}

// EditTags makes a version of a subject with other tags from one that it has, or Latest. It is a new one also when nothing else
// changes, for its metadata has its number.
func (r *Registry) EditTags(ctx context.Context, subject string, number int, e TagEdit) (Version, error) {
	if err := checkSubject(subject); err != nil {
		return Version{}, err
	}
	if e.RuleSet != nil && (e.MergeRules != nil || len(e.RemoveRules) > 0) {
		return Version{}, errorf(CodeInvalidRuleSet, "ruleSet should be omitted if specifying rulesToMerge or rulesToRemove")
	}
	subject = canonicalSubject(subject)
	var out Version
	err := r.change(ctx, func(s *state) (recs []Record, err error) {
		sub := s.subject(subject)
		base := sub.latest()
		if base == nil {
			return nil, errSubjectNotFound(subject)
		}
		if number != Latest {
			if base = sub.find(number); base == nil || base.deleted {
				return nil, errVersionNotFound(number)
			}
		}
		reg, err := r.edited(s, base, e, sub.maxVersion()+1)
		if err != nil {
			return nil, err
		}
		out, recs, err = r.register(s, subject, reg)
		return recs, err
	})
	if err != nil {
		return Version{}, err
	}
	return out, nil
}

// edited returns the registration that an edit of a version is; next is the number that it gets where the edit names none.
func (r *Registry) edited(s *state, base *version, e TagEdit, next int) (Registration, error) {
	content := *base.body.content()
	if edits := tagEdits(e.Add, e.Remove); len(edits) > 0 {
		p, err := r.stored(s.referring, base)
		if err != nil {
			return Registration{}, errorf(CodeInvalidSchema, "%s", err)
		}
		if content.Text, err = withTags(p, edits); err != nil {
			return Registration{}, err
		}
	}
	if e.Metadata != nil {
		content.Metadata = e.Metadata
	}
	if e.NewVersion > 0 {
		next = e.NewVersion
	}
	content.Metadata = content.Metadata.withProperty(VersionProperty, strconv.Itoa(next))
	if e.RuleSet != nil {
		content.RuleSet = e.RuleSet
	}
	content.RuleSet = mergeRuleSets(content.RuleSet.normal(), e.MergeRules.normal()).without(e.RemoveRules)
	c, err := r.defaulted(Candidate{Content: content, Version: max(e.NewVersion, 0)})
	return Registration{Candidate: c}, err
}

// without returns s without the rules of some names.
func (s *RuleSet) without(names []string) *RuleSet {
	if s == nil || len(names) == 0 {
		return s
	}
	keep := func(list []Rule) []Rule {
		return slices.DeleteFunc(slices.Clone(list), func(r Rule) bool { return slices.Contains(names, r.Name) })
	}
	return &RuleSet{Migration: keep(s.Migration), Domain: keep(s.Domain), Encoding: keep(s.Encoding), EnableAt: s.EnableAt}
}

// tagsMember appends tags that are in a schema; none are left out.
func tagsMember(o *object, tags []schema.Tagged) {
	if len(tags) == 0 {
		return
	}
	b := append(o.key("schemaTags").b, '[')
	for i, t := range tags {
		if i > 0 {
			b = append(b, ',')
		}
		at := newObject(append(b, `{"schemaEntity":`...))
		at.nonEmpty("entityPath", t.Path)
		at.string("entityType", string(t.Kind))
		b = appendStrings(append(at.end(), `,"tags":`...), t.Tags)
		b = append(b, '}')
	}
	o.b = append(b, ']')
}
