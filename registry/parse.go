package registry

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compat/schema"
)

const (
	// mostParsed bounds the parsed schemas that are kept, by the bytes of their texts: parsed, they take some ten times as much.
	mostParsed = 4 << 20
	// mostForms is how many contents have their forms kept: 96 bytes or so each.
	mostForms = 50_000
)

// parseCache keeps parsed contents of the state, whose identity is their body, and of many more the forms alone: a schema that a
// subject lacks is compared with every version that it has.
type parseCache struct {
	mu      sync.Mutex
	parsed  bounded[*body, schema.Schema]
	forms   bounded[*body, forms]
	cleared int // how often
}

// forms are digests of what schemas are compared by.
type forms struct {
	normalized [sha256.Size]byte
	inlined    [sha256.Size]byte // of the text with the references in place; zero where the language has none
	unreadable bool              // the content does not parse any more
}

func formsOf(s schema.Schema) forms {
	text := s.Normalized
	if i, ok := s.(interface{ Identity() string }); ok { // the language does not take what is normalised alike for the same
		text = i.Identity
	}
	f := forms{normalized: sha256.Sum256([]byte(text()))}
	if i, ok := s.(interface{ Resolved() string }); ok {
		f.inlined = sha256.Sum256([]byte(i.Resolved()))
	}
	return f
}

// formsOf returns the forms of a version's content.
func (r *Registry) formsOf(s *state, v *version) forms {
	r.parsed.mu.Lock()
	f, ok := r.parsed.forms.get(v.body)
	r.parsed.mu.Unlock()
	if ok {
		return f
	}
	if parsed, err := r.stored(s.referring, v); err != nil {
		f.unreadable = true
	} else {
		f = formsOf(parsed)
	}
	r.parsed.mu.Lock()
	defer r.parsed.mu.Unlock()
	r.parsed.forms.put(v.body, f, 1, mostForms)
	return f
}

// get returns a content parsed, or nil, and what put is to be told.
func (p *parseCache) get(b *body) (s schema.Schema, cleared int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, _ = p.parsed.get(b)
	return s, p.cleared
}

// put keeps what was parsed since get, unless something that it may refer to was written over in between.
func (p *parseCache) put(b *body, s schema.Schema, size, cleared int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cleared == cleared {
		p.parsed.put(b, s, size, mostParsed)
	}
}

// clear forgets what is parsed: a schema that others refer to was written over.
func (p *parseCache) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parsed, p.forms = bounded[*body, schema.Schema]{}, bounded[*body, forms]{}
	p.cleared++
}

// format returns the language of a type; none is Avro.
func (r *Registry) format(t schema.Type) (schema.Format, error) {
	if f := r.formats[t]; f != nil {
		return f, nil
	}
	return nil, errorf(CodeInvalidSchema, "Invalid schema type %s", t)
}

// stored parses a content of the state, as leniently as what was accepted once deserves.
func (r *Registry) stored(to referring, v *version) (schema.Schema, error) {
	p, cleared := r.parsed.get(v.body)
	if p != nil {
		return p, nil
	}
	c := v.body.content()
	p, err := r.parseStored(to, v.subject, v.number, c)
	if err == nil {
		r.parsed.put(v.body, p, len(c.Text), cleared)
	}
	return p, err
}

func (r *Registry) parseStored(to referring, subject string, number int, c *Content) (schema.Schema, error) {
	f, err := r.format(c.Type)
	if err != nil {
		return nil, err
	}
	doc := schema.Document{Text: c.Text, References: c.References}
	p, err := f.Parse(doc, to(Qualify(subject).Context, true), schema.Options{Lenient: true})
	if err != nil {
		return nil, fmt.Errorf("parsing version %d of %q: %w", number, subject, err)
	}
	return p, nil
}

// parsedVersion parses the content of a version that the registry answered.
func (r *Registry) parsedVersion(v Version) (schema.Schema, error) {
	if v.body != nil {
		return r.stored(r.referring, &version{subject: v.Subject, number: v.Number, body: v.body})
	}
	return r.parseStored(r.referring, v.Subject, v.Number, v.Content)
}

