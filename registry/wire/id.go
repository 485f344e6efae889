package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The first bytes of frames.
const (
	MagicID   = 0 // a 4-byte id follows
	MagicGUID = 1 // a 16-byte GUID follows
	MagicGlue = 3 // AWS Glue: compression and a 16-byte schema version id follow
)

// ErrFrame is what every error of this package is: the bytes are not the frame that was asked for.
var ErrFrame = errors.New("not a frame of a schema registry")

// Append appends the prefix of schema id.
func Append(dst []byte, id int) []byte {
	return binary.BigEndian.AppendUint32(append(dst, MagicID), uint32(id))
}

// Parse splits a prefixed record into id and datum, which aliases b.
func Parse(b []byte) (id int, datum []byte, err error) {
	if err := begins(b, MagicID, 5); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(b[1:])
	if n > 1<<31-1 {
		return 0, nil, fmt.Errorf("%w: its id is negative", ErrFrame)
	}
	return int(n), b[5:], nil
}

// begins checks first byte and least length.
func begins(b []byte, magic byte, least int) error {
	if len(b) < least {
		return fmt.Errorf("%w: %d bytes are too few", ErrFrame, len(b))
	}
	if b[0] != magic {
		return fmt.Errorf("%w: it begins with %#02x", ErrFrame, b[0])
	}
	return nil
}
