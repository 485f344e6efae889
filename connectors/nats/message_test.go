package nats

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// back is m after it was encoded and decoded.
func back(t testing.TB, m connect.Message) connect.Message {
	t.Helper()
	n := newEncoder("c").encode(&m, 0)
	got, err := decode(Subject(m.Topic), n.Header, n.Data)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestMessageComesBack(t *testing.T) {
	for name, m := range map[string]connect.Message{
		"text":            {Topic: "a.b", Key: []byte(`{"id":1}`), Value: []byte("v")},
		"binary key":      {Topic: "a.b", Key: []byte{0, 0, 0, 0, 1, 2}, Value: []byte("v")},
		"spaces":          {Topic: "a.b", Key: []byte(" k "), Value: []byte("v")},
		"line break":      {Topic: "a.b", Key: []byte("k\r\nNats-Rollup: all"), Value: []byte("v")},
		"empty":           {Topic: "a.b", Key: []byte{}, Value: []byte{}},
		"no key":          {Topic: "a.b", Value: []byte("v")},
		"tombstone":       {Topic: "a.b", Key: []byte("k")},
		"headers":         {Topic: "a.b", Value: []byte("v"), Headers: []record.Header{{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte{0xff}}, {Key: "b", Value: []byte("two")}}},
		"an order's name": {Topic: "a.b", Value: []byte("v"), Headers: []record.Header{{Key: "Nats-Rollup", Value: []byte("all")}, {Key: "nats-msg-id", Value: []byte("x")}}},
		"our own names":   {Topic: "a.b", Value: []byte("v"), Headers: []record.Header{{Key: KeyHeader, Value: []byte("k")}, {Key: "Millrace-Nats-A", Value: []byte("b")}, {Key: TombstoneHeader, Value: []byte("true")}}},
		"base64's name":   {Topic: "a.b", Value: []byte("v"), Headers: []record.Header{{Key: "a-Base64", Value: []byte("text")}, {Key: "b-Base64", Value: []byte{1}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := back(t, m)
			sorted := func(hs []record.Header) map[string][]string {
				by := map[string][]string{}
				for _, h := range hs {
					by[h.Key] = append(by[h.Key], string(h.Value))
				}
				for _, v := range by {
					if len(v) > 1 && v[0] > v[1] {
						v[0], v[1] = v[1], v[0]
					}
				}
				return by
			}
			if d := cmp.Diff(sorted(m.Headers), sorted(got.Headers)); d != "" {
				t.Error(d)
			}
			got.Headers, m.Headers = nil, nil
			if d := cmp.Diff(m, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestIDsTellMessagesApart(t *testing.T) {
	id := record.ID{Hi: 1, Lo: 2}
	seen := map[string]string{}
	for name, m := range map[string]connect.Message{
		"value": {Topic: "a", Key: []byte("k"), Value: []byte("v"), ID: id}, "tombstone": {Topic: "a", Key: []byte("k"), ID: id},
		"other topic": {Topic: "b", Key: []byte("k"), Value: []byte("v"), ID: id}, "other key": {Topic: "a", Key: []byte("l"), Value: []byte("v"), ID: id},
		"other row": {Topic: "a", Key: []byte("k"), Value: []byte("v"), ID: record.ID{Hi: 1, Lo: 3}},
	} {
		e := newEncoder("c")
		for attempt, kind := range []string{"", " again"} {
			got := e.encode(&m, uint32(attempt)).Header.Get(idHeader)
			if seen[got] != "" {
				t.Errorf("%s and %s are both %s", name+kind, seen[got], got)
			}
			seen[bytes.NewBufferString(got).String()] = name + kind
		}
	}
	m := connect.Message{Topic: "a", Value: []byte("v")}
	if h := newEncoder("c").encode(&m, 0).Header; len(h) != 0 {
		t.Errorf("a message without id has headers %v", h)
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	e := newEncoder("shop")
	m := connect.Message{Topic: "a.b.c", Key: []byte{0, 0, 0, 0, 1, 14}, Value: make([]byte, 300), ID: record.ID{Hi: 1, Lo: 2}, Headers: []record.Header{{Key: "h", Value: []byte("v")}}}
	e.encode(&m, 0)
	if n := testing.AllocsPerRun(100, func() { e.encode(&m, 0) }); n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

func TestSubject(t *testing.T) {
	for topic, want := range map[string]string{
		"shop.public.orders": "shop.public.orders", "a b": "a_b", "a..b": "a._.b", ".a": "_.a", "$JS.API": "_JS.API", "a.*.>": "a._._", "a\x00\n\x7f": "a___", "": "_", "ü.ß": "ü.ß",
	} {
		if got := Subject(topic); got != want {
			t.Errorf("%q became %q, want %q", topic, got, want)
		}
	}
}

func FuzzMessageComesBack(f *testing.F) {
	f.Add([]byte("k"), []byte("v"), "name", []byte("text"))
	f.Add([]byte{0}, []byte(nil), "Nats-Msg-Id", []byte("\r\n"))
	f.Fuzz(func(t *testing.T, key, value []byte, name string, header []byte) {
		m := connect.Message{Topic: "a", Key: key, Value: value, Headers: []record.Header{{Key: name, Value: header}}}
		got := back(t, m)
		if !bytes.Equal(got.Key, key) || (got.Key == nil) != (key == nil) || !bytes.Equal(got.Value, value) || (got.Value == nil) != (value == nil) {
			t.Errorf("%q %q came back as %q %q", key, value, got.Key, got.Value)
		}
		if len(got.Headers) != 1 || !bytes.Equal(got.Headers[0].Value, header) {
			t.Errorf("header %q came back as %q", header, got.Headers)
		}
	})
}
