package compat

import "github.com/millrace/millrace/compat/schema"

// LenientReader is a schema of a language that can be judged under Confluent's policy LENIENT.
type LenientReader interface {
	schema.Schema
	// CanReadLenient is CanRead under the policy LENIENT.
	CanReadLenient(writer schema.Schema) []schema.Difference
}

// Lenient returns s with CanRead under the policy LENIENT; s itself when its language has no such policy.
func Lenient(s schema.Schema) schema.Schema {
	if r, ok := s.(LenientReader); ok {
		return lenient{r}
	}
	return s
}

type lenient struct{ LenientReader }

func (l lenient) CanRead(writer schema.Schema) []schema.Difference {
	if w, ok := writer.(lenient); ok {
		writer = w.LenientReader
	}
	return l.CanReadLenient(writer)
}
