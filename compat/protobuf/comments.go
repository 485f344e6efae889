package protobuf

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// skip skips whitespace and comments.
func (r *reader) skip() {
	for !r.end() {
		switch r.text[r.pos] {
		case '\n':
			r.pos++
			r.newline()
		case ' ', '\t', '\r':
			r.pos++
		case '/':
			r.comment()
		default:
			return
		}
	}
}

func (r *reader) comment() {
	r.pos++
	c := byte(0)
	if !r.end() {
		c = r.text[r.pos]
		r.pos++
	}
	switch c {
	case '*':
		for ; r.pos+1 < len(r.text); r.pos++ {
			switch {
			case r.text[r.pos] == '*' && r.text[r.pos+1] == '/':
				r.pos += 2
				return
			case r.text[r.pos] == '\n':
				r.newline()
			}
		}
		if r.pos < len(r.text) { // not to split a character
			r.pos = len(r.text) - 1
			for !utf8.RuneStart(r.text[r.pos]) {
				r.pos--
			}
		}
		r.failHere("unterminated comment")
	case '/':
		if !r.end() && r.text[r.pos] == ' ' {
			r.pos++
		}
		if r.end() {
			units := len(utf16.Encode([]rune(r.text)))
			failPlain(r.place(r.here()), "startIndex: %d > endIndex: %d", units, units-1)
		}
		r.skipLine()
	default:
		r.failHere("unexpected '/'")
	}
}

// skipLine goes to the beginning of the next line, or to the end of the text.
func (r *reader) skipLine() {
	end := strings.IndexByte(r.text[r.pos:], '\n')
	if end < 0 {
		r.pos = len(r.text)
		return
	}
	r.pos += end + 1
	r.newline()
}

// trailing reads the comment that may follow a declaration on its line.
func (r *reader) trailing() {
	for !r.end() {
		c := r.text[r.pos]
		if c != ' ' && c != '\t' && c != '/' {
			return
		}
		r.pos++
		if c == '/' {
			break
		}
	}
	if r.end() || r.text[r.pos] != '/' && r.text[r.pos] != '*' {
		r.failHere("expected '//' or '/*'")
	}
	star := r.text[r.pos] == '*'
	r.pos++
	if !star {
		r.skipLine()
		return
	}
	if !r.end() && r.text[r.pos] == ' ' {
		r.pos++
	}
	end := strings.Index(r.text[r.pos:], "*/")
	if end < 0 {
		r.pos = len(r.text)
		r.failHere("trailing comment must be closed")
	}
	r.pos += end + 2
	for !r.end() {
		c, size := utf8.DecodeRuneInString(r.text[r.pos:])
		r.pos += size
		if c == '\n' {
			r.newline()
			return
		}
		if c != ' ' && c != '\t' {
			r.failHere("no syntax may follow trailing comment")
		}
	}
}
