package rest

import (
	"slices"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
)

const registerRequest = "RegisterSchemaRequest"

// candidate reads the body of a request that has a schema in it. method is what Confluent's validator calls the method.
func (c *call) candidate(method string) (registry.Candidate, []tagging, error) {
	var out registry.Candidate
	v, err := c.body(registerRequest, method+".request")
	if err != nil {
		return out, nil, err
	}
	return bindCandidate(v)
}

// bindCandidate reads a RegisterSchemaRequest. The tags are those to add and, with negative set, to take away.
func bindCandidate(v *value) (out registry.Candidate, tags []tagging, err error) {
	version, err := bindInt(v.get("version"))
	if err != nil {
		return out, nil, err
	}
	id, err := bindInt(v.get("id"))
	if err != nil {
		return out, nil, err
	}
	typ, err := bindString(v.get("schemaType"))
	if err != nil {
		return out, nil, err
	}
	if out.References, err = bindReferences(v.get("references")); err != nil {
		return out, nil, err
	}
	if out.Metadata, err = bindMetadata(v.get("metadata")); err != nil {
		return out, nil, err
	}
	if out.RuleSet, err = bindRuleSet(v.get("ruleSet")); err != nil {
		return out, nil, err
	}
	text, err := bindString(v.get("schema"))
	if err != nil {
		return out, nil, err
	}
	if tags, err = bindTaggings(v.get("schemaTagsToAdd")); err != nil {
		return out, nil, err
	}
	remove, err := bindTaggings(v.get("schemaTagsToRemove"))
	if err != nil {
		return out, nil, err
	}
	for i := range remove {
		remove[i].remove = true
	}
	tags = slices.Concat(tags, remove)
	if _, err = bindBool(v.get("propagateSchemaTags")); err != nil {
		return out, nil, err
	}
	if version != nil {
		out.Version = *version
	}
	if id != nil && *id >= 0 {
		out.ID, out.HasID = *id, true
	}
	out.NoType = typ == nil
	if typ != nil {
		out.Type = schema.Type(*typ)
	}
	if text != nil {
		out.Text = *text
	}
	return out, tags, nil
}

func register(c *call) error {
	cand, tags, err := c.candidate("register")
	if err != nil {
		return err
	}
	if len(tags) > 0 {
		return errNoTags
	}
	v, err := c.reg.Register(c.r.Context(), c.params[0], registry.Registration{Candidate: cand, Normalize: c.flag("normalize"), Force: c.flag("force")})
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.append(func(b []byte) []byte { return v.AppendJSON(b, registry.Registered) })
}

func lookup(c *call) error {
	cand, _, err := c.candidate("lookUpSchemaUnderSubject")
	if err != nil {
		return err
	}
	v, err := c.reg.Lookup(c.params[0], cand, c.flag("normalize"), c.flag("deleted"))
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.append(func(b []byte) []byte { return v.AppendJSON(b, registry.LookedUp) })
}

func checkVersion(c *call) error {
	cand, _, err := c.candidate("testCompatibilityBySubjectName")
	if err != nil {
		return err
	}
	number, err := registry.ParseVersion(c.params[1])
	if err != nil {
		return err
	}
	return c.compatibility(cand, number)
}

func checkAll(c *call) error {
	cand, _, err := c.candidate("testCompatibilityForSubject")
	if err != nil {
		return err
	}
	return c.compatibility(cand, 0)
}

// compatibility answers whether cand could follow a version, or with 0 the subject's history.
func (c *call) compatibility(cand registry.Candidate, number int) error {
	verbose := c.flag("verbose")
	reasons, err := c.reg.Compatibility(c.params[0], number, cand, c.flag("normalize"), verbose)
	if err != nil {
		return err
	}
	b := []byte(`{"is_compatible":true`)
	if len(reasons) > 0 {
		b = []byte(`{"is_compatible":false`)
	}
	if verbose {
		b = append(b, `,"messages":[`...)
		for i, s := range reasons {
			if i > 0 {
				b = append(b, ',')
			}
			b = registry.AppendJSON(b, s)
		}
		b = append(b, ']')
	}
	return c.bytes(append(b, '}'))
}

// errNoTags refuses to edit the tags inside a schema's text.
var errNoTags = &registry.Error{Code: registry.CodeInvalidSchema, Message: "Tags inside a schema's text cannot be edited by this registry: put them into the text, or into metadata.tags"}

// editTags reads a request to edit a version's tags as far as Confluent does for a version that is missing; the editing itself is
// refused.
func editTags(c *call) error {
	v, err := c.body("TagSchemaRequest", "postTags.request")
	if err != nil {
		return err
	}
	for _, name := range []string{"tagsToAdd", "tagsToRemove"} {
		if _, err := bindTaggings(v.get(name)); err != nil {
			return err
		}
	}
	number, err := registry.ParseVersion(c.params[1])
	if err != nil {
		return err
	}
	if _, err := c.reg.Get(c.params[0], number, false); err != nil {
		return err
	}
	return errNoTags
}
