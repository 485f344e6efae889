package avro

import "github.com/millrace/millrace/compat/schema"

// CanRead is under construction.
func (s *Schema) CanRead(writer schema.Schema) []schema.Difference { return nil }
