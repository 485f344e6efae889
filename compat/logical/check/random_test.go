package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// expr is a random expression: its SQL, how tight that binds, and its value in the row of the tests.
type expr struct {
	sql   string
	binds int
	value any // int or bool
}

// The levels of SQL.
const (
	orLevel = iota
	andLevel
	notLevel
	compareLevel = notLevel + 2 // behind IS NULL
	betweenLevel = compareLevel + 1
	inLevel      = betweenLevel + 1
	sumLevel     = inLevel + 2 // behind LIKE
	productLevel = sumLevel + 1
	signLevel    = productLevel + 1
	operandLevel = signLevel + 1
)

// within returns the SQL in parentheses if it does not bind as tight as a level.
func (e expr) within(level int) string {
	if e.binds < level {
		return "(" + e.sql + ")"
	}
	return e.sql
}

type generator struct{ *rand.Rand }

func (g generator) truth(depth int) expr {
	choice := g.IntN(9)
	if depth == 0 {
		choice = 8
	}
	switch choice {
	case 0, 1:
		a, b := g.truth(depth-1), g.truth(depth-1)
		if choice == 0 {
			return expr{a.within(orLevel+1) + " OR " + b.within(orLevel+1), orLevel, a.value.(bool) || b.value.(bool)}
		}
		return expr{a.within(andLevel+1) + " AND " + b.within(andLevel+1), andLevel, a.value.(bool) && b.value.(bool)}
	case 2:
		a := g.truth(depth - 1)
		return expr{"NOT " + a.within(notLevel), notLevel, !a.value.(bool)}
	case 3:
		a, b := g.truth(depth-1), g.truth(depth-1)
		return expr{a.within(betweenLevel) + " <> " + b.within(betweenLevel), compareLevel, a.value != b.value}
	case 4:
		a, b := g.number(depth-1), g.number(depth-1)
		x, y := a.value.(int), b.value.(int)
		op := []string{"=", "<", "<=", ">", ">=", "!="}[g.IntN(6)]
		v := map[string]bool{"=": x == y, "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "!=": x != y}[op]
		return expr{a.within(betweenLevel) + " " + op + " " + b.within(betweenLevel), compareLevel, v}
	case 5:
		a, b, c := g.number(depth-1), g.number(depth-1), g.number(depth-1)
		x, low, high := a.value.(int), b.value.(int), c.value.(int)
		words := [][2]string{{" BETWEEN ", ""}, {" NOT BETWEEN ", "!"}, {" BETWEEN SYMMETRIC ", "<>"}}[g.IntN(3)]
		if words[1] == "<>" && low > high {
			low, high = high, low
		}
		v := low <= x && x <= high
		return expr{a.within(inLevel) + words[0] + b.within(inLevel) + " AND " + c.within(inLevel), betweenLevel,
			v != (words[1] == "!")}
	case 6:
		a := g.number(depth - 1)
		var list []string
		var values []any
		for range 1 + g.IntN(3) {
			e := g.number(depth - 1)
			list, values = append(list, e.sql), append(values, e.value)
		}
		word, not := " IN (", g.IntN(2) == 0
		if not {
			word = " NOT IN ("
		}
		return expr{a.within(inLevel+1) + word + strings.Join(list, ", ") + ")", inLevel, slices.Contains(values, a.value) != not}
	case 7:
		return g.either(depth, g.truth)
	}
	return []expr{{"ok", operandLevel, true}, {"TRUE", operandLevel, true}, {"FALSE", operandLevel, false}}[g.IntN(3)]
}

func (g generator) number(depth int) expr {
	choice := g.IntN(5)
	if depth <= 0 {
		choice = 4
	}
	switch choice {
	case 0:
		a, b := g.number(depth-1), g.number(depth-1)
		if g.IntN(2) == 0 {
			return expr{a.within(sumLevel) + " - " + b.within(sumLevel+1), sumLevel, a.value.(int) - b.value.(int)}
		}
		return expr{a.within(sumLevel) + " + " + b.within(sumLevel+1), sumLevel, a.value.(int) + b.value.(int)}
	case 1:
		a, b := g.number(depth-1), g.number(depth-1)
		return expr{a.within(productLevel) + "*" + b.within(productLevel+1), productLevel, a.value.(int) * b.value.(int)}
	case 2:
		a := g.number(depth - 1)
		return expr{"-" + a.within(operandLevel), signLevel, -a.value.(int)}
	case 3:
		return g.either(depth, g.number)
	}
	n := g.IntN(4)
	return []expr{{"n", operandLevel, 5}, {"m", operandLevel, 7}, {fmt.Sprint(n), operandLevel, n}}[g.IntN(3)]
}

// either returns a CASE.
func (g generator) either(depth int, value func(depth int) expr) expr {
	cond, a, b := g.truth(depth-1), value(depth-1), value(depth-1)
	e := expr{fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", cond.sql, a.sql, b.sql), operandLevel, b.value}
	if cond.value.(bool) {
		e.value = a.value
	}
	return e
}

// TestPrecedence evaluates random expressions that have no parentheses but those they need.
func TestPrecedence(t *testing.T) {
	for seed := range uint64(400) {
		e := generator{rand.New(rand.NewPCG(seed, 1))}.truth(4)
		text, err := translate(e.sql)
		if err != nil {
			t.Fatalf("%s: %v", e.sql, err)
		}
		if got, err := evaluate(text, row); got != fmt.Sprint(e.value) {
			t.Fatalf("%s\n%s\n%s, want %v (%v)", e.sql, text, got, e.value, err)
		}
	}
}
