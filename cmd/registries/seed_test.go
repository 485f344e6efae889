package registries_test

import (
	"net/http"
	"strings"
	"testing"
)

// seed fills a registry with three versions, of which one is deleted and one refers to another, and with settings.
func seed(t *testing.T, url string) {
	t.Helper()
	for _, r := range [][3]string{
		{"POST", "/subjects/a/versions", `{"schema":"{\"type\":\"record\",\"name\":\"A\",\"fields\":[]}"}`},
		{"POST", "/subjects/b/versions", `{"schema":"[\"null\",\"A\"]","references":[{"name":"A","subject":"a","version":1}],"metadata":{"properties":{"k":"v"}}}`},
		{"POST", "/subjects/:.c:d/versions", `{"schema":"\"int\""}`}, {"DELETE", "/subjects/:.c:d/versions/1", ""},
		{"PUT", "/config/a", `{"compatibility":"NONE"}`}, {"PUT", "/mode/b", `{"mode":"READONLY"}`}, {"PUT", "/config/nick", `{"alias":"a"}`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), r[0], url+r[1], strings.NewReader(r[2]))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %s", r[0], r[1], resp.Status)
		}
	}
}
