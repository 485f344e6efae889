package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/rest"
)

const order = `NAMESPACE com.shop;
STRUCT Order (
  id BIGINT NOT NULL,
  price DECIMAL(10, 2) COMMENT 'net',
  at TIMESTAMP_LTZ(3) NOT NULL,
  items ARRAY<STRING NOT NULL> NOT NULL
);
`

// registration is a body that registers, looks up or checks a text.
func registration(t testing.TB, typ, text string, more string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	b := `{"schema":` + string(quoted)
	if typ != "" {
		b += `,"schemaType":"` + typ + `"`
	}
	return b + more + "}"
}

func answered(t *testing.T, h http.Handler, want int, request, body string) (out struct {
	Schema, Message string
	Version         int
	Code            int  `json:"error_code"`
	Compatible      bool `json:"is_compatible"`
	Messages        []string
	Metadata        struct{ Properties map[string]string }
}) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	status, answer := do(t, h, method, path, body)
	if status != want {
		t.Fatalf("%s: status %d, want %d: %s", request, status, want, answer)
	}
	if err := json.Unmarshal([]byte(answer), &out); err != nil {
		t.Fatalf("%s: %v: %s", request, err, answer)
	}
	return out
}

// TestLogicalFormat registers DDL in each language, where it is stored as a schema of that language, and shows it as DDL again.
func TestLogicalFormat(t *testing.T) {
	for _, typ := range []schema.Type{schema.Avro, schema.JSON, schema.Protobuf} {
		t.Run(string(typ), func(t *testing.T) {
			h := handler(t, rest.Options{})
			body := registration(t, string(typ), order, "")
			stored := answered(t, h, 200, "POST /subjects/orders-value/versions", body)
			if stored.Version != 1 || !strings.Contains(stored.Schema, "Order") || strings.Contains(stored.Schema, "STRUCT") {
				t.Fatalf("stored as %+v", stored)
			}
			if got := answered(t, h, 200, "GET /subjects/orders-value/versions/1", ""); got.Schema != stored.Schema || got.Metadata.Properties["confluent:edition"] == "" {
				t.Errorf("it is %+v", got)
			}
			for _, request := range []string{"GET /subjects/orders-value/versions/latest?format=logical", "GET /schemas/ids/1?format=LOGICAL", "POST /subjects/orders-value?format=logical"} {
				post := ""
				if strings.HasPrefix(request, "POST") {
					post = body
				}
				if got := answered(t, h, 200, request, post); got.Schema != order {
					t.Errorf("%s:\n%s", request, got.Schema)
				}
			}
			if status, text := do(t, h, "GET", "/subjects/orders-value/versions/1/schema?format=logical", ""); status != 200 || text != order {
				t.Errorf("its text: %d %s", status, text)
			}
			if got := answered(t, h, 200, "POST /subjects/orders-value/versions?format=logical", body); got.Version != 1 || got.Schema != order {
				t.Errorf("registered again: %+v", got)
			}
			if got := answered(t, h, 200, "POST /subjects/orders-value/versions", registration(t, string(typ), stored.Schema, "")); got.Version != 1 {
				t.Errorf("the stored text is another version: %+v", got)
			}
			added := strings.Replace(order, "NOT NULL\n)", "NOT NULL,\n  note STRING DEFAULT NULL\n)", 1)
			if got := answered(t, h, 200, "POST /compatibility/subjects/orders-value/versions/latest?verbose=true", registration(t, string(typ), added, "")); !got.Compatible {
				t.Errorf("a nullable field: %+v", got)
			}
			wrong := registration(t, string(typ), "STRUCT Order (id NOPE)", "")
			if got := answered(t, h, 422, "POST /subjects/orders-value/versions", wrong); got.Code != 42201 || !strings.HasSuffix(got.Message, "details: Invalid logical type schema: Unknown named type reference: NOPE") &&
				!strings.Contains(got.Message, "NOPE") {
				t.Errorf("an unknown type: %+v", got)
			}
			if got := answered(t, h, 200, "POST /compatibility/subjects/orders-value/versions/latest?verbose=true", wrong); got.Compatible || len(got.Messages) != 1 || !strings.Contains(got.Messages[0], "NOPE") {
				t.Errorf("compatibility of an unknown type: %+v", got)
			}
		})
	}
}

