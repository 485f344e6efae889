package policy

import (
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// Reader returns s with CanRead under the compatibility policy LOGICAL: what s itself finds in a writer, and then what Compare
// does. tree is the logical type of s; nil where it has none, or none is known: then s alone judges. A writer is judged by its
// tree when it comes from Reader too, and is of the same language.
//
// What Validate finds is not among it: that is about s alone, and holds with no writer as well.
func Reader(s schema.Schema, tree *logical.Schema) schema.Schema { return reader{s, tree} }

type reader struct {
	schema.Schema
	tree *logical.Schema
}

func (r reader) CanRead(writer schema.Schema) []schema.Difference {
	w, ok := writer.(reader)
	if !ok {
		return r.Schema.CanRead(writer)
	}
	found := r.Schema.CanRead(w.Schema)
	if r.Type() != w.Type() {
		return found
	}
	return append(found[:len(found):len(found)], Differences(Compare(Logical, w.tree, r.tree))...)
}
