package check

import "unicode/utf8"

// CEL returns the expression in CEL. An error is a *schema.SyntaxError at the place in the DDL that it is about, in Confluent's
// words.
func (e *Expr) CEL(scope Scope) (string, error) {
	s, t, all := &scope, newTyper(), e.root.where()
	if err := (validator{t}).validate(e.root, s); err != nil {
		return "", err
	}
	out := &emitter{typer: t, root: all}
	out.plain(e.root, s)
	if out.err != nil {
		return "", out.err
	}
	if utf8.RuneCount(out.out) > maxCEL {
		return "", out.tooLong()
	}
	text := string(out.out)
	if err := typeCheck(text, all, s, out.byIndex); err != nil {
		return "", err
	}
	return text, nil
}
