package rest

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
)

// The functions below read a value as Jackson binds it to a Java type: numbers and booleans pass for text and text for
// numbers, what is null or absent is a nil, and members that nobody knows are ignored. A value of another shape is a *badBody
// in Jackson's words.

func token(v *value) string {
	switch v.kind {
	case object:
		return "Object value (token `JsonToken.START_OBJECT`)"
	case array:
		return "Array value (token `JsonToken.START_ARRAY`)"
	case boolean:
		return "Boolean value (token `JsonToken.VALUE_" + strings.ToUpper(v.text) + "`)"
	case integer:
		return "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"
	case decimal:
		return "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"
	}
	return "String value (token `JsonToken.VALUE_STRING`)"
}

func wrongToken(class string, v *value) error {
	return bad("Cannot deserialize value of type `%s` from %s", class, token(v))
}

// wantObject refuses what is no object where one of class is wanted; generic is how Jackson names a class with parameters.
func wantObject(v *value, class, generic string) error {
	const creator = "Cannot construct instance of `%s` (although at least one Creator exists): no %s-argument constructor/factory method to deserialize from %s value (%s)"
	switch v.kind {
	case object:
		return nil
	case text:
		return bad(creator, class, "String", "String", "'"+v.text+"'")
	case integer:
		return bad(creator, class, "int/Int", "Number", v.text)
	case decimal:
		return bad(creator, class, "double/Double", "Number", v.text)
	case boolean:
		return bad(creator, class, "boolean/Boolean", "boolean", v.text)
	}
	return wrongToken(generic, v)
}

func isNull(v *value) bool { return v == nil || v.kind == null }

func bindString(v *value) (*string, error) {
	if isNull(v) {
		return nil, nil
	}
	if v.kind == object || v.kind == array {
		return nil, wrongToken("String", v)
	}
	return &v.text, nil
}

func bindInt(v *value) (*int, error) {
	if isNull(v) {
		return nil, nil
	}
	var n int64
	switch v.kind {
	case integer:
		i, err := strconv.ParseInt(v.text, 10, 32)
		if err != nil {
			return nil, bad("Numeric value (%s) out of range of int (-2147483648 - 2147483647)", v.text)
		}
		n = i
	case decimal:
		f, err := strconv.ParseFloat(v.text, 64)
		if err != nil || math.Abs(f) > math.MaxInt32 {
			return nil, bad("Numeric value (%s) out of range of int (-2147483648 - 2147483647)", v.text)
		}
		n = int64(f)
	case text:
		s := strings.TrimSpace(v.text)
		if s == "" {
			return nil, nil
		}
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, bad("Cannot deserialize value of type `Integer` from String \"%s\": not a valid `java.lang.Integer` value", v.text)
		}
		if i != int64(int32(i)) {
			return nil, bad("Cannot deserialize value of type `Integer` from String \"%s\": Overflow: numeric value (%s) out of range of Integer (-2147483648 - 2147483647)", v.text, s)
		}
		n = i
	default:
		return nil, wrongToken("Integer", v)
	}
	i := int(n)
	return &i, nil
}

func bindBool(v *value) (*bool, error) {
	if isNull(v) {
		return nil, nil
	}
	var b bool
	switch s := strings.TrimSpace(v.text); {
	case v.kind == boolean:
		b = v.text == "true"
	case v.kind == integer:
		b = strings.Trim(v.text, "-0") != ""
	case v.kind == text && s == "":
		return nil, nil
	case v.kind == text && slices.Contains([]string{"true", "True", "TRUE"}, s):
		b = true
	case v.kind == text && slices.Contains([]string{"false", "False", "FALSE"}, s):
	case v.kind == text:
		return nil, bad("Cannot deserialize value of type `Boolean` from String \"%s\": only \"true\" or \"false\" recognized", v.text)
	default:
		return nil, wrongToken("Boolean", v)
	}
	return &b, nil
}

func bindEnum(v *value, class string, names []string) (string, error) {
	s, err := bindString(v)
	switch {
	case s == nil || err != nil:
		if err != nil {
			err = wrongToken(class, v)
		}
		return "", err
	case slices.Contains(names, *s):
		return *s, nil
	}
	return "", bad("Cannot deserialize value of type `%s` from String \"%s\": not one of the values accepted for Enum class: [%s]", class, *s, strings.Join(names, ", "))
}

// bindList calls each for the elements of an array of class.
func bindList(v *value, class string, each func(*value) error) error {
	if isNull(v) {
		return nil
	}
	if v.kind != array {
		return wrongList(v, "ArrayList", class)
	}
	for i := range v.elems {
		if err := each(&v.elems[i]); err != nil {
			return err
		}
	}
	return nil
}

// wrongList refuses what is no array where a Java collection is wanted.
func wrongList(v *value, collection, class string) error {
	if v.kind == text {
		return wantObject(v, collection, class+">")
	}
	return wrongToken(class+">", v)
}

