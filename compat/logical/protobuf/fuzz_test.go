package protobuf

import (
	"errors"
	"testing"

	"github.com/millrace/millrace/compat/logical"
	native "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// FuzzFrom holds that any text is read or refused, and what is read is written or refused, and that what is written can be read.
func FuzzFrom(f *testing.F) {
	for _, text := range []string{
		proto3(`message M { int32 a = 1; oneof u { M m = 2; string s = 3; } map<string, E> e = 4; enum E { Z = 0; } }`),
		proto3(imports + `message M { google.protobuf.Struct s = 1; google.type.Date d = 2; confluent.type.Decimal c = 3; }`),
		proto3(`message M { W w = 1 ` + param("flink.wrapped", "true") + `; message W { repeated int32 value = 1; } }`),
		proto3(`message M { repeated AEntry a = 1 ` + param("flink.type", "multiset", "logical.default", "1") + `; message AEntry { oneof key { string s = 1; } int32 value = 2; } }`),
		`message M { required int32 a = 1 [default = 7]; optional group G = 2 { optional M m = 1; } extensions 5 to 9; }`,
		"syntax = \"proto3\"; import public \"google/protobuf/wrappers.proto\";",
		`message M { N n = 1; message N { option (confluent.message_meta) = {doc: "d", tags: "t", params: {key: "logical.named", value: "true"}}; } }`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := native.Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil {
			return
		}
		var fault *logical.Error
		tree, err := From(s, nil)
		if err != nil {
			if !errors.As(err, &fault) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for _, d := range tree.Named {
			if d.Type == nil {
				t.Fatalf("%s has no body", d.Name)
			}
		}
		d, err := To(tree, "Row")
		if err != nil {
			if !errors.As(err, &fault) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if _, err := From(mustParse(t, d.Text, nil), nil); err != nil {
			t.Fatalf("%s\n%v", d.Text, err)
		}
	})
}
