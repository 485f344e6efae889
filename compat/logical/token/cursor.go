package token

// Cursor is a place among the tokens of a text. A parser that hands it to another goes on behind what that one has read.
type Cursor struct {
	text   string
	tokens []Token
	at     int
}

// NewCursor returns a cursor before the first token of a text, or the *schema.SyntaxError of the first thing that is no token.
func NewCursor(text string) (*Cursor, error) {
	tokens, err := Scan(text)
	if err != nil {
		return nil, err
	}
	return &Cursor{text: text, tokens: tokens}, nil
}

// Text returns the whole text.
func (c *Cursor) Text() string { return c.text }

// Peek returns the next token: EOF at the end.
func (c *Cursor) Peek() Token { return c.PeekAt(0) }

// PeekAt returns the n-th token behind the next one, from 0.
func (c *Cursor) PeekAt(n int) Token { return c.tokens[min(c.at+n, len(c.tokens)-1)] }

// Next returns the next token and goes behind it. At the end it returns EOF again and again.
func (c *Cursor) Next() Token {
	t := c.Peek()
	if t.Kind != EOF {
		c.at++
	}
	return t
}

// Last returns the token before the cursor; EOF with the offset 0 at the beginning.
func (c *Cursor) Last() Token {
	if c.at == 0 {
		return Token{}
	}
	return c.tokens[c.at-1]
}

// Accept goes behind the next token when it is the keyword (in upper case) or symbol.
func (c *Cursor) Accept(word string) bool {
	if !c.Peek().Is(word) {
		return false
	}
	c.at++
	return true
}

// AcceptAll goes behind the words when all of them are next.
func (c *Cursor) AcceptAll(words ...string) bool {
	for i, w := range words {
		if !c.PeekAt(i).Is(w) {
			return false
		}
	}
	c.at += len(words)
	return true
}

// Require goes behind the keyword (in upper case) or symbol that must be next.
func (c *Cursor) Require(word string) error {
	if !c.Accept(word) {
		return c.Expected(word)
	}
	return nil
}

// Take returns the next token, which must be of a kind, and goes behind it. what names the kind in the message.
func (c *Cursor) Take(k Kind, what string) (Token, error) {
	if c.Peek().Kind != k {
		return Token{}, c.Expected(what)
	}
	return c.Next(), nil
}

// StringLiteral returns the value of the string literal that must be next and goes behind it.
func (c *Cursor) StringLiteral() (string, error) {
	t, err := c.Take(String, "a string")
	return t.Value, err
}

// Expected returns the *schema.SyntaxError of a next token that is not what it should be.
func (c *Cursor) Expected(what string) error {
	return c.Errorf("expected %s, found %s", what, c.Peek())
}

// Errorf returns a *schema.SyntaxError at the next token.
func (c *Cursor) Errorf(format string, args ...any) error {
	return Errorf(c.text, c.Peek().Offset, format, args...)
}
