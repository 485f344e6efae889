package rest

import (
	"strings"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

const registerRequest = "RegisterSchemaRequest"

// candidate reads the body of a request that has a schema in it. method is what Confluent's validator calls the method.
func (c *call) candidate(method string) (registry.Candidate, registry.TagChange, error) {
	var out registry.Candidate
	v, err := c.body(registerRequest, method+".request")
	if err != nil {
		return out, registry.TagChange{}, err
	}
	return bindCandidate(v)
}

// bindCandidate reads a RegisterSchemaRequest.
func bindCandidate(v *value) (out registry.Candidate, tags registry.TagChange, err error) {
	version, err := bindInt(v.get("version"))
	if err != nil {
		return out, tags, err
	}
	id, err := bindInt(v.get("id"))
	if err != nil {
		return out, tags, err
	}
	typ, err := bindString(v.get("schemaType"))
	if err != nil {
		return out, tags, err
	}
	if out.References, err = bindReferences(v.get("references")); err != nil {
		return out, tags, err
	}
	if out.Metadata, err = bindMetadata(v.get("metadata")); err != nil {
		return out, tags, err
	}
	if out.RuleSet, err = bindRuleSet(v.get("ruleSet")); err != nil {
		return out, tags, err
	}
	text, err := bindString(v.get("schema"))
	if err != nil {
		return out, tags, err
	}
	if tags.Add, err = bindTags(v.get("schemaTagsToAdd")); err != nil {
		return out, tags, err
	}
	if tags.Remove, err = bindTags(v.get("schemaTagsToRemove")); err != nil {
		return out, tags, err
	}
	propagate, err := bindBool(v.get("propagateSchemaTags"))
	if err != nil {
		return out, tags, err
	}
	tags.Propagate = propagate != nil && *propagate
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
	if err := c.mayRegister(cand); err != nil {
		return err
	}
	if cand.NoType && strings.EqualFold(c.q.Get("format"), "logical") && c.reg.IsDDL(c.params[0], cand) {
		return &registry.Error{Code: registry.CodeInvalidSchema, Message: "schemaType is required for a logical type schema"}
	}
	r := registry.Registration{Candidate: cand, Normalize: c.flag("normalize"), Force: c.flag("force"), Tags: tags}
	var v registry.Version
	if c.follows {
		var known bool
		if v, known = c.reg.Registered(c.params[0], r); !known {
			return errElsewhere
		}
	} else if v, err = c.reg.Register(c.r.Context(), c.params[0], r); err != nil {
		return c.withoutDetails(err, c.params[0], cand)
	}
	if !c.may(access.Read, v.Subject) { // what is registered has parts of the version before
		return c.json(map[string]int{"id": v.ID})
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
	if err := c.refers(c.params[0], cand.References); err != nil {
		return err
	}
	v, err := across(c, c.params[0], func(s string) (registry.Version, error) {
		return c.reg.Lookup(s, cand, c.flag("normalize"), c.flag("deleted"))
	}, subjectOf)
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
	if err := c.refers(c.params[0], cand.References); err != nil {
		return err
	}
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
		if len(reasons) > 0 && !c.maySeeReasons(c.params[0], cand) {
			reasons = nil
		}
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
