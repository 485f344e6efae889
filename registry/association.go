package registry

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"iter"
	"slices"
)

// Lifecycle says what an association is to its subject: a STRONG one makes the subject the resource's own, which alone it then
// is for and which goes with it; a WEAK one leaves the subject to itself and to others.
type Lifecycle string

// The lifecycles.
const (
	Strong Lifecycle = "STRONG"
	Weak   Lifecycle = "WEAK"
)

// Lifecycles are the names of the lifecycles in the order of Confluent's enum.
var Lifecycles = []string{string(Strong), string(Weak)}

// The only kind of resource, and what of its messages a subject may be for.
const (
	TopicResource    = "topic"
	KeyAssociation   = "key"
	ValueAssociation = "value"
)

// AnyResource stands for every name, or every namespace, of a resource.
const AnyResource = "-"

// Association says that the keys or the values of a topic have the schemas of a subject.
type Association struct {
	Subject           string // qualified
	GUID              string // made with the association
	ResourceName      string // the topic
	ResourceNamespace string // the topic's cluster
	ResourceID        string // of this topic alone, also after one of the same name
	ResourceType      string // TopicResource
	Type              string // KeyAssociation or ValueAssociation
	Lifecycle         Lifecycle
	Frozen            bool
	// Created and Updated are milliseconds since 1970, 0 when not known. Updated is the time of the record.
	Created, Updated int64
}

// associationKey is what an association is one of: the key of its record.
type associationKey struct{ name, namespace, resourceType, associationType, subject string }

func (a *Association) key() associationKey {
	return associationKey{a.ResourceName, a.ResourceNamespace, a.ResourceType, a.Type, a.Subject}
}

// compareAssociations is the order of answers, which is that of Confluent's Association.compareTo.
func compareAssociations(a, b *Association) int {
	return cmp.Or(
		cmp.Compare(a.ResourceName, b.ResourceName), cmp.Compare(a.ResourceNamespace, b.ResourceNamespace),
		cmp.Compare(a.ResourceType, b.ResourceType), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Subject, b.Subject),
	)
}

// AppendJSON appends the association as the API answers it. Frozen is left out where it is what the lifecycle implies.
func (a *Association) AppendJSON(b []byte) []byte {
	o := newObject(b)
	o.string("subject", a.Subject)
	o.nonEmpty("guid", a.GUID)
	o.nonEmpty("resourceName", a.ResourceName)
	o.nonEmpty("resourceNamespace", a.ResourceNamespace)
	o.nonEmpty("resourceId", a.ResourceID)
	o.nonEmpty("resourceType", a.ResourceType)
	o.nonEmpty("associationType", a.Type)
	appendLifecycle(o, a.Lifecycle, a.Frozen)
	if a.Created != 0 {
		o.int("createTs", a.Created)
	}
	if a.Updated != 0 {
		o.int("updateTs", a.Updated)
	}
	return o.end()
}

func appendLifecycle(o *object, l Lifecycle, frozen bool) {
	o.string("lifecycle", string(l))
	if frozen != (l == Strong) {
		o.bool("frozen", frozen)
	}
}

func (k associationKey) record() recordKey {
	return recordKey{
		Type: keyAssociation, Tenant: tenant, Subject: k.subject, ResourceName: k.name, ResourceNamespace: k.namespace,
		ResourceType: k.resourceType, AssociationType: k.associationType,
	}
}

// record returns the record of an association.
func (a *Association) record() Record {
	o := newObject(nil)
	o.string("subject", a.Subject)
	o.nonEmpty("guid", a.GUID)
	o.string("tenant", tenant)
	o.string("resourceName", a.ResourceName)
	o.string("resourceNamespace", a.ResourceNamespace)
	o.nonEmpty("resourceId", a.ResourceID)
	o.string("resourceType", a.ResourceType)
	o.string("associationType", a.Type)
	o.string("lifecycle", string(a.Lifecycle))
	o.bool("frozen", a.Frozen)
	if a.Created != 0 {
		o.int("createTs", a.Created)
	}
	return Record{Key: a.key().record().append(nil), Value: o.end()}
}

func readAssociation(k recordKey, r Record) (step, error) {
	a := &Association{
		Subject: canonicalSubject(k.Subject), ResourceName: k.ResourceName, ResourceNamespace: k.ResourceNamespace,
		ResourceType: k.ResourceType, Type: k.AssociationType, Updated: r.Time,
	}
	if r.Value == nil {
		return func(s *state) error {
			s.associations.remove(a.key())
			return nil
		}, nil
	}
	var val struct {
		GUID       string    `json:"guid"`
		ResourceID string    `json:"resourceId"`
		Lifecycle  Lifecycle `json:"lifecycle"`
		Frozen     *bool     `json:"frozen"`
		Created    int64     `json:"createTs"`
	}
	if err := decode(r.Value, &val); err != nil {
		return nil, err
	}
	if a.Subject == "" || a.ResourceName == "" || val.Lifecycle != Strong && val.Lifecycle != Weak {
		return nil, errRecord
	}
	a.GUID, a.ResourceID, a.Lifecycle, a.Created = val.GUID, val.ResourceID, val.Lifecycle, val.Created
	a.Frozen = val.Lifecycle == Strong
	if val.Frozen != nil {
		a.Frozen = *val.Frozen
	}
	return func(s *state) error {
		s.associations.put(a)
		return nil
	}, nil
}

