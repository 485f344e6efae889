package registry

import "errors"

// Compatibility says whether a schema could follow what a subject has, and if not why, as Confluent words it. number is a
// version, Latest, or 0 for what registering would check: every version at a transitive level. A schema that does not parse is
// an error, or, when verbose is asked for, a reason.
func (r *Registry) Compatibility(subject string, number int, c Candidate, normalize, verbose bool) ([]string, error) {
	if err := checkSubject(subject); err != nil {
		return nil, err
	}
	subject = canonicalSubject(subject)
	c, err := r.received(subject, c)
	var own *Error
	if verbose && errors.As(err, &own) && own.Code == CodeInvalidSchema && c.Text != "" && beginsAsDDL(c.Text) {
		return []string{own.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := r.state
	sub := s.subject(subject)
	versions := sub.live(false)
	switch {
	case number == Latest && len(versions) > 0:
		versions = versions[len(versions)-1:]
	case number > 0:
		v := sub.find(number)
		if v == nil || v.deleted {
			return nil, errVersionNotFound(number)
		}
		versions = []*version{v}
	}
	if c.Text == "" {
		if verbose {
			return []string{errEmptySchema.Message}, nil
		}
		return nil, errEmptySchema
	}
	cfg := s.configInScope(subject)
	if last := sub.latest(); last != nil && c.Metadata == nil {
		c.Metadata = last.body.metadata()
	}
	p, err := r.prepare(s, subject, cfg, &c, normalize || isTrue(cfg.Normalize))
	if verbose && errors.As(err, &own) {
		return []string{own.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	return r.judge(s, subject, cfg, p, versions), nil
}
