package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/record"
)

func TestPositionsAsJSON(t *testing.T) {
	for _, p := range []position{
		{}, {LSN: 5, Processed: 5, Confirm: 4}, {LSN: 9, Processed: 9, Commit: 8, TxID: 7, Micros: -6, TxCommit: 10, Done: 3, Confirm: 8},
		{Snapshot: "INITIAL", Completed: "false", LSN: 1, Confirm: 1}, {Snapshot: "INITIAL", Completed: "true", LSN: 1, Confirm: 1},
	} {
		b := p.append(nil)
		if !json.Valid(b) {
			t.Fatalf("%s", b)
		}
		got, err := parsePosition(b)
		if err != nil || got != p {
			t.Errorf("%s is read as %+v, %v", b, got, err)
		}
	}
	for s, want := range map[string]bool{
		`{"lsn":1,"snapshot":true,"last_snapshot_record":false}`:   true,
		`{"lsn":1,"snapshot":true,"last_snapshot_record":true}`:    false,
		`{"lsn":1,"snapshot":"INITIAL"}`:                           true,
		`{"lsn":1,"snapshot":"INITIAL","snapshot_completed":true}`: false,
		`{"lsn":1,"snapshot":null,"lsn_commit":null}`:              false,
		`{"lsn":1}`: false,
	} {
		if p, err := parsePosition([]byte(s)); err != nil || p.inSnapshot() != want {
			t.Errorf("%s: in a snapshot is %v, %v", s, p.inSnapshot(), err)
		}
	}
	if _, err := parsePosition([]byte(`{"file":3}x`)); err == nil {
		t.Error("what is no JSON is a position")
	}
}

// canned is a connection that gives bytes in pieces.
type canned struct {
	net.Conn
	r     *bytes.Reader
	piece int
}

func (c canned) Read(p []byte) (int, error)     { return c.r.Read(p[:min(len(p), c.piece)]) }
func (canned) SetReadDeadline(time.Time) error  { return nil }
func (canned) SetWriteDeadline(time.Time) error { return nil }
func (canned) Write(p []byte) (int, error)      { return len(p), nil }
func (canned) Close() error                     { return nil }
func over(b []byte, piece int) *wire {
	return &wire{conn: canned{r: bytes.NewReader(b), piece: piece}, buf: make([]byte, 64)}
}

func frame(kind byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}

func TestWireFrames(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 100_000)
	in := slices.Concat(frame('N', 'S', 0), frame('d', 1, 2, 3), frame('d', big...), frame('d'), frame('E', []byte("SERROR\x00C57P01\x00Mbye\x00\x00")...), frame('Z', 'I'))
	for _, piece := range []int{1, 7, 1 << 20} {
		w := over(in, piece)
		for _, want := range [][]byte{{1, 2, 3}, big, {}} {
			kind, body, err := w.next()
			if err != nil || kind != 'd' || !bytes.Equal(body, want) {
				t.Fatalf("%q, %d bytes, %v; want %d bytes", kind, len(body), err, len(want))
			}
		}
		_, _, err := w.next()
		var se *ServerError
		if !errors.As(err, &se) || *se != (ServerError{Code: "57P01", Message: "bye"}) {
			t.Errorf("%v", err)
		}
		if kind, _, err := w.next(); err != nil || kind != 'Z' {
			t.Errorf("%q %v", kind, err)
		}
		if _, _, err = w.next(); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			t.Errorf("the end gives %v", err)
		}
	}
}

// FuzzWire: whatever a server sends, reading frames ends with an error and takes no more memory than was sent.
func FuzzWire(f *testing.F) {
	f.Add(slices.Concat(frame('d', 1, 2, 3), frame('E', []byte("C1\x00M2\x00")...)))
	f.Add([]byte{'d', 0xff, 0xff, 0xff, 0xff, 0})
	f.Add([]byte{'d', 0x3f, 0xff, 0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		w := over(b, 13)
		for range len(b) + 1 {
			_, _, err := w.next()
			var se *ServerError
			if err == nil || errors.As(err, &se) {
				continue
			}
			if len(w.buf) > 2*(64+len(b)) && len(w.buf) > wireBuffer {
				t.Fatalf("a buffer of %d bytes for %d", len(w.buf), len(b))
			}
			return
		}
		t.Fatal("no end")
	})
}

// FuzzCopyRow: a copied row that lies is an error.
func FuzzCopyRow(f *testing.F) {
	st, _ := recorded(f)
	p := st.relations[7].plan
	f.Add([]byte{0, 5, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 1})
	f.Fuzz(func(_ *testing.T, row []byte) {
		var b record.Batch
		_, _ = st.copyRow(&b, p, row)
	})
}

