// Package transfer moves what a registry holds: into a file, back from it, and from one registry to another. Ids, versions,
// soft deletion, references, metadata, rules, configs and modes stay as they are, so that what clients have written stays
// readable.
//
// A Dump is all of it in memory. It comes from a File, from a Remote, which is any registry with Confluent's API, or from a
// Store, which is a log that no registry has open. Copy brings a Remote or a Store to what a Dump says.
//
// # Invariants
//
//   - Copy writes nothing before it knows that nothing stands in the way: a version or an id of the target that is another
//     schema is a conflict, and a conflict is an error with the target as it was.
//   - Copy writes what is missing and nothing else, so it can be run again, after an interruption too. What the target has
//     beyond the Dump stays.
//   - After writing, the target is read back and compared; an error says what differs.
//   - A mode that Copy sets for its writes is put back when it ends, however it ends.
//
// The API tells a version's ids only while a subject has the version, and neither the settings of subjects that have no
// version, unless they are aliases, nor the time of a registration can be written over it. A Store has all of that.
package transfer
