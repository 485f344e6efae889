package jsonschema

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

const (
	maxPattern     = 64 << 10 // bytes of a regular expression
	patternTimeout = 20 * time.Millisecond
)

// pattern is a regular expression of Java's syntax, found anywhere in a text. Those that RE2 can take run in linear time; the
// others, with look-around, back references or possessive quantifiers, give up after patternTimeout.
type pattern struct {
	text         string
	linear       *regexp.Regexp
	backtracking *regexp2.Regexp
}

var errPattern = errors.New("no regular expression of Java's")

// compilePattern compiles an expression that Java's java.util.regex.Pattern takes.
func compilePattern(text string) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, errors.New("the regular expression is too long")
	}
	p := &pattern{text: text}
	translated, err := translate(text)
	if err != nil {
		return nil, err
	}
	if p.linear, err = regexp.Compile(translated); err == nil {
		return p, nil
	}
	if p.backtracking, err = regexp2.Compile(translated, regexp2.None); err != nil {
		return nil, err
	}
	p.backtracking.MatchTimeout = patternTimeout
	return p, nil
}

// matches reports whether p is found in s, and whether that was found out in time.
func (p *pattern) matches(s string) (found, known bool) {
	if p.linear != nil {
		return p.linear.MatchString(s), true
	}
	found, err := p.backtracking.MatchString(s)
	return found, err == nil
}

// translate rewrites what only Java writes so: possessive quantifiers become atomic groups, \Q…\E is spelt out, \h is a class of
// blanks, the intersection of classes a look-ahead. What Java refuses and others take is an error: a brace that is no quantifier,
// groups as Python names them, comments.
func translate(text string) (string, error) {
	t := translator{text: text}
	if err := t.run(); err != nil {
		return "", err
	}
	return string(t.out), nil
}

type translator struct {
	text   string
	pos    int
	out    []byte
	atom   int   // where the last atom starts in out; -1: there is none
	groups []int // where the open groups start in out
	count  int   // capturing groups so far
	closed bool  // the last atom has its quantifier
}

func (t *translator) run() error {
	t.atom = -1
	for t.pos < len(t.text) {
		c := t.text[t.pos]
		if c != '{' {
			t.closed = false
		}
		switch c {
		case '\\':
			if err := t.escape(); err != nil {
				return err
			}
		case '[':
			end, err := t.class(t.pos)
			if err != nil {
				return err
			}
			t.atom = len(t.out)
			t.out = append(t.out, t.intersected(t.text[t.pos:end])...)
			t.pos = end
		case '(':
			rest := t.text[t.pos:]
			if strings.HasPrefix(rest, "(?P") || strings.HasPrefix(rest, "(?#") {
				return errPattern
			}
			name, named := strings.CutPrefix(rest, "(?<")
			named = named && !strings.HasPrefix(name, "=") && !strings.HasPrefix(name, "!")
			if named && !groupName.MatchString(name) {
				return errPattern
			}
			if named || !strings.HasPrefix(rest, "(?") {
				t.count++
			}
			t.groups = append(t.groups, len(t.out))
			t.copy(1)
			t.atom = -1
			if strings.HasPrefix(t.text[t.pos:], "?") {
				t.copy(1)
			}
		case ')':
			if len(t.groups) == 0 {
				return errPattern
			}
			t.copy(1)
			t.atom = t.groups[len(t.groups)-1]
			t.groups = t.groups[:len(t.groups)-1]
		case '|', '^', '$':
			t.copy(1)
			t.atom = -1
			if c != '|' {
				t.atom = len(t.out) - 1
			}
		case '*', '+', '?':
			t.copy(1)
			t.possessive()
		case '{':
			n := quantifier(t.text[t.pos:])
			if n == 0 || t.atom < 0 {
				return errPattern
			}
			if t.closed {
				t.wrap("(?:")
			}
			t.copy(n)
			t.possessive()
		default:
			t.atom = len(t.out)
			t.copy(1)
			for t.pos < len(t.text) && t.text[t.pos]&0xc0 == 0x80 {
				t.copy(1)
			}
		}
	}
	return nil
}

func (t *translator) copy(n int) {
	t.out = append(t.out, t.text[t.pos:t.pos+n]...)
	t.pos += n
}

// possessive turns the atom and its quantifier, which end here, into an atomic group when a + follows.
func (t *translator) possessive() {
	t.closed = true
	if t.pos < len(t.text) && t.text[t.pos] == '?' {
		t.copy(1)
		return
	}
	if t.pos == len(t.text) || t.text[t.pos] != '+' || t.atom < 0 {
		return
	}
	t.pos++
	t.wrap("(?>")
}

// wrap puts the last atom and what follows it into a group.
func (t *translator) wrap(open string) {
	t.out = append(slices.Insert(t.out, t.atom, []byte(open)...), ')')
}

