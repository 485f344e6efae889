package avro

import (
	"errors"
	"slices"
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	"github.com/millrace/millrace/compat/schema"
)

// To writes a schema as Confluent's edition 2 does: the text is normalized, the types of the schema's references stand in it by
// their names. rowName is the name of a STRUCT or ENUM root that has none. What Avro cannot say is a *logical.Error with the
// words of Confluent or of Avro's library, and so is what From could not read. Named types that the root does not reach are left out.
func To(s *logical.Schema, rowName string) (logical.Document, error) {
	if len(s.Imports) > 0 {
		names := make([]string, len(s.Imports))
		for i, imp := range s.Imports {
			names[i] = imp.Name
		}
		return logical.Document{}, logical.Errorf("Cannot emit to Avro: LogicalType carries JSON-specific synthetic external imports "+
			"[%s]. Re-construct the LT against Avro-compatible externals.", strings.Join(names, ", "))
	}
	if s.Root == nil {
		return logical.Document{}, logical.Errorf("the schema has no root")
	}
	d := schema.Document{Text: `"null"`}
	for _, name := range native.InOrder(s.Resolved) {
		d.References = append(d.References, schema.Reference{Name: name})
	}
	w := &writer{known: make(map[string]bool), bodies: make(map[string]*logical.Type), open: make(map[string]bool)}
	imports, err := parse(d, s.Resolved)
	if err != nil {
		return logical.Document{}, err
	}
	for _, t := range imports.Imported() {
		if t.Kind == native.Record || t.Kind == native.Enum {
			w.known[t.Name.Full()] = true
		}
	}
	for _, n := range s.Named {
		w.bodies[n.Name] = n.Type
	}
	if err := w.root(s, rowName); err != nil {
		return logical.Document{}, err
	}
	d.Text = string(w.buf)
	out, err := parse(d, s.Resolved)
	if err != nil {
		return logical.Document{}, err
	}
	doc := logical.Document{Type: schema.Avro, Text: out.Normalized(), References: schema.SortReferences(s.References),
		Properties: properties(s)}
	_, err = From(out, s.Resolved, doc.Properties)
	return doc, err
}

// properties returns the metadata of a schema's document.
func properties(s *logical.Schema) map[string]string {
	out := map[string]string{property.Edition: property.SecondEdition}
	if s.Namespace != "" {
		out[property.Namespace] = s.Namespace
	}
	if s.Root.Kind == logical.Union {
		out[property.Union] = logical.Text(property.BranchHints(s.Root))
	}
	return out
}

// parse reads what was written, so that what Avro refuses is refused in its words.
func parse(d schema.Document, resolved map[string]string) (*native.Schema, error) {
	s, err := native.Parse(d, logical.Texts(resolved), schema.Options{})
	if err == nil {
		return s, nil
	}
	msg := err.Error()
	var fault *schema.SyntaxError
	if errors.As(err, &fault) {
		msg = fault.Msg
	}
	return nil, logical.Errorf("Logical type schema cannot be represented as AVRO: %s", msg)
}

// aliasesOf returns the aliases that properties list.
func aliasesOf(params logical.Params) logical.Value {
	var out []logical.Value
	for alias := range strings.SplitSeq(params.Text(property.AvroAliases), ",") {
		if alias = strings.TrimSpace(alias); alias != "" && !slices.Contains(out, logical.Value(alias)) {
			out = append(out, alias)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
