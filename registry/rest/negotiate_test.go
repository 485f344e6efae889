package rest

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		accept []string
		want   string
	}{
		{nil, typeV1},
		{[]string{""}, typeV1},
		{[]string{"*/*"}, typeV1},
		{[]string{"application/*"}, typeV1},
		{[]string{typeV1 + ", " + typeAny + ", application/json"}, typeV1},
		{[]string{"application/json"}, typeJSON},
		{[]string{"APPLICATION/JSON; charset=utf-8"}, typeJSON},
		{[]string{typeAny}, typeAny},
		{[]string{"application/json, " + typeAny}, typeAny},
		{[]string{"application/json;q=0.9, " + typeV1 + ";q=0.5"}, typeJSON},
		{[]string{"application/json;q=0.5, " + typeV1 + ";q=0.9"}, typeV1},
		{[]string{"text/html", "application/json"}, typeJSON},
		{[]string{"text/html, */*;q=0.1"}, typeV1},
		{[]string{"application/json, */*"}, typeJSON},
		{[]string{"application/json;q=0"}, ""},
		{[]string{"application/json;q=x"}, ""},
		{[]string{"text/html,application/xhtml+xml"}, ""},
		{[]string{"application/vnd.schemaregistry.v2+json"}, ""},
		{[]string{";;;,,/"}, ""},
		{[]string{strings.Repeat("a/b,", 1000)}, ""},
	} {
		if got := negotiate(c.accept); got != c.want {
			t.Errorf("Accept %.100q: %q, want %q", c.accept, got, c.want)
		}
	}
}

func TestConsumes(t *testing.T) {
	for contentType, want := range map[string]bool{
		"": true, typeV1: true, typeV1 + "; charset=utf-8": true, typeAny: true, "application/json": true, "application/octet-stream": true,
		"text/plain": false, "application/xml": false, "x": false, ";": false,
	} {
		if got := consumes(contentType); got != want {
			t.Errorf("Content-Type %q: %v", contentType, got)
		}
	}
}

func TestSplitPath(t *testing.T) {
	for path, want := range map[string][]string{
		"/": nil, "": nil, "/a": {"a"}, "/a/": {"a"}, "/a/b%2Fc/d": {"a", "b/c", "d"}, "/a/./b/../c": {"a", "c"}, "/../a": {"a"},
		"/a;x=1/b;": {"a", "b"}, "/%E6%97%A5": {"日"}, "/a%3Bb": {"a;b"}, "/a+b": {"a+b"}, "/%2E%2E/x": {"..", "x"},
	} {
		if got, fault, _ := splitPath(path); fault != "" || !slices.Equal(got, want) {
			t.Errorf("%q: %q %s, want %q", path, got, fault, want)
		}
	}
	for path, want := range map[string]string{
		"//a": "Ambiguous URI empty segment", "/a//b": "Ambiguous URI empty segment", "/a%00": "Bad Request", "/a%zz": "Bad Request",
		"/a%FF": "Bad UTF-8 encoding", "/a%0A": "Suspicious Path Character", "/a%7F": "Suspicious Path Character",
	} {
		if _, fault, _ := splitPath(path); fault != want {
			t.Errorf("%q: %q, want %q", path, fault, want)
		}
	}
}

func TestInContext(t *testing.T) {
	for _, c := range []struct{ path, query, want, wantQuery string }{
		{"contexts/.x/subjects", "", "subjects", "subjectPrefix=:.x:"},
		{"contexts/.x/subjects", "subjectPrefix=a", "subjects", "subjectPrefix=:.x:a"},
		{"contexts/.x/subjects", "subjectPrefix=:.y:a", "subjects", "subjectPrefix=:.y:a"},
		{"contexts/x/subjects/s/versions", "", "subjects/:.x:s/versions", ""},
		{"contexts/:.x:/subjects/:.y:s", "", "subjects/:.y:s", ""},
		{"contexts/./subjects/s", "", "subjects/s", ""},
		{"contexts/.x/schemas", "", "schemas", "subjectPrefix=:.x:"},
		{"contexts/.x/schemas/ids/1", "", "schemas/ids/1", "subject=:.x:"},
		{"contexts/.x/schemas/ids/1", "subject=s", "schemas/ids/1", "subject=:.x:s"},
		{"contexts/.x/config", "", "config/:.x:", ""},
		{"contexts/.x/config/s", "", "config/:.x:s", ""},
		{"contexts/.x/mode", "", "mode/:.x:", ""},
		{"contexts/.x/compatibility/subjects/s/versions/1", "", "compatibility/subjects/:.x:s/versions/1", ""},
	} {
		q := query(c.query)
		got, err := inContext(strings.Split(c.path, "/"), q)
		text, _ := url.QueryUnescape(q.Encode())
		if err != nil || strings.Join(got, "/") != c.want || text != c.wantQuery {
			t.Errorf("%s?%s: %v?%s %v, want %s?%s", c.path, c.query, got, text, err, c.want, c.wantQuery)
		}
	}
	if _, err := inContext([]string{"contexts", ".a:b", "subjects"}, url.Values{}); err == nil {
		t.Error("a context with a colon inside: no error")
	}
}

