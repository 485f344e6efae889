package natslog

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/millrace/millrace/registry"
)

const (
	format   = 1
	idSize   = 16
	headSize = 1 + idSize + 2*binary.MaxVarintLen32
	// offsetBits is how many bits of an offset tell apart the records of a unit.
	offsetBits  = 20
	mostRecords = 1 << offsetBits
	// mostUnit bounds the encoding of a unit, in bytes.
	mostUnit = 256 << 20
	// mostParts bounds the parts of a unit: 256 MiB at the least size of a part.
	mostParts = mostUnit / leastPart
	leastPart = 512
)

var errForeign = errors.New("it is no message of a registry's log")

type unitID [idSize]byte

func newUnitID() (id unitID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// messageID is the Nats-Msg-Id of a part.
func messageID(id unitID, index int) string {
	return hex.EncodeToString(id[:]) + "-" + strconv.Itoa(index)
}

// endOf returns the offset of the last record of the unit whose last message has a sequence.
func endOf(sequence uint64) int64 { return int64(sequence)<<offsetBits - 1 }

// sequenceAt returns the sequence of the message that a log which ends at an offset ends with. ok is false where no log ends.
func sequenceAt(end int64) (sequence uint64, ok bool) {
	if end < -1 || end+1 < 0 || (end+1)%mostRecords != 0 {
		return 0, false
	}
	return uint64(end+1) >> offsetBits, true
}

// encode returns the encoding of a unit's records.
func encode(recs []registry.Record) ([]byte, error) {
	if len(recs) > mostRecords {
		return nil, fmt.Errorf("%d records are more than the %d of one unit", len(recs), mostRecords)
	}
	size := 0
	for _, r := range recs {
		size += 1 + 3*binary.MaxVarintLen64 + len(r.Key) + len(r.Value)
	}
	if size > mostUnit {
		return nil, fmt.Errorf("%d bytes are more than the %d of one unit", size, mostUnit)
	}
	b := make([]byte, 0, size)
	for _, r := range recs {
		var flags byte
		if r.Value == nil {
			flags = 1
		}
		b = binary.AppendVarint(append(b, flags), r.Time)
		b = append(binary.AppendUvarint(b, uint64(len(r.Key))), r.Key...)
		b = append(binary.AppendUvarint(b, uint64(len(r.Value))), r.Value...)
	}
	return b, nil
}

// decode returns the records of a unit, which keep b.
func decode(b []byte) ([]registry.Record, error) {
	var recs []registry.Record
	for len(b) > 0 {
		flags := b[0]
		at, n := binary.Varint(b[1:])
		if flags > 1 || n <= 0 || len(recs) == mostRecords {
			return nil, errForeign
		}
		r := registry.Record{Time: at}
		var ok bool
		if r.Key, b, ok = cut(b[1+n:]); !ok {
			return nil, errForeign
		}
		if r.Value, b, ok = cut(b); !ok || flags == 1 && len(r.Value) > 0 {
			return nil, errForeign
		}
		if flags == 1 {
			r.Value = nil
		}
		recs = append(recs, r)
	}
	if len(recs) == 0 {
		return nil, errForeign
	}
	return recs, nil
}

// cut takes bytes off b that their length precedes.
func cut(b []byte) (field, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	end := n + int(size)
	return b[n:end:end], b[end:], true
}

// split returns the bodies of the messages that carry a unit, of at most size bytes each.
func split(id unitID, unit []byte, size int) [][]byte {
	size -= headSize
	count := (len(unit) + size - 1) / size
	bodies := make([][]byte, 0, count)
	for i := range count {
		piece := unit[i*size : min((i+1)*size, len(unit))]
		b := append(make([]byte, 0, headSize+len(piece)), format)
		b = append(b, id[:]...)
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(i)), uint64(count))
		bodies = append(bodies, append(b, piece...))
	}
	return bodies
}

// part is a message's body, read.
type part struct {
	id           unitID
	index, count int
	data         []byte // keeps the body
}

func (p part) last() bool { return p.index == p.count-1 }

func readPart(body []byte) (part, error) {
	var p part
	if len(body) < 1+idSize || body[0] != format {
		return p, errForeign
	}
	rest := body[1+copy(p.id[:], body[1:]):]
	index, n := binary.Uvarint(rest)
	if n <= 0 {
		return p, errForeign
	}
	count, m := binary.Uvarint(rest[n:])
	if m <= 0 || count > mostParts || index >= count {
		return p, errForeign
	}
	p.index, p.count, p.data = int(index), int(count), rest[n+m:]
	return p, nil
}

// assembler puts the parts of units together.
type assembler struct {
	id   unitID
	next int // index of the part to come; 0: none is expected
	data []byte
}

// add takes the next message's body and returns the records of the unit that it completes, or none. Parts that no last one
// follows are dropped.
func (a *assembler) add(body []byte) ([]registry.Record, error) {
	p, err := readPart(body)
	if err != nil {
		return nil, err
	}
	switch {
	case p.index == 0:
		*a = assembler{id: p.id}
		if p.count == 1 {
			return decode(p.data)
		}
	case p.index != a.next || p.id != a.id:
		return nil, errForeign // a part is stored right behind the one before it or not at all
	}
	if len(a.data)+len(p.data) > mostUnit {
		return nil, errForeign
	}
	a.data = append(a.data, p.data...)
	a.next = p.index + 1
	if !p.last() {
		return nil, nil
	}
	unit := a.data
	*a = assembler{}
	return decode(unit)
}
