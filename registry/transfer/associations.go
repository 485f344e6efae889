package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/client"
)

// association is an association in the shape of the API, and of a file. A Remote leaves GUID and times out, which are made anew with
// every association.
type association struct {
	Subject           string             `json:"subject"`
	GUID              string             `json:"guid,omitempty"`
	ResourceName      string             `json:"resourceName"`
	ResourceNamespace string             `json:"resourceNamespace"`
	ResourceID        string             `json:"resourceId,omitempty"`
	ResourceType      string             `json:"resourceType"`
	Type              string             `json:"associationType"`
	Lifecycle         registry.Lifecycle `json:"lifecycle"`
	Frozen            *bool              `json:"frozen,omitempty"` // nil: what the lifecycle implies
	Created           int64              `json:"createTs,omitempty"`
	Updated           int64              `json:"updateTs,omitempty"`
}

func (a *association) value() (*registry.Association, error) {
	if a.Subject == "" || a.ResourceName == "" || a.Lifecycle != registry.Strong && a.Lifecycle != registry.Weak {
		return nil, errors.New("it is no association: subject, resource or lifecycle is missing")
	}
	frozen := a.Lifecycle == registry.Strong
	if a.Frozen != nil {
		frozen = *a.Frozen
	}
	return &registry.Association{
		Subject: registry.Qualify(a.Subject).String(), GUID: a.GUID, ResourceName: a.ResourceName, ResourceNamespace: a.ResourceNamespace, ResourceID: a.ResourceID,
		ResourceType: a.ResourceType, Type: a.Type, Lifecycle: a.Lifecycle, Frozen: frozen, Created: a.Created, Updated: a.Updated,
	}, nil
}

func compareAssociations(a, b *registry.Association) int {
	return cmp.Or(cmp.Compare(a.ResourceName, b.ResourceName), cmp.Compare(a.ResourceNamespace, b.ResourceNamespace),
		cmp.Compare(a.ResourceType, b.ResourceType), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Subject, b.Subject))
}

func associationName(a *registry.Association) string {
	return fmt.Sprintf("the association of %q with the %s of %s %s", a.Subject, a.Type, a.ResourceType, a.ResourceName)
}

// associate plans the associations that the target lacks or has otherwise. Their GUIDs and times do not count.
func (p *plan) associate(want, have *Dump) {
	for _, a := range want.Associations {
		i, found := slices.BinarySearchFunc(have.Associations, a, compareAssociations)
		if !found || have.Associations[i].Lifecycle != a.Lifecycle || have.Associations[i].Frozen != a.Frozen || have.Associations[i].ResourceID != a.ResourceID {
			p.associations = append(p.associations, a)
		}
	}
}

// leave takes out of a plan the associations that something speaks against, and notes what.
func (p *plan) leave(why func(a *registry.Association) string) {
	p.associations = slices.DeleteFunc(p.associations, func(a *registry.Association) bool {
		reason := why(a)
		if reason != "" {
			p.left = append(p.left, associationName(a)+" "+reason+": left out")
		}
		return reason != ""
	})
}

// reduce implements Target: it leaves out the associations that no request makes, and those that the registry has no requests for.
// A STRONG one is made in mode IMPORT, for a subject that has its schemas.
func (r *Remote) reduce(ctx context.Context, p *plan, want, have *Dump) error {
	if len(p.associations) == 0 {
		return nil
	}
	if !have.associates {
		p.leave(func(*registry.Association) string { return "cannot be made, as the registry has no associations" })
		return nil
	}
	strong := slices.ContainsFunc(p.associations, func(a *registry.Association) bool { return a.Lifecycle == registry.Strong })
	if strong {
		// What the body lacks is refused, where the request is known.
		err := r.Client.Do(ctx, http.MethodPut, upsertPath(registry.AnyResource), nil, struct{}{}, nil)
		if err != nil && !refused(err) {
			return fmt.Errorf("asking whether STRONG associations can be made: %w", err)
		}
		strong = !unsupported(err)
	}
	referrers := map[string]string{} // by subject, one of the schemas that refer to it
	for _, d := range []*Dump{have, want} {
		for i := range d.Versions {
			v := &d.Versions[i]
			for _, ref := range v.Content.References {
				referrers[target(v.Subject, ref).subject] = keyOf(v).String()
			}
		}
	}
	p.leave(func(a *registry.Association) string {
		own := registry.Qualify(":." + a.ResourceNamespace + ":" + a.ResourceName + "-" + a.Type).String()
		by, referred := referrers[a.Subject]
		switch is := string(a.Lifecycle); {
		case a.ResourceID == "":
			return "has no id of its resource, without which the API makes none"
		case a.Frozen != (a.Lifecycle == registry.Strong):
			return fmt.Sprintf("is %s with frozen=%t, which the API does not make", is, a.Frozen)
		case a.Lifecycle != registry.Strong:
			return ""
		case !strong:
			return "is STRONG, and the registry has no request that makes it for a subject with schemas (PUT /associations/resources/{id})"
		case a.Subject != own:
			return fmt.Sprintf("is STRONG, which the API makes for the subject %q alone", own)
		case referred:
			return "is STRONG, which the API does not make while schemas refer to the subject, as " + by + " does"
		}
		return ""
	})
	return nil
}

