// Package wire reads and writes the frames that tie a record to its schema: Confluent's prefix of a zero byte and a schema id,
// the GUID header of its newer serializers, and the message indexes of Protobuf. It is pure bytes.
//
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
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
)

// The headers that carry a GUID frame beside a record whose key or value is bare.
const (
	KeyHeader   = "__key_schema_id"
	ValueHeader = "__value_schema_id"
)

// ErrFrame is what every error of this package is: the bytes are not the frame that was asked for.
var ErrFrame = errors.New("not a frame of a schema registry")

// Append appends the prefix of schema id.
func Append(dst []byte, id int) []byte {
	return binary.BigEndian.AppendUint32(append(dst, MagicID), uint32(id))
}

// Parse splits a prefixed record into id and datum, which aliases b.
func Parse(b []byte) (id int, datum []byte, err error) {
	if len(b) < 5 {
		return 0, nil, fmt.Errorf("%w: %d bytes are too few", ErrFrame, len(b))
	}
	if b[0] != MagicID {
		return 0, nil, fmt.Errorf("%w: it begins with %#02x", ErrFrame, b[0])
	}
	n := binary.BigEndian.Uint32(b[1:])
	if n > 1<<31-1 {
		return 0, nil, fmt.Errorf("%w: its id is negative", ErrFrame)
	}
	return int(n), b[5:], nil
}

// GUID identifies a schema by its content.
type GUID [16]byte

// String returns the form of a UUID.
func (g GUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[0:4], g[4:6], g[6:8], g[8:10], g[10:16])
}

// AppendGUID appends the GUID frame.
func AppendGUID(dst []byte, g GUID) []byte { return append(append(dst, MagicGUID), g[:]...) }

// ParseGUID splits a GUID frame, as it stands in a header, into GUID and what follows it.
func ParseGUID(b []byte) (g GUID, rest []byte, err error) {
	if len(b) < 17 {
		return g, nil, fmt.Errorf("%w: %d bytes are too few", ErrFrame, len(b))
	}
	if b[0] != MagicGUID {
		return g, nil, fmt.Errorf("%w: it begins with %#02x", ErrFrame, b[0])
	}
	copy(g[:], b[1:])
	return g, b[17:], nil
}

// AppendIndexes appends the path of a Protobuf message in its file: count and each index as zigzag varints, where the first
// message alone is a single zero byte.
func AppendIndexes(dst []byte, indexes []int) []byte {
	if len(indexes) == 1 && indexes[0] == 0 {
		return append(dst, 0)
	}
	dst = binary.AppendVarint(dst, int64(len(indexes)))
	for _, i := range indexes {
		dst = binary.AppendVarint(dst, int64(i))
	}
	return dst
}

// maxIndexes bounds the nesting of Protobuf messages.
const maxIndexes = 100

// ParseIndexes splits what follows a Protobuf frame into message indexes and datum.
func ParseIndexes(b []byte) (indexes []int, datum []byte, err error) {
	n, size := binary.Varint(b)
	if size <= 0 || n < 0 || n > maxIndexes {
		return nil, nil, fmt.Errorf("%w: its count of message indexes is wrong", ErrFrame)
	}
	b = b[size:]
	if n == 0 {
		return []int{0}, b, nil
	}
	indexes = make([]int, n)
	for i := range indexes {
		v, size := binary.Varint(b)
		if size <= 0 || v < 0 || v > 1<<31-1 {
			return nil, nil, fmt.Errorf("%w: a message index is wrong", ErrFrame)
		}
		indexes[i], b = int(v), b[size:]
	}
	return indexes, b, nil
}
