package registry

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// apply changes the state by one record. A record that makes no sense is skipped and logged, as Confluent does: a log that
// others wrote, or that was compacted, must still open.
func (s *state) apply(offset int64, r Record) {
	var k recordKey
	if err := decode(r.Key, &k); err != nil {
		s.log.Warn("skipping a record: its key is malformed", "offset", offset)
		return
	}
	var err error
	switch k.Type {
	case keySchema:
		err = s.applySchema(k, r)
	case keyConfig:
		err = s.applyConfig(k, r)
	case keyMode:
		err = s.applyMode(k, r)
	case keyDeleteSubject:
		err = s.applyDeleteSubject(r)
	case keyClearSubject:
		err = s.applyClearSubject(r)
	case keyContext:
		s.applyContext(k, r)
	case keyNoop:
	default:
		s.log.Warn("skipping a record of an unknown kind", "offset", offset)
	}
	if err != nil {
		s.log.Warn("skipping a record", "offset", offset, "kind", k.Type, "error", err)
	}
}

func (s *state) applySchema(k recordKey, r Record) error {
	if r.Value == nil {
		s.remove(canonicalSubject(k.Subject), k.Version)
		return nil
	}
	var val schemaValue
	if err := decode(r.Value, &val); err != nil {
		return err
	}
	if val.Type == "" {
		val.Type = schema.Avro
	}
	if val.Subject == "" || val.Version < 1 || val.ID < 0 {
		return errRecord
	}
	content := &Content{Type: val.Type, Text: val.Text, References: val.References, Metadata: val.Metadata.sorted(), RuleSet: val.RuleSet.normal()}
	v := &version{
		subject: canonicalSubject(val.Subject), number: val.Version, id: val.ID, guid: content.GUID(), content: content,
		deleted: val.Deleted, ts: r.Time,
	}
	if it := s.context(Qualify(v.subject).Context).ids[v.id]; it != nil && it.guid != v.guid {
		return errorf(CodeOperationNotPermitted, "id %d stands for another schema", v.id)
	}
	s.put(v)
	return nil
}

func (s *state) applyConfig(k recordKey, r Record) error {
	subject := scopeKey(k.Subject)
	s.configure()
	if r.Value == nil {
		delete(s.configs, subject)
		return nil
	}
	c := new(Config)
	if err := decode(r.Value, c); err != nil {
		return err
	}
	if c.CompatibilityLevel != "" {
		l, ok := compat.ParseLevel(string(c.CompatibilityLevel))
		if !ok {
			l = ""
		}
		c.CompatibilityLevel = l
	}
	c.DefaultMetadata, c.OverrideMetadata = c.DefaultMetadata.sorted(), c.OverrideMetadata.sorted()
	c.DefaultRuleSet, c.OverrideRuleSet = c.DefaultRuleSet.normal(), c.OverrideRuleSet.normal()
	s.configs[subject] = c
	return nil
}

func (s *state) applyMode(k recordKey, r Record) error {
	subject := scopeKey(k.Subject)
	if r.Value == nil {
		delete(s.modes, subject)
		return nil
	}
	var val struct {
		Mode string `json:"mode"`
	}
	if err := decode(r.Value, &val); err != nil {
		return err
	}
	s.modes[subject] = strings.ToUpper(val.Mode)
	return nil
}

// scopeKey is the key of configs and modes for what a record or a path names: nothing and :.: are the default context's.
func scopeKey(subject string) string { return canonicalSubject(subject) }

func (s *state) applyDeleteSubject(r Record) error {
	var val struct {
		Subject string `json:"subject"`
		Version int    `json:"version"`
	}
	if r.Value == nil {
		return nil
	}
	if err := decode(r.Value, &val); err != nil {
		return err
	}
	name := canonicalSubject(val.Subject)
	c := s.contexts[Qualify(name).Context]
	if c == nil || c.subjects[name] == nil {
		return nil // compacted away
	}
	for i, v := range c.subjects[name].versions {
		if v.number <= val.Version && !v.deleted {
			gone := *v
			gone.deleted, gone.ts = true, r.Time
			s.refer(v, false)
			c.subjects[name].versions[i] = &gone
			s.refer(&gone, true)
			s.stale(c, &gone)
		}
	}
	return nil
}

func (s *state) applyClearSubject(r Record) error {
	var val struct {
		Subject string `json:"subject"`
	}
	if r.Value == nil {
		return nil
	}
	if err := decode(r.Value, &val); err != nil {
		return err
	}
	for _, v := range s.softDeleted(canonicalSubject(val.Subject)) {
		s.remove(v.subject, v.number)
	}
	return nil
}

// softDeleted returns the deleted versions of a subject or, when scope names a context, of all its subjects.
func (s *state) softDeleted(scope string) []*version {
	q := Qualify(scope)
	c := s.contexts[q.Context]
	if c == nil {
		return nil
	}
	var out []*version
	for name, sub := range c.subjects {
		if q.Name == "" || name == scope {
			out = append(out, slices.DeleteFunc(sub.live(true), func(v *version) bool { return !v.deleted })...)
		}
	}
	return out
}

func (s *state) applyContext(k recordKey, r Record) {
	switch {
	case r.Value != nil:
		s.context(k.Context).declared = true
	case k.Context == DefaultContext:
	default:
		if c := s.contexts[k.Context]; c != nil {
			c.declared = false
			if len(c.subjects) == 0 {
				delete(s.contexts, k.Context)
			}
		}
	}
}
