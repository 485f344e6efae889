package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/rest"
)

// changing are the members of an answer that differ from run to run.
var changing = regexp.MustCompile(`"(guid":"[^"]*"|ts":\d+),`)

// TestTags plays what clients do with the tags inside schemas: a request and, below it, status and body without what changes.
func TestTags(t *testing.T) {
	h := handler(t, rest.Options{})
	const schema = `{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}`
	const tagged = `{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"confluent:tags\":[\"PII\",\"X\"]}]}`
	const both = `{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"confluent:tags\":[\"PII\",\"X\"]}],\"confluent:tags\":[\"T\"]}`
	field := `{"schemaEntity":{"entityPath":"R.a","entityType":"sr_field"},"tags":["PII","X"]}`
	record := `{"schemaEntity":{"entityPath":"R","entityType":"sr_record"},"tags":["T"]}`
	for i, c := range []struct{ request, body, want string }{
		{"POST /subjects/s/versions", `{"schema":"` + schema + `","schemaTagsToAdd":[` + field + `]}`, `200 {"id":1,"version":1,"schemaType":"AVRO","schema":"` + tagged + `"}`},
		{"GET /subjects/s/versions/1?findTags=PII", "", `200 {"subject":"s","version":1,"id":1,"schemaType":"AVRO","schema":"` + tagged + `","schemaTags":[` + field + `],"deleted":false}`},
		{"POST /subjects/s/versions/latest/tags", `{"tagsToAdd":[` + record + `]}`, `200 {"id":2,"version":2,"schemaType":"AVRO","metadata":{"properties":{"confluent:version":"2"}},"schema":"` + both + `"}`},
		{
			"GET /subjects/s/versions/latest?findTags=*", "",
			`200 {"subject":"s","version":2,"id":2,"schemaType":"AVRO","metadata":{"properties":{"confluent:version":"2"}},"schema":"` + both + `","schemaTags":[` + record + "," + field + `],"deleted":false}`,
		},
		{
			"GET /schemas/ids/2?findTags=T&findTags=none&fetchMaxId=true", "",
			`200 {"subject":"s","version":2,"schemaType":"AVRO","schema":"` + both + `","metadata":{"properties":{"confluent:version":"2"}},"schemaTags":[` + record + `],"maxId":2,"deleted":false}`,
		},
		{"GET /schemas/ids/1?findTags=t", "", `200 {"subject":"s","version":1,"schemaType":"AVRO","schema":"` + tagged + `","deleted":false}`},
		{"GET /schemas/ids/1?findTags=&subject=s", "", `200 {"subject":"s","version":1,"schemaType":"AVRO","schema":"` + tagged + `","deleted":false}`},
		{"POST /subjects/s/versions", `{"schema":"` + schema + `","propagateSchemaTags":true}`, `200 {"id":2,"version":2,"schemaType":"AVRO","metadata":{"properties":{"confluent:version":"2"}},"schema":"` + both + `"}`},
		{
			"POST /subjects/s/versions/2/tags",
			`{"tagsToRemove":[` + field + "," + record + `],"newVersion":3,"metadata":{"properties":{"k":"v"},"tags":{"R.a":["b","a"]}},"rulesToMerge":{"domainRules":[{"name":"r","kind":"CONDITION","mode":"WRITE","type":"CEL","expr":"true"}]},"rulesToRemove":["none"]}`,
			`200 {"id":3,"version":3,"schemaType":"AVRO","metadata":{"tags":{"R.a":["a","b"]},"properties":{"confluent:version":"3","k":"v"}},"ruleSet":{"domainRules":[{"name":"r","kind":"CONDITION","mode":"WRITE","type":"CEL","expr":"true","disabled":false}]},"schema":"` + schema + `"}`,
		},
		{"POST /subjects/s/versions/3/tags", `{"ruleSet":{},"rulesToRemove":["r"]}`, `422 {"error_code":42210,"message":"ruleSet should be omitted if specifying rulesToMerge or rulesToRemove"}`},
		{"POST /subjects/s/versions/3/tags", `{"tagsToAdd":[{"schemaEntity":{"entityPath":"R.z","entityType":"sr_field"},"tags":["T"]}]}`, `422 {"error_code":42201,"message":"No matching path 'R.z' found in the schema"}`},
		{"POST /subjects/s/versions/0/tags", `{}`, `422 {"error_code":42202,"message":"The specified version '0' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""}`},
		{"POST /subjects/s/versions/9/tags", `{}`, `404 {"error_code":40402,"message":"Version 9 not found."}`},
		{"POST /subjects/none/versions/1/tags", `{}`, `404 {"error_code":40401,"message":"Subject 'none' not found."}`},
		{"POST /subjects/s/versions/3/tags", `{"tagsToAdd":[null]}`, `400 {"error_code":400,"message":"A list of tags must not hold null"}`},
		{"POST /subjects/s/versions/3/tags", `{"tagsToAdd":[{"tags":["T"]}]}`, `400 {"error_code":400,"message":"Tags must have a schemaEntity"}`},
		{"POST /subjects/s/versions/3/tags", `{"tagsToAdd":[{"schemaEntity":{"entityPath":"R"},"tags":["T"]}]}`, `400 {"error_code":400,"message":"A schemaEntity must have an entityPath and an entityType"}`},
		{"POST /contexts/.c/subjects/s/versions", `{"schema":"` + tagged + `"}`, `200 {"id":1,"version":1,"schemaType":"AVRO","schema":"` + tagged + `"}`},
		{"POST /contexts/.c/subjects/s/versions/1/tags", `{"tagsToRemove":[` + field + `]}`, `200 {"id":2,"version":2,"schemaType":"AVRO","metadata":{"properties":{"confluent:version":"2"}},"schema":"` + schema + `"}`},
		{"GET /contexts/.c/subjects/s/versions", "", "200 [1,2]"},
		{"GET /subjects/s/versions", "", "200 [1,2,3]"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		status, body := do(t, h, method, path, c.body)
		if got := fmt.Sprintf("%d %s", status, changing.ReplaceAllString(body, "")); got != c.want {
			t.Errorf("%d: %s %s\n got %s\nwant %s", i+1, c.request, c.body, got, c.want)
		}
	}
}

// TestTagsAndFormats holds that tags are found in what is stored, whatever form of it is asked for.
func TestTagsAndFormats(t *testing.T) {
	h := handler(t, rest.Options{})
	body, _ := json.Marshal(map[string]string{"schemaType": "PROTOBUF", "schema": `syntax = "proto3"; import "confluent/meta.proto"; message M { string f = 1 [(confluent.field_meta).tags = "PII"]; }`})
	if status, answer := do(t, h, http.MethodPost, "/subjects/p/versions", string(body)); status != http.StatusOK {
		t.Fatal(answer)
	}
	for _, format := range []string{"", "serialized", "ignore_extensions", "default", "nonsense"} {
		for _, path := range []string{"/subjects/p/versions/1", "/schemas/ids/1"} {
			status, answer := do(t, h, http.MethodGet, path+"?findTags=PII&format="+format, "")
			if want := `"schemaTags":[{"schemaEntity":{"entityPath":"M.f","entityType":"sr_field"},"tags":["PII"]}]`; status != http.StatusOK || !strings.Contains(answer, want) {
				t.Errorf("%s as %q: %d %s", path, format, status, answer)
			}
		}
	}
}

// TestTagsOfAssociations holds that the schema of an association is registered with its tags, and that the same request finds it again.
func TestTagsOfAssociations(t *testing.T) {
	h := handler(t, rest.Options{})
	schema := `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}","schemaTagsToAdd":[{"schemaEntity":{"entityPath":"R.a","entityType":"sr_field"},"tags":["PII"]}]}`
	request := `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","associations":[{"associationType":"value","schema":` + schema + `}]}`
	for range 2 {
		if status, body := do(t, h, http.MethodPost, "/associations", request); status != http.StatusOK || !strings.Contains(body, `\"confluent:tags\":[\"PII\"]`) {
			t.Errorf("%d %s", status, body)
		}
	}
	if status, body := do(t, h, http.MethodPost, "/associations", strings.Replace(request, "R.a", "R.b", 1)); status != http.StatusUnprocessableEntity {
		t.Errorf("a field that is not there: %d %s", status, body)
	}
	if _, body := do(t, h, http.MethodGet, "/subjects/:.n:t-value/versions", ""); body != "[1]" {
		t.Errorf("versions %s", body)
	}
}

// TestQualifiedReferences holds which answers spell references with their context: those about an id and a version.
func TestQualifiedReferences(t *testing.T) {
	h := handler(t, rest.Options{})
	for _, r := range [][2]string{
		{"/subjects/:.c:base/versions", `{"schema":"{\"type\":\"record\",\"name\":\"B\",\"fields\":[]}"}`},
		{"/subjects/:.c:s/versions", `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"b\",\"type\":\"B\"}]}","references":[{"name":"B","subject":"base","version":1}]}`},
	} {
		if status, body := do(t, h, http.MethodPost, r[0], r[1]); status != http.StatusOK {
			t.Fatal(body)
		}
	}
	_, body := do(t, h, http.MethodGet, "/subjects/:.c:s/versions/1", "")
	var v struct{ GUID string }
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	for path, qualified := range map[string]bool{
		"/subjects/:.c:s/versions/1": true, "/schemas/ids/2?subject=:.c:": true, "/schemas/guids/" + v.GUID: false, "/subjects/:.c:s/metadata": false,
	} {
		for _, ask := range []string{"", "referenceFormat=default", "referenceFormat=qualified"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			want := `"subject":"base"`
			if qualified && strings.HasSuffix(ask, "qualified") {
				want = `"subject":":.c:base"`
			}
			if status, body := do(t, h, http.MethodGet, path+sep+ask, ""); status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%s%s%s: %d %s", path, sep, ask, status, body)
			}
		}
	}
}

