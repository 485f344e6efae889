package rest

import (
	"strings"

	"github.com/millrace/millrace/registry"
)

// bindResource reads the members that name a resource.
func bindResource(v *value, name, namespace, id, typ *string) error {
	for _, m := range []struct {
		name string
		to   *string
	}{{"resourceName", name}, {"resourceNamespace", namespace}, {"resourceId", id}, {"resourceType", typ}} {
		s, err := bindString(v.get(m.name))
		if err != nil {
			return err
		}
		if s != nil {
			*m.to = *s
		}
	}
	return nil
}

// bindElements calls each for the objects of an array of class, which must not hold null.
func bindElements(v *value, class string, each func(*value) error) error {
	return bindList(v, class, func(e *value) error {
		if isNull(e) {
			return bad("A list of `%s` must not hold null", class)
		}
		if err := wantObject(e, class, class); err != nil {
			return err
		}
		return each(e)
	})
}

// bindAssociationRequest reads an AssociationCreateOrUpdateRequest, whose associations are all meant for kind, or with "" an
// AssociationOpRequest, whose operations say what they are.
func bindAssociationRequest(v *value, kind registry.AssociationOpKind) (req registry.AssociationRequest, err error) {
	if err = bindResource(v, &req.ResourceName, &req.ResourceNamespace, &req.ResourceID, &req.ResourceType); err != nil {
		return req, err
	}
	class := "AssociationOp"
	if kind != "" {
		class = "AssociationCreateOrUpdateInfo"
	}
	err = bindElements(v.get("associations"), class, func(e *value) error {
		own := kind
		if kind == "" {
			var err error
			if own, err = bindOpType(e.get("opType")); err != nil {
				return err
			}
		}
		op, err := bindAssociationOp(e, own)
		req.Ops = append(req.Ops, op)
		return err
	})
	return req, err
}

// opTypes are the operations in the order in which Jackson lists them.
var opTypes = []string{string(registry.CreateAssociation), string(registry.DeleteAssociation), string(registry.UpsertAssociation)}

func bindOpType(v *value) (registry.AssociationOpKind, error) {
	s, err := bindString(v)
	if err != nil {
		return "", err
	}
	if s == nil {
		return "", bad("Could not resolve subtype of [simple type, class AssociationOp]: missing type id property 'opType' (for POJO property 'associations')")
	}
	for _, t := range opTypes {
		if t == *s {
			return registry.AssociationOpKind(t), nil
		}
	}
	return "", bad("Could not resolve type id '%s' as a subtype of `AssociationOp`: known type ids = [%s] (for POJO property 'associations')", *s, strings.Join(opTypes, ", "))
}

func bindAssociationOp(v *value, kind registry.AssociationOpKind) (op registry.AssociationOp, err error) {
	op.Kind = kind
	typ, err := bindString(v.get("associationType"))
	if err != nil {
		return op, err
	}
	if typ != nil {
		op.Type = *typ
	}
	if kind == registry.DeleteAssociation {
		cascade, err := bindBool(v.get("cascadeLifecycle"))
		op.Cascade = cascade != nil && *cascade
		return op, err
	}
	if op.Subject, err = bindString(v.get("subject")); err != nil {
		return op, err
	}
	lifecycle, err := bindEnum(v.get("lifecycle"), "LifecyclePolicy", registry.Lifecycles)
	if err != nil {
		return op, err
	}
	op.Lifecycle = registry.Lifecycle(lifecycle)
	if op.Frozen, err = bindBool(v.get("frozen")); err != nil {
		return op, err
	}
	normalize, err := bindBool(v.get("normalize"))
	if err != nil {
		return op, err
	}
	op.Normalize = normalize != nil && *normalize
	s := v.get("schema")
	if isNull(s) {
		return op, nil
	}
	if err := wantObject(s, registerRequest, registerRequest); err != nil {
		return op, err
	}
	cand, tags, err := bindCandidate(s)
	op.Schema, op.Tags = &cand, tags
	return op, err
}

// bindAssociationRequests reads an AssociationBatchRequest.
func bindAssociationRequests(v *value) (reqs []registry.AssociationRequest, err error) {
	err = bindElements(v.get("requests"), "AssociationOpRequest", func(e *value) error {
		req, err := bindAssociationRequest(e, "")
		reqs = append(reqs, req)
		return err
	})
	return reqs, err
}

// associationQuery is a question for a resource, and for which of its associations.
type associationQuery struct {
	registry.AssociationResult
	registry.AssociationFilter
}

// bindAssociationQueries reads an AssociationBatchGetRequest.
func bindAssociationQueries(v *value) (queries []associationQuery, err error) {
	err = bindElements(v.get("requests"), "AssociationGetRequest", func(e *value) error {
		var q associationQuery
		res := &q.AssociationResult
		if err := bindResource(e, &res.ResourceName, &res.ResourceNamespace, &res.ResourceID, &res.ResourceType); err != nil {
			return err
		}
		err := bindList(e.get("associationTypes"), "String", func(t *value) error {
			s, err := bindString(t)
			if s != nil {
				q.Types = append(q.Types, *s)
			}
			return err
		})
		if err != nil {
			return err
		}
		lifecycle, err := bindEnum(e.get("lifecycle"), "LifecyclePolicy", registry.Lifecycles)
		if lifecycle != "" {
			q.Lifecycles = []registry.Lifecycle{registry.Lifecycle(lifecycle)}
		}
		queries = append(queries, q)
		return err
	})
	return queries, err
}
