package native

import (
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/policy"
	"github.com/millrace/millrace/compat/schema"
)

// targets are whose rules the policy LOGICAL adds to those of the languages.
var targets = []policy.Target{policy.Flink, policy.IcebergV2}

// Judged is a schema that is judged under the policy LOGICAL: what its own language finds, and then what Flink and Iceberg find.
type Judged struct {
	schema.Schema
	logical func() (*logical.Schema, error)
}

// Judge returns a schema that is judged under the policy LOGICAL.
func Judge(s Source) *Judged {
	return &Judged{Schema: s.Schema, logical: sync.OnceValues(s.Logical)}
}

// CanRead implements schema.Schema.
func (j *Judged) CanRead(writer schema.Schema) []schema.Difference {
	w, ok := writer.(*Judged)
	if !ok {
		w = Judge(Source{Schema: writer})
	}
	found := j.Schema.CanRead(w.Schema)
	if j.Type() != w.Type() {
		return found // which says so
	}
	old, err := w.logical()
	if err != nil {
		return append(found, unknown(err))
	}
	own, err := j.logical()
	if err != nil {
		return append(found, unknown(err))
	}
	found = slices.Clip(found)
	for _, t := range targets {
		found = append(found, policy.Differences(policy.Compare(t, old, own))...)
	}
	return found
}

// Faults returns why Flink or Iceberg cannot use the schema, whatever came before it.
func (j *Judged) Faults() []schema.Difference {
	own, err := j.logical()
	if err != nil {
		return []schema.Difference{unknown(err)}
	}
	var found []schema.Difference
	for _, t := range targets {
		found = append(found, policy.Differences(policy.Validate(t, own))...)
	}
	return found
}

// NoLogicalType is the rule of a schema that has no logical types, which nothing can be said about. It is not one of Confluent's.
const NoLogicalType = "NO_LOGICAL_TYPE"

func unknown(err error) schema.Difference {
	line := `{errorType:"` + NoLogicalType + `", description:"The schema has no logical types: ` + err.Error() + `"}`
	return schema.Difference{Rule: NoLogicalType, Detail: err.Error(), Message: strings.ReplaceAll(line, "%", "%%")}
}
