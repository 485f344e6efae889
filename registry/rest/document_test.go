package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/rest"
)

// judge holds exchanges against the API's own description.
type judge struct{ doc *openapi3.T }

// newJudge reads the description that a registry serves.
func newJudge(t testing.TB, h http.Handler) judge {
	t.Helper()
	w := serve(t, h, "GET", "/openapi.json", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return judge{doc}
}

// operation finds what the description says about a request; nil for a path that is not in it.
func (j judge) operation(method, path string) *openapi3.Operation {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if segments[0] == "contexts" && len(segments) > 2 {
		segments = segments[2:]
	}
	var best *openapi3.PathItem
	literals := -1
next:
	for template, item := range j.doc.Paths.Map() {
		want, n := strings.Split(strings.Trim(template, "/"), "/"), 0
		if len(want) != len(segments) {
			continue
		}
		for i, w := range want {
			switch {
			case strings.HasPrefix(w, "{"):
			case w != segments[i]:
				continue next
			default:
				n++
			}
		}
		if n > literals {
			best, literals = item, n
		}
	}
	if best == nil {
		return nil
	}
	return best.GetOperation(method)
}

// answer returns what is wrong with an answer.
func (j judge) answer(o *openapi3.Operation, status int, h http.Header, body []byte) error {
	r := o.Responses.Status(status)
	if r == nil {
		return fmt.Errorf("status %d is not described", status)
	}
	typ := mediaType(h.Get("Content-Type"))
	if typ == "" || len(r.Value.Content) == 0 {
		if (typ == "") != (len(r.Value.Content) == 0) && len(body) > 0 {
			return fmt.Errorf("a body with content type %q, described are %d", typ, len(r.Value.Content))
		}
		return nil
	}
	m := r.Value.Content[typ]
	switch {
	case m == nil:
		return fmt.Errorf("content type %q is not described", typ)
	case typ == "text/html" || typ == "text/plain":
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		if reflect.DeepEqual(*m.Schema.Value, openapi3.Schema{}) {
			return nil // the text of a Protobuf schema
		}
		return err
	}
	return m.Schema.Value.VisitJSON(v, openapi3.VisitAsResponse(), openapi3.MultiErrors())
}

// request returns what the description holds against a body.
func (j judge) request(o *openapi3.Operation, body []byte) error {
	if o.RequestBody == nil || len(body) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return o.RequestBody.Value.Content[v1].Schema.Value.VisitJSON(v, openapi3.VisitAsRequest(), openapi3.MultiErrors())
}

// lenient are sequences with bodies that a registry takes though no description should allow them.
var lenient = map[string]bool{"metadata-invalid": true} // a number for a text

// TestAnswersFollowTheDocument plays what was recorded of Confluent's registry: each answer is as the description says, and each
// body that was taken is one that it allows.
func TestAnswersFollowTheDocument(t *testing.T) {
	s := registrytest.NewServer(t)
	j := newJudge(t, s.Config.Handler)
	names, sequences := readExchanges(t)
	judged, statuses := map[string]int{}, map[string]bool{}
	for i, name := range names {
		p := newPlayer(t, s.Listener.Addr().String(), fmt.Sprintf("d%04d", i), sequences[name])
		for _, x := range sequences[name] {
			got := p.play(x)
			o := j.operation(x.Method, x.Path)
			if o == nil {
				continue // HEAD, OPTIONS, paths and methods that are none
			}
			if err := j.answer(o, got.status, got.headers, got.raw); err != nil && !(got.headers.Get("Content-Type") == "" && got.status == http.StatusBadRequest) {
				t.Errorf("%s step %d: %s %s %s: %d: %v\n\t%.300s", name, x.Step, x.Method, x.Path, deref(x.Body), got.status, err, got.raw)
			}
			if err := j.request(o, []byte(p.fill(deref(x.Body)))); err != nil && got.status < 300 && !x.Gzip && !lenient[name] {
				t.Errorf("%s step %d: %s %s %s is taken, but: %v", name, x.Step, x.Method, x.Path, deref(x.Body), err)
			}
			judged[o.OperationID]++
			statuses[fmt.Sprint(o.OperationID, got.status)] = true
		}
	}
	t.Logf("%d operations, %d statuses of them", len(judged), len(statuses))
	if len(judged) < 30 {
		t.Errorf("the recording has %d operations: %v", len(judged), judged)
	}
}

// TestDocumentIsServed asks for both forms in the ways of browsers and tools.
func TestDocumentIsServed(t *testing.T) {
	h := handler(t, rest.Options{})
	for _, accept := range []string{"", "*/*", "text/html", "application/yaml"} {
		var forms [2]any
		for i, path := range []string{"/openapi.json", "/openapi.yaml"} {
			w := serve(t, h, "GET", path, accept)
			typ := []string{"application/json", "application/yaml"}[i]
			decode := []func([]byte, any) error{json.Unmarshal, yaml.Unmarshal}[i]
			if err := decode(w.Body.Bytes(), &forms[i]); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != typ {
				t.Errorf("%s for %q: %d %v %v", path, accept, w.Code, w.Header(), err)
			}
		}
		a, _ := json.Marshal(forms[0])
		if b, _ := json.Marshal(forms[1]); !bytes.Equal(a, b) {
			t.Error("the two forms differ")
		}
	}
	for _, method := range []string{"POST", "DELETE", "PUT"} {
		if w := serve(t, h, method, "/openapi.json", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func serve(t testing.TB, h http.Handler, method, path, accept string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}
