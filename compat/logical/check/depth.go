package check

// maxDepth is how deep Confluent lets the parse tree of an expression be. Its grammar has a node for each level of precedence, so
// that one pair of parentheses is 13 deep: about 78 of them may stand in each other.
//
// Source: ConstraintValidator.MAX_PARSE_DEPTH; LogicalTypes.g4, from check_expr.
const maxDepth = 1024

// What lies between an expression (check_expr in the grammar) and what is inside: levels is to an operand (c_expr) and leaf to a
// column's name below that; the others are to an expression inside an operand or, with depthOfList, in the list of an IN.
const (
	levels          = 12
	leaf            = 4
	depthOfList     = 7 + 3
	depthOfParen    = levels + 1
	depthOfCase     = levels + 2
	depthOfWhen     = levels + 3
	depthOfForm     = levels + 3
	depthOfArgument = levels + 4
	depthOfIndex    = levels + 4
)

// maxTokens bounds the length of an expression. A shorter one may still be too long as CEL.
const maxTokens = 2 * maxCEL

// enter returns an error when an expression at a depth is too deep, or too long already.
func (p *parser) enter(depth int) error {
	if len(p.src.tokens) > maxTokens {
		return span{src: p.src}.errorf("CHECK expression is too long: it has more than %d words", maxTokens)
	}
	if depth+levels+leaf <= maxDepth {
		return nil
	}
	return span{src: p.src}.errorf("CHECK expression nesting depth exceeds %d — simplify or break the constraint into "+
		"smaller pieces. Deep nesting risks a stack overflow during validation.", maxDepth)
}
