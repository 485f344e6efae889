package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/rest"
)

var (
	times      = regexp.MustCompile(`"(ts|createTs|updateTs)":\d{13}`)
	randomUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
)

// steady puts names in the place of times and of random GUIDs; GUIDs of schemas stay.
func steady(s string) string {
	return randomUUID.ReplaceAllString(times.ReplaceAllString(s, `"$1":T`), "GUID")
}

// TestAssociationAnswers has a conversation with one registry: exact bodies.
func TestAssociationAnswers(t *testing.T) {
	h := handler(t, rest.Options{})
	const (
		refused = `{"error_code":42212,"message":"The association specified an invalid value for property: `
		strong  = `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","associations":[{"associationType":"value","schema":{"schema":"\"int\""}}]}`
		weak    = `{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associations":[{"subject":"s","associationType":"key"}]}`
	)
	for _, step := range []struct {
		request, body string
		status        int
		want          string
	}{
		{"GET /associations/subjects/s", "", 200, `[]`},
		{"GET /associations/resources/t-id", "", 200, `[]`},
		{"GET /associations/resources/n/t", "", 200, `[]`},
		{"DELETE /associations/resources/t-id", "", 404, `{"error_code":40410,"message":"Association for 't-id' not found."}`},
		{"POST /associations", "", 422, `{"error_code":422,"message":"createAssociation.request must not be null (was null)"}`},
		{"PUT /associations/resources/t-id", "null", 422, `{"error_code":422,"message":"createOrUpdateAssociation.request must not be null (was null)"}`},
		{"POST /associations", "{}", 422, refused + `'resourceName', detail: cannot be null or empty"}`},
		{"POST /associations", `{"associations":[{"lifecycle":"strong"}]}`, 400, "{\"error_code\":400,\"message\":\"Cannot deserialize value of type `LifecyclePolicy` from String \\\"strong\\\": not one of the values accepted for Enum class: [STRONG, WEAK]\"}"},
		{"POST /associations", weak, 409, `{"error_code":40907,"message":"No active (non-deleted) version exists for subject 's'"}`},
		{"POST /subjects/s/versions", `{"schema":"\"string\""}`, 200, ``},
		{"POST /associations", weak, 200, `{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associations":[{"subject":"s","associationType":"key","lifecycle":"WEAK"}]}`},
		{"GET /associations/subjects/s", "", 200, `[{"subject":"s","guid":"GUID","resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associationType":"key","lifecycle":"WEAK","createTs":T,"updateTs":T}]`},
		{"POST /associations?dryRun=true", strings.Replace(strong, `"resourceId":"t-id",`, "", 1), 200, `{"resourceName":"t","resourceNamespace":"n","resourceType":"topic","associations":[{"subject":":.n:t-value","associationType":"value","lifecycle":"STRONG","schema":{"subject":":.n:t-value","version":1,"id":1,INT,"schemaType":"AVRO","schema":"\"int\""}}]}`},
		{"GET /associations/resources/n/t", "", 200, `[]`},
		{"POST /associations", strong, 200, `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"subject":":.n:t-value","associationType":"value","lifecycle":"STRONG","schema":{"subject":":.n:t-value","version":1,"id":1,INT,"schemaType":"AVRO","schema":"\"int\""}}]}`},
		{"GET /associations/resources/n/t?associationType=value&associationType=key&lifecycle=STRONG", "", 200, `[{"subject":":.n:t-value","guid":"GUID","resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associationType":"value","lifecycle":"STRONG","createTs":T,"updateTs":T}]`},
		{"GET /associations/resources/n/t?associationType=key", "", 200, `[]`},
		{"GET /associations/resources/n/t?lifecycle=WEAK", "", 200, `[]`},
		{"GET /associations/resources/n/t?resourceType=cluster", "", 200, `[]`},
		{"GET /associations/resources/n/t?lifecycle=weak", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"GET /associations/resources/n/t?limit=x", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"PUT /associations/resources/t-id", strong, 200, `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"subject":":.n:t-value","associationType":"value","lifecycle":"STRONG","schema":{"subject":":.n:t-value","version":1,"id":1,INT,"schemaType":"AVRO","schema":"\"int\""}}]}`},
		{"PUT /associations/resources/other", strong, 422, refused + `'resourceId', detail: does not match the path"}`},
		{"PUT /associations/resources/t-id", strings.Replace(strong, `"schema":{"schema":"\"int\""}`, `"lifecycle":"WEAK"`, 1), 409, `{"error_code":40908,"message":"The association of type  'value' is frozen for subject ':.n:t-value'"}`},
		{"DELETE /associations/resources/t-id", "", 409, `{"error_code":40908,"message":"The association of type  'value' is frozen for subject ':.n:t-value'"}`},
		{"DELETE /associations/resources/t-id?resourceType=x", "", 422, refused + `'resourceType', detail: must be 'topic'"}`},
		{"DELETE /associations/resources/t-id?associationType=x", "", 422, refused + `'associationType', detail: must be either 'key' or 'value'"}`},
		{"DELETE /subjects/:.n:t-value", "", 409, `{"error_code":40904,"message":"An association already exists for subject ':.n:t-value'"}`},
		{"DELETE /subjects/:.n:t-value/versions/1", "", 409, `{"error_code":40905,"message":"A strong association already exists for subject ':.n:t-value'"}`},
		{"DELETE /subjects/s/versions/latest", "", 409, `{"error_code":40904,"message":"An association already exists for subject 's'"}`},

		{"GET /schemas?subjectPrefix=:*:&lifecycle=STRONG", "", 200, `[{"subject":":.n:t-value","version":1,"id":1,INT,"schemaType":"AVRO","schema":"\"int\"","ts":T,"deleted":false,"associations":[{"subject":":.n:t-value","guid":"GUID","resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associationType":"value","lifecycle":"STRONG","createTs":T,"updateTs":T}]}]`},
		{"GET /schemas?subjectPrefix=:*:&associationType=value&lifecycle=WEAK", "", 200, `[]`},
		{"GET /schemas?subjectPrefix=:*:&lifecycle=NONE", "", 200, `[]`},
		{"GET /schemas?resourceType=topic&limit=1&offset=1", "", 200, `[]`},
		{"GET /schemas?lifecycle=ANY", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"GET /schemas?subjectPrefix=:.n:", "", 200, `[{"subject":":.n:t-value","version":1,"id":1,INT,"schemaType":"AVRO","schema":"\"int\"","ts":T,"deleted":false}]`},

		{"GET /associations/resources/-/-?limit=1", "", 200, `[{"subject":":.n:t-value","guid":"GUID","resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associationType":"value","lifecycle":"STRONG","createTs":T,"updateTs":T}]`},
		{"GET /associations/resources/-/-?offset=1&limit=0", "", 200, `[{"subject":"s","guid":"GUID","resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associationType":"key","lifecycle":"WEAK","createTs":T,"updateTs":T}]`},
		{"GET /associations/resources/-/u?offset=7", "", 200, `[]`},

		{"POST /associations:batchGet", `{"requests":[{"resourceId":"t-id"},{"resourceName":"u","resourceNamespace":"n","associationTypes":["key"],"lifecycle":"WEAK"},{"resourceId":"none"},{}]}`, 207, `{"results":[` +
			`{"result":{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"subject":":.n:t-value","associationType":"value","lifecycle":"STRONG"}]}},` +
			`{"result":{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associations":[{"subject":"s","associationType":"key","lifecycle":"WEAK"}]}},` +
			`{"result":{"resourceId":"none","resourceType":"topic"}},` +
			`{"error":` + refused + `'resourceName', detail: cannot be null or empty"}}]}`},
		{"POST /associations:batchGet?includeSchemas=true", `{"requests":[{"resourceId":"t-id"}]}`, 207, `{"results":[{"result":{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"subject":":.n:t-value","associationType":"value","lifecycle":"STRONG",` +
			`"schema":{"subject":":.n:t-value","version":1,"id":1,INT,"schemaType":"AVRO","schema":"\"int\"","ts":T,"deleted":false}}]}}]}`},
		{"POST /associations:batchGet", `{}`, 207, `{}`},
		{"POST /associations:batchGet", `{"requests":[null]}`, 400, "{\"error_code\":400,\"message\":\"A list of `AssociationGetRequest` must not hold null\"}"},

		{"POST /associations:batchMutate", `{"requests":[]}`, 207, `{}`},
		{"POST /associations:batchMutate", `{"requests":[{"associations":[{"subject":"s"}]}]}`, 400, `{"error_code":400,"message":"Could not resolve subtype of [simple type, class AssociationOp]: missing type id property 'opType' (for POJO property 'associations')"}`},
		{"POST /associations:batchMutate", `{"requests":[{"associations":[{"opType":"create"}]}]}`, 400, "{\"error_code\":400,\"message\":\"Could not resolve type id 'create' as a subtype of `AssociationOp`: known type ids = [CREATE, DELETE, UPSERT] (for POJO property 'associations')\"}"},
		{"POST /associations:batchMutate", `{"requests":[` +
			`{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","associations":[{"opType":"DELETE","associationType":"value","cascadeLifecycle":true},{"opType":"CREATE","associationType":"value","schema":{"schema":"\"long\""}}]},` +
			`{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","associations":[{"opType":"CREATE","associationType":"value","subject":"s"},{"opType":"UPSERT","associationType":"key","subject":"other"}]},` +
			`{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","associations":[{"opType":"DELETE","associationType":"key"}]},` +
			`{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","associations":[{"opType":"DELETE","associationType":"key"}]}]}`, 207, `{"results":[` +
			`{"result":{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"subject":":.n:t-value","associationType":"value","lifecycle":"STRONG","schema":{"subject":":.n:t-value","version":1,"id":2,LONG,"schemaType":"AVRO","schema":"\"long\""}}]}},` +
			`{"error":` + refused + `'subject', detail: subject of association cannot be changed"}},` +
			`{"result":{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic"}},` +
			`{"error":{"error_code":40410,"message":"Association for 'u-id' not found."}}]}`},
		{"GET /associations/subjects/s", "", 200, `[]`},
		{"DELETE /associations/resources/t-id?cascadeLifecycle=true&dryRun=true", "", 204, ``},
		{"DELETE /associations/resources/t-id?cascadeLifecycle=true", "", 204, ``},
		{"GET /subjects?deleted=true", "", 200, `["s"]`},

		{"POST /contexts/.c/subjects/s/versions", `{"schema":"\"string\""}`, 200, ``},
		{"POST /contexts/.c/associations", weak, 200, `{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associations":[{"subject":":.c:s","associationType":"key","lifecycle":"WEAK"}]}`},
		{"GET /contexts/.c/associations/subjects/s?limit=-1", "", 200, `[{"subject":":.c:s","guid":"GUID","resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associationType":"key","lifecycle":"WEAK","createTs":T,"updateTs":T}]`},
		{"PUT /associations/resources/u-id?context=.c", weak, 200, `{"resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associations":[{"subject":":.c:s","associationType":"key","lifecycle":"WEAK"}]}`},
		{"PUT /associations/resources/u-id?context=a:b", weak, 400, `{"error_code":400,"message":"Context name cannot contain a colon: a:b"}`},
		{"PUT /associations/resources/u-id", weak, 422, refused + `'subject', detail: subject of association cannot be changed"}`},
		{"PUT /config/alias", `{"alias":":.c:s"}`, 200, `{"alias":":.c:s"}`},
		{"GET /associations/subjects/alias?associationType=value", "", 200, `[]`},
		{"GET /associations/subjects/alias", "", 200, `[{"subject":":.c:s","guid":"GUID","resourceName":"u","resourceNamespace":"n","resourceId":"u-id","resourceType":"topic","associationType":"key","lifecycle":"WEAK","createTs":T,"updateTs":T}]`},
		{"PATCH /associations", "", 405, `{"error_code":405,"message":"HTTP 405 Method Not Allowed"}`},
		{"GET /associations/resources", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
	} {
		method, path, _ := strings.Cut(step.request, " ")
		status, got := do(t, h, method, path, step.body)
		want := step.want
		for name, text := range map[string]string{"INT": `"int"`, "LONG": `"long"`} {
			want = strings.ReplaceAll(want, ","+name+",", fmt.Sprintf(`,"guid":"%s",`, (&registry.Content{Text: text}).GUID()))
		}
		if got = steady(got); status != step.status || got != want && step.want != "" {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", step.request, step.body, status, got, step.status, want)
		}
	}
}

// FuzzAssociations has whatever bytes for bodies: no answer is a fault of the server, each is JSON, and what was taken in comes
// back after replay.
func FuzzAssociations(f *testing.F) {
	paths := []string{"POST /associations", "PUT /associations/resources/t-id", "POST /associations:batchMutate", "POST /associations:batchGet?includeSchemas=true"}
	for i, body := range []string{
		`{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"subject":"s","associationType":"key","lifecycle":"WEAK","frozen":false,"normalize":true},{"schema":{"schema":"\"int\""}}]}`,
		`{"resourceName":"t","resourceNamespace":"n","associations":[{"associationType":"value","lifecycle":"STRONG","frozen":"true","schema":{"schemaType":"JSON","schema":"{}","references":[{"name":"a","subject":"s","version":-1}]}}]}`,
		`{"requests":[{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","associations":[{"opType":"UPSERT","subject":"s"},{"opType":"DELETE","cascadeLifecycle":1},{"opType":"CREATE","schema":{"schema":"\"long\""}}]}]}`,
		`{"requests":[{"resourceId":"t-id","associationTypes":["key"],"lifecycle":"WEAK"},{"resourceName":"-","resourceNamespace":"-"},{}]}`,
		`{"requests":[null]}`, `{"associations":{}}`, `{"associations":[[]],"requests":[5]}`, `{"resourceName":[],"requests":[{"associations":[{"opType":7}]}]}`,
	} {
		f.Add(uint8(i), body)
	}
	f.Fuzz(func(t *testing.T, at uint8, body string) {
		l := memlog.New()
		open := func() *registry.Registry {
			reg, err := registry.Open(t.Context(), l, registry.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return reg
		}
		reg := open()
		defer reg.Close()
		h := rest.Handler(reg, rest.Options{})
		do(t, h, "POST", "/subjects/s/versions", schemaBody(`"string"`))
		for i := range paths {
			method, path, _ := strings.Cut(paths[(int(at)+i)%len(paths)], " ")
			status, answer := do(t, h, method, path, body)
			if status >= http.StatusInternalServerError || !json.Valid([]byte(answer)) || strings.Contains(answer, `"error_code":5`) {
				t.Errorf("%s: %d %s", path, status, answer)
			}
		}
		const everything = "/associations/resources/-/-"
		_, want := do(t, h, "GET", everything, "")
		again := open()
		defer again.Close()
		if _, got := do(t, rest.Handler(again, rest.Options{}), "GET", everything, ""); got != want {
			t.Errorf("after replay %s, before %s", got, want)
		}
	})
}

// TestAssociationsOfClients asks as Confluent's AssociatedNameStrategy does: for a topic by its name in a cluster, or in any.
func TestAssociationsOfClients(t *testing.T) {
	s := registrytest.NewServer(t)
	addr := s.Listener.Addr().String()
	ask := func(method, path, body string) (int, string) {
		headers := map[string]string{"Accept": v1 + ", application/json", "Content-Type": "application/json"}
		resp, data := send(t, addr, method, path, headers, []byte(body))
		if got := resp.Header.Get("Content-Type"); got != v1 && resp.StatusCode != http.StatusNoContent {
			t.Errorf("%s %s: content type %q", method, path, got)
		}
		return resp.StatusCode, string(data)
	}
	ask("POST", "/subjects/orders/versions", schemaBody(`"int"`))
	ask("POST", "/associations", `{"resourceName":"shop_orders","resourceNamespace":"MkU3OEVBNTcwNTJENDM2Qg","resourceId":"id1","associations":[{"subject":"orders","associationType":"value"}]}`)
	for _, ns := range []string{"-", "MkU3OEVBNTcwNTJENDM2Qg"} {
		status, body := ask("GET", "/associations/resources/"+ns+"/shop_orders?resourceType=topic&associationType=value&offset=0&limit=-1", "")
		var got []struct{ Subject string }
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || len(got) != 1 || got[0].Subject != "orders" {
			t.Errorf("in %s: %d %s", ns, status, body)
		}
	}
	if status, body := ask("DELETE", "/associations/resources/id1?resourceType=topic&associationType=value&associationType=key&cascadeLifecycle=false", ""); status != http.StatusNoContent || body != "" {
		t.Errorf("deleting: %d %s", status, body)
	}
	paths := []string{"/subjects/orders", "/subjects/orders?permanent=true"}
	if !slices.ContainsFunc(paths, func(p string) bool { status, _ := ask("DELETE", p, ""); return status != http.StatusOK }) {
		return
	}
	t.Error("the subject cannot be deleted after its association")
}
