// Package converttest makes rows for tests and benchmarks of converters: from literals, and envelopes of the shape that
// captured tables have.
package converttest
