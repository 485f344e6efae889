package avro

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // the full names of the root and of its fields' types
	}{
		{"no namespace", `{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":1}}]}`, []string{"R", "F"}},
		{"namespace is inherited", `{"type":"record","name":"R","namespace":"a.b","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":1}}]}`, []string{"a.b.R", "a.b.F"}},
		{"full name wins", `{"type":"record","name":"x.R","namespace":"a","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":1}}]}`, []string{"x.R", "x.F"}},
		{"own namespace wins", `{"type":"record","name":"x.R","fields":[{"name":"a","type":{"type":"fixed","name":"F","namespace":"y","size":1}}]}`, []string{"x.R", "y.F"}},
		{"null namespace", `{"type":"record","name":"x.R","fields":[{"name":"a","type":{"type":"fixed","name":"F","namespace":"","size":1}}]}`, []string{"x.R", "F"}},
		{"reference to itself", `{"type":"record","name":"x.R","fields":[{"name":"a","type":"R"},{"name":"b","type":"x.R"}]}`, []string{"x.R", "x.R", "x.R"}},
		{"reference to what follows", `{"type":"record","name":"R","fields":[{"name":"a","type":"F"},{"name":"b","type":{"type":"fixed","name":"F","size":1}}]}`, []string{"R", "F", "F"}},
		{"short name outside of its namespace", `{"type":"record","name":"x.R","fields":[{"name":"b","type":{"type":"fixed","name":"F","namespace":"","size":1}},{"name":"c","type":"F"}]}`, []string{"x.R", "F", "F"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := mustParse(t, c.text).Root()
			got := []string{root.Name.Full()}
			for _, f := range root.Fields {
				got = append(got, f.Type.Name.Full())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	root := mustParse(t, `{"type":"record","name":"R","fields":[{"name":"a","type":"R"},{"name":"b","type":["null","R"]}]}`).Root()
	if root.Fields[0].Type != root || root.Fields[1].Type.Branches[1] != root {
		t.Error("a named type is not one *Type wherever it is used")
	}
}

func TestAttributes(t *testing.T) {
	root := mustParse(t, `{"type":"record","name":"x.R","doc":"d","aliases":["A","y.B","A",".C"],"p":1,"fields":[
		{"name":"a","type":"int","default":1,"doc":"f","order":"IGNORE","aliases":["b","c","b"],"q":[true]},
		{"name":"n","type":["null","int"],"default":null},
		{"name":"none","type":"int","doc":7}]}`).Root()
	if diff := cmp.Diff([]Name{{"x", "A"}, {"y", "B"}, {"", "C"}}, root.Aliases); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if root.Doc == nil || *root.Doc != "d" || len(root.Props) != 1 || root.Props[0].Name != "p" || root.Props[0].Value.String() != "1" {
		t.Errorf("doc %v, properties %v", root.Doc, root.Props)
	}
	a, n, none := root.Field("a"), root.Field("n"), root.Field("none")
	if a.Order != Ignore || a.Doc == nil || a.Default.String() != "1" || a.Props[0].Value.String() != "[true]" {
		t.Errorf("field a: %+v", a)
	}
	if diff := cmp.Diff([]string{"b", "c"}, a.Aliases); diff != "" {
		t.Errorf("aliases of a (-want +got):\n%s", diff)
	}
	if n.Default == nil || n.Default.String() != "null" {
		t.Errorf("a default of null: %v", n.Default)
	}
	if none.Default != nil || none.Doc != nil {
		t.Errorf("no default: %v, a doc that is no string: %v", none.Default, none.Doc)
	}
	if root.Field("x") != nil {
		t.Error("a field that is not there")
	}
	enum := mustParse(t, `{"type":"enum","name":"E","symbols":["A","B"],"default":"B"}`).Root()
	if enum.EnumDefault == nil || *enum.EnumDefault != "B" || len(enum.Props) != 0 {
		t.Errorf("enum: %+v", enum)
	}
	if r := mustParse(t, `{"type":"error","name":"E","fields":[]}`).Root(); r.Kind != Record || !r.IsError {
		t.Errorf("error: %+v", r)
	}
}

func TestLogicalTypes(t *testing.T) {
	for _, c := range []struct {
		text string
		want *Logical
	}{
		{`{"type":"int","logicalType":"date"}`, &Logical{Name: "date"}},
		{`{"type":"long","logicalType":"date"}`, nil},
		{`{"type":"int","logicalType":"time-millis"}`, &Logical{Name: "time-millis"}},
		{`{"type":"long","logicalType":"time-micros"}`, &Logical{Name: "time-micros"}},
		{`{"type":"long","logicalType":"timestamp-millis"}`, &Logical{Name: "timestamp-millis"}},
		{`{"type":"long","logicalType":"timestamp-nanos"}`, &Logical{Name: "timestamp-nanos"}},
		{`{"type":"long","logicalType":"local-timestamp-micros"}`, &Logical{Name: "local-timestamp-micros"}},
		{`{"type":"string","logicalType":"uuid"}`, &Logical{Name: "uuid"}},
		{`{"type":"fixed","name":"F","size":16,"logicalType":"uuid"}`, &Logical{Name: "uuid"}},
		{`{"type":"fixed","name":"F","size":15,"logicalType":"uuid"}`, nil},
		{`{"type":"fixed","name":"F","size":12,"logicalType":"duration"}`, &Logical{Name: "duration"}},
		{`{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`, &Logical{Name: "decimal", Precision: 9, Scale: 2}},
		{`{"type":"bytes","logicalType":"decimal","precision":9}`, &Logical{Name: "decimal", Precision: 9}},
		{`{"type":"bytes","logicalType":"decimal"}`, nil},
		{`{"type":"bytes","logicalType":"decimal","precision":0}`, nil},
		{`{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}`, nil},
		{`{"type":"bytes","logicalType":"decimal","precision":"9"}`, nil},
		{`{"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":9}`, &Logical{Name: "decimal", Precision: 9}},
		{`{"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":10}`, nil},
		{`{"type":"string","logicalType":"decimal","precision":9}`, nil},
		{`{"type":"bytes","logicalType":"big-decimal"}`, &Logical{Name: "big-decimal"}},
		{`{"type":"string","logicalType":"uuid","avro.java.string":"String"}`, nil},
		{`{"type":"string","logicalType":"uuid","avro.java.string":1}`, &Logical{Name: "uuid"}},
		{`{"type":"string","logicalType":"moon-phase"}`, nil},
		{`{"type":"string","logicalType":1}`, nil},
	} {
		s := mustParse(t, c.text)
		if diff := cmp.Diff(c.want, s.Root().Logical); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
		equal(t, "text keeps it", s.Canonical(), c.text)
	}
}

// TestPlaces holds where faults are said to be.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
		msg          string
	}{
		{``, 1, 1, "Cannot parse <null> schema"},
		{"{\n  \"type\": \"record\",\n  \"name\": \"R\",\n  \"fields\": [\n    {\"name\": \"a-b\", \"type\": \"int\"}\n  ]\n}", 5, 5, "Illegal character in: a-b"},
		{"{\n\t\"type\" \"int\"}", 2, 9, `expected a colon after the name "type"`},
		{`{"type":"array","items":"é","x":tru}`, 1, 33, `unrecognized token "tru": expected a JSON string, number, array, object, null, true or false`},
		{`"int`, 1, 1, "unexpected end of input: the string that starts here is not closed"},
		{`["int"`, 1, 1, "unexpected end of input: the array that starts here is not closed"},
		{`{"type":"int","a":01}`, 1, 19, "a number must not start with zeros"},
		{`{"type":"int","a":1.}`, 1, 19, "a number needs a digit after the point"},
		{`{"type":"int","a":"\x"}`, 1, 20, "unknown escape in a string"},
		{`{"type":"int","a":"\u12g4"}`, 1, 20, `\u needs four hexadecimal digits`},
		{"{\"type\":\"int\",\"a\":\"\x01\"}", 1, 20, "control character U+0001 in a string must be escaped"},
		{"{\"type\":\"int\",\"a\":\"\xff\"}", 1, 19, "string is not valid UTF-8"},
		{"/* open", 1, 1, "comment is not closed with */"},
		{`["int","Foo"]`, 1, 8, "Undefined schema: Foo"},
		{`"Foo"`, 1, 1, "Unknown schema: Foo"},
		{`"int" x`, 1, 7, "dangling content after end of schema: x"},
		{`{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}`, 1, 74, `Invalid default for field a: "x" not a "int"`},
	} {
		_, err := Parse(schema.Document{Text: c.text}, nil, schema.Options{})
		var e *schema.SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if e.Line != c.line || e.Column != c.column || e.Msg != c.msg {
			t.Errorf("%s:\n got %d:%d %s\nwant %d:%d %s", c.text, e.Line, e.Column, e.Msg, c.line, c.column, c.msg)
		}
	}
}

// TestDoubles holds what Java reads from the text of a float's default.
func TestDoubles(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1.0", " 1.5f ": "1.5", "1e3D": "1000.0", "-Infinity": `"-Infinity"`, "NaN": `"NaN"`, "-NaN": `"NaN"`, "+.5": "0.5", "5.": "5.0",
		"0x1p3": "8.0", "0x1.8P1f": "3.0", "1e400": `"Infinity"`, "1e-400": "0.0",
	} {
		s := mustParse(t, `{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":"`+text+`"}]}`)
		equal(t, text, s.Root().Fields[0].Default.String(), want)
	}
	for text, want := range map[string]string{
		"": "empty String", "  ": "empty String", "x": `For input string: "x"`, "1_0": `For input string: "1_0"`, "inf": `For input string: "inf"`,
		"0x1": `For input string: "0x1"`, " 1 2 ": `For input string: "1 2"`,
	} {
		_, err := Parse(schema.Document{Text: `{"type":"record","name":"R","fields":[{"name":"a","type":"float","default":"` + text + `"}]}`}, nil, schema.Options{})
		if err == nil || message(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestLenient holds what stored schemas may hold although new ones may not.
func TestLenient(t *testing.T) {
	for _, text := range []string{
		`{"type":"record","name":"R-1","fields":[]}`,
		`{"type":"record","name":"R","fields":[{"name":"a b","type":"int"}]}`,
		`{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}`,
		`{"type":"enum","name":"E","symbols":["a-b"]}`,
		`{"type":"record","name":"R","namespace":"a..b","fields":[]}`,
		`{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"record","name":"S","namespace":"n","fields":[{"name":"r","type":"R"}]}}]}`,
	} {
		if s, err := Parse(schema.Document{Text: text}, nil, schema.Options{}); err == nil {
			t.Errorf("strict parsing accepts %s", s.Canonical())
		}
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if again, err := Parse(schema.Document{Text: s.Canonical()}, nil, schema.Options{Lenient: true}); err != nil || again.Canonical() != s.Canonical() {
			t.Errorf("%s became %s: %v", text, s.Canonical(), err)
		}
	}
}

// TestNormalized holds what the normal form changes and what it leaves.
func TestNormalized(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"attributes in any order", `{"fields":[{"type":"int","name":"a"}],"name":"R","type":"record"}`, `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`},
		{"docs stay, an empty one of a type goes", `{"type":"record","name":"R","doc":"","fields":[{"name":"a","type":"int","doc":""},{"name":"b","type":"int","doc":"d"}]}`, `{"type":"record","name":"R","fields":[{"name":"a","type":"int","doc":""},{"name":"b","type":"int","doc":"d"}]}`},
		{"properties", `{"type":"string","z":1,"a":{"y":1,"x":2}}`, `{"type":"string","a":{"x":2,"y":1},"z":1}`},
		{"logical types first", `{"type":"bytes","a":1,"scale":2,"precision":4,"logicalType":"decimal"}`, `{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"a":1}`},
		{"aliases", `{"type":"enum","name":"n.E","aliases":["z","a"],"symbols":["B","A"]}`, `{"type":"enum","name":"E","namespace":"n","symbols":["B","A"],"aliases":["a","z"]}`},
		{"orders", `{"type":"record","name":"R","fields":[{"name":"a","type":"int","order":"ascending"}]}`, `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`},
		{"default of another branch", `{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"],"default":1}]}`, `{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"]}]}`},
		{"numbers", `{"type":"record","name":"R","fields":[{"name":"a","type":"float","default":1},{"name":"b","type":"double","default":1e2},{"name":"c","type":"long","default":7}]}`, `{"type":"record","name":"R","fields":[{"name":"a","type":"float","default":1.0},{"name":"b","type":"double","default":100.0},{"name":"c","type":"long","default":7}]}`},
		{"errors", `{"type":"error","name":"R","fields":[]}`, `{"type":"record","name":"R","fields":[]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustParse(t, c.text)
			equal(t, "normalized", s.Normalized(), c.want)
			equal(t, "normalized again", mustParse(t, s.Normalized()).Normalized(), c.want)
		})
	}
}

func TestOtherType(t *testing.T) {
	if got := mustParse(t, `"int"`).CanRead(nil); len(got) != 1 || got[0].Rule != schema.DifferentType.Rule {
		t.Errorf("got %v", got)
	}
	var f schema.Format = Format{}
	if s, err := f.Parse(schema.Document{Text: `{`}, nil, schema.Options{}); s != nil || err == nil {
		t.Errorf("got %v, %v", s, err)
	}
	if f.Type() != schema.Avro || mustParse(t, `"int"`).Type() != schema.Avro {
		t.Error("type")
	}
	percent := mustParse(t, `{"type":"enum","name":"E","symbols":["A"]}`).CanRead(mustParse(t, `{"type":"enum","name":"E","symbols":["A","B"]}`))
	if line := percent[0].Line("new", "old"); strings.Contains(line, "%") {
		t.Errorf("line %s", line)
	}
}
