package client

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// Schema is a schema as it is sent and kept.
type Schema struct {
	Type       schema.Type // "" is Avro
	Text       string
	References []schema.Reference
}

// Version is a schema as a version of a subject.
type Version struct {
	Subject string
	Version int
	ID      int
	Schema
}

// body is a schema in JSON.
type body struct {
	Subject    string             `json:"subject,omitempty"`
	Version    int                `json:"version,omitempty"`
	ID         int                `json:"id,omitempty"`
	Type       schema.Type        `json:"schemaType,omitempty"`
	References []schema.Reference `json:"references,omitempty"`
	Text       string             `json:"schema"`
}

func request(s Schema) body {
	b := body{Type: s.Type, References: s.References, Text: s.Text}
	if b.Type == schema.Avro {
		b.Type = "" // registries before schema types know no other form
	}
	return b
}

func (b body) schema() Schema {
	s := Schema{Type: b.Type, Text: b.Text, References: b.References}
	if s.Type == "" {
		s.Type = schema.Avro
	}
	return s
}

func (b body) version() Version {
	return Version{Subject: b.Subject, Version: b.Version, ID: b.ID, Schema: b.schema()}
}

// segment escapes a subject for a path. A subject of dots alone would be taken for a step in the path.
func segment(subject string) string {
	if subject == "." || subject == ".." {
		return strings.ReplaceAll(subject, ".", "%2E")
	}
	return url.PathEscape(subject)
}

func subjectPath(subject string) string { return "/subjects/" + segment(subject) }

// flags returns the query of those that are set.
func flags(all map[string]bool) url.Values {
	q := url.Values{}
	for name, set := range all {
		if set {
			q.Set(name, "true")
		}
	}
	return q
}

// key names a schema under a subject in the cache.
func key(kind, subject string, s Schema) string {
	k := kind + "\x00" + subject + "\x00" + string(s.Type) + "\x00" + s.Text
	for _, r := range s.References {
		k += fmt.Sprintf("\x00%s\x00%s\x00%d", r.Name, r.Subject, r.Version)
	}
	return k
}

// Register makes s a version of subject, if it is none yet, and returns its id. With normalize the registry compares and
// keeps the normalised form.
func (c *Client) Register(ctx context.Context, subject string, s Schema, normalize bool) (id int, err error) {
	return c.ids.get(key(fmt.Sprint("register", normalize), subject, s), func() (int, error) {
		var out struct {
			ID *int `json:"id"`
		}
		err := c.call(ctx, "POST", subjectPath(subject)+"/versions", flags(map[string]bool{"normalize": normalize}), request(s), &out)
		if err != nil {
			return 0, err
		}
		if out.ID == nil {
			return 0, fmt.Errorf("the registry's answer to the registration under %q has no id", subject)
		}
		return *out.ID, nil
	})
}

// Lookup returns the version of subject that s is. With deleted, versions that were softly deleted count.
func (c *Client) Lookup(ctx context.Context, subject string, s Schema, normalize, deleted bool) (Version, error) {
	var out body
	err := c.call(ctx, "POST", subjectPath(subject), flags(map[string]bool{"normalize": normalize, "deleted": deleted}), request(s), &out)
	return out.version(), err
}

// SchemaByID returns the schema of an id.
func (c *Client) SchemaByID(ctx context.Context, id int) (Schema, error) {
	return c.texts.get(id, func() (Schema, error) {
		var out body
		err := c.call(ctx, "GET", "/schemas/ids/"+strconv.Itoa(id), nil, nil, &out)
		return out.schema(), err
	})
}

// SchemaByGUID returns the schema of a GUID in the form of a UUID, as wire.GUID prints it.
func (c *Client) SchemaByGUID(ctx context.Context, guid string) (Schema, error) {
	return c.byGUID.get(guid, func() (Schema, error) {
		var out body
		err := c.call(ctx, "GET", "/schemas/guids/"+url.PathEscape(guid), nil, nil, &out)
		return out.schema(), err
	})
}

// Latest returns the newest version of subject.
func (c *Client) Latest(ctx context.Context, subject string) (Version, error) {
	var out body
	err := c.call(ctx, "GET", subjectPath(subject)+"/versions/latest", nil, nil, &out)
	return out.version(), err
}

// Version returns a version of subject.
func (c *Client) Version(ctx context.Context, subject string, version int) (Version, error) {
	var out body
	err := c.call(ctx, "GET", subjectPath(subject)+"/versions/"+strconv.Itoa(version), nil, nil, &out)
	return out.version(), err
}

// Versions returns the numbers of the versions of subject, ascending.
func (c *Client) Versions(ctx context.Context, subject string) (versions []int, err error) {
	err = c.call(ctx, "GET", subjectPath(subject)+"/versions", nil, nil, &versions)
	return versions, err
}

// Subjects returns the names of all subjects that begin with prefix, sorted.
func (c *Client) Subjects(ctx context.Context, prefix string) (subjects []string, err error) {
	q := url.Values{}
	if prefix != "" {
		q.Set("subjectPrefix", prefix)
	}
	err = c.call(ctx, "GET", "/subjects", q, nil, &subjects)
	return subjects, err
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
	err = c.call(ctx, "POST", path, flags(map[string]bool{"verbose": true}), request(s), &out)
	return out.OK, out.Messages, err
}

// SubjectConfig says how new versions of a subject are judged.
type SubjectConfig struct {
	Level  string // BACKWARD, …
	Policy string // STRICT or LENIENT; "": what the registry takes for STRICT, or does not know
}

// SubjectConfig returns how subject is judged, with the registry's settings where it has none of its own; "" is the registry's.
func (c *Client) SubjectConfig(ctx context.Context, subject string) (SubjectConfig, error) {
	path, q := "/config", url.Values{}
	if subject != "" {
		path, q = "/config/"+segment(subject), flags(map[string]bool{"defaultToGlobal": true})
	}
	var out struct {
		Level  string `json:"compatibilityLevel"`
		Policy string `json:"compatibilityPolicy"`
	}
	err := c.call(ctx, "GET", path, q, nil, &out)
	return SubjectConfig{Level: out.Level, Policy: out.Policy}, err
}

// Compatibility returns the level of SubjectConfig.
func (c *Client) Compatibility(ctx context.Context, subject string) (level string, err error) {
	config, err := c.SubjectConfig(ctx, subject)
	return config.Level, err
}

// SetCompatibility sets the level of subject; "" is the registry's.
func (c *Client) SetCompatibility(ctx context.Context, subject, level string) error {
	path := "/config"
	if subject != "" {
		path += "/" + segment(subject)
	}
	return c.call(ctx, "PUT", path, nil, map[string]string{"compatibility": level}, nil)
}

// DeleteSubject deletes all versions of subject, softly or, when that was done before, for good.
func (c *Client) DeleteSubject(ctx context.Context, subject string, permanent bool) (versions []int, err error) {
	err = c.call(ctx, "DELETE", subjectPath(subject), flags(map[string]bool{"permanent": permanent}), nil, &versions)
	c.ids.clear()
	return versions, err
}
