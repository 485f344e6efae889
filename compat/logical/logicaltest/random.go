// Package logicaltest makes logical schemas for tests.
package logicaltest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compat/logical"
)

// Random returns a schema with about size types. Every kind, every form of a root and everything that can be attached to a type
// turns up: DDL can say all of it, and reading the DDL gives the same schema to the last detail (see compat/logical/ddl). Names
// are ASCII identifiers, some of them keywords. The same r gives the same schema.
func Random(r *rand.Rand, size int) *logical.Schema {
	g := &generator{Rand: r, left: size, schema: &logical.Schema{}}
	s := g.schema
	if g.maybe(2) {
		s.Namespace = pick(g, "com.example", "shop", "a.b.c")
	}
	g.declare()
	for _, n := range g.locals {
		s.Named = append(s.Named, logical.Definition{Name: n, Type: g.body()})
	}
	switch {
	case len(g.locals) > 0 && !g.maybe(4):
		s.Root = g.named(pick(g, g.tops...))
	case g.maybe(6) && len(g.externals) > 0:
		s.Root = g.named(pick(g, g.externals...))
	default:
		s.Root = g.typ(0)
	}
	if s.Root.Kind == logical.Named && s.Parent(s.Root.Name) != "" { // what is nested can be no root
		s.Root = g.named(g.tops[0])
	}
	s.Unwrap()
	g.external()
	return s
}

type generator struct {
	*rand.Rand
	left      int // types that may still be made
	schema    *logical.Schema
	locals    []string // the names of the declared types, parents first
	tops      []string // those that are not nested
	externals []string
	fields    int // names given out
}

