// Package pgoutput decodes the messages of PostgreSQL's logical replication output plug-in pgoutput, protocol versions 1
// to 4: pure functions over bytes, without sockets, clocks or catalogues.
//
// Formats are those of the PostgreSQL manual, "Logical Replication Message Formats"; fields are named as there.
//
// Invariants:
//   - Every length is checked against the message before it is used, once, in Parse; reading a Tuple afterwards cannot
//     fail. A lying length never allocates.
//   - Slices of a Message alias the bytes given to Parse and are valid as long as those are.
//   - Insert, Update and Delete allocate nothing.
package pgoutput
