package client

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/millrace/millrace/compat/schema"
)

// Register makes s a version of subject, if it is none yet, and returns its id. With normalize the registry compares and
// keeps the normalised form.
func (c *Client) Register(ctx context.Context, subject string, s Schema, normalize bool) (id int, err error) {
	return c.ids.get(ctx, idKeyOf(subject, s, normalize, false), func() (int, error) {
		v, err := c.RegisterVersion(ctx, subject, s, RegisterOptions{Normalize: normalize})
		return v.ID, err
	})
}

// RegisterOptions tune RegisterVersion.
type RegisterOptions struct {
	Normalize bool
	ID        int // 0: the registry gives one. Others are for mode IMPORT
	Version   int // 0: the next
}

// RegisterVersion is Register that always asks, and returns the version. Registries before Confluent's 8 answer with its id
// alone.
func (c *Client) RegisterVersion(ctx context.Context, subject string, s Schema, o RegisterOptions) (Version, error) {
	b := bodyOf(s)
	b.ID, b.Version = o.ID, o.Version
	var out struct {
		ID *int `json:"id"`
		registered
	}
	err := c.call(ctx, request{method: "POST", path: subjectPath(subject) + "/versions", query: flags(map[string]bool{"normalize": o.Normalize}), body: b}, &out)
	c.latest.clear() // whatever came of it
	if err != nil {
		return Version{}, err
	}
	if out.ID == nil {
		return Version{}, fmt.Errorf("the registry's answer to the registration under %q has no id", subject)
	}
	v := Version{Subject: subject, Version: out.Version, ID: *out.ID, GUID: out.GUID, Schema: s}
	if v.Type == "" {
		v.Type = schema.Avro
	}
	if out.Text != "" {
		v.Schema = body{Type: out.Type, Text: out.Text, References: out.References, Metadata: out.Metadata, RuleSet: out.RuleSet}.schema()
	}
	return v, nil
}

// registered is the rest of the answer to a registration.
type registered struct {
	Version    int                `json:"version"`
	GUID       string             `json:"guid"`
	Type       schema.Type        `json:"schemaType"`
	References []schema.Reference `json:"references"`
	Metadata   *Metadata          `json:"metadata"`
	RuleSet    *RuleSet           `json:"ruleSet"`
	Text       string             `json:"schema"`
}

// Lookup returns the version of subject that s is. With deleted, versions that were softly deleted count.
func (c *Client) Lookup(ctx context.Context, subject string, s Schema, normalize, deleted bool) (Version, error) {
	var out body
	err := c.call(ctx, request{method: "POST", path: subjectPath(subject), query: flags(map[string]bool{"normalize": normalize, "deleted": deleted}), body: bodyOf(s)}, &out)
	return out.version(), err
}

// ID returns the id of a schema that is a version of subject, and keeps it.
func (c *Client) ID(ctx context.Context, subject string, s Schema, normalize bool) (int, error) {
	return c.ids.get(ctx, idKeyOf(subject, s, normalize, true), func() (int, error) {
		v, err := c.Lookup(ctx, subject, s, normalize, false)
		return v.ID, err
	})
}

// SchemaByID returns the schema of an id of the default context, or else of the context that has it.
func (c *Client) SchemaByID(ctx context.Context, id int) (Schema, error) {
	return c.SchemaByIDIn(ctx, id, "")
}

// SchemaByIDIn returns the schema of an id in the context of a subject, or of ":.CONTEXT:".
func (c *Client) SchemaByIDIn(ctx context.Context, id int, subject string) (Schema, error) {
	return c.byID.get(ctx, textKey{id, subject}, func() (Schema, error) {
		var out body
		err := c.get(ctx, "/schemas/ids/"+strconv.Itoa(id), texts("subject", subject), &out)
		return out.schema(), err
	})
}

// SchemaByGUID returns the schema of a GUID in the form of a UUID, as wire.GUID prints it.
func (c *Client) SchemaByGUID(ctx context.Context, guid string) (Schema, error) {
	return c.byGUID.get(ctx, guid, func() (Schema, error) {
		var out body
		err := c.get(ctx, "/schemas/guids/"+url.PathEscape(guid), nil, &out)
		return out.schema(), err
	})
}

// ContextID is an id and the context that it is of.
type ContextID struct {
	Context string `json:"context"`
	ID      int    `json:"id"`
}

// IDsOfGUID returns the ids that a GUID has in its contexts.
func (c *Client) IDsOfGUID(ctx context.Context, guid string) (ids []ContextID, err error) {
	err = c.get(ctx, "/schemas/guids/"+url.PathEscape(guid)+"/ids", nil, &ids)
	return ids, err
}

// VersionsOfID returns the versions that an id is of. subject may name a context, as with SchemaByIDIn.
func (c *Client) VersionsOfID(ctx context.Context, id int, subject string, deleted bool) (out []SubjectVersion, err error) {
	q := flags(map[string]bool{"deleted": deleted})
	maps.Copy(q, texts("subject", subject))
	err = c.get(ctx, "/schemas/ids/"+strconv.Itoa(id)+"/versions", q, &out)
	return out, err
}

// Latest returns the newest version of subject. It may be as old as Config.LatestTTL; versions that this client registers or
// deletes are seen at once.
func (c *Client) Latest(ctx context.Context, subject string) (Version, error) {
	return c.newest(ctx, latestKey{subject: subject}, func() (Version, error) {
		var out body
		err := c.get(ctx, subjectPath(subject)+"/versions/latest", nil, &out)
		return out.version(), err
	})
}

