package registry

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/s2"
)

// packer makes texts small. Schemas are alike: with a dictionary made of texts that came before, one takes about a fifth of its
// size, and is unpacked at a gigabyte a second. What was packed keeps the dictionary that it was packed with.
type packer struct {
	current atomic.Pointer[dictionary]
	hot     hotTexts

	mu      sync.Mutex
	dicts   []*dictionary
	sample  []byte // of the texts since the current dictionary was made
	seen    int    // bytes of texts since then
	skip    int    // bytes until a text is sampled again
	nextAge int    // bytes after which the next dictionary is made
}

// dictionary is one that texts are packed with.
type dictionary struct {
	index int // among the packer's
	src   []byte
	d     *s2.Dict
	hot   *hotTexts // of the packer
}

const (
	leastPacked = 48       // bytes below which packing does not pay
	dictSize    = 64 << 10 // as much as s2 takes
	firstAge    = 96 << 10
	ageGrowth   = 24
	mostDicts   = 6
)

// The ways in which a text is kept, which its first byte tells.
const (
	packedPlain = iota // as it is
	packedAlone        // by s2 without a dictionary
	packedDict         // by s2 with one
)

// pack returns text packed and the dictionary, which may be nil, that it is packed with.
func (p *packer) pack(text []byte) ([]byte, *dictionary) {
	if len(text) < leastPacked {
		return append([]byte{packedPlain}, text...), nil
	}
	dict := p.learn(text)
	var packed []byte
	kind := byte(packedAlone)
	if dict != nil {
		kind = packedDict
		packed = dict.d.EncodeBetter(nil, text)
	} else {
		packed = s2.EncodeBetter(nil, text)
	}
	if len(packed) >= len(text) {
		return append([]byte{packedPlain}, text...), nil
	}
	out := make([]byte, 1+len(packed)) // of its own size
	out[0] = kind
	copy(out[1:], packed)
	return out, dict
}

// learn takes text into the sample and returns the dictionary to use.
func (p *packer) learn(text []byte) *dictionary {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.dicts) >= mostDicts {
		return p.current.Load()
	}
	if p.nextAge == 0 {
		p.nextAge = firstAge
	}
	p.seen += len(text)
	if p.skip -= len(text); p.skip <= 0 && len(p.sample) < dictSize {
		p.sample = append(p.sample, text[:min(len(text), dictSize/8)]...)
		p.skip = (p.nextAge/dictSize - 1) * len(text) // spread over the age
	}
	if p.seen >= p.nextAge && len(p.sample) >= s2.MinDictSize {
		p.add(p.sample[:min(len(p.sample), s2.MaxDictSize)])
		p.sample, p.seen, p.nextAge = nil, 0, p.nextAge*ageGrowth
	}
	return p.current.Load()
}

func (p *packer) add(src []byte) {
	if d := s2.MakeDict(src, nil); d != nil {
		dict := &dictionary{index: len(p.dicts), src: src, d: d, hot: &p.hot}
		p.dicts = append(p.dicts, dict)
		p.current.Store(dict)
	}
}

// unpack appends to dst what pack was given.
func unpack(dst, packed []byte, dict *dictionary) ([]byte, error) {
	kind, packed := packed[0], packed[1:]
	if kind == packedPlain {
		return append(dst, packed...), nil
	}
	n, err := s2.DecodedLen(packed)
	if err != nil {
		return dst, err
	}
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	if kind == packedDict {
		_, err = dict.d.Decode(dst[at:at+n:at+n], packed)
	} else {
		_, err = s2.Decode(dst[at:at+n:at+n], packed)
	}
	return dst, err
}
