package registry

import (
	"crypto/sha256"
	"strings"
	"sync"

	"github.com/millrace/millrace/compat/schema"
)

const (
	// mostTexts bounds what is remembered of candidates' texts, in bytes.
	mostTexts = 8 << 20
	textCost  = 208 // of an entry beside its text
	// mostCandidates bounds the parsed candidates that are kept, by the bytes of their texts.
	mostCandidates = 512 << 10
)

// readings remembers what the texts of candidates without references become: clients ask for the same ones again and again.
// What is remembered was parsed strictly, without a fault.
type readings struct {
	mu     sync.Mutex
	texts  bounded[textKey, formed]
	parsed bounded[textKey, schema.Schema]
}

type textKey [sha256.Size]byte

// formed is a text in the form in which it is stored, and the GUID of a content that has nothing else.
type formed struct {
	text string // remembered: "" when it is the text as it came
	guid GUID
}

// reading is what is known of a candidate's text while its request lasts: a text that is not remembered is parsed once, before
// the request waits for its turn to write. Texts with references are parsed each time, for what they refer to may change.
type reading struct {
	typ    schema.Type
	text   string
	key    textKey
	parsed schema.Schema
	err    error // of parsing
}

// read returns the reading of a candidate, which has none yet or another text by now.
func (c *Candidate) read() *reading {
	if o := c.reading; o == nil || o.typ != c.Type || o.text != c.Text {
		buf, _ := hashed.Get().(*[]byte)
		*buf = appendAll((*buf)[:0], string(c.Type), "\x00", c.Text)
		c.reading = &reading{typ: c.Type, text: c.Text, key: sha256.Sum256(*buf)}
		hashed.Put(buf)
	}
	return c.reading
}

// normal is the key of the normalised form.
func (k textKey) normal() textKey {
	k[0] ^= 0xFF
	return k
}

// readAhead makes a candidate's text known where that needs no state. Its error is kept for those who ask for the text.
func (r *Registry) readAhead(c *Candidate) {
	if len(c.References) == 0 && c.Text != "" {
		_, _ = r.form(c, false)
	}
}

// form returns the text in which a candidate without references is stored.
func (r *Registry) form(c *Candidate, normalize bool) (formed, error) {
	key := c.read().key
	if normalize {
		key = key.normal()
	}
	r.readings.mu.Lock()
	form, known := r.readings.texts.get(key)
	r.readings.mu.Unlock()
	if known {
		if form.text == "" {
			form.text = c.Text
		}
		return form, nil
	}
	s, err := r.parsedCandidate(c)
	if err != nil {
		return formed{}, err
	}
	if form.text = s.Canonical(); normalize {
		form.text = s.Normalized()
	}
	form.guid = (&Content{Text: form.text}).GUID()
	keep := formed{guid: form.guid}
	if form.text != c.Text {
		keep.text = strings.Clone(form.text)
	}
	r.readings.mu.Lock()
	r.readings.texts.put(key, keep, len(keep.text)+textCost, mostTexts)
	r.readings.mu.Unlock()
	return form, nil
}

// parsedCandidate returns a candidate without references parsed.
func (r *Registry) parsedCandidate(c *Candidate) (schema.Schema, error) {
	own := c.read()
	if own.parsed != nil || own.err != nil {
		return own.parsed, own.err
	}
	r.readings.mu.Lock()
	s, ok := r.readings.parsed.get(own.key)
	r.readings.mu.Unlock()
	if !ok {
		f, err := r.format(c.Type)
		if err == nil {
			s, err = f.Parse(schema.Document{Text: c.Text}, resolver{}, schema.Options{})
		}
		if err != nil {
			own.err = err
			return nil, err
		}
		r.readings.mu.Lock()
		r.readings.parsed.put(own.key, s, len(c.Text), mostCandidates)
		r.readings.mu.Unlock()
	}
	own.parsed = s
	return s, nil
}
