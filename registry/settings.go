package registry

import (
	"context"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat"
)

// scopeName is the subject of a config or mode in messages and records.
func scopeName(subject string) string { return scopeKey(subject) }

func isContext(subject string) bool { return Qualify(subject).Name == "" }

// Config returns the configuration of a subject, of a context (:.ctx:), or with "" of the registry. inherited gives what holds
// for it where it has none of its own.
func (r *Registry) Config(subject string, inherited bool) (Config, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	key := scopeKey(subject)
	if key == "" || inherited {
		return r.state.configInScope(key), nil
	}
	c := r.state.configs.at(key)
	if c == nil {
		return Config{}, errorf(CodeNoSubjectCompatibility, "Subject '%s' does not have subject-level compatibility configured", scopeName(subject))
	}
	return r.state.filled(key, c), nil
}

// filled returns a config with its level where that is unset.
func (s *state) filled(key string, c *Config) Config {
	return c.within(Config{CompatibilityLevel: s.configInScope(key).CompatibilityLevel})
}

// SetConfig changes a configuration and returns it.
func (r *Registry) SetConfig(ctx context.Context, subject string, u ConfigUpdate) (Config, error) {
	key := scopeKey(subject)
	if err := checkScope(subject); err != nil {
		return Config{}, err
	}
	var out Config
	err := r.change(ctx, func(s *state) ([]Record, error) {
		var old Config
		if c := s.configs.at(key); c != nil {
			old = *c
		}
		var err error
		if out, err = u.apply(old); err != nil {
			return nil, err
		}
		if err := s.writable(key); err != nil {
			return nil, err
		}
		return []Record{configRecord(key, &out)}, nil
	})
	if err != nil {
		return Config{}, err
	}
	return out, nil
}

// DeleteConfig removes a configuration and returns what it was.
func (r *Registry) DeleteConfig(ctx context.Context, subject string) (Config, error) {
	key := scopeKey(subject)
	var out Config
	err := r.change(ctx, func(s *state) ([]Record, error) {
		c := s.configs.at(key)
		if c == nil {
			if key != "" {
				return nil, errSubjectNotFound(scopeName(subject))
			}
			out = s.configInScope(key)
			return nil, nil
		}
		if err := s.writable(key); err != nil {
			return nil, err
		}
		out = s.filled(key, c)
		return []Record{recordKey{Type: keyConfig, Subject: key}.tombstone()}, nil
	})
	if err != nil {
		return Config{}, err
	}
	return out, nil
}

// Mode returns the mode of a subject, of a context, or with "" of the registry. inherited gives what holds for it where it has
// none of its own.
func (r *Registry) Mode(subject string, inherited bool) (string, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	key := scopeKey(subject)
	if key == "" || inherited {
		return r.state.modeInScope(key), nil
	}
	m := r.state.modes.at(key)
	if m == "" {
		return "", errorf(CodeNoSubjectMode, "Subject '%s' does not have subject-level mode configured", scopeName(subject))
	}
	return m, nil
}

// SetMode sets a mode, in any case; unset is true to clear it. force allows IMPORT where subjects are.
func (r *Registry) SetMode(ctx context.Context, subject, mode string, unset, force bool) error {
	key := scopeKey(subject)
	if err := checkScope(subject); err != nil {
		return err
	}
	mode = strings.ToUpper(mode)
	if !unset && !slices.Contains(modes, mode) {
		return errorf(CodeInvalidMode, "%s", invalidModeMessage)
	}
	if mode == Forward && key != ":"+globalContext+":" {
		return errorf(CodeOperationNotPermitted, "Forward mode only supported on global level")
	}
	return r.change(ctx, func(s *state) ([]Record, error) {
		if unset {
			if s.modes.at(key) == "" {
				return nil, nil
			}
			return []Record{recordKey{Type: keyMode, Subject: key}.tombstone()}, nil
		}
		var recs []Record
		if mode == Import && !force && s.modes.at(key) != Import {
			if s.hasSubjects(key) {
				return nil, errorf(CodeOperationNotPermitted, "Cannot import since found existing subjects")
			}
			for _, v := range s.softDeleted(key) {
				if err := s.unreferenced(v); err != nil {
					return nil, err
				}
				recs = append(recs, recordKey{Type: keySchema, Subject: v.subject, Version: v.number}.tombstone())
			}
			recs = append(recs, clearSubjectRecord(key))
		}
		return append(recs, modeRecord(key, mode)), nil
	})
}

// hasSubjects reports whether a subject, or a context, has a live version.
func (s *state) hasSubjects(scope string) bool {
	if !isContext(scope) {
		return s.subject(scope).latest() != nil
	}
	if c := s.contexts.at(Qualify(scope).Context); c != nil {
		for _, sub := range c.subjects.all() {
			if sub.latest() != nil {
				return true
			}
		}
	}
	return false
}

// DeleteMode removes a mode and returns what it was; "" where the registry had none. recursive removes those of a context's
// subjects too.
func (r *Registry) DeleteMode(ctx context.Context, subject string, recursive bool) (string, error) {
	key := scopeKey(subject)
	var old string
	err := r.change(ctx, func(s *state) ([]Record, error) {
		old = s.modes.at(key)
		if old == "" && key != "" {
			return nil, errSubjectNotFound(scopeName(subject))
		}
		var recs []Record
		if old != "" {
			recs = append(recs, recordKey{Type: keyMode, Subject: key}.tombstone())
		}
		if recursive && isContext(key) {
			ctxName := Qualify(key).Context
			for k := range s.modes.all() {
				if k != key && Qualify(k).Context == ctxName {
					recs = append(recs, recordKey{Type: keyMode, Subject: k}.tombstone())
				}
			}
		}
		return recs, nil
	})
	if err != nil {
		return "", err
	}
	return old, nil
}

// checkScope refuses what can have neither config nor mode.
func checkScope(subject string) error {
	q := Qualify(subject)
	if q.Context == globalContext && q.Name == "" {
		return nil
	}
	if isContext(subject) && q.Context != anyContext {
		return nil
	}
	return checkSubject(subject)
}

// contextNames returns the names of the contexts, sorted, the default one first.
func (s *state) contextNames() []string {
	var out []string
	for name, c := range s.contexts.all() {
		if c.declared || !c.subjects.empty() {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Contexts returns the contexts whose names start with a prefix.
func (r *Registry) Contexts(prefix string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := []string{}
	for _, n := range r.state.contextNames() {
		if strings.HasPrefix(n, prefix) {
			out = append(out, n)
		}
	}
	return out
}

// DeleteContext forgets a context that has no subject.
func (r *Registry) DeleteContext(ctx context.Context, name string) error {
	name = strings.TrimSuffix(strings.TrimPrefix(name, ":"), ":")
	return r.change(ctx, func(s *state) ([]Record, error) {
		c := s.contexts.at(name)
		if c == nil {
			return nil, nil
		}
		if !c.subjects.empty() || name == DefaultContext {
			return nil, errorf(CodeContextNotEmpty, "The specified context '%s' is not empty.", ":"+name+":")
		}
		key := ":" + name + ":"
		recs := s.forget(key)
		return append(recs, recordKey{Type: keyContext, Tenant: tenant, Context: name}.tombstone()), nil
	})
}

// SetLevel is SetConfig with a compatibility level alone.
func (r *Registry) SetLevel(ctx context.Context, subject string, l compat.Level) error {
	text := string(l)
	_, err := r.SetConfig(ctx, subject, ConfigUpdate{Compatibility: &text})
	return err
}
