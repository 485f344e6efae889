package offset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/connect/record"
)

// Key names one source partition of one connector. Partition is the compact JSON object that Kafka Connect uses, with
// keys sorted: {"server":"shop"}.
type Key struct{ Connector, Partition string }

// Store keeps positions. It is safe for concurrent use.
type Store interface {
	// Load returns every position of connector, including what other workers saved before the call.
	Load(ctx context.Context, connector string) (map[Key]record.Position, error)
	// Save stores all of offsets or none and is durable when it returns. A nil position deletes. It keeps neither the map
	// nor the positions.
	Save(ctx context.Context, offsets map[Key]record.Position) error
	Close(ctx context.Context) error
}

// Partition returns p as a Key holds it. A nil map is {}.
func Partition(p map[string]string) string {
	if p == nil {
		return "{}"
	}
	s, err := Canonical(p)
	if err != nil {
		panic(err) // a map of strings always marshals
	}
	return s
}

// Canonical returns v, a JSON object in any form (json.RawMessage, map), as compact JSON with sorted keys and numbers as
// they were written.
func Canonical(v any) (string, error) {
	raw, ok := v.(json.RawMessage)
	if ok {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var m map[string]any
		if err := d.Decode(&m); err != nil {
			return "", fmt.Errorf("reading a partition: %w", err)
		}
		if m == nil {
			return "", errors.New("a partition must be a JSON object")
		}
		v = m
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("writing a partition: %w", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}
