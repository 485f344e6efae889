package jsonschema

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/schema"
)

const (
	// MaxSize is the most bytes that a document may have.
	MaxSize = 16 << 20
	// MaxDepth is how deep a document may nest, as Jackson allows.
	MaxDepth = 1000

	maxNumber = 1000 // characters of a number: Jackson's limit
)

type valueKind uint8

const (
	jsonNull valueKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

var kindNames = [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}

func (k valueKind) String() string { return kindNames[k] }

// value is a JSON value of a document. Objects keep the order of their members, numbers every digit.
type value struct {
	kind    valueKind
	off     int    // byte offset in the document
	text    string // content of a string; digits of a number; true or false
	base    string // URI that $ref is relative to, of an object
	doc     *document
	sum     uint64 // of all that v holds; 0 when there is a reference in it
	elems   []*value
	members []member
	index   map[string]int // of many members
}

type member struct {
	name  string
	value *value
}

const fewMembers = 16

// get returns the member called name, or nil when v is no object or has none.
func (v *value) get(name string) *value {
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			return v.members[i].value
		}
		return nil
	}
	for i := range v.members {
		if v.members[i].name == name {
			return v.members[i].value
		}
	}
	return nil
}

// str returns the content of the string member called name.
func (v *value) str(name string) (string, bool) {
	m := v.get(name)
	if m == nil || m.kind != jsonString {
		return "", false
	}
	return m.text, true
}

// set adds a member. Of members with the same name the last value counts, in the place of the first.
func (v *value) set(name string, m *value) {
	if v.index == nil && len(v.members) == fewMembers {
		v.index = make(map[string]int, 4*fewMembers)
		for i := range v.members {
			v.index[v.members[i].name] = i
		}
	}
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			v.members[i].value = m
			return
		}
		v.index[name] = len(v.members)
	} else if old := v.get(name); old != nil {
		for i := range v.members {
			if v.members[i].name == name {
				v.members[i].value = m
			}
		}
		return
	}
	v.members = append(v.members, member{name, m})
}

// errorAt builds the error for the byte offset off of text. words are Confluent's.
func errorAt(text string, off int, words, format string, args ...any) *schema.SyntaxError {
	off = min(max(off, 0), len(text))
	before := text[:off]
	return &schema.SyntaxError{
		Line:    strings.Count(before, "\n") + 1,
		Column:  utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1,
		Msg:     fmt.Sprintf(format, args...),
		Words:   words,
		Meaning: words != notJSON,
	}
}

// Confluent's words for what is wrong.
const (
	notJSON   = "Invalid JSON schema"
	notSchema = "Invalid JSON"
)

// reader reads the first JSON value of a text; Jackson does not look at what follows it.
type reader struct {
	text string
	dec  *json.Decoder
	doc  *document
}

func readJSON(text string, doc *document) (*value, error) {
	if len(text) > MaxSize {
		return nil, errorAt(text, 0, notJSON, "the document has more than %d bytes", MaxSize)
	}
	if !utf8.ValidString(text) {
		return nil, errorAt(text, 0, notJSON, "the document is not valid UTF-8")
	}
	r := &reader{text: text, dec: json.NewDecoder(strings.NewReader(text)), doc: doc}
	r.dec.UseNumber()
	if strings.Trim(text, " \t\r\n") == "" {
		return nil, nil
	}
	return r.value(1)
}

// next returns the next token and where it starts.
func (r *reader) next() (json.Token, int, error) {
	off := int(r.dec.InputOffset())
	for off < len(r.text) && strings.IndexByte(" \t\r\n:,", r.text[off]) >= 0 {
		off++
	}
	t, err := r.dec.Token()
	if err == nil {
		return t, off, nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at := int(syntax.Offset)
		if syntax.Offset != r.dec.InputOffset() { // inside of a token the offset is that after the fault
			at--
		}
		return nil, 0, errorAt(r.text, at, notJSON, "%s", syntax.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, 0, errorAt(r.text, len(r.text), notJSON, "unexpected end of input")
	}
	return nil, 0, errorAt(r.text, off, notJSON, "%s", err.Error())
}

func (r *reader) value(depth int) (*value, error) {
	t, off, err := r.next()
	if err != nil {
		return nil, err
	}
	v := &value{off: off, doc: r.doc}
	switch t := t.(type) {
	case nil:
		v.kind = jsonNull
	case bool:
		v.kind, v.text = jsonBool, fmt.Sprint(t)
	case string:
		v.kind, v.text = jsonString, t
	case json.Number:
		v.kind, v.text = jsonNumber, t.String()
		if len(v.text) > maxNumber {
			return nil, errorAt(r.text, off, notJSON, "number has more than %d characters", maxNumber)
		}
		if _, ok := parseDecimal(v.text); !ok {
			return nil, errorAt(r.text, off, notJSON, "the exponent of a number is out of range")
		}
	case json.Delim:
		if depth > MaxDepth {
			return nil, errorAt(r.text, off, notJSON, "the document nests deeper than %d levels", MaxDepth)
		}
		if v.kind = jsonArray; t == '{' {
			v.kind = jsonObject
		}
		for r.dec.More() {
			if err := r.element(v, depth); err != nil {
				return nil, err
			}
		}
		if _, _, err := r.next(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (r *reader) element(v *value, depth int) error {
	if v.kind == jsonArray {
		e, err := r.value(depth + 1)
		v.elems = append(v.elems, e)
		return err
	}
	t, off, err := r.next()
	if err != nil {
		return err
	}
	name, ok := t.(string)
	if !ok {
		return errorAt(r.text, off, notJSON, "expected a name in double quotes")
	}
	m, err := r.value(depth + 1)
	if err != nil {
		return err
	}
	v.set(name, m)
	return nil
}
