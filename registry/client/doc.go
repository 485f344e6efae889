// Package client is a typed client of a schema registry with Confluent's API.
//
// Several URLs are nodes of one registry: a request that a node does not answer goes to the next one, and all of them are
// asked again after growing pauses. A request that must not be carried out twice is repeated only when it surely was not
// carried out once.
//
// What never changes is kept, within Config.CacheBytes: schemas by id and GUID, and ids of schemas under a subject. The latest
// version of a subject is kept for Config.LatestTTL. Several callers that miss the same thing make one request. Errors are not
// kept. Everything else is asked anew.
//
// Refusals are *Error with Confluent's code; see Code. Retriable tells what may pass by itself.
package client
