package wire_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/registry/wire"
)

const guid = "00112233445566778899aabbccddeeff"

func TestDetect(t *testing.T) {
	header := func(name, value string) wire.Header { return wire.Header{Key: name, Value: unhex(t, value)} }
	g := wire.GUID(unhex(t, guid))
	for _, c := range []struct {
		name    string
		headers []wire.Header
		bytes   string
		want    wire.Frame
	}{
		{"id", nil, "0000000007aabb", wire.Frame{Format: wire.ConfluentID, ID: 7, Data: unhex(t, "aabb")}},
		{"id without data", nil, "0000000007", wire.Frame{Format: wire.ConfluentID, ID: 7}},
		{"GUID before the data", nil, "01" + guid + "aa", wire.Frame{Format: wire.ConfluentGUID, GUID: g, Data: unhex(t, "aa")}},
		{"GUID in a header", []wire.Header{{Key: "other"}, header(wire.ValueHeader, "01"+guid)}, "0000000007", wire.Frame{Format: wire.ConfluentGUID, GUID: g, InHeader: true, Data: unhex(t, "0000000007")}},
		{"id in a header", []wire.Header{header(wire.ValueHeader, "0000000009")}, "aa", wire.Frame{Format: wire.ConfluentID, ID: 9, InHeader: true, Data: unhex(t, "aa")}},
		{"the key's header", []wire.Header{header(wire.KeyHeader, "01"+guid)}, "0000000007", wire.Frame{Format: wire.ConfluentID, ID: 7}},
		{"two headers", []wire.Header{header(wire.ValueHeader, "0000000008"), header(wire.ValueHeader, "0000000009")}, "aa", wire.Frame{Format: wire.ConfluentID, ID: 9, InHeader: true, Data: unhex(t, "aa")}},
		{"Confluent's header before Apicurio's", []wire.Header{header(wire.ValueHeader, "0000000008"), header("apicurio.value.globalId", "0000000000000003")}, "aa", wire.Frame{Format: wire.ConfluentID, ID: 8, InHeader: true, Data: unhex(t, "aa")}},
		{"Apicurio 2", nil, "000000000000000007aa", wire.Frame{Format: wire.ApicurioGlobalID, ID: 7, Data: unhex(t, "aa")}},
		{"global id in a header", []wire.Header{header("apicurio.value.encoding", "42494e415259"), header("apicurio.value.globalId", "0000000000000003")}, "aa", wire.Frame{Format: wire.ApicurioGlobalID, ID: 3, InHeader: true, Data: unhex(t, "aa")}},
		{"content id in a header", []wire.Header{header("apicurio.value.contentId", "0000000100000003"), header("apicurio.value.artifactId", "61")}, "aa", wire.Frame{Format: wire.ApicurioContentID, ID: 1<<32 + 3, InHeader: true, Data: unhex(t, "aa")}},
		{"Glue", nil, "0300" + guid + "aa", wire.Frame{Format: wire.Glue, GUID: g, Data: unhex(t, "aa")}},
		{"Glue, compressed", nil, "0305" + guid + "aa", wire.Frame{Format: wire.Glue, GUID: g, Compressed: true, Data: unhex(t, "aa")}},

		{"nothing", nil, "", wire.Frame{}},
		{"JSON", nil, "7b7d7b7d7b7d", wire.Frame{Data: unhex(t, "7b7d7b7d7b7d")}},
		{"id 0", nil, "0000000000", wire.Frame{Data: unhex(t, "0000000000")}},
		{"negative id", nil, "0080000000aa", wire.Frame{Data: unhex(t, "0080000000aa")}},
		{"long id 0", nil, "000000000000000000", wire.Frame{Data: unhex(t, "000000000000000000")}},
		{"short GUID", nil, "01" + guid[2:], wire.Frame{Data: unhex(t, "01"+guid[2:])}},
		{"short Glue", nil, "0300" + guid[2:], wire.Frame{Data: unhex(t, "0300"+guid[2:])}},
		{"other compression", nil, "0301" + guid, wire.Frame{Data: unhex(t, "0301"+guid)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.Detect(wire.Value, c.headers, unhex(t, c.bytes))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(wire.Frame{}), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
	for name, h := range map[string]wire.Header{
		"empty":           {Key: wire.ValueHeader},
		"other magic":     header(wire.ValueHeader, "02"+guid),
		"short":           header(wire.ValueHeader, "01aa"),
		"short id":        header("apicurio.value.globalId", "00000007"),
		"id 0":            header("apicurio.value.contentId", "0000000000000000"),
		"by artifact":     header("apicurio.value.artifactId", "61"),
		"by content hash": header("apicurio.value.contentHash", "61"),
	} {
		if got, err := wire.Detect(wire.Value, []wire.Header{h}, []byte("0000000007")); !errors.Is(err, wire.ErrFrame) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := wire.Detect(wire.Key, []wire.Header{header("apicurio.key.globalId", "0000000000000003")}, nil); err != nil || got.ID != 3 {
		t.Errorf("the key's header: %+v, %v", got, err)
	}
}

func TestFrameIndexes(t *testing.T) {
	for _, c := range []struct {
		name, header, bytes string
		want                []int
		datum               string
	}{
		{"before the datum", "", "000000000704020aaabb", []int{1, 5}, "aabb"},
		{"after a GUID", "", "01" + guid + "00aa", []int{0}, "aa"},
		{"in the header", "01" + guid + "0202", "aabb", []int{1}, "aabb"},
	} {
		var headers []wire.Header
		if c.header != "" {
			headers = append(headers, wire.Header{Key: wire.KeyHeader, Value: unhex(t, c.header)})
		}
		f, err := wire.Detect(wire.Key, headers, unhex(t, c.bytes))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, datum, err := f.Indexes(nil, wire.Zigzag)
		if err != nil || !slices.Equal(got, c.want) || !bytes.Equal(datum, unhex(t, c.datum)) {
			t.Errorf("%s: %v, %x, %v", c.name, got, datum, err)
		}
	}
	for _, bad := range []string{"01" + guid, "01" + guid + "00aa", "01" + guid + "02"} {
		f, err := wire.Detect(wire.Key, []wire.Header{{Key: wire.KeyHeader, Value: unhex(t, bad)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := f.Indexes(nil, wire.Zigzag); !errors.Is(err, wire.ErrFrame) {
			t.Errorf("%s: %v, %v", bad, got, err)
		}
	}
}

func TestGUIDOf(t *testing.T) {
	const text = "00112233-4455-6677-8899-AABBCCDDEEFF"
	if g, err := wire.GUIDOf(text); err != nil || !strings.EqualFold(g.String(), text) {
		t.Errorf("%s, %v", g, err)
	}
	for _, bad := range []string{"", guid, text + "0", text[:35], strings.Replace(text, "0", "g", 1), strings.ReplaceAll(text, "-", "0")} {
		if g, err := wire.GUIDOf(bad); !errors.Is(err, wire.ErrFrame) || g != (wire.GUID{}) {
			t.Errorf("GUIDOf(%q) = %s, %v", bad, g, err)
		}
	}
}

func deflate(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestInflate(t *testing.T) {
	datum := bytes.Repeat([]byte("datum "), 1000)
	stream := deflate(t, datum)
	for range 2 { // the second time with a stream that was used
		got, err := wire.Inflate([]byte("x"), stream, len(datum))
		if err != nil || string(got) != "x"+string(datum) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if _, err := wire.Inflate(nil, stream, len(datum)-1); !errors.Is(err, wire.ErrTooLong) || !errors.Is(err, wire.ErrFrame) {
			t.Errorf("one byte too many: %v", err)
		}
		for _, bad := range [][]byte{nil, stream[:1], stream[:len(stream)-1], stream[:20], []byte("no stream")} {
			if _, err := wire.Inflate(nil, bad, 1<<20); !errors.Is(err, wire.ErrFrame) {
				t.Errorf("%x: %v", bad, err)
			}
		}
	}
	if got, err := wire.Inflate(nil, deflate(t, nil), 0); err != nil || len(got) != 0 {
		t.Errorf("nothing: %x, %v", got, err)
	}
}

// What reads a frame runs for every record.
func TestAllocations(t *testing.T) {
	type clientHeader struct { // as a Kafka client has it
		Key   string
		Value []byte
	}
	headers := []clientHeader{{"trace", []byte("1")}, {wire.ValueHeader, append(unhex(t, "01"+guid), 2, 2)}}
	apicurio := []clientHeader{{"apicurio.value.encoding", []byte("JSON")}, {"apicurio.value.globalId", unhex(t, "0000000000000003")}}
	records := [][]byte{unhex(t, "0000000007040200aa"), unhex(t, "01"+guid+"00"), unhex(t, "000000000000000007aa"), unhex(t, "0305"+guid+"aa"), []byte(`{"a":1}`)}
	dst, indexes := make([]byte, 0, 64), make([]int, 0, 8)
	stream := deflate(t, []byte("datum"))
	if n := testing.AllocsPerRun(100, func() {
		dst = wire.Append(dst[:0], 7)
		if _, _, err := wire.Parse(dst); err != nil {
			t.Fatal(err)
		}
		for _, h := range [][]clientHeader{nil, headers, apicurio} {
			for _, r := range records {
				if _, err := wire.Detect(wire.Value, h, r); err != nil {
					t.Fatal(err)
				}
			}
		}
		f, _ := wire.Detect(wire.Value, headers, records[0])
		if _, _, err := f.Indexes(indexes, wire.Zigzag); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
	if _, err := wire.Inflate(dst[:0], stream, 64); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := wire.Inflate(dst[:0], stream, 64); err != nil {
			t.Fatal(err)
		}
	}); n > 4 { // the pool may be emptied, and under the race detector often is
		t.Errorf("%v allocations to inflate", n)
	}
}

func FuzzDetect(f *testing.F) {
	for _, seed := range []string{"", "0000000007aabb", "000000000000000007aa", "01" + guid + "00", "0305" + guid + "789c4b492c29cd0500061c0211", "7b7d"} {
		f.Add(uint8(0), "", []byte(nil), unhex(f, seed))
	}
	f.Add(uint8(1), wire.ValueHeader, unhex(f, "01"+guid+"00"), []byte{1})
	f.Add(uint8(1), "apicurio.value.globalId", unhex(f, "0000000000000003"), []byte{1})
	f.Fuzz(func(t *testing.T, part uint8, name string, value, b []byte) {
		frame, err := wire.Detect(wire.Part(part%2), []wire.Header{{Key: name, Value: value}}, b)
		if err != nil {
			if !errors.Is(err, wire.ErrFrame) {
				t.Error(err)
			}
			return
		}
		if !bytes.HasSuffix(b, frame.Data) || frame.Format == wire.Bare && len(frame.Data) != len(b) {
			t.Errorf("%s has %x as data", frame.Format, frame.Data)
		}
		if _, datum, err := frame.Indexes(nil, wire.Zigzag); err != nil && !errors.Is(err, wire.ErrFrame) || err == nil && !bytes.HasSuffix(b, datum) {
			t.Errorf("indexes: %v, %x", err, datum)
		}
		if out, err := wire.Inflate(nil, frame.Data, 1<<16); err != nil && !errors.Is(err, wire.ErrFrame) || len(out) > 1<<16 {
			t.Errorf("inflated to %d bytes, %v", len(out), err)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	record := unhex(b, "0000000007aabb")
	b.ReportAllocs()
	for b.Loop() {
		if f, err := wire.Detect(wire.Value, []wire.Header(nil), record); err != nil || f.ID != 7 {
			b.Fatal(f, err)
		}
	}
}
