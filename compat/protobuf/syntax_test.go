package protobuf

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/millrace/millrace/compat/schema"
)

// TestWireErrors holds the words and places of Wire's faults.
func TestWireErrors(t *testing.T) {
	f, err := os.Open("testdata/wire.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for sc := bufio.NewScanner(f); sc.Scan(); n++ {
		var c struct{ Text, Error string }
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		_, err := Parse(schema.Document{Text: c.Text}, nil, schema.Options{Lenient: true})
		var syntax *schema.SyntaxError
		if !errors.As(err, &syntax) || syntax.Words != prefix+c.Error || syntax.Line == 0 || syntax.Column == 0 || !strings.HasSuffix(c.Error, syntax.Msg) {
			t.Errorf("%s\ngot  %#v\nwant %s", c.Text, syntax, c.Error)
		}
	}
	if n == 0 {
		t.Fatal("nothing recorded")
	}
}

func TestTypesMustBeThere(t *testing.T) {
	for text, missing := range map[string]string{
		`syntax = "proto3"; message A { X x = 1; }`:                                                     "X",
		`syntax = "proto3"; message A { map<string, a.X> x = 1; }`:                                      "a.X",
		`syntax = "proto3"; message A { oneof o { .A.X x = 1; } }`:                                      ".A.X",
		`syntax = "proto3"; message A {} service S { rpc R (A) returns (B); }`:                          "B",
		`syntax = "proto3"; extend X { int32 x = 1; }`:                                                  "X",
		`syntax = "proto3"; message A { google.protobuf.Timestamp t = 1; }`:                             "google.protobuf.Timestamp",
		`syntax = "proto3"; import "google/protobuf/any.proto"; message A { google.protobuf.B b = 1; }`: "google.protobuf.B",
		`message A { optional group G = 1 { optional X x = 2; } }`:                                      "X",
	} {
		_, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
		var syntax *schema.SyntaxError
		if !errors.As(err, &syntax) || !syntax.Meaning || syntax.Words != "Could not resolve type: "+missing {
			t.Errorf("%s\n%v", text, err)
		}
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil {
			t.Errorf("leniently: %s\n%v", text, err)
			continue
		}
		_ = s.Normalized()
		if d := s.CanRead(mustLenient(t, s.Canonical())); d != nil {
			t.Errorf("%s cannot read itself: %v", text, d)
		}
	}
}

func mustLenient(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBuiltins holds that every built-in file can be imported and is one that a compiler takes.
func TestBuiltins(t *testing.T) {
	known, err := compiledBuiltins()
	if err != nil {
		t.Fatal(err)
	}
	for path := range known {
		if builtinFile(path) == nil {
			t.Errorf("%s cannot be read", path)
		}
	}
	for _, path := range []string{"google/protobuf/descriptor.proto", "google/protobuf/struct.proto", "google/type/money.proto", "confluent/meta.proto", "confluent/type/decimal.proto"} {
		if builtinFile(path) == nil {
			t.Errorf("%s cannot be imported", path)
		}
	}
	for _, path := range []string{"", ".", "../doc.go", "google/protobuf/none.proto", "builtin/confluent/meta.proto", "google/protobuf/../../doc.go"} {
		if builtinFile(path) != nil {
			t.Errorf("%q can be imported", path)
		}
	}
}

// TestReferences holds that files are found by the names that they are imported by, through those between.
func TestReferences(t *testing.T) {
	refs := files{
		"a.proto": `syntax = "proto3"; package a; import public "b.proto"; message A {}`,
		"b.proto": `syntax = "proto3"; package b; import "a.proto"; message B {}`, // and back
	}
	s := mustParse(t, `syntax = "proto3"; import "a.proto"; message M { a.A a = 1; b.B b = 2; }`, refs)
	if got := s.Normalized(); !strings.Contains(got, ".b.B b = 2;") {
		t.Error(got)
	}
	if _, err := Parse(refs.document(`import "a.proto";`), nil, schema.Options{}); !errors.Is(err, errNoResolver) {
		t.Errorf("without a resolver: %v", err)
	}
	if _, err := Parse(schema.Document{References: []schema.Reference{{Name: "none"}}}, refs, schema.Options{}); err == nil {
		t.Error("a reference that is nowhere is taken")
	}
	refs["a.proto"] = "message {"
	if _, err := Parse(refs.document(`import "a.proto";`), refs, schema.Options{}); err == nil || !strings.Contains(err.Error(), `"a.proto"`) {
		t.Errorf("a faulty reference: %v", err)
	}
}

// TestDescriptors holds what is read of a descriptor.
func TestDescriptors(t *testing.T) {
	fd := &descriptorpb.FileDescriptorProto{
		Name: proto.String("x"), Package: proto.String("p"), Syntax: proto.String("proto3"),
		Options: &descriptorpb.FileOptions{JavaPackage: proto.String("j"), OptimizeFor: descriptorpb.FileOptions_SPEED.Enum()},
		MessageType: []*descriptorpb.DescriptorProto{{
			Name:          proto.String("M"),
			Field:         []*descriptorpb.FieldDescriptorProto{{Name: proto.String("a_b"), Number: proto.Int32(1), Type: descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum(), JsonName: proto.String("aB"), Options: &descriptorpb.FieldOptions{Deprecated: proto.Bool(true)}}},
			ReservedRange: []*descriptorpb.DescriptorProto_ReservedRange{{Start: proto.Int32(5), End: proto.Int32(8)}},
			ReservedName:  []string{"r"},
		}},
	}
	b, err := proto.Marshal(fd)
	if err != nil {
		t.Fatal(err)
	}
	const want = `syntax = "proto3";
package p;

option java_package = "j";
option optimize_for = SPEED;

message M {
  reserved 5 to 7;
  reserved "r";

  int32 a_b = 1 [deprecated = true];
}
`
	if got := mustParse(t, base64.StdEncoding.EncodeToString(b), nil).Canonical(); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestWithoutExtensions(t *testing.T) {
	got := mustParse(t, everything, nil).WithoutExtensions()
	for _, gone := range []string{"confluent.file_meta", "confluent.field_meta", "(owner)", "extend "} {
		if strings.Contains(got, gone) {
			t.Errorf("%s is still there:\n%s", gone, got)
		}
	}
	for _, kept := range []string{"option java_package", "deprecated = true", "json_name", "packed = false", "idempotency_level"} {
		if !strings.Contains(got, kept) {
			t.Errorf("%s is gone:\n%s", kept, got)
		}
	}
	mustParse(t, got, nil)
}

func TestFieldNames(t *testing.T) {
	got := strings.Join(mustParse(t, everything, nil).FieldNames(), " ")
	if got != "p s byName list at day money i self" {
		t.Error(got)
	}
}
