package jsonschema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// findings returns rule and place of each difference.
func findings(t testing.TB, old, new string, lenient bool) []string {
	t.Helper()
	found := parse(t, new).canRead(parse(t, old), lenient)
	out := []string{}
	for _, d := range found {
		out = append(out, d.Rule+" "+d.Path)
	}
	return out
}

// incompatible has a pair for each rule, and what is found in it.
var incompatible = []struct{ old, new, want string }{
	{`{"type":"array"}`, `{"type":"array","items":{"type":"string"}}`, "SCHEMA_ADDED #/items"},
	{`{"type":"number"}`, `{"type":"integer"}`, "TYPE_NARROWED #/"},
	{`{"type":"string"}`, `{"type":"integer"}`, "TYPE_CHANGED #/"},
	{`{"type":["string","null"]}`, `{"type":"string"}`, "TYPE_CHANGED #/"},
	{`{"type":"string"}`, `{"type":"string","enum":["a"]}`, "TYPE_CHANGED #/"},
	{`{"type":"object"}`, `false`, "TYPE_CHANGED #/"},
	{`{}`, `{"type":"string"}`, "TYPE_CHANGED #/"},

	{`{"type":"string"}`, `{"type":"string","maxLength":3}`, "MAX_LENGTH_ADDED #/maxLength"},
	{`{"maxLength":4}`, `{"maxLength":3}`, "MAX_LENGTH_DECREASED #/maxLength"},
	{`{"type":"string"}`, `{"type":"string","minLength":3}`, "MIN_LENGTH_ADDED #/minLength"},
	{`{"minLength":2}`, `{"minLength":3}`, "MIN_LENGTH_INCREASED #/minLength"},
	{`{"type":"string"}`, `{"type":"string","pattern":"a"}`, "PATTERN_ADDED #/pattern"},
	{`{"pattern":"a"}`, `{"pattern":"b"}`, "PATTERN_CHANGED #/pattern"},
	{`{"type":"number"}`, `{"type":"number","maximum":3}`, "MAXIMUM_ADDED #/maximum"},
	{`{"maximum":3.10}`, `{"maximum":3.1e0,"minimum":1}`, "MINIMUM_ADDED #/minimum"},
	{`{"maximum":3.1}`, `{"maximum":3}`, "MAXIMUM_DECREASED #/maximum"},
	{`{"minimum":-3}`, `{"minimum":-2.5}`, "MINIMUM_INCREASED #/minimum"},
	{`{"type":"number"}`, `{"type":"number","exclusiveMaximum":3}`, "EXCLUSIVE_MAXIMUM_ADDED #/exclusiveMaximum"},
	{`{"exclusiveMaximum":1e2}`, `{"exclusiveMaximum":99}`, "EXCLUSIVE_MAXIMUM_DECREASED #/exclusiveMaximum"},
	{`{"type":"number"}`, `{"type":"number","exclusiveMinimum":3}`, "EXCLUSIVE_MINIMUM_ADDED #/exclusiveMinimum"},
	{`{"exclusiveMinimum":1e400}`, `{"exclusiveMinimum":1e401}`, "EXCLUSIVE_MINIMUM_INCREASED #/exclusiveMinimum"},
	{`{"type":"number"}`, `{"type":"number","multipleOf":3}`, "MULTIPLE_OF_ADDED #/multipleOf"},
	{`{"multipleOf":0.5}`, `{"multipleOf":1.5}`, "MULTIPLE_OF_EXPANDED #/multipleOf"},
	{`{"multipleOf":4}`, `{"multipleOf":6}`, "MULTIPLE_OF_CHANGED #/multipleOf"},

	{`{"properties":{"a":{}}}`, `{"properties":{"a":{}},"required":["a"]}`, "REQUIRED_ATTRIBUTE_ADDED #/required/a"},
	{`{"type":"object"}`, `{"type":"object","required":["a"]}`, "REQUIRED_ATTRIBUTE_ADDED #/required/a"},
	{`{"type":"object"}`, `{"type":"object","maxProperties":1}`, "MAX_PROPERTIES_ADDED #/maxProperties"},
	{`{"maxProperties":2}`, `{"maxProperties":1}`, "MAX_PROPERTIES_DECREASED #/maxProperties"},
	{`{"type":"object"}`, `{"type":"object","minProperties":1}`, "MIN_PROPERTIES_ADDED #/minProperties"},
	{`{"minProperties":1}`, `{"minProperties":2}`, "MIN_PROPERTIES_INCREASED #/minProperties"},
	{`{"type":"object"}`, `{"type":"object","additionalProperties":false}`, "ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties"},
	{`{"additionalProperties":{"type":"string"}}`, `{"additionalProperties":false}`, "ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties"},
	{`{"type":"object"}`, `{"type":"object","additionalProperties":{"type":"string"}}`, "ADDITIONAL_PROPERTIES_NARROWED #/additionalProperties"},
	{draft20 + `"type":"object"}`, draft20 + `"type":"object","unevaluatedProperties":false}`, "UNEVALUATED_PROPERTIES_REMOVED #/unevaluatedProperties"},
	{draft20 + `"type":"object"}`, draft20 + `"type":"object","unevaluatedProperties":{"type":"null"}}`, "UNEVALUATED_PROPERTIES_NARROWED #/unevaluatedProperties"},
	{`{"type":"object"}`, `{"type":"object","dependencies":{"a":["b"]}}`, "DEPENDENCY_ARRAY_ADDED #/dependencies/a"},
	{`{"dependencies":{"a":["b"]}}`, `{"dependencies":{"a":["b","c"]}}`, "DEPENDENCY_ARRAY_EXTENDED #/dependencies/a"},
	{`{"dependencies":{"a":["b"]}}`, `{"dependencies":{"a":["c"]}}`, "DEPENDENCY_ARRAY_CHANGED #/dependencies/a"},
	{`{"type":"object"}`, `{"type":"object","dependencies":{"a":{"type":"object"}}}`, "DEPENDENCY_SCHEMA_ADDED #/dependencies/a"},
	{draft20 + `"dependentSchemas":{"a":{"minProperties":1}}}`, draft20 + `"dependentSchemas":{"a":{"minProperties":2}}}`, "MIN_PROPERTIES_INCREASED #/dependencies/a/minProperties"},
	{`{"type":"object"}`, `{"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}`, "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a"},
	{`{"additionalProperties":false}`, `{"additionalProperties":false,"properties":{"a":{"type":"null"}},"required":["a"]}`, "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/a"},
	{`{"type":"object"}`, `{"type":"object","properties":{"a":{"type":"null","default":null}},"required":["a"]}`, "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a"},
	{`{"type":"object"}`, `{"type":"object","properties":{"a":{"type":"null"}}}`, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a"},
	{`{"patternProperties":{"^a+$":{"type":"string"}}}`, `{"patternProperties":{"^a+$":{"type":"string"}},"properties":{"aa":{"type":"null"}}}`,
		"TYPE_CHANGED #/properties/aa; PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/aa"},
	{`{"properties":{"a":{"type":"null"}},"additionalProperties":false}`, `{"additionalProperties":false}`, "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a"},
	{`{"properties":{"a":{"type":"null"}},"additionalProperties":{"type":"string"}}`, `{"additionalProperties":{"type":"string"}}`,
		"TYPE_CHANGED #/properties/a; PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/a"},

	{`{"type":"array"}`, `{"type":"array","maxItems":1}`, "MAX_ITEMS_ADDED #/maxItems"},
	{`{"maxItems":2}`, `{"maxItems":1}`, "MAX_ITEMS_DECREASED #/maxItems"},
	{`{"type":"array"}`, `{"type":"array","minItems":1}`, "MIN_ITEMS_ADDED #/minItems"},
	{`{"minItems":1}`, `{"minItems":2}`, "MIN_ITEMS_INCREASED #/minItems"},
	{draft20 + `"type":"array"}`, draft20 + `"type":"array","maxContains":1}`, "MAX_CONTAINS_ADDED #/maxContains"},
	{draft20 + `"maxContains":2}`, draft20 + `"maxContains":1}`, "MAX_CONTAINS_DECREASED #/maxContains"},
	{draft20 + `"type":"array"}`, draft20 + `"type":"array","minContains":1}`, "MIN_CONTAINS_ADDED #/minContains"},
	{draft20 + `"minContains":1}`, draft20 + `"minContains":2}`, "MIN_CONTAINS_INCREASED #/minContains"},
	{`{"type":"array","uniqueItems":false}`, `{"type":"array","uniqueItems":true}`, "UNIQUE_ITEMS_ADDED #/uniqueItems"},
	{`{"type":"array"}`, `{"type":"array","additionalItems":false}`, "ADDITIONAL_ITEMS_REMOVED #/additionalItems"},
	{`{"type":"array"}`, `{"type":"array","additionalItems":{"type":"null"}}`, "ADDITIONAL_ITEMS_NARROWED #/additionalItems"},
	{draft20 + `"prefixItems":[true]}`, draft20 + `"prefixItems":[true],"items":false}`, "ADDITIONAL_ITEMS_REMOVED #/additionalItems"},
	{draft20 + `"type":"array"}`, draft20 + `"type":"array","unevaluatedItems":false}`, "UNEVALUATED_ITEMS_REMOVED #/unevaluatedItems"},
	{draft20 + `"type":"array"}`, draft20 + `"type":"array","unevaluatedItems":{"type":"null"}}`, "UNEVALUATED_ITEMS_NARROWED #/unevaluatedItems"},
	{`{"items":[true]}`, `{"items":[true,{"type":"null"}]}`, "ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1"},
	{`{"items":[true,true],"additionalItems":false}`, `{"items":[true],"additionalItems":false}`, "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL #/items/1"},
	{`{"items":[],"additionalItems":{"type":"string"}}`, `{"items":[{"type":"null"}],"additionalItems":{"type":"string"}}`,
		"TYPE_CHANGED #/items/0; ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/items/0"},
	{`{"items":[{"type":"null"}],"additionalItems":{"type":"string"}}`, `{"items":[],"additionalItems":{"type":"string"}}`,
		"TYPE_CHANGED #/items/0; ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/items/0"},

	{`{"enum":[1,{"a":1,"b":2}]}`, `{"enum":[{"b":2,"a":1.0}]}`, "ENUM_ARRAY_NARROWED #/enum"},
	{`{"enum":["a"]}`, `{"enum":["b"]}`, "ENUM_ARRAY_CHANGED #/enum"},
	{`{"const":"a"}`, `{"const":"b"}`, "ENUM_ARRAY_CHANGED #/const"},
	{`{"type":"string","enum":["a","b"]}`, `{"type":"string","enum":["a"]}`, "COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"},
	{`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"oneOf":[{"type":"string"},{"type":"null"}]}`, "COMBINED_TYPE_CHANGED #/"},
	{`{"allOf":[{"type":"string"}]}`, `{"allOf":[{"type":"string"},{"maxLength":3}]}`, "PRODUCT_TYPE_EXTENDED #/"},
	{`{"type":["string","null","boolean"]}`, `{"type":["string","null"]}`, "SUM_TYPE_NARROWED #/"},
	{`{"not":{"type":"integer"}}`, `{"not":{"type":"number"}}`, "NOT_TYPE_EXTENDED #/not"},

	{`{"properties":{"a":{"$ref":"#/definitions/d"}},"definitions":{"d":{"maximum":5}}}`, `{"properties":{"a":{"$ref":"#d"}},"definitions":{"d":{"$id":"#d","maximum":4}}}`, "MAXIMUM_DECREASED #/properties/a/maximum"},
	{draft20 + `"$defs":{"d":{"$anchor":"x","type":"null"}},"$ref":"#x"}`, `{"type":"string"}`, "TYPE_CHANGED #/"},
}

const draft20 = `{"$schema":"https://json-schema.org/draft/2020-12/schema",`

func TestIncompatible(t *testing.T) {
	seen := map[string]bool{tooComplex: true} // see TestTooComplex
	for _, c := range incompatible {
		got := findings(t, c.old, c.new, false)
		if diff := cmp.Diff(strings.Split(c.want, "; "), got); diff != "" {
			t.Errorf("old %s\nnew %s\n(-want +got):\n%s", c.old, c.new, diff)
		}
		for _, f := range got {
			seen[strings.Fields(f)[0]] = true
		}
	}
	for name := range rules {
		if !seen[name] {
			t.Errorf("no pair breaks %s", name)
		}
	}
}

func TestCompatible(t *testing.T) {
	for _, c := range []struct{ old, new string }{
		{`{"title":"a","description":"b","$id":"c","default":1}`, `{"title":"d"}`},
		{`{"type":"integer"}`, `{"type":"number"}`},
		{`{"type":"string","maxLength":3,"minLength":2,"pattern":"a"}`, `{"type":"string"}`},
		{`{"maximum":3,"minimum":3,"exclusiveMaximum":3,"exclusiveMinimum":3,"multipleOf":6}`, `{"maximum":4,"minimum":2,"exclusiveMaximum":4,"exclusiveMinimum":2,"multipleOf":3}`},
		{`{"multipleOf":1e300}`, `{"multipleOf":1e-300}`},
		{`{"required":["a"],"maxProperties":3,"minProperties":3}`, `{"maxProperties":4,"minProperties":2}`},
		{`{"properties":{"a":{"type":"null"}}}`, `{"properties":{"a":{"type":"null","default":null}},"required":["a"]}`},
		{`{"properties":{"a":{"type":"null"}},"additionalProperties":false}`, `{"type":"object"}`},
		{`{"additionalProperties":false}`, `{"additionalProperties":false,"properties":{"a":{"type":"null","default":null},"b":{}},"required":["a"]}`},
		{`{"properties":{"a":false},"additionalProperties":false}`, `{"additionalProperties":false}`},
		{`{"additionalProperties":{"type":"string"}}`, `{"additionalProperties":{"type":"string"},"properties":{"a":{"type":"string"}}}`},
		{`{"properties":{"xa":{"type":"string"}},"patternProperties":{"^x":{"type":"string"}}}`, `{"patternProperties":{"^x":{"type":"string"}}}`},
		{`{"type":"object"}`, `{"type":"object","properties":{"a":{}},"additionalProperties":true}`},
		{`{"dependencies":{"a":["b","c"],"d":{"type":"object"}}}`, `{"dependencies":{"a":["b"]}}`},
		{`{"items":[true,true]}`, `{"items":[true]}`},
		{`{"items":[true],"additionalItems":false}`, `{"items":[true,{"type":"null"}],"additionalItems":false}`},
		{`{"items":[true]}`, `{"items":[true,{}]}`},
		{`{"items":{"type":"string"},"uniqueItems":true}`, `{"type":"array"}`},
		{`{"enum":[1]}`, `{"enum":[1.0,2]}`},
		{`{"type":"string"}`, `{"anyOf":[{"type":"null"},{"type":"string"}]}`},
		{`{"allOf":[{"type":"string"},{"maxLength":3}]}`, `{"type":"string"}`},
		{`{"allOf":[{"type":"string"}]}`, `{"oneOf":[{"type":"string"}]}`},
		{`{"oneOf":[{"type":"null"},{"type":"string"}]}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`},
		{`{"anyOf":[{"type":"integer"},{"type":"number"}]}`, `{"anyOf":[{"type":"number"},{"type":"number"}]}`},
		{`{"not":{"type":"number"}}`, `{"not":{"type":"integer"}}`},
		{`{"type":"string","connect.type":"bytes"}`, `{"type":"integer","connect.type":"bytes"}`},
		{`false`, `{"type":"string"}`},
		{`{"type":"string"}`, `true`},
		{`{"if":{"type":"string"},"then":{"minLength":1}}`, `{"if":{"type":"string"},"then":{"minLength":2}}`},
		{`{"contains":{"type":"string"},"format":"a"}`, `{"contains":{"type":"null"},"format":"b"}`},
	} {
		if got := findings(t, c.old, c.new, false); len(got) > 0 {
			t.Errorf("old %s\nnew %s\n%q", c.old, c.new, got)
		}
	}
}

// TestLenient holds the policy LENIENT to let pass exactly what it says it does.
func TestLenient(t *testing.T) {
	for _, c := range incompatible {
		var want []string
		for _, f := range findings(t, c.old, c.new, false) {
			if !rules[strings.Fields(f)[0]].lenient {
				want = append(want, f)
			}
		}
		if got := findings(t, c.old, c.new, true); len(got) != len(want) {
			t.Errorf("old %s\nnew %s\ngot %q, want %q", c.old, c.new, got, want)
		}
	}
	var pass int
	for _, r := range rules {
		if r.lenient {
			pass++
		}
	}
	if pass != 9 {
		t.Errorf("%d rules pass under LENIENT, want 9", pass)
	}
}

// TestOrder holds the order of findings: Java's of names, and of keywords.
func TestOrder(t *testing.T) {
	got := findings(t,
		`{"properties":{"Cc":{},"a":{},"y":{},"z":{},"m":{},"long_name":{},"n":{},"b1":{}}}`,
		`{"properties":{"z":false,"y":false,"a":false,"long_name":false,"b1":false,"Cc":false,"m":false,"n":false},"required":["z"],"minProperties":1,"additionalProperties":false,"dependencies":{"a":["b"]}}`, false)
	want := []string{"REQUIRED_ATTRIBUTE_ADDED #/required/z"}
	for _, n := range []string{"Cc", "a", "y", "z", "m", "long_name", "n", "b1"} { // as a HashMap of Java 17 yields them
		want = append(want, "TYPE_CHANGED #/properties/"+n)
	}
	want = append(want, "DEPENDENCY_ARRAY_ADDED #/dependencies/a", "ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties", "MIN_PROPERTIES_ADDED #/minProperties")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSides holds a message's sides and a percent sign of the schema's own.
func TestSides(t *testing.T) {
	d := parse(t, `{"properties":{"100%s":{"type":"null"}}}`).CanRead(parse(t, `{"properties":{"100%s":{"type":"string"}}}`))
	want := `{errorType:"TYPE_CHANGED", description:"A type at path '#/properties/100%s' is different between the new schema and the old schema'}`
	if len(d) != 1 || d[0].Line("new", "old") != want {
		t.Errorf("%v, want %s", d, want)
	}
}
