package registry

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Record is one entry of the log: key and value as Confluent's _schemas topic holds them, JSON both. A nil Value is a
// tombstone.
type Record struct {
	Key, Value []byte
	// Time is when the record was written, in milliseconds since 1970; the log keeps it beside the record as Kafka does.
	Time int64
}

// The errors that a Log gives back and the registry branches on.
var (
	ErrConflict  = errors.New("the log has moved on")
	ErrNotLeader = errors.New("this node does not lead the log")
)

// Log is the only durable state of a registry: an ordered run of records. Every rule lives above it.
type Log interface {
	// Append adds recs as one unit right after offset after (-1 for an empty log) and returns the last offset when they
	// are durable. ErrConflict: the log moved on. ErrNotLeader: not ours to write.
	Append(ctx context.Context, after int64, recs ...Record) (last int64, err error)
	// Follow calls apply for every record from offset from on, in order, and goes on with new ones until ctx ends or
	// apply fails. caughtUp is called each time everything appended so far has been applied, which is all before offset next.
	Follow(ctx context.Context, from int64, apply func(offset int64, r Record) error, caughtUp func(next int64)) error
	// End returns the offset behind everything that was durable when it was called: a Follow calls caughtUp with that or more.
	End(ctx context.Context) (next int64, err error)
	Close() error
}

// Resumable is a Log that can be followed from its middle by a registry that has a snapshot of what is before.
type Resumable interface {
	// Mark describes the log before an offset, up to which this process has read it: its identity, and what the log itself has to
	// know of it. Nothing is applied meanwhile.
	Mark(next int64) ([]byte, error)
	// Resume takes a mark that was made of the log before next, whose last record is last. An error: it is another log, or what is
	// before next may have changed; it is to be followed from its start.
	Resume(ctx context.Context, mark []byte, last Tip, next int64) error
	// Lasts is how long a mark can be used; 0: for good.
	Lasts() time.Duration
}

// Tip is the last record that was read of a log. A log that was made anew, put back from a backup or cut off, and has grown since,
// has another one there.
type Tip struct {
	Offset int64 // -1: the log is empty
	Digest uint64
}

// TipOf returns the tip of a log that ends with a record.
func TipOf(offset int64, r Record) Tip {
	b := binary.AppendVarint(make([]byte, 0, 2*binary.MaxVarintLen64+1), r.Time)
	b = binary.AppendUvarint(b, uint64(len(r.Key)))
	if r.Value == nil {
		b = append(b, 0)
	}
	h := xxhash.New()
	_, _ = h.Write(b)
	_, _ = h.Write(r.Key)
	_, _ = h.Write(r.Value)
	return Tip{offset, h.Sum64()}
}

// Sizer is a Log that does not take records of every size.
type Sizer interface {
	// Fits reports whether the log takes a record, which is decided before it is appended: a write whose records do not fit
	// fails alone, and not with those that share its Append.
	Fits(Record) bool
}
