// Package election elects the one node that writes to a registry's log, among all that are members of a Kafka group. It
// speaks the group protocol that Confluent's nodes speak, so that nodes of both kinds can be members of one group: protocol
// type "sr", protocol "v0", metadata and assignments as JSON (protocol.go).
//
// It forwards nothing (registry/rest does) and fences nobody (registry/kafkalog does).
//
// # How a leader is chosen
//
// Each member says under which URL it can be reached and whether it may lead. The member that the group's coordinator has made
// the group's leader, which is another matter, chooses: the eligible member with the smallest URL or, when elections are
// sticky, the one that led before. When two members have the same URL nobody leads.
//
// # When a node leads
//
// A node leads from the assignment that names it until it is asked to join the group anew, and only while the coordinator has
// answered a heartbeat that was sent less than the session timeout ago. The coordinator chooses another leader no sooner than
// that, so no two nodes lead at the same time as long as their clocks run at the same speed. The clock counts while the process
// or the machine is suspended: a node that was paused knows on its first instruction that it does not lead any more. What it
// sent to a broker before, or sends between the look at the clock and the system call, is stopped by the log's own fence.
//
// Before it joins anew a leader lets the append that is under way end and gives the log up. So a node of Confluent's, which
// fences nobody, begins to write behind everything that was written here.
//
// # Restarts
//
// A node is a static member (KIP-345) under its URL: one that was killed and comes back takes its place at once, where a
// dynamic member of the same URL would be a second one until the first one's session has timed out.
package election
