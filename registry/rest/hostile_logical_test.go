package rest_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/rest"
)

// filled repeats a format, whose argument is the number of the repetition, from 1 on, until it has a size in bytes. A comma at the end
// is left out.
func filled(size int, format string) string {
	var b strings.Builder
	for i := 1; b.Len() < size; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// hostileSchema is a schema whose logical types, or whose comparison, cost more than its length where nobody takes care.
type hostileSchema struct {
	typ, text string
	status    int    // of GET ?format=logical
	want      string // in its answer
}

func hostileSchemas(n int) map[string]hostileSchema {
	half, long := n/2, strings.Repeat("x", n/2)
	record := func(fields string) string { return `{"type":"record","name":"R","fields":[` + fields + `]}` }
	shared := func(member string) string { // an object that each of many objects takes in
		return `{"type":"object","$defs":{"A":{"type":"object","properties":{` + member + `}}},"properties":{` +
			filled(half, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`) + `}}`
	}
	hops := `{"anyOf":[` + filled(half/2, `{"$ref":"#/$defs/H1","title":"t%d"},`) + `],"$defs":{` +
		filled(6000, `"H%[1]d":{"$ref":"#/$defs/G%[1]d"},`) + filled(6000, `,"G%[1]d":{"anyOf":[{"$ref":"#/$defs/H1"},{"type":"object"}]}`) + `}}`
	const proto, meta = "syntax = \"proto3\";\n", "import \"confluent/meta.proto\";\n"
	return map[string]hostileSchema{
		"a mark of a type": {"AVRO", record(`{"name":"a","type":{"type":"record","name":"X","logical.anonymous":"` + long + `","fields":[]}},` +
			filled(half, `{"name":"f%d","type":"X"},`)), 200, "STRUCT"},
		"a mark of elements": {"AVRO", record(`{"name":"a","type":{"type":"record","name":"X","connect.internal.type":"` + long + `","fields":[]}},` +
			filled(half, `{"name":"f%d","type":{"type":"array","items":"X"}},`)), 200, "STRUCT"},
		"a name that is repeated": {"AVRO", record(`{"name":"a","type":{"type":"record","name":"X","logical.anonymous":"true","fields":[{"name":"` + long +
			`","type":"int"}]}},` + filled(half, `{"name":"f%d","type":"X"},`)), 422, "too often"},
		"records that double": {"AVRO", record(`{"name":"z","type":` + strings.Repeat(`{"type":"record","name":"X","logical.anonymous":"true","fields":[{"name":"a","type":`, 1) +
			`"int"}]}}` + filled(half, `,{"name":"f%[1]d","type":{"type":"record","name":"D%[1]d","logical.anonymous":"true","fields":[{"name":"a","type":"X"},{"name":"b","type":"X"}]}}`)), 200, "STRUCT"},
		"a text that is repeated":  {"JSON", shared(`"p":{"type":"string","description":"` + long + `"}`), 422, "too large"},
		"a list that is repeated":  {"JSON", shared(`"p":{"enum":[` + filled(half, `"v%d",`) + `]}`), 422, "too large"},
		"rules that are repeated":  {"JSON", shared(`"p":{"type":"string","confluent:rules":[` + filled(half, `{"expr":"v%d","sql":"x"},`) + `]}`), 422, "too large"},
		"fields that are repeated": {"JSON", shared(filled(half, `"p%d":{"type":"string"},`)), 422, "too large"},
		"references that lead far": {"JSON", hops, 422, ""},
		"a comment that is repeated": {"PROTOBUF", proto + meta + "message R { message X { int32 y = 1 [(confluent.field_meta).doc = \"" + long + "\"]; }" +
			filled(half, "X f%[1]d = %[1]d;\n") + "}", 422, "longer than"},
		"symbols that are repeated": {"PROTOBUF", proto + "message R { enum X { A = 0;" + filled(half, "A%[1]d = %[1]d;\n") + "}" + filled(half, "X f%[1]d = %[1]d;\n") + "}", 422, "more than"},
		"a package in every name":   {"PROTOBUF", proto + "package " + strings.Repeat("p", 4000) + ";\n" + filled(n, "message M%d {}\n"), 422, "names"},
		"groups of oneofs":          {"PROTOBUF", "syntax = \"proto2\";\nmessage M {" + filled(n, "oneof o%[1]d { group G%[1]d = %[1]d { } }\n") + "}", 200, "STRUCT"},
	}
}

// most is how long an answer may take on a machine that does other things too. What the schemas of these tests cost where nobody takes
// care is minutes or gigabytes.
const most = 20 * time.Second

// bounded asks, and fails where the answer takes too long or more than some memory.
func bounded(t *testing.T, h http.Handler, method, path, body string, allocated uint64) (int, string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	status, answer := do(t, h, method, path, body)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if took > most {
		t.Errorf("%s %s took %v", method, path, took)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > allocated {
		t.Errorf("%s %s allocated %d MB", method, path, n>>20)
	}
	if status >= http.StatusInternalServerError || len(answer) > 64<<20 {
		t.Errorf("%s %s: %d, %d bytes, %.300s", method, path, status, len(answer), answer)
	}
	return status, answer
}

// TestHostileLogical shows, compares and converts back schemas that are a power of their text.
func TestHostileLogical(t *testing.T) {
	const size, memory = 1 << 19, 2 << 30
	for name, c := range hostileSchemas(size) {
		t.Run(name, func(t *testing.T) {
			h := handler(t, rest.Options{})
			answered(t, h, 200, "POST /subjects/s/versions", registration(t, c.typ, c.text, ""))
			status, answer := bounded(t, h, "GET", "/subjects/s/versions/1?format=logical", "", memory)
			if status != c.status || !strings.Contains(answer, c.want) {
				t.Errorf("%d %.300s, want %d %s", status, answer, c.status, c.want)
			}
			answered(t, h, 200, "PUT /config/s", `{"compatibilityPolicy":"LOGICAL","compatibility":"FULL"}`)
			again := registration(t, c.typ, c.text, `,"metadata":{"properties":{"a":"b"}}`)
			bounded(t, h, "POST", "/compatibility/subjects/s/versions/latest?verbose=true", again, 2*memory)
			bounded(t, h, "POST", "/subjects/s/versions", again, 2*memory)
		})
	}
}

// TestHostileScripts registers, looks up and compares scripts that might cost more than their length, in each language.
func TestHostileScripts(t *testing.T) {
	const size = 1 << 16
	deep := strings.Repeat("ARRAY<", 250) + "INT" + strings.Repeat(">", 250)
	scripts := map[string]string{
		"properties":        "STRUCT A (x INT WITH(" + filled(size, "'k%d' = 'v',") + "))",
		"properties of one": "STRUCT A (x INT) WITH(" + filled(size, "'k%d' = 'v',") + ")",
		"fields":            "STRUCT A (" + filled(size, "f%d INT,") + ")",
		"types":             "STRUCT A (" + filled(size/2, "f%[1]d B%[1]d,") + ");" + filled(size/2, "STRUCT B%d (x INT);"),
		"nested types":      "STRUCT A (x INT);" + filled(size, "STRUCT A.B%d (x INT);"),
		"deep types":        "STRUCT A (" + filled(size, "f%d "+deep+",") + ")",
		"unions":            "STRUCT A (" + filled(size, "f%[1]d UNION<a%[1]d INT, b STRING, c UNION<d INT, e STRING>>,") + ")",
		"a wide union":      "TYPE UNION<" + filled(size, "a%[1]d STRUCT<x%[1]d INT>,") + ">",
		"enums":             "ENUM E (" + filled(size, "'S%d',") + ")",
		"a namespace":       "NAMESPACE n" + strings.Repeat("s", size/2) + ";" + filled(size/2, "STRUCT B%d (x INT);"),
		"checks":            "STRUCT A (" + filled(size/8, "f%[1]d STRING CHECK (f%[1]d LIKE 'a%%b%%c' OR f%[1]d IN ('a','b')),") + ")",
		"a long check":      "STRUCT A (x INT CHECK (" + filled(size, "x = %d OR ") + "x = 0))",
		"a deep check":      "STRUCT A (x INT CHECK (" + strings.Repeat("CASE WHEN x > 0 THEN ", size/40) + "TRUE" + strings.Repeat(" ELSE FALSE END", size/40) + "))",
		"patterns":          "STRUCT A (" + filled(size/8, "f%[1]d STRING CHECK (MATCHES(f%[1]d, '((a{1,900}){1,900}){1,900}')),") + ")",
		"numbers":           "STRUCT A (x DECIMAL(38, 10) DEFAULT " + strings.Repeat("9", size) + ")",
		"an exponent":       "STRUCT A (x DOUBLE DEFAULT 1e999999999, y DECIMAL(38, 2) DEFAULT 1e999999999)",
		"references":        "STRUCT A (" + filled(size, "f%[1]d n.T%[1]d,") + ")",
		"comments":          strings.Repeat("/* */", size/5) + "STRUCT A (x INT)",
		"no end":            "STRUCT A (x INT CHECK (" + strings.Repeat("(", size),
	}
	for name, text := range scripts {
		for _, typ := range []string{"AVRO", "JSON", "PROTOBUF"} {
			t.Run(name+"/"+typ, func(t *testing.T) {
				h := handler(t, rest.Options{})
				answered(t, h, 200, "PUT /config/s", `{"compatibilityPolicy":"LOGICAL"}`)
				body := registration(t, typ, text, "")
				for _, path := range []string{"/subjects/s/versions?format=logical", "/subjects/s", "/compatibility/subjects/s/versions?verbose=true"} {
					if status, answer := bounded(t, h, "POST", path, body, 4<<30); status != 200 && status != 422 && status != 409 && status != 404 {
						t.Errorf("%s: %d %.300s", path, status, answer)
					}
				}
			})
		}
	}
}

// TestLogicalInParallel registers, looks up and shows the same schemas from many sides at once. Parsed schemas are shared: whoever
// converts one must leave it as it is, which the race detector sees.
func TestLogicalInParallel(t *testing.T) {
	for _, typ := range []string{"AVRO", "JSON", "PROTOBUF"} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			h := handler(t, rest.Options{})
			answered(t, h, 200, "PUT /config", `{"compatibilityPolicy":"LOGICAL","compatibility":"BACKWARD"}`)
			const base = "NAMESPACE n; STRUCT Money (amount DECIMAL(10, 2) NOT NULL DEFAULT 1.50, kind STRING CHECK (kind <> 'x'))"
			answered(t, h, 200, "POST /subjects/money/versions", registration(t, typ, base, ""))
			name := map[string]string{"AVRO": "n.Money", "JSON": "money.json", "PROTOBUF": "money.proto"}[typ]
			refs := fmt.Sprintf(`,"references":[{"name":%q,"subject":"money","version":1}]`, name)
			script := func(i int) string {
				return registration(t, typ, fmt.Sprintf("NAMESPACE n; STRUCT T%d (id BIGINT NOT NULL, at TIMESTAMP(3), u UNION<a INT, b STRING>, m Money, l ARRAY<STRING NOT NULL> NOT NULL)", i), refs)
			}
			if typ == "JSON" { // whose references are to places
				refs = ""
				script = func(i int) string {
					return registration(t, typ, fmt.Sprintf("STRUCT T%d (id BIGINT NOT NULL, at TIMESTAMP(3), u UNION<a INT, b STRING>, l ARRAY<STRING NOT NULL> NOT NULL)", i), "")
				}
			}
			answered(t, h, 200, "POST /subjects/s0/versions", script(0))
			var wg sync.WaitGroup
			for worker := range 8 {
				wg.Go(func() {
					for i := range 6 {
						n := (worker + i) % 3
						for _, request := range []string{
							fmt.Sprintf("POST /subjects/s%d/versions?format=logical", n), fmt.Sprintf("POST /subjects/s%d?format=logical", n),
							fmt.Sprintf("POST /compatibility/subjects/s%d/versions?verbose=true", n), "GET /subjects/s0/versions/1?format=logical", "GET /schemas/ids/1?format=logical",
						} {
							method, path, _ := strings.Cut(request, " ")
							body := ""
							if method == "POST" {
								body = script(n)
							}
							if status, answer := do(t, h, method, path, body); status != 200 {
								t.Errorf("%s: %d %s", request, status, answer)
							}
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
