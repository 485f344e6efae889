// Package offset keeps source positions: the Store that makes them durable and the Tracker that says how far they may go.
//
// A Tracker's invariant is the one that nothing is lost by: a position is committable only when everything before it is
// delivered. The stores that exist are offset/file and offset/kafka; connecttest.OffsetStore is what a store must pass.
//
// A position is opaque here: the JSON object that its source made. What a Store returns is what was saved, byte for byte up
// to white space.
package offset
