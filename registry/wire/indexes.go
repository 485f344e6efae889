package wire

import (
	"encoding/binary"
	"fmt"
)

// Varint is how message indexes are written.
type Varint uint8

// The two ways that are found. They agree on the first message of a file, which is nearly every record.
const (
	Zigzag   Varint = iota // Confluent's
	Unsigned               // what early clients for Python and .NET wrote, by mistake; nothing in a record tells
)

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

// ParseIndexes splits what follows a Protobuf frame into message indexes, which are appended to dst, and datum.
func ParseIndexes(dst []int, b []byte, as Varint) (indexes []int, datum []byte, err error) {
	n, b, ok := varint(b, as)
	if !ok || n > maxIndexes {
		return nil, nil, fmt.Errorf("%w: its count of message indexes is wrong", ErrFrame)
	}
	if n == 0 {
		return append(dst, 0), b, nil
	}
	for range n {
		var v int
		if v, b, ok = varint(b, as); !ok {
			return nil, nil, fmt.Errorf("%w: a message index is wrong", ErrFrame)
		}
		dst = append(dst, v)
	}
	return dst, b, nil
}

// varint reads a number of 31 bits in at most five bytes.
func varint(b []byte, as Varint) (n int, rest []byte, ok bool) {
	v, size := binary.Uvarint(b[:min(len(b), 5)])
	if as == Zigzag {
		if v&1 != 0 { // negative
			return 0, nil, false
		}
		v >>= 1
	}
	if size <= 0 || v > 1<<31-1 {
		return 0, nil, false
	}
	return int(v), b[size:], true
}