// Candidate is a schema as a client sends it. Zero fields are not given.
type Candidate struct {
	Content
	NoType  bool // no type was given, which is another thing than an empty one
	Version int
	ID      int
	HasID   bool

	reading *reading
}

// invalid words a parse error as Confluent does, with the candidate as Java prints it.
func invalid(subject string, c *Candidate, err error) error {
	msg := err.Error()
	var syntax *schema.SyntaxError
	var own *Error
	switch {
	case errors.As(err, &own):
		msg = own.Message
	case errors.As(err, &syntax) && syntax.Meaning:
		return errorf(CodeInvalidSchema, "Invalid schema %s, details: %s", javaSchema(subject, c), syntax.Words)
	case errors.As(err, &syntax) && syntax.Words != "" && c.Type != schema.Avro:
		return errorf(CodeInvalidSchema, "Invalid schema of type %[1]s, details: Invalid schema of type %[1]s, details: %[2]s", c.Type, syntax.Words)
	case syntax != nil:
		msg = cmp.Or(syntax.Words, syntax.Msg)
	}
	id := "null"
	if c.HasID {
		id = "0"
	}
	refs := javaReferences(c.References)
	return errorf(CodeInvalidSchema, "Invalid schema of type %s, details: Invalid schema {subject=%s,version=null,id=%s,guid=%s,schemaType=%s,references=%s,metadata=%s,ruleSet=%s,schema=%s,schemaTags=null,ts=null,deleted=null} with refs %s of type %s, details: %s",
		c.Type, subject, id, c.GUID(), c.Type, refs, javaMetadata(c.Metadata), javaRuleSet(c.RuleSet), c.Text, refs, c.Type, msg)
}

// javaSchema prints a candidate as Java does once it was read: what was not given has its default.
func javaSchema(subject string, c *Candidate) string {
	id := -1
	if c.HasID {
		id = c.ID
	}
	return fmt.Sprintf("{subject=%s,version=%d,id=%d,guid=%s,schemaType=%s,references=%s,metadata=%s,ruleSet=%s,schema=%s,schemaTags=null,ts=null,deleted=null}",
		subject, c.Version, id, c.GUID(), c.Type, javaReferences(c.References), javaMetadata(c.Metadata), javaRuleSet(c.RuleSet), c.Text)
}

func javaReferences(refs []schema.Reference) string {
	var parts []string
	for _, r := range refs {
		parts = append(parts, fmt.Sprintf("{name='%s', subject='%s', version=%d}", r.Name, r.Subject, r.Version))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func javaMetadata(m *Metadata) string {
	if m == nil {
		return "null"
	}
	tags := map[string]string{}
	for k, v := range m.Tags {
		tags[k] = javaList(v)
	}
	return "Metadata{tags=" + javaMap(tags) + ", properties=" + javaMap(m.Properties) + ", sensitive=" + javaList(m.Sensitive) + "}"
}

func javaList(list []string) string { return "[" + strings.Join(list, ", ") + "]" }

func javaMap(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+m[k])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func javaRuleSet(s *RuleSet) string {
	if s == nil {
		return "null"
	}
	var lists [3]string
	for i, l := range s.lists() {
		var rules []string
		for _, r := range l {
			rules = append(rules, fmt.Sprintf("Rule{name=%s, doc=%s, kind=%s, mode=%s, type='%s', tags='%s', params='%s', expr='%s', onSuccess='%s', onFailure='%s', disabled='%t'}",
				javaString(r.Name), javaString(r.Doc), r.Kind, r.Mode, javaString(r.Type), javaList(r.Tags), javaMap(r.Params), javaString(r.Expr), javaString(r.OnSuccess), javaString(r.OnFailure), r.Disabled))
		}
		lists[i] = javaList(rules)
	}
	return "Rules{migrationRules=" + lists[0] + ", domainRules=" + lists[1] + ", encodingRules=" + lists[2] + "}"
}

// javaString shows a text that was not given as Java does.
func javaString(s string) string {
	if s == "" {
		return "null"
	}
	return s
}
