package wire

import (
	"encoding/hex"
	"fmt"
)

// The headers that carry a GUID frame beside a record whose key or value is bare.
const (
	KeyHeader   = "__key_schema_id"
	ValueHeader = "__value_schema_id"
)

// GUID identifies a schema by its content, and with AWS Glue a version of a schema.
type GUID [16]byte

// String returns the form of a UUID.
func (g GUID) String() string {
	var b [36]byte
	at := 0
	for i, end := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			b[at] = '-'
			at++
		}
		from := [...]int{0, 4, 6, 8, 10}[i]
		hex.Encode(b[at:], g[from:end])
		at += 2 * (end - from)
	}
	return string(b[:])
}

// GUIDOf reads the form of a UUID, as registries answer it.
func GUIDOf(text string) (g GUID, err error) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return g, fmt.Errorf("%w: %.40q is no UUID", ErrFrame, text)
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	if _, err := hex.Decode(g[:], []byte(digits)); err != nil {
		return GUID{}, fmt.Errorf("%w: %q is no UUID", ErrFrame, text)
	}
	return g, nil
}

// AppendGUID appends the GUID frame.
func AppendGUID(dst []byte, g GUID) []byte { return append(append(dst, MagicGUID), g[:]...) }

// ParseGUID splits a GUID frame, as it stands in a header or before a datum, into GUID and what follows it.
func ParseGUID(b []byte) (g GUID, rest []byte, err error) {
	if err := begins(b, MagicGUID, 17); err != nil {
		return g, nil, err
	}
	return GUID(b[1:17]), b[17:], nil
}
