package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/runtime"
)

// maxBody is the largest request.
const maxBody = 4 << 20

// statusError is an answer other than success.
type statusError struct {
	status int
	msg    string
}

func (e *statusError) Error() string { return e.msg }

func status(code int, format string, args ...any) error {
	return &statusError{code, fmt.Sprintf(format, args...)}
}

func notFound(name string) error { return status(http.StatusNotFound, "Connector %s not found", name) }

// answer writes an error in Kafka Connect's form.
func (s *server) answer(w http.ResponseWriter, r *http.Request, err error) {
	var own *statusError
	var faults config.FaultsError
	name := r.PathValue("name")
	switch {
	case errors.As(err, &own):
		fail(w, own.status, own.msg)
	case errors.As(err, &faults):
		fail(w, http.StatusBadRequest, invalid(faults))
	case errors.Is(err, runtime.ErrNotFound):
		fail(w, http.StatusNotFound, fmt.Sprintf("Connector %s not found", name))
	case errors.Is(err, runtime.ErrExists):
		fail(w, http.StatusConflict, fmt.Sprintf("Connector %s already exists", name))
	case errors.Is(err, runtime.ErrNotStopped):
		fail(w, http.StatusBadRequest, "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/"+name+"/stop' endpoint")
	case errors.Is(err, runtime.ErrBadOffsets):
		fail(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, runtime.ErrStarting):
		fail(w, http.StatusServiceUnavailable, "Worker is still starting up, or is stopping: try again")
	case r.Context().Err() != nil: // nobody waits for it
	default:
		s.o.Log.Error("answering a request", "method", r.Method, "path", r.URL.Path, "error", err)
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

// invalid is Connect's text of a configuration with faults.
func invalid(faults config.FaultsError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Connector configuration is invalid and contains the following %d error(s):", len(faults))
	for _, f := range faults {
		b.WriteString("\n" + f.Connect())
	}
	b.WriteString("\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`")
	return b.String()
}

func fail(w http.ResponseWriter, code int, msg string) {
	respond(w, code, struct {
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}{code, msg})
}

func respond(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client has gone
}

// ok answers 200 with v.
func ok(w http.ResponseWriter, v any) error {
	respond(w, http.StatusOK, v)
	return nil
}

// read decodes the body, one JSON value of v's shape.
func read(w http.ResponseWriter, r *http.Request, v any) error {
	if t := r.Header.Get("Content-Type"); t != "" {
		if m, _, err := mime.ParseMediaType(t); err != nil || m != "application/json" {
			return status(http.StatusUnsupportedMediaType, "HTTP 415 Unsupported Media Type")
		}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the JSON value")
		}
	}
	var large *http.MaxBytesError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return status(http.StatusRequestEntityTooLarge, "The request is larger than %d bytes", maxBody)
	case errors.As(err, &syntax):
		return status(http.StatusBadRequest, "The request is not JSON: at byte %d: %v", syntax.Offset, syntax)
	case errors.As(err, &kind):
		return status(http.StatusBadRequest, "The request has the wrong shape: at byte %d, %q is a %s and has to be %s", kind.Offset, kind.Field, kind.Value, typeName(kind.Type.String()))
	case errors.Is(err, io.EOF):
		return status(http.StatusBadRequest, "The request has no body: it has to be JSON")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return status(http.StatusBadRequest, "The request is not JSON: it ends too early")
	}
	return status(http.StatusBadRequest, "The request cannot be read: %v", err)
}

func typeName(t string) string {
	switch {
	case strings.Contains(t, "map"), strings.Contains(t, "rest."), strings.Contains(t, "struct"):
		return "an object"
	case strings.HasPrefix(t, "[]"):
		return "an array"
	case strings.HasSuffix(t, "string"):
		return "a string"
	}
	return "a " + t
}

// values is a configuration as JSON gives it: numbers and booleans are taken as their text, as Connect does.
type values map[string]*string

// UnmarshalJSON reads an object of scalars.
func (v *values) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return status(http.StatusBadRequest, "The request has the wrong shape: a configuration has to be an object of options")
	}
	if raw == nil {
		return nil
	}
	*v = make(values, len(raw))
	for name, text := range raw {
		var s string
		switch {
		case string(text) == "null":
			(*v)[name] = nil
			continue
		case text[0] == '"':
			if err := json.Unmarshal(text, &s); err != nil {
				return err
			}
		case text[0] == '{' || text[0] == '[':
			return status(http.StatusBadRequest, "The request has the wrong shape: option %q has to be a string", name)
		default:
			s = string(text)
		}
		(*v)[name] = &s
	}
	return nil
}

// set returns the options that are not null.
func (v values) set() map[string]string {
	out := make(map[string]string, len(v))
	for name, s := range v {
		if s != nil {
			out[name] = *s
		}
	}
	return out
}
