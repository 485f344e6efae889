package compat

import (
	"slices"
	"strings"
)

// Policy says by what rules schemas are judged, by the name that Confluent's API uses.
type Policy string

// The policies.
const (
	PolicyStrict  Policy = "STRICT"
	PolicyLenient Policy = "LENIENT" // JSON Schema's: see Lenient
	PolicyLogical Policy = "LOGICAL" // what Flink and Iceberg cannot follow is refused as well
)

// Policies returns all policies.
func Policies() []Policy { return []Policy{PolicyStrict, PolicyLenient, PolicyLogical} }

// ParsePolicy reads a policy, blind to case.
func ParsePolicy(s string) (Policy, bool) {
	p := Policy(strings.ToUpper(s))
	return p, slices.Contains(Policies(), p)
}
