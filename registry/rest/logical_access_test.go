package rest_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/rest"
)

// TestLogicalShowsNothingHidden asks for DDL, and for the policy's reasons, as one who may write some subjects and not read what their
// schemas refer to. What is hidden has the field SECRET.
func TestLogicalShowsNothingHidden(t *testing.T) {
	g := guard(t, "grants:\n"+rootGrant+`
  - {who: user:alice, may: [read, write, config-read], subjects: "orders*"}
  - {who: user:bob, may: [register, compatibility], subjects: "*"}
  - {who: user:bob, may: [associations, register], context: .n, subjects: "*"}
`, rest.Options{}, "root", "alice", "bob")
	g.register(t, "vault", `{"type":"record","name":"Hidden","fields":[{"name":"SECRET","type":"int"}]}`)
	hidden := `,"references":[{"name":"Hidden","subject":"vault","version":1}]`
	g.register(t, "orders-plain", `{"type":"record","name":"Outer","fields":[{"name":"a","type":"int"}]}`)
	g.register(t, "orders-outer", `{"type":"record","name":"Outer","fields":[{"name":"h","type":"Hidden"}]}`, hidden)
	g.register(t, "orders-versions", `{"type":"record","name":"Outer","fields":[{"name":"a","type":"int"}]}`)
	g.must(t, "PUT", "/config", `{"compatibilityPolicy":"LOGICAL","compatibility":"NONE"}`)
	g.register(t, "orders-versions", `{"type":"record","name":"Outer","fields":[{"name":"h","type":"Hidden"}]}`, hidden)
	g.must(t, "PUT", "/config", `{"compatibilityPolicy":"LOGICAL","compatibility":"BACKWARD"}`)

	avro := func(text, refs string) string { return registration(t, "AVRO", text, refs) }
	other := avro(`{"type":"record","name":"Outer","fields":[{"name":"h","type":{"type":"record","name":"Hidden","fields":[]}}]}`, "")
	through := `,"references":[{"name":"Outer","subject":"orders-outer","version":1}]`
	twice := `,"references":[{"name":"Outer","subject":"orders-versions","version":1},{"name":"Outer2","subject":"orders-versions","version":2}]`
	ddl := "STRUCT Order (id BIGINT NOT NULL, h Hidden)"
	topic := func(schema string) string {
		return `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"associationType":"value","lifecycle":"STRONG","schema":` + schema + `}]}`
	}
	for _, c := range []struct {
		who, method, path, body string
		status                  int
	}{
		{"alice", "GET", "/subjects/orders-outer/versions/1?format=logical", "", 403},
		{"alice", "GET", "/subjects/orders-outer/versions/1/schema?format=LOGICAL", "", 403},
		{"alice", "GET", "/schemas/ids/3?format=logical", "", 403},
		{"alice", "POST", "/subjects/orders-new/versions", avro(ddl, hidden), 403},
		{"alice", "POST", "/subjects/orders-new", avro(ddl, hidden), 403},
		{"alice", "POST", "/compatibility/subjects/orders-new/versions?verbose=true", avro(ddl, hidden), 403},
		{"alice", "POST", "/subjects/orders-new/versions?format=logical", avro("STRUCT Order (id BIGINT NOT NULL, o Outer)", through), 403},
		{"alice", "POST", "/subjects/orders-new/versions?format=logical", avro("STRUCT Order (id BIGINT NOT NULL, o Outer)", twice), 403},
		{"alice", "POST", "/compatibility/subjects/orders-outer/versions/latest?verbose=true", other, 200},
		{"alice", "POST", "/subjects/orders-outer/versions", other, 409},
		{"alice", "POST", "/compatibility/subjects/orders-plain/versions/latest?verbose=true",
			avro(`{"type":"record","name":"R","fields":[{"name":"o","type":"Outer"}]}`, through), 200},
		{"bob", "POST", "/compatibility/subjects/orders-plain/versions/latest?verbose=true", other, 200},
		{"bob", "POST", "/subjects/orders-plain/versions", other, 409},
		{"bob", "POST", "/associations", topic(avro(ddl, `,"references":[{"name":"Hidden","subject":":.:vault","version":1}]`)), 403},
		{"bob", "POST", "/associations", topic(avro(ddl, `,"references":[{"name":"Hidden","subject":":.:vault","version":7}]`)), 403},
	} {
		status, answer := g.ask(t, c.who, c.method, c.path, c.body)
		if status != c.status || strings.Contains(answer, "SECRET") {
			t.Errorf("%s %s %s: %d, want %d: %s", c.who, c.method, c.path, status, c.status, answer)
		}
		if strings.Contains(answer, "errorType") {
			t.Errorf("%s %s %s tells why: %s", c.who, c.method, c.path, answer)
		}
	}
	// What she may read she is told.
	if status, answer := g.ask(t, "alice", "POST", "/compatibility/subjects/orders-plain/versions/latest?verbose=true", avro("STRUCT Outer (b INT NOT NULL)", "")); status != 200 || !strings.Contains(answer, "FIELD_DELETED") {
		t.Errorf("%d %s", status, answer)
	}
}

// TestLogicalForwarded sends DDL to a node that does not lead: it is forwarded as it came and answered the same, and what is known is
// answered by DDL without the leader.
func TestLogicalForwarded(t *testing.T) {
	leader, follower, seen := pair(t)
	body := registration(t, "AVRO", order, "")
	status, answer := ask(t, "POST", follower.URL+"/subjects/s/versions?format=logical&normalize=true", body, "Content-Type", "application/json")
	wantAnswer(t, status, answer, 200, `STRUCT Order`)
	if len(*seen) != 1 || (*seen)[0].RequestURI != "/subjects/s/versions?format=logical&normalize=true" {
		t.Fatalf("forwarded: %v", *seen)
	}
	_, direct := ask(t, "POST", leader.URL+"/subjects/s/versions?format=logical&normalize=true", body, "Content-Type", "application/json")
	if direct != answer {
		t.Errorf("the leader says\n%s\nnot\n%s", direct, answer)
	}
	*seen = nil
	for _, path := range []string{"/subjects/s/versions?format=logical", "/subjects/s?format=logical", "/compatibility/subjects/s/versions/latest"} {
		if status, answer := ask(t, "POST", follower.URL+path, body, "Content-Type", "application/json"); status != 200 || len(*seen) > 0 {
			t.Errorf("%s: %d %s, forwarded: %d", path, status, answer, len(*seen))
		}
	}
	status, refused := ask(t, "POST", follower.URL+"/subjects/s/versions", registration(t, "AVRO", "STRUCT Order (x NOPE)", ""), "Content-Type", "application/json")
	wantAnswer(t, status, refused, 422, "NOPE")
}
