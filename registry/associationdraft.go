package registry

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/compat/schema"
)

// associationDraft decides a change of associations on a state of its own, which each step's records change for the next.
type associationDraft struct {
	r    *Registry
	s    *state
	now  int64
	recs []Record

	allow AllowAssociation
}

func (d *associationDraft) write(recs ...Record) {
	for _, rec := range recs {
		rec.Time = d.now
		d.s.apply(-1, rec)
		d.recs = append(d.recs, rec)
	}
}

func (d *associationDraft) request(req *AssociationRequest) ([]AssociationInfo, error) {
	var infos []AssociationInfo
	changed := false
	for i := range req.Ops {
		op := &req.Ops[i]
		old, err := d.existing(req, op)
		if err != nil {
			return nil, err
		}
		if op.Kind == DeleteAssociation {
			if old == nil {
				return nil, errAssociationNotFound(cmp.Or(req.ResourceID, req.ResourceName))
			}
			if err := d.delete(old, op.Cascade); err != nil {
				return nil, err
			}
			continue
		}
		subject, does := req.subject(op), AssociationOnly
		if old != nil {
			subject = old.Subject
		}
		if op.Schema != nil {
			does = RegistersSchema
		}
		if err := d.allow(subject, does); err != nil {
			return nil, err
		}
		before := len(d.recs)
		put := d.create
		if old != nil {
			put = d.update
		}
		info, err := put(req, op, old)
		if err != nil {
			return nil, err
		}
		changed = changed || len(d.recs) > before
		infos = append(infos, info)
	}
	if changed {
		return infos, d.uniform(req)
	}
	return infos, nil
}

// existing returns the association of a resource and a type. A resource has one id and one name.
func (d *associationDraft) existing(req *AssociationRequest, op *AssociationOp) (*Association, error) {
	var found *Association
	for _, a := range d.ofResource(req) {
		switch {
		case a.ResourceName != req.ResourceName:
			return nil, errProperty("resourceName", "the resource '"+req.ResourceID+"' is named '"+a.ResourceName+"'")
		case a.ResourceNamespace != req.ResourceNamespace:
			return nil, errProperty("resourceNamespace", "the resource '"+req.ResourceID+"' is in namespace '"+a.ResourceNamespace+"'")
		case req.ResourceID != "" && a.ResourceID != req.ResourceID:
			return nil, errProperty("resourceId", "the resource '"+req.ResourceName+"' has id '"+a.ResourceID+"'")
		case a.Type == op.Type && (found == nil || a.Subject == req.subject(op)):
			found = a
		}
	}
	return found, nil
}

// ofResource returns the associations with the id or the names of a request's resource.
func (d *associationDraft) ofResource(req *AssociationRequest) []*Association {
	as := &d.s.associations
	list := as.named(req.ResourceNamespace, req.ResourceName)
	if req.ResourceID != "" {
		list = slices.Concat(as.byID.at(req.ResourceID), list)
	}
	return AssociationFilter{}.of(list)
}

// uniform refuses what leaves a resource with both lifecycles.
func (d *associationDraft) uniform(req *AssociationRequest) error {
	list := d.ofResource(req)
	for _, a := range list {
		if a.Lifecycle != list[0].Lifecycle {
			return errProperty("frozen", "all associations for a resource must be consistently frozen or non-frozen")
		}
	}
	return nil
}

