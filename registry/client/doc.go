// Package client is a typed client of a schema registry with Confluent's API. What never changes is kept: schemas by id and
// GUID, and the id of a schema that was registered under a subject. Everything else is asked anew.
//
// Several URLs are nodes of one registry: a request that a node does not answer goes to the next one.
package client