func TestOnlySubject(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "subject=s": "s", "fetchMaxId=false&subject=a%2Fb+c": "a/b c", "subject=:.x:s&fetchMaxId=false": ":.x:s", "subject=": "",
	} {
		if got, ok := onlySubject(raw); !ok || got != want {
			t.Errorf("%q: %q %v, want %q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{"format=x", "fetchMaxId=true", "subject=a&subject=b", "subject=%zz", "x", "&", "findTags=*", "referenceFormat=qualified"} {
		if got, ok := onlySubject(raw); ok {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

// TestJSONFaults compares with what Jackson 2.18 says.
func TestJSONFaults(t *testing.T) {
	const at = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "
	for body, want := range map[string]string{
		`{`:            "Unexpected end-of-input: expected close marker for Object (start marker at " + at + "1, column: 1])",
		"\n  [":        "Unexpected end-of-input: expected close marker for Array (start marker at " + at + "2, column: 3])",
		`{"a"`:         "Unexpected end-of-input within/between Object entries",
		`{"a":`:        "Unexpected end-of-input within/between Object entries",
		`{"a":1`:       "Unexpected end-of-input: expected close marker for Object (start marker at " + at + "1, column: 1])",
		`{"a":1,`:      "Unexpected end-of-input within/between Object entries",
		`{"a":1]`:      "Unexpected close marker ']': expected '}' (for Object starting at " + at + "1, column: 1])",
		`{"a":1,}`:     "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
		`{a:1}`:        "Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
		`{"a" 1}`:      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
		`{"a":1 "b"`:   "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
		`[1 2]`:        "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
		`"a`:           "Unexpected end-of-input in VALUE_STRING",
		`{"a`:          "Unexpected end-of-input in field name",
		"\"a\nb\"":     "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
		`"\x"`:         "Unrecognized character escape 'x' (code 120)",
		`"\u12G4"`:     "Unexpected character ('G' (code 71)): expected a hex-digit for character escape sequence",
		`01`:           "Invalid numeric value: Leading zeroes not allowed",
		`nul`:          "Unrecognized token 'nul': was expecting (JSON String, Number (or 'NaN'/'+INF'/'-INF'), Array, Object or token 'null', 'true' or 'false')",
		`{} x`:         "Unrecognized token 'x': was expecting (JSON String, Number (or 'NaN'/'+INF'/'-INF'), Array, Object or token 'null', 'true' or 'false')",
		`{}[]`:         "Trailing token (of type START_ARRAY) found after value (bound as `X`): not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
		`{} true`:      "Trailing token (of type VALUE_TRUE) found after value (bound as `X`): not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
		"\x1f{}":       "Illegal character ((CTRL-CHAR, code 31)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
		"{\"a\":\xff}": "Invalid UTF-8 start byte 0xff",
	} {
		_, err := parseJSON(body, "X")
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n\t%v\n\twant %s", body, err, want)
		}
	}
}

func TestJSONValues(t *testing.T) {
	v, err := parseJSON(` {"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800x", "b":[1,-0.5e+3,true,null,{}], "a2":1, "b":7} `, "X")
	if err != nil {
		t.Fatal(err)
	}
	if s := v.get("a").text; s != "\"\\/\b\f\n\r\té😀\uFFFDx" {
		t.Errorf("%q", s)
	}
	if b := v.get("b"); b.kind != integer || b.text != "7" || len(v.members) != 3 {
		t.Errorf("the last of two members does not count: %+v", v)
	}
	for _, nothing := range []string{"", " \n", "null", " null "} {
		if v, err := parseJSON(nothing, "X"); v != nil || err != nil {
			t.Errorf("%q: %v %v", nothing, v, err)
		}
	}
}

// FuzzJSON reads anything without harm.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"x\u0041",true,null]}`, `[[[[`, `"\ud83d\ude00"`, "{\"\xff\":1}", `-`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if v, err := parseJSON(string(body), "X"); v != nil && err != nil {
			t.Fatalf("a value and an error: %v", err)
		}
	})
}
