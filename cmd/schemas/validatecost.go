package schemas

import (
	"strconv"
	"strings"
)

// maxValidation bounds the subschemas that a validator meets on one instance: schemas can be written so that they double with
// every level.
const maxValidation = 20_000

// small reports whether the JSON of v takes no more than room, and takes it.
func small(v any, room *int) bool {
	switch v := v.(type) {
	case string:
		*room -= len(v) + 2
	case []any:
		for *room -= 2; len(v) > 0 && *room >= 0; v = v[1:] {
			small(v[0], room)
		}
	case map[string]any:
		*room -= 2
		for name, member := range v {
			if *room -= len(name) + 4; *room < 0 {
				break
			}
			small(member, room)
		}
	default:
		*room -= 4
	}
	return *room >= 0
}

// affordable reports whether a validator of the schema at root is soon done with instance. What it cannot tell, such as a
// reference by anchor, it takes for too much.
func affordable(root, instance any) bool {
	steps := maxValidation
	return validation(root, root, instance, &steps)
}

// Keywords whose schemas a validator applies to the instance itself and to what is in it; each has a schema or a list of them, or
// schemas by name.
var (
	inPlace        = []string{"allOf", "anyOf", "oneOf", "not", "if", "then", "else"}
	inPlaceByName  = []string{"dependencies", "dependentSchemas"}
	onInside       = []string{"additionalProperties", "unevaluatedProperties", "propertyNames", "items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"}
	onInsideByName = []string{"patternProperties"}
)

// validation takes the steps of validating instance with s, which is below root, and reports whether they sufficed.
func validation(root, s, instance any, steps *int) bool {
	if *steps--; *steps < 0 {
		return false
	}
	m, ok := s.(map[string]any)
	if !ok {
		return true
	}
	top, _ := root.(map[string]any)
	if m["$id"] != nil && m["$id"] != top["$id"] || m["id"] != nil && m["id"] != top["id"] || m["$dynamicRef"] != nil || m["$recursiveRef"] != nil {
		return false // its references lead elsewhere
	}
	if m["$ref"] != nil {
		target, ok := referred(root, m["$ref"])
		if !ok || !validation(root, target, instance, steps) {
			return false
		}
	}
	here := func(sub any) bool { return validation(root, sub, instance, steps) }
	if !each(m, inPlace, here) || !eachByName(m, inPlaceByName, here) {
		return false
	}
	object, _ := instance.(map[string]any)
	inside, _ := instance.([]any)
	properties, _ := m["properties"].(map[string]any)
	for name, v := range object {
		inside = append(inside, v)
		if !validation(root, properties[name], v, steps) {
			return false
		}
	}
	for _, v := range inside {
		there := func(sub any) bool { return validation(root, sub, v, steps) }
		if !each(m, onInside, there) || !eachByName(m, onInsideByName, there) {
			return false
		}
	}
	return true
}

// each calls f for the schemas that m has under keywords, alone or in a list, as long as it says so.
func each(m map[string]any, keywords []string, f func(any) bool) bool {
	for _, keyword := range keywords {
		list, ok := m[keyword].([]any)
		if !ok {
			list = []any{m[keyword]}
		}
		for _, sub := range list {
			if !f(sub) {
				return false
			}
		}
	}
	return true
}

// eachByName is each for keywords that have schemas by name.
func eachByName(m map[string]any, keywords []string, f func(any) bool) bool {
	for _, keyword := range keywords {
		byName, _ := m[keyword].(map[string]any)
		for _, sub := range byName {
			if !f(sub) {
				return false
			}
		}
	}
	return true
}

// referred returns what a reference into the document root leads to.
func referred(root, ref any) (any, bool) {
	text, _ := ref.(string)
	pointer, ok := strings.CutPrefix(text, "#")
	if !ok || pointer != "" && pointer[0] != '/' {
		return nil, false
	}
	at := root
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch v := at.(type) {
		case map[string]any:
			at, ok = v[strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")]
		case []any:
			i, err := strconv.Atoi(token)
			if ok = err == nil && i >= 0 && i < len(v); ok {
				at = v[i]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return at, true
}
