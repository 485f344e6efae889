// Package embedded runs a NATS server with JetStream in this process: a real, durable broker without another program, for
// `millrace dev` and the demo. It is one server, no member of a cluster.
//
// What it acknowledges survives the process; as with every NATS server at its defaults, files are synced to the disk every
// two minutes, so a machine that loses power may lose what came since.
package embedded
