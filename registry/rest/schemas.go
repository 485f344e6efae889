package rest

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// mostSchemas is how many schemas one answer of GET /schemas has, also where no limit is asked for. Other lists have no bound.
const (
	mostSchemas = 1000
	unbounded   = math.MaxInt32
)

func listTypes(c *call) error {
	var names []string
	known := c.reg.Types()
	for _, t := range []schema.Type{schema.JSON, schema.Protobuf, schema.Avro} {
		if slices.Contains(known, t) {
			names = append(names, string(t))
		}
	}
	return c.strings(names)
}

func listSchemas(c *call) error {
	associated, err := c.subjectAssociations()
	if err != nil {
		return err
	}
	f := registry.SchemaFilter{
		Prefix: c.q.Get("subjectPrefix"), Deleted: c.flag("deleted"), LatestOnly: c.flag("latestOnly"), RuleType: c.q.Get("ruleType"),
		Associations: associated,
	}
	if !c.who.MayEverywhere(access.Read) {
		f.Seen = func(subject string) bool { return c.may(access.Read, subject) }
	}
	if f.Skip, f.Most, err = c.page(mostSchemas); err != nil {
		return err
	}
	list := c.reg.Schemas(f)
	aliases := c.flag("aliases")
	b := []byte{'['}
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var names []string
		if aliases {
			names = permitted(c, c.reg.Aliases(v.Subject), itself)
		}
		var associations []*registry.Association
		if associated != nil {
			associations = c.associated(c.reg.AssociationsOfSubject(v.Subject, associated.AssociationFilter))
		}
		b = v.AppendExtendedJSON(b, names, associations)
	}
	return c.bytes(append(b, ']'))
}

// id reads the id of the path. Jersey answers 404 to what is none.
func (c *call) id() (int, error) {
	n, err := strconv.ParseInt(c.params[0], 10, 32)
	if err != nil {
		return 0, &httpError{http.StatusNotFound, ""}
	}
	return int(n), nil
}

// byID finds the version of the path's id.
func (c *call) byID() (registry.Version, int, error) {
	id, err := c.id()
	if err != nil {
		return registry.Version{}, 0, err
	}
	return c.findID(c.q.Get("subject"), id)
}

func (c *call) formatted(v registry.Version) (registry.Version, error) {
	format := strings.ToLower(c.q.Get("format"))
	if format == "" {
		return v, nil
	}
	if err := c.inlines(v); err != nil {
		return v, err
	}
	text, err := c.reg.Formatted(v, format)
	if err != nil {
		return v, err
	}
	return v.WithText(text), nil
}

func getByID(c *call) error {
	v, most, err := c.byID()
	if err != nil {
		return err
	}
	if !c.flag("fetchMaxId") {
		most = 0
	}
	tags, err := c.findTags(v)
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.append(func(b []byte) []byte {
		return c.qualified(v).AppendIDJSON(b, registry.IDOptions{MaxID: most, Tags: tags})
	})
}

func getTextByID(c *call) error {
	v, _, err := c.byID()
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.bytes([]byte(v.Content.Text))
}

func listSubjectsOfID(c *call) error {
	found, err := c.versionsOfID()
	if err != nil {
		return err
	}
	var names []string
	for _, v := range found {
		if !slices.Contains(names, v.Subject) {
			names = append(names, v.Subject)
		}
	}
	if names, err = page(c, names, unbounded); err != nil {
		return err
	}
	return c.strings(names)
}

func (c *call) versionsOfID() ([]registry.Version, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return c.findVersions(c.q.Get("subject"), id, c.flag("deleted"))
}

func listVersionsOfID(c *call) error {
	found, err := c.versionsOfID()
	if err != nil {
		return err
	}
	if found, err = page(c, found, unbounded); err != nil {
		return err
	}
	b := []byte{'['}
	for i, v := range found {
		if i > 0 {
			b = append(b, ',')
		}
		b = registry.AppendJSON(append(b, `{"subject":`...), v.Subject)
		b = append(strconv.AppendInt(append(b, `,"version":`...), int64(v.Number), 10), '}')
	}
	return c.bytes(append(b, ']'))
}

func getByGUID(c *call) error {
	g, ok := registry.ParseGUID(c.params[0])
	if !ok {
		return &registry.Error{Code: registry.CodeSchemaNotFound, Message: "Schema " + c.params[0] + " not found"}
	}
	v, err := c.findGUID(g)
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.append(func(b []byte) []byte { return v.AppendIDJSON(b, registry.IDOptions{NoSubject: true}) })
}

func listIDsOfGUID(c *call) error {
	g, _ := registry.ParseGUID(c.params[0])
	b := []byte{'['}
	for i, id := range c.idsOf(g) {
		if i > 0 {
			b = append(b, ',')
		}
		b = registry.AppendJSON(append(b, `{"context":`...), id.Context)
		b = append(strconv.AppendInt(append(b, `,"id":`...), int64(id.ID), 10), '}')
	}
	return c.bytes(append(b, ']'))
}

// qualified spells the subjects of references with their context where the query asks for it and there is one.
func (c *call) qualified(v registry.Version) registry.Version {
	if c.q.Get("referenceFormat") != "qualified" {
		return v
	}
	return v.WithQualifiedReferences()
}
