package schemas

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

// explain words a finding for the one who edits f, and names the smallest edit of f that would pass where there is one. reader
// is "new" when f reads and "old" when an older version does; off is the finding's place in f.
func explain(f *File, d schema.Difference, reader string, off int) (message, fix string) {
	if f.Type() == schema.Avro {
		if message, fix = explainAvro(f.Text, d, reader == "new", off); message != "" {
			return message, fix
		}
	}
	writer := "old"
	if reader == "old" {
		writer = "new"
	}
	message = description(d.Line(reader, writer))
	if strings.Contains(d.Detail, " → ") {
		message += " (" + d.Detail + ")"
	}
	return message, otherFixes[d.Rule][reader]
}

// description takes the sentence out of Confluent's line.
func description(line string) string {
	_, after, ok := strings.Cut(line, "description:")
	if !ok {
		return line
	}
	after = strings.TrimSuffix(strings.TrimSuffix(after, "}"), "\"")
	if head, _, ok := strings.Cut(after, ", additionalInfo:"); ok {
		after = head
	}
	return strings.Trim(after, "\"'")
}

func explainAvro(text string, d schema.Difference, newReads bool, off int) (message, fix string) {
	expected := strings.TrimPrefix(d.Detail, "expected: ")
	switch d.Rule {
	case avro.ReaderFieldMissingDefault:
		if newReads {
			return fmt.Sprintf("field %q is new and has no default", d.Detail), "add " + suggestedDefault(text, off) + ` to the field`
		}
		return fmt.Sprintf("field %q is gone, and the old schema has no default for it", d.Detail), fmt.Sprintf("put field %q back", d.Detail)
	case avro.TypeMismatch:
		r, w, _ := strings.Cut(strings.TrimPrefix(d.Detail, "reader type: "), " not compatible with writer type: ")
		r, w = strings.ToLower(r), strings.ToLower(w)
		if newReads {
			return fmt.Sprintf("the type was %s and is now %s, which cannot be read from it", w, r), fmt.Sprintf("go back to %s, or add a field of another name with a default", w)
		}
		return fmt.Sprintf("the type was %s, which cannot be read from what it is now, %s", r, w), fmt.Sprintf("go back to %s, or add a field of another name", r)
	case avro.MissingUnionBranch:
		kind := strings.ToLower(strings.TrimPrefix(d.Detail, "reader union lacking writer type: "))
		switch {
		case d.Inside != nil && newReads:
			return fmt.Sprintf("the union's %s cannot be read from the old schema's, for the reasons that follow", kind), ""
		case d.Inside != nil:
			return fmt.Sprintf("the old schema's union has a %s that cannot be read from this one, for the reasons that follow", kind), ""
		case newReads:
			return fmt.Sprintf("the union has no branch that takes the old schema's %s", kind), "give the union a branch that reads it"
		}
		return fmt.Sprintf("the old schema's union has no branch that takes this %s", kind), ""
	case avro.MissingEnumSymbols:
		symbols := strings.Trim(d.Detail, "[]")
		if newReads {
			return "the enum no longer has " + symbols, fmt.Sprintf("put %s back, or give the enum a default symbol", symbols)
		}
		return "the enum is given " + symbols + ", which the old schema does not know and has no default symbol for", ""
	case avro.NameMismatch:
		if newReads {
			return fmt.Sprintf("the name was %s before", expected), fmt.Sprintf(`add "aliases": [%q] to the type`, expected)
		}
		return fmt.Sprintf("the name has changed, and is now %s", expected), "give the type its old name back"
	case avro.FixedSizeMismatch:
		w, r, _ := strings.Cut(expected, ", found: ")
		if newReads {
			return fmt.Sprintf("the size was %s bytes and is now %s", w, r), "go back to " + w + ", or add a field of another name with a default"
		}
		return fmt.Sprintf("the size was %s bytes and is now %s", r, w), "go back to " + r + ", or add a field of another name"
	case avro.NotComparable:
		return "the two schemas cannot be compared: " + d.Detail, ""
	}
	return "", ""
}

// suggestedDefault returns a default that suits the field that begins at off in text.
func suggestedDefault(text string, off int) string {
	var field struct {
		Type json.RawMessage `json:"type"`
	}
	if off >= len(text) || json.NewDecoder(strings.NewReader(text[off:])).Decode(&field) != nil {
		return "a default"
	}
	if v := defaultOf(field.Type, 0); v != "" {
		return `"default": ` + v
	}
	return `a default, or make the type ["null", …] with "default": null`
}

// defaultOf returns a value of an Avro type, "" for those that have no plain one.
func defaultOf(typ json.RawMessage, depth int) string {
	var name string
	var branches []json.RawMessage
	var object struct {
		Type    json.RawMessage `json:"type"`
		Symbols []string        `json:"symbols"`
	}
	switch {
	case depth > 8:
	case json.Unmarshal(typ, &name) == nil:
		return map[string]string{
			"null": "null", "boolean": "false", "int": "0", "long": "0", "float": "0", "double": "0", "string": `""`, "bytes": `""`, "array": "[]", "map": "{}",
		}[name]
	case json.Unmarshal(typ, &branches) == nil:
		if len(branches) > 0 {
			return defaultOf(branches[0], depth+1)
		}
	case json.Unmarshal(typ, &object) == nil && len(object.Symbols) > 0:
		v, err := json.Marshal(object.Symbols[0])
		if err == nil {
			return string(v)
		}
	case len(object.Type) > 0:
		return defaultOf(object.Type, depth+1)
	}
	return ""
}

// otherFixes are the edits that pass in the languages whose rules name them, by rule and by who reads.
var otherFixes = map[string]map[string]string{
	"MESSAGE_REMOVED":             {"new": "put the message back; nobody need use it"},
	"FIELD_KIND_CHANGED":          bothWays("go back to the old type, and give the new one to a field with a new number"),
	"FIELD_SCALAR_KIND_CHANGED":   bothWays("go back to the old type, and give the new one to a field with a new number"),
	"FIELD_NAMED_TYPE_CHANGED":    bothWays("go back to the old type, and give the new one to a field with a new number"),
	"FIELD_NUMERIC_LABEL_CHANGED": bothWays("go back to the old label"),
	"REQUIRED_FIELD_ADDED":        {"new": "make the field optional"},
	"REQUIRED_FIELD_REMOVED":      bothWays("put the field back"),
	"ONEOF_FIELD_REMOVED":         {"new": "put the field back into the oneof"},
	"PACKAGE_CHANGED":             bothWays("go back to the old package"),

	"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL":   {"new": "declare the property as true: it takes whatever old data has there"},
	"REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL":   {"new": "take the property out of required, and declare it as true: it takes whatever old data has there"},
	"REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL": {"new": "take the property out of required, or give it a default"},
	"REQUIRED_ATTRIBUTE_ADDED":                        {"new": "take the property out of required, or give it a default"},
	"PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL":      {"new": "put the property back, or leave additionalProperties open"},
	"ADDITIONAL_PROPERTIES_REMOVED":                   {"new": "leave additionalProperties open"},
	"ENUM_ARRAY_NARROWED":                             {"new": "put the values back"},
	"TYPE_NARROWED":                                   {"new": "leave the old types beside the new one"},
}

func bothWays(fix string) map[string]string { return map[string]string{"new": fix, "old": fix} }
