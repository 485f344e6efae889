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
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

// Decoder turns keys and values into JSON. It is safe for concurrent use.
type Decoder struct {
	registry *client.Client // nil: frames are not decoded

	mu    sync.Mutex // guards types
	types map[schemaKey]*avro.Type
}

// schemaKey is what a frame names.
type schemaKey struct {
	id   int
	guid wire.GUID // where it has no id
}

func (k schemaKey) String() string {
	if k.id == 0 {
		return k.guid.String()
	}
	return fmt.Sprint(k.id)
}

// NewDecoder returns a decoder by a registry, which may be nil.
func NewDecoder(registry *client.Client) *Decoder {
	return &Decoder{registry: registry, types: map[schemaKey]*avro.Type{}}
}

// Decode returns b, a part of a record with headers, as JSON: the datum that Confluent's frame or header names the schema of, b
// itself when it is JSON, and else a string of it. framed tells whether it was decoded by a schema of the registry.
func (d *Decoder) Decode(ctx context.Context, part wire.Part, headers []record.Header, b []byte) (text []byte, framed bool, err error) {
	if b == nil {
		return []byte("null"), false, nil
	}
	if d.registry != nil {
		f, err := wire.Detect(part, headers, b)
		if err != nil {
			return nil, true, err
		}
		if f.Format == wire.ConfluentID || f.Format == wire.ConfluentGUID {
			k := schemaKey{int(f.ID), f.GUID}
			t, err := d.schema(ctx, k)
			if err != nil {
				return nil, true, err
			}
			if text, err = appendDatum(nil, t, f.Data); err != nil {
				return nil, true, fmt.Errorf("decoding a record of schema %s: %w", k, err)
			}
			return text, true, nil
		}
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

func (d *Decoder) schema(ctx context.Context, k schemaKey) (*avro.Type, error) {
	d.mu.Lock()
	t := d.types[k]
	d.mu.Unlock()
	if t != nil {
		return t, nil
	}
	var s client.Schema
	var err error
	if k.id != 0 {
		s, err = d.registry.SchemaByID(ctx, k.id)
	} else {
		s, err = d.registry.SchemaByGUID(ctx, k.guid.String())
	}
	if err != nil {
		return nil, fmt.Errorf("looking up schema %s: %w", k, err)
	}
	if s.Type != schema.Avro {
		return nil, fmt.Errorf("schema %s is %s, and only Avro is printed", k, s.Type)
	}
	parsed, err := avro.Parse(schema.Document{Text: s.Text, References: s.References}, resolver{ctx, d.registry}, schema.Options{Lenient: true})
	if err != nil {
		return nil, fmt.Errorf("reading schema %s: %w", k, err)
	}
	d.mu.Lock()
	d.types[k] = parsed.Root()
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
