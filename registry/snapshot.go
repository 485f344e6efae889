package registry

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// The snapshot's file: snapshotMagic, the sections below, and an xxHash64 of all before it in 8 bytes, big endian. Numbers are
// varints, texts and bytes come after their length.
//
//	next, last          the offset that follows what is in it; offset and digest of the last record applied
//	mark                of the log
//	dictionaries        as the packer has them
//	records             key, value and time of those that are kept as they are in the log: configs, modes, associations
//	contexts            name, whether declared, whether an import wrote over a version, greatest id, then
//	  subjects          name and number of versions, by name
//	  identities        id, type, GUID, hash, packed text, dictionary + 1, extras as JSON, places (subject's index + 1, or 0 and its
//	                    name; number), whether it is the one that new versions of its content get
//	  versions          subject by subject: number, the identity's index, whether deleted, time
const snapshotMagic = "millrace registry snapshot 3\n"

type snapshotHead struct {
	next int64
	last Tip
	mark []byte
}

// capture is a copy of what changes in a state; bodies and versions do not.
type capture struct {
	dicts    []*dictionary
	records  []Record
	contexts []capturedContext
}

type capturedContext struct {
	name       string
	declared   bool
	imported   bool
	maxID      int
	subjects   []subject
	identities []capturedIdentity
}

type capturedIdentity struct {
	id      int
	body    *body
	places  []place
	content bool // the context's contents have it
}

// capture runs while nothing is applied.
func (s *state) capture() capture {
	s.packer.mu.Lock()
	c := capture{dicts: slices.Clone(s.packer.dicts)}
	s.packer.mu.Unlock()
	for subject, cfg := range s.configs.all() {
		c.records = append(c.records, configRecord(subject, cfg))
	}
	for subject, mode := range s.modes.all() {
		c.records = append(c.records, modeRecord(subject, mode))
	}
	for _, a := range s.associations.all.all() {
		rec := a.record()
		rec.Time = a.Updated
		c.records = append(c.records, rec)
	}
	at := map[string]int{}
	for name, ctx := range s.contexts.all() {
		at[name] = len(c.contexts)
		cc := capturedContext{name: name, declared: ctx.declared, imported: ctx.imported, maxID: ctx.maxID}
		for _, it := range ctx.ids.all() {
			cc.identities = append(cc.identities, capturedIdentity{it.id, it.body, slices.Clone(it.places), ctx.contents.at(it.body.guid) == it})
		}
		c.contexts = append(c.contexts, cc)
	}
	s.names.Ascend(func(name string) bool {
		sub := s.subject(name)
		cc := &c.contexts[at[Qualify(name).Context]]
		cc.subjects = append(cc.subjects, subject{name, slices.Clone(sub.versions)})
		return true
	})
	return c
}

// encoder writes a snapshot's numbers and texts; the first error stays.
type encoder struct {
	w   *bufio.Writer
	buf []byte
}

func (e *encoder) int(n int64) {
	e.buf = binary.AppendVarint(e.buf[:0], n)
	_, _ = e.w.Write(e.buf) // the error comes with Flush
}

func (e *encoder) bytes(b []byte) {
	e.int(int64(len(b)))
	_, _ = e.w.Write(b)
}

func (e *encoder) text(s string) {
	e.int(int64(len(s)))
	_, _ = e.w.WriteString(s)
}

func (e *encoder) uint64(n uint64) {
	e.buf = binary.BigEndian.AppendUint64(e.buf[:0], n)
	_, _ = e.w.Write(e.buf)
}

func (e *encoder) bool(b bool) {
	n := int64(0)
	if b {
		n = 1
	}
	e.int(n)
}

// writeSnapshot replaces the file at once, or leaves it.
func writeSnapshot(file string, head snapshotHead, c *capture) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the snapshot's directory: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), unfinished(file)+"*"+unfinishedEnd)
	if err != nil {
		return fmt.Errorf("making the snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	sum := xxhash.New()
	e := &encoder{w: bufio.NewWriterSize(io.MultiWriter(f, sum), 256<<10)}
	_, _ = e.w.WriteString(snapshotMagic)
	e.snapshot(head, c)
	if err := e.w.Flush(); err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	if _, err := f.Write(binary.BigEndian.AppendUint64(nil, sum.Sum64())); err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing the snapshot: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("closing the snapshot: %w", err)
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return fmt.Errorf("replacing the snapshot: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

func (e *encoder) snapshot(head snapshotHead, c *capture) {
	e.int(head.next)
	e.int(head.last.Offset)
	e.uint64(head.last.Digest)
	e.bytes(head.mark)
	e.int(int64(len(c.dicts)))
	for _, d := range c.dicts {
		e.bytes(d.src)
	}
	e.int(int64(len(c.records)))
	for _, r := range c.records {
		e.bytes(r.Key)
		e.bytes(r.Value)
		e.int(r.Time)
	}
	e.int(int64(len(c.contexts)))
	for i := range c.contexts {
		e.context(&c.contexts[i])
	}
}

func (e *encoder) context(c *capturedContext) {
	e.text(c.name)
	e.bool(c.declared)
	e.bool(c.imported)
	e.int(int64(c.maxID))
	index := make(map[string]int, len(c.subjects))
	e.int(int64(len(c.subjects)))
	for i, s := range c.subjects {
		index[s.name] = i
		e.text(s.name)
		e.int(int64(len(s.versions)))
	}
	byID := make(map[int]int, len(c.identities))
	e.int(int64(len(c.identities)))
	for i := range c.identities {
		it := &c.identities[i]
		byID[it.id] = i
		e.identity(it, index)
	}
	for _, s := range c.subjects {
		for _, v := range s.versions {
			e.int(int64(v.number))
			e.int(int64(byID[v.id]))
			e.bool(v.deleted)
			e.int(v.ts)
		}
	}
}

func (e *encoder) identity(it *capturedIdentity, index map[string]int) {
	b := it.body
	e.int(int64(it.id))
	e.text(string(b.typ))
	_, _ = e.w.Write(b.guid[:])
	e.uint64(b.hash)
	e.bytes(b.packed)
	dict := 0
	if b.dict != nil {
		dict = b.dict.index + 1
	}
	e.int(int64(dict))
	if b.extras == nil {
		e.int(0)
	} else {
		o := newObject(nil)
		attachments(o, &Content{References: b.extras.references, Metadata: b.extras.metadata, RuleSet: b.extras.ruleSet})
		e.bytes(o.end())
	}
	e.bool(it.content)
	live := 0
	for _, p := range it.places {
		if p.number != 0 {
			live++
		}
	}
	e.int(int64(live))
	for _, p := range it.places {
		if p.number == 0 {
			continue
		}
		if i, ok := index[p.subject]; ok {
			e.int(int64(i + 1))
		} else {
			e.int(0)
			e.text(p.subject)
		}
		e.int(int64(p.number))
	}
}
