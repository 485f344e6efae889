package schemas

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/schema"
)

// lineColumn turns a byte offset into a line and a column of characters, both from 1.
func lineColumn(text string, off int) (line, column int) {
	before := text[:min(max(off, 0), len(text))]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// offsetOf finds what a finding is about in the text of a language whose findings tell no offsets; 0 where it is nowhere.
func offsetOf(t schema.Type, text, path string) int {
	tokens := strings.Split(strings.Trim(strings.TrimPrefix(path, "#"), "/"), "/")
	switch t {
	case schema.JSON:
		return jsonOffset(text, tokens)
	case schema.Protobuf:
		return protoOffset(text, tokens)
	}
	return 0
}

// jsonOffset follows a JSON pointer as far as the text goes and returns where the last key or element begins.
func jsonOffset(text string, tokens []string) int {
	dec := json.NewDecoder(strings.NewReader(text))
	best := 0
	// next is where the token after the decoder's place begins.
	next := func() int {
		off := int(dec.InputOffset())
		return off + len(text[off:]) - len(strings.TrimLeft(text[off:], " \t\r\n,:"))
	}
	var skip json.RawMessage
	for _, token := range tokens {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		open, err := dec.Token()
		if err != nil {
			return best
		}
		found := false
		for i := 0; dec.More() && !found; i++ {
			at := next()
			switch open {
			case json.Delim('{'):
				key, err := dec.Token()
				if err != nil {
					return best
				}
				found = key == token
			case json.Delim('['):
				found = token == itoa(i)
			}
			if found {
				best = at
			} else if dec.Decode(&skip) != nil {
				return best
			}
		}
		if !found {
			return best
		}
	}
	return best
}

// topLevelKeys returns the names of an object's members; none for what is no object.
func topLevelKeys(text string) []string {
	dec := json.NewDecoder(strings.NewReader(text))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var keys []string
	var skip json.RawMessage
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return keys
		}
		name, _ := key.(string)
		keys = append(keys, name)
		if dec.Decode(&skip) != nil {
			return keys
		}
	}
	return keys
}

var protoNoise = regexp.MustCompile(`(?s)//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`)

// protoOffset follows a path of names of messages and oneofs and a field's number at its end.
func protoOffset(text string, tokens []string) int {
	code := protoNoise.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	best, from, to := 0, 0, len(code)
	for _, token := range tokens {
		if token == "" || !utf8.ValidString(token) {
			break
		}
		number := token[0] >= '0' && token[0] <= '9'
		pattern := `\b(?:message|enum|oneof|group)\s+` + regexp.QuoteMeta(token) + `\b`
		if number {
			pattern = `[^;{}]*=\s*` + regexp.QuoteMeta(token) + `\b`
		}
		at := regexp.MustCompile(pattern).FindStringIndex(code[from:to])
		if at == nil {
			if number { // a field of a oneof stands in its message
				continue
			}
			break
		}
		start := from + at[0]
		best = start + len(code[start:]) - len(strings.TrimLeft(code[start:], " \t\r\n"))
		if number {
			break
		}
		open := strings.IndexByte(code[best:to], '{')
		if open < 0 {
			break
		}
		from = best + open + 1
		to = from + closing(code[from:to])
	}
	return best
}

// closing returns where the block that text is in ends.
func closing(text string) int {
	depth := 1
	for i, c := range []byte(text) {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}
