package json

import (
	"context"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// Options are the converter's options. The zero value holds Kafka Connect's defaults.
type Options struct {
	Schemaless      bool // schemas.enable=false
	NumericDecimals bool // decimal.format=NUMERIC
	KeepNulls       bool // replace.null.with.default=false
}

// Converter compiles encoders. It holds no state and is safe for concurrent use.
type Converter struct{ o Options }

// New returns a converter.
func New(o Options) *Converter { return &Converter{o} }

// Encoder compiles s. The error is a *convert.SchemaError.
func (v *Converter) Encoder(_ context.Context, _ string, _ convert.Part, s *record.Schema) (convert.Encoder, error) {
	if s == nil {
		return absent{}, nil
	}
	return compile(s, v.o)
}

// absent encodes a part without schema, which is null: no bytes.
type absent struct{}

func (absent) Append(dst []byte, _ *record.Batch, _ uint32) ([]byte, error) { return dst, nil }
