// Package convert defines how rows become bytes. A Converter compiles one Encoder per schema pointer, which may ask the
// registry; the Encoder then runs per row without locks, reflection or allocation.
package convert

import (
	"context"

	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/registry/wire"
)

// Part tells a record's key from its value.
type Part = wire.Part

// The parts.
const (
	Key   = wire.Key
	Value = wire.Value
)

// Converter turns schemas into encoders: the slow path, taken once per topic, part and schema pointer.
type Converter interface {
	// Encoder compiles s for records of topic. s is nil where the rows have no such part. Errors from a registry that
	// cannot be reached are marked Retriable by the caller's classifier; see the implementation's error types.
	Encoder(ctx context.Context, topic string, part Part, s *record.Schema) (Encoder, error)
}

// Encoder encodes one part of rows of one schema. It is used by one goroutine at a time.
type Encoder interface {
	// Append appends the encoding of cell c of b, whose schema is the one compiled. It is not called for a row that
	// lacks the part (a tombstone): its message has no bytes there.
	Append(dst []byte, b *record.Batch, c uint32) ([]byte, error)
}
