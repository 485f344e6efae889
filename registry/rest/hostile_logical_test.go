package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/rest"
)

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// filled repeats a format, of which %[1]d is the number of the repetition, to a size in bytes.
func filled(size int, format string) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

type spent struct {
	status int
	answer string
	cpu    time.Duration
	alloc  uint64
}

func spend(t *testing.T, h http.Handler, method, path, body string) spent {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	c := cpu()
	status, answer := do(t, h, method, path, body)
	c = cpu() - c
	runtime.ReadMemStats(&b)
	return spent{status, answer, c, b.TotalAlloc - a.TotalAlloc}
}

func report(t *testing.T, name, what string, size int, s spent) {
	bad := ""
	if s.cpu > 2*time.Second {
		bad += " SLOW"
	}
	if s.alloc > uint64(50*size)+100<<20 {
		bad += " MEM"
	}
	fmt.Printf("%-34s %-9s %8.3f MB %7.2fs %9.1f MB alloc, %d, %9.3f MB answer%s %.100s\n", name, what, float64(size)/1e6, s.cpu.Seconds(), float64(s.alloc)/1e6, s.status, float64(len(s.answer))/1e6, bad, s.answer)
}

func avroHostile(n int) map[string]string {
	rec := func(fields string) string {
		return `{"type":"record","name":"R","fields":[` + strings.TrimSuffix(fields, ",") + `]}`
	}
	long := strings.Repeat("x", n/2)
	doubling := func(levels int, mark string) string {
		s := `"int"`
		for i := range levels {
			ref := s
			name := fmt.Sprintf("A%d", i)
			_ = ref
			s = fmt.Sprintf(`{"type":"record","name":"%s"%s,"fields":[{"name":"a","type":%s},{"name":"b","type":%s}]}`, name, mark, s, map[bool]string{true: `"int"`, false: fmt.Sprintf(`"A%d"`, i-1)}[i == 0])
		}
		return s
	}
	return map[string]string{
		"long anonymous mark":    rec(`{"name":"a","type":{"type":"record","name":"X","logical.anonymous":"` + long + `","fields":[]}},` + filled(n/2, `{"name":"f%d","type":"X"},`)),
		"long anonymous mark2":   rec(`{"name":"a","type":{"type":"record","name":"X","logical.anonymous":"` + long + `","fields":[]}},` + filled(n/2, `{"name":"f%d","type":"X"},`)),
		"long entry mark":        rec(`{"name":"a","type":{"type":"record","name":"X","connect.internal.type":"` + long + `","fields":[]}},` + filled(n/2, `{"name":"f%d","type":{"type":"array","items":"X"}},`)),
		"long namespace":         rec(`{"name":"a","type":{"type":"record","name":"X","namespace":"n` + long + `","fields":[{"name":"i","type":"int"},` + strings.TrimSuffix(filled(n/2, `{"name":"f%d","type":"X"},`), ",") + `]}}`),
		"long namespace types":   `{"type":"record","name":"R","namespace":"n` + long + `","fields":[` + strings.TrimSuffix(filled(n/2, `{"name":"f%[1]d","type":{"type":"enum","name":"E%[1]d","symbols":["A"]}},`), ",") + `]}`,
		"dotted namespace types": `{"type":"record","name":"R","namespace":"n` + strings.Repeat(".n", n/4) + `","fields":[` + strings.TrimSuffix(filled(n/2, `{"name":"f%[1]d","type":{"type":"enum","name":"E%[1]d","symbols":["A"]}},`), ",") + `]}`,
		"enums":                  `{"type":"record","name":"R","fields":[` + strings.TrimSuffix(filled(n, `{"name":"f%[1]d","type":{"type":"enum","name":"E%[1]d","symbols":["A"]}},`), ",") + `]}`,
		"fields":                 rec(filled(n, `{"name":"f%d","type":"int"},`)),
		"nullable fields":        rec(filled(n, `{"name":"f%d","type":["null","int"],"default":null},`)),
		"union of records":       `[` + strings.TrimSuffix(filled(n, `{"type":"record","name":"U%d","fields":[]},`), ",") + `]`,
		"symbols":                `{"type":"enum","name":"E","symbols":[` + strings.TrimSuffix(filled(n, `"S%d",`), ",") + `]}`,
		"aliases":                `{"type":"record","name":"R","aliases":[` + strings.TrimSuffix(filled(n, `"S%d",`), ",") + `],"fields":[]}`,
		"records in records":     doubling(min(n/60, 200), ``),
		"anonymous doubling":     doubling(min(n/60, 200), `,"logical.anonymous":"true"`),
		"anonymous long name":    rec(`{"name":"a","type":{"type":"record","name":"X","ANON":true,"fields":[{"name":"` + long + `","type":"int"}]}},` + filled(n/2, `{"name":"f%d","type":"X"},`)),
		"anonymous long doc":     rec(`{"name":"a","type":{"type":"record","name":"X","ANON":true,"doc":"` + long + `","fields":[]}},` + filled(n/2, `{"name":"f%d","type":"X"},`)),
		"props of many fields":   rec(`{"name":"a","type":"int",` + filled(n, `"p%d":1,`) + `"z":1}`),
		"defaults":               rec(`{"name":"a","type":{"type":"array","items":"int"},"default":[` + strings.TrimSuffix(filled(n, `%d,`), ",") + `]}`),
		"default big number":     rec(`{"name":"a","type":"double","default":1` + strings.Repeat("0", n) + `}`),
		"default big exponent":   rec(`{"name":"a","type":"double","default":1e999999999}`),
		"default decimal":        rec(`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":2000000000,"scale":2000000000},"default":"` + strings.Repeat(`\u0011`, n/6) + `"}`),
		"default decimal scale":  rec(`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":2000000000,"scale":2000000000},"default":"a"}`),
		"rules":                  rec(`{"name":"a","type":"int","confluent:rules":[` + strings.TrimSuffix(filled(n, `{"expr":"a","sql":"b"},`), ",") + `]}`),
		"union of unions":        `{"type":"array","items":[` + strings.TrimSuffix(filled(n, `{"type":"record","name":"U%[1]d","fields":[{"name":"u","type":["null","int","string","U%[1]d"]}]},`), ",") + `]}`,
		"default record fields":  rec(filled(n/2, `{"name":"f%d","type":"int","default":0},`)[:0] + `{"name":"d","type":{"type":"record","name":"D","fields":[` + strings.TrimSuffix(filled(n/2, `{"name":"f%d","type":"int"},`), ",") + `]},"default":{` + strings.TrimSuffix(filled(n/2, `"f%d":1,`), ",") + `}}`),
	}
}

