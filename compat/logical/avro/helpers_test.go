package avro

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// show writes a schema in short: INT? is nullable, {} a STRUCT, <> its marks, and what is named follows the root.
func show(s *logical.Schema) string {
	var b strings.Builder
	if s.Namespace != "" {
		fmt.Fprintf(&b, "namespace %s; ", s.Namespace)
	}
	if s.Name != "" {
		fmt.Fprintf(&b, "%s = ", s.Name)
	}
	b.WriteString(showType(s.Root))
	for _, d := range s.Named {
		fmt.Fprintf(&b, "; %s = %s", d.Name, showType(d.Type))
		if s.IsExternal(d.Name) {
			b.WriteString(" external")
		}
	}
	return b.String()
}

func showType(t *logical.Type) string {
	out := t.Kind.String()
	switch t.Kind {
	case logical.Named:
		out = t.Name
	case logical.Char, logical.Binary, logical.Varchar, logical.Varbinary:
		if t.Length != logical.Unbounded {
			out = fmt.Sprintf("%s(%d)", t.Kind, t.Length)
		}
	case logical.Decimal:
		out = fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		out = fmt.Sprintf("%s(%d)", t.Kind, t.Precision)
	case logical.Array, logical.Multiset:
		out += "<" + showType(t.Elem) + ">"
	case logical.Map:
		out += "<" + showType(t.Key) + "," + showType(t.Elem) + ">"
	case logical.Struct:
		out = "{"
		for i, f := range t.Fields {
			if i > 0 {
				out += ", "
			}
			out += f.Name + " " + showType(f.Type)
			if f.Default.Has {
				out += " = " + showValue(f.Default.Value)
			}
			out += showMarks(f.Doc, f.Tags, f.Params, f.Rules)
		}
		out += "}"
	case logical.Enum:
		out += "("
		for i, v := range t.Values {
			if i > 0 {
				out += ","
			}
			out += v.Symbol + showMarks(v.Doc, nil, v.Params, nil)
		}
		out += ")"
	case logical.Union:
		out += "("
		for i, v := range t.Branches {
			if i > 0 {
				out += ", "
			}
			out += v.Name + " " + showType(v.Type) + showMarks(v.Doc, nil, v.Params, nil)
		}
		out += ")"
	}
	if t.Nullable {
		out += "?"
	}
	return out + showMarks(t.Doc, t.Tags, t.Params, t.Rules)
}

func showMarks(doc string, tags []string, params logical.Params, rules []logical.Rule) (out string) {
	if doc != "" {
		out += " '" + doc + "'"
	}
	for _, t := range tags {
		out += " #" + t
	}
	for _, p := range params {
		out += " " + p.Key + "=" + showValue(p.Value)
	}
	for _, r := range rules {
		out += fmt.Sprintf(" CHECK[%s|%s|%s|%s]", r.Name, r.Doc, r.Expr, r.SQL)
	}
	return out
}

func showValue(v logical.Value) string {
	if b, ok := v.([]byte); ok {
		return fmt.Sprintf("x%x", b)
	}
	if n, ok := v.(logical.Number); ok {
		return string(n)
	}
	return string(logical.AppendJSON(nil, v))
}

// record returns the text of a record R whose only field f has a type and other attributes.
func record(typ, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"type":"record","name":"R","fields":[{"name":"f","type":` + typ + more + `}]}`
}

// read parses and converts a text; how its references are named is refs' matter.
func read(text string, properties, resolved map[string]string) (*logical.Schema, error) {
	d := schema.Document{Text: text}
	for _, name := range native.InOrder(resolved) {
		d.References = append(d.References, schema.Reference{Name: name, Subject: name, Version: 1})
	}
	s, err := native.Parse(d, logical.Texts(resolved), schema.Options{Lenient: true})
	if err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	return From(s, resolved, properties)
}

func mustRead(t *testing.T, text string, properties, resolved map[string]string) *logical.Schema {
	t.Helper()
	s, err := read(text, properties, resolved)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// refusal returns the message of a *logical.Error.
func refusal(t *testing.T, err error) string {
	t.Helper()
	var fault *logical.Error
	if !errors.As(err, &fault) {
		t.Errorf("not a *logical.Error: %v", err)
		return ""
	}
	return fault.Msg
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func mustNormalize(t *testing.T, text string) string {
	t.Helper()
	s, err := native.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Normalized()
}
