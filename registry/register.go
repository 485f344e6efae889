package registry

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// Registration is a request to register a schema.
type Registration struct {
	Candidate
	Normalize bool
	Force     bool // without the check of compatibility
	Tags      TagChange
}

// Register makes a schema the subject's next version and returns it, or the version that it already is.
func (r *Registry) Register(ctx context.Context, subject string, reg Registration) (Version, error) {
	if err := checkSubject(subject); err != nil {
		return Version{}, err
	}
	subject = canonicalSubject(subject)
	var err error
	if reg.Candidate, err = r.received(subject, reg.Candidate); err != nil {
		return Version{}, err
	}
	if reg.Tags.any() && !reg.Tags.Propagate && len(reg.References) == 0 && reg.Text != "" {
		if tagged, err := r.tagged(nil, subject, reg); err == nil { // else it is tried again where the config is known
			reg = tagged
			r.readAhead(&reg.Candidate)
		}
	}
	if v, ok, err := r.known(subject, reg); ok || err != nil {
		return v, err
	}
	var out Version
	err = r.change(ctx, func(s *state) (recs []Record, err error) {
		out, recs, err = r.register(s, subject, reg)
		return recs, err
	})
	if err != nil {
		return Version{}, err
	}
	return out, nil
}

// known answers a registration of what the subject has, without a write.
func (r *Registry) known(subject string, reg Registration) (Version, bool, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if reg.Text == "" {
		return Version{}, false, nil
	}
	reg, err := r.tagged(r.state, subject, reg)
	if err != nil {
		return Version{}, false, err
	}
	return r.registered(r.state, subject, reg)
}

// registered returns the version that a registration asks for when there is one.
func (r *Registry) registered(s *state, subject string, reg Registration) (Version, bool, error) {
	cfg := s.configInScope(subject)
	p, err := r.prepare(s.referring, subject, cfg, &reg.Candidate, reg.Normalize || isTrue(cfg.Normalize))
	if err != nil {
		return Version{}, false, err
	}
	if reg.Version > 0 && !reg.HasID && !importing(s.modeInScope(subject)) {
		return Version{}, false, nil // the version becomes part of the schema
	}
	sub := s.subject(subject)
	if sub == nil {
		return Version{}, false, nil
	}
	p.Metadata = laidOver(cfg.DefaultMetadata, p.Metadata, cfg.OverrideMetadata, mergeMetadata)
	p.RuleSet = laidOver(cfg.DefaultRuleSet, p.RuleSet, cfg.OverrideRuleSet, mergeRuleSets)
	v, ok := r.same(s, subject, p, false)
	if !ok {
		if filled, more := withLatest(p, sub); more {
			v, ok = r.same(s, subject, filled, false)
		}
	}
	if !ok || reg.HasID && v.ID != reg.ID || reg.Version > 0 && v.Number != reg.Version ||
		reg.Version == Latest && v.Number != sub.latest().number {
		return Version{}, false, nil
	}
	return v, true, nil
}

func laidOver[T any](base, given, over *T, merge func(base, over *T) *T) *T {
	return merge(merge(base, given), over)
}

func importing(mode string) bool { return mode == Import || mode == Forward }

// register decides a registration: the version, and the records that make it when it is new.
func (r *Registry) register(s *state, subject string, reg Registration) (Version, []Record, error) {
	sub := s.subject(subject)
	last := sub.latest()
	if reg.Text == "" {
		if last == nil {
			return Version{}, nil, errEmptySchema
		}
		reg.Type, reg.Text, reg.References = last.body.typ, last.body.text(), last.body.references()
	}
	reg, err := r.tagged(s, subject, reg)
	if err != nil {
		return Version{}, nil, err
	}
	if v, ok, err := r.registered(s, subject, reg); ok || err != nil {
		return v, nil, err
	}
	cfg := s.configInScope(subject)
	mode := s.modeInScope(subject)
	if err := mayRegister(subject, mode, reg.HasID); err != nil {
		return Version{}, nil, err
	}
	number := sub.maxVersion() + 1
	imported := importing(mode)
	if !imported {
		reg.contract(last, cfg, number)
		if err := reg.RuleSet.validate(); err != nil {
			return Version{}, nil, err
		}
	}
	p, err := r.prepare(s.referring, subject, cfg, &reg.Candidate, !imported && (reg.Normalize || isTrue(cfg.Normalize)))
	if err != nil {
		return Version{}, nil, err
	}
	if err := s.mayReferTo(subject, p.References); err != nil {
		return Version{}, nil, err
	}
	if !imported {
		if v := sub.find(reg.Version); v != nil && !v.deleted && r.means(s, p, v) {
			if _, numbered := v.body.metadata().property(VersionProperty); numbered {
				return v.answer(), nil, nil
			}
		}
		if reg.Version == 0 {
			if v, ok := r.same(s, subject, p, false); ok {
				return v, nil, nil
			}
		}
		if !reg.Force {
			if lines := r.judge(s.referring, subject, cfg, p, sub.live(false)); len(lines) > 0 {
				return Version{}, nil, errorf(CodeIncompatible, "Schema being registered is incompatible with an earlier schema for subject \"%s\", details: [%s]", subject, strings.Join(lines, ", "))
			}
		}
		if reg.Version > 0 && reg.Version != number {
			return Version{}, nil, errorf(CodeInvalidSchema, "Version is not one more than previous version")
		}
	} else if reg.Version > 0 {
		number = reg.Version
	}
	return r.write(s, subject, number, reg, p)
}

