package ddl

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
)

// Schema returns what a script means. A script that means nothing is a *schema.SyntaxError with Meaning set and Confluent's
// words in Msg; the place is that of the fault.
//
// What the script does not declare is external. References, which DDL cannot name, are left empty.
func (s *Script) Schema() (*logical.Schema, error) {
	return s.build((*builder).checks)
}

// build returns what a script means; translate writes the CEL of its constraints, which is most of the work.
func (s *Script) build(translate func(*builder) error) (*logical.Schema, error) {
	b := &builder{
		script: s, out: &logical.Schema{}, bodies: make(map[string]*logical.Type), used: make(map[string]bool),
		aliases: make(map[string]string), declared: make(map[string]bool), imports: make(map[string]int),
	}
	if s.namespace != nil {
		if err := b.typeName(*s.namespace); err != nil {
			return nil, err
		}
		b.out.Namespace = s.namespace.text
	}
	for _, step := range []func() error{b.usings, b.declare, b.decls, b.root} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := translate(b); err != nil {
		return nil, err
	}
	for _, n := range b.order {
		b.out.Named = append(b.out.Named, logical.Definition{Name: n, Type: b.bodies[n]})
	}
	b.out.Unwrap()
	if b.out.Name != "" {
		delete(b.bodies, b.qualify(b.out.Name))
	}
	b.externals()
	if err := b.checkUsings(); err != nil {
		return nil, err
	}
	return b.out, nil
}

// builder makes a schema of a script.
type builder struct {
	script *Script
	out    *logical.Schema
	order  []string                 // the names of the declarations, qualified
	bodies map[string]*logical.Type // by qualified name; empty until the declaration's turn comes
	names  int                      // what they have cost

	declared   map[string]bool   // the names of the USING statements, as written
	aliases    map[string]string // FOR TYPE: by the name as written
	used       map[string]bool   // aliases that a type refers to
	imports    map[string]int    // FOR REF: indices into the imports by qualified name
	importedAt []int             // their offsets

	pending []func() error // translations of CHECK constraints
	checked int            // what they cost
	typed   int            // what the types of their CEL cost to check
}

// fault returns the error of something that means nothing.
func (b *builder) fault(offset int, format string, args ...any) error {
	err := token.Errorf(b.script.text, offset, format, args...)
	err.Meaning = true
	return err
}

// usings takes the USING statements. An alias goes by its name as it is written, and so does its target, which no namespace
// qualifies; the name of a reference stays in the schema and is qualified as every name is.
func (b *builder) usings() error {
	for _, u := range b.script.usings {
		n := u.name.text
		if err := b.typeName(u.name); err != nil {
			return err
		}
		if b.declared[n] {
			return b.fault(u.name.offset, "Duplicate USING TYPE: %s (each alias FQN may be declared at most once)", n)
		}
		b.declared[n] = true
		if u.target != nil {
			if err := b.typeName(*u.target); err != nil {
				return err
			}
			if u.target.text == n {
				return b.fault(u.target.offset, "USING TYPE %s FOR TYPE %s aliases a name to itself", n, n)
			}
			b.aliases[n] = u.target.text
			continue
		}
		if strings.TrimSpace(u.uri.Value) == "" {
			return b.fault(u.uri.Offset, "USING TYPE %s FOR REF clause must be a non-empty URI", n)
		}
		b.setImport(logical.Import{Name: b.qualify(n), URI: u.uri.Value}, u.name.offset)
	}
	return nil
}

// setImport binds a name, which two statements can mean that write it differently: the later one counts.
func (b *builder) setImport(i logical.Import, offset int) {
	if at, ok := b.imports[i.Name]; ok {
		b.out.Imports[at] = i
		return
	}
	b.imports[i.Name] = len(b.out.Imports)
	b.out.Imports = append(b.out.Imports, i)
	b.importedAt = append(b.importedAt, offset)
}

// checkUsings refuses USING statements that name a declared type or an alias, or that nothing refers to.
func (b *builder) checkUsings() error {
	var shadowed, chained, dangling []string
	var at int
	add := func(list *[]string, offset int, n string) {
		if *list == nil {
			at = offset
		}
		*list = append(*list, n)
	}
	for _, u := range b.script.usings {
		if q := b.qualify(u.name.text); b.bodies[q] != nil {
			add(&shadowed, u.name.offset, q)
		}
	}
	if shadowed != nil {
		return b.fault(at, "USING TYPE declared for name(s) that are also locally declared as STRUCT/ENUM — a USING TYPE names "+
			"something resolved elsewhere, so it must not collide with a local declaration: %s", set(shadowed))
	}
	for _, u := range b.script.usings {
		if u.target != nil {
			if _, ok := b.aliases[u.target.text]; ok {
				add(&chained, u.target.offset, u.target.text)
			}
		}
	}
	if chained != nil {
		return b.fault(at, "USING TYPE alias targets that are themselves aliases — chains are not resolved, so each alias must name "+
			"its type directly: %s", set(chained))
	}
	external := make(map[string]bool, len(b.out.External))
	for _, n := range b.out.External {
		external[n] = true
	}
	for i, imp := range b.out.Imports {
		if !external[imp.Name] {
			add(&dangling, b.importedAt[i], imp.Name)
		}
	}
	for _, u := range b.script.usings {
		if u.target != nil && !b.used[u.name.text] {
			add(&dangling, u.name.offset, u.name.text)
		}
	}
	if dangling != nil {
		return b.fault(at, "USING TYPE declared for name(s) that aren't referenced by any local type or by the root — an unused "+
			"USING TYPE has no effect: %s", set(dangling))
	}
	return nil
}

