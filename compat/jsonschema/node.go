package jsonschema

// class is what kind of schema a node is: two nodes of different classes are different types.
type class uint8

const (
	anything class = iota // {} and true
	nothing               // false
	nullType
	booleanType
	stringType
	numberType
	objectType
	arrayType
	enumClass
	constClass
	notClass
	combinedClass
	conditionalClass
	referenceClass
)

// node is a schema as the comparison sees it. Nodes form a graph: only references lead back.
type node struct {
	class      class
	hasDefault bool
	bytes      bool   // connect.type is bytes
	sum        uint64 // nodes with the same sum are the same schema; 0 is none
	src        *value // what it was made of, where the builder keeps that
	part       bool   // it is one of several parts of src, which what src says beside them is not about

	target   *node           // of a reference; inner schema of a not
	values   table[struct{}] // of an enum, or the one of a const, as text that is the same for equal values
	combined *combined
	str      *stringRules
	num      *numberRules
	object   *objectRules
	array    *arrayRules
}

// limit is a numeric keyword that may be absent.
type limit struct {
	set bool
	n   decimal
}

type stringRules struct {
	minLength, maxLength limit
	pattern              *string
}

type numberRules struct {
	integer                            bool
	minimum, maximum                   limit
	exclusiveMinimum, exclusiveMaximum limit
	multipleOf                         limit
}

// rest says what is admitted beside what is named: everything, nothing, or what a schema admits.
type rest struct {
	closed bool
	schema *node
}

// open reports whether everything is admitted.
func (r rest) open() bool { return !r.closed && r.schema == nil }

type objectRules struct {
	properties              table[*node]
	required                table[struct{}]
	patterns                []patternRule
	additional, unevaluated rest
	minProperties           limit
	maxProperties           limit
	dependentNames          table[[]string]
	dependentSchemas        table[*node]
}

// patternRule is a member of patternProperties.
type patternRule struct {
	pattern *pattern
	schema  *node
}

func (o *objectRules) requires(name string) bool { return o.required.has(name) }

type arrayRules struct {
	all                      *node // what each item must be
	items                    []*node
	additional, unevaluated  rest
	minItems, maxItems       limit
	minContains, maxContains limit
	unique                   bool
}

type criterion uint8

const (
	allOf criterion = iota
	anyOf
	oneOf
)

type combined struct {
	criterion criterion
	of        []*node
}

// dereferenced returns what a chain of references leads to; the reference itself when it leads back to itself.
func (n *node) dereferenced() *node {
	slow := n
	for at, steps := n, 0; ; steps++ {
		if at == nil || at.class != referenceClass {
			return at
		}
		at = at.target
		if steps%2 == 1 {
			if slow = slow.target; slow == at {
				return n
			}
		}
	}
}
