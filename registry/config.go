package registry

import (
	"slices"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// Config is the configuration of a subject, a context or the registry. Zero fields are unset and come from the next wider
// scope or the default.
type Config struct {
	Alias               string       `json:"alias"`
	AliasForDeks        string       `json:"aliasForDeks"`
	Normalize           *bool        `json:"normalize"`
	ValidateFields      *bool        `json:"validateFields"`
	ValidateNewSchemas  *bool        `json:"validateNewSchemas"`
	ValidateRules       *bool        `json:"validateRules"`
	CompatibilityLevel  compat.Level `json:"compatibilityLevel"`
	CompatibilityPolicy string       `json:"compatibilityPolicy"` // STRICT, LENIENT or LOGICAL
	CompatibilityGroup  string       `json:"compatibilityGroup"`
	DefaultMetadata     *Metadata    `json:"defaultMetadata"`
	OverrideMetadata    *Metadata    `json:"overrideMetadata"`
	DefaultRuleSet      *RuleSet     `json:"defaultRuleSet"`
	OverrideRuleSet     *RuleSet     `json:"overrideRuleSet"`
}

// DefaultLevel is the compatibility level where none is set.
const DefaultLevel = compat.Backward

// AppendJSON writes the config as Confluent's API answers it; levelKey is compatibilityLevel, or compatibility in the echo of
// an update.
func (c *Config) AppendJSON(b []byte, levelKey string) []byte {
	o := newObject(b)
	c.members(o, levelKey)
	return o.end()
}

func (c *Config) members(o *object, levelKey string) {
	o.nonEmpty("alias", c.Alias)
	o.nonEmpty("aliasForDeks", c.AliasForDeks)
	o.optBool("normalize", c.Normalize)
	o.optBool("validateFields", c.ValidateFields)
	o.optBool("validateNewSchemas", c.ValidateNewSchemas)
	o.optBool("validateRules", c.ValidateRules)
	o.nonEmpty(levelKey, string(c.CompatibilityLevel))
	o.nonEmpty("compatibilityPolicy", c.CompatibilityPolicy)
	o.nonEmpty("compatibilityGroup", c.CompatibilityGroup)
	if c.DefaultMetadata != nil {
		o.key("defaultMetadata").b = c.DefaultMetadata.appendJSON(o.b)
	}
	if c.OverrideMetadata != nil {
		o.key("overrideMetadata").b = c.OverrideMetadata.appendJSON(o.b)
	}
	if c.DefaultRuleSet != nil {
		o.key("defaultRuleSet").b = c.DefaultRuleSet.appendJSON(o.b)
	}
	if c.OverrideRuleSet != nil {
		o.key("overrideRuleSet").b = c.OverrideRuleSet.appendJSON(o.b)
	}
}

// ConfigUpdate changes some fields of a Config. A nil pointer leaves the field as it is; a pointer to a zero value clears it.
type ConfigUpdate struct {
	Alias, AliasForDeks                                          *string
	Normalize, ValidateFields, ValidateNewSchemas, ValidateRules **bool
	Compatibility, CompatibilityPolicy, CompatibilityGroup       *string
	DefaultMetadata, OverrideMetadata                            **Metadata
	DefaultRuleSet, OverrideRuleSet                              **RuleSet
	CompatibilityNull                                            bool // the level was given as null, which clears it; an empty text is refused
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// apply returns c with the update's changes.
func (u *ConfigUpdate) apply(c Config) (Config, error) {
	switch {
	case u.CompatibilityNull:
		c.CompatibilityLevel = ""
	case u.Compatibility != nil:
		l, ok := compat.ParseLevel(*u.Compatibility)
		if !ok {
			return c, errorf(CodeInvalidCompatibility, invalidCompatibilityMessage)
		}
		c.CompatibilityLevel = l
	}
	set(&c.Alias, u.Alias)
	set(&c.AliasForDeks, u.AliasForDeks)
	set(&c.Normalize, u.Normalize)
	set(&c.ValidateFields, u.ValidateFields)
	set(&c.ValidateNewSchemas, u.ValidateNewSchemas)
	set(&c.ValidateRules, u.ValidateRules)
	set(&c.CompatibilityPolicy, u.CompatibilityPolicy)
	set(&c.CompatibilityGroup, u.CompatibilityGroup)
	if !slices.Contains(compat.Policies(), compat.Policy(c.CompatibilityPolicy)) {
		c.CompatibilityPolicy = "" // as Confluent reads a policy that it does not know
	}
	set(&c.DefaultMetadata, u.DefaultMetadata)
	set(&c.OverrideMetadata, u.OverrideMetadata)
	set(&c.DefaultRuleSet, u.DefaultRuleSet)
	set(&c.OverrideRuleSet, u.OverrideRuleSet)
	c.DefaultMetadata, c.OverrideMetadata = c.DefaultMetadata.sorted(), c.OverrideMetadata.sorted()
	c.DefaultRuleSet, c.OverrideRuleSet = c.DefaultRuleSet.normal(), c.OverrideRuleSet.normal()
	for _, r := range []*RuleSet{c.DefaultRuleSet, c.OverrideRuleSet} {
		if err := r.validate(); err != nil {
			return c, err
		}
	}
	return c, nil
}

// within returns c with what it inherits from the wider scope's config: not aliases, metadata and rules.
func (c Config) within(wider Config) Config {
	inherit(&c.Normalize, wider.Normalize)
	inherit(&c.ValidateFields, wider.ValidateFields)
	inherit(&c.ValidateNewSchemas, wider.ValidateNewSchemas)
	inherit(&c.ValidateRules, wider.ValidateRules)
	inherit(&c.CompatibilityLevel, wider.CompatibilityLevel)
	inherit(&c.CompatibilityPolicy, wider.CompatibilityPolicy)
	inherit(&c.CompatibilityGroup, wider.CompatibilityGroup)
	return c
}

// lenient reports whether names and defaults of new schemas are not looked at: Avro's, where validateNewSchemas says so. Without it
// they are.
func (c Config) lenient(t schema.Type) bool {
	return t == schema.Avro && c.ValidateNewSchemas != nil && !*c.ValidateNewSchemas
}

func inherit[T comparable](field *T, wider T) {
	var zero T
	if *field == zero {
		*field = wider
	}
}

func isTrue(b *bool) bool { return b != nil && *b }

// Modes.
const (
	ReadWrite        = "READWRITE"
	ReadOnly         = "READONLY"
	ReadOnlyOverride = "READONLY_OVERRIDE"
	Import           = "IMPORT"
	Forward          = "FORWARD"
)

var modes = []string{ReadWrite, ReadOnly, ReadOnlyOverride, Import, Forward}
