package rest

import (
	"github.com/millrace/millrace/registry"
)

// entityTypes are the kinds of places in a schema that a tag goes to.
var entityTypes = []string{"sr_record", "sr_field"}

// tagging is tags to add to, or take from, a place in a schema.
type tagging struct {
	path, entity string
	remove       bool
	tags         []string
}

func bindTaggings(v *value) ([]tagging, error) {
	var out []tagging
	err := bindList(v, "SchemaTags", func(e *value) error {
		if isNull(e) {
			return bad("A list of tags must not hold null")
		}
		if err := wantObject(e, "SchemaTags", "SchemaTags"); err != nil {
			return err
		}
		var t tagging
		if at := e.get("schemaEntity"); !isNull(at) {
			if err := wantObject(at, "SchemaEntity", "SchemaEntity"); err != nil {
				return err
			}
			path, err := bindString(at.get("entityPath"))
			if err != nil {
				return err
			}
			if path != nil {
				t.path = *path
			}
			if t.entity, err = bindEnum(at.get("entityType"), "EntityType", entityTypes); err != nil {
				return err
			}
		}
		err := bindList(e.get("tags"), "String", func(tag *value) error {
			s, err := bindString(tag)
			if s != nil {
				t.tags = append(t.tags, *s)
			}
			return err
		})
		out = append(out, t)
		return err
	})
	return out, err
}

// bindConfigUpdate reads a change of a configuration: what is absent stays, what is null is cleared.
func bindConfigUpdate(v *value) (*registry.ConfigUpdate, error) {
	u := &registry.ConfigUpdate{}
	for _, f := range []struct {
		name string
		to   **string
	}{
		{"alias", &u.Alias}, {"aliasForDeks", &u.AliasForDeks}, {"compatibility", &u.Compatibility},
		{"compatibilityPolicy", &u.CompatibilityPolicy}, {"compatibilityGroup", &u.CompatibilityGroup},
	} {
		m := v.get(f.name)
		if m == nil {
			continue
		}
		s, err := bindString(m)
		if err != nil {
			return nil, err
		}
		if s == nil {
			s = new(string)
			u.CompatibilityNull = u.CompatibilityNull || f.name == "compatibility"
		}
		*f.to = s
	}
	for _, f := range []struct {
		name string
		to   ***bool
	}{{"normalize", &u.Normalize}, {"validateFields", &u.ValidateFields}, {"validateNewSchemas", &u.ValidateNewSchemas}, {"validateRules", &u.ValidateRules}} {
		if m := v.get(f.name); m != nil {
			b, err := bindBool(m)
			if err != nil {
				return nil, err
			}
			*f.to = &b
		}
	}
	for _, f := range []struct {
		name string
		to   ***registry.Metadata
	}{{"defaultMetadata", &u.DefaultMetadata}, {"overrideMetadata", &u.OverrideMetadata}} {
		if m := v.get(f.name); m != nil {
			md, err := bindMetadata(m)
			if err != nil {
				return nil, err
			}
			*f.to = &md
		}
	}
	for _, f := range []struct {
		name string
		to   ***registry.RuleSet
	}{{"defaultRuleSet", &u.DefaultRuleSet}, {"overrideRuleSet", &u.OverrideRuleSet}} {
		if m := v.get(f.name); m != nil {
			rs, err := bindRuleSet(m)
			if err != nil {
				return nil, err
			}
			*f.to = &rs
		}
	}
	return u, nil
}
