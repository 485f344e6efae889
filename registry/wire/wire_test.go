package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"github.com/millrace/millrace/registry/wire"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		frame string
		id    int
		datum string
		ok    bool
	}{
		{"0000000001", 1, "", true},
		{"000001000102ff", 65537, "02ff", true},
		{"007fffffff", 1<<31 - 1, "", true},
		{"0000000000aa", 0, "aa", true},
		{"0080000000", 0, "", false},
		{"00ffffffff", 0, "", false},
		{"0100000001", 0, "", false},
		{"00000001", 0, "", false},
		{"", 0, "", false},
	} {
		id, datum, err := wire.Parse(unhex(t, c.frame))
		if (err == nil) != c.ok || id != c.id || !bytes.Equal(datum, unhex(t, c.datum)) {
			t.Errorf("Parse(%s) = %d, %x, %v", c.frame, id, datum, err)
		}
		if err != nil && !errors.Is(err, wire.ErrFrame) {
			t.Errorf("Parse(%s): %v is no ErrFrame", c.frame, err)
		}
	}
	if got := wire.Append([]byte("x"), 258); !bytes.Equal(got, unhex(t, "780000000102")) {
		t.Errorf("Append: %x", got)
	}
}

func TestGUID(t *testing.T) {
	g := wire.GUID(unhex(t, "00112233445566778899aabbccddeeff"))
	if got := g.String(); got != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Errorf("String: %s", got)
	}
	frame := wire.AppendGUID([]byte("x"), g)[1:]
	got, rest, err := wire.ParseGUID(append(frame, 6, 7))
	if err != nil || got != g || !bytes.Equal(rest, []byte{6, 7}) {
		t.Errorf("ParseGUID = %v, %x, %v", got, rest, err)
	}
	for _, bad := range [][]byte{nil, frame[:16], append([]byte{0}, frame[1:]...)} {
		if _, _, err := wire.ParseGUID(bad); !errors.Is(err, wire.ErrFrame) {
			t.Errorf("ParseGUID(%x): %v", bad, err)
		}
	}
}

func TestIndexes(t *testing.T) {
	for _, c := range []struct {
		indexes []int
		bytes   string
	}{
		{[]int{0}, "00"},
		{[]int{1}, "0202"},
		{[]int{1, 0}, "040200"},
		{[]int{0, 0}, "040000"},
		{[]int{100, 3}, "04c80106"},
	} {
		if got := wire.AppendIndexes(nil, c.indexes); !bytes.Equal(got, unhex(t, c.bytes)) {
			t.Errorf("AppendIndexes(%v) = %x", c.indexes, got)
		}
		got, rest, err := wire.ParseIndexes(nil, append(unhex(t, c.bytes), 0xAA), wire.Zigzag)
		if err != nil || !slices.Equal(got, c.indexes) || !bytes.Equal(rest, []byte{0xAA}) {
			t.Errorf("ParseIndexes(%s) = %v, %x, %v", c.bytes, got, rest, err)
		}
	}
	if got, _, err := wire.ParseIndexes(nil, unhex(t, "0200"), wire.Zigzag); err != nil || !slices.Equal(got, []int{0}) {
		t.Errorf("the long form of the first message = %v, %v", got, err)
	}
	for _, c := range []struct {
		indexes []int
		bytes   string
	}{{[]int{0}, "00"}, {[]int{0}, "0100"}, {[]int{1, 0}, "020100"}, {[]int{100}, "0164"}} {
		if got, rest, err := wire.ParseIndexes(nil, append(unhex(t, c.bytes), 0xAA), wire.Unsigned); err != nil || !slices.Equal(got, c.indexes) || len(rest) != 1 {
			t.Errorf("ParseIndexes(%s, Unsigned) = %v, %x, %v", c.bytes, got, rest, err)
		}
	}
	if got, _, err := wire.ParseIndexes([]int{7}, []byte{2, 2}, wire.Zigzag); err != nil || !slices.Equal(got, []int{7, 1}) {
		t.Errorf("appended to [7]: %v, %v", got, err)
	}
	for _, bad := range []string{"", "01", "02", "0201", "ca01", "80", "0480", "ffffffffffffffffffff7f", "02ffffffffffffffffff01", "02ffffffff1f", "02808080808000"} {
		if got, _, err := wire.ParseIndexes(nil, unhex(t, bad), wire.Zigzag); !errors.Is(err, wire.ErrFrame) {
			t.Errorf("ParseIndexes(%s) = %v, %v", bad, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "0000000001", "000000000100", "00000000010402000a", "0100112233445566778899aabbccddeeff", "02ffffffff0f"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		same := func(what string, err error, again []byte) {
			if err != nil && !errors.Is(err, wire.ErrFrame) {
				t.Errorf("%s: %v", what, err)
			}
			if err == nil && !bytes.Equal(again, b) {
				t.Errorf("%s: %x became %x", what, b, again)
			}
		}
		id, rest, err := wire.Parse(b)
		same("id", err, append(wire.Append(nil, id), rest...))
		g, rest, err := wire.ParseGUID(b)
		same("GUID", err, append(wire.AppendGUID(nil, g), rest...))
		if g2, err := wire.GUIDOf(g.String()); err != nil || g2 != g {
			t.Errorf("%s is read as %s, %v", g, g2, err)
		}
		if long, rest, err := wire.ParseApicurio(b); err == nil && len(b)-len(rest) == 9 {
			same("Apicurio", nil, append(wire.AppendApicurio(nil, long), rest...))
		} else if err == nil {
			same("Apicurio", nil, append(wire.Append(nil, int(long)), rest...))
		}
		if g, compression, rest, err := wire.ParseGlue(b); err == nil {
			again := append(wire.AppendGlue(nil, g), rest...)
			again[1] = compression
			same("Glue", nil, again)
		}
		for _, as := range []wire.Varint{wire.Zigzag, wire.Unsigned} {
			indexes, rest, err := wire.ParseIndexes(nil, b, as)
			if err != nil {
				same("indexes", err, nil)
				continue
			}
			again, after, err := wire.ParseIndexes(nil, append(wire.AppendIndexes(nil, indexes), rest...), wire.Zigzag)
			if err != nil || !slices.Equal(again, indexes) || !bytes.Equal(after, rest) {
				t.Errorf("%v became %v, %v", indexes, again, err)
			}
		}
	})
}
