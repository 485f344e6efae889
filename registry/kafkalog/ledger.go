package kafkalog

import (
	"bytes"

	"github.com/millrace/millrace/registry"
)

// ledger knows under which other bytes than the canonical ones a topic holds records: other versions of Confluent's registry
// wrote another magic, or a null subject. Compaction and replay tell keys apart by their bytes.
type ledger map[string][][]byte // by canonical key

// The parts of a version's key.
var (
	schemaStart  = []byte(`{"keytype":"SCHEMA","subject":"`)
	schemaMiddle = []byte(`","version":`)
	schemaEnd    = []byte(`,"magic":1}`)
)

// plain says that a key is a version's canonical one by its looks, as nearly all are. What it does not know by them it denies.
func plain(key []byte) bool {
	rest, begins := bytes.CutPrefix(key, schemaStart)
	rest, ends := bytes.CutSuffix(rest, schemaEnd)
	subject, version, ok := bytes.Cut(rest, schemaMiddle)
	if !begins || !ends || !ok || len(version) == 0 || version[0] == '0' || len(version) > 9 || len(subject) == 0 || subject[0] == ':' {
		return false
	}
	for _, c := range subject {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	for _, c := range version {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// read takes in a record.
func (l ledger) read(key, value []byte) {
	if plain(key) {
		return
	}
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
