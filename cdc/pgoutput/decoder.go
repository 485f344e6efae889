package pgoutput

import (
	"bytes"
	"encoding/binary"
)

// Decoder parses the messages of one stream: it remembers whether the stream is inside a block of an in-progress
// transaction, where messages carry a transaction id. Not safe for concurrent use.
type Decoder struct {
	version  int
	inStream bool
}

// NewDecoder returns a decoder for the protocol version asked of the server.
func NewDecoder(protoVersion int) *Decoder { return &Decoder{version: protoVersion} }

// Parse decodes msg into m. An error is always an *Error.
func (d *Decoder) Parse(msg []byte, m *Message) error {
	if len(msg) == 0 {
		return &Error{What: "an empty message"}
	}
	r := reader{b: msg, off: 1, kind: Kind(msg[0])}
	m.Kind, m.Xid = r.kind, 0
	if d.inStream {
		switch r.kind {
		case KindRelation, KindType, KindInsert, KindUpdate, KindDelete, KindTruncate, KindMessage:
			m.Xid = r.u32()
		}
	}
	switch r.kind {
	case KindInsert:
		m.RelationID, m.OldKind, m.Old = r.u32(), 0, Tuple{}
		r.expect('N')
		m.New = r.tuple()
	case KindUpdate:
		m.RelationID, m.OldKind, m.Old = r.u32(), 0, Tuple{}
		if k := r.peek(); k == 'K' || k == 'O' {
			m.OldKind = r.u8()
			m.Old = r.tuple()
		}
		r.expect('N')
		m.New = r.tuple()
	case KindDelete:
		m.RelationID, m.New = r.u32(), Tuple{}
		if m.OldKind = r.u8(); m.OldKind != 'K' && m.OldKind != 'O' {
			r.fail("neither a key nor an old row")
		}
		m.Old = r.tuple()
	case KindBegin:
		m.Begin = Begin{FinalLSN: r.u64(), CommitTime: int64(r.u64()), Xid: r.u32()}
	case KindCommit:
		r.u8() // flags, unused
		m.Commit = Commit{CommitLSN: r.u64(), EndLSN: r.u64(), CommitTime: int64(r.u64())}
	case KindRelation:
		r.relation(&m.Relation)
	case KindType:
		m.Type = Type{ID: r.u32(), Namespace: string(r.cstring()), Name: string(r.cstring())}
	case KindOrigin:
		m.Origin = Origin{LSN: r.u64(), Name: r.cstring()}
	case KindTruncate:
		n := r.u32()
		flags := r.u8()
		m.Truncate = Truncate{Cascade: flags&1 != 0, RestartIdentity: flags&2 != 0, Relations: m.Truncate.Relations[:0]}
		for i := uint32(0); i < n && r.err == nil; i++ {
			m.Truncate.Relations = append(m.Truncate.Relations, r.u32())
		}
	case KindMessage:
		flags := r.u8()
		m.Logical = LogicalMessage{Transactional: flags&1 != 0, LSN: r.u64(), Prefix: r.cstring()}
		m.Logical.Content = r.take(int(r.u32()))
	case KindStreamStart:
		m.StreamStart = StreamStart{Xid: r.u32(), First: r.u8() == 1}
		if d.inStream {
			r.fail("a stream block inside another")
		}
		d.inStream = r.err == nil
	case KindStreamStop:
		if !d.inStream {
			r.fail("the end of a stream block outside one")
		}
		d.inStream = false
	case KindStreamCommit:
		xid := r.u32()
		r.u8() // flags, unused
		m.StreamCommit = StreamCommit{Xid: xid, CommitLSN: r.u64(), EndLSN: r.u64(), CommitTime: int64(r.u64())}
	case KindStreamAbort:
		m.StreamAbort = StreamAbort{Xid: r.u32(), SubXid: r.u32()}
		if d.version >= 4 && r.off < len(msg) {
			m.StreamAbort.LSN, m.StreamAbort.Time = r.u64(), int64(r.u64())
		}
	default:
		return &Error{Kind: r.kind, What: "an unknown message"}
	}
	if r.err == nil && r.off != len(msg) {
		r.fail("bytes left over")
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// reader takes bounded values off a message. After the first failure it returns zeros.
type reader struct {
	b    []byte
	off  int
	kind Kind
	err  *Error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = &Error{Kind: r.kind, Offset: r.off, What: what}
	}
}

func (r *reader) has(n int) bool {
	if r.err != nil || n < 0 || len(r.b)-r.off < n {
		r.fail("too short")
		return false
	}
	return true
}

func (r *reader) peek() byte {
	if !r.has(1) {
		return 0
	}
	return r.b[r.off]
}

func (r *reader) u8() byte {
	if !r.has(1) {
		return 0
	}
	r.off++
	return r.b[r.off-1]
}

func (r *reader) u16() uint16 {
	if !r.has(2) {
		return 0
	}
	r.off += 2
	return binary.BigEndian.Uint16(r.b[r.off-2:])
}

func (r *reader) u32() uint32 {
	if !r.has(4) {
		return 0
	}
	r.off += 4
	return binary.BigEndian.Uint32(r.b[r.off-4:])
}

func (r *reader) u64() uint64 {
	if !r.has(8) {
		return 0
	}
	r.off += 8
	return binary.BigEndian.Uint64(r.b[r.off-8:])
}

func (r *reader) take(n int) []byte {
	if !r.has(n) {
		return nil
	}
	r.off += n
	return r.b[r.off-n : r.off : r.off]
}

func (r *reader) cstring() []byte {
	if r.err != nil {
		return nil
	}
	i := bytes.IndexByte(r.b[r.off:], 0)
	if i < 0 {
		r.fail("a string without end")
		return nil
	}
	s := r.b[r.off : r.off+i : r.off+i]
	r.off += i + 1
	return s
}

func (r *reader) expect(c byte) {
	if got := r.u8(); r.err == nil && got != c {
		r.off--
		r.fail("not the tuple that is due")
	}
}

// tuple checks every column and returns a view of them.
func (r *reader) tuple() Tuple {
	n := int(r.u16())
	start := r.off
	for i := 0; i < n && r.err == nil; i++ {
		switch r.u8() {
		case 'n', 'u':
		case 't', 'b':
			r.take(int(int32(r.u32())))
		default:
			r.off--
			r.fail("an unknown kind of column")
		}
	}
	if r.err != nil {
		return Tuple{}
	}
	return Tuple{data: r.b[start:r.off:r.off], n: n}
}

func (r *reader) relation(rel *Relation) {
	*rel = Relation{ID: r.u32(), Namespace: string(r.cstring()), Name: string(r.cstring()), ReplicaIdentity: r.u8()}
	n := int(r.u16())
	// A column takes at least ten bytes, so that the count cannot make the slice larger than the message allows.
	if r.err == nil && n > (len(r.b)-r.off)/10 {
		r.fail("more columns than fit")
	}
	if r.err != nil {
		return
	}
	rel.Columns = make([]Column, 0, n)
	for i := 0; i < n && r.err == nil; i++ {
		c := Column{Key: r.u8()&1 != 0, Name: string(r.cstring()), Type: r.u32(), Typmod: int32(r.u32())}
		rel.Columns = append(rel.Columns, c)
	}
}
