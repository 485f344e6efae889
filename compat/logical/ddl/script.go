package ddl

import (
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
)

// Script is a text that has the form of DDL. Schema says what it means.
type Script struct {
	text      string
	start     int   // offset of the first token
	namespace *name // nil: none
	usings    []using
	decls     []decl
	root      *typeExpr // of the TYPE statement; nil: none
	rootStart int       // offset of the TYPE statement
}

// name is a name, qualified or not, and where it stands.
type name struct {
	text   string
	offset int
}

// using is USING TYPE name FOR TYPE target or FOR REF 'uri'.
type using struct {
	name   name
	target *name // nil: a reference
	uri    token.Token
}

// decl is the declaration of a named type.
type decl struct {
	name   name
	enum   bool
	fields []field
	checks []constraint
	values []symbol
	meta   meta
}

// meta is what may follow a thing: COMMENT, TAGS, WITH.
type meta struct {
	doc    string
	tags   []string
	params logical.Params
}

type field struct {
	name   name
	typ    *typeExpr
	def    *literal // nil: none
	checks []constraint
	meta   meta
}

type symbol struct {
	name name
	meta meta
}

type branch struct {
	name name
	typ  *typeExpr
	meta meta
}

// typeExpr is a type as it is written.
type typeExpr struct {
	kind     logical.Kind
	notNull  bool
	offset   int
	depth    int // of types in it, itself counted
	unbound  bool
	params   []literal // the numbers in parentheses
	name     name      // Named
	key      *typeExpr
	elem     *typeExpr
	fields   []field
	branches []branch
	values   []symbol
}

// literal is a value as it is written.
type literal struct {
	kind   literalKind
	text   string // its tokens without the space between them
	value  string // of a string; the digits of bytes
	offset int
}

type literalKind uint8

const (
	nullLiteral literalKind = iota
	boolLiteral
	intLiteral
	decimalLiteral
	doubleLiteral
	stringLiteral
	bytesLiteral
)

// number reports whether a literal is a number.
func (l *literal) number() bool {
	return l.kind == intLiteral || l.kind == decimalLiteral || l.kind == doubleLiteral
}
