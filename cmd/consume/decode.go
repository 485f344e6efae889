package consume

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

// Decoder turns keys and values into JSON. It is safe for concurrent use.
type Decoder struct {
	registry *client.Client // nil: frames are not decoded

	mu    sync.Mutex // guards types
	types map[int]*avro.Type
}

// NewDecoder returns a decoder by a registry, which may be nil.
func NewDecoder(registry *client.Client) *Decoder {
	return &Decoder{registry: registry, types: map[int]*avro.Type{}}
}

// Decode returns b as JSON: a frame's datum, b itself when it is JSON, and else a string of it. framed tells whether it was
// decoded by a schema of the registry.
func (d *Decoder) Decode(ctx context.Context, b []byte) (text []byte, framed bool, err error) {
	if b == nil {
		return []byte("null"), false, nil
	}
	if id, datum, err := wire.Parse(b); err == nil && d.registry != nil {
		t, err := d.schema(ctx, id)
		if err != nil {
			return nil, true, err
		}
		if text, err = appendDatum(nil, t, datum); err != nil {
			return nil, true, fmt.Errorf("decoding a record of schema %d: %w", id, err)
		}
		return text, true, nil
	}
	if json.Valid(b) {
		var c bytes.Buffer
		if json.Compact(&c, b) == nil {
			return c.Bytes(), false, nil
		}
	}
	s := string(b)
	if !utf8.Valid(b) {
		s = "0x" + hex.EncodeToString(b)
	}
	text, err = json.Marshal(s)
	return text, false, err
}

func (d *Decoder) schema(ctx context.Context, id int) (*avro.Type, error) {
	d.mu.Lock()
	t := d.types[id]
	d.mu.Unlock()
	if t != nil {
		return t, nil
	}
	s, err := d.registry.SchemaByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("looking up schema %d: %w", id, err)
	}
	if s.Type != schema.Avro {
		return nil, fmt.Errorf("schema %d is %s, and only Avro is printed", id, s.Type)
	}
	parsed, err := avro.Parse(schema.Document{Text: s.Text, References: s.References}, resolver{ctx, d.registry}, schema.Options{Lenient: true})
	if err != nil {
		return nil, fmt.Errorf("reading schema %d: %w", id, err)
	}
	d.mu.Lock()
	d.types[id] = parsed.Root()
	d.mu.Unlock()
	return parsed.Root(), nil
}

// resolver asks the registry for what a schema refers to.
type resolver struct {
	ctx      context.Context //nolint:containedctx // it lives for one Parse
	registry *client.Client
}

func (r resolver) Resolve(ref schema.Reference) (schema.Document, error) {
	v, err := r.registry.Version(r.ctx, ref.Subject, ref.Version)
	return schema.Document{Text: v.Text, References: v.References}, err
}
