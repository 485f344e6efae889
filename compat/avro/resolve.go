package avro

// resolve replaces the placeholders of the document that was just read, whose root is t, and returns the root.
//
// Java resolves by copying every known type, deepest first, and checks the defaults of a record again when its copy gets its
// fields. A default that needs the fields of a record whose copy has none yet is refused, so the order in which records are
// finished matters: it is Java's. A record is finished in a round when its round is the parser's.
func (p *parser) resolve(t *Type) (*Type, error) {
	if t.placeholder {
		known := p.pending(t)
		if known == nil {
			return nil, p.fail(t.off, "Unknown schema: %s", clip(t.short))
		}
		t = known
	}
	p.round++
	if p.fresh {
		for _, known := range p.order {
			if err := p.visit(known, map[*Type]bool{}); err != nil {
				return nil, err
			}
		}
	}
	if t.Kind.named() {
		return p.named[t.Name.Full()], nil
	}
	return t, p.visit(t, map[*Type]bool{})
}

// pending returns the type that the placeholder t stands for, or nil. Java looks for the full name only; a stored schema may
// hold a short name where it once was printed without its namespace, so lenient parsing looks for that as well.
func (p *parser) pending(t *Type) *Type {
	if known := p.named[t.pending]; known != nil || p.strict {
		return known
	}
	return p.named[t.short]
}

// Bounds of resolving: walks start within walks, and each may pass through all records again.
const (
	maxVisits = 5_000_000 // types visited, for all documents
	maxNested = 200_000   // inside each other
)

// open marks a record whose visit has begun in this round, which is negative to tell it from a finished one.
func (p *parser) open() int { return -p.round }

// visit resolves everything below t. seen holds the records of this walk: a placeholder whose type has not been begun starts a
// walk of its own, which passes through unfinished records of the outer one and finishes them.
func (p *parser) visit(t *Type, seen map[*Type]bool) error {
	p.visits++
	p.nested++
	defer func() { p.nested-- }()
	if p.visits > maxVisits || p.nested > maxNested {
		return p.fail(t.off, "types refer to each other in too many ways to resolve them")
	}
	switch t.Kind {
	case Array, Map:
		return p.child(&t.Elem, seen)
	case Union:
		for i := len(t.Branches) - 1; i >= 0; i-- {
			if err := p.child(&t.Branches[i], seen); err != nil {
				return err
			}
		}
		return p.checkBranches(t)
	case Record:
	default:
		return nil
	}
	if seen[t] || t.round == p.round {
		return nil
	}
	seen[t] = true
	t.round = p.open()
	for _, f := range t.Fields {
		if err := p.child(&f.Type, seen); err != nil {
			return err
		}
		if t.round == p.round { // an inner walk has finished it
			return nil
		}
	}
	for _, f := range t.Fields {
		if err := p.checkDefault(f, p.round); err != nil {
			return err
		}
	}
	t.round = p.round
	return nil
}

func (p *parser) child(at **Type, seen map[*Type]bool) error {
	t := *at
	if !t.placeholder {
		return p.visit(t, seen)
	}
	known := p.pending(t)
	if known == nil {
		return p.fail(t.off, "Undefined schema: %s", clip(t.pending))
	}
	if known.round != p.open() {
		if err := p.visit(known, map[*Type]bool{}); err != nil {
			return err
		}
	}
	*at = known
	return nil
}

// sameType says whether two definitions of one name are equal, which Java allows: docs and aliases do not count. seen holds
// the pairs of records that are being compared or were.
func sameType(a, b *Type, seen map[[2]*Type]bool) bool {
	if a == b {
		return true
	}
	if a.Kind != b.Kind || a.placeholder || b.placeholder || !sameProps(a.Props, b.Props) {
		return false
	}
	switch a.Kind {
	case Record:
		if a.Name != b.Name || len(a.Fields) != len(b.Fields) {
			return false
		}
		pair := [2]*Type{a, b}
		if seen[pair] {
			return true
		}
		seen[pair] = true
		for i, f := range a.Fields {
			g := b.Fields[i]
			if f.Name != g.Name || f.Order != g.Order || !f.Default.equal(g.Default) || !sameProps(f.Props, g.Props) ||
				!sameType(f.Type, g.Type, seen) {
				return false
			}
		}
	case Enum:
		if a.Name != b.Name || len(a.Symbols) != len(b.Symbols) {
			return false
		}
		for i := range a.Symbols {
			if a.Symbols[i] != b.Symbols[i] {
				return false
			}
		}
	case Fixed:
		return a.Name == b.Name && a.Size == b.Size
	case Array, Map:
		return sameType(a.Elem, b.Elem, seen)
	case Union:
		if len(a.Branches) != len(b.Branches) {
			return false
		}
		for i := range a.Branches {
			if !sameType(a.Branches[i], b.Branches[i], seen) {
				return false
			}
		}
	}
	return true
}

// sameProps compares without order, as Java's maps do.
func sameProps(a, b []Prop) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Value.equal(prop(b, a[i].Name)) {
			return false
		}
	}
	return true
}