func TestScratchAvro(t *testing.T) {
	anon := `"logical.anonymous":"true"`
	for name, text := range avroHostile(hostileSize()) {
		text = strings.ReplaceAll(text, `"ANON":true`, anon)
		t.Run(name, func(t *testing.T) { scratch(t, "AVRO", name, text) })
	}
}

func scratch(t *testing.T, typ, name, text string) {
	h := handler(t, rest.Options{MaxBody: 64 << 20})
	body := registration(t, typ, text, "")
	s := spend(t, h, "POST", "/subjects/s/versions", body)
	report(t, name, "register", len(text), s)
	if s.status != 200 {
		return
	}
	s = spend(t, h, "GET", "/schemas/ids/1?format=logical", "")
	report(t, name, "logical", len(text), s)
	ddl := ""
	if s.status == 200 {
		var out struct{ Schema string }
		_ = json.Unmarshal([]byte(s.answer), &out)
		ddl = out.Schema
	}
	answered(t, h, 200, "PUT /config/s", `{"compatibility":"FULL"}`)
	s = spend(t, h, "POST", "/compatibility/subjects/s/versions/latest?verbose=true", registration(t, typ, text, `,"metadata":{"properties":{"a":"b"}}`))
	report(t, name, "native", len(text), s)
	answered(t, h, 200, "PUT /config/s", `{"compatibilityPolicy":"LOGICAL","compatibility":"FULL"}`)
	s = spend(t, h, "POST", "/compatibility/subjects/s/versions/latest?verbose=true", registration(t, typ, text, `,"metadata":{"properties":{"a":"b"}}`))
	report(t, name, "judge", len(text), s)
	if ddl != "" && len(ddl) < 10<<20 {
		s = spend(t, h, "POST", "/subjects/s2/versions", registration(t, typ, ddl, ""))
		report(t, name, "ddl in", len(ddl), s)
	}
}