func bindSet(v *value) ([]string, error) {
	if isNull(v) {
		return nil, nil
	}
	if v.kind != array {
		return nil, wrongList(v, "HashSet", "String")
	}
	out := []string{}
	for i := range v.elems {
		s, err := bindString(&v.elems[i])
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, bad("A set must not hold null")
		}
		out = append(out, *s)
	}
	return out, nil
}

func bindProperties(v *value, member string) (map[string]string, error) {
	if isNull(v) {
		return nil, nil
	}
	if err := wantObject(v, "LinkedHashMap", "String>"); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(v.members))
	for i := range v.members {
		m := &v.members[i]
		s, err := bindString(&m.value)
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, bad("The value of %q in %s must not be null", m.name, member)
		}
		out[m.name] = *s
	}
	return out, nil
}

func bindMetadata(v *value) (*registry.Metadata, error) {
	if isNull(v) {
		return nil, nil
	}
	if err := wantObject(v, "Metadata", "Metadata"); err != nil {
		return nil, err
	}
	out := &registry.Metadata{}
	var err error
	if tags := v.get("tags"); !isNull(tags) {
		if err := wantObject(tags, "LinkedHashMap", "String>>"); err != nil {
			return nil, err
		}
		out.Tags = make(map[string][]string, len(tags.members))
		for i := range tags.members {
			m := &tags.members[i]
			if out.Tags[m.name], err = bindSet(&m.value); err != nil {
				return nil, err
			}
		}
	}
	if out.Properties, err = bindProperties(v.get("properties"), "properties"); err != nil {
		return nil, err
	}
	out.Sensitive, err = bindSet(v.get("sensitive"))
	return out, err
}

func bindRules(v *value) ([]registry.Rule, error) {
	var out []registry.Rule
	err := bindList(v, "Rule", func(e *value) error {
		if e.kind == null {
			return bad("A list of rules must not hold null")
		}
		r, err := bindRule(e)
		out = append(out, r)
		return err
	})
	return out, err
}

func bindRule(v *value) (r registry.Rule, err error) {
	if err = wantObject(v, "Rule", "Rule"); err != nil {
		return r, err
	}
	for _, f := range []struct {
		name string
		to   *string
	}{{"name", &r.Name}, {"doc", &r.Doc}, {"type", &r.Type}, {"expr", &r.Expr}, {"onSuccess", &r.OnSuccess}, {"onFailure", &r.OnFailure}} {
		s, err := bindString(v.get(f.name))
		if err != nil {
			return r, err
		}
		if s != nil {
			*f.to = *s
		} else if f.name == "name" {
			r.NoName = true
		}
	}
	if r.Kind, err = bindEnum(v.get("kind"), "RuleKind", registry.RuleKinds); err != nil {
		return r, err
	}
	if r.Mode, err = bindEnum(v.get("mode"), "RuleMode", registry.RuleModes); err != nil {
		return r, err
	}
	if r.Tags, err = bindSet(v.get("tags")); err != nil {
		return r, err
	}
	if r.Params, err = bindProperties(v.get("params"), "params"); err != nil {
		return r, err
	}
	disabled, err := bindBool(v.get("disabled"))
	r.Disabled = disabled != nil && *disabled
	return r, err
}

func bindRuleSet(v *value) (*registry.RuleSet, error) {
	if isNull(v) {
		return nil, nil
	}
	if err := wantObject(v, "RuleSet", "RuleSet"); err != nil {
		return nil, err
	}
	out := &registry.RuleSet{}
	for _, l := range []struct {
		name string
		to   *[]registry.Rule
	}{{"migrationRules", &out.Migration}, {"domainRules", &out.Domain}, {"encodingRules", &out.Encoding}} {
		rules, err := bindRules(v.get(l.name))
		if err != nil {
			return nil, err
		}
		*l.to = rules
	}
	at, err := bindString(v.get("enableAt"))
	if at != nil {
		out.EnableAt = *at
	}
	return out, err
}

func bindReferences(v *value) ([]schema.Reference, error) {
	var out []schema.Reference
	err := bindList(v, "SchemaReference", func(e *value) error {
		if e.kind == null {
			return bad("A list of references must not hold null")
		}
		if err := wantObject(e, "SchemaReference", "SchemaReference"); err != nil {
			return err
		}
		name, err := bindString(e.get("name"))
		if err != nil {
			return err
		}
		subject, err := bindString(e.get("subject"))
		if err != nil {
			return err
		}
		version, err := bindInt(e.get("version"))
		if err != nil {
			return err
		}
		var r schema.Reference // without a version it refers to nothing
		if name != nil {
			r.Name = *name
		}
		if subject != nil {
			r.Subject = *subject
		}
		if version != nil {
			r.Version = *version
		}
		out = append(out, r)
		return nil
	})
	return out, err
}
