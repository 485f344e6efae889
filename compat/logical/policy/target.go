package policy

import "strings"

// Target is a set of the consumers whose rules apply.
type Target uint8

// The targets.
const (
	Flink     Target = 1 << iota // Flink SQL tables
	IcebergV2                    // Apache Iceberg tables of format version 2
	IcebergV3                    // of format version 3: with column defaults, nanosecond timestamps and variants
)

// Logical are the targets of the compatibility policy LOGICAL.
const Logical = Flink | IcebergV2

var targets = []struct {
	target Target
	name   string
}{{Flink, "FLINK"}, {IcebergV2, "ICEBERG_V2"}, {IcebergV3, "ICEBERG_V3"}}

// String returns the names of the targets as Confluent has them, with commas between.
func (t Target) String() string {
	var names []string
	for _, one := range targets {
		if t&one.target != 0 {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, ", ")
}

func (t Target) iceberg() bool { return t&(IcebergV2|IcebergV3) != 0 }

// each calls find for every single target of the set and joins what it finds: what several targets object to by the same rule at
// the same path is one finding, with the words of the first. Where each does so more than once, the first goes with the first.
func (t Target) each(find func(Target) []Finding) []Finding {
	type key struct {
		rule Rule
		path string
		nth  int
	}
	var out []Finding
	at := make(map[key]int)
	for _, one := range targets {
		if t&one.target == 0 {
			continue
		}
		nth := make(map[key]int)
		for _, f := range find(one.target) {
			k := key{rule: f.Rule, path: f.Path}
			nth[k]++
			k.nth = nth[k]
			if i, ok := at[k]; ok {
				out[i].Target |= f.Target
				continue
			}
			at[k] = len(out)
			out = append(out, f)
		}
	}
	return out
}