// TestLogicalIsNative holds that what a language reads is never taken for DDL, and that what is neither is told in the language's words.
func TestLogicalIsNative(t *testing.T) {
	h := handler(t, rest.Options{})
	native := "// a comment first\nenum State {\n  NEW = 0;\n}\n"
	got := answered(t, h, 200, "POST /subjects/p/versions", registration(t, "PROTOBUF", native, ""))
	if !strings.Contains(got.Schema, "NEW = 0;") {
		t.Errorf("stored as %s", got.Schema)
	}
	if got := answered(t, h, 422, "POST /subjects/a/versions", registration(t, "AVRO", "STRUCT Order (id INT", "")); !strings.Contains(got.Message, "Unrecognized token 'STRUCT'") {
		t.Errorf("neither: %s", got.Message)
	}
	if got := answered(t, h, 422, "POST /subjects/a/versions?format=logical", registration(t, "", "STRUCT Order (id INT)", "")); got.Code != 42201 || !strings.Contains(got.Message, "schemaType is required") {
		t.Errorf("no type: %+v", got)
	}
	if got := answered(t, h, 200, "POST /subjects/a/versions", registration(t, "", "STRUCT Order (id INT)", "")); !strings.Contains(got.Schema, `"type":"record"`) {
		t.Errorf("no type and no format is Avro: %+v", got)
	}
	if got := answered(t, h, 200, "POST /subjects/b/versions?format=logical", registration(t, "", `"string"`, "")); got.Schema != "TYPE STRING NOT NULL;\n" && !strings.Contains(got.Schema, "STRING NOT NULL") {
		t.Errorf("a native schema shown as DDL: %q", got.Schema)
	}
}

// TestLogicalName holds that a script that leaves its root without a name has it named after the subject.
func TestLogicalName(t *testing.T) {
	h := handler(t, rest.Options{})
	got := answered(t, h, 200, "POST /subjects/9.orders-value/versions", registration(t, "AVRO", "TYPE STRUCT<id INT>", ""))
	if !strings.Contains(got.Schema, `"name":"Envelope9_orders_value"`) {
		t.Errorf("stored as %s", got.Schema)
	}
}

// TestLogicalReferences holds that a script uses types of the schemas that its registration refers to.
func TestLogicalReferences(t *testing.T) {
	for typ, reference := range map[string]string{"AVRO": "com.shop.Customer", "PROTOBUF": "customer.proto"} {
		t.Run(typ, func(t *testing.T) {
			h := handler(t, rest.Options{})
			answered(t, h, 200, "POST /subjects/customers/versions", registration(t, typ, "NAMESPACE com.shop;\nSTRUCT Customer (name STRING NOT NULL)", ""))
			refs := fmt.Sprintf(`,"references":[{"name":%q,"subject":"customers","version":1}]`, reference)
			script := "NAMESPACE com.shop;\nSTRUCT Order (id BIGINT NOT NULL, buyer Customer NOT NULL)"
			got := answered(t, h, 200, "POST /subjects/orders/versions", registration(t, typ, script, refs))
			if strings.Contains(got.Schema, "name\":\"Customer") || !strings.Contains(got.Schema, "Customer") {
				t.Errorf("stored as %s", got.Schema)
			}
			shown := answered(t, h, 200, "GET /subjects/orders/versions/1?format=logical", "").Schema
			if !strings.Contains(shown, "Customer") || strings.Contains(shown, "STRUCT Customer") {
				t.Errorf("shown as\n%s", shown)
			}
			if got := answered(t, h, 422, "POST /subjects/orders/versions", registration(t, typ, script, "")); got.Code != 42201 {
				t.Errorf("without the reference: %+v", got)
			}
		})
	}
}