// FuzzStreamMessage: messages in any order end in an error or in rows, never in a panic.
func FuzzStreamMessage(f *testing.F) {
	_, messages := recorded(f)
	var all []byte
	for _, m := range messages {
		all = append(append(all, byte(len(m))), m...)
	}
	f.Add(all)
	f.Add([]byte{6, 'S', 0, 0, 0, 9, 1, 2, 'I', 0, 1, 'E', 30, 'c', 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, in []byte) {
		st, _ := recorded(t)
		st.open = map[uint32]*inProgress{}
		var b record.Batch
		for len(in) > 0 {
			n := min(int(in[0]), len(in)-1)
			m := in[1 : 1+n]
			in = in[1+n:]
			if n > 0 && m[0] == 'R' { // asks the catalogue
				continue
			}
			if st.message(context.Background(), &b, 1, 2, m) != nil {
				return
			}
			for st.replay != nil {
				if st.again(context.Background(), &b) != nil {
					return
				}
			}
		}
		st.tell(&b)
	})
}

// TestKeptTransactionsSpill keeps two transactions that are larger than the memory for them and reads one back.
func TestKeptTransactionsSpill(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	st, messages := recorded(t)
	st.open = map[uint32]*inProgress{}
	insert := append([]byte{'I', 0, 0, 0, 0}, messages[1][1:]...)
	const each = 100_000
	block := func(xid uint32, n int) {
		st.block = st.open[xid]
		if st.block == nil {
			st.block = &inProgress{xid: xid}
			st.open[xid] = st.block
		}
		binary.BigEndian.PutUint32(insert[1:], xid)
		for range n {
			if err := st.keep(5, insert); err != nil {
				t.Fatal(err)
			}
		}
		st.block = nil
	}
	for range 10 {
		block(1, each/10)
		block(2, each/10)
	}
	if st.kept > spillAt || st.open[1].file == nil {
		t.Errorf("%d bytes are kept in memory", st.kept)
	}
	for xid := uint32(1); xid <= 2; xid++ {
		r, err := newReplay(st.open[xid], 2, 77)
		if err != nil {
			t.Fatal(err)
		}
		st.begin(70, 0, xid)
		st.replay = r
		var b record.Batch
		rows := 0
		for st.replay != nil {
			if err := st.again(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
			rows += b.Len()
			b.Reset()
		}
		if rows != each || st.pos.Commit != 77 {
			t.Errorf("%d rows of %d", rows, each)
		}
	}
	if st.kept != 0 || len(st.open) != 0 {
		t.Errorf("%d bytes are left of %d transactions", st.kept, len(st.open))
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestGapIsSeen(t *testing.T) {
	s := New(Config{Slot: "s"})
	at := position{Confirm: 0x100}
	for name, c := range map[string]struct {
		slot *slotState
		done bool
		gap  bool
	}{
		"as stored":        {&slotState{Confirmed: "0/100"}, true, false},
		"behind":           {&slotState{Confirmed: "0/50"}, true, false},
		"ahead":            {&slotState{Confirmed: "0/101"}, true, true},
		"ahead, no offset": {&slotState{Confirmed: "0/101"}, false, false},
		"gone":             {nil, true, true},
		"not made":         {nil, false, false},
		"lost":             {&slotState{Confirmed: "0/50", WALStatus: "lost"}, true, true},
		"invalidated":      {&slotState{Confirmed: "0/50", Invalid: "wal_removed"}, false, true},
	} {
		if got := s.gap(c.slot, at, c.done); (got != nil) != c.gap {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestKeyOf(t *testing.T) {
	for _, c := range []struct {
		identity byte
		flagged  []string
		key      tableKey
		want     []string
	}{
		{'d', []string{"a", "b"}, tableKey{[]string{"b", "a"}, true}, []string{"b", "a"}},
		{'d', []string{"a"}, tableKey{[]string{"b"}, true}, []string{"a"}},
		{'d', nil, tableKey{[]string{"b"}, true}, nil},
		{'d', nil, tableKey{[]string{"u"}, false}, []string{"u"}},
		{'f', []string{"a", "b"}, tableKey{[]string{"a"}, true}, []string{"a"}},
		{'i', []string{"u"}, tableKey{[]string{"a"}, true}, []string{"a"}},
		{'n', nil, tableKey{[]string{"a"}, true}, []string{"a"}},
	} {
		if got := keyOf(c.identity, c.flagged, c.key); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%c %q %v: %q", c.identity, c.flagged, c.key, got)
		}
	}
}
