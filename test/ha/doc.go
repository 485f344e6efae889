// Package ha runs three nodes of the registry on a real Kafka of three brokers, and on a JetStream cluster of three servers,
// while writers register and readers look up on every node. Nodes are killed, paused and cut off; brokers and servers are
// killed. What the clients saw must be linearizable, and nothing that was acknowledged may be missing on any node.
//
// The tests run in a network namespace of their own, and every node in one more, so that a node is cut off by taking down its
// link: nothing of the machine's network is touched. That needs root, or a kernel that lets users make namespaces, and the
// command ip. MILLRACE_HA_SOAK, a duration, repeats the faults at random for that long.
package ha
