package jsonschema

import (
	"math"

	"github.com/millrace/millrace/compat/schema"
)

const (
	maxSteps       = 500_000 // pairs that one comparison looks at
	looksInStep    = 16      // looks at pairs whose outcome is known that count as one of them
	maxOpen        = 10_000  // pairs inside each other
	maxDifferences = 20_000
)

// pair is what is compared: data of the old schema is to be read with the new one.
type pair struct{ old, new *node }

// comparison walks two graphs side by side. A pair that is reached again while it is open is taken for compatible: it adds
// nothing that its first visit does not find.
type comparison struct {
	lenient bool
	path    []string
	found   []schema.Difference

	faults  int // differences found, those of trials too
	trials  int // trials that are open: they count faults and report none
	allowed int // faults before the innermost trial

	open map[pair]int  // open pairs, with their depths
	low  int           // the least depth of an open pair that was taken for compatible since the innermost open pair was opened
	fine map[pair]int  // pairs of what references lead to without a fault, with the depth of the open pair on which that depends; -1: on none
	held [][]pair      // by depth: entries of fine that depend on the pair open there
	bad  map[pair]bool // pairs that failed a trial

	ends map[*node]*node // what references lead to

	steps, looks int
	over         bool // a bound was met: nothing is looked at any more
	slow         map[*pattern]bool
}

const independent = math.MaxInt

// compare returns why data written with old cannot be read with new.
func compare(old, new *node, lenient bool) []schema.Difference {
	c := &comparison{lenient: lenient, open: map[pair]int{}, low: independent, fine: map[pair]int{}, bad: map[pair]bool{}, slow: map[*pattern]bool{}, ends: map[*node]*node{}}
	c.schemas(old, new)
	return c.found
}

// at runs f one step deeper in the document.
func (c *comparison) at(step string, f func()) {
	c.path = append(c.path, step)
	f()
	c.path = c.path[:len(c.path)-1]
}

// add reports a difference, unless it is compatible.
func (c *comparison) add(name string) {
	r, incompatible := rules[name]
	if !incompatible || r.lenient && c.lenient {
		return
	}
	c.faults++
	if c.trials > 0 || c.over && name != tooComplex {
		return
	}
	c.found = append(c.found, difference(name, r.sentence, c.path))
	if len(c.found) == maxDifferences {
		c.over = true
	}
}

func (c *comparison) addAt(step, name string) { c.at(step, func() { c.add(name) }) }

// spend counts a step, and reports whether there is an end to them.
func (c *comparison) spend() bool {
	if c.steps++; c.steps <= maxSteps && len(c.open) < maxOpen || c.over {
		return c.over
	}
	c.over = true
	trials := c.trials
	c.trials = 0
	c.add(tooComplex)
	c.trials = trials
	return true
}

// look counts a look at a pair whose outcome may be known, and reports whether there is an end to them.
func (c *comparison) look() bool { return c.lookAt(1) }

// lookAt is look for several.
func (c *comparison) lookAt(n int) bool {
	before := c.looks / looksInStep
	c.looks += n
	steps := c.looks/looksInStep - before
	if steps == 0 {
		return false
	}
	c.steps += steps - 1
	return c.spend()
}

// done reports whether nothing that follows can matter.
func (c *comparison) done() bool { return c.over || c.trials > 0 && c.faults > c.allowed }

// readable tries whether data of old can be read with new, and reports nothing.
func (c *comparison) readable(old, new *node) bool {
	faults, allowed := c.faults, c.allowed
	c.trials++
	c.allowed = faults
	c.schemas(old, new)
	ok := c.faults == faults && !c.over
	c.trials--
	c.faults, c.allowed = faults, allowed
	return ok
}

// schemas compares two schemas of which either may be absent.
func (c *comparison) schemas(old, new *node) {
	switch {
	case old == nil && new == nil || c.done():
		return
	case old == nil:
		c.add("SCHEMA_ADDED")
		return
	case new == nil:
		return // SCHEMA_REMOVED
	case old.sum != 0 && old.sum == new.sum:
		return
	}
	if c.look() {
		return
	}
	p := pair{old, new} // references count apart: their places are reported apart
	met := pair{c.end(old), c.end(new)}
	if c.trials > 0 {
		p = met
	}
	if depth, ok := c.open[p]; ok {
		c.low = min(c.low, depth)
		return
	}
	if depth, ok := c.fine[met]; ok {
		if depth >= 0 {
			c.low = min(c.low, depth)
		}
		return
	}
	if c.trials > 0 && c.bad[met] {
		c.faults++
		return
	}
	if c.spend() {
		return
	}
	depth := len(c.open)
	c.open[p] = depth
	for len(c.held) <= depth {
		c.held = append(c.held, nil)
	}
	outer, faults := c.low, c.faults
	c.low = independent
	c.dereferenced(met.old, met.new)
	low := c.low
	if low >= depth {
		low = independent
	}
	c.low = min(outer, low)
	delete(c.open, p)
	c.settle(met, depth, low, c.faults == faults && !c.over)
}

