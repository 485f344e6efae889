package wire

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Compression of a Glue frame, by its second byte.
const (
	GluePlain = 0
	GlueZlib  = 5
)

// ParseGlue splits a record of AWS Glue's serializers into the id of the schema version and what follows: the datum, or its
// compressed form, which Inflate restores. It aliases b.
func ParseGlue(b []byte) (version GUID, compression byte, rest []byte, err error) {
	if err := begins(b, MagicGlue, 18); err != nil {
		return version, 0, nil, err
	}
	if b[1] != GluePlain && b[1] != GlueZlib {
		return version, 0, nil, fmt.Errorf("%w: Glue has no compression %#02x", ErrFrame, b[1])
	}
	return GUID(b[2:18]), b[1], b[18:], nil
}

// AppendGlue appends the prefix of a datum that is not compressed.
func AppendGlue(dst []byte, version GUID) []byte {
	return append(append(dst, MagicGlue, GluePlain), version[:]...)
}

// ErrTooLong is Inflate's when a datum is longer than its bound. It is also an ErrFrame.
var ErrTooLong = fmt.Errorf("%w: it inflates to more than is allowed", ErrFrame)

// inflater is a zlib stream that is used again and again.
type inflater struct {
	from  bytes.Reader
	z     io.ReadCloser
	limit io.LimitedReader
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// Inflate appends the datum of a zlib stream to dst, and refuses one of more than most bytes.
func Inflate(dst, b []byte, most int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer func() {
		f.from.Reset(nil)
		inflaters.Put(f)
	}()
	f.from.Reset(b)
	var err error
	if f.z == nil {
		f.z, err = zlib.NewReader(&f.from)
	} else {
		err = f.z.(zlib.Resetter).Reset(&f.from, nil)
	}
	if err != nil {
		f.z = nil
		return nil, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	start := len(dst)
	f.limit = io.LimitedReader{R: f.z, N: int64(most) + 1}
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := f.limit.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if len(dst)-start > most {
			return nil, ErrTooLong
		}
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFrame, err)
		}
	}
}
