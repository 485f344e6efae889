package rest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
)

// TestTakesOverConfluentsTopic opens a registry on the records that Confluent's wrote, and asks it what that one was asked. Clocks
// aside the answers are the same.
func TestTakesOverConfluentsTopic(t *testing.T) {
	l := memlog.New()
	if _, err := l.Append(t.Context(), -1, registrytest.Topic(t, "testdata/topic.jsonl.gz")...); err != nil {
		t.Fatal(err)
	}
	_, s := registrytest.NewRegistry(t, l)
	asked, failed := 0, 0
	for _, x := range registrytest.Lines[struct {
		Method   string          `json:"method"`
		Path     string          `json:"path"`
		Body     json.RawMessage `json:"body"`
		Status   int             `json:"status"`
		Response any             `json:"response"`
	}](t, "testdata/answers.jsonl.gz") {
		var body io.Reader
		if string(x.Body) != "null" {
			body = bytes.NewReader(x.Body)
		}
		req, err := http.NewRequestWithContext(t.Context(), x.Method, s.URL+x.Path, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var got any
		err = json.NewDecoder(resp.Body).Decode(&got)
		resp.Body.Close()
		asked++
		if err != nil || resp.StatusCode != x.Status || !reflect.DeepEqual(withoutClocks(got), withoutClocks(x.Response)) {
			if failed++; failed <= 20 {
				a, _ := json.Marshal(withoutClocks(got))
				b, _ := json.Marshal(x.Response)
				t.Errorf("%s %s %s: %d %.500s\n\twant %d %.500s", x.Method, x.Path, x.Body, resp.StatusCode, a, x.Status, b)
			}
		}
	}
	t.Logf("%d of %d answers as Confluent gave them", asked-failed, asked)
}

func withoutClocks(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if k == "ts" {
				delete(v, k)
			} else {
				v[k] = withoutClocks(v[k])
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutClocks(v[i])
		}
	}
	return v
}
