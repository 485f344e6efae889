// Package byname makes converters from what a worker's or a connector's configuration says: the name of a Java class and
// its options. It knows which options Kafka Connect's and Confluent's converters have, and refuses what Millrace does not
// do by name.
//
// Nothing is connected to and nothing is read when a converter is made, but for certificate files that options name.
package byname