// groupName is what a group's name starts with, up to its end.
var groupName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*>`)

func (t *translator) escape() error {
	if t.pos+1 == len(t.text) {
		return errPattern
	}
	t.atom = len(t.out)
	switch c := t.text[t.pos+1]; c {
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if int(c-'0') > t.count { // a reference to a group that is not there matches nothing
			t.out = append(t.out, "(?!)"...)
			t.pos += 2
			return nil
		}
		t.copy(2)
	case 'Q':
		t.pos += 2
		quoted, _, closed := strings.Cut(t.text[t.pos:], `\E`)
		for _, r := range quoted {
			t.atom = len(t.out)
			t.out = append(t.out, regexp2.Escape(string(r))...)
		}
		t.pos += len(quoted)
		if closed {
			t.pos += 2
		}
	case 'h':
		t.out = append(t.out, `[ \t\u00A0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]`...)
		t.pos += 2
	case 'R':
		t.out = append(t.out, `(?:\r\n|[\n-\r\u0085\u2028\u2029])`...)
		t.pos += 2
	case 'X':
		t.out = append(t.out, `(?:\P{M}\p{M}*)`...)
		t.pos += 2
	case 'p', 'P':
		rest := t.text[t.pos+2:]
		end := strings.IndexByte(rest, '}')
		if !strings.HasPrefix(rest, "{") || end < 0 {
			t.copy(2)
			return nil
		}
		property := javaProperty(rest[1:end])
		if c == 'P' {
			property = "^" + property
		}
		t.out = append(append(append(t.out, '['), property...), ']')
		t.pos += end + 3
	case 'k':
		t.copy(2)
	default:
		t.copy(2)
		for t.pos < len(t.text) && t.text[t.pos]&0xc0 == 0x80 {
			t.copy(1)
		}
	}
	return nil
}

// javaClasses are the named classes of Java that others do not know by these names.
var javaClasses = map[string]string{
	"Lower": "a-z", "Upper": "A-Z", "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "XDigit": "0-9a-fA-F",
	"Punct": `!-/:-@\[-` + "`" + `{-~`, "Space": `\s`, "Blank": ` \t`, "ASCII": `\x00-\x7f`, "Cntrl": `\x00-\x1f\x7f`,
	"Graph": "!-~", "Print": " -~", "Alphabetic": `\p{L}`, "Letter": `\p{L}`, "Uppercase": `\p{Lu}`, "Lowercase": `\p{Ll}`,
	"javaLowerCase": `\p{Ll}`, "javaUpperCase": `\p{Lu}`, "javaWhitespace": `\s`, "javaLetter": `\p{L}`, "javaDigit": `\p{Nd}`,
}

// javaProperty returns the inside of a class for what Java writes in \p{…}: POSIX names, scripts after Is, blocks after In.
func javaProperty(name string) string {
	bare := strings.TrimPrefix(name, "Is")
	if class := javaClasses[bare]; class != "" {
		return class
	}
	for _, prefix := range [...]string{"In", "script=", "sc=", "block=", "blk=", "general_category=", "gc="} {
		bare = strings.TrimPrefix(bare, prefix)
	}
	return `\p{` + bare + "}"
}

// class returns where the bracketed class that starts at start ends. Java nests them.
func (t *translator) class(start int) (int, error) {
	depth, first := 0, true
	for i := start; i < len(t.text); i++ {
		switch c := t.text[i]; {
		case c == '\\':
			i++
		case c == '[':
			depth++
			if strings.HasPrefix(t.text[i+1:], "^") {
				i++
			}
			first = true
			continue
		case c == ']' && !first:
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
		first = false
	}
	return 0, errPattern
}

// intersected rewrites the class [a&&b] as a look-ahead for a before b.
func (t *translator) intersected(class string) string {
	inner := class[1 : len(class)-1]
	var parts []string
	depth, from := 0, 0
	for i := 0; i < len(inner); i++ {
		switch {
		case inner[i] == '\\':
			i++
		case inner[i] == '[':
			depth++
		case inner[i] == ']':
			depth--
		case depth == 0 && strings.HasPrefix(inner[i:], "&&"):
			parts = append(parts, inner[from:i])
			from, i = i+2, i+1
		}
	}
	if parts == nil {
		return properties.ReplaceAllStringFunc(class, func(p string) string { return javaProperty(p[3 : len(p)-1]) })
	}
	parts = append(parts, inner[from:])
	var b strings.Builder
	b.WriteString("(?:")
	for i, p := range parts {
		if !strings.HasPrefix(p, "[") {
			p = "[" + p + "]"
		}
		if i < len(parts)-1 {
			p = "(?=" + p + ")"
		}
		b.WriteString(p)
	}
	return b.String() + ")"
}

// properties are those of Java inside of a class.
var properties = regexp.MustCompile(`\\p\{\w+\}`)

// quantifier returns the length of the {n}, {n,} or {n,m} that s starts with, 0 when it is none.
func quantifier(s string) int {
	end := strings.IndexByte(s, '}')
	if end < 0 {
		return 0
	}
	low, high, _ := strings.Cut(s[1:end], ",")
	if low == "" || strings.Trim(low+high, "0123456789") != "" {
		return 0
	}
	return end + 1
}
