package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

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

// associate plans the associations that the target lacks or has otherwise. Their GUIDs and times do not count. A STRONG one comes
// over the API only with the first schema of its subject, which would be given an id: it is left out unless the target is a log.
func (p *plan) associate(want, have *Dump, log bool) {
	for _, a := range want.Associations {
		i, found := slices.BinarySearchFunc(have.Associations, a, compareAssociations)
		switch {
		case found && have.Associations[i].Lifecycle == a.Lifecycle && have.Associations[i].Frozen == a.Frozen && have.Associations[i].ResourceID == a.ResourceID:
		case a.Lifecycle == registry.Strong && !log:
			p.left = append(p.left, associationName(a)+" is STRONG, which the API makes only with the first schema of a subject: left out")
		default:
			p.associations = append(p.associations, a)
		}
	}
}

// associations reads all associations, where the registry has them.
func (r *Remote) associations(ctx context.Context) ([]*registry.Association, error) {
	var list []association
	if err := r.get(ctx, "/associations/resources/"+registry.AnyResource+"/"+registry.AnyResource, nil, &list); err != nil {
		if absent(err) || unsupported(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("listing associations: %w", err)
	}
	var out []*registry.Association
	for i := range list {
		a, err := list[i].value()
		if err != nil {
			return nil, fmt.Errorf("listing associations: %w", err)
		}
		a.GUID, a.Created, a.Updated = "", 0, 0
		out = append(out, a)
	}
	return out, nil
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
	if _, there := slices.BinarySearchFunc(have.Associations, a, compareAssociations); there {
		method, path = http.MethodPut, "/associations/resources/"+client.PathSegment(a.ResourceID)
	}
	return r.Client.Do(ctx, method, path, nil, map[string]any{
		"resourceName": a.ResourceName, "resourceNamespace": a.ResourceNamespace, "resourceId": a.ResourceID, "resourceType": a.ResourceType,
		"associations": []op{{Subject: a.Subject, Type: a.Type, Lifecycle: a.Lifecycle, Frozen: a.Frozen}},
	}, nil)
}
