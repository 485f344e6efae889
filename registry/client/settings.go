package client

import (
	"context"
)

// SubjectConfig says how new versions of a subject are judged and completed. What is unset comes from a wider scope.
type SubjectConfig struct {
	Level  string // BACKWARD, …
	Policy string // STRICT or LENIENT; "": what the registry takes for STRICT, or does not know
	Group  string // the metadata property that tells versions apart that are compared

	Alias                             string
	Normalize                         *bool
	ValidateFields                    *bool
	DefaultMetadata, OverrideMetadata *Metadata
	DefaultRuleSet, OverrideRuleSet   *RuleSet
}

// configBody is SubjectConfig in JSON. The level has another name in a change than in an answer.
type configBody struct {
	Level            string    `json:"compatibilityLevel,omitempty"`
	NewLevel         string    `json:"compatibility,omitempty"`
	Policy           string    `json:"compatibilityPolicy,omitempty"`
	Group            string    `json:"compatibilityGroup,omitempty"`
	Alias            string    `json:"alias,omitempty"`
	Normalize        *bool     `json:"normalize,omitempty"`
	ValidateFields   *bool     `json:"validateFields,omitempty"`
	DefaultMetadata  *Metadata `json:"defaultMetadata,omitempty"`
	OverrideMetadata *Metadata `json:"overrideMetadata,omitempty"`
	DefaultRuleSet   *RuleSet  `json:"defaultRuleSet,omitempty"`
	OverrideRuleSet  *RuleSet  `json:"overrideRuleSet,omitempty"`
}

func (b configBody) config() SubjectConfig {
	level := b.Level
	if level == "" {
		level = b.NewLevel
	}
	return SubjectConfig{
		Level: level, Policy: b.Policy, Group: b.Group, Alias: b.Alias, Normalize: b.Normalize, ValidateFields: b.ValidateFields,
		DefaultMetadata: b.DefaultMetadata, OverrideMetadata: b.OverrideMetadata, DefaultRuleSet: b.DefaultRuleSet, OverrideRuleSet: b.OverrideRuleSet,
	}
}

// scoped returns a path that is the registry's own or a subject's.
func scoped(path, subject string) string {
	if subject == "" {
		return path
	}
	return path + "/" + segment(subject)
}

// SubjectConfig returns how subject is judged, with the registry's settings where it has none of its own; "" is the registry's.
func (c *Client) SubjectConfig(ctx context.Context, subject string) (SubjectConfig, error) {
	var out configBody
	err := c.get(ctx, scoped("/config", subject), flags(map[string]bool{"defaultToGlobal": subject != ""}), &out)
	return out.config(), err
}

// Compatibility returns the level of SubjectConfig.
func (c *Client) Compatibility(ctx context.Context, subject string) (level string, err error) {
	config, err := c.SubjectConfig(ctx, subject)
	return config.Level, err
}

// SetSubjectConfig changes what is set in config, leaves the rest as it is, and returns what the registry says that it changed;
// "" is the registry's.
func (c *Client) SetSubjectConfig(ctx context.Context, subject string, config SubjectConfig) (SubjectConfig, error) {
	var out configBody
	err := c.call(ctx, request{method: "PUT", path: scoped("/config", subject), body: configBody{
		NewLevel: config.Level, Policy: config.Policy, Group: config.Group, Alias: config.Alias, Normalize: config.Normalize, ValidateFields: config.ValidateFields,
		DefaultMetadata: config.DefaultMetadata, OverrideMetadata: config.OverrideMetadata, DefaultRuleSet: config.DefaultRuleSet, OverrideRuleSet: config.OverrideRuleSet,
	}}, &out)
	return out.config(), err
}

// SetCompatibility sets the level of subject; "" is the registry's.
func (c *Client) SetCompatibility(ctx context.Context, subject, level string) error {
	_, err := c.SetSubjectConfig(ctx, subject, SubjectConfig{Level: level})
	return err
}

// DeleteConfig takes subject's own settings away and returns them; "" is the registry's.
func (c *Client) DeleteConfig(ctx context.Context, subject string) (SubjectConfig, error) {
	var out configBody
	err := c.delete(ctx, scoped("/config", subject), nil, &out)
	return out.config(), err
}

type modeBody struct {
	Mode string `json:"mode"`
}

// Mode returns what may be done with subject, by the registry's mode where it has none of its own; "" is the registry's:
// READWRITE, READONLY, READONLY_OVERRIDE, IMPORT or FORWARD.
func (c *Client) Mode(ctx context.Context, subject string) (string, error) {
	var out modeBody
	err := c.get(ctx, scoped("/mode", subject), flags(map[string]bool{"defaultToGlobal": subject != ""}), &out)
	return out.Mode, err
}

// SetMode sets the mode of subject; "" is the registry's. force sets IMPORT where schemas are.
func (c *Client) SetMode(ctx context.Context, subject, mode string, force bool) error {
	return c.call(ctx, request{method: "PUT", path: scoped("/mode", subject), query: flags(map[string]bool{"force": force}), body: modeBody{mode}}, nil)
}

// DeleteMode takes subject's own mode away; "" is the registry's. recursive is for a context: its subjects' modes go as well.
func (c *Client) DeleteMode(ctx context.Context, subject string, recursive bool) error {
	return c.delete(ctx, scoped("/mode", subject), flags(map[string]bool{"recursive": recursive}), nil)
}

// Contexts returns the names of the contexts, "." first.
func (c *Client) Contexts(ctx context.Context) (contexts []string, err error) {
	err = c.get(ctx, "/contexts", nil, &contexts)
	return contexts, err
}

// DeleteContext deletes an empty context.
func (c *Client) DeleteContext(ctx context.Context, context string) error {
	return c.delete(ctx, "/contexts/"+segment(context), nil, nil)
}

// Server is what a registry says of itself.
type Server struct {
	Version, Commit       string
	KafkaCluster, GroupID string // GroupID is Confluent's schema-registry-cluster
}

// Server asks for version and identity.
func (c *Client) Server(ctx context.Context) (Server, error) {
	var v struct {
		Version string `json:"version"`
		Commit  string `json:"commitId"`
	}
	if err := c.get(ctx, "/v1/metadata/version", nil, &v); err != nil {
		return Server{}, err
	}
	var id struct {
		Scope struct {
			Clusters map[string]string `json:"clusters"`
		} `json:"scope"`
	}
	err := c.get(ctx, "/v1/metadata/id", nil, &id)
	return Server{Version: v.Version, Commit: v.Commit, KafkaCluster: id.Scope.Clusters["kafka-cluster"], GroupID: id.Scope.Clusters["schema-registry-cluster"]}, err
}