// associations are all associations, and where they are by subject, by the resource's id and by its name. An Association in it
// never changes; a list does, in the layer that made it.
type associations struct {
	all                     layer[associationKey, *Association]
	bySubject, byID, byName layer[string, []*Association]
	n                       int // how many there are
}

func (as *associations) over() associations {
	return associations{as.all.over(), as.bySubject.over(), as.byID.over(), as.byName.over(), as.n}
}

func (as *associations) put(a *Association) {
	as.remove(a.key())
	as.all.set(a.key(), a)
	as.n++
	for at, ix := range as.indexes(a) {
		ix.set(at, append(ownList(ix, at), a))
	}
}

func (as *associations) remove(k associationKey) {
	a := as.all.at(k)
	if a == nil {
		return
	}
	as.all.delete(k)
	as.n--
	for at, ix := range as.indexes(a) {
		left := slices.DeleteFunc(ownList(ix, at), func(o *Association) bool { return o == a })
		if len(left) == 0 {
			ix.delete(at)
		} else {
			ix.set(at, left)
		}
	}
}

// ownList returns a list to change: a copy where it is of the layer below.
func ownList(ix *layer[string, []*Association], at string) []*Association {
	if list, own := ix.own[at]; own {
		return list
	}
	return slices.Clone(ix.at(at))
}

// indexes yields where an association is listed.
func (as *associations) indexes(a *Association) iter.Seq2[string, *layer[string, []*Association]] {
	return func(yield func(string, *layer[string, []*Association]) bool) {
		_ = yield(a.Subject, &as.bySubject) && yield(a.ResourceID, &as.byID) && yield(a.ResourceName, &as.byName)
	}
}

// AssociationFilter says which associations a question is about.
type AssociationFilter struct {
	ResourceType string      // "": TopicResource
	Types        []string    // none: all
	Lifecycles   []Lifecycle // none: both
}

func (f AssociationFilter) has(a *Association) bool {
	return a.ResourceType == cmp.Or(f.ResourceType, TopicResource) && (len(f.Types) == 0 || slices.Contains(f.Types, a.Type)) &&
		(len(f.Lifecycles) == 0 || slices.Contains(f.Lifecycles, a.Lifecycle))
}

// of returns those of list that the filter has, in their order.
func (f AssociationFilter) of(list []*Association) []*Association {
	out := []*Association{}
	for _, a := range list {
		if f.has(a) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, compareAssociations)
	return out
}

// AssociationsOfSubject returns the associations of a subject, in order.
func (r *Registry) AssociationsOfSubject(subject string, f AssociationFilter) []*Association {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return f.of(r.state.associations.bySubject.at(canonicalSubject(subject)))
}

// AssociationsOfID returns the associations of the resource with an id, in order.
func (r *Registry) AssociationsOfID(id string, f AssociationFilter) []*Association {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return f.of(r.state.associations.byID.at(id))
}

// AssociationsNamed returns the associations of a resource by its names, in order; either may be AnyResource.
func (r *Registry) AssociationsNamed(namespace, name string, f AssociationFilter) []*Association {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return f.of(r.state.associations.named(namespace, name))
}

func (as *associations) named(namespace, name string) []*Association {
	list := as.byName.at(name)
	if name == AnyResource {
		list = nil
		for _, a := range as.all.all() {
			list = append(list, a)
		}
	}
	if namespace == AnyResource {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(a *Association) bool { return a.ResourceNamespace != namespace })
}

// SubjectAssociations is which associations the subjects of a listing are to have.
type SubjectAssociations struct {
	AssociationFilter
	None bool // also, or without Lifecycles only, subjects that have none
}

// allow says whether a subject with these associations is listed.
func (f *SubjectAssociations) allow(list []*Association) bool {
	all := f.AssociationFilter
	all.Lifecycles = nil
	if !slices.ContainsFunc(list, all.has) {
		return f.None
	}
	return (!f.None || len(f.Lifecycles) > 0) && slices.ContainsFunc(list, f.has)
}

// AppendExtendedJSON appends the answer of a listing about a version: with the aliases and the associations of its subject.
func (v Version) AppendExtendedJSON(b []byte, aliases []string, list []*Association) []byte {
	b = v.AppendJSON(b, Whole, aliases...)
	if len(list) == 0 {
		return b
	}
	b = append(b[:len(b)-1], `,"associations":`...)
	return append(AppendAssociations(b, list), '}')
}

// AppendAssociations appends a list of associations.
func AppendAssociations(b []byte, list []*Association) []byte {
	b = append(b, '[')
	for i, a := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.AppendJSON(b)
	}
	return append(b, ']')
}

// randomGUID returns a UUID of version 4.
func randomGUID() string {
	var g [16]byte
	_, _ = rand.Read(g[:]) // never fails
	g[6], g[8] = g[6]&0x0F|0x40, g[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:])
}
