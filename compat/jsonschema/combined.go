package jsonschema

// widened reports whether old data can be read although only the new schema is combined of others.
func (c *comparison) widened(old *node, new *combined) bool {
	if len(new.of) != 1 && new.criterion == allOf {
		return false
	}
	for _, n := range new.of {
		if c.readable(old, n) {
			return true // COMBINED_TYPE_EXTENDED, or the same
		}
	}
	return false
}

// narrowed reports whether old data can be read although only the old schema is combined of others.
func (c *comparison) narrowed(old *combined, new *node) bool {
	if len(old.of) != 1 && old.criterion != allOf {
		return false
	}
	for _, o := range old.of {
		if c.readable(o, new) {
			return true
		}
	}
	return false
}

// combinations compares two combined schemas: each schema of the smaller one must have one of the larger one for itself.
func (c *comparison) combinations(old, new *combined) {
	single := len(old.of) == 1 && (len(new.of) == 1 || new.criterion == oneOf)
	if old.criterion != new.criterion && new.criterion != anyOf && !single {
		c.add("COMBINED_TYPE_CHANGED")
		return
	}
	switch {
	case len(old.of) < len(new.of) && new.criterion == allOf:
		c.add("PRODUCT_TYPE_EXTENDED")
	case len(old.of) > len(new.of) && old.criterion != allOf:
		c.add("SUM_TYPE_NARROWED")
	}
	if m := (&matching{c: c, old: old.of, new: new.of}); m.size() < min(len(old.of), len(new.of)) && !c.over {
		c.add("COMBINED_TYPE_SUBSCHEMAS_CHANGED")
	}
}

// matching pairs schemas so that as many as possible have a partner which reads them.
// https://en.wikipedia.org/wiki/Maximum_cardinality_matching
type matching struct {
	c        *comparison
	old, new []*node
	edges    [][]int32 // by old: the new ones that read it
	partner  []int     // by new: the old one, or -1
}

func (m *matching) size() int {
	m.edges = make([][]int32, len(m.old))
	for i, o := range m.old {
		for j, n := range m.new {
			if m.c.done() {
				return 0
			}
			if m.c.readable(o, n) {
				m.edges[i] = append(m.edges[i], int32(j)) //nolint:gosec // a document has no 2^31 schemas
			}
		}
	}
	m.partner = make([]int, len(m.new))
	for j := range m.partner {
		m.partner[j] = -1
	}
	size := 0
	var rest []int // that find every partner taken
	for i := range m.old {
		if m.free(i) {
			size++
		} else {
			rest = append(rest, i)
		}
	}
	for _, i := range rest {
		if !m.c.done() && m.augment(i, make([]bool, len(m.new))) {
			size++
		}
	}
	return size
}

// free finds a partner for the old schema i that nobody has. Most find one: then nobody has to move.
func (m *matching) free(i int) bool {
	for _, j := range m.edges[i] {
		if m.c.look() {
			return false
		}
		if m.partner[j] < 0 {
			m.partner[j] = i
			return true
		}
	}
	return false
}

// augment finds a partner for the old schema i, moving others when need be.
func (m *matching) augment(i int, seen []bool) bool {
	for _, j := range m.edges[i] {
		if seen[j] || m.c.look() {
			continue
		}
		seen[j] = true
		if m.partner[j] < 0 || m.augment(m.partner[j], seen) {
			m.partner[j] = i
			return true
		}
	}
	return false
}
