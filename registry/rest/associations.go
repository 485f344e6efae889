package rest

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/registry"
)

// lifecycles reads the lifecycles that a query asks for; none is the name for having no association where a query may ask for
// that. Jersey answers 404 to what is not of its enum.
func (c *call) lifecycles(none string) (list []registry.Lifecycle, without bool, err error) {
	for _, s := range c.q["lifecycle"] {
		switch {
		case s == "":
		case none != "" && s == none:
			without = true
		case slices.Contains(registry.Lifecycles, s):
			list = append(list, registry.Lifecycle(s))
		default:
			return nil, false, &httpError{http.StatusNotFound, ""}
		}
	}
	return list, without, nil
}

// associationTypes are those that a query asks for.
func (c *call) associationTypes() []string {
	return slices.DeleteFunc(slices.Clone(c.q["associationType"]), func(s string) bool { return s == "" })
}

// subjectAssociations is which subjects a listing of schemas asks for by their associations; nil where it does not.
func (c *call) subjectAssociations() (*registry.SubjectAssociations, error) {
	list, without, err := c.lifecycles("NONE")
	if err != nil {
		return nil, err
	}
	f := &registry.SubjectAssociations{None: without}
	f.ResourceType, f.Types, f.Lifecycles = c.q.Get("resourceType"), c.associationTypes(), list
	if f.ResourceType == "" && len(f.Types) == 0 && len(f.Lifecycles) == 0 && !without {
		return nil, nil
	}
	return f, nil
}

// associations answers with what find gives for the query's filter.
func (c *call) associations(find func(registry.AssociationFilter) []*registry.Association) error {
	list, _, err := c.lifecycles("")
	if err != nil {
		return err
	}
	f := registry.AssociationFilter{ResourceType: c.q.Get("resourceType"), Types: c.associationTypes(), Lifecycles: list[:min(len(list), 1)]}
	found, err := page(c, c.associated(find(f)), unbounded)
	if err != nil {
		return err
	}
	return c.bytes(registry.AppendAssociations(nil, found))
}

func listAssociationsOfSubject(c *call) error {
	return c.associations(func(f registry.AssociationFilter) []*registry.Association {
		return c.reg.AssociationsOfSubject(c.params[0], f)
	})
}

func listAssociationsOfResource(c *call) error {
	return c.associations(func(f registry.AssociationFilter) []*registry.Association {
		return c.reg.AssociationsOfID(c.params[0], f)
	})
}

func listAssociationsNamed(c *call) error {
	return c.associations(func(f registry.AssociationFilter) []*registry.Association {
		return c.reg.AssociationsNamed(c.params[0], c.params[1], f)
	})
}

// context is the context of subjects in the body that name none.
func (c *call) context() (string, error) {
	given := c.q.Get("context")
	ctx := strings.Trim(given, ":")
	if strings.Contains(ctx, ":") {
		return "", &httpError{http.StatusBadRequest, "Context name cannot contain a colon: " + given}
	}
	if ctx != "" && !strings.HasPrefix(ctx, ".") {
		ctx = "." + ctx
	}
	return ctx, nil
}

func createAssociations(c *call) error {
	return c.changeAssociations("createAssociation.request", registry.CreateAssociation)
}

func putAssociations(c *call) error {
	return c.changeAssociations("createOrUpdateAssociation.request", registry.UpsertAssociation)
}

// changeAssociations does the same to all associations of the body.
func (c *call) changeAssociations(what string, kind registry.AssociationOpKind) error {
	v, err := c.body("AssociationCreateOrUpdateRequest", what)
	if err != nil {
		return err
	}
	req, err := bindAssociationRequest(v, kind)
	if err != nil {
		return err
	}
	if len(c.params) > 0 {
		if req.ResourceID != "" && req.ResourceID != c.params[0] {
			return &registry.Error{Code: registry.CodeInvalidAssociation, Message: "The association specified an invalid value for property: 'resourceId', detail: does not match the path"}
		}
		req.ResourceID = c.params[0]
	}
	if req.Context, err = c.context(); err != nil {
		return err
	}
	res, err := c.doAssociations(req)
	if err != nil {
		return err
	}
	return c.bytes(res.AppendJSON(nil))
}

