package rest_test

import (
	"testing"

	"github.com/millrace/millrace/registry/rest"
)

// TestValidateNewSchemas holds that the config decides whether names and defaults of new Avro schemas are looked at, wherever a schema
// comes in, and that what was taken without a look stays readable.
func TestValidateNewSchemas(t *testing.T) {
	for name, text := range map[string]string{
		"default":           `{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}`,
		"default in a type": `{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"int"},"default":{}}]}`,
		"name":              `{"type":"record","name":"R","namespace":"a-b","fields":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := handler(t, rest.Options{})
			body := registration(t, "", text, "")
			refused := func() {
				t.Helper()
				for _, request := range []string{"POST /subjects/s/versions", "POST /subjects/s", "POST /compatibility/subjects/s/versions"} {
					if got := answered(t, h, 422, request, body); got.Code != 42201 {
						t.Errorf("%s: %+v", request, got)
					}
				}
			}
			refused()
			answered(t, h, 200, "PUT /config", `{"validateNewSchemas":false}`)
			if got := answered(t, h, 200, "POST /compatibility/subjects/s/versions", body); !got.Compatible {
				t.Errorf("compatibility: %+v", got)
			}
			for range 2 {
				if got := answered(t, h, 200, "POST /subjects/s/versions", body); got.Version != 1 || got.Schema != text {
					t.Errorf("registered: %+v", got)
				}
			}
			if got := answered(t, h, 200, "POST /subjects/s?normalize=true", body); got.Version != 1 {
				t.Errorf("looked up: %+v", got)
			}
			if name == "default" {
				tagged := registration(t, "", text, `,"schemaTagsToAdd":[{"schemaEntity":{"entityPath":"R.a","entityType":"sr_field"},"tags":["PII"]}]`)
				answered(t, h, 200, "POST /subjects/tagged/versions", tagged)
			}
			answered(t, h, 200, "PUT /config/s", `{"validateNewSchemas":true}`)
			refused()
			if got := answered(t, h, 200, "GET /subjects/s/versions/1", ""); got.Schema != text {
				t.Errorf("it is %+v", got)
			}
			answered(t, h, 422, "POST /subjects/json/versions", registration(t, "JSON", `{"type":"nope"}`, ""))
		})
	}
}
