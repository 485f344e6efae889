package registry

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// step is a record that was read: what it does to a state. It may be applied to a draft and then to the state below.
type step func(s *state) error

// apply changes the state by one record. A record that makes no sense is skipped and logged, as Confluent does: a log that
// others wrote, or that was compacted, must still open.
func (s *state) apply(offset int64, r Record) { s.take(offset, s.read(offset, r)) }

func (s *state) take(offset int64, do step) {
	if do == nil {
		return
	}
	if err := do(s); err != nil {
		s.log.Warn("skipping a record", "offset", offset, "error", err)
	}
}

// read reads a record. What makes no sense is nil, and logged.
func (s *state) read(offset int64, r Record) step {
	var k recordKey
	if err := decode(r.Key, &k); err != nil {
		s.log.Warn("skipping a record: its key is malformed", "offset", offset)
		return nil
	}
	var do step
	var err error
	switch k.Type {
	case keySchema:
		do, err = s.readSchema(k, r)
	case keyConfig:
		do, err = readConfig(k, r)
	case keyMode:
		do, err = readMode(k, r)
	case keyDeleteSubject:
		do, err = readDeleteSubject(r)
	case keyClearSubject:
		do, err = readClearSubject(r)
	case keyContext:
		do = readContext(k, r)
	case keyAssociation:
		do, err = readAssociation(k, r)
	case keyNoop:
	default:
		s.log.Warn("skipping a record of an unknown kind", "offset", offset)
	}
	if err != nil {
		s.log.Warn("skipping a record", "offset", offset, "kind", k.Type, "error", err)
		return nil
	}
	return do
}

func (s *state) readSchema(k recordKey, r Record) (step, error) {
	if r.Value == nil {
		name := canonicalSubject(k.Subject)
		return func(s *state) error {
			s.remove(name, k.Version)
			return nil
		}, nil
	}
	var val schemaValue
	if err := decode(r.Value, &val); err != nil {
		return nil, err
	}
	if val.Type == "" {
		val.Type = schema.Avro
	}
	if val.Subject == "" || val.Version < 1 || val.ID < 0 {
		return nil, errRecord
	}
	content := &Content{Type: val.Type, Text: val.Text, References: val.References, Metadata: val.Metadata.sorted(), RuleSet: val.RuleSet.normal()}
	v := &version{subject: canonicalSubject(val.Subject), number: val.Version, id: val.ID, body: s.packer.body(content), deleted: val.Deleted, ts: r.Time}
	return func(s *state) error {
		if c := s.contexts.at(Qualify(v.subject).Context); c != nil {
			if it := c.ids.at(v.id); it != nil && it.body.guid != v.body.guid {
				return errorf(CodeOperationNotPermitted, "id %d stands for another schema", v.id)
			}
		}
		s.put(v)
		return nil
	}, nil
}

func readConfig(k recordKey, r Record) (step, error) {
	subject := scopeKey(k.Subject)
	if r.Value == nil {
		return func(s *state) error {
			s.configs.delete(subject)
			return nil
		}, nil
	}
	c := new(Config)
	if err := decode(r.Value, c); err != nil {
		return nil, err
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
	return func(s *state) error {
		s.configs.set(subject, c)
		return nil
	}, nil
}

func readMode(k recordKey, r Record) (step, error) {
	subject := scopeKey(k.Subject)
	if r.Value == nil {
		return func(s *state) error {
			s.modes.delete(subject)
			return nil
		}, nil
	}
	var val struct {
		Mode string `json:"mode"`
	}
	if err := decode(r.Value, &val); err != nil {
		return nil, err
	}
	return func(s *state) error {
		s.modes.set(subject, strings.ToUpper(val.Mode))
		return nil
	}, nil
}

// scopeKey is the key of configs and modes for what a record or a path names: nothing and :.: are the default context's.
func scopeKey(subject string) string { return canonicalSubject(subject) }

func readDeleteSubject(r Record) (step, error) {
	var val struct {
		Subject string `json:"subject"`
		Version int    `json:"version"`
	}
	if r.Value == nil {
		return nil, nil
	}
	if err := decode(r.Value, &val); err != nil {
		return nil, err
	}
	name := canonicalSubject(val.Subject)
	return func(s *state) error {
		if s.subject(name) == nil {
			return nil // compacted away
		}
		c := s.context(Qualify(name).Context)
		c.changes++
		sub := c.subject(name)
		for i, v := range sub.versions {
			if v.number <= val.Version && !v.deleted {
				gone := *v
				gone.deleted, gone.ts = true, r.Time
				s.refer(v, false)
				sub.versions[i] = &gone
				s.refer(&gone, true)
			}
		}
		return nil
	}, nil
}

func readClearSubject(r Record) (step, error) {
	var val struct {
		Subject string `json:"subject"`
	}
	if r.Value == nil {
		return nil, nil
	}
	if err := decode(r.Value, &val); err != nil {
		return nil, err
	}
	return func(s *state) error {
		for _, v := range s.softDeleted(canonicalSubject(val.Subject)) {
			s.remove(v.subject, v.number)
		}
		return nil
	}, nil
}

// softDeleted returns the deleted versions of a subject or, when scope names a context, of all its subjects.
func (s *state) softDeleted(scope string) []*version {
	q := Qualify(scope)
	c := s.contexts.at(q.Context)
	if c == nil {
		return nil
	}
	var out []*version
	for name, sub := range c.subjects.all() {
		if q.Name == "" || name == scope {
			out = append(out, slices.DeleteFunc(sub.live(true), func(v *version) bool { return !v.deleted })...)
		}
	}
	return out
}

func readContext(k recordKey, r Record) step {
	return func(s *state) error {
		c := s.contexts.at(k.Context)
		switch {
		case r.Value != nil:
			s.context(k.Context).declared = true
		case k.Context == DefaultContext || c == nil:
		case c.subjects.empty():
			s.contexts.delete(k.Context)
		default:
			s.context(k.Context).declared = false
		}
		return nil
	}
}
