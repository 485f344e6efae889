package registry

// Registered returns the version of a subject that a registration asks for when this node knows it. Otherwise, also where
// the registration edits tags or cannot be accepted, ok is false: whoever leads is to decide it.
func (r *Registry) Registered(subject string, reg Registration) (v Version, ok bool) {
	if reg.Tags.any() || checkSubject(subject) != nil {
		return Version{}, false
	}
	subject = canonicalSubject(subject)
	var err error
	if reg.Candidate, err = r.received(subject, reg.Candidate); err != nil {
		return Version{}, false
	}
	v, ok, err = r.known(subject, reg)
	return v, ok && err == nil
}

// Stopped is closed when the registry is closed, or can follow its log no longer: it takes no more writes then.
func (r *Registry) Stopped() <-chan struct{} { return r.stopped.Done() }
