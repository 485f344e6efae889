package protobuf

import (
	"encoding/base64"
	"strconv"

	"github.com/millrace/millrace/compat/logical"
)

// writeDefault returns the text of a default for an annotation.
func writeDefault(t *logical.Type, v logical.Value) (string, error) {
	for t.Kind == logical.Union && len(t.Branches) > 0 {
		t = t.Branches[0].Type
	}
	switch t.Kind {
	case logical.Array, logical.Multiset, logical.Map, logical.Struct, logical.Variant, logical.Named, logical.Union:
		return "", noDefault(t)
	}
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case logical.Number:
		return string(v), nil
	case string:
		return v, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil
	}
	return "", noDefault(t)
}
