// Package rest serves a registry.Registry over HTTP as Confluent's Schema Registry does: its paths, parameters, JSON, content
// types, status and error codes, and the words of its refusals.
//
// It decides nothing about schemas: every rule is in package registry. What is here is the web server that Confluent runs on,
// seen from outside: Jersey's routing and negotiation, Jackson's reading of bodies (json.go, bind.go) and Jetty's pages for
// malformed paths (path.go). testdata/confluent.jsonl holds what the real one answered.
//
// Where several nodes share a log it finds out which of them does what (forward.go): a write goes to the node that leads, and a
// read that finds nothing looks again once the node has read the log to its end.
//
// # Invariants
//
//   - Nothing that a client sends makes a handler panic or answers 500: bodies are bounded in size and depth.
//   - GET /schemas/ids/{id} without parameters writes bytes that are encoded already: no parsing, no lock.
//
// https://docs.confluent.io/platform/current/schema-registry/develop/api.html
package rest
