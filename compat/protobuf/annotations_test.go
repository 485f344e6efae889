package protobuf

import (
	"context"
	"encoding/base64"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestCompilesAnnotationsWithoutTheirImport holds that what Flink writes can be compiled, and that the descriptor that others see
// has the imports of the text alone.
func TestCompilesAnnotationsWithoutTheirImport(t *testing.T) {
	const annotated = `
message Row { int32 n = 1 [(confluent.field_meta) = {doc: "d", params: [{key: "connect.type", value: "int8"}],
	rules: [{name: "r", expr: "this > 0", sql: "n > 0"}]}]; }
`
	ref := map[string]string{"ref.proto": "syntax = \"proto3\";\npackage r;\n" + annotated}
	for name, text := range map[string]string{
		"own":       "syntax = \"proto3\";\nimport public \"google/protobuf/any.proto\";\n" + annotated,
		"reference": "syntax = \"proto3\";\nimport \"ref.proto\";\nmessage M { r.Row row = 1; }\n",
		"variant":   "syntax = \"proto3\";\nimport \"confluent/type/variant.proto\";\nmessage M { confluent.type.Variant v = 1; }\n",
		"own meta":  "syntax = \"proto3\";\nimport \"m.proto\";\nmessage M { int32 a = 1 [(confluent.field_meta).doc = \"d\"]; }\n",
	} {
		t.Run(name, func(t *testing.T) {
			refs := ref
			if name == "own meta" {
				meta, _ := builtinText(metaFile)
				refs = map[string]string{"m.proto": meta}
			}
			s := mustParse(t, text, refs)
			if _, err := s.Descriptor(context.Background()); err != nil {
				t.Fatal(err)
			}
			encoded, err := s.Serialized()
			if err != nil {
				t.Fatal(err)
			}
			b, err := base64.StdEncoding.DecodeString(encoded)
			if err != nil {
				t.Fatal(err)
			}
			var fd descriptorpb.FileDescriptorProto
			if err := proto.Unmarshal(b, &fd); err != nil {
				t.Fatal(err)
			}
			if len(fd.GetDependency()) > 1 || len(fd.GetPublicDependency()) == 1 && fd.GetPublicDependency()[0] != 0 {
				t.Errorf("imports %q, public %v", fd.GetDependency(), fd.GetPublicDependency())
			}
		})
	}
}
