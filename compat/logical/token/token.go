package token

import (
	"strings"
)

// Kind is what a token is.
type Kind uint8

// The kinds.
const (
	EOF     Kind = iota
	Keyword      // Value is the word in upper case
	Symbol       // ( ) < >= || …
	Bare         // a name without quotes
	Quoted       // a name in backquotes; Value is without them
	Int          // 12
	Decimal      // 1.5 .5 1.
	Double       // 1e3 1.5E-3
	String       // 'it''s'; Value is it's
	Bytes        // X'0aff'; Value is what stands between the quotes, which nothing has checked yet
)

// Token is a token of a text.
type Token struct {
	Kind   Kind
	Text   string // as written
	Value  string // what it stands for; Text where its kind says nothing else
	Offset int    // of its first byte in the text
}

// End returns the offset behind the token.
func (t Token) End() int { return t.Offset + len(t.Text) }

// Is reports whether the token is a keyword (given in upper case) or a symbol.
func (t Token) Is(word string) bool {
	return (t.Kind == Keyword || t.Kind == Symbol) && t.Value == word
}

// Name returns the name that the token is as an identifier: bare, quoted, or a keyword that is not reserved, as it is written.
func (t Token) Name() (name string, ok bool) {
	switch t.Kind {
	case Bare, Quoted:
		return t.Value, true
	case Keyword:
		return t.Text, unreserved[t.Value]
	}
	return "", false
}

// String returns the token as a message shows it.
func (t Token) String() string {
	if t.Kind == EOF {
		return "the end"
	}
	if r := []rune(t.Text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return t.Text
}

// keywords are the words that are no bare names; unreserved are those of them that are names all the same.
var (
	keywords = set(`AND ARRAY AS BETWEEN BIGINT BINARY BOOLEAN BOTH BYTES CASE CAST CHARACTER CHAR CHECK COMMENT CONSTRAINT
		CURRENT_TIMESTAMP DATE DEC DECIMAL DEFAULT DOUBLE ELSE END ENUM ESCAPE EXTRACT FALSE FLOAT FOR FROM IN INT INTEGER
		INTERVAL IS LEADING LIKE LOCAL MAP MESSAGE MULTISET NAMESPACE NOT NULL NUMERIC OR POSITION PRECISION REAL REF RETURNING ROW
		SMALLINT STRING STRUCT SUBSTRING SYMMETRIC TAGS THEN TIME TIMESTAMP TIMESTAMP_LTZ TINYINT TRAILING TRIM TRUE TRY_VARIANT_GET
		TYPE UNION USING VARBINARY VARCHAR VARIANT VARIANT_GET VARYING WHEN WITH WITHOUT ZONE`)
	unreserved = set(`ENUM INTERVAL MAP NAMESPACE REF TAGS TYPE VARIANT ZONE`)
	// quoted are words that the grammar lets stand bare and that are quoted when printed all the same.
	quoted = set(`CREATE`)
)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// QuoteName returns a name as it stands in DDL: in backquotes when it would not be read as a name otherwise, and where it is a
// word that Confluent quotes. Source: Schema.quoteIdentifierIfNeeded, and the keywords that its list has forgotten (RETURNING,
// VARIANT_GET, TRY_VARIANT_GET).
func QuoteName(name string) string {
	if upper := strings.ToUpper(name); isBare(name) && !quoted[upper] && (!keywords[upper] || unreserved[upper]) {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// QuoteString returns a string literal.
func QuoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func isBare(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
