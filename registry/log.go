package registry

import (
	"context"
	"errors"
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

// Sizer is a Log that does not take records of every size.
type Sizer interface {
	// Fits reports whether the log takes a record, which is decided before it is appended: a write whose records do not fit
	// fails alone, and not with those that share its Append.
	Fits(Record) bool
}
