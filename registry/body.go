package registry

import (
	"fmt"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"github.com/millrace/millrace/compat/schema"
)

// body is a content as the state holds it: its text packed, in the form in which answers have it. Immutable, and shared by all
// versions that have the content; its identity is its pointer.
type body struct {
	typ    schema.Type
	guid   GUID
	hash   uint64 // xxHash64 of the text
	packed []byte
	dict   *dictionary
	extras *extras // nil for most

	hot   atomic.Pointer[[]byte] // the text unpacked, while hotTexts keeps it; nil else
	asked atomic.Uint32          // when it was asked for last, as hotTexts counts
}

// extras are what few contents have.
type extras struct {
	references []schema.Reference
	metadata   *Metadata
	ruleSet    *RuleSet
}

// body packs a content.
func (p *packer) body(c *Content) *body {
	b := &body{typ: knownType(c.Type), guid: c.GUID(), hash: xxhash.Sum64String(c.Text)}
	quoted := AppendJSON(make([]byte, 0, len(c.Text)+len(c.Text)/4+2), c.Text)
	b.packed, b.dict = p.pack(quoted)
	if len(c.References) > 0 || c.Metadata != nil || c.RuleSet != nil {
		b.extras = &extras{c.References, c.Metadata, c.RuleSet}
	}
	return b
}

// knownType returns t without the memory that it was read from.
func knownType(t schema.Type) schema.Type {
	for _, k := range []schema.Type{schema.Avro, schema.JSON, schema.Protobuf} {
		if t == k {
			return k
		}
	}
	return schema.Type(string([]byte(t)))
}

func (b *body) references() []schema.Reference {
	if b.extras == nil {
		return nil
	}
	return b.extras.references
}

func (b *body) metadata() *Metadata {
	if b.extras == nil {
		return nil
	}
	return b.extras.metadata
}

func (b *body) ruleSet() *RuleSet {
	if b.extras == nil {
		return nil
	}
	return b.extras.ruleSet
}

// appendText appends the text as a JSON string.
func (b *body) appendText(dst []byte) []byte {
	if hot := b.hot.Load(); hot != nil {
		return append(dst, *hot...)
	}
	at := len(dst)
	dst, err := unpack(dst, b.packed, b.dict)
	if err != nil { // what this process packed, or a checksum vouched for
		panic(fmt.Sprintf("unpacking the text of schema %s: %v", b.guid, err))
	}
	if b.dict != nil {
		b.dict.hot.ask(b, dst[at:])
	}
	return dst
}

// text returns the text.
func (b *body) text() string {
	return unquoteJSON(b.appendText(nil))
}

// is reports whether the text is s.
func (b *body) is(s string) bool {
	return b.hash == xxhash.Sum64String(s) && b.text() == s
}

// content returns what the body was made of.
func (b *body) content() *Content {
	return &Content{Type: b.typ, Text: b.text(), References: b.references(), Metadata: b.metadata(), RuleSet: b.ruleSet()}
}

// like returns a content that has the body's GUID, as the body has it.
func (b *body) like(c *Content) *Content {
	if c.Type == b.typ {
		return c
	}
	own := *c
	own.Type = b.typ
	return &own
}
