package kafkalog

import (
	"bytes"

	"github.com/millrace/millrace/registry"
)

// ledger knows under which other bytes than the canonical ones a topic holds records: other versions of Confluent's registry
// wrote another magic, or a null subject. Compaction and replay tell keys apart by their bytes.
type ledger map[string][][]byte // by canonical key

// read takes in a record.
func (l ledger) read(key, value []byte) {
	canonical, ok := registry.CanonicalKey(key)
	if !ok || bytes.Equal(canonical, key) {
		return
	}
	k := string(canonical)
	for i, other := range l[k] {
		if bytes.Equal(other, key) {
			if value == nil {
				if l[k] = append(l[k][:i:i], l[k][i+1:]...); len(l[k]) == 0 {
					delete(l, k)
				}
			}
			return
		}
	}
	if value != nil {
		l[k] = append(l[k], bytes.Clone(key))
	}
}

// complete returns recs with the tombstones that theirs miss, in front of them.
func (l ledger) complete(recs []registry.Record) []registry.Record {
	var more []registry.Record
	for _, r := range recs {
		if r.Value != nil {
			continue
		}
		for _, key := range l[string(r.Key)] {
			more = append(more, registry.Record{Key: key, Time: r.Time})
		}
	}
	if more == nil {
		return recs
	}
	return append(more, recs...)
}
