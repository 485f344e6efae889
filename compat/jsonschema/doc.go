// Package jsonschema is the JSON Schema language of the registry: it parses, prints and compares schemas with the texts, verdicts
// and sentences of Confluent's registry.
//
// Drafts 4, 6, 7, 2019-09 and 2020-12 are read, by $schema; a document without one, or with an unknown one, is draft 7. A document
// becomes a tree of nodes shaped as Confluent's comparison sees schemas, which is by class and not by keyword: a list of types is
// an anyOf, an enum beside a type is an allOf of both, keywords of objects without a type are an object that admits other values.
//
// It is not a validator of instances, and fetches nothing: what a $ref names must be in the document or among its references.
//
// Invariants:
//   - Canonical parses to a schema with the same canonical text.
//   - A schema reads itself.
//   - Parsing and comparing are bounded in time, depth and memory whatever the input is; a comparison that would exceed its
//     bounds finds the pair incompatible with the rule TOO_COMPLEX.
package jsonschema
