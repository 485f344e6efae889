package registry

import (
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"
)

// RuleSet is the rules of a data contract. The registry keeps them and gives them back; clients run them.
type RuleSet struct {
	Migration []Rule `json:"migrationRules"`
	Domain    []Rule `json:"domainRules"`
	Encoding  []Rule `json:"encodingRules"`
	EnableAt  string `json:"enableAt"`
}

// Rule is one rule. https://docs.confluent.io/platform/current/schema-registry/fundamentals/data-contracts.html
type Rule struct {
	Name      string            `json:"name"`
	NoName    bool              `json:"-"` // a client gave none, which validate refuses with another message than an empty one
	Doc       string            `json:"doc"`
	Kind      string            `json:"kind"` // CONDITION or TRANSFORM
	Mode      string            `json:"mode"` // one of RuleModes
	Type      string            `json:"type"`
	Tags      []string          `json:"tags"`
	Params    map[string]string `json:"params"`
	Expr      string            `json:"expr"`
	OnSuccess string            `json:"onSuccess"`
	OnFailure string            `json:"onFailure"`
	Disabled  bool              `json:"disabled"`
}

// The kinds and modes of rules.
var (
	RuleKinds = []string{"CONDITION", "TRANSFORM"}
	RuleModes = []string{"DOWNGRADE", "READ", "UPGRADE", "UPDOWN", "WRITE", "WRITEREAD"}
)

// normal returns the rule with Confluent's defaults and sorted tags.
func (r Rule) normal() Rule {
	if r.Kind == "" {
		r.Kind = "TRANSFORM"
	}
	if r.Mode == "" {
		r.Mode = "WRITEREAD"
	}
	r.Tags = sortedSet(r.Tags)
	return r
}

func (s *RuleSet) normal() *RuleSet {
	if s == nil {
		return nil
	}
	out := &RuleSet{EnableAt: s.EnableAt}
	for _, l := range []struct {
		from []Rule
		to   *[]Rule
	}{{s.Migration, &out.Migration}, {s.Domain, &out.Domain}, {s.Encoding, &out.Encoding}} {
		for _, r := range l.from {
			*l.to = append(*l.to, r.normal())
		}
	}
	return out
}

func (s *RuleSet) lists() [3][]Rule { return [3][]Rule{s.Migration, s.Domain, s.Encoding} }

// has reports whether a rule of the type is in s.
func (s *RuleSet) has(ruleType string) bool {
	if s == nil {
		return false
	}
	for _, l := range s.lists() {
		if slices.ContainsFunc(l, func(r Rule) bool { return r.Type == ruleType }) {
			return true
		}
	}
	return false
}

func (s *RuleSet) appendHashed(b []byte) []byte {
	for _, l := range s.lists() {
		for _, r := range l {
			b = appendAll(b, r.Name, r.Doc, r.Kind, r.Mode, r.Type)
			b = appendAll(b, r.Tags...)
			for _, k := range slices.Sorted(maps.Keys(r.Params)) {
				b = appendAll(b, k, r.Params[k])
			}
			b = appendAll(b, r.Expr, r.OnSuccess, r.OnFailure)
			if r.Disabled {
				b = append(b, 1)
			}
		}
	}
	return append(b, s.EnableAt...)
}

func (s *RuleSet) appendJSON(b []byte) []byte {
	o := newObject(b)
	for i, l := range s.lists() {
		if len(l) == 0 {
			continue
		}
		o.key([]string{"migrationRules", "domainRules", "encodingRules"}[i])
		o.b = append(o.b, '[')
		for i := range l {
			if i > 0 {
				o.b = append(o.b, ',')
			}
			o.b = l[i].appendJSON(o.b)
		}
		o.b = append(o.b, ']')
	}
	o.nonEmpty("enableAt", s.EnableAt)
	return o.end()
}

func (r *Rule) appendJSON(b []byte) []byte {
	o := newObject(b)
	o.nonEmpty("name", r.Name)
	o.nonEmpty("doc", r.Doc)
	o.nonEmpty("kind", r.Kind)
	o.nonEmpty("mode", r.Mode)
	o.nonEmpty("type", r.Type)
	if len(r.Tags) > 0 {
		o.key("tags").b = appendStrings(o.b, r.Tags)
	}
	if len(r.Params) > 0 {
		o.key("params").b = appendProperties(o.b, r.Params)
	}
	o.nonEmpty("expr", r.Expr)
	o.nonEmpty("onSuccess", r.OnSuccess)
	o.nonEmpty("onFailure", r.OnFailure)
	o.bool("disabled", r.Disabled)
	return o.end()
}

func (s *RuleSet) equal(o *RuleSet) bool {
	if s == nil || o == nil {
		return s == o
	}
	return string(s.appendJSON(nil)) == string(o.appendJSON(nil))
}

// validate refuses rules that Confluent refuses.
func (s *RuleSet) validate() error {
	if s == nil {
		return nil
	}
	for i, l := range s.lists() {
		modes, refusal := []string{"WRITE", "READ", "WRITEREAD"}, [3]string{
			"Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN", "Domain rules can only be WRITE, READ, WRITEREAD", "Encoding rules can only be WRITE, READ, WRITEREAD",
		}[i]
		if i == 0 {
			modes = []string{"UPGRADE", "DOWNGRADE", "UPDOWN"}
		}
		names := map[string]bool{}
		for _, r := range l {
			if names[r.Name] {
				return errorf(CodeInvalidRuleSet, "Found rule with duplicate name '%s'", r.Name)
			}
			names[r.Name] = true
			if err := r.validate(); err != nil {
				return err
			}
			if !slices.Contains(modes, r.Mode) {
				return errorf(CodeInvalidRuleSet, "%s", refusal)
			}
		}
	}
	return nil
}

func (r *Rule) validate() error {
	first, n := utf8.DecodeRuneInString(r.Name)
	switch {
	case r.NoName:
		return errorf(CodeInvalidRuleSet, "Missing rule name")
	case r.Name == "":
		return errorf(CodeInvalidRuleSet, "Empty rule name")
	case first != '_' && !unicode.IsLetter(first):
		return errorf(CodeInvalidRuleSet, "Illegal initial character in rule name: %s", r.Name)
	}
	for _, c := range r.Name[n:] {
		if c != '_' && c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return errorf(CodeInvalidRuleSet, "Illegal character in rule name: %s", r.Name)
		}
	}
	if r.Type == "" {
		return errorf(CodeInvalidRuleSet, "Missing rule type")
	}
	return nil
}

// mergeRuleSets lays over on base: rules with the same name are replaced, the others follow.
func mergeRuleSets(base, over *RuleSet) *RuleSet {
	if base == nil {
		return over
	}
	if over == nil {
		return base
	}
	merge := func(base, over []Rule) []Rule {
		out := slices.DeleteFunc(slices.Clone(base), func(r Rule) bool {
			return slices.ContainsFunc(over, func(o Rule) bool { return o.Name == r.Name })
		})
		return append(out, over...)
	}
	out := &RuleSet{Migration: merge(base.Migration, over.Migration), Domain: merge(base.Domain, over.Domain), Encoding: merge(base.Encoding, over.Encoding), EnableAt: base.EnableAt}
	if over.EnableAt != "" {
		out.EnableAt = over.EnableAt
	}
	return out
}
