package registry_test

import (
	"testing"

	"github.com/millrace/millrace/registry"
)

func TestCanonicalKey(t *testing.T) {
	const schema = `{"keytype":"SCHEMA","subject":"s","version":3,"magic":1}`
	const assoc = `{"keytype":"ASSOC","tenant":"default","resourceName":"t","resourceNamespace":"n","resourceType":"topic","associationType":"value","subject":"s","magic":0}`
	for key, want := range map[string]string{
		schema: schema,
		`{"keytype":"SCHEMA","subject":"s","version":3,"magic":0}`:          schema,
		`{"magic":1,"keytype":"SCHEMA","subject":":.:s","version":3}`:       schema,
		`{"keytype":"CONFIG","subject":null,"magic":0}`:                     `{"keytype":"CONFIG","magic":0}`,
		`{"keytype":"MODE","subject":null,"magic":0}`:                       `{"keytype":"MODE","magic":0}`,
		`{"keytype":"MODE","subject":":.c:s","magic":0}`:                    `{"keytype":"MODE","subject":":.c:s","magic":0}`,
		`{"keytype":"CONTEXT","context":".c","tenant":"default","magic":0}`: `{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}`,
		assoc: assoc,
		`{"keytype":"ASSOC","subject":":.:s","associationType":"value","resourceType":"topic","resourceNamespace":"n","resourceName":"t"}`: assoc,
		`{"keytype":"NOOP","magic":0}`:                         "",
		`{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}`: "",
		`{"keytype":"SOMETHING","magic":0}`:                    "",
		`not JSON`:                                             "",
	} {
		got, ok := registry.CanonicalKey([]byte(key))
		if string(got) != want || ok != (want != "") {
			t.Errorf("%s: %s, %v", key, got, ok)
		}
	}
}
