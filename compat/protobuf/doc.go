// Package protobuf is the Protobuf format of a schema registry as Confluent's judges and prints it: which texts it accepts and
// with what words it refuses the others, the canonical and the normalised text, the serialized descriptor, and every difference
// between two files that its compatibility levels look at.
//
// It is not a Protobuf compiler. Confluent reads files with Square's Wire, which asks for syntax alone: a field number may be
// used twice, an import may be missing while nothing uses it. A compiler refuses such files, and yet they are in registries;
// Schema.Descriptor is the strict view, made by protocompile, for those who encode and decode.
//
// A Schema is immutable. Positions are counted as Wire counts them, from 1 and in UTF-16 units, its slips included, since they
// are part of the message that clients see. Parsing takes time and memory linear in the text; size, nesting and the number of
// imported files are bounded.
package protobuf
