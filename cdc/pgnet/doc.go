// Package pgnet is the TCP connection under a Postgres replication stream.
//
// A walsender writes every row to its socket by itself. A client that is woken for each of these writes spends several
// microseconds of system time a row and slows the server down too, for both sides change threads all the time. Gather
// connections ask the kernel (SO_RCVLOWAT) to wake them for 64 KiB at a time while a lot is coming, which on Linux takes
// the cost of receiving from 4.5 µs to 0.2 µs a row and doubles the rate of the stream. While little is coming they behave
// as any connection: a single row is handed over at once.
//
// Invariants:
//   - No byte waits longer than maxWait for more to come.
//   - Deadlines mean what net.Conn says, also when they are set from another goroutine during a Read.
//   - TLS goes above: the bytes gathered are the ones on the wire.
package pgnet