func (d *associationDraft) create(req *AssociationRequest, op *AssociationOp, _ *Association) (AssociationInfo, error) {
	a := &Association{
		Subject: req.subject(op), GUID: randomGUID(), ResourceName: req.ResourceName, ResourceNamespace: req.ResourceNamespace,
		ResourceID: req.ResourceID, ResourceType: req.ResourceType, Type: op.Type, Lifecycle: cmp.Or(op.Lifecycle, Weak),
		Created: d.now, Updated: d.now,
	}
	a.Frozen = a.Lifecycle == Strong
	if err := checkSubject(a.Subject); err != nil {
		return AssociationInfo{}, err
	}
	imported := importing(d.s.modeInScope(a.Subject))
	if op.Kind == UpsertAssociation {
		switch {
		case op.Schema != nil:
			return AssociationInfo{}, errProperty("schema", "a schema can be provided only where an association is created, or is STRONG")
		case op.Frozen != nil && *op.Frozen != a.Frozen:
			return AssociationInfo{}, errFrozenState(a.Lifecycle, *op.Frozen)
		case a.Lifecycle == Strong && !imported:
			return AssociationInfo{}, errProperty("lifecycle", "a STRONG association cannot be created by an upsert")
		}
		if err := req.checkOwned(a.Subject, a.Type, a.Lifecycle); err != nil {
			return AssociationInfo{}, err
		}
	}
	sub := d.s.subject(a.Subject)
	switch {
	case op.Schema != nil && imported:
		return AssociationInfo{}, errProperty("schema", "cannot be provided in import mode")
	case op.Schema != nil && sub != nil:
		return AssociationInfo{}, errProperty("frozen", "cannot create a frozen association when schemas already exist in the subject")
	case op.Schema == nil && sub.latest() == nil:
		return AssociationInfo{}, errNoActiveVersion(a.Subject)
	}
	if err := d.s.writable(a.Subject); err != nil {
		return AssociationInfo{}, err
	}
	if a.Lifecycle == Strong && sub != nil {
		for _, v := range sub.versions { // deleted ones too: they may come back
			if err := d.s.unreferenced(v); err != nil {
				return AssociationInfo{}, err
			}
		}
	}
	if err := d.alone(a); err != nil {
		return AssociationInfo{}, err
	}
	if most := d.r.mostAssociations; d.s.associations.n >= most {
		return AssociationInfo{}, errorf(CodeTooManyAssociations, "A maximum of %d associations already exist", most)
	}
	return d.put(a, op)
}

// mayReferTo refuses references to subjects that are a topic's own: they go when the topic does.
func (s *state) mayReferTo(subject string, refs []schema.Reference) error {
	for _, ref := range refs {
		to := in(Qualify(subject).Context, ref.Subject)
		for _, a := range s.associations.bySubject.at(to) {
			if a.Lifecycle == Strong {
				return errorf(CodeOperationNotPermitted, "Subject '%s' has a strong association: schemas cannot refer to it", to)
			}
		}
	}
	return nil
}

// alone refuses an association with a subject that another one has for its own, or that is to be its own and is another's.
func (d *associationDraft) alone(a *Association) error {
	for _, o := range d.s.associations.bySubject.at(a.Subject) {
		switch {
		case o.key() == a.key():
		case a.Lifecycle == Strong:
			return errAssociated(a.Subject)
		case o.Lifecycle == Strong:
			return errStronglyAssociated(a.Subject)
		}
	}
	return nil
}

func errAssociationNotFound(resource string) *Error {
	return errorf(CodeAssociationNotFound, "Association for '%s' not found.", resource)
}

func errAssociated(subject string) *Error {
	return errorf(CodeAssociationForSubject, "An association already exists for subject '%s'", subject)
}

func errStronglyAssociated(subject string) *Error {
	return errorf(CodeStrongAssociationForSubject, "A strong association already exists for subject '%s'", subject)
}

// registration is how the schema of op is registered.
func (op *AssociationOp) registration() Registration {
	return Registration{Candidate: *op.Schema, Normalize: op.Normalize, Tags: op.Tags}
}

// put writes an association, after the schema that came with it.
func (d *associationDraft) put(a *Association, op *AssociationOp) (AssociationInfo, error) {
	info := AssociationInfo{Association: a, Shape: LookedUp}
	if op.Schema != nil {
		v, recs, err := d.r.register(d.s, a.Subject, op.registration())
		if err != nil {
			return info, err
		}
		info.Schema = &v
		d.write(recs...)
	}
	if old := d.s.associations.all.at(a.key()); old != a {
		d.write(a.record())
	}
	return info, nil
}

