// Package openapi holds the registry against its own description: schemathesis makes requests out of GET /openapi.json, good and
// bad ones, and judges the answers by it.
package openapi
