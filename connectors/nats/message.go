package nats

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unsafe"

	"github.com/nats-io/nats.go"

	"github.com/millrace/millrace/connect"
)

// The headers that carry what NATS has no place for; see the package's documentation.
const (
	KeyHeader       = "Millrace-Key"
	TombstoneHeader = "Millrace-Tombstone"
	base64Suffix    = "-Base64"
	idHeader        = "Nats-Msg-Id"
)

// encoder makes messages in memory of its own: what encode returns is valid until the next call, which is enough
// because PublishMsg copies it.
type encoder struct {
	prefix string // of ids: the connector's name
	msg    nats.Msg
	buf    []byte   // the text of values that are not in the message as they are
	values []string // what the header's slices are cut from
	names  map[string]names
}

// names are a header's name in NATS, of text ("" when there is none) and of binary.
type names struct{ text, binary string }

var keyNames = names{KeyHeader, KeyHeader + base64Suffix}

func newEncoder(prefix string) *encoder {
	return &encoder{prefix: prefix, msg: nats.Msg{Header: nats.Header{}}, names: map[string]names{}}
}

// encode makes the NATS message of m; attempt tells apart copies that must not count as duplicates of each other.
func (e *encoder) encode(m *connect.Message, attempt uint32) *nats.Msg {
	clear(e.msg.Header)
	e.buf, e.values = e.buf[:0], e.values[:0]
	if !m.ID.IsZero() {
		start := len(e.buf)
		e.buf = append(append(e.buf, e.prefix...), '-')
		e.buf = appendID(e.buf, m)
		if attempt > 0 {
			e.buf = strconv.AppendUint(append(e.buf, '~'), uint64(attempt), 10)
		}
		e.add(idHeader, e.buf[start:])
	}
	if m.Key != nil {
		e.value(keyNames, m.Key)
	}
	if m.Value == nil {
		e.add(TombstoneHeader, []byte("true"))
	}
	for _, h := range m.Headers {
		e.value(e.name(h.Key), h.Value)
	}
	e.msg.Data = m.Value
	return &e.msg
}

// appendID appends what names m among its connector's messages. The row's ID does, as far as the source gives each row its
// own; topic, key and nullness keep apart what a source or a transform makes of one row.
func appendID(dst []byte, m *connect.Message) []byte {
	var id [20]byte
	m.ID.Append(id[:0])
	h := uint32(2166136261) // FNV-1a
	for i := range len(m.Topic) {
		h = (h ^ uint32(m.Topic[i])) * 16777619
	}
	for _, c := range m.Key {
		h = (h ^ uint32(c)) * 16777619
	}
	id[16], id[17], id[18], id[19] = byte(h>>24), byte(h>>16), byte(h>>8), byte(h)
	dst = hex.AppendEncode(dst, id[:])
	if m.Value == nil {
		dst = append(dst, 't')
	}
	return dst
}

// value adds a header that may be binary.
func (e *encoder) value(name names, v []byte) {
	if name.text != "" && printable(v) {
		e.add(name.text, v)
		return
	}
	start := len(e.buf)
	e.buf = base64.StdEncoding.AppendEncode(e.buf, v)
	e.add(name.binary, e.buf[start:])
}

func (e *encoder) add(name string, v []byte) {
	e.values = append(e.values, unsafe.String(unsafe.SliceData(v), len(v))) // v outlives the message
	if have := e.msg.Header[name]; have != nil {
		e.msg.Header[name] = append(have[:len(have):len(have)], e.values[len(e.values)-1])
		return
	}
	e.msg.Header[name] = e.values[len(e.values)-1:]
}

// reserved begins the names of what is the package's own, and of record headers whose names would be taken for that or for
// one of JetStream's orders.
const reserved = "Millrace-"

// name returns a record header's name as NATS takes it: no colon, white space or control character. One that ends as
// binary values' names do has its text in base64 too.
func (e *encoder) name(s string) names {
	if n, ok := e.names[s]; ok {
		return n
	}
	n := strings.Map(func(r rune) rune {
		if r <= ' ' || r == ':' || r >= 0x7f {
			return '_'
		}
		return r
	}, s)
	if n == "" {
		n = "_"
	}
	if hasPrefixFold(n, "nats-") || hasPrefixFold(n, reserved) {
		n = reserved + n
	}
	both := names{n, n + base64Suffix}
	if strings.HasSuffix(n, base64Suffix) {
		both.text = ""
	}
	if len(e.names) < 1000 { // names come from configuration; this bounds what they cost if they do not
		e.names[s] = both
	}
	return both
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// printable reports whether v comes back as it was from a header's value.
func printable(v []byte) bool {
	for _, c := range v {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(v) == 0 || v[0] != ' ' && v[len(v)-1] != ' '
}
