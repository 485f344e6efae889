package kafkalog

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
)

// A batch in Kafka's format v2: https://kafka.apache.org/documentation/#recordbatch. Numbers are big endian.
const (
	lengthAt   = 8  // the length counts what follows it
	crcAt      = 17 // the checksum covers what follows it
	attrsAt    = 21
	headerSize = 61
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// producer is who writes a batch.
type producer struct {
	id       int64
	epoch    int16
	sequence int32 // of the next record
}

// advance moves the sequence on by n records; behind the greatest comes 0.
func (p *producer) advance(n int) { p.sequence = int32((int64(p.sequence) + int64(n)) & 0x7fffffff) }

// encodeBatch returns recs as one batch, compressed only where it would be greater than most otherwise: Confluent's registry
// does not compress.
func encodeBatch(p producer, recs []registry.Record, most int, c kgo.Compressor) []byte {
	size := headerSize
	for _, r := range recs {
		size += recordBound(r)
	}
	b := make([]byte, headerSize, size)
	first, latest := recs[0].Time, recs[0].Time
	for i, r := range recs {
		b = appendRecord(b, i, r, first)
		latest = max(latest, r.Time)
	}
	attrs := uint16(0)
	if len(b) > most {
		if packed, codec := c.Compress(new(bytes.Buffer), b[headerSize:]); codec > 0 {
			attrs = uint16(codec)
			b = append(b[:headerSize:headerSize], packed...)
		}
	}
	binary.BigEndian.PutUint64(b, 0) // the broker gives the offset
	binary.BigEndian.PutUint32(b[lengthAt:], uint32(len(b)-lengthAt-4))
	binary.BigEndian.PutUint32(b[12:], 0xffffffff) // leader epoch: the broker's to fill in
	b[16] = 2                                      // the format's version
	binary.BigEndian.PutUint16(b[attrsAt:], attrs)
	binary.BigEndian.PutUint32(b[23:], uint32(len(recs)-1))
	binary.BigEndian.PutUint64(b[27:], uint64(first))
	binary.BigEndian.PutUint64(b[35:], uint64(latest))
	binary.BigEndian.PutUint64(b[43:], uint64(p.id))
	binary.BigEndian.PutUint16(b[51:], uint16(p.epoch))
	binary.BigEndian.PutUint32(b[53:], uint32(p.sequence))
	binary.BigEndian.PutUint32(b[57:], uint32(len(recs)))
	binary.BigEndian.PutUint32(b[crcAt:], crc32.Checksum(b[attrsAt:], castagnoli))
	return b
}

// recordBound is more than a record takes.
func recordBound(r registry.Record) int { return len(r.Key) + len(r.Value) + 6*binary.MaxVarintLen32 }

// appendRecord appends record i of a batch whose first has the time first. Numbers are zigzag varints.
func appendRecord(b []byte, i int, r registry.Record, first int64) []byte {
	var body [3*binary.MaxVarintLen64 + 1]byte
	head := append(body[:0], 0) // attributes
	head = binary.AppendVarint(head, r.Time-first)
	head = binary.AppendVarint(head, int64(i))
	head = binary.AppendVarint(head, int64(len(r.Key)))
	value := int64(-1)
	if r.Value != nil {
		value = int64(len(r.Value))
	}
	n := len(head) + len(r.Key) + varintSize(value) + len(r.Value) + 1
	b = binary.AppendVarint(b, int64(n))
	b = append(append(b, head...), r.Key...)
	b = binary.AppendVarint(b, value)
	b = append(b, r.Value...)
	return append(b, 0) // no headers
}

func varintSize(v int64) int {
	var b [binary.MaxVarintLen64]byte
	return binary.PutVarint(b[:], v)
}

// split cuts recs where a batch would be greater than most. A record that is alone greater stays alone: compression may do.
func split(recs []registry.Record, most int) [][]registry.Record {
	var out [][]registry.Record
	start, size := 0, headerSize
	for i, r := range recs {
		n := recordBound(r)
		if i > start && size+n > most {
			out = append(out, recs[start:i])
			start, size = i, headerSize
		}
		size += n
	}
	return append(out, recs[start:])
}
