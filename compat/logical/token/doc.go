// Package token cuts Logical-Type DDL into tokens. It is shared by the parser of the DDL (ddl) and that of the expressions in its
// CHECK constraints (check).
//
// Keywords are case-blind and reserved, but for a few that are names as well (Token.Name says which token is one). A name that is
// no bare name stands in backquotes, a string in quotes, and both have their quote doubled inside. X'0aff' is bytes. Comments are
// // to the line's end and /* */.
//
//	c, err := token.NewCursor("a >= 1 AND b LIKE 'x%'")
//	…
//	name, ok := c.Next().Name()   // a
//	if c.Accept(">=") { … }       // a keyword or symbol; keywords in upper case
//	err := c.Expected("a number") // line 1, column 6: expected a number, found 1
//
// Source: the lexer rules of Confluent's LogicalTypes.g4 (Apache License 2.0): the longest match wins, a line ends at a line
// feed and a column counts code points.
package token
