package rest

import (
	"github.com/millrace/millrace/registry"
)

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
