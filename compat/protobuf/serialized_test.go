package protobuf

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/millrace/millrace/compat/schema"
)

// everything has every declaration that a file may have.
const everything = `syntax = "proto3";
package a.b;

import "google/protobuf/timestamp.proto";
import "google/type/date.proto";
import "confluent/meta.proto";
import "confluent/type/decimal.proto";
import "google/protobuf/descriptor.proto";

option java_package = "x\ty'\"\\";
option (confluent.file_meta).doc = "d";
option java_multiple_files = true;

// What it is.
message M {
  option deprecated = true;
  reserved 100, 90 to 95, "gone";
  N.P p = 4 [deprecated = true, json_name = "pp"];
  optional string s = 3;
  map<string, .a.b.M.N> byName = 2;
  repeated int32 list = 1 [packed = false, (confluent.field_meta) = {doc: "x", params: [{key: "k", value: "v"}], tags: ["A", "B"]}];
  google.protobuf.Timestamp at = 5; // trailing
  google.type.Date day = 6;
  confluent.type.Decimal money = 7;
  oneof choice { int64 i = 8; M self = 9; }
  message N { message P { bool x = 1; } E e = 1; }
  enum E { option allow_alias = true; reserved 5; ZERO = 0; NONE = 0 [deprecated = true]; }
}
enum Top { T0 = 0; T_MINUS = -1; T1 = 0x1; }
extend google.protobuf.MessageOptions { string owner = 50001; }
service S {
  option deprecated = true;
  rpc Get (M) returns (stream a.b.M);
  rpc Put (stream M) returns (google.protobuf.Timestamp) { option idempotency_level = IDEMPOTENT; }
}
message U { option (owner) = "me"; }
`

// TestCompilesAlike holds that a compiler finds the same in the text, the canonical and the normalised text but for the order
// of the latter.
func TestCompilesAlike(t *testing.T) {
	texts := []string{everything}
	for _, r := range goldenTexts(t) {
		if r.Error == "" && len(r.Refs) == 0 && !strings.Contains(r.Text, "import \"base") {
			texts = append(texts, r.Text)
		}
	}
	for _, text := range texts {
		s := mustParse(t, text, nil)
		raw := *s
		raw.canonical = text
		want, err := raw.Descriptor(context.Background())
		if err != nil {
			continue // refused by a compiler
		}
		got, err := s.Descriptor(context.Background())
		if err != nil {
			t.Errorf("%s\n%v", s.Canonical(), err)
			continue
		}
		a, b := protodesc.ToFileDescriptorProto(want), protodesc.ToFileDescriptorProto(got)
		if diff := cmp.Diff(a, b, protocmp.Transform()); diff != "" {
			t.Errorf("%s\n(-text +canonical):\n%s", text, diff)
		}
		if _, err := mustParse(t, s.Normalized(), nil).Descriptor(context.Background()); err != nil {
			t.Errorf("%s\n%v", s.Normalized(), err)
		}
	}
}

// TestSerializedReadsBack holds that a descriptor is the schema that it was made of.
func TestSerializedReadsBack(t *testing.T) {
	texts := []string{everything}
	for _, r := range goldenTexts(t) {
		if r.Error == "" && len(r.Refs) == 0 {
			texts = append(texts, r.Text)
		}
	}
	for _, text := range texts {
		s := mustParse(t, text, nil)
		encoded, err := s.Serialized()
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		back, err := Parse(schema.Document{Text: encoded}, nil, schema.Options{})
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		if d := append(back.CanRead(s), s.CanRead(back)...); len(d) != 0 {
			t.Errorf("%s\nreads back as\n%s\n%v", text, back.Canonical(), d)
		}
	}
}
