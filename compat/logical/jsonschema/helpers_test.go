package jsonschema

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

const modern = `"$schema":"https://json-schema.org/draft/2020-12/schema",`

// parse reads a document as the registry does.
func parse(t testing.TB, text string, resolved map[string]string) *native.Schema {
	t.Helper()
	var refs []schema.Reference
	for name := range resolved {
		refs = append(refs, schema.Reference{Name: name, Subject: name, Version: 1})
	}
	slices.SortFunc(refs, func(a, b schema.Reference) int { return strings.Compare(a.Name, b.Name) })
	s, err := native.Parse(schema.Document{Text: text, References: refs}, logical.Texts(resolved), schema.Options{})
	if err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	return s
}

func read(t testing.TB, text string, resolved map[string]string) *logical.Schema {
	t.Helper()
	s, err := From(parse(t, text, resolved), resolved)
	if err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	return s
}

func write(t testing.TB, s *logical.Schema) string {
	t.Helper()
	d, err := To(s, "Row")
	if err != nil {
		t.Fatal(err)
	}
	return d.Text
}

// showSchema returns a schema on one line: named types, then the root.
func showSchema(s *logical.Schema) string {
	var b strings.Builder
	if s.Namespace != "" {
		fmt.Fprintf(&b, "NAMESPACE %s; ", s.Namespace)
	}
	for _, i := range s.Imports {
		fmt.Fprintf(&b, "USING %s FOR %s; ", i.Name, i.URI)
	}
	for _, d := range s.Named {
		mark := ""
		if s.IsExternal(d.Name) {
			mark = "EXTERNAL "
		}
		fmt.Fprintf(&b, "%s%s = %s; ", mark, d.Name, show(d.Type))
	}
	if s.Name != "" {
		b.WriteString(s.Name + " ")
	}
	return b.String() + show(s.Root)
}

// show returns a type with all it says, about as the DDL has it.
func show(t *logical.Type) string {
	var b strings.Builder
	list := func(n int, each func(i int)) {
		b.WriteByte('(')
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			each(i)
		}
		b.WriteByte(')')
	}
	say := func(doc string, tags []string, p logical.Params, rules []logical.Rule) {
		if doc != "" {
			fmt.Fprintf(&b, " COMMENT %q", doc)
		}
		if len(tags) > 0 {
			fmt.Fprintf(&b, " TAGS %v", tags)
		}
		if len(p) > 0 {
			fmt.Fprintf(&b, " WITH %v", p)
		}
		for _, r := range rules {
			fmt.Fprintf(&b, " CHECK %q", []string{r.Name, r.Doc, r.Expr, r.SQL})
		}
	}
	switch b.WriteString(t.Kind.String()); t.Kind {
	case logical.Named:
		b.Reset()
		b.WriteString(t.Name)
	case logical.Char, logical.Varchar, logical.Binary, logical.Varbinary:
		if t.Length != logical.Unbounded {
			fmt.Fprintf(&b, "(%d)", t.Length)
		}
	case logical.Decimal:
		fmt.Fprintf(&b, "(%d, %d)", t.Precision, t.Scale)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		fmt.Fprintf(&b, "(%d)", t.Precision)
	case logical.Array, logical.Multiset:
		fmt.Fprintf(&b, "<%s>", show(t.Elem))
	case logical.Map:
		fmt.Fprintf(&b, "<%s, %s>", show(t.Key), show(t.Elem))
	case logical.Struct:
		list(len(t.Fields), func(i int) {
			f := t.Fields[i]
			fmt.Fprintf(&b, "%s %s", f.Name, show(f.Type))
			if f.Default.Has {
				fmt.Fprintf(&b, " DEFAULT %v", f.Default.Value)
			}
			say(f.Doc, f.Tags, f.Params, f.Rules)
		})
	case logical.Enum:
		list(len(t.Values), func(i int) {
			b.WriteString(t.Values[i].Symbol)
			say(t.Values[i].Doc, nil, t.Values[i].Params, nil)
		})
	case logical.Union:
		list(len(t.Branches), func(i int) {
			fmt.Fprintf(&b, "%s %s", t.Branches[i].Name, show(t.Branches[i].Type))
			say(t.Branches[i].Doc, nil, t.Branches[i].Params, nil)
		})
	}
	say(t.Doc, t.Tags, t.Params, t.Rules)
	if !t.Nullable {
		b.WriteString(" NOT NULL")
	}
	return b.String()
}

func sprint(v logical.Value) string { return fmt.Sprint(v) }
