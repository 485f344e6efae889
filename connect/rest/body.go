package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// read returns the body of a request that may have one.
func (a *api) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Body == nil || r.ContentLength == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.o.MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, failed(http.StatusRequestEntityTooLarge, "The request body is larger than %d bytes", large.Limit)
	case err != nil:
		return nil, badRequest("The request body could not be read to its end")
	case len(body) == 0:
		return nil, nil
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return nil, httpError(http.StatusUnsupportedMediaType)
	}
	return body, nil
}

// object reads the body as a JSON object, its members unread. A null member is there, with the text null.
func (r *request) object() (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(r.body)) == 0 {
		return nil, badRequest("The request has no body: a JSON object is expected")
	}
	if !utf8.Valid(r.body) {
		return nil, badRequest("The request body is not UTF-8")
	}
	return object(r.body, "The request body")
}

func object(text []byte, what string) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	err := json.Unmarshal(text, &m)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		before := text[:max(0, min(int(syntax.Offset)-1, len(text)))]
		line := bytes.Count(before, []byte("\n")) + 1
		return nil, badRequest("%s is not JSON: %s (line %d, column %d)", what, syntax.Error(), line, len(before)-bytes.LastIndexByte(before, '\n'))
	case err != nil || m == nil:
		return nil, badRequest("%s must be a JSON object, not %s", what, shape(text))
	}
	return m, nil
}

// shape names what a well-formed JSON value is.
func shape(text []byte) string {
	switch text = bytes.TrimSpace(text); {
	case len(text) == 0:
		return "nothing"
	case text[0] == '{':
		return "an object"
	case text[0] == '[':
		return "an array"
	case text[0] == '"':
		return "a string"
	case text[0] == 'n':
		return "null"
	case text[0] == 't' || text[0] == 'f':
		return "a boolean"
	}
	return "a number"
}

// scalar reads a value as Connect binds it to a string: numbers and booleans by their text. nil: null.
func scalar(text json.RawMessage, what string) (*string, error) {
	switch shape(text) {
	case "null":
		return nil, nil
	case "string":
	case "an object", "an array", "nothing":
		return nil, badRequest("%s must be a string, not %s", what, shape(text))
	case "a number", "a boolean":
		s := string(bytes.TrimSpace(text))
		return &s, nil
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, badRequest("%s is not a string", what)
	}
	return &s, nil
}

// options reads a JSON object of options. Null values stay, as nil.
func options(m map[string]json.RawMessage) (map[string]*string, error) {
	out := make(map[string]*string, len(m))
	for name, text := range m {
		v, err := scalar(text, "The option "+name)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// config reads the body as a connector's configuration; options that are null are not set.
func (r *request) config() (map[string]string, error) {
	m, err := r.object()
	if err != nil {
		return nil, err
	}
	return set(m)
}

func set(m map[string]json.RawMessage) (map[string]string, error) {
	all, err := options(m)
	if err != nil {
		return nil, err
	}
	cfg := make(map[string]string, len(all))
	for name, v := range all {
		if v != nil {
			cfg[name] = *v
		}
	}
	return cfg, nil
}

// only refuses members that are not known.
func only(m map[string]json.RawMessage, what string, known ...string) error {
	for name := range m {
		if !slices.Contains(known, name) {
			return badRequest("Unrecognized field %q in %s: known are %s", name, what, strings.Join(known, ", "))
		}
	}
	return nil
}
