package pgoutput

import "fmt"

// Kind is a message's first byte.
type Kind byte

// The messages.
const (
	KindBegin        Kind = 'B'
	KindCommit       Kind = 'C'
	KindOrigin       Kind = 'O'
	KindRelation     Kind = 'R'
	KindType         Kind = 'Y'
	KindInsert       Kind = 'I'
	KindUpdate       Kind = 'U'
	KindDelete       Kind = 'D'
	KindTruncate     Kind = 'T'
	KindMessage      Kind = 'M'
	KindStreamStart  Kind = 'S'
	KindStreamStop   Kind = 'E'
	KindStreamCommit Kind = 'c'
	KindStreamAbort  Kind = 'A'
)

// Message is one decoded message; Kind tells which fields are set. It is made to be reused: Parse overwrites it.
type Message struct {
	Kind Kind
	// Xid is the transaction of a message inside a stream block: the subtransaction that made the change. 0 outside.
	Xid uint32

	Begin        Begin
	Commit       Commit
	Origin       Origin
	Relation     Relation
	Type         Type
	RelationID   uint32 // Insert, Update, Delete
	OldKind      byte   // Update, Delete: 'K' key columns, 'O' the whole old row, 0 none
	Old, New     Tuple
	Truncate     Truncate
	Logical      LogicalMessage
	StreamStart  StreamStart
	StreamCommit StreamCommit
	StreamAbort  StreamAbort
}

// Begin opens a transaction. Times are microseconds since 2000-01-01 00:00 UTC, here and below.
type Begin struct {
	FinalLSN   uint64 // of the commit record
	CommitTime int64
	Xid        uint32
}

// Commit ends a transaction.
type Commit struct {
	CommitLSN  uint64
	EndLSN     uint64
	CommitTime int64
}

// Origin tells where a transaction was first made.
type Origin struct {
	LSN  uint64 // of the commit on the origin
	Name []byte
}

// Relation describes a table before its first change and after each change of it. It does not alias the message.
type Relation struct {
	ID              uint32
	Namespace       string // "" is pg_catalog
	Name            string
	ReplicaIdentity byte // d default, n nothing, f full, i index
	Columns         []Column
}

// Column is one column of a Relation.
type Column struct {
	Key    bool // part of the replica identity
	Name   string
	Type   uint32
	Typmod int32
}

// Type names a type that is not built in.
type Type struct {
	ID        uint32
	Namespace string
	Name      string
}

// Truncate empties tables.
type Truncate struct {
	Cascade, RestartIdentity bool
	Relations                []uint32 // reused by the next Parse
}

// LogicalMessage is what pg_logical_emit_message wrote.
type LogicalMessage struct {
	Transactional bool
	LSN           uint64
	Prefix        []byte
	Content       []byte
}

// StreamStart opens a block of an in-progress transaction.
type StreamStart struct {
	Xid   uint32
	First bool
}

// StreamCommit commits a streamed transaction.
type StreamCommit struct {
	Xid        uint32
	CommitLSN  uint64
	EndLSN     uint64
	CommitTime int64
}

// StreamAbort rolls back a streamed transaction, or only the subtransaction SubXid of it.
type StreamAbort struct {
	Xid, SubXid uint32
	LSN         uint64 // protocol 4, parallel streaming; else 0
	Time        int64
}

// Tuple is a row's columns. Parse has checked it: Next cannot fail.
type Tuple struct {
	data []byte
	n    int // columns
	i    int // next column
	off  int
}

// Len returns the number of columns; 0 for an absent tuple.
func (t *Tuple) Len() int { return t.n }

// Reset goes back to the first column.
func (t *Tuple) Reset() { t.i, t.off = 0, 0 }

// Next returns the next column: kind 'n' null, 'u' unchanged TOAST value, 't' text, 'b' binary.
func (t *Tuple) Next() (kind byte, val []byte, ok bool) {
	if t.i == t.n {
		return 0, nil, false
	}
	t.i++
	kind = t.data[t.off]
	t.off++
	if kind == 'n' || kind == 'u' {
		return kind, nil, true
	}
	d := t.data[t.off:]
	n := int(uint32(d[0])<<24 | uint32(d[1])<<16 | uint32(d[2])<<8 | uint32(d[3]))
	t.off += 4 + n
	return kind, d[4 : 4+n : 4+n], true
}

// Error is a message that does not hold what its format promises.
type Error struct {
	Kind   Kind
	Offset int // where in the message
	What   string
}

// Error names the place.
func (e *Error) Error() string {
	if e.Kind == 0 {
		return fmt.Sprintf("pgoutput: %s at byte %d", e.What, e.Offset)
	}
	return fmt.Sprintf("pgoutput: %s at byte %d of a message %q", e.What, e.Offset, byte(e.Kind))
}
