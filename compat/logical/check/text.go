package check

import (
	"fmt"
	"strings"
)

// escapeRune returns the character that a LIKE escapes with: a backslash unless ESCAPE says another.
func (l *like) escapeRune() (rune, error) {
	if l.escape == nil {
		return '\\', nil
	}
	r := []rune(l.escape.value)
	if len(r) != 1 || r[0] > 0xffff { // one UTF-16 unit
		return 0, l.escape.errorf("ESCAPE clause must specify exactly one character, got: '%s'", l.escape.value)
	}
	return r[0], nil
}

// regex returns the regular expression that matches the whole of what a LIKE pattern does.
func regex(pattern string, escape rune) string {
	var b strings.Builder
	b.WriteByte('^')
	escaped := false
	for _, r := range pattern {
		switch {
		case !escaped && r == escape:
			escaped = true
			continue
		case !escaped && r == '%':
			b.WriteString(".*")
		case !escaped && r == '_':
			b.WriteByte('.')
		default:
			if strings.ContainsRune(`.+*?[](){}^$|\`, r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
		escaped = false
	}
	b.WriteByte('$')
	return b.String()
}

var (
	celString  = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
	celPattern = strings.NewReplacer(controls()...)
)

// controls returns the replacements inside the CEL string of a pattern: unlike those of a string literal, they have every control
// character.
func controls() []string {
	out := []string{`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`, "\x7f", `\x7f`}
	for c := range byte(0x20) {
		if !strings.ContainsRune("\n\r\t\b\f", rune(c)) {
			out = append(out, string(c), fmt.Sprintf(`\x%02x`, c))
		}
	}
	return out
}

// float returns a number with digits on both sides of its point, as CEL wants it.
func float(number string) string {
	before, after, ok := strings.Cut(number, ".")
	if !ok {
		return number
	}
	if before == "" || before == "-" {
		before += "0"
	}
	if after == "" || after[0] < '0' || after[0] > '9' {
		after = "0" + after
	}
	return before + "." + after
}

// bytes returns a bytes literal in CEL.
func (l *literal) bytes() (string, error) {
	written := l.token.Text
	hex := written[2 : len(written)-1]
	if len(hex)%2 != 0 {
		return "", l.errorf("Bytes literal must have an even number of hex digits, got: %s", written)
	}
	var b strings.Builder
	b.WriteString(`b"`)
	for i := 0; i < len(hex); i += 2 {
		pair := strings.ToUpper(hex[i : i+2])
		if strings.Trim(pair, "0123456789ABCDEF") != "" {
			return "", l.errorf("Bytes literal contains non-hex character in: %s", written)
		}
		b.WriteString(`\x` + pair)
	}
	b.WriteByte('"')
	return b.String(), nil
}
