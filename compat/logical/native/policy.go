package native

import (
	"strings"

	"github.com/millrace/millrace/compat/logical/policy"
	"github.com/millrace/millrace/compat/schema"
)

// NoLogicalType is the rule of a schema that has no logical types: under the policy LOGICAL nobody could read it. It is not one
// of Confluent's.
const NoLogicalType = "NO_LOGICAL_TYPE"

// Judge returns a schema with CanRead under the policy LOGICAL, and what is wrong with the schema by itself, whatever came before
// it. A schema without logical types, which is one of the things that can be wrong, reads and is read as its language has it.
func Judge(s Source) (judged schema.Schema, faults []schema.Difference) {
	tree, err := s.Logical()
	if err != nil {
		line := `{errorType:"` + NoLogicalType + `", description:"` + err.Error() + `"}`
		fault := schema.Difference{Rule: NoLogicalType, Detail: err.Error(), Message: strings.ReplaceAll(line, "%", "%%")}
		return policy.Reader(s.Schema, nil), []schema.Difference{fault}
	}
	return policy.Reader(s.Schema, tree), policy.Differences(policy.Validate(policy.Logical, tree))
}
