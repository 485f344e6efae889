package token

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

func TestScan(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Token
	}{
		{"nothing", " \t\r\n// a\n/* b\n */", nil},
		{"keywords are case-blind", "Struct tYPE", []Token{{Keyword, "Struct", "STRUCT", 0}, {Keyword, "tYPE", "TYPE", 7}}},
		{"a keyword's prefix is a name", "STRUCTS _x1", []Token{{Bare, "STRUCTS", "STRUCTS", 0}, {Bare, "_x1", "_x1", 8}}},
		{"quoted names", "`a``b` ``", []Token{{Quoted, "`a``b`", "a`b", 0}, {Quoted, "``", "", 7}}},
		{"strings", "'it''s' ''\n'a\nb'",
			[]Token{{String, "'it''s'", "it's", 0}, {String, "''", "", 8}, {String, "'a\nb'", "a\nb", 11}}},
		{"bytes", "x'0g' X '1'", []Token{{Bytes, "x'0g'", "0g", 0}, {Bare, "X", "X", 6}, {String, "'1'", "1", 8}}},
		{"numbers", "1 1. .5 1.5 1e3 1.E-3 .5e+1", []Token{{Int, "1", "1", 0}, {Decimal, "1.", "1.", 2}, {Decimal, ".5", ".5", 5},
			{Decimal, "1.5", "1.5", 8}, {Double, "1e3", "1e3", 12}, {Double, "1.E-3", "1.E-3", 16}, {Double, ".5e+1", ".5e+1", 22}}},
		{"an exponent without digits is a name", "1e 2e+", []Token{{Int, "1", "1", 0}, {Bare, "e", "e", 1}, {Int, "2", "2", 3},
			{Bare, "e", "e", 4}, {Symbol, "+", "+", 5}}},
		{"the longest symbol", "<=<>>=|| >>/", []Token{{Symbol, "<=", "<=", 0}, {Symbol, "<>", "<>", 2}, {Symbol, ">=", ">=", 4},
			{Symbol, "||", "||", 6}, {Symbol, ">", ">", 9}, {Symbol, ">", ">", 10}, {Symbol, "/", "/", 11}}},
		{"no comment in a string", "'//' a//'", []Token{{String, "'//'", "//", 0}, {Bare, "a", "a", 5}}},
	} {
		got, err := Scan(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(append(c.want, Token{Kind: EOF, Offset: len(c.text)}), got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestScanFaults(t *testing.T) {
	for text, want := range map[string]string{
		"a\n 'b":   "line 2, column 2: the string does not end",
		"é":        "line 1, column 1: unexpected character 'é'",
		"'é' #":    "line 1, column 5: unexpected character '#'",
		"a /* b":   "line 1, column 3: the comment does not end",
		"`a``":     "line 1, column 1: the name does not end",
		"X'a''":    "line 1, column 1: the bytes literal does not end",
		"a | b":    "line 1, column 3: unexpected character '|'",
		"a \xff b": "line 1, column 3: the text is not UTF-8",
		"\ufeffa":  `line 1, column 1: unexpected character '\ufeff'`,
	} {
		_, err := Scan(text)
		var syntax *schema.SyntaxError
		if !errors.As(err, &syntax) || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "_1": "_1", "1a": "`1a`", "": "``", "a b": "`a b`", "a`b": "`a``b`", "é": "`é`", "order": "order",
		"Struct": "`Struct`", "type": "type", "Interval": "Interval", "null": "`null`", "in": "`in`", "row": "`row`",
		"using": "`using`", "Ref": "Ref", "create": "`create`", "a.b": "`a.b`",
	} {
		got := QuoteName(name)
		if got != want {
			t.Errorf("QuoteName(%q) = %s, want %s", name, got, want)
		}
		c, err := NewCursor(got)
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := c.Next().Name(); !ok || back != name {
			t.Errorf("%s is read as %q, %t", got, back, ok)
		}
	}
	for word := range keywords {
		c, err := NewCursor(QuoteName(strings.ToLower(word)))
		if err != nil {
			t.Fatal(err)
		}
		if name, ok := c.Next().Name(); !ok || name != strings.ToLower(word) {
			t.Errorf("the name %s is read as %q, %t", word, name, ok)
		}
	}
}

func TestCursor(t *testing.T) {
	c, err := NewCursor("NOT NULL a\n, 'x'")
	if err != nil {
		t.Fatal(err)
	}
	if c.AcceptAll("NOT", "NULL", ",") || !c.AcceptAll("NOT", "NULL") || c.Last().Value != "NULL" {
		t.Error("NOT NULL is not accepted")
	}
	if name, ok := c.Next().Name(); name != "a" || !ok {
		t.Error(name, ok)
	}
	if _, err := c.StringLiteral(); err == nil || err.Error() != "line 2, column 1: expected a string, found ," {
		t.Error(err)
	}
	if err := c.Require(","); err != nil {
		t.Error(err)
	}
	if s, err := c.StringLiteral(); s != "x" || err != nil {
		t.Error(s, err)
	}
	if c.Next(); c.Next().Kind != EOF || c.Require(";").Error() != "line 2, column 6: expected ;, found the end" {
		t.Error("the end is not the end")
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{"STRUCT a (`b``c` INT DEFAULT -1.5e3, CHECK (a <= 'x''y' || X'00'))", "'", "/*", "1..2.e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := Scan(text)
		if err != nil {
			return
		}
		at := 0
		for _, tok := range tokens {
			if tok.Offset < at || text[tok.Offset:tok.End()] != tok.Text {
				t.Fatalf("token %+v of %q", tok, text)
			}
			if gap := text[at:tok.Offset]; strings.TrimSpace(gap) != "" && !strings.Contains(gap, "//") && !strings.Contains(gap, "/*") {
				t.Fatalf("%q is left out of %q", gap, text)
			}
			at = tok.End()
			switch tok.Kind {
			case Quoted:
				if "`"+strings.ReplaceAll(tok.Value, "`", "``")+"`" != tok.Text {
					t.Fatalf("name %+v", tok)
				}
			case String:
				if QuoteString(tok.Value) != tok.Text {
					t.Fatalf("string %+v", tok)
				}
			}
		}
	})
}
