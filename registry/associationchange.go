package registry

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// AssociationOpKind is what an AssociationOp does. Its text is Confluent's.
type AssociationOpKind string

// The kinds of operations.
const (
	CreateAssociation AssociationOpKind = "CREATE" // refused where there is another; nothing where there is the same
	UpsertAssociation AssociationOpKind = "UPSERT" // changes the one that is there
	DeleteAssociation AssociationOpKind = "DELETE"
)

// AssociationOp creates, changes or deletes one association of a resource.
type AssociationOp struct {
	Kind AssociationOpKind
	Type string // KeyAssociation or, where empty, ValueAssociation
	// What follows is for creating and changing. A Subject of nil is the one that Subject names after the resource, or that of
	// the association that is there.
	Subject   *string
	Lifecycle Lifecycle // "": as it is; of a new one by Schema
	Frozen    *bool
	Schema    *Candidate // registered under the subject, in the same write
	Normalize bool       // the schema
	Tags      TagChange  // of the schema
	Cascade   bool       // for deleting: the subject of a STRONG association too, for good
}

// AssociationRequest is operations on one resource: all of them are done, or none.
type AssociationRequest struct {
	ResourceName, ResourceNamespace, ResourceID, ResourceType string
	Ops                                                       []AssociationOp
	Context                                                   string // of subjects that name none; "" is the default one
	DryRun                                                    bool   // check and answer, but write nothing; the id may be missing
	Allow                                                     AllowAssociation
}

// AllowAssociation is asked before a request makes, changes or deletes an association with a subject, registers a schema under it,
// or deletes it for good. An error refuses the request. It is asked while the write is decided, maybe more than once: it must
// not block. Nil allows everything.
type AllowAssociation func(subject string, does AssociationEffect) error

// AssociationEffect is what a request does to a subject beside its association.
type AssociationEffect uint8

// The effects.
const (
	AssociationOnly AssociationEffect = iota
	RegistersSchema
	DeletesSubject
)

// AssociationRemoval is a request to delete the associations of a resource that the filter has.
type AssociationRemoval struct {
	ResourceID string
	AssociationFilter
	Cascade bool // delete the subjects of STRONG associations too, for good
	DryRun  bool
	Allow   AllowAssociation
}

// AssociationResult is a resource with associations.
type AssociationResult struct {
	ResourceName, ResourceNamespace, ResourceID, ResourceType string
	Associations                                              []AssociationInfo
}

// AssociationInfo is an association in an AssociationResult.
type AssociationInfo struct {
	*Association
	Schema *Version // nil: not asked for
	Shape  Shape    // of Schema
}

// AppendJSON appends the result as the API answers it.
func (res *AssociationResult) AppendJSON(b []byte) []byte {
	o := newObject(b)
	o.nonEmpty("resourceName", res.ResourceName)
	o.nonEmpty("resourceNamespace", res.ResourceNamespace)
	o.nonEmpty("resourceId", res.ResourceID)
	o.nonEmpty("resourceType", res.ResourceType)
	if len(res.Associations) == 0 {
		return o.end()
	}
	b = append(o.key("associations").b, '[')
	for i, info := range res.Associations {
		if i > 0 {
			b = append(b, ',')
		}
		e := newObject(b)
		e.string("subject", info.Subject)
		e.string("associationType", info.Type)
		appendLifecycle(e, info.Lifecycle, info.Frozen)
		if info.Schema != nil {
			e.key("schema").b = info.Schema.AppendJSON(e.b, info.Shape)
		}
		b = e.end()
	}
	o.b = append(b, ']')
	return o.end()
}

// ChangeAssociations does what a request says and returns the associations that it made, changed or found to be as wanted.
func (r *Registry) ChangeAssociations(ctx context.Context, req AssociationRequest) (AssociationResult, error) {
	req.Ops = slices.Clone(req.Ops)
	if err := req.complete(); err != nil {
		return AssociationResult{}, err
	}
	for i := range req.Ops {
		if op := &req.Ops[i]; op.Schema != nil {
			if req.Allow != nil && beginsAsDDL(op.Schema.Text) { // what becomes of it says something about what it refers to
				if err := req.Allow(req.subject(op), RegistersSchema); err != nil {
					return AssociationResult{}, err
				}
			}
			c, err := r.received(req.subject(op), *op.Schema)
			if err != nil {
				return AssociationResult{}, err
			}
			op.Schema = &c
		}
	}
	var out AssociationResult
	err := r.changeAssociations(ctx, req.DryRun, req.Allow, func(d *associationDraft) error {
		out = AssociationResult{req.ResourceName, req.ResourceNamespace, req.ResourceID, req.ResourceType, nil}
		infos, err := d.request(&req)
		out.Associations = infos
		return err
	})
	if err != nil {
		return AssociationResult{}, err
	}
	return out, nil
}

// DeleteAssociations deletes associations of a resource.
func (r *Registry) DeleteAssociations(ctx context.Context, req AssociationRemoval) error {
	if req.ResourceType != "" && req.ResourceType != TopicResource {
		return errProperty("resourceType", "must be '"+TopicResource+"'")
	}
	for _, t := range req.Types {
		if err := checkAssociationType(t); err != nil {
			return err
		}
	}
	return r.changeAssociations(ctx, req.DryRun, req.Allow, func(d *associationDraft) error {
		found := req.of(d.s.associations.byID.at(req.ResourceID))
		if len(found) == 0 {
			return errAssociationNotFound(req.ResourceID)
		}
		for _, a := range found {
			if err := d.delete(a, req.Cascade); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Registry) changeAssociations(ctx context.Context, dryRun bool, allow AllowAssociation, decide func(*associationDraft) error) error {
	if allow == nil {
		allow = func(string, AssociationEffect) error { return nil }
	}
	return r.change(ctx, func(s *state) ([]Record, error) {
		d := &associationDraft{r: r, s: s.draft(), now: time.Now().UnixMilli(), allow: allow}
		if err := decide(d); err != nil {
			return nil, err
		}
		if dryRun {
			return nil, r.fit(d.recs)
		}
		return d.recs, nil
	})
}

// AssociationsOf answers a question for a resource: by its id where the question has one, by its names otherwise. schemas adds
// the latest version of each subject.
func (r *Registry) AssociationsOf(q AssociationResult, f AssociationFilter, schemas bool) (AssociationResult, error) {
	f.ResourceType = cmp.Or(q.ResourceType, TopicResource)
	q.ResourceType = f.ResourceType
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := r.state
	var found []*Association
	switch {
	case q.ResourceID != "":
		found = f.of(s.associations.byID.at(q.ResourceID))
	case q.ResourceName == "":
		return q, errProperty("resourceName", "cannot be null or empty")
	case q.ResourceNamespace == "":
		return q, errProperty("resourceNamespace", "cannot be null or empty")
	default:
		found = f.of(s.associations.named(q.ResourceNamespace, q.ResourceName))
	}
	for i, a := range found {
		if i == 0 {
			q.ResourceName, q.ResourceNamespace, q.ResourceID = a.ResourceName, a.ResourceNamespace, a.ResourceID
		}
		if a.ResourceName != q.ResourceName || a.ResourceNamespace != q.ResourceNamespace || a.ResourceID != q.ResourceID {
			continue // one result is about one resource
		}
		info := AssociationInfo{Association: a}
		if v := s.subject(a.Subject).latest(); v != nil && schemas {
			latest := v.answer()
			info.Schema, info.Shape = &latest, Whole
		}
		q.Associations = append(q.Associations, info)
	}
	return q, nil
}
