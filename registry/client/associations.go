package client

import (
	"context"
	"maps"
	"net/url"
)

// Association ties a subject to a resource, as a topic's values.
type Association struct {
	Subject           string `json:"subject"`
	GUID              string `json:"guid,omitempty"`
	ResourceName      string `json:"resourceName,omitempty"`
	ResourceNamespace string `json:"resourceNamespace,omitempty"`
	ResourceID        string `json:"resourceId,omitempty"`
	ResourceType      string `json:"resourceType,omitempty"`    // "topic"
	Type              string `json:"associationType,omitempty"` // "key" or "value"
	Lifecycle         string `json:"lifecycle,omitempty"`       // STRONG or WEAK
	Frozen            bool   `json:"frozen,omitempty"`
}

// AnyResource stands for every namespace or name in Associations.
const AnyResource = "-"

// Associated narrows what Associations and AssociationsOfSubject return.
type Associated struct {
	ResourceType string   // "": topic
	Types        []string // key, value; none: all
	Lifecycle    string   // "": all
}

func (a Associated) query() url.Values {
	q := texts("resourceType", a.ResourceType)
	maps.Copy(q, texts("lifecycle", a.Lifecycle))
	if len(a.Types) > 0 {
		q["associationType"] = a.Types
	}
	return q
}

// Associations returns what is tied to a resource by its name. namespace is the id of the topic's Kafka cluster.
func (c *Client) Associations(ctx context.Context, namespace, name string, a Associated) (out []Association, err error) {
	err = c.get(ctx, "/associations/resources/"+segment(namespace)+"/"+segment(name), a.query(), &out)
	return out, err
}

// AssociationsOfSubject returns what a subject is tied to.
func (c *Client) AssociationsOfSubject(ctx context.Context, subject string, a Associated) (out []Association, err error) {
	err = c.get(ctx, "/associations/subjects/"+segment(subject), a.query(), &out)
	return out, err
}

// NewAssociation is an association that is made. Schema is registered under the subject first, when it is set.
type NewAssociation struct {
	Subject   string
	Type      string // "": value
	Lifecycle string // "": the registry's default
	Frozen    bool
	Schema    *Schema
	Normalize bool
}

// Resource is what subjects are tied to. ID is its lasting id, which a topic that is deleted and made again does not keep.
type Resource struct {
	Name, Namespace, ID string
	Type                string // "": topic
}

type associationBody struct {
	Subject   string `json:"subject,omitempty"`
	Type      string `json:"associationType,omitempty"`
	Lifecycle string `json:"lifecycle,omitempty"`
	Frozen    bool   `json:"frozen,omitempty"`
	Schema    *body  `json:"schema,omitempty"`
	Normalize bool   `json:"normalize,omitempty"`
}

type resourceBody struct {
	Name         string            `json:"resourceName,omitempty"`
	Namespace    string            `json:"resourceNamespace,omitempty"`
	ID           string            `json:"resourceId,omitempty"`
	Type         string            `json:"resourceType,omitempty"`
	Associations []associationBody `json:"associations"`
}

// Associate ties subjects to a resource.
func (c *Client) Associate(ctx context.Context, r Resource, associations ...NewAssociation) error {
	b := resourceBody{Name: r.Name, Namespace: r.Namespace, ID: r.ID, Type: r.Type}
	for _, a := range associations {
		ab := associationBody{Subject: a.Subject, Type: a.Type, Lifecycle: a.Lifecycle, Frozen: a.Frozen, Normalize: a.Normalize}
		if a.Schema != nil {
			s := bodyOf(*a.Schema)
			ab.Schema = &s
		}
		b.Associations = append(b.Associations, ab)
	}
	err := c.call(ctx, request{method: "POST", path: "/associations", body: b, once: true}, nil)
	c.latest.clear()
	return err
}

// Dissociate takes associations of a resource away, all or those of the types. With cascade the subjects of strong ones are
// deleted.
func (c *Client) Dissociate(ctx context.Context, resourceID string, a Associated, cascade bool) error {
	q := a.query()
	maps.Copy(q, flags(map[string]bool{"cascadeLifecycle": cascade}))
	err := c.delete(ctx, "/associations/resources/"+segment(resourceID), q, nil)
	c.forgetVersions()
	return err
}
