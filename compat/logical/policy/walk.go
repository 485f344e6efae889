package policy

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// What bounds a walk. The trees come from documents that anyone may send: named types of two schemas can pair up in as many ways
// as the product of their numbers, and paths and messages repeat names of any length.
const (
	maxDepth = 10_000  // levels, references followed
	maxSteps = 1 << 20 // types and members looked at
	maxText  = 4 << 20 // bytes of the findings; a walk ends with the first finding beyond
)

// walk is what Validate and Compare have in common: where they are, what they found, and when to end.
type walk struct {
	target       Target
	findings     []Finding
	depth, steps int
	text         int
	over         bool // the walk has ended
}

// enter begins a type; false means that the walk has ended. Each enter that returns true is followed by a leave.
func (w *walk) enter(at *path) bool {
	switch w.count(1); {
	case w.over:
		return false
	case w.depth >= maxDepth:
		w.giveUp(at, fmt.Sprintf("types nest deeper than %d levels", maxDepth))
		return false
	}
	w.depth++
	return true
}

func (w *walk) leave() { w.depth-- }

// countMembers adds those that looking at members costs, long names more.
func (w *walk) countMembers(in []member) {
	const part = 16 // bytes
	steps := len(in)
	for i := range in {
		steps += len(in[i].name) / part
	}
	w.count(steps)
}

// count adds steps to those that were made.
func (w *walk) count(steps int) {
	if w.steps += steps; w.steps > maxSteps {
		w.giveUp(nil, fmt.Sprintf("there are more than %d types and fields to look at", maxSteps))
	}
}

func (w *walk) giveUp(at *path, message string) {
	w.add(TooComplex, at, message)
	w.over = true
}

func (w *walk) add(rule Rule, at *path, message string) {
	if w.over {
		return
	}
	f := Finding{Rule: rule, Target: w.target, Path: at.String(), Message: message}
	w.findings = append(w.findings, f)
	if w.text += len(f.Path) + len(f.Message); w.text > maxText {
		w.over = true
	}
}

// path is where a type is; nil: the root. It is a list, so that the many that no finding needs are never written out.
type path struct {
	up    *path
	step  string
	field bool // step is a name
}

func (p *path) member(name string) *path { return &path{up: p, step: name, field: true} }
func (p *path) element() *path           { return &path{up: p, step: "[]"} }
func (p *path) value() *path             { return &path{up: p, step: "{}"} }
func (p *path) key() *path               { return &path{up: p, step: "{key}"} }

// String returns the path as a Finding has it.
func (p *path) String() string {
	var steps []*path
	for ; p != nil; p = p.up {
		steps = append(steps, p)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].field && b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(steps[i].step)
	}
	return b.String()
}

// names are the named types of a schema.
type names map[string]*logical.Type

func namesOf(s *logical.Schema) names {
	n := make(names, len(s.Named))
	for _, d := range s.Named {
		if _, ok := n[d.Name]; !ok {
			n[d.Name] = d.Type
		}
	}
	return n
}

// resolve follows references to what they stand for. It returns a reference that leads nowhere or back to itself.
func (n names) resolve(t *logical.Type) *logical.Type {
	for hops := 0; t != nil && t.Kind == logical.Named; hops++ {
		to := n[t.Name]
		if to == nil || hops > len(n) {
			return t
		}
		t = to
	}
	return t
}

// member is a field of a STRUCT or a branch of a UNION. Both targets hold a union as a struct of its branches, of which a row
// sets one at most.
type member struct {
	name     string
	typ      *logical.Type
	nullable bool
	def      logical.Default
}

// defaulted reports whether the member has a default that is not NULL.
func (m member) defaulted() bool { return m.def.Has && m.def.Value != nil }

func members(t *logical.Type) []member {
	out := make([]member, 0, len(t.Fields)+len(t.Branches))
	if t.Kind == logical.Union {
		for i := range t.Branches {
			b := &t.Branches[i]
			out = append(out, member{name: b.Name, typ: b.Type, nullable: true})
		}
		return out
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		out = append(out, member{name: f.Name, typ: f.Type, nullable: f.Type != nil && f.Type.Nullable, def: f.Default})
	}
	return out
}

// scale returns the scale of a DECIMAL: SQL reads DECIMAL(p) as DECIMAL(p, 0).
func scale(t *logical.Type) int {
	if t.Scale == logical.Unstated {
		return 0
	}
	return t.Scale
}

// render returns a type as Confluent's messages have it.
func render(t *logical.Type) string {
	switch {
	case t == nil:
		return "nothing"
	case t.Kind == logical.Decimal:
		return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, scale(t))
	case t.Kind == logical.Char, t.Kind == logical.Varchar, t.Kind == logical.Binary, t.Kind == logical.Varbinary:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Length)
	case t.Kind == logical.Time, t.Kind == logical.Timestamp, t.Kind == logical.TimestampLTZ:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Precision)
	case t.Kind == logical.Named:
		return "ref(" + t.Name + ")"
	}
	return t.Kind.String()
}

// change words what became of a type.
func change(writer, reader *logical.Type) string {
	return "type is " + render(writer) + " in the writer's schema and " + render(reader) + " in the reader's schema"
}
