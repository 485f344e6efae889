package client

import (
	"encoding/json"
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
	Metadata   *Metadata
	RuleSet    *RuleSet
}

// Metadata is what is known of a schema beside its text.
type Metadata struct {
	Tags       map[string][]string `json:"tags,omitempty"` // by path in the schema
	Properties map[string]string   `json:"properties,omitempty"`
	Sensitive  []string            `json:"sensitive,omitempty"` // names of properties
}

// RuleSet is the rules of a data contract, which serializers run.
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/data-contracts.html
type RuleSet struct {
	Migration []Rule `json:"migrationRules,omitempty"`
	Domain    []Rule `json:"domainRules,omitempty"`
	Encoding  []Rule `json:"encodingRules,omitempty"`
	EnableAt  string `json:"enableAt,omitempty"`
}

// Rule is one rule.
type Rule struct {
	Name      string            `json:"name"`
	Doc       string            `json:"doc,omitempty"`
	Kind      string            `json:"kind,omitempty"` // CONDITION or TRANSFORM
	Mode      string            `json:"mode,omitempty"` // UPGRADE, DOWNGRADE, UPDOWN, WRITE, READ or WRITEREAD
	Type      string            `json:"type,omitempty"` // CEL, CEL_FIELD, JSONATA, ENCRYPT, …
	Tags      []string          `json:"tags,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
	Expr      string            `json:"expr,omitempty"`
	OnSuccess string            `json:"onSuccess,omitempty"`
	OnFailure string            `json:"onFailure,omitempty"`
	Disabled  bool              `json:"disabled,omitempty"`
}

// Version is a schema as a version of a subject.
type Version struct {
	Subject string
	Version int
	ID      int
	GUID    string // in the form of a UUID; "" from registries that have none
	Deleted bool   // softly
	Schema
}

// SubjectVersion names a version.
type SubjectVersion struct {
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

// body is a schema in JSON.
type body struct {
	Subject    string             `json:"subject,omitempty"`
	Version    int                `json:"version,omitempty"`
	ID         int                `json:"id,omitempty"`
	GUID       string             `json:"guid,omitempty"`
	Type       schema.Type        `json:"schemaType,omitempty"`
	References []schema.Reference `json:"references,omitempty"`
	Metadata   *Metadata          `json:"metadata,omitempty"`
	RuleSet    *RuleSet           `json:"ruleSet,omitempty"`
	Text       string             `json:"schema"`
	Deleted    bool               `json:"deleted,omitempty"`
}

func bodyOf(s Schema) body {
	b := body{Type: s.Type, References: s.References, Metadata: s.Metadata, RuleSet: s.RuleSet, Text: s.Text}
	if b.Type == schema.Avro {
		b.Type = "" // registries before schema types know no other form
	}
	return b
}

func (b body) schema() Schema {
	s := Schema{Type: b.Type, Text: b.Text, References: b.References, Metadata: b.Metadata, RuleSet: b.RuleSet}
	if s.Type == "" {
		s.Type = schema.Avro
	}
	return s
}

func (b body) version() Version {
	return Version{Subject: b.Subject, Version: b.Version, ID: b.ID, GUID: b.GUID, Deleted: b.Deleted, Schema: b.schema()}
}

func versions(bodies []body) []Version {
	out := make([]Version, len(bodies))
	for i, b := range bodies {
		out[i] = b.version()
	}
	return out
}

// segment escapes a subject for a path. A subject of dots alone would be taken for a step in the path.
func segment(subject string) string {
	if subject == "." || subject == ".." {
		return strings.ReplaceAll(subject, ".", "%2E")
	}
	return url.PathEscape(subject)
}

func subjectPath(subject string) string { return "/subjects/" + segment(subject) }

func versionPath(subject string, version int) string {
	return subjectPath(subject) + "/versions/" + strconv.Itoa(version)
}

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

// idKey names a schema under a subject in the cache.
type idKey struct {
	subject           string
	lookup, normalize bool
	kind              schema.Type
	text, others      string // others: references, metadata and rules
}

func (k idKey) weight() int { return len(k.subject) + len(k.text) + len(k.others) }

func idKeyOf(subject string, s Schema, normalize, lookup bool) idKey {
	k := idKey{subject: subject, lookup: lookup, normalize: normalize, kind: s.Type, text: s.Text}
	if k.kind == "" {
		k.kind = schema.Avro
	}
	if len(s.References) > 0 || s.Metadata != nil || s.RuleSet != nil {
		s.Text = ""
		b, _ := json.Marshal(bodyOf(s)) // texts and maps of texts: no error is possible
		k.others = string(b)
	}
	return k
}

type textKey struct {
	id      int
	subject string
}

type latestKey struct{ subject, metadata string }

func (s Schema) weight() int {
	n := len(s.Text) + 64*len(s.References)
	if s.Metadata != nil || s.RuleSet != nil {
		b, _ := json.Marshal([]any{s.Metadata, s.RuleSet})
		n += 2 * len(b)
	}
	return n
}