func hostileSize() int { n, _ := strconv.Atoi(os.Getenv("HN")); return n }

func jsonHostile(n int) map[string]string {
	long := strings.Repeat("x", n/2)
	cut := func(s string) string { return strings.TrimSuffix(s, ",") }
	chain := cut(filled(min(n/4, 20000), `"C%[1]d":{"$ref":"#/$defs/C0%[1]d"},`))
	diamonds := func(of string, levels int) string {
		s := ""
		for i := range levels {
			s += fmt.Sprintf(`"D%d":{"%s":[{"$ref":"#/$defs/D%d"},{"$ref":"#/$defs/D%d"},{"type":"object","properties":{"p%d":{"type":"string"}}}]},`, i, of, i+1, i+1, i)
		}
		return s + fmt.Sprintf(`"D%d":{"type":"object","properties":{"z":{"type":"string"}}}`, levels)
	}
	links := 200
	hop := ""
	for i := range links {
		hop += fmt.Sprintf(`"H%d":{"$ref":"#/$defs/H%d"},`, i, i+1)
	}
	hop += fmt.Sprintf(`"H%d":{"type":"object"}`, links)
	return map[string]string{
		"properties":         `{"type":"object","properties":{` + cut(filled(n, `"p%d":{"type":"string"},`)) + `}}`,
		"required":           `{"type":"object","properties":{` + cut(filled(n/2, `"p%d":{"type":"string"},`)) + `},"required":[` + cut(filled(n/2, `"p%d",`)) + `]}`,
		"refs to one":        `{"type":"object","properties":{` + cut(filled(n, `"p%d":{"$ref":"#/$defs/A"},`)) + `},"$defs":{"A":{"type":"object","properties":{"a":{"type":"string"}}}}}`,
		"refs long name":     `{"type":"object","$defs":{"A":{"type":"object","properties":{"a":{"type":"string"}}}},"properties":{` + cut(filled(n/2, `"p%d":{"$ref":"#/$defs/A"},`)) + `,"` + long + `":{"type":"string"}}}`,
		"defs":               `{"type":"object","$defs":{` + cut(filled(n, `"A%d":{"type":"object","properties":{"a":{"type":"string"}}},`)) + `}}`,
		"long id":            `{"$id":"http://h/` + long + `/x.json","type":"object","properties":{` + cut(filled(n/2, `"p%d":{"$ref":"y.json"},`)) + `}}`,
		"anyOf hops":         `{"anyOf":[` + cut(filled(n, `{"$ref":"#/$defs/H0","title":"t%d"},`)) + `],"$defs":{` + hop + `}}`,
		"allOf hops":         `{"allOf":[` + cut(filled(n, `{"$ref":"#/$defs/H0","title":"t%d"},`)) + `],"$defs":{` + hop + `}}`,
		"properties hops":    `{"type":"object","properties":{` + cut(filled(n, `"p%d":{"oneOf":[{"type":"null"},{"$ref":"#/$defs/H0"}]},`)) + `},"$defs":{` + hop + `}}`,
		"anyOf objects":      `{"anyOf":[` + cut(filled(n, `{"type":"object","title":"t%[1]d","properties":{"k":{"const":"a%[1]d"}}},`)) + `]}`,
		"diamonds allOf":     `{"$ref":"#/$defs/D0","$defs":{` + diamonds("allOf", min(n/150, 2000)) + `}}`,
		"diamonds anyOf":     `{"$ref":"#/$defs/D0","$defs":{` + diamonds("anyOf", min(n/150, 2000)) + `}}`,
		"allOf of many":      `{"type":"object","$defs":{"A":{"type":"object","properties":{` + cut(filled(n/2, `"p%d":{"type":"string"},`)) + `}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long names":   `{"type":"object","$defs":{"A":{"type":"object","properties":{"` + long + `":{"type":"string"}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long desc":    `{"type":"object","$defs":{"A":{"type":"object","properties":{"p":{"type":"string","description":"` + long + `"}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long enum":    `{"type":"object","$defs":{"A":{"type":"object","properties":{"p":{"enum":[` + cut(filled(n/2, `"v%d",`)) + `]}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long rules":   `{"type":"object","$defs":{"A":{"type":"object","properties":{"p":{"type":"string","confluent:rules":[` + cut(filled(n/2, `{"expr":"v%d","sql":"x"},`)) + `]}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long params":  `{"type":"object","$defs":{"A":{"type":"object","properties":{"p":{"type":"string","confluent:params":{` + cut(filled(n/2, `"v%d":"x",`)) + `}}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long tags":    `{"type":"object","$defs":{"A":{"type":"object","properties":{"p":{"type":"string","confluent:tags":[` + cut(filled(n/2, `"v%d",`)) + `]}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"allOf long default": `{"type":"object","$defs":{"A":{"type":"object","properties":{"p":{"type":"string","default":"` + long + `"}}}},"properties":{` + cut(filled(n/2, `"q%d":{"allOf":[{"$ref":"#/$defs/A"},{"type":"object","properties":{"z":{}}}]},`)) + `}}`,
		"enum":               `{"enum":[` + cut(filled(n, `"v%d",`)) + `]}`,
		"enum numbers":       `{"enum":[` + cut(filled(n, `%d.5e30,`)) + `]}`,
		"not root":           `{"type":"object","properties":{` + cut(filled(n, `"p%d":{"not":{"type":"string"}},`)) + `}}`,
		"bad defs":           `{"type":"object","$defs":{` + cut(filled(n, `"A%d":{"type":"object","properties":{"a":{"$ref":"#/$defs/A0"},"b":{"not":{}}}},`)) + `}}`,
		"bad defs chain":     `{"type":"object","$defs":{` + cut(filled(n, `"A%[1]d":{"type":"object","properties":{"a":{"$ref":"#/$defs/A0%[1]d"},"b":{"not":{}}}},"A0%[1]d":{"type":"object","properties":{"z":{"not":{}}}},`)) + `}}`,
		"arrays":             strings.Repeat(`{"type":"array","items":`, min(n/30, 250)) + `{"type":"string"}` + strings.Repeat("}", min(n/30, 250)),
		"chain":              `{"$defs":{` + chain + `},"type":"object"}`,
		"import defs":        `{"type":"object","$defs":{` + cut(filled(n, `"Ref%[1]d":{"$ref":"http://h/%[1]d","confluent:ref":true},`)) + `}}`,
		"decimal default":    `{"type":"object","properties":{"p":{"type":"number","connect.type":"bytes","title":"org.apache.kafka.connect.data.Decimal","connect.parameters":{"scale":"2000000000","connect.decimal.precision":"38"},"default":1e999999999}}}`,
		"unions of unions":   `{"type":"object","properties":{` + cut(filled(n, `"p%[1]d":{"oneOf":[{"oneOf":[{"type":"string"},{"type":"integer"}]},{"anyOf":[{"type":"null"},{"type":"boolean"},{"type":"number"}]}]},`)) + `}}`,
	}
}

func TestScratchJSON(t *testing.T) {
	for name, text := range jsonHostile(hostileSize()) {
		t.Run(name, func(t *testing.T) { scratch(t, "JSON", name, text) })
	}
}

func protoHostile(n int) map[string]string {
	long := strings.Repeat("x", min(n/2, 4000))
	p3 := "syntax = \"proto3\";\n"
	diamond := func(levels int) string {
		s := ""
		for i := range levels {
			s += fmt.Sprintf("message D%d { D%d a = 1; D%d b = 2; }\n", i, i+1, i+1)
		}
		return s + fmt.Sprintf("message D%d { int32 x = 1; }\n", levels)
	}
	nestedDiamond := func(levels int) string {
		s := "message R { D0 d = 1;\n"
		for i := range levels {
			s += fmt.Sprintf("message D%d { D%d a = 1; D%d b = 2; }\n", i, i+1, i+1)
		}
		return s + fmt.Sprintf("message D%d { int32 x = 1; } }\n", levels)
	}
	nest := func(levels int, named string) string {
		s := ""
		for i := range levels {
			s += fmt.Sprintf("message M%d { %s M%d m = 1;", i, named, i+1)
		}
		return s + fmt.Sprintf("message M%d { int32 x = 1; }", levels) + strings.Repeat("}", levels)
	}
	return map[string]string{
		"fields":                p3 + "message M {" + filled(n, "int32 f%[1]d = %[1]d;\n")[len("int32 f0 = 0;\n"):] + "}",
		"messages":              p3 + filled(n, "message M%d { int32 a = 1; }\n"),
		"long package":          p3 + "package a" + long + ";\n" + filled(n, "message M%d { int32 a = 1; }\n"),
		"long package refs":     p3 + "package a" + long + ";\nmessage R {}\nmessage S {" + strings.Join(strings.Split(filled(n, "R f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"diamonds":              p3 + diamond(min(n/50, 100)),
		"diamonds nested":       p3 + nestedDiamond(min(n/50, 100)),
		"nested uses":           p3 + "message R { message X { int32 " + long + " = 1; }" + strings.Join(strings.Split(filled(n, "X f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"nested uses doc":       p3 + "import \"confluent/meta.proto\";\nmessage R { message X { option (confluent.message_meta).doc = \"" + strings.Repeat("d", n/2) + "\"; int32 y = 1; }" + strings.Join(strings.Split(filled(n/2, "X f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"nested uses field doc": p3 + "import \"confluent/meta.proto\";\nmessage R { message X { int32 y = 1 [(confluent.field_meta).doc = \"" + strings.Repeat("d", n/2) + "\"]; }" + strings.Join(strings.Split(filled(n/2, "X f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"nested enum uses":      p3 + "message R { enum X { A = 0;" + strings.Join(strings.Split(filled(n/2, "A%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}" + strings.Join(strings.Split(filled(n/2, "X f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"nest":                  p3 + nest(min(n/30, 25), ""),
		"oneofs":                p3 + "message M {" + strings.Join(strings.Split(filled(n, "oneof o%[1]d { int32 f%[1]d = %[1]d; }\n"), "\n")[1:], "\n") + "}",
		"enum":                  p3 + "message M { E e = 1; } enum E { A = 0;" + strings.Join(strings.Split(filled(n, "A%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"cycle":                 p3 + filled(n, "message M%[1]d { M%[1]d a = 1; }\n"),
		"nested cycles":         p3 + "message R {" + filled(n, "message M%[1]d { M%[1]d a = 1; }\n") + "}",
		"meta params":           p3 + "import \"confluent/meta.proto\";\nmessage M { int32 a = 1 [" + strings.TrimSuffix(filled(n, "(confluent.field_meta).params = {key: \"k%d\", value: \"v\"},"), ",") + "]; }",
		"meta params named":     p3 + "import \"confluent/meta.proto\";\nmessage R { message M { option (confluent.message_meta) = {params: [" + strings.TrimSuffix(filled(n/2, "{key: \"k%d\", value: \"v\"},"), ",") + "]}; int32 x = 1; }" + strings.Join(strings.Split(filled(n/2, "M f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
		"maps":                  p3 + "message M {" + strings.Join(strings.Split(filled(n, "map<string, M> f%[1]d = %[1]d;\n"), "\n")[1:], "\n") + "}",
	}
}

func TestScratchProto(t *testing.T) {
	for name, text := range protoHostile(hostileSize()) {
		t.Run(name, func(t *testing.T) { scratch(t, "PROTOBUF", name, text) })
	}
}
