// Package connect is what connector authors write against: sources that fill batches of rows, producers and sinks that
// deliver them, and the three classes of error that decide what the runtime does next.
//
// The order in which a row is delivered is the runtime's one promise, written here once:
//
//	read → encoded → produced → acked → offset durable → Source.Commit → memory reused
//
// A process that dies between any two steps reads the row again; none of them may be passed before the one on its left.
package connect