// TestLogicalPolicy registers under the policy LOGICAL what the language takes and Flink or Iceberg do not.
func TestLogicalPolicy(t *testing.T) {
	record := func(fields string) string {
		return registration(t, "AVRO", `{"type":"record","name":"R","fields":[`+fields+`]}`, "")
	}
	const a, b = `{"name":"a","type":"int"}`, `{"name":"b","type":["null","int"],"default":null}`
	h := handler(t, rest.Options{})
	answered(t, h, 200, "PUT /config/s", `{"compatibilityPolicy":"LOGICAL"}`)
	answered(t, h, 200, "POST /subjects/s/versions", record(a+","+b))
	for _, c := range []struct{ name, fields, rule string }{
		{"a nullable field is new", a + "," + b + `,{"name":"c","type":["null","string"],"default":null}`, ""},
		{"a field is gone", a, "FIELD_DELETED"},
		{"an int is a long", `{"name":"a","type":"long"},` + b, ""},
		{"an int is a double", `{"name":"a","type":"double"},` + b, "UNSUPPORTED_TYPE_CHANGE"},
		{"a required field with a default is new", a + "," + b + `,{"name":"c","type":"string","default":""}`, "REQUIRED_FIELD_ADDED"},
		{"no value may be absent any more", a + `,{"name":"b","type":"int","default":0}`, "NULLABLE_TO_NON_NULLABLE"},
		{"names that differ in case", a + "," + b + `,{"name":"A","type":["null","int"],"default":null}`, "FIELD_NAME_CASE_COLLISION"},
	} {
		got := answered(t, h, 200, "POST /compatibility/subjects/s/versions/latest?verbose=true", record(c.fields))
		if all := strings.Join(got.Messages, "\n"); got.Compatible != (c.rule == "") || !strings.Contains(all, c.rule) {
			t.Errorf("%s: compatible %t, want %q in\n%s", c.name, got.Compatible, c.rule, all)
		}
	}
	refused := answered(t, h, 409, "POST /subjects/s/versions", record(a))
	if refused.Code != 40901 || !strings.Contains(refused.Message, `{errorType:"FIELD_DELETED", category:"ICEBERG_V2", description:"`) || !strings.Contains(refused.Message, "{oldSchemaVersion: 1}") {
		t.Errorf("refused with %+v", refused)
	}
	// What is wrong by itself is refused before there is anything to compare with, and only where the policy says so.
	recursive := registration(t, "AVRO", `{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}`, "")
	answered(t, h, 200, "POST /subjects/free/versions", recursive)
	answered(t, h, 200, "PUT /config/first", `{"compatibilityPolicy":"LOGICAL"}`)
	if got := answered(t, h, 409, "POST /subjects/first/versions", recursive); !strings.Contains(got.Message, "CYCLIC_TYPE") {
		t.Errorf("the first: %+v", got)
	}
	// A version without logical types, from before the policy, does not keep others from coming.
	answered(t, h, 200, "POST /subjects/old/versions", registration(t, "AVRO", `"null"`, ""))
	answered(t, h, 200, "PUT /config/old", `{"compatibilityPolicy":"LOGICAL","compatibility":"FORWARD"}`)
	if got := answered(t, h, 409, "POST /subjects/old/versions", registration(t, "AVRO", `"null"`, `,"metadata":{"properties":{"k":"v"}}`)); !strings.Contains(got.Message, "NO_LOGICAL_TYPE") {
		t.Errorf("no logical type: %+v", got)
	}
	answered(t, h, 200, "PUT /config/old", `{"compatibility":"NONE"}`)
	answered(t, h, 200, "POST /subjects/old/versions", recursive)
}
