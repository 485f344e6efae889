// Package file keeps source offsets in one JSON file, for a worker on one machine. Every Save replaces the file whole and
// is on disk when it returns. One process uses a file at a time; several connectors of it share one Store.
//
// The file is {"version":1,"offsets":[{"connector":…,"partition":{…},"offset":{…}},…]}. It is not Kafka Connect's own
// offset file, a serialized Java map, which Open refuses by name.
package file
