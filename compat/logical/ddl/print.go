package ddl

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/check"
	"github.com/millrace/millrace/compat/logical/token"
	"github.com/millrace/millrace/compat/schema"
)

// Print returns a schema as DDL: what Confluent's registry answers for ?format=logical. What cannot be said so that it reads back
// is a *logical.Error: a named type that is neither a STRUCT nor an ENUM, a name with an empty part, a negative length, a
// constraint that is no expression. Whether the CEL of a constraint can be written is told when the script is read.
//
// It differs from Confluent where that would print what nobody can read: a default of a DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ
// stands in quotes, and so does a name that is one of three keywords (see token.QuoteName); a default that DDL has no literal for
// is left out.
func Print(s *logical.Schema) (string, error) { return PrintWithin(s, math.MaxInt) }

// PrintWithin is Print for a schema that anyone may have sent: one whose DDL would be longer than most bytes is a *logical.Error. A schema
// that holds a type in several places can be a power of the text that it came from.
func PrintWithin(s *logical.Schema, most int) (string, error) {
	p := &printer{schema: s, left: most, bodies: make(map[string]*logical.Type, len(s.Named)), external: make(map[string]bool, len(s.External)),
		aliases: make(map[string]string)}
	for _, d := range s.Named {
		p.bodies[d.Name] = d.Type
	}
	for _, n := range s.External {
		p.external[n] = true
	}
	if s.Namespace != "" {
		p.put("NAMESPACE ", qualified(s.Namespace), ";\n")
	}
	p.usings()
	inline := p.inlineRoot()
	if inline {
		if err := p.decl(s.Name, s.Root); err != nil {
			return "", err
		}
	}
	for _, d := range p.ordered() {
		if !p.external[d.Name] {
			if err := p.decl(d.Name, d.Type); err != nil {
				return "", err
			}
		}
	}
	switch {
	case !inline:
		if !p.inferred() {
			p.put("TYPE ")
			p.typ(s.Root)
			p.put(";\n")
		}
	case s.Root.Nullable || p.rootUsed():
		p.put("TYPE ", qualified(s.Name))
		p.nullability(s.Root)
		p.put(";\n")
	}
	if p.err != nil {
		return "", p.err
	}
	if p.left < 0 {
		return "", logical.Errorf("The schema would be longer than %d bytes", most)
	}
	text := p.out.String()
	if err := readable(text); err != nil {
		return "", err
	}
	return text, nil
}

// isExpression reports whether a text is an expression as a whole: it would say something else in a script otherwise.
func isExpression(sql string) bool {
	c, err := token.NewCursor(sql)
	if err != nil {
		return false
	}
	e, err := check.Parse(c)
	return err == nil && c.Peek().Kind == token.EOF && e.SQL() == strings.TrimSpace(sql)
}

// readable holds that a script reads back: names and lengths of documents that others wrote may be none of DDL's. Constraints are not
// translated, which costs a hundred times as much as to print them.
func readable(text string) error {
	script, err := Parse(text)
	if err == nil {
		_, err = script.build(func(*builder) error { return nil })
	}
	var fault *schema.SyntaxError
	if errors.As(err, &fault) {
		return logical.Errorf("The schema has no DDL: %s", fault.Msg)
	}
	return err
}

type printer struct {
	schema   *logical.Schema
	bodies   map[string]*logical.Type
	external map[string]bool
	aliases  map[string]string // of external types
	out      strings.Builder
	err      error // of the first constraint that is none
	left     int   // of the bytes that there may be; below 0 nothing is printed any more
}

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		if p.left -= len(s); p.left < 0 {
			return
		}
		p.out.WriteString(s)
	}
}

// local calls yield with every named type that is not external.
func (p *printer) local(yield func(d logical.Definition)) {
	for _, d := range p.schema.Named {
		if !p.external[d.Name] {
			yield(d)
		}
	}
}

// defines reports whether a name is a named type that is not external.
func (p *printer) defines(n string) bool { return p.bodies[n] != nil && !p.external[n] }

// usings prints the URIs of those external types that something here refers to, and an alias for each that has no namespace where
// the script has one: a name would be taken for one of that.
func (p *printer) usings() {
	var names []string
	used := make(map[string]bool)
	take := func(n string) {
		if !used[n] {
			names = append(names, n)
		}
		used[n] = true
	}
	p.schema.Root.References(take)
	p.local(func(d logical.Definition) { d.Type.References(take) })
	imported := make(map[string]bool)
	for _, i := range p.schema.Imports {
		imported[i.Name] = true
		if used[i.Name] && p.external[i.Name] {
			p.put("USING TYPE ", qualified(p.display(i.Name)), " FOR REF ", token.QuoteString(i.URI), ";\n")
		}
	}
	for _, n := range names {
		if p.schema.Namespace == "" || p.defines(n) || imported[n] || strings.Contains(n, ".") {
			continue
		}
		alias := n + "_"
		for used[alias] || used[p.inNamespace(alias)] || p.bodies[p.inNamespace(alias)] != nil {
			alias += "_"
		}
		used[alias] = true
		p.aliases[n] = alias
		p.put("USING TYPE ", token.QuoteName(alias), " FOR TYPE ", token.QuoteName(n), ";\n")
	}
}

// inlineRoot reports whether the root is declared by its own name: it has one that no other type has.
func (p *printer) inlineRoot() bool {
	s := p.schema
	if s.Name == "" || s.Root.Kind != logical.Struct && s.Root.Kind != logical.Enum {
		return false
	}
	return p.bodies[s.Name] == nil && p.bodies[p.inNamespace(s.Name)] == nil
}

