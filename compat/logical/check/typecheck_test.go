package check

import (
	"strings"
	"sync"
	"testing"
)

// TestTypesOfColumns checks CEL that nobody writes for a constraint: what the columns are to CEL.
func TestTypesOfColumns(t *testing.T) {
	for text, want := range map[string]string{
		"this.n + this.must > 1 && this.f * this.d < 2.0": "",
		"this.n > 1.5":     "'(int, double)'",
		"this.price > 1.0": "'(confluent.type.Decimal, double)'",
		"decimals.eq(decimals.round(this.price, 1), decimal(this.n))":           "",
		"decimals.add(this.n, this.price) == this.price":                        "'(int, confluent.type.Decimal)'",
		"string(this.price) == this.s && double(this.price) == this.d":          "",
		"this.s + this.code == '' && this.raw + this.raw != b''":                "",
		"this.s + this.raw == ''":                                               "'(string, bytes)'",
		"this.ok && this.day < this.at && this.due == now":                      "",
		"timestamp(this.n, 3) < now && timestamp(this.at) < now":                "",
		"this.at + this.at < now":                                               "'(timestamp, timestamp)'",
		"this.tags.all(t, t == '') && this.grid[0][0] == 1":                     "",
		"this.tags.all(t, t > 0)":                                               "'(string, int)'",
		"this.n.all(t, t > 0)":                                                  "'int' cannot be range of a comprehension",
		"this.bag.exists(b, decimals.sign(b) == 1) && this.ages['x'] > 1":       "",
		"this.ages[1] > 1":                                                      "'(map(string, int), int)'",
		"this.home.zip > 1 && this.home.next.next.labels['x'] == this.s":        "",
		"this.home.zap > 1":                                                     "undefined field 'zap'",
		"this.homes[0].city == 'x'":                                             "",
		"this.there.anything[0] == 1 && this.color == 'x' && this.v":            "",
		"has(this.home.zip) && has(this.n)":                                     "",
		"has(this.n > 1)":                                                       "invalid argument to has() macro",
		`this["n"] == 's' && this.home["in"] == 1 && this.homes[0]["x"] == 1.5`: "",
		"this.nope":                             "undefined field 'nope'",
		"that":                                  "undeclared reference to 'that'",
		"this.s.isEmail() || this.s.isUriRef()": "",
		"this.n.isEmail()":                      "'int.()'",
		"this.s.matches('x') && this.s.substring(1, 2).trim().upperAscii() == ''": "",
		"this.raw.matches('x')": "'bytes.(string)'",
		"math.abs(this.n) + math.sign(this.n) == 1 && math.ceil(this.d) == 1.0": "",
		"math.ceil(this.n) == 1":                                                    "'(int)'",
		"(this.ok ? 1 : 's') == 1":                                                  "'(bool, int, string)'",
		"(this.ok ? dyn(null) : dyn(this.n)) == null":                               "",
		"variants.as(variants.path(variants.parseJson(this.s), '$.x'), 'int') == 1": "",
		"variants.isNull(variants.tryParseJson(this.s))":                            "",
		"variants.parseJson(this.n) != null":                                        "'(int)'",
		"bool(this.n)":                                                              "'(int)'",
	} {
		e, err := parse("ok")
		if err != nil {
			t.Fatal(err)
		}
		s := Table(columns, lookup)
		err = typeCheck(text, e.root.where(), &s, strings.Contains(text, `["`))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestConcurrently(t *testing.T) {
	e, err := parse("home.zip > n AND homes[1].`in` = 3 AND EVERY(tags, t, t LIKE 'x%')")
	if err != nil {
		t.Fatal(err)
	}
	s := Table(columns, lookup)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if cel, err := e.CEL(s); err != nil || !strings.HasPrefix(cel, "this.home.zip > this.n && ") {
					t.Error(cel, err)
				}
			}
		})
	}
	group.Wait()
}
