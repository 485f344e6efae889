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

// mostParsed is how many parsed schemas are kept.
const mostParsed = 1000

// mostForms is how many contents have their forms kept: 96 bytes or so each.
const mostForms = 200_000

// parseCache keeps parsed contents of the state, whose identity is their pointer, and of many more the forms alone: a schema
// that a subject lacks is compared with every version that it has.
type parseCache struct {
	mu    sync.Mutex
	m     map[*body]schema.Schema
	forms map[*body]forms
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
	f, ok := r.parsed.forms[v.body]
	r.parsed.mu.Unlock()
	if ok {
		return f
	}
	if parsed, err := r.stored(s, v); err != nil {
		f.unreadable = true
	} else {
		f = formsOf(parsed)
	}
	r.parsed.mu.Lock()
	defer r.parsed.mu.Unlock()
	r.parsed.forms = kept(r.parsed.forms, mostForms, v.body, f)
	return f
}

// kept puts a value into a bounded map; what gives way to it is any other, as a map's order is random.
func kept[V any](m map[*body]V, most int, c *body, v V) map[*body]V {
	if m == nil {
		m = map[*body]V{}
	}
	for k := range m {
		if len(m) < most {
			break
		}
		delete(m, k)
	}
	m[c] = v
	return m
}

func (p *parseCache) get(c *body) schema.Schema {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.m[c]
}

func (p *parseCache) put(c *body, s schema.Schema) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.m = kept(p.m, mostParsed, c, s)
}

// clear forgets what is parsed: a schema that others refer to was written over.
func (p *parseCache) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.m)
	clear(p.forms)
}

// format returns the language of a type; none is Avro.
func (r *Registry) format(t schema.Type) (schema.Format, error) {
	if f := r.formats[t]; f != nil {
		return f, nil
	}
	return nil, errorf(CodeInvalidSchema, "Invalid schema type %s", t)
}

// stored parses a content of the state, as leniently as what was accepted once deserves.
func (r *Registry) stored(s *state, v *version) (schema.Schema, error) {
	if p := r.parsed.get(v.body); p != nil {
		return p, nil
	}
	p, err := r.parseStored(s, v.subject, v.number, v.body.content())
	if err == nil {
		r.parsed.put(v.body, p)
	}
	return p, err
}

func (r *Registry) parseStored(s *state, subject string, number int, c *Content) (schema.Schema, error) {
	f, err := r.format(c.Type)
	if err != nil {
		return nil, err
	}
	doc := schema.Document{Text: c.Text, References: c.References}
	p, err := f.Parse(doc, resolver{s: s, ctx: Qualify(subject).Context, deleted: true}, schema.Options{Lenient: true})
	if err != nil {
		return nil, fmt.Errorf("parsing version %d of %q: %w", number, subject, err)
	}
	return p, nil
}

// parsedVersion parses the content of a version that the registry answered.
func (r *Registry) parsedVersion(v Version) (schema.Schema, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if v.body != nil {
		return r.stored(r.state, &version{subject: v.Subject, number: v.Number, body: v.body})
	}
	return r.parseStored(r.state, v.Subject, v.Number, v.Content)
}

// Candidate is a schema as a client sends it. Zero fields are not given.
type Candidate struct {
	Content
	NoType  bool // no type was given, which is another thing than an empty one
	Version int
	ID      int
	HasID   bool

	once *onceParsed
}

// onceParsed is a candidate's parsed text, which its request needs more than once: before it waits for its turn to write, and
// then under the lock. Texts with references are not kept, for what they refer to may change in between.
type onceParsed struct {
	text string
	typ  schema.Type
	s    schema.Schema
}

// parse parses a candidate strictly. Its references must name a version.
func (r *Registry) parse(s *state, subject string, c *Candidate) (schema.Schema, error) {
	f, err := r.format(c.Type)
	if err != nil {
		return nil, err
	}
	if o := c.once; o != nil && o.s != nil && o.text == c.Text && o.typ == c.Type && len(c.References) == 0 {
		return o.s, nil
	}
	doc := schema.Document{Text: c.Text, References: c.References}
	p, err := f.Parse(doc, resolver{s: s, ctx: Qualify(subject).Context}, schema.Options{})
	if err != nil {
		return nil, invalid(subject, c, err)
	}
	if c.once != nil && len(c.References) == 0 {
		*c.once = onceParsed{c.Text, c.Type, p}
	}
	return p, nil
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