func (p *printer) inNamespace(n string) string {
	if ns := p.schema.Namespace; ns != "" {
		return ns + "." + n
	}
	return n
}

// rootUsed reports whether a named type refers to a root that is declared by its own name.
func (p *printer) rootUsed() (used bool) {
	name := p.schema.Name
	full := p.inNamespace(name)
	p.local(func(d logical.Definition) {
		d.Type.References(func(n string) { used = used || n == name || n == full })
	})
	return used
}

// inferred reports whether the root is what the declarations say without a TYPE statement: the only one that no other refers to.
func (p *printer) inferred() bool {
	root := p.schema.Root
	if root.Kind != logical.Named || root.Nullable {
		return false
	}
	used := make(map[string]bool)
	p.local(func(d logical.Definition) {
		d.Type.References(func(n string) {
			if n != d.Name {
				used[n] = true
			}
		})
	})
	var roots []string
	p.local(func(d logical.Definition) {
		if !used[d.Name] && logical.Parent(d.Name, p.defines) == "" {
			roots = append(roots, d.Name)
		}
	})
	return len(roots) == 1 && roots[0] == root.Name
}

// ordered returns the named types, each after those that it is nested in.
func (p *printer) ordered() []logical.Definition {
	depth := make(map[string]int, len(p.bodies))
	for _, d := range p.schema.Named {
		for n := d.Name; ; depth[d.Name]++ {
			if n = logical.Parent(n, func(n string) bool { return p.bodies[n] != nil }); n == "" {
				break
			}
		}
	}
	sorted := slices.Clone(p.schema.Named)
	slices.SortStableFunc(sorted, func(a, b logical.Definition) int { return cmp.Compare(depth[a.Name], depth[b.Name]) })
	return sorted
}

// display returns a name without the namespace where a reader would put that before it again.
func (p *printer) display(n string) string {
	if alias := p.aliases[n]; alias != "" {
		return alias
	}
	ns := p.schema.Namespace
	short, ok := strings.CutPrefix(n, ns+".")
	if ns == "" || !ok {
		return n
	}
	nested := func() bool {
		return logical.Parent(short, func(n string) bool { return p.defines(n) || p.defines(ns+"."+n) }) != ""
	}
	if !strings.Contains(short, ".") || nested() {
		return short
	}
	return n
}

// qualified quotes the parts of a name.
func qualified(n string) string {
	parts := strings.Split(n, ".")
	for i := range parts {
		parts[i] = token.QuoteName(parts[i])
	}
	return strings.Join(parts, ".")
}

// decl prints the declaration of a named type. A STRUCT stands on several lines when it has more than two fields, or a
// constraint.
func (p *printer) decl(n string, t *logical.Type) error {
	switch t.Kind {
	case logical.Struct:
		p.put("STRUCT ", qualified(p.display(n)), " ")
		p.body(t)
	case logical.Enum:
		p.put("ENUM ", qualified(p.display(n)), " (")
		p.symbols(t)
		p.put(")")
	default:
		return logical.Errorf("Named-type body must be STRUCT or ENUM, got %s for '%s'", t.Kind, n)
	}
	p.meta(t.Doc, t.Tags, t.Params)
	p.put(";\n")
	return nil
}

func (p *printer) symbols(t *logical.Type) {
	for i, v := range t.Values {
		if i > 0 {
			p.put(", ")
		}
		p.put(token.QuoteString(v.Symbol))
		p.meta(v.Doc, nil, v.Params)
	}
}

func (p *printer) body(t *logical.Type) {
	begin, separator, end := "(", ", ", ")"
	if len(t.Fields) > 2 || len(t.Rules) > 0 {
		begin, separator, end = "(\n  ", ",\n  ", "\n)"
	}
	p.put(begin)
	for i := range t.Fields {
		if i > 0 {
			p.put(separator)
		}
		p.field(&t.Fields[i])
	}
	for i := range t.Rules {
		if i > 0 || len(t.Fields) > 0 {
			p.put(separator)
		}
		p.rule(&t.Rules[i])
	}
	p.put(end)
}

func (p *printer) field(f *logical.Field) {
	if p.left < 0 {
		return
	}
	p.put(token.QuoteName(f.Name), " ")
	p.typ(f.Type)
	if f.Default.Has && !f.Default.Derived {
		if text := value(f.Default.Value, f.Type); text != "" {
			p.put(" DEFAULT ", text)
		}
	}
	for i := range f.Rules {
		p.put(" ")
		p.rule(&f.Rules[i])
	}
	p.meta(f.Doc, f.Tags, f.Params)
}

func (p *printer) rule(r *logical.Rule) {
	if p.err == nil && !isExpression(r.SQL) {
		p.err = logical.Errorf("The constraint '%s' has no DDL", r.SQL)
	}
	if r.Name != "" {
		p.put("CONSTRAINT ", token.QuoteName(r.Name), " ")
	}
	p.put("CHECK (", r.SQL, ")")
	if r.Doc != "" {
		p.put(" MESSAGE ", token.QuoteString(r.Doc))
	}
}

func (p *printer) meta(doc string, tags []string, params logical.Params) {
	if doc != "" {
		p.put(" COMMENT ", token.QuoteString(doc))
	}
	if len(tags) > 0 {
		quoted := make([]string, len(tags))
		for i, t := range tags {
			quoted[i] = token.QuoteString(t)
		}
		p.put(" TAGS(", strings.Join(quoted, ", "), ")")
	}
	if len(params) > 0 {
		p.put(" WITH(")
		for i, e := range params {
			if i > 0 {
				p.put(", ")
			}
			p.put(token.QuoteString(e.Key), " = ", token.QuoteString(logical.JavaText(e.Value)))
		}
		p.put(")")
	}
}
