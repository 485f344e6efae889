package registry

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/compat/schema"
)

// The kinds of records by the keytype of their key.
const (
	keySchema        = "SCHEMA"
	keyConfig        = "CONFIG"
	keyMode          = "MODE"
	keyDeleteSubject = "DELETE_SUBJECT"
	keyClearSubject  = "CLEAR_SUBJECT"
	keyContext       = "CONTEXT"
	keyNoop          = "NOOP"
	keyAssociation   = "ASSOC"
	tenant           = "default"
)

// recordKey is the key of a record. Config and mode of the registry itself have no subject.
type recordKey struct {
	Type    string `json:"keytype"`
	Tenant  string `json:"tenant"`
	Context string `json:"context"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
	// Of an association.
	ResourceName      string `json:"resourceName"`
	ResourceNamespace string `json:"resourceNamespace"`
	ResourceType      string `json:"resourceType"`
	AssociationType   string `json:"associationType"`
}

// append writes the key as Confluent does: compaction compares the bytes.
func (k recordKey) append(b []byte) []byte {
	o := newObject(b)
	o.string("keytype", k.Type)
	switch k.Type {
	case keyContext:
		o.string("tenant", k.Tenant)
		o.string("context", k.Context)
	case keyConfig, keyMode:
		o.nonEmpty("subject", k.Subject)
	case keyNoop:
	case keyAssociation:
		o.string("tenant", k.Tenant)
		o.string("resourceName", k.ResourceName)
		o.string("resourceNamespace", k.ResourceNamespace)
		o.string("resourceType", k.ResourceType)
		o.string("associationType", k.AssociationType)
		o.string("subject", k.Subject)
	default:
		o.string("subject", k.Subject)
	}
	magic := int64(0)
	if k.Type == keySchema {
		o.int("version", int64(k.Version))
		magic = 1
	}
	o.int("magic", magic)
	return o.end()
}

// tombstone returns the record that deletes k.
func (k recordKey) tombstone() Record { return Record{Key: k.append(nil)} }

// schemaValue is the value of a SCHEMA record.
type schemaValue struct {
	Subject    string             `json:"subject"`
	Version    int                `json:"version"`
	ID         int                `json:"id"`
	Type       schema.Type        `json:"schemaType"`
	References []schema.Reference `json:"references"`
	Metadata   *Metadata          `json:"metadata"`
	RuleSet    *RuleSet           `json:"ruleSet"`
	Text       string             `json:"schema"`
	Deleted    bool               `json:"deleted"`
}

// schemaRecord returns the record of a version.
func schemaRecord(subject string, number, id int, c *Content, deleted bool) Record {
	o := newObject(make([]byte, 0, len(c.Text)+len(c.Text)/4+256))
	o.string("subject", subject)
	o.int("version", int64(number))
	o.int("id", int64(id))
	contentMembers(o, c)
	o.string("schema", c.Text)
	o.bool("deleted", deleted)
	return Record{Key: recordKey{Type: keySchema, Subject: subject, Version: number}.append(nil), Value: o.end()}
}

// contentMembers appends type, references, metadata and rules; the text follows in most shapes.
func contentMembers(o *object, c *Content) {
	o.string("schemaType", string(c.Type))
	attachments(o, c)
}

// attachments appends what a content has beside its text: references, metadata and rules.
func attachments(o *object, c *Content) {
	if len(c.References) > 0 {
		o.key("references").b = appendReferences(o.b, c.References)
	}
	if c.Metadata != nil {
		o.key("metadata").b = c.Metadata.appendJSON(o.b)
	}
	if c.RuleSet != nil {
		o.key("ruleSet").b = c.RuleSet.appendJSON(o.b)
	}
}

func appendReferences(b []byte, refs []schema.Reference) []byte {
	b = append(b, '[')
	for i, r := range refs {
		if i > 0 {
			b = append(b, ',')
		}
		o := newObject(b)
		o.string("name", r.Name)
		o.string("subject", r.Subject)
		o.int("version", int64(r.Version))
		b = o.end()
	}
	return append(b, ']')
}

// configRecord returns the record of a config; subject is empty for the registry's own.
func configRecord(subject string, c *Config) Record {
	o := newObject(nil)
	o.nonEmpty("subject", subject)
	c.members(o, "compatibilityLevel")
	return Record{Key: recordKey{Type: keyConfig, Subject: subject}.append(nil), Value: o.end()}
}

func modeRecord(subject, mode string) Record {
	o := newObject(nil)
	o.nonEmpty("subject", subject)
	o.string("mode", mode)
	return Record{Key: recordKey{Type: keyMode, Subject: subject}.append(nil), Value: o.end()}
}

// deleteSubjectRecord marks versions 1 to last of a subject deleted.
func deleteSubjectRecord(subject string, last int) Record {
	o := newObject(nil)
	o.string("subject", subject)
	o.int("version", int64(last))
	return Record{Key: recordKey{Type: keyDeleteSubject, Subject: subject}.append(nil), Value: o.end()}
}

// clearSubjectRecord forgets what is soft-deleted of a subject.
func clearSubjectRecord(subject string) Record {
	o := newObject(nil)
	o.string("subject", subject)
	return Record{Key: recordKey{Type: keyClearSubject, Subject: subject}.append(nil), Value: o.end()}
}

func contextRecord(context string) Record {
	o := newObject(nil)
	o.string("tenant", tenant)
	o.string("context", context)
	return Record{Key: recordKey{Type: keyContext, Tenant: tenant, Context: context}.append(nil), Value: o.end()}
}

var errRecord = errors.New("malformed record")

// decode reads JSON of a record. The text of the error holds nothing of the record.
func decode(b []byte, v any) error {
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %T", errRecord, v)
	}
	return nil
}
