package consume

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/linkedin/goavro/v2"

	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

// Decoder turns keys and values into JSON. It is safe for concurrent use.
type Decoder struct {
	registry *client.Client // nil: frames are not decoded

	mu     sync.Mutex // guards codecs
	codecs map[int]*goavro.Codec
}

// NewDecoder returns a decoder by a registry, which may be nil.
func NewDecoder(registry *client.Client) *Decoder {
	return &Decoder{registry: registry, codecs: map[int]*goavro.Codec{}}
}

// Decode returns b as JSON: a frame's datum, b itself when it is JSON, and else a string of it. framed tells whether it was
// decoded by a schema of the registry.
func (d *Decoder) Decode(ctx context.Context, b []byte) (text []byte, framed bool, err error) {
	if b == nil {
		return []byte("null"), false, nil
	}
	if id, datum, err := wire.Parse(b); err == nil && d.registry != nil {
		text, err := d.avro(ctx, id, datum)
		return text, true, err
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

func (d *Decoder) avro(ctx context.Context, id int, datum []byte) ([]byte, error) {
	c, err := d.codec(ctx, id)
	if err != nil {
		return nil, err
	}
	native, rest, err := c.NativeFromBinary(datum)
	if err != nil {
		return nil, fmt.Errorf("decoding a record of schema %d: %w", id, err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("decoding a record of schema %d: %d bytes are left over", id, len(rest))
	}
	return c.TextualFromNative(nil, native)
}

func (d *Decoder) codec(ctx context.Context, id int) (*goavro.Codec, error) {
	d.mu.Lock()
	c := d.codecs[id]
	d.mu.Unlock()
	if c != nil {
		return c, nil
	}
	s, err := d.registry.SchemaByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("looking up schema %d: %w", id, err)
	}
	if c, err = goavro.NewCodecForStandardJSONFull(s.Text); err != nil {
		return nil, fmt.Errorf("reading schema %d: %w", id, err)
	}
	d.mu.Lock()
	d.codecs[id] = c
	d.mu.Unlock()
	return c, nil
}
