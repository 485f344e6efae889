package protobuf

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// generator makes random files.
type generator struct {
	*rand.Rand
	n int
}

func newGenerator(seed uint64) *generator { return &generator{Rand: rand.New(rand.NewPCG(seed, 0))} }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) name(prefix string) string {
	g.n++
	return fmt.Sprintf("%s%d", prefix, g.n)
}

func (g *generator) space() string {
	return pick(g, " ", " ", " ", "\n", "  ", "\t", " // c\n", " /* c */ ", "\r\n")
}

// file returns a file that Wire accepts.
func (g *generator) file() string {
	var b strings.Builder
	if g.chance(90) {
		fmt.Fprintf(&b, "syntax%s=%s\"proto3\"%s;%s", g.space(), g.space(), g.space(), g.space())
	} else {
		b.WriteString("syntax = 'proto3';")
	}
	if g.chance(70) {
		b.WriteString("package a.b;\n")
	}
	for range g.IntN(3) {
		fmt.Fprintf(&b, "import %s\"%s.proto\";\n", pick(g, "", "", "public ", "weak "), g.name("f"))
	}
	for range g.IntN(3) {
		b.WriteString("option " + g.option() + ";\n")
	}
	for range g.IntN(4) {
		b.WriteString(pick(g, g.message, g.message, g.enum, g.service, g.extend)(2))
		b.WriteString(g.space())
	}
	return b.String()
}

func (g *generator) option() string {
	return pick(g, "java_package", "(a.o)", "(o).f", "deprecated", "(o).f.g") + " = " + g.value(2)
}

func (g *generator) value(depth int) string {
	switch n := g.IntN(9); {
	case n == 0 && depth > 0:
		var b strings.Builder
		for range g.IntN(4) {
			fmt.Fprintf(&b, "%s%s %s%s ", pick(g, "a", "b", "c.d", "[e.f]"), ":", g.value(depth-1), pick(g, "", ",", ";"))
		}
		return "{" + b.String() + "}"
	case n == 1 && depth > 0:
		var list []string
		for range g.IntN(3) {
			list = append(list, g.value(depth-1))
		}
		return "[" + strings.Join(list, ", ") + "]"
	case n < 4:
		return pick(g, `"s"`, `'t'`, `"u" "v"`, `"é😀"`, `""`)
	case n < 6:
		return pick(g, "1", "-1", "1.5e3", "0x1F", "-inf")
	}
	return pick(g, "true", "false", "FOO", "inf")
}

func (g *generator) options() string {
	var list []string
	for range max(0, g.IntN(6)-3) {
		list = append(list, g.option())
	}
	if len(list) == 0 {
		return ""
	}
	return " [" + strings.Join(list, ",") + "]"
}

func (g *generator) field(label string) string {
	typ := pick(g, "int32", "string", "bytes", "bool", "a.B", ".a.b.C", "a . b", "M")
	if label != "in oneof" {
		typ = pick(g, "", "", "", "optional ", "repeated ") + typ
		if g.chance(15) {
			typ = "map<string, " + pick(g, "int32", "a.B") + ">"
		}
	}
	g.n++
	return fmt.Sprintf("%s%s%s = %d%s;%s", typ, g.space(), g.name("x"), g.n, g.options(), pick(g, "", " ", "\n", " // t\n"))
}

func (g *generator) message(depth int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "message %s%s{%s", g.name("M"), g.space(), g.space())
	for range g.IntN(6) {
		switch n := g.IntN(12); {
		case n == 0 && depth > 0:
			b.WriteString(g.message(depth - 1))
		case n == 1:
			b.WriteString(g.enum(0))
		case n == 2:
			fmt.Fprintf(&b, "oneof %s { %s%s%s }", g.name("o"), pick(g, "", "option "+g.option()+";"), g.field("in oneof"), g.field("in oneof"))
		case n == 3:
			b.WriteString("reserved " + pick(g, "1", "2 to 5", "100 to max", `"a", "b"`, "3, 7 to 9", "-1") + ";\n")
		case n == 4:
			b.WriteString("extensions " + pick(g, "1", "2 to 5", "100 to max", "3, 7 to 9") + g.options() + ";\n")
		case n == 5:
			b.WriteString("option " + g.option() + ";")
		case n == 6:
			b.WriteString(pick(g, "repeated ", "optional ") + "group " + g.name("G") + " = 9 { " + g.field("") + " }")
		case n == 7 && depth > 0:
			b.WriteString(g.extend(0))
		default:
			b.WriteString(g.field(""))
		}
	}
	return b.String() + pick(g, "}", "};")
}

func (g *generator) enum(int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "enum %s { %s", g.name("E"), pick(g, "", "", "option "+g.option()+";", "reserved 5;"))
	for i := range g.IntN(4) {
		fmt.Fprintf(&b, "%s = %d%s; ", g.name("C"), i, g.options())
	}
	return b.String() + "}"
}

func (g *generator) service(int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "service %s { %s", g.name("S"), pick(g, "", "option "+g.option()+";"))
	for range g.IntN(3) {
		fmt.Fprintf(&b, "rpc %s (%sA) returns (%s.a.B)%s ", g.name("R"), pick(g, "", "stream "), pick(g, "", "stream "), pick(g, ";", "{}", "{ option "+g.option()+"; }"))
	}
	return b.String() + "}"
}

func (g *generator) extend(int) string {
	return "extend a.X { " + g.field("") + pick(g, "", g.field("")) + " }"
}

var token = regexp.MustCompile(`[\w]+|\s+|[^\w\s]`)

// faulty returns a file with some of its tokens lost, swapped or strange.
func (g *generator) faulty() string {
	tokens := token.FindAllString(g.file(), -1)
	for range 1 + g.IntN(2) {
		i := g.IntN(len(tokens))
		strange := pick(g, "{", "}", "[", "]", "(", ")", "<", ">", ";", ",", "=", `"`, "'", "/", "//x\n", "//", "/* c\n */", "\\", `"\n\x41\101"`, "1", "-1", "0x1f", "max", "to",
			"option", "message", "enum", "extend", "reserved", "extensions", "oneof", "group", "map", "required", "é", "😀", "syntax", "edition", "rpc", "default", "1a", ":", ".", "..", "package")
		switch g.IntN(4) {
		case 0:
			tokens[i] = strange
		case 1:
			tokens[i] += strange
		case 2:
			tokens[i] = ""
		case 3:
			tokens[i] = tokens[g.IntN(len(tokens))]
		}
	}
	return strings.Join(tokens, "")
}
