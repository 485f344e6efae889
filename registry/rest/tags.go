package rest

import (
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
)

// entityTypes are the kinds of places in a schema that a tag goes to.
var entityTypes = []string{string(schema.RecordEntity), string(schema.FieldEntity)}

// bindTags reads a list of SchemaTags.
func bindTags(v *value) ([]schema.Tagged, error) {
	var out []schema.Tagged
	err := bindList(v, "SchemaTags", func(e *value) error {
		if isNull(e) {
			return bad("A list of tags must not hold null")
		}
		if err := wantObject(e, "SchemaTags", "SchemaTags"); err != nil {
			return err
		}
		t, err := bindEntity(e.get("schemaEntity"))
		if err != nil {
			return err
		}
		tagged := schema.Tagged{Entity: t}
		tagged.Tags, err = bindStrings(e.get("tags"))
		out = append(out, tagged)
		return err
	})
	return out, err
}

func bindEntity(v *value) (e schema.Entity, err error) {
	if isNull(v) {
		return e, bad("Tags must have a schemaEntity")
	}
	if err := wantObject(v, "SchemaEntity", "SchemaEntity"); err != nil {
		return e, err
	}
	path, err := bindString(v.get("entityPath"))
	if err != nil {
		return e, err
	}
	kind, err := bindEnum(v.get("entityType"), "EntityType", entityTypes)
	switch {
	case err != nil:
		return e, err
	case path == nil || kind == "":
		return e, bad("A schemaEntity must have an entityPath and an entityType")
	}
	return schema.Entity{Path: *path, Kind: schema.EntityKind(kind)}, nil
}

// bindStrings reads a list of texts; a null in it is passed over.
func bindStrings(v *value) ([]string, error) {
	var out []string
	err := bindList(v, "String", func(e *value) error {
		s, err := bindString(e)
		if s != nil {
			out = append(out, *s)
		}
		return err
	})
	return out, err
}

// bindTagEdit reads a TagSchemaRequest.
func bindTagEdit(v *value) (e registry.TagEdit, err error) {
	version, err := bindInt(v.get("newVersion"))
	if err != nil {
		return e, err
	}
	if version != nil {
		e.NewVersion = *version
	}
	if e.Add, err = bindTags(v.get("tagsToAdd")); err != nil {
		return e, err
	}
	if e.Remove, err = bindTags(v.get("tagsToRemove")); err != nil {
		return e, err
	}
	if e.Metadata, err = bindMetadata(v.get("metadata")); err != nil {
		return e, err
	}
	if e.RuleSet, err = bindRuleSet(v.get("ruleSet")); err != nil {
		return e, err
	}
	if e.MergeRules, err = bindRuleSet(v.get("rulesToMerge")); err != nil {
		return e, err
	}
	e.RemoveRules, err = bindStrings(v.get("rulesToRemove"))
	return e, err
}

// editTags makes a new version with other tags.
func editTags(c *call) error {
	v, err := c.body("TagSchemaRequest", "postTags.request")
	if err != nil {
		return err
	}
	edit, err := bindTagEdit(v)
	if err != nil {
		return err
	}
	number, err := registry.ParseVersion(c.params[1])
	if err != nil {
		return err
	}
	made, err := c.reg.EditTags(c.r.Context(), c.params[0], number, edit)
	if err != nil {
		return err
	}
	return c.append(func(b []byte) []byte { return made.AppendJSON(b, registry.Registered) })
}

// findTags returns the tags inside a version's text that the query asks for.
func (c *call) findTags(v registry.Version) ([]schema.Tagged, error) {
	wanted := c.q["findTags"]
	if len(wanted) == 0 {
		return nil, nil
	}
	return c.reg.SchemaTags(v, wanted)
}