// end returns what a schema leads to, which a chain of references does not make longer to find out again.
func (c *comparison) end(n *node) *node {
	if n.class != referenceClass {
		return n
	}
	end, ok := c.ends[n]
	if !ok {
		end = n.dereferenced()
		c.ends[n] = end
	}
	return end
}

// settle notes the outcome of a pair that was open at depth. What depended on it depends from here on on what it depended on.
func (c *comparison) settle(p pair, depth, low int, ok bool) {
	held := c.held[depth]
	c.held[depth] = nil
	if !ok {
		if !c.over {
			c.bad[p] = true
		}
		for _, q := range held {
			delete(c.fine, q)
		}
		return
	}
	if low == independent {
		for _, q := range append(held, p) {
			c.fine[q] = -1
		}
		return
	}
	held = append(held, p)
	for _, q := range held {
		c.fine[q] = low
	}
	c.held[low] = append(c.held[low], held...)
}

// dereferenced compares two schemas that are no references.
func (c *comparison) dereferenced(old, new *node) {
	oldCombined, newCombined := old.class == combinedClass, new.class == combinedClass
	switch {
	case newCombined && !oldCombined:
		if c.widened(old, new.combined) {
			return
		}
	case oldCombined && !newCombined:
		if c.narrowed(old.combined, new) {
			return
		}
	}
	if old.class != new.class {
		if old.class == nothing || new.class == anything || old.bytes && new.bytes {
			return
		}
		c.add("TYPE_CHANGED")
		return
	}
	switch old.class {
	case stringType:
		c.strings(old.str, new.str)
	case numberType:
		c.numbers(old.num, new.num)
	case enumClass:
		c.at("enum", func() { c.values(old, new) })
	case constClass:
		c.at("const", func() { c.values(old, new) })
	case notClass:
		c.at("not", func() {
			if !c.readable(new.target, old.target) { // what the new schema refuses, the old one must have refused
				c.add("NOT_TYPE_EXTENDED")
			}
		})
	case combinedClass:
		c.combinations(old.combined, new.combined)
	case objectType:
		c.objects(old.object, new.object)
	case arrayType:
		c.arrays(old.array, new.array)
	}
}

// upper and lower compare a limit of a keyword; rule is the keyword's name in rules.
func (c *comparison) upper(keyword, rule string, old, new limit) {
	switch {
	case !new.set:
	case !old.set:
		c.addAt(keyword, rule+"_ADDED")
	case new.n.cmp(old.n) < 0:
		c.addAt(keyword, rule+"_DECREASED")
	}
}

func (c *comparison) lower(keyword, rule string, old, new limit) {
	switch {
	case !new.set:
	case !old.set:
		c.addAt(keyword, rule+"_ADDED")
	case new.n.cmp(old.n) > 0:
		c.addAt(keyword, rule+"_INCREASED")
	}
}

func (c *comparison) strings(old, new *stringRules) {
	c.upper("maxLength", "MAX_LENGTH", old.maxLength, new.maxLength)
	c.lower("minLength", "MIN_LENGTH", old.minLength, new.minLength)
	switch {
	case new.pattern == nil:
	case old.pattern == nil:
		c.addAt("pattern", "PATTERN_ADDED")
	case *old.pattern != *new.pattern:
		c.addAt("pattern", "PATTERN_CHANGED")
	}
}

func (c *comparison) numbers(old, new *numberRules) {
	c.upper("maximum", "MAXIMUM", old.maximum, new.maximum)
	c.lower("minimum", "MINIMUM", old.minimum, new.minimum)
	c.upper("exclusiveMaximum", "EXCLUSIVE_MAXIMUM", old.exclusiveMaximum, new.exclusiveMaximum)
	c.lower("exclusiveMinimum", "EXCLUSIVE_MINIMUM", old.exclusiveMinimum, new.exclusiveMinimum)
	switch o, n := old.multipleOf, new.multipleOf; {
	case !n.set:
	case !o.set:
		c.addAt("multipleOf", "MULTIPLE_OF_ADDED")
	case n.n.divides(o.n): // the same, or MULTIPLE_OF_REDUCED
	case o.n.divides(n.n):
		c.addAt("multipleOf", "MULTIPLE_OF_EXPANDED")
	default:
		c.addAt("multipleOf", "MULTIPLE_OF_CHANGED")
	}
	if new.integer && !old.integer {
		c.add("TYPE_NARROWED")
	}
}

// values compares what enums, or constants, admit.
func (c *comparison) values(old, new *node) {
	lost, gained := missing(old.values, new.values), missing(new.values, old.values)
	switch {
	case !lost: // ENUM_ARRAY_EXTENDED, or the same
	case old.class == enumClass && !gained:
		c.add("ENUM_ARRAY_NARROWED")
	default:
		c.add("ENUM_ARRAY_CHANGED")
	}
}

// missing reports whether b lacks a name of a.
func missing[V any](a, b table[V]) bool {
	for _, n := range a.names {
		if !b.has(n) {
			return true
		}
	}
	return false
}
