package compat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	validator "github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/schema"
)

// TestJSONInstancesAgree holds the verdict of BACKWARD under the policy STRICT beside what a validator says: instances that are
// valid under the old schema are valid under the new one where it is compatible, and mostly some are not where it is not. Where
// they are not although it is compatible, the pair has what Confluent's rules overlook, see TestJSONRulesOverlook.
func TestJSONInstancesAgree(t *testing.T) {
	g := jsonGenerator{rand.New(rand.NewPCG(4, 3))}
	compatible, tried, overlooked, tally := 0, 0, map[string]int{}, map[string][2]int{}
	for range agreePairs {
		old := g.object(0)
		candidate, changes := g.mutate(old)
		oldText, newText := jsonText(t, old), jsonText(t, candidate)
		findings := compat.Judge(compat.Backward, parseJSON(t, newText), []compat.Previous{{Version: 1, Schema: parseJSON(t, oldText)}}).Backward
		writer, reader := jsonValidator(t, oldText), jsonValidator(t, newText)
		var fault error
		valid := 0
		for range 40 {
			instance := g.instance(old, candidate)
			if writer.Validate(instance) != nil {
				continue
			}
			valid++
			if err := reader.Validate(instance); err != nil {
				fault = fmt.Errorf("%s is refused: %w", jsonText(t, instance), err)
				break
			}
		}
		tried += valid
		if len(findings) == 0 {
			compatible++
			switch {
			case fault == nil:
			case strings.Contains(oldText+newText, `"patternProperties"`):
				overlooked["patternProperties"]++
			case overlaps(fault):
				overlooked["oneOf"]++
			default:
				t.Errorf("compatible after %s, and yet %v\n\told %s\n\tnew %s", changes, fault, oldText, newText)
			}
			continue
		}
		for _, rule := range rules(findings) {
			n := tally[rule]
			if n[1]++; fault != nil {
				n[0]++
			}
			tally[rule] = n
		}
	}
	t.Logf("%d of %d pairs are compatible; %d instances tried; overlooked: %v", compatible, agreePairs, tried, overlooked)
	if n := overlooked["patternProperties"] + overlooked["oneOf"]; n > compatible/20 {
		t.Errorf("%d of %d compatible pairs let instances through that the new schema refuses", n, compatible)
	}
	if compatible < agreePairs/5 || compatible > agreePairs*3/4 || tried < 10*agreePairs {
		t.Errorf("%d of %d pairs are compatible, %d instances: too lopsided to show anything", compatible, agreePairs, tried)
	}
	holdTally(t, tally, map[string]int{
		"TYPE_CHANGED": 70, "TYPE_NARROWED": 70, "ENUM_ARRAY_NARROWED": 80, "ENUM_ARRAY_CHANGED": 80, "MAX_LENGTH_ADDED": 75,
		"REQUIRED_ATTRIBUTE_ADDED": 75, "ADDITIONAL_PROPERTIES_REMOVED": 75, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL": 65,
		"PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL": 65,
	})
}

// TestJSONRulesOverlook lists what Confluent's rules let through although the new schema refuses valid old data: the comparison
// has to judge as they do, so each of these is compatible and has an instance that shows the harm.
func TestJSONRulesOverlook(t *testing.T) {
	for _, c := range []struct{ name, old, new, instance string }{
		{"schemas of patternProperties are not compared",
			`{"type":"object","patternProperties":{"^x":{"type":"string"}}}`, `{"type":"object","patternProperties":{"^x":{"type":"integer"}}}`, `{"xa":"s"}`},
		{"patternProperties make an object not open, whatever else it admits",
			`{"type":"object","patternProperties":{"^x":{"type":"string"}}}`,
			`{"type":"object","patternProperties":{"^x":{"type":"string"}},"properties":{"a":{"type":"string"}}}`, `{"a":1}`},
		{"members of oneOf that come to overlap",
			`{"oneOf":[{"type":"integer"},{"type":"string","maxLength":3}]}`, `{"oneOf":[{"type":"number"},{"type":"string"},{"type":"string","minLength":1}]}`, `"s"`},
		{"a default does not fill in what is required",
			`{"type":"object","properties":{"a":{"type":"string"}}}`, `{"type":"object","properties":{"a":{"type":"string","default":"s"}},"required":["a"]}`, `{}`},
		{"propertyNames", `{"type":"object"}`, `{"type":"object","propertyNames":{"maxLength":1}}`, `{"long":1}`},
		{"contains", `{"type":"array"}`, `{"type":"array","contains":{"type":"string"}}`, `[]`},
		{"if and then", `{"type":"string","if":{"minLength":2},"then":{"maxLength":4}}`, `{"type":"string","if":{"minLength":2},"then":{"maxLength":3}}`, `"text"`},
	} {
		var instance any
		if err := json.Unmarshal([]byte(c.instance), &instance); err != nil {
			t.Fatal(err)
		}
		if v := compat.Judge(compat.Backward, parseJSON(t, c.new), []compat.Previous{{Version: 1, Schema: parseJSON(t, c.old)}}); !v.Compatible() {
			t.Errorf("%s: %v", c.name, v.Lines())
		}
		if err := jsonValidator(t, c.old).Validate(instance); err != nil {
			t.Errorf("%s: %s is not of the old schema: %v", c.name, c.instance, err)
		}
		if jsonValidator(t, c.new).Validate(instance) == nil {
			t.Errorf("%s: the new schema reads %s", c.name, c.instance)
		}
	}
}

// overlaps reports whether an instance is refused because it is valid under two members of a oneOf.
func overlaps(err error) bool {
	var v *validator.ValidationError
	if !errors.As(err, &v) {
		return false
	}
	return strings.HasPrefix(v.Message, "valid against schemas") || slices.ContainsFunc(v.Causes, func(c *validator.ValidationError) bool { return overlaps(c) })
}

func parseJSON(t testing.TB, text string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s
}

func jsonText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func jsonValidator(t testing.TB, text string) *validator.Schema {
	t.Helper()
	c := validator.NewCompiler()
	c.Draft = validator.Draft7
	if err := c.AddResource("mem:schema", strings.NewReader(text)); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	s, err := c.Compile("mem:schema")
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s
}
