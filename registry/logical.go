package registry

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/native"
	"github.com/millrace/millrace/compat/schema"
)

// IsDDL reports whether a candidate's text is a Logical-Type DDL script: what its own language cannot read, and DDL can.
func (r *Registry) IsDDL(subject string, c Candidate) bool {
	if c.NoType {
		c.Type = schema.Avro
	}
	_, is := r.script(subject, &c)
	return is
}

// script returns the DDL script that a candidate's text is.
func (r *Registry) script(subject string, c *Candidate) (native.Script, bool) {
	if !beginsAsDDL(c.Text) {
		return native.Script{}, false
	}
	f, err := r.format(c.Type)
	if err != nil {
		return native.Script{}, false
	}
	if len(c.References) == 0 {
		_, err = r.parsedCandidate(c)
	} else {
		_, err = f.Parse(schema.Document{Text: c.Text, References: c.References}, r.referring(Qualify(subject).Context, false), schema.Options{})
	}
	if err == nil {
		return native.Script{}, false
	}
	script, err := native.Parse(c.Text)
	return script, err == nil
}

// beginsAsDDL reports whether a text begins with a word that a script begins with, or with a comment: most schemas do not.
func beginsAsDDL(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	if strings.HasPrefix(text, "//") || strings.HasPrefix(text, "/*") {
		return true
	}
	word := text[:min(len(text), len("namespace")+1)]
	if end := strings.IndexFunc(word, func(c rune) bool { return c|0x20 < 'a' || c|0x20 > 'z' }); end >= 0 {
		word = word[:end]
	}
	return native.Begins(word)
}

// converted returns a candidate whose text is DDL as the schema of the candidate's language that it describes; others as they are.
func (r *Registry) converted(subject string, c Candidate) (Candidate, error) {
	script, is := r.script(subject, &c)
	if !is {
		return c, nil
	}
	resolved, err := native.Resolve(c.References, r.referring(Qualify(subject).Context, false))
	if err != nil {
		return c, errorf(CodeInvalidSchema, "Invalid schema of type %s, details: Could not resolve schema references: %s", c.Type, err)
	}
	doc, err := script.Document(c.Type, subject, c.References, resolved)
	var why *logical.Error
	switch {
	case errors.As(err, &why):
		return c, errorf(CodeInvalidSchema, "Invalid schema of type %s, details: %s", c.Type, why.Msg)
	case err != nil:
		return c, fmt.Errorf("converting DDL to %s: %w", c.Type, err)
	}
	c.Text, c.References, c.reading = doc.Text, doc.References, nil
	if len(doc.Properties) > 0 {
		given := c.Metadata
		c.Metadata = mergeMetadata(&Metadata{Properties: maps.Clone(doc.Properties)}, given).sorted()
	}
	return c, nil
}

// source returns a schema with what else says what it means as logical types.
func (to referring) source(parsed schema.Schema, context string, refs []schema.Reference, m *Metadata, deleted bool) (native.Source, error) {
	resolved, err := native.Resolve(refs, to(context, deleted))
	if err != nil {
		return native.Source{}, err
	}
	src := native.Source{Schema: parsed, Resolved: resolved}
	if m != nil {
		src.Properties = m.Properties
	}
	return src, nil
}

// logically puts a candidate that is p, parsed, and the versions before it, which before has parsed, under the policy LOGICAL. faults are
// what is wrong with the candidate by itself.
func logically(to referring, subject string, p prepared, candidate schema.Schema, before []compat.Previous, versions []*version) (judged schema.Schema, faults []schema.Difference, err error) {
	context := Qualify(subject).Context
	src, err := to.source(candidate, context, p.References, p.Metadata, false)
	if err != nil {
		return nil, nil, err
	}
	for i, v := range versions {
		old, err := to.source(before[i].Schema, context, v.body.references(), v.body.metadata(), true)
		if err != nil {
			return nil, nil, err
		}
		before[i].Schema, _ = native.Judge(old)
	}
	judged, faults = native.Judge(src)
	return judged, faults, nil
}

// ddl returns a version as a DDL script.
func (r *Registry) ddl(v Version, parsed schema.Schema) (string, error) {
	c := v.parts()
	src, err := referring(r.referring).source(parsed, Qualify(v.Subject).Context, c.References, c.Metadata, true)
	var text string
	if err == nil {
		text, err = src.DDL()
	}
	var why *logical.Error
	if errors.As(err, &why) {
		return "", errorf(CodeInvalidSchema, "The schema cannot be shown as logical types: %s", why.Msg)
	}
	return text, err
}
