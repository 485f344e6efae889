package registry

import (
	"errors"
	"slices"
)

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
	if verbose && errors.As(err, &own) && own.Code == CodeInvalidSchema && beginsAsDDL(c.Text) {
		return []string{own.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	r.mu.RLock()
	cfg := r.state.configInScope(subject)
	versions := r.state.subject(subject).live(false)
	r.mu.RUnlock() // versions never change, and comparing them takes time
	if len(versions) > 0 && c.Metadata == nil {
		c.Metadata = versions[len(versions)-1].body.metadata()
	}
	switch {
	case number == Latest && len(versions) > 0:
		versions = versions[len(versions)-1:]
	case number > 0:
		i, found := slices.BinarySearchFunc(versions, number, byNumber)
		if !found {
			return nil, errVersionNotFound(number)
		}
		versions = versions[i : i+1]
	}
	if c.Text == "" {
		if verbose {
			return []string{errEmptySchema.Message}, nil
		}
		return nil, errEmptySchema
	}
	p, err := r.prepare(r.referring, subject, cfg, &c, normalize || isTrue(cfg.Normalize))
	if verbose && errors.As(err, &own) {
		return []string{own.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	return r.judge(r.referring, subject, cfg, p, versions), nil
}
