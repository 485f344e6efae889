package rest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"go.yaml.in/yaml/v3"
)

// openAPI describes the API in OpenAPI 3.0, without what all operations share.
//
//go:embed openapi/openapi.yaml
var openAPI []byte

// document is the description as it is served: in JSON and in YAML.
type document struct{ json, yaml []byte }

var described = sync.OnceValues(func() (document, error) {
	var d document
	root, err := describe()
	if err != nil {
		return d, err
	}
	if d.json, err = json.Marshal(root); err == nil {
		d.yaml, err = yaml.Marshal(root)
	}
	if err != nil {
		return d, fmt.Errorf("writing the API's description: %w", err)
	}
	return d, nil
})

// shared are the answers of every operation.
var shared = map[string]string{
	"400": "BadRequest", "401": "Unauthorized", "403": "Forbidden", "406": "NotAcceptable", "415": "UnsupportedMediaType",
	"429": "TooManyAttempts", "500": "ServerError", "503": "Unavailable",
}

// describe reads openAPI and adds what all operations share.
func describe() (map[string]any, error) {
	var root map[string]any
	if err := yaml.Unmarshal(openAPI, &root); err != nil {
		return nil, fmt.Errorf("reading the API's description: %w", err)
	}
	paths, _ := root["paths"].(map[string]any)
	for _, p := range paths {
		operations, _ := p.(map[string]any)
		for _, o := range operations {
			operation, _ := o.(map[string]any)
			responses, ok := operation["responses"].(map[string]any)
			if !ok {
				continue // parameters
			}
			for status, name := range shared {
				responses[status] = reference(name)
			}
			if operation["requestBody"] != nil {
				responses["413"] = reference("TooLarge")
			}
		}
	}
	addTypes(root)
	return root, nil
}

func reference(response string) map[string]any {
	return map[string]any{"$ref": "#/components/responses/" + response}
}

// addTypes puts the other media types beside the first.
func addTypes(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			addTypes(e)
		}
	case map[string]any:
		if content, ok := v["content"].(map[string]any); ok && content[typeV1] != nil {
			content[typeAny], content[typeJSON] = content[typeV1], content[typeV1]
		}
		for _, e := range v {
			addTypes(e)
		}
	}
}

// serveDocument answers GET /openapi.json and /openapi.yaml, which are not part of the API that they describe: whatever the client
// accepts they have one media type.
func serveDocument(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/openapi.json" && r.URL.Path != "/openapi.yaml" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	d, err := described()
	if err != nil {
		writeError(w, typeJSON, http.StatusInternalServerError, err.Error())
		return true
	}
	body, typ := d.json, typeJSON
	if r.URL.Path == "/openapi.yaml" {
		body, typ = d.yaml, "application/yaml"
	}
	w.Header().Set("Content-Type", typ)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	return true
}
