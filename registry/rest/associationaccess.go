package rest

import (
	"slices"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// associating does a change of associations when the caller may do all of it to the subjects that it touches. With an audit log it is tried
// first, so that what it is about to do is noted before it is done.
func (c *call) associating(ops []registry.AssociationOp, dryRun bool, change func(dryRun bool, allow registry.AllowAssociation) error) error {
	if c.who == nil && c.o.Audit == nil {
		return change(dryRun, nil)
	}
	var touched []need
	var refused *need
	// It is called while the write is decided, and must not wait: what it finds is noted afterwards.
	allow := func(subject string, does registry.AssociationEffect) error {
		for _, n := range associationNeeds(subject, does, ops) {
			if !c.may(n.verb, n.subject) {
				refused = &n
				return c.denial(n.verb, n.subject, "Subject: "+subjectName(n.subject))
			}
			if !slices.Contains(touched, n) {
				touched = append(touched, n)
			}
		}
		return nil
	}
	if c.o.Audit != nil && !dryRun {
		if err := change(true, allow); err == nil {
			for _, n := range touched {
				if n.verb.Changes() {
					if err := c.note(n.verb.String(), n.subject, access.Allowed, ""); err != nil {
						return err
					}
				}
			}
		}
		refused = nil // the change itself meets it again
	}
	err := change(dryRun, allow)
	if refused != nil {
		_ = c.note(refused.verb.String(), refused.subject, access.Denied, "") // what is denied is denied
	}
	for _, n := range touched {
		if n.verb != access.Register {
			continue
		}
		for _, op := range ops {
			if op.Schema != nil {
				err = c.withoutDetails(err, n.subject, *op.Schema)
			}
		}
	}
	return err
}

// associationNeeds is what a change of associations needs on a subject that it touches.
func associationNeeds(subject string, does registry.AssociationEffect, ops []registry.AssociationOp) []need {
	out := []need{{access.AssociationWrite, subject}}
	switch does {
	case registry.DeletesSubject:
		out = append(out, need{access.PermanentDelete, subject})
	case registry.RegistersSchema:
		out = append(out, need{access.Register, subject})
		for _, op := range ops {
			if op.Schema == nil {
				continue
			}
			if op.Schema.HasID {
				out = append(out, need{access.Import, subject})
			}
			for _, r := range op.Schema.References {
				out = append(out, need{access.Read, referred(subject, r.Subject)})
			}
		}
	}
	return out
}

// mayAssociated reports whether the caller may read the associations of a subject.
func (c *call) mayAssociated(a *registry.Association) bool {
	return c.may(access.AssociationRead, a.Subject)
}

// associated returns those of associations that the caller may read.
func (c *call) associated(list []*registry.Association) []*registry.Association {
	if c.who.MayEverywhere(access.AssociationRead) {
		return list
	}
	out := make([]*registry.Association, 0, len(list))
	for _, a := range list {
		if c.mayAssociated(a) {
			out = append(out, a)
		}
	}
	return out
}

// showing takes out of an answer what the caller may not read: associations where all says so, and schemas. What was asked for
// is left where no association is.
func (c *call) showing(res, asked registry.AssociationResult, all bool) registry.AssociationResult {
	if c.who == nil {
		return res
	}
	had := len(res.Associations)
	var out []registry.AssociationInfo
	for _, info := range res.Associations {
		if all && !c.mayAssociated(info.Association) {
			continue
		}
		if info.Schema != nil && !c.may(access.Read, info.Subject) {
			info.Schema = nil
		}
		out = append(out, info)
	}
	if res.Associations = out; len(out) == 0 && had > 0 {
		asked.ResourceType, asked.Associations = res.ResourceType, nil
		return asked
	}
	return res
}