// associations reads all associations; known says whether the registry has them.
func (r *Remote) associations(ctx context.Context) (out []*registry.Association, known bool, err error) {
	var list []association
	if err := r.get(ctx, "/associations/resources/"+registry.AnyResource+"/"+registry.AnyResource, nil, &list); err != nil {
		if absent(err) || unsupported(err) {
			return nil, !unsupported(err), nil
		}
		return nil, false, fmt.Errorf("listing associations: %w", err)
	}
	for i := range list {
		a, err := list[i].value()
		if err != nil {
			return nil, false, fmt.Errorf("listing associations: %w", err)
		}
		a.GUID, a.Created, a.Updated = "", 0, 0
		out = append(out, a)
	}
	return out, true, nil
}

func upsertPath(resource string) string {
	return "/associations/resources/" + client.PathSegment(resource)
}

// associateAll makes the associations of a plan, those of a resource one after the other. What the registry refuses is gathered.
func (r *Remote) associateAll(ctx context.Context, p *plan, have *Dump) error {
	var mu sync.Mutex
	var no []string
	tell := r.counter("associating", len(p.associations))
	g, gctx := r.group(ctx)
	for list := range resources(p.associations) {
		g.Go(func() error {
			for _, a := range list {
				err := r.associate(gctx, a, have)
				tell()
				switch {
				case err == nil:
				case !refused(err):
					return fmt.Errorf("making %s: %w", associationName(a), err)
				default:
					mu.Lock()
					no = append(no, fmt.Sprintf("%s (%s): %v", associationName(a), a.Lifecycle, err))
					mu.Unlock()
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if len(no) > 0 {
		slices.Sort(no)
		return &RefusedError{"the registry refuses", no}
	}
	return nil
}

// resources are runs of associations of one resource.
func resources(list []*registry.Association) iter.Seq[[]*registry.Association] {
	return func(yield func([]*registry.Association) bool) {
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].ResourceName == list[0].ResourceName && list[n].ResourceNamespace == list[0].ResourceNamespace {
				n++
			}
			if !yield(list[:n]) {
				return
			}
			list = list[n:]
		}
	}
}

// associate makes an association, or changes the one that is there.
func (r *Remote) associate(ctx context.Context, a *registry.Association, have *Dump) error {
	type op struct {
		Subject   string             `json:"subject"`
		Type      string             `json:"associationType"`
		Lifecycle registry.Lifecycle `json:"lifecycle"`
		Frozen    bool               `json:"frozen"`
	}
	method, path := http.MethodPost, "/associations"
	if _, there := slices.BinarySearchFunc(have.Associations, a, compareAssociations); there || a.Lifecycle == registry.Strong {
		method, path = http.MethodPut, upsertPath(a.ResourceID)
	}
	return r.Client.Do(ctx, method, path, nil, map[string]any{
		"resourceName": a.ResourceName, "resourceNamespace": a.ResourceNamespace, "resourceId": a.ResourceID, "resourceType": a.ResourceType,
		"associations": []op{{Subject: a.Subject, Type: a.Type, Lifecycle: a.Lifecycle, Frozen: a.Frozen}},
	}, nil)
}
