package registry

import (
	"crypto/md5" //nolint:gosec // Confluent's identity of a schema, no secret
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compat/schema"
)

// Content is what a schema id stands for: a text with its references, metadata and rules. Immutable.
type Content struct {
	Type       schema.Type
	Text       string
	References []schema.Reference
	Metadata   *Metadata // nil: none
	RuleSet    *RuleSet  // nil: none
}

// GUID is the MD5 of a content, the same in every registry. It does not cover the schema's type.
type GUID [md5.Size]byte

// String returns the GUID spelled as a UUID.
func (g GUID) String() string {
	h := hex.EncodeToString(g[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// appendJSON appends the GUID as a JSON string.
func (g GUID) appendJSON(b []byte) []byte {
	b = append(b, '"')
	for i, part := range [][]byte{g[:4], g[4:6], g[6:8], g[8:10], g[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return append(b, '"')
}

// ParseGUID reads what String writes.
func ParseGUID(s string) (g GUID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return g, false
	}
	n, err := hex.Decode(g[:], []byte(strings.ReplaceAll(s, "-", "")))
	return g, err == nil && n == len(g)
}

// GUID returns the content's GUID: the MD5 over the text, each reference's name, subject and version (4 bytes, big endian),
// and, each after a byte 1, metadata and rule set.
func (c *Content) GUID() GUID {
	buf, _ := hashed.Get().(*[]byte)
	defer hashed.Put(buf)
	b := append((*buf)[:0], c.Text...)
	for _, r := range c.References {
		b = append(append(b, r.Name...), r.Subject...)
		b = binary.BigEndian.AppendUint32(b, uint32(r.Version)) //nolint:gosec // versions are 32 bits
	}
	if c.Metadata != nil {
		b = c.Metadata.appendHashed(append(b, 1))
	}
	if c.RuleSet != nil {
		b = c.RuleSet.appendHashed(append(b, 1))
	}
	*buf = b
	return md5.Sum(b) //nolint:gosec // see the import
}

// hashed are buffers for what a hash is made of.
var hashed = sync.Pool{New: func() any { return new([]byte) }}

func appendAll(b []byte, parts ...string) []byte {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// Metadata is what Confluent's data contracts add to a schema. Sets are sorted and hold no string twice.
type Metadata struct {
	Tags       map[string][]string `json:"tags"` // by path in the schema
	Properties map[string]string   `json:"properties"`
	Sensitive  []string            `json:"sensitive"` // names of properties
}

// VersionProperty is the property that makes contents of different versions differ.
const VersionProperty = "confluent:version"

func (m *Metadata) appendHashed(b []byte) []byte {
	for _, k := range slices.Sorted(maps.Keys(m.Tags)) {
		b = appendAll(append(b, k...), m.Tags[k]...)
	}
	for _, k := range slices.Sorted(maps.Keys(m.Properties)) {
		b = appendAll(b, k, m.Properties[k])
	}
	return appendAll(b, m.Sensitive...)
}

// appendJSON writes m as Jackson does: empty members left out, maps sorted.
func (m *Metadata) appendJSON(b []byte) []byte {
	o := newObject(b)
	if len(m.Tags) > 0 {
		t := newObject(o.key("tags").b)
		for _, k := range slices.Sorted(maps.Keys(m.Tags)) {
			t.key(k).b = appendStrings(t.b, m.Tags[k])
		}
		o.b = t.end()
	}
	if len(m.Properties) > 0 {
		o.key("properties").b = appendProperties(o.b, m.Properties)
	}
	if len(m.Sensitive) > 0 {
		o.key("sensitive").b = appendStrings(o.b, m.Sensitive)
	}
	return o.end()
}

func appendProperties(b []byte, m map[string]string) []byte {
	p := newObject(b)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		p.string(k, m[k])
	}
	return p.end()
}

// sorted returns m with sorted sets.
func (m *Metadata) sorted() *Metadata {
	if m == nil {
		return nil
	}
	out := &Metadata{Properties: m.Properties, Sensitive: sortedSet(m.Sensitive)}
	if len(m.Tags) > 0 {
		out.Tags = make(map[string][]string, len(m.Tags))
		for k, v := range m.Tags {
			out.Tags[k] = sortedSet(v)
		}
	}
	return out
}

func sortedSet(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }

// property returns a property; false when m is nil or lacks it.
func (m *Metadata) property(name string) (string, bool) {
	if m == nil {
		return "", false
	}
	v, ok := m.Properties[name]
	return v, ok
}

// withProperty returns m with a property set.
func (m *Metadata) withProperty(name, value string) *Metadata {
	out := &Metadata{}
	if m != nil {
		*out = *m
	}
	out.Properties = merged(out.Properties, map[string]string{name: value})
	return out
}

// withoutVersion returns m without VersionProperty; nil when nothing is left of it.
func (m *Metadata) withoutVersion() *Metadata {
	if _, ok := m.property(VersionProperty); !ok {
		return m
	}
	out := *m
	out.Properties = maps.Clone(m.Properties)
	delete(out.Properties, VersionProperty)
	if len(out.Properties)+len(out.Tags)+len(out.Sensitive) == 0 {
		return nil
	}
	return &out
}

func (m *Metadata) equal(o *Metadata) bool {
	if m == nil || o == nil {
		return m == o
	}
	return maps.EqualFunc(m.Tags, o.Tags, slices.Equal) && maps.Equal(m.Properties, o.Properties) && slices.Equal(m.Sensitive, o.Sensitive)
}

// mergeMetadata lays over on base: its entries replace those with the same key.
func mergeMetadata(base, over *Metadata) *Metadata {
	if base == nil {
		return over
	}
	if over == nil {
		return base
	}
	return &Metadata{
		Tags:       merged(base.Tags, over.Tags),
		Properties: merged(base.Properties, over.Properties),
		Sensitive:  sortedSet(slices.Concat(base.Sensitive, over.Sensitive)),
	}
}

func merged[V any](base, over map[string]V) map[string]V {
	out := make(map[string]V, len(base)+len(over))
	maps.Copy(out, base)
	maps.Copy(out, over)
	return out
}
