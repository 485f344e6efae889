package token

import (
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// Scan returns the tokens of a text without its white space and comments. The last one is EOF. A fault is a *schema.SyntaxError.
func Scan(text string) ([]Token, error) {
	if !utf8.ValidString(text) {
		valid := strings.ToValidUTF8(text, "\xff") // of the same length up to the first fault
		return nil, Errorf(text, strings.IndexByte(valid, '\xff'), "the text is not UTF-8")
	}
	var tokens []Token
	for i := 0; ; {
		gap, err := blank(text, i)
		if err != nil {
			return nil, err
		}
		if i = gap; i == len(text) {
			return append(tokens, Token{Kind: EOF, Offset: i}), nil
		}
		t, err := scan(text, i)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i = t.End()
	}
}

// blank returns the offset behind white space and comments.
func blank(text string, i int) (int, error) {
	for i < len(text) {
		switch {
		case strings.IndexByte(" \t\r\n", text[i]) >= 0:
			i++
		case strings.HasPrefix(text[i:], "//"):
			n := strings.IndexAny(text[i:], "\r\n")
			if n < 0 {
				return len(text), nil
			}
			i += n
		case strings.HasPrefix(text[i:], "/*"):
			n := strings.Index(text[i+2:], "*/")
			if n < 0 {
				return i, Errorf(text, i, "the comment does not end")
			}
			i += n + 4
		default:
			return i, nil
		}
	}
	return i, nil
}

// symbols are the longer ones first.
var symbols = []string{"<>", "!=", "<=", ">=", "||", "(", ")", "<", ">", "[", "]", ",", ";", ".", "=", "+", "-", "*", "/", "%"}

func scan(text string, i int) (Token, error) {
	rest := text[i:]
	make := func(k Kind, n int) Token { return Token{k, rest[:n], rest[:n], i} }
	switch c := rest[0]; {
	case c == '\'':
		return delimited(text, i, i, String, "string")
	case c == '`':
		return delimited(text, i, i, Quoted, "name")
	case c|0x20 == 'x' && len(rest) > 1 && rest[1] == '\'':
		return delimited(text, i, i+1, Bytes, "bytes literal")
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
			n++
		}
		t := make(Bare, n)
		if upper := strings.ToUpper(t.Text); keywords[upper] {
			t.Kind, t.Value = Keyword, upper
		}
		return t, nil
	case isDigit(c), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		return make(number(rest)), nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return make(Symbol, len(s)), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return Token{}, Errorf(text, i, "unexpected character %q", r)
}

// delimited reads a literal whose delimiter stands at open and is doubled inside.
func delimited(text string, i, open int, k Kind, what string) (Token, error) {
	quote := text[open : open+1]
	for end := open + 1; ; {
		n := strings.Index(text[end:], quote)
		if n < 0 {
			return Token{}, Errorf(text, i, "the %s does not end", what)
		}
		if end += n + 1; !strings.HasPrefix(text[end:], quote) {
			return Token{k, text[i:end], strings.ReplaceAll(text[open+1:end-1], quote+quote, quote), i}, nil
		}
		end++
	}
}

// number returns the kind and length of the number that s begins with.
func number(s string) (Kind, int) {
	digits := func(n int) int {
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		return n
	}
	k, n := Int, digits(0)
	if n < len(s) && s[n] == '.' {
		k, n = Decimal, digits(n+1)
	}
	if n < len(s) && s[n]|0x20 == 'e' {
		e := n + 1
		if e < len(s) && (s[e] == '+' || s[e] == '-') {
			e++
		}
		if end := digits(e); end > e {
			return Double, end
		}
	}
	return k, n
}

// Position returns the line and column of an offset, both from 1. A column counts code points.
func Position(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// Errorf returns the error of a fault at an offset of a text. Texts among args are shortened.
func Errorf(text string, offset int, format string, args ...any) *schema.SyntaxError {
	line, column := Position(text, offset)
	return &schema.SyntaxError{Line: line, Column: column, Msg: logical.Sprintf(format, args...)}
}
