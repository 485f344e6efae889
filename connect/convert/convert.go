// Package convert defines how rows become bytes. A Converter compiles one Encoder per schema pointer, which may ask the
// registry; the Encoder then runs per row without locks, reflection or allocation.
package convert

import (
	"context"
	"time"

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

// Converter turns schemas into encoders: the slow path, taken once per topic, part and schema pointer, and again for an
// encoder that has expired.
type Converter interface {
	// Encoder compiles s for records of topic. s is nil where the rows have no such part. Errors from a registry that
	// cannot be reached are marked Retriable by the caller's classifier; see the implementation's error types.
	Encoder(ctx context.Context, topic string, part Part, s *record.Schema) (Encoder, error)
}

// Expiring is an Encoder that may be good for a while only, as what it was compiled from may change without the schema.
type Expiring interface {
	// Expires returns when the converter is to be asked for another one; the zero time is never.
	Expires() time.Time
}

// Encoder encodes one part of rows of one schema. It is used by one goroutine at a time.
type Encoder interface {
	// Append appends the encoding of cell c of b, whose schema is the one compiled. It is not called for a row that
	// lacks the part (a tombstone): its message has no bytes there.
	Append(dst []byte, b *record.Batch, c uint32) ([]byte, error)
}