// doAssociations does a request where the caller may.
func (c *call) doAssociations(req registry.AssociationRequest) (res registry.AssociationResult, err error) {
	err = c.associating(req.Ops, c.flag("dryRun"), func(dryRun bool, allow registry.AllowAssociation) error {
		req.DryRun, req.Allow = dryRun, allow
		res, err = c.reg.ChangeAssociations(c.r.Context(), req)
		return err
	})
	return c.showing(res, registry.AssociationResult{}, false), err
}

func deleteAssociations(c *call) error {
	err := c.associating(nil, c.flag("dryRun"), func(dryRun bool, allow registry.AllowAssociation) error {
		return c.reg.DeleteAssociations(c.r.Context(), registry.AssociationRemoval{
			ResourceID: c.params[0], AssociationFilter: registry.AssociationFilter{ResourceType: c.q.Get("resourceType"), Types: c.associationTypes()},
			Cascade: c.flag("cascadeLifecycle"), DryRun: dryRun, Allow: allow,
		})
	})
	if err != nil {
		return err
	}
	c.w.Header()["Content-Type"] = nil
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// results answers with what each of n requests came to. A request that is refused does not keep others from being done.
func (c *call) results(n int, do func(i int) (registry.AssociationResult, error)) error {
	b := []byte(`{`)
	for i := range n {
		if i == 0 {
			b = append(b, `"results":[`...)
		} else {
			b = append(b, ',')
		}
		res, err := do(i)
		if err != nil {
			b = append(appendError(append(b, `{"error":`...), c.refusal(err)), '}')
			continue
		}
		b = append(res.AppendJSON(append(b, `{"result":`...)), '}')
	}
	if n > 0 {
		b = append(b, ']')
	}
	return c.status(http.StatusMultiStatus, append(b, '}'))
}

// status answers with a body and a status of its own.
func (c *call) status(status int, b []byte) error {
	h := c.w.Header()
	h["Content-Type"] = mediaTypes[c.typ]
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b)
	return nil
}

func batchGetAssociations(c *call) error {
	v, err := c.body("AssociationBatchGetRequest", "batchGetAssociations.request")
	if err != nil {
		return err
	}
	queries, err := bindAssociationQueries(v)
	if err != nil {
		return err
	}
	schemas := c.flag("includeSchemas")
	return c.results(len(queries), func(i int) (registry.AssociationResult, error) {
		res, err := c.reg.AssociationsOf(queries[i].AssociationResult, queries[i].AssociationFilter, schemas)
		return c.showing(res, queries[i].AssociationResult, true), err
	})
}

func batchMutateAssociations(c *call) error {
	v, err := c.body("AssociationBatchRequest", "mutateAssociations.request")
	if err != nil {
		return err
	}
	reqs, err := bindAssociationRequests(v)
	if err != nil {
		return err
	}
	ctx, err := c.context()
	if err != nil {
		return err
	}
	return c.results(len(reqs), func(i int) (registry.AssociationResult, error) {
		reqs[i].Context = ctx
		return c.doAssociations(reqs[i])
	})
}

// refusal is an error in the registry's terms; what is none of them is the server's fault, and logged.
func (c *call) refusal(err error) *registry.Error {
	var refused *registry.Error
	if errors.As(err, &refused) && refused.Code < 50000 {
		return refused
	}
	c.o.Log.Error("answering", "method", c.r.Method, "path", clipped(c.r.URL.EscapedPath()), "error", err)
	if refused != nil {
		return refused
	}
	return &registry.Error{Code: registry.CodeStore, Message: "Error in the backend data store"}
}