// set returns names as Java prints a set of them.
func set(names []string) string {
	seen := make(map[string]bool)
	var distinct []string
	for _, n := range names {
		if !seen[n] {
			distinct = append(distinct, n)
		}
		seen[n] = true
	}
	return "[" + strings.Join(distinct, ", ") + "]"
}

// declare takes the names of all declarations, so that each body can refer to every type. A parent comes before its children.
func (b *builder) declare() error {
	for _, d := range b.script.decls {
		if err := b.typeName(d.name); err != nil {
			return err
		}
		n := b.qualify(d.name.text)
		if b.bodies[n] != nil {
			return b.fault(d.name.offset, "Duplicate named type: %s", n)
		}
		if parent := b.parent(n); parent != "" {
			if want, _ := logical.Split(n); parent != want {
				return b.fault(d.name.offset, "Nested type '%s' has no immediate parent. Found ancestor '%s' but missing '%s'. "+
					"Declare '%s' first.", n, parent, want, want)
			}
		}
		b.order = append(b.order, n)
		b.bodies[n] = &logical.Type{Kind: d.kind(), Nullable: true}
	}
	return nil
}

func (d *decl) kind() logical.Kind {
	if d.enum {
		return logical.Enum
	}
	return logical.Struct
}

func (b *builder) parent(n string) string {
	return logical.Parent(n, func(n string) bool { return b.bodies[n] != nil })
}

func (b *builder) decls() error {
	for i := range b.script.decls {
		d := &b.script.decls[i]
		t := &logical.Type{Kind: d.kind(), Nullable: true, Doc: d.meta.doc, Tags: d.meta.tags, Params: d.meta.params}
		var err error
		if d.enum {
			t.Values, err = b.values(d.values)
		} else if t.Fields, err = b.fields(d.fields); err == nil {
			t.Rules, err = b.tableRules(d.checks, t.Fields)
		}
		if err != nil {
			return err
		}
		b.bodies[b.order[i]] = t
	}
	return nil
}

// maxNames bounds what a script's names may cost: the bytes of each with the namespace, as often as it has parts. A namespace
// or an alias of a megabyte would stand in every type otherwise.
const maxNames = 1 << 27

// typeName refuses a name with an empty part, which no text that Confluent prints can have, and names that cost too much.
func (b *builder) typeName(n name) error {
	full := max(len(n.text), len(b.aliases[n.text]))
	if b.names += (len(b.out.Namespace) + full) * (1 + strings.Count(n.text, ".")); b.names > maxNames {
		return b.fault(n.offset, "the script's names are too long")
	}
	if strings.Contains("."+n.text+".", "..") {
		return b.fault(n.offset, "identifier must not be empty")
	}
	return nil
}

// qualify puts the namespace before the name of a declaration: one without dots, and one of a type that is nested in a declared
// one. Other dots are those of another namespace. A name that has the namespace already is left.
func (b *builder) qualify(n string) string {
	ns := b.out.Namespace
	if ns == "" || strings.Contains(n, ".") && (!b.nested(n) || strings.HasPrefix(n, ns+".")) {
		return n
	}
	return ns + "." + n
}

// resolve returns the qualified name that a type refers to.
func (b *builder) resolve(n string) string {
	if target, ok := b.aliases[n]; ok {
		b.used[n] = true
		return target
	}
	return b.qualify(n)
}

// nested reports whether a dotted prefix of a name is a declared type, as written or in the namespace.
func (b *builder) nested(n string) bool {
	defined := func(n string) bool { return b.bodies[n] != nil || b.bodies[b.out.Namespace+"."+n] != nil }
	return logical.Parent(n, defined) != ""
}

// externals takes what types refer to and no declaration defines.
func (b *builder) externals() {
	seen := make(map[string]bool)
	take := func(n string) {
		if !seen[n] && b.bodies[n] == nil {
			b.out.External = append(b.out.External, n)
		}
		seen[n] = true
	}
	b.out.Root.References(take)
	for _, d := range b.out.Named {
		d.Type.References(take)
	}
}