func (d *associationDraft) update(req *AssociationRequest, op *AssociationOp, old *Association) (AssociationInfo, error) {
	changed := *old
	changed.Lifecycle = cmp.Or(op.Lifecycle, old.Lifecycle)
	other := op.Subject != nil && *op.Subject != old.Subject
	refrozen := op.Frozen != nil && *op.Frozen != old.Frozen
	if op.Kind == CreateAssociation {
		info := AssociationInfo{Association: old, Shape: LookedUp}
		same := !other && !refrozen && changed.Lifecycle == old.Lifecycle
		if same && op.Schema != nil {
			reg, err := d.r.tagged(d.s, old.Subject, op.registration())
			if err != nil {
				return info, err
			}
			v, ok, err := d.r.registered(d.s, old.Subject, reg)
			if err != nil {
				return info, err
			}
			info.Schema, same = &v, ok
		}
		if !same {
			return info, errorf(CodeAssociationForResource, "An association of type '%s' already exists for resource '%s'", op.Type, cmp.Or(req.ResourceID, req.ResourceName))
		}
		return info, nil
	}
	moved := changed.Lifecycle != old.Lifecycle
	switch {
	case other:
		return AssociationInfo{}, errProperty("subject", "subject of association cannot be changed")
	case refrozen:
		return AssociationInfo{}, errProperty("frozen", "frozen attribute of association cannot be changed")
	case moved && old.Frozen:
		return AssociationInfo{}, errFrozen(old)
	case moved && old.Frozen != (changed.Lifecycle == Strong):
		return AssociationInfo{}, errFrozenState(changed.Lifecycle, old.Frozen)
	case op.Schema != nil && changed.Lifecycle == Weak:
		return AssociationInfo{}, errProperty("lifecycle", "cannot be WEAK when schema is provided")
	case op.Schema != nil && importing(d.s.modeInScope(old.Subject)):
		return AssociationInfo{}, errProperty("schema", "cannot be provided in import mode")
	case !moved:
		return d.put(old, op)
	}
	if err := d.s.writable(old.Subject); err != nil {
		return AssociationInfo{}, err
	}
	changed.Updated = d.now
	return d.put(&changed, op)
}

func errFrozen(a *Association) *Error {
	return errorf(CodeAssociationFrozen, "The association of type  '%s' is frozen for subject '%s'", a.Type, a.Subject)
}

// delete deletes an association, and with cascade the subject that is its resource's own.
func (d *associationDraft) delete(a *Association, cascade bool) error {
	does := AssociationOnly
	if cascade && a.Lifecycle == Strong {
		does = DeletesSubject
	}
	if err := d.allow(a.Subject, does); err != nil {
		return err
	}
	if a.Frozen && !cascade {
		return errFrozen(a)
	}
	if err := d.s.writable(a.Subject); err != nil {
		return err
	}
	d.write(a.key().record().tombstone())
	if does != DeletesSubject {
		return nil
	}
	if len(d.s.associations.bySubject.at(a.Subject)) > 0 {
		return errAssociated(a.Subject)
	}
	for _, permanent := range []bool{false, true} {
		sub := d.s.subject(a.Subject)
		if sub == nil || !permanent && sub.latest() == nil {
			continue
		}
		_, recs, err := d.s.deleteSubject(a.Subject, permanent)
		if err != nil {
			return err
		}
		d.write(recs...)
	}
	return nil
}

// unassociated refuses to delete a subject that has an association.
func (s *state) unassociated(subject string) error {
	if len(s.associations.bySubject.at(subject)) > 0 {
		return errAssociated(subject)
	}
	return nil
}

// expendable refuses to delete a version of a subject that is a resource's own, and the last one of a subject that has an
// association.
func (s *state) expendable(subject string) error {
	list := s.associations.bySubject.at(subject)
	for _, a := range list {
		if a.Lifecycle == Strong {
			return errStronglyAssociated(subject)
		}
	}
	if len(s.subject(subject).live(false)) == 1 {
		return s.unassociated(subject)
	}
	return nil
}