// contract completes metadata and rules: from the last version when none are given, then with the config's.
func (reg *Registration) contract(last *version, cfg Config, number int) {
	if last != nil {
		if reg.Metadata == nil {
			reg.Metadata = last.body.metadata()
		}
		if reg.RuleSet == nil {
			reg.RuleSet = last.body.ruleSet()
		}
	}
	reg.Metadata = laidOver(cfg.DefaultMetadata, reg.Metadata, cfg.OverrideMetadata, mergeMetadata)
	reg.RuleSet = laidOver(cfg.DefaultRuleSet, reg.RuleSet, cfg.OverrideRuleSet, mergeRuleSets)
	if _, has := reg.Metadata.property(VersionProperty); has || reg.Version != 0 {
		if reg.Version > 0 {
			number = reg.Version
		}
		reg.Metadata = reg.Metadata.withProperty(VersionProperty, strconv.Itoa(number))
	}
}

func mayRegister(subject, mode string, hasID bool) error {
	refused := ""
	switch {
	case mode == ReadOnly || mode == ReadOnlyOverride:
		refused = "is in read-only mode"
	case hasID && !importing(mode):
		refused = "is not in import mode"
	case !hasID && mode != ReadWrite:
		refused = "is not in read-write mode"
	}
	if refused == "" {
		return nil
	}
	prefix := Qualify(subject).contextPrefix()
	if subject == "" {
		subject = "null" // the registry itself
	}
	return errorf(CodeOperationNotPermitted, "Subject %s in context %s %s", subject, prefix, refused)
}

// write gives a new version its id and returns its records.
func (r *Registry) write(s *state, subject string, number int, reg Registration, p prepared) (Version, []Record, error) {
	q := Qualify(subject)
	content := p.Content
	v := Version{Subject: subject, Number: number, GUID: content.GUID(), Content: &content}
	var recs []Record
	c := s.contexts.at(q.Context)
	if c == nil || !c.declared {
		recs = append(recs, contextRecord(q.Context))
	}
	switch {
	case reg.HasID:
		v.ID = reg.ID
		if c != nil && c.ids.at(v.ID) != nil && c.ids.at(v.ID).body.guid != v.GUID {
			return Version{}, nil, errorf(CodeOperationNotPermitted, "Overwrite new schema with id %d in context %s is not permitted.", v.ID, q.contextPrefix())
		}
	case c == nil:
		v.ID = 1
	case c.contents.at(v.GUID) != nil:
		v.ID = c.contents.at(v.GUID).id
	default:
		v.ID = c.nextID()
	}
	if c == nil || c.ids.at(v.ID) == nil {
		if err := r.room(s); err != nil {
			return Version{}, nil, err
		}
	}
	recs = append(recs, schemaRecord(subject, number, v.ID, &content, false))
	if sub := s.subject(subject); sub != nil {
		for _, old := range sub.versions {
			if k := (versionKey{subject, old.number}); old.deleted && old.id == v.ID && old.number != number && s.referrers(k) == 0 {
				recs = append(recs, recordKey{Type: keySchema, Subject: subject, Version: old.number}.tombstone())
			}
		}
	}
	return v, recs, nil
}

// judge returns why p may not follow the versions of a subject, as Confluent words it; nil when it may.
func (r *Registry) judge(to referring, subject string, cfg Config, p prepared, versions []*version) []string {
	var lines []string
	if isTrue(cfg.ValidateFields) {
		lines = reserved(p, versions)
	}
	if cfg.CompatibilityLevel != compat.None {
		versions = compared(cfg, p, versions)
		previous, err := r.previous(to, versions)
		if err != nil {
			return append(lines, err.Error(), judged(cfg))
		}
		candidate, err := p.schema()
		if err != nil {
			return append(lines, err.Error(), judged(cfg))
		}
		switch compat.Policy(cfg.CompatibilityPolicy) {
		case compat.PolicyLenient:
			candidate = compat.Lenient(candidate)
			for i := range previous {
				previous[i].Schema = compat.Lenient(previous[i].Schema)
			}
		case compat.PolicyLogical:
			var faults []schema.Difference
			candidate, faults, err = logically(to, subject, p, candidate, previous, versions)
			if err != nil {
				return append(lines, err.Error(), judged(cfg))
			}
			for _, d := range faults {
				lines = append(lines, d.Line("new", "old"))
			}
		}
		lines = append(lines, compat.Check(cfg.CompatibilityLevel, candidate, previous)...)
	}
	if len(lines) == 0 {
		return nil
	}
	return append(lines, judged(cfg))
}

// compared returns the versions that p is to be compared with: those of its compatibility group, at a level that is not
// transitive the last of them.
func compared(cfg Config, p prepared, versions []*version) []*version {
	if group := cfg.CompatibilityGroup; group != "" {
		own, has := p.Metadata.property(group)
		versions = slices.DeleteFunc(slices.Clone(versions), func(v *version) bool {
			theirs, have := v.body.metadata().property(group)
			return theirs != own || have != has
		})
	}
	if !cfg.CompatibilityLevel.Transitive() && len(versions) > 1 {
		versions = versions[len(versions)-1:]
	}
	return versions
}

// previous returns versions parsed, in their order.
func (r *Registry) previous(to referring, versions []*version) ([]compat.Previous, error) {
	var out []compat.Previous
	for _, v := range versions {
		parsed, err := r.stored(to, v)
		if err != nil {
			return nil, err
		}
		out = append(out, compat.Previous{Version: v.number, Schema: parsed})
	}
	return out, nil
}

func judged(cfg Config) string {
	return "{validateFields: '" + strconv.FormatBool(isTrue(cfg.ValidateFields)) + "', compatibility: '" + string(cfg.CompatibilityLevel) + "'}"
}
