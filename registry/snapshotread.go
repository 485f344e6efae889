package registry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/millrace/millrace/compat/schema"
)

var errSnapshot = errors.New("the snapshot is damaged")

// readSnapshot returns the state of a snapshot. Texts and names stay in the file's bytes, which are not copied.
func readSnapshot(file string, log *slog.Logger) (*state, snapshotHead, error) {
	b, drop, err := mapFile(file)
	if err != nil {
		return nil, snapshotHead{}, fmt.Errorf("reading the snapshot: %w", err)
	}
	s, head, err := decodeSnapshot(b, log)
	if err != nil {
		drop() // nothing of a state that is given up refers to it any more
		return nil, snapshotHead{}, fmt.Errorf("%w: %s", err, file)
	}
	return s, head, nil
}

func decodeSnapshot(b []byte, log *slog.Logger) (*state, snapshotHead, error) {
	body := len(b) - 8
	if body < len(snapshotMagic) || string(b[:len(snapshotMagic)]) != snapshotMagic || xxhash.Sum64(b[:body]) != binary.BigEndian.Uint64(b[body:]) {
		return nil, snapshotHead{}, errSnapshot
	}
	d := &decoder{b: b[len(snapshotMagic):body]}
	s := newState(log)
	head := d.snapshot(s)
	if d.failed || len(d.b) > 0 {
		return nil, snapshotHead{}, errSnapshot
	}
	return s, head, nil
}

// decoder reads a snapshot; after a fault it gives zeroes.
type decoder struct {
	b      []byte
	failed bool
}

func (d *decoder) fail() {
	d.failed, d.b = true, nil
}

func (d *decoder) int() int64 {
	n, used := binary.Varint(d.b)
	if used <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[used:]
	return n
}

// count reads how many of something follow, each of which takes a byte or more.
func (d *decoder) count() int {
	n := d.int()
	if n < 0 || n > int64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return make([]byte, n)
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) bytes() []byte { return d.take(d.count()) }

// text returns a text that shares the snapshot's memory, which nobody changes.
func (d *decoder) text() string {
	b := d.bytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (d *decoder) snapshot(s *state) snapshotHead {
	head := snapshotHead{next: d.int(), last: Tip{d.int(), binary.BigEndian.Uint64(d.take(8))}, mark: d.bytes()}
	for range d.count() {
		before := len(s.packer.dicts)
		if s.packer.add(d.bytes()); len(s.packer.dicts) == before {
			d.fail()
			return head
		}
	}
	for n := 0; n < len(s.packer.dicts); n++ {
		s.packer.nextAge = max(s.packer.nextAge, firstAge) * ageGrowth
	}
	for range d.count() {
		rec := Record{Key: d.bytes(), Value: d.bytes(), Time: d.int()}
		s.apply(head.last.Offset, rec)
	}
	for range d.count() {
		d.context(s)
	}
	return head
}

func (d *decoder) context(s *state) {
	c := s.context(strings.Clone(d.text()))
	c.declared, c.imported, c.maxID = d.int() == 1, d.int() == 1, int(d.int())
	subjects := make([]subject, d.count())
	c.subjects.own = make(map[string]*subject, len(subjects))
	total := 0
	var free []*version // for the lists, most of which are short
	for i := range subjects {
		sub := &subjects[i]
		sub.name = d.text()
		n := d.count()
		total += n
		if n > len(free) {
			free = make([]*version, max(n, 1024))
		}
		sub.versions, free = free[:0:n], free[n:]
		c.subjects.own[sub.name] = sub
		s.names.ReplaceOrInsert(sub.name)
	}
	if total > len(d.b) {
		d.fail()
		return
	}
	n := d.count()
	identities, bodies, first := make([]identity, n), make([]body, n), make([]place, n)
	c.ids.own, c.contents.own = make(map[int]*identity, n), make(map[GUID]*identity, n)
	for i := range identities {
		it := &identities[i]
		it.body = &bodies[i]
		it.places = first[i : i : i+1]
		if d.identity(s, it, subjects) {
			c.contents.own[it.body.guid] = it
		}
		c.ids.own[it.id] = it
	}
	versions := make([]version, total)
	for i := range subjects {
		sub := &subjects[i]
		for range cap(sub.versions) {
			v := &versions[0]
			versions = versions[1:]
			v.subject, v.number = sub.name, int(d.int())
			at := d.int()
			if at < 0 || at >= int64(len(identities)) {
				d.fail()
				return
			}
			v.id, v.body = identities[at].id, identities[at].body
			v.deleted, v.ts = d.int() == 1, d.int()
			sub.versions = append(sub.versions, v)
			s.refer(v, true)
		}
	}
	s.versions += total
}

// identity reads an identity and whether it is the one that its content's new versions get.
func (d *decoder) identity(s *state, it *identity, subjects []subject) (content bool) {
	b := it.body
	it.id = int(d.int())
	b.typ = knownType(schema.Type(d.text()))
	copy(b.guid[:], d.take(len(b.guid)))
	b.hash = binary.BigEndian.Uint64(d.take(8))
	b.packed = d.bytes()
	dict := d.int()
	switch {
	case len(b.packed) == 0 || dict < 0 || dict > int64(len(s.packer.dicts)) || b.packed[0] == packedDict && dict == 0:
		d.fail()
		return false
	case dict > 0:
		b.dict = s.packer.dicts[dict-1]
	}
	if extra := d.bytes(); len(extra) > 0 {
		var val schemaValue
		if decode(extra, &val) != nil {
			d.fail()
			return false
		}
		b.extras = &extras{val.References, val.Metadata, val.RuleSet}
	}
	content = d.int() == 1
	for range d.count() {
		p := place{}
		if i := d.int(); i > 0 && i <= int64(len(subjects)) {
			p.subject = subjects[i-1].name
		} else {
			p.subject = d.text()
		}
		p.number = int32(d.int())
		it.places = append(it.places, p)
		it.live++
	}
	if len(it.places) > manyPlaces {
		it.reindex()
	}
	return content
}