// maybe is true once in n times.
func (g *generator) maybe(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// declare takes the names of the schema's types.
func (g *generator) declare() {
	prefix := ""
	if g.schema.Namespace != "" {
		prefix = g.schema.Namespace + "."
	}
	words := []string{"Order", "Line", "State", "Address", "Row", "Type", "Null", "Money", "Node"}
	g.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	for i := range g.IntN(min(len(words), 2+g.left/8)) {
		n := prefix + words[i]
		if g.maybe(6) {
			n = "other.space." + words[i]
		}
		g.tops = append(g.tops, n)
	}
	g.locals = append(g.locals, g.tops...)
	// The types of one level come before those inside them.
	for level := g.tops; len(level) > 0; {
		var next []string
		for _, parent := range level {
			// DDL with a namespace cannot say that a type is nested in one of another namespace.
			if g.maybe(4) && (prefix == "" || strings.HasPrefix(parent, prefix)) {
				next = append(next, parent+"."+pick(g, "Inner", "Part", "String"))
			}
		}
		g.locals = append(g.locals, next...)
		level = next
	}
	g.externals = []string{prefix + "Shared", "ext.pkg.Thing"}
}

// external says which types nothing declares, in the order that they are met, and binds some to a URI.
func (g *generator) external() {
	s := g.schema
	seen := make(map[string]bool)
	take := func(n string) {
		if !seen[n] && s.Lookup(n) == nil {
			s.External = append(s.External, n)
			if g.maybe(3) {
				s.Imports = append(s.Imports, logical.Import{Name: n, URI: "https://example.com/it's#/" + n})
			}
		}
		seen[n] = true
	}
	s.Root.References(take)
	for _, d := range s.Named {
		d.Type.References(take)
	}
}

// body returns what a declaration says.
func (g *generator) body() *logical.Type {
	t := &logical.Type{Kind: logical.Struct, Nullable: true, Doc: g.doc(), Params: g.params()}
	if g.maybe(4) {
		t.Kind = logical.Enum
		for i := range 1 + g.IntN(4) {
			symbol := fmt.Sprint(pick(g, "A", "open", "NULL"), i)
			t.Values = append(t.Values, logical.EnumValue{Symbol: symbol, Doc: g.doc(), Params: g.params()})
		}
		return t
	}
	t.Tags, t.Fields = g.tags(), g.structFields(0)
	for _, f := range t.Fields {
		if f.Type.Kind == logical.Int && g.maybe(3) {
			t.Rules = append(t.Rules, g.rule(f.Name, "this."+f.Name))
		}
	}
	return t
}

func (g *generator) structFields(depth int) (fields []logical.Field) {
	for range 1 + g.IntN(4) {
		f := logical.Field{Name: g.name(), Type: g.typ(depth + 1), Doc: g.doc(), Tags: g.tags(), Params: g.params()}
		if g.maybe(3) {
			f.Default = g.def(f.Type)
		}
		if f.Type.Kind == logical.Int && g.maybe(3) {
			f.Rules = append(f.Rules, g.rule(f.Name, "this"))
		}
		fields = append(fields, f)
	}
	return fields
}

// rule returns a constraint on a number.
func (g *generator) rule(column, cel string) logical.Rule {
	r := logical.Rule{Name: pick(g, "", "positive", "the check"), Doc: g.doc()}
	r.SQL, r.Expr = column+" > 0", cel+" > 0"
	if g.maybe(2) {
		r.SQL, r.Expr = column+"<100 AND "+column+" <> 7", cel+" < 100 && "+cel+" != 7"
	}
	return r
}

func (g *generator) name() string {
	g.fields++
	return pick(g, "id", "f", "_x", "Name", "select", "tags") + strconv.Itoa(g.fields)
}

func (g *generator) named(n string) *logical.Type {
	return &logical.Type{Kind: logical.Named, Name: n, Nullable: g.maybe(2)}
}

const maxDepth = 5

func (g *generator) typ(depth int) *logical.Type {
	g.left--
	t := &logical.Type{Nullable: g.maybe(2)}
	kinds := []logical.Kind{logical.Boolean, logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt, logical.Float,
		logical.Double, logical.Decimal, logical.Char, logical.Varchar, logical.Binary, logical.Varbinary, logical.Date,
		logical.Time, logical.Timestamp, logical.TimestampLTZ, logical.Variant, logical.Named}
	if depth < maxDepth && g.left > 0 {
		kinds = append(kinds, logical.Array, logical.Multiset, logical.Map, logical.Struct, logical.Union, logical.Struct,
			logical.Array)
	}
	switch t.Kind = pick(g, kinds...); t.Kind {
	case logical.Char, logical.Binary:
		t.Length = 1 + g.IntN(8)
	case logical.Varchar, logical.Varbinary:
		t.Length = pick(g, logical.Unbounded, logical.Unbounded, 1+g.IntN(300))
	case logical.Decimal:
		t.Precision = 1 + g.IntN(38)
		t.Scale = pick(g, logical.Unstated, 0, g.IntN(t.Precision+1))
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		t.Precision = g.IntN(logical.MaxFraction + 1)
	case logical.Named:
		t.Name = pick(g, append(g.locals[:len(g.locals):len(g.locals)], g.externals...)...)
	case logical.Array, logical.Multiset:
		t.Elem = g.typ(depth + 1)
	case logical.Map:
		t.Key, t.Elem = &logical.Type{Kind: logical.Varchar, Length: logical.Unbounded}, g.typ(depth+1)
		if g.maybe(3) {
			t.Key = &logical.Type{Kind: pick(g, logical.Int, logical.BigInt, logical.Date), Nullable: g.maybe(4)}
		}
	case logical.Struct:
		t.Fields = g.structFields(depth)
	case logical.Union:
		for range 1 + g.IntN(3) {
			t.Branches = append(t.Branches, logical.Branch{Name: g.name(), Type: g.typ(depth + 1), Doc: g.doc(), Params: g.params()})
		}
	}
	return t
}

// def returns a default of a type, none when it can have none.
func (g *generator) def(t *logical.Type) logical.Default {
	if t.Nullable && g.maybe(3) {
		return logical.Default{Has: true}
	}
	v := g.value(t)
	return logical.Default{Has: v != nil, Value: v}
}

func (g *generator) value(t *logical.Type) logical.Value {
	switch t.Kind {
	case logical.Boolean:
		return g.maybe(2)
	case logical.TinyInt:
		return logical.Number(strconv.Itoa(g.IntN(256) - 128))
	case logical.SmallInt:
		return logical.Number(strconv.Itoa(g.IntN(1<<16) - 1<<15))
	case logical.Int:
		return logical.Number(strconv.Itoa(int(int32(g.Uint32()))))
	case logical.BigInt:
		return logical.Number(strconv.FormatInt(int64(g.Uint64()), 10))
	case logical.Float, logical.Double:
		return logical.Number(pick(g, "0.0", "1.5", "-12.25", "1.0E10", "2.5E-7"))
	case logical.Decimal:
		scale := max(t.Scale, 0)
		if whole := t.Precision - scale; whole > 0 {
			return decimal(g.digits(1+g.IntN(whole)), g.digits(scale))
		}
	case logical.Char:
		return strings.Repeat("x", t.Length)
	case logical.Varchar:
		if t.Length < 4 {
			return pick(g, "", "é")
		}
		return pick(g, "it's", "a\nb", "none")
	case logical.Binary:
		return g.bytes(t.Length)
	case logical.Varbinary:
		return g.bytes(min(t.Length, g.IntN(5)))
	case logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ:
		unit := time.Second
		for range t.Precision {
			unit /= 10
		}
		return logical.FormatTime(t.Kind, time.Unix(g.Int64N(1<<32), 0).Add(time.Duration(g.IntN(1000))*unit%time.Second))
	}
	return nil
}

// digits returns n digits, the first of which is not 0.
func (g *generator) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('1' + g.IntN(9))
	}
	return string(b)
}

func decimal(whole, fraction string) logical.Number {
	if fraction != "" {
		whole += "." + fraction
	}
	return logical.Number(whole)
}

func (g *generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func (g *generator) doc() string {
	if g.maybe(4) {
		return pick(g, "what it is", "it's", "two\nlines", "// no comment", "größer")
	}
	return ""
}

func (g *generator) tags() (tags []string) {
	if g.maybe(5) {
		tags = []string{"PII", "o'clock"}[:1+g.IntN(2)]
	}
	return tags
}

func (g *generator) params() (params logical.Params) {
	if g.maybe(5) {
		params = logical.Params{{Key: "k", Value: "v"}, {Key: "it's", Value: "a = 'b'"}}[:1+g.IntN(2)]
	}
	return params
}
