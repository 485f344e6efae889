package registry

import (
	"context"
	"slices"
)

// DeleteSubject deletes all versions of a subject and returns them. A permanent deletion forgets versions that were deleted
// softly before.
func (r *Registry) DeleteSubject(ctx context.Context, subject string, permanent bool) ([]int, error) {
	subject = canonicalSubject(subject)
	var gone []int
	err := r.change(ctx, func(s *state) (recs []Record, err error) {
		gone, recs, err = s.deleteSubject(subject, permanent)
		if err == nil && !permanent {
			err = s.unassociated(subject)
		}
		return recs, err
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

func (s *state) deleteSubject(subject string, permanent bool) ([]int, []Record, error) {
	sub := s.subject(subject)
	if sub == nil {
		return nil, nil, errSubjectNotFound(subject)
	}
	live := sub.live(false)
	switch {
	case !permanent && len(live) == 0:
		return nil, nil, errorf(CodeSubjectSoftDeleted, "Subject '%s' was soft deleted.Set permanent=true to delete permanently", subject)
	case permanent && len(live) > 0:
		return nil, nil, errorf(CodeSubjectNotSoftDeleted, "Subject '%s' was not deleted first before being permanently deleted", subject)
	}
	if err := s.writable(subject); err != nil {
		return nil, nil, err
	}
	going := live
	if permanent {
		going = sub.versions
	}
	var gone []int
	for _, v := range going {
		if err := s.unreferenced(v); err != nil {
			return nil, nil, err
		}
		gone = append(gone, v.number)
	}
	if !permanent {
		return gone, []Record{deleteSubjectRecord(subject, gone[len(gone)-1])}, nil
	}
	var recs []Record
	for _, v := range slices.Backward(going) {
		recs = append(recs, recordKey{Type: keySchema, Subject: subject, Version: v.number}.tombstone())
	}
	return gone, append(recs, s.forget(subject)...), nil
}

// forget returns the records that delete what is configured for a subject.
func (s *state) forget(subject string) []Record {
	var recs []Record
	if s.modes.at(subject) != "" {
		recs = append(recs, recordKey{Type: keyMode, Subject: subject}.tombstone())
	}
	if s.configs.at(subject) != nil {
		recs = append(recs, recordKey{Type: keyConfig, Subject: subject}.tombstone())
	}
	return recs
}

// DeleteVersion deletes one version, which may be Latest, and returns its number.
func (r *Registry) DeleteVersion(ctx context.Context, subject string, number int, permanent bool) (int, error) {
	subject = canonicalSubject(subject)
	var gone int
	err := r.change(ctx, func(s *state) (recs []Record, err error) {
		gone, recs, err = s.deleteVersion(subject, number, permanent)
		if err == nil && !permanent {
			err = s.expendable(subject)
		}
		return recs, err
	})
	if err != nil {
		return 0, err
	}
	return gone, nil
}

func (s *state) deleteVersion(subject string, number int, permanent bool) (int, []Record, error) {
	sub := s.subject(subject)
	if sub == nil {
		return 0, nil, errSubjectNotFound(subject)
	}
	v := sub.find(number)
	if number == Latest {
		if v = sub.latest(); v == nil {
			return 0, nil, errNoActiveVersion(subject)
		}
	}
	switch {
	case v == nil:
		return 0, nil, errVersionNotFound(number)
	case !permanent && v.deleted:
		return 0, nil, errorf(CodeVersionSoftDeleted, "Subject '%s' Version %d was soft deleted.Set permanent=true to delete permanently", subject, v.number)
	case permanent && !v.deleted:
		return 0, nil, errorf(CodeVersionNotSoftDeleted, "Subject '%s' Version %d was not deleted first before being permanently deleted", subject, v.number)
	}
	if err := s.writable(subject); err != nil {
		return 0, nil, err
	}
	if err := s.unreferenced(v); err != nil {
		return 0, nil, err
	}
	if !permanent {
		return v.number, []Record{schemaRecord(subject, v.number, v.id, v.body.content(), true)}, nil
	}
	recs := []Record{recordKey{Type: keySchema, Subject: subject, Version: v.number}.tombstone()}
	if len(sub.versions) == 1 {
		recs = append(recs, s.forget(subject)...)
	}
	return v.number, recs, nil
}

// writable refuses changes where the mode is read-only.
func (s *state) writable(subject string) error {
	if m := s.modeInScope(subject); m == ReadOnly || m == ReadOnlyOverride {
		return mayRegister(subject, m, false)
	}
	return nil
}

// unreferenced refuses to delete what a schema, deleted or not, refers to.
func (s *state) unreferenced(v *version) error {
	if s.referrers(versionKey{v.subject, v.number}) == 0 {
		return nil
	}
	return errorf(CodeReferenceExists, "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=%s,version=%d}.", v.subject, v.number)
}