// TestHostileTags has the registry read as many and as long tags and paths as a body can hold.
func TestHostileTags(t *testing.T) {
	h := handler(t, rest.Options{})
	bodies := map[string]string{
		"AVRO":     `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`,
		"JSON":     `{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#/properties/a"}},"items":{"$ref":"#"},"anyOf":[{"$ref":"#"},{"not":{}}]}`,
		"PROTOBUF": `syntax = "proto3"; message R { string a = 1; message R { string a = 1; } }`,
	}
	entry := func(path string) string {
		return `{"schemaEntity":{"entityPath":"` + path + `","entityType":"sr_field"},"tags":["T"]}`
	}
	for typ, text := range bodies {
		body, _ := json.Marshal(map[string]string{"schemaType": typ, "schema": text})
		if status, answer := do(t, h, http.MethodPost, "/subjects/"+typ+"/versions", string(body)); status != http.StatusOK {
			t.Fatal(answer)
		}
		right := map[string]string{"AVRO": "R.a", "JSON": "object.a", "PROTOBUF": "R.a"}[typ]
		for name, c := range map[string]struct {
			tags   string
			status int
		}{
			"a long path":      {entry(strings.Repeat("object.a.", 200_000) + "object.b"), 422},
			"dots":             {entry(strings.Repeat(".", 2_000_000)), 422},
			"many paths":       {strings.TrimSuffix(strings.Repeat(entry("object.a.array.object.b")+",", 20_000), ","), map[string]int{"JSON": 200}[typ]},
			"the same, often":  {strings.TrimSuffix(strings.Repeat(entry(right)+",", 20_000), ","), 200},
			"many tags":        {strings.Replace(entry(right), `"T"`, strings.TrimSuffix(strings.Repeat(`"T",`, 200_000), ","), 1), 200},
			"many other tags":  {strings.Replace(entry(right), `"T"`, manyTags(50_000), 1), 200},
			"NUL and quotes":   {strings.Replace(entry(right), `"T"`, `"\u0000","\"'\\","\ud800","*",""`, 1), 200},
			"no text as a tag": {strings.Replace(entry(right), `"T"`, `1,true,null`, 1), 200},
			"an object as one": {strings.Replace(entry(right), `"T"`, `{}`, 1), 400},
			"no list of tags":  {strings.Replace(entry(right), `["T"]`, `"T"`, 1), 400},
		} {
			start := time.Now()
			status, answer := do(t, h, http.MethodPost, "/subjects/"+typ+"/versions/1/tags", `{"tagsToAdd":[`+c.tags+`]}`)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%s, %s: %s", typ, name, took)
			}
			if want := max(c.status, 200); status != want && c.status != 0 || status >= 500 || len(answer) > 20<<20 {
				t.Errorf("%s, %s: %d %.300s", typ, name, status, answer)
			}
		}
		for _, path := range []string{"/subjects/" + typ + "/versions/latest?findTags=*", "/subjects/" + typ + "/versions/latest?findTags=" + strings.Repeat("x&findTags=", 10_000)} {
			if status, answer := do(t, h, http.MethodGet, path, ""); status != http.StatusOK {
				t.Errorf("%s: %d %.300s", typ, status, answer)
			}
		}
	}
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"t%d"`, i)
	}
	return b.String()
}

// FuzzTagEdit holds for any body that an edit of tags is answered, that it is never a fault of the server, and that a version that
// it makes is there and stands where the answer says.
func FuzzTagEdit(f *testing.F) {
	f.Add(`{"tagsToAdd":[{"schemaEntity":{"entityPath":"R.a","entityType":"sr_field"},"tags":["PII"]}],"newVersion":2}`, byte(0))
	f.Add(`{"tagsToRemove":[{"schemaEntity":{"entityPath":"object","entityType":"sr_record"},"tags":["x"]}],"metadata":{"tags":{"a":["b"]}}}`, byte(1))
	f.Add(`{"tagsToAdd":[{"schemaEntity":{"entityPath":".R","entityType":"sr_record"},"tags":["\""]}],"rulesToMerge":{"domainRules":[{"name":"r","type":"CEL"}]},"rulesToRemove":["r"]}`, byte(2))
	f.Fuzz(func(t *testing.T, body string, which byte) {
		h := handler(t, rest.Options{})
		schemas := []string{
			`{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}"}`,
			`{"schemaType":"JSON","schema":"{\"type\":\"object\",\"properties\":{\"a\":{}},\"confluent:tags\":[\"x\"]}"}`,
			`{"schemaType":"PROTOBUF","schema":"message R { optional string a = 1; }"}`,
		}
		if status, answer := do(t, h, http.MethodPost, "/subjects/s/versions", schemas[int(which)%len(schemas)]); status != http.StatusOK {
			t.Fatal(answer)
		}
		status, answer := do(t, h, http.MethodPost, "/subjects/s/versions/latest/tags", body)
		if status >= 500 {
			t.Fatalf("%s: %d %s", body, status, answer)
		}
		if status != http.StatusOK {
			return
		}
		var made, got struct {
			ID, Version int
			Schema      string
			Metadata    struct{ Properties map[string]string }
		}
		if err := json.Unmarshal([]byte(answer), &made); err != nil {
			t.Fatal(err)
		}
		status, answer = do(t, h, http.MethodGet, fmt.Sprintf("/subjects/s/versions/%d?findTags=*", made.Version), "")
		if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK {
			t.Fatalf("%s made version %d: %d %s", body, made.Version, status, answer)
		}
		if got.ID != made.ID || got.Schema != made.Schema || made.Version != 2 || got.Metadata.Properties["confluent:version"] != "2" {
			t.Fatalf("%s made %+v, which is %+v", body, made, got)
		}
	})
}
