package registry

import (
	"fmt"

	"github.com/millrace/millrace/compat/schema"
)

// Formatted returns the text of a version in a format of its language: resolved is an Avro schema with its references in
// place, serialized a Protobuf file as a descriptor in base64 and ignore_extensions one without extensions and custom options;
// logical is any schema as Logical-Type DDL. A format that the language does not have changes nothing.
func (r *Registry) Formatted(v Version, format string) (string, error) {
	switch {
	case format == "resolved" && v.Content.Type == schema.Avro && len(v.Content.References) > 0:
	case format == "logical":
	case (format == "serialized" || format == "ignore_extensions") && v.Content.Type == schema.Protobuf:
	default:
		return v.Content.Text, nil
	}
	p, err := r.parsedVersion(v)
	if err != nil {
		return "", fmt.Errorf("formatting the schema as %s: %w", format, err)
	}
	if format == "logical" {
		return r.ddl(v, p)
	}
	switch p := p.(type) {
	case interface{ Resolved() string }:
		return p.Resolved(), nil
	case interface {
		Serialized() (string, error)
		WithoutExtensions() string
	}:
		if format == "serialized" {
			return p.Serialized()
		}
		return p.WithoutExtensions(), nil
	}
	return v.Content.Text, nil
}

// WithText returns v with another text, for an answer.
func (v Version) WithText(text string) Version {
	if text == v.Content.Text {
		return v
	}
	c := *v.Content
	c.Text = text
	v.Content, v.reworded = &c, true
	return v
}

// IDOptions tune the answer about an id.
type IDOptions struct {
	NoSubject bool // leave out subject and version
	MaxID     int  // 0: leave out
	Tags      []schema.Tagged
}

// AppendIDJSON appends the answer to a question for an id.
func (v Version) AppendIDJSON(b []byte, opts IDOptions) []byte {
	o := object{b: append(b, '{')}
	if !opts.NoSubject {
		o.string("subject", v.Subject)
		o.int("version", int64(v.Number))
	}
	o.key("guid").b = v.GUID.appendJSON(o.b)
	c := v.parts()
	o.string("schemaType", string(c.Type))
	o.key("schema").b = v.appendText(o.b)
	attachments(&o, c)
	tagsMember(&o, opts.Tags)
	if opts.MaxID > 0 {
		o.int("maxId", int64(opts.MaxID))
	}
	o.int("ts", v.Time)
	o.bool("deleted", v.Deleted)
	return o.end()
}

// parts returns the content without its text, which may be packed still.
func (v Version) parts() *Content {
	if v.Content != nil {
		return v.Content
	}
	return &Content{Type: v.body.typ, References: v.body.references(), Metadata: v.body.metadata(), RuleSet: v.body.ruleSet()}
}

// References returns what the version's schema refers to, also where a listing left its content out.
func (v Version) References() []schema.Reference { return v.parts().References }

// appendText appends the text as a JSON string.
func (v Version) appendText(b []byte) []byte {
	if v.body == nil || v.reworded {
		return AppendJSON(b, v.Content.Text)
	}
	return v.body.appendText(b)
}

// WithContent returns v with its content, where a listing left it out.
func (v Version) WithContent() Version {
	if v.Content == nil && v.body != nil {
		v.Content = v.body.content()
	}
	return v
}

// Shape is which members an answer about a version has.
type Shape uint8

// The shapes.
const (
	Registered Shape = iota // the answer to a registration: without the subject
	LookedUp                // without time and deletion
	Whole
)

// AppendJSON appends the answer to a question for a version.
func (v Version) AppendJSON(b []byte, shape Shape, aliases ...string) []byte {
	return v.appendJSON(b, shape, aliases, nil)
}

// AppendTaggedJSON is AppendJSON of the shape Whole with tags that are in the schema.
func (v Version) AppendTaggedJSON(b []byte, tags []schema.Tagged) []byte {
	return v.appendJSON(b, Whole, nil, tags)
}

func (v Version) appendJSON(b []byte, shape Shape, aliases []string, tags []schema.Tagged) []byte {
	o := object{b: append(b, '{')}
	if shape == Registered {
		o.int("id", int64(v.ID))
		o.int("version", int64(v.Number))
	} else {
		o.string("subject", v.Subject)
		o.int("version", int64(v.Number))
		o.int("id", int64(v.ID))
	}
	o.key("guid").b = v.GUID.appendJSON(o.b)
	contentMembers(&o, v.parts())
	o.key("schema").b = v.appendText(o.b)
	tagsMember(&o, tags)
	if shape == Whole {
		o.int("ts", v.Time)
		o.bool("deleted", v.Deleted)
	}
	if len(aliases) > 0 {
		o.key("aliases").b = appendStrings(o.b, aliases)
	}
	return o.end()
}