// LatestWithMetadata returns the newest version of subject whose metadata has all of the properties. It is kept as Latest's is.
func (c *Client) LatestWithMetadata(ctx context.Context, subject string, properties map[string]string) (Version, error) {
	q := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		q.Add("key", name)
		q.Add("value", properties[name])
	}
	return c.newest(ctx, latestKey{subject, "?" + q.Encode()}, func() (Version, error) {
		var out body
		err := c.get(ctx, subjectPath(subject)+"/metadata", q, &out)
		return out.version(), err
	})
}

func (c *Client) newest(ctx context.Context, k latestKey, fetch func() (Version, error)) (Version, error) {
	if c.cfg.LatestTTL <= 0 {
		return fetch()
	}
	return c.latest.get(ctx, k, fetch)
}

// Version returns a version of subject.
func (c *Client) Version(ctx context.Context, subject string, version int) (Version, error) {
	var out body
	err := c.get(ctx, versionPath(subject, version), nil, &out)
	return out.version(), err
}

// DeletedVersion is Version that finds a softly deleted one as well.
func (c *Client) DeletedVersion(ctx context.Context, subject string, version int) (Version, error) {
	var out body
	err := c.get(ctx, versionPath(subject, version), flags(map[string]bool{"deleted": true}), &out)
	return out.version(), err
}

// Versions returns the numbers of the versions of subject, ascending.
func (c *Client) Versions(ctx context.Context, subject string) (versions []int, err error) {
	err = c.get(ctx, subjectPath(subject)+"/versions", nil, &versions)
	return versions, err
}

// ReferencedBy returns the ids of the schemas that refer to a version.
func (c *Client) ReferencedBy(ctx context.Context, subject string, version int) (ids []int, err error) {
	err = c.get(ctx, versionPath(subject, version)+"/referencedby", nil, &ids)
	return ids, err
}

// Subjects returns the names of all subjects that begin with prefix, sorted.
func (c *Client) Subjects(ctx context.Context, prefix string) (subjects []string, err error) {
	err = c.get(ctx, "/subjects", texts("subjectPrefix", prefix), &subjects)
	return subjects, err
}

// List says what ListSubjects and ListSchemas return. The zero value asks for all that is not deleted.
type List struct {
	Prefix        string // of subjects; ":.CONTEXT:" is a context's, ":*:" and with ListSubjects "" are every context's
	Deleted       bool   // with what is softly deleted
	DeletedOnly   bool   // ListSubjects
	LatestOnly    bool   // ListSchemas: of each subject
	Offset, Limit int    // a page; Limit 0: as many as the registry gives at once
}

func (l List) query() url.Values {
	q := flags(map[string]bool{"deleted": l.Deleted, "deletedOnly": l.DeletedOnly, "latestOnly": l.LatestOnly})
	maps.Copy(q, texts("subjectPrefix", l.Prefix))
	if l.Offset > 0 {
		q.Set("offset", strconv.Itoa(l.Offset))
	}
	if l.Limit > 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	return q
}

// ListSubjects returns names of subjects, sorted.
func (c *Client) ListSubjects(ctx context.Context, l List) (subjects []string, err error) {
	err = c.get(ctx, "/subjects", l.query(), &subjects)
	return subjects, err
}

// ListSchemas returns versions, by subject. A registry gives at most 1,000 at once unless it is set up otherwise.
func (c *Client) ListSchemas(ctx context.Context, l List) ([]Version, error) {
	var out []body
	err := c.get(ctx, "/schemas", l.query(), &out)
	return versions(out), err
}

// Types returns the schema languages that the registry reads.
func (c *Client) Types(ctx context.Context) (types []schema.Type, err error) {
	err = c.get(ctx, "/schemas/types", nil, &types)
	return types, err
}

// Compatible asks whether s may follow a version of subject, "latest" or a number, or with "" all that its level looks at.
// The lines say why not.
func (c *Client) Compatible(ctx context.Context, subject, version string, s Schema) (ok bool, lines []string, err error) {
	path := "/compatibility" + subjectPath(subject) + "/versions"
	if version != "" {
		path += "/" + url.PathEscape(version)
	}
	var out struct {
		OK       bool     `json:"is_compatible"`
		Messages []string `json:"messages"`
	}
	err = c.call(ctx, request{method: "POST", path: path, query: flags(map[string]bool{"verbose": true}), body: bodyOf(s)}, &out)
	return out.OK, out.Messages, err
}

// DeleteSubject deletes all versions of subject, softly or, when that was done before, for good.
func (c *Client) DeleteSubject(ctx context.Context, subject string, permanent bool) (versions []int, err error) {
	err = c.delete(ctx, subjectPath(subject), flags(map[string]bool{"permanent": permanent}), &versions)
	c.forgetVersions()
	return versions, err
}

// DeleteVersion deletes a version of subject, "latest" or a number, softly or, when that was done before, for good. It returns
// the version's number.
func (c *Client) DeleteVersion(ctx context.Context, subject, version string, permanent bool) (number int, err error) {
	err = c.delete(ctx, subjectPath(subject)+"/versions/"+url.PathEscape(version), flags(map[string]bool{"permanent": permanent}), &number)
	c.forgetVersions()
	return number, err
}

func (c *Client) forgetVersions() {
	c.ids.clear()
	c.latest.clear()
}

func (c *Client) get(ctx context.Context, path string, q url.Values, out any) error {
	return c.call(ctx, request{method: "GET", path: path, query: q}, out)
}

// delete is not repeated: what is deleted is answered for otherwise than what was there.
func (c *Client) delete(ctx context.Context, path string, q url.Values, out any) error {
	return c.call(ctx, request{method: "DELETE", path: path, query: q, once: true}, out)
}

// texts returns the query of a parameter that is not empty.
func texts(name, value string) url.Values {
	q := url.Values{}
	if value != "" {
		q.Set(name, value)
	}
	return q
}
