package pgoutput_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cdc/pgoutput"
)

// wire builds messages.
type wire struct{ b []byte }

func msg(k pgoutput.Kind) *wire    { return &wire{[]byte{byte(k)}} }
func (w *wire) u8(v byte) *wire    { w.b = append(w.b, v); return w }
func (w *wire) u16(v uint16) *wire { w.b = binary.BigEndian.AppendUint16(w.b, v); return w }
func (w *wire) u32(v uint32) *wire { w.b = binary.BigEndian.AppendUint32(w.b, v); return w }
func (w *wire) u64(v uint64) *wire { w.b = binary.BigEndian.AppendUint64(w.b, v); return w }
func (w *wire) str(s string) *wire { w.b = append(append(w.b, s...), 0); return w }
func (w *wire) col(k byte, s string) *wire {
	w.u8(k)
	if k == 't' || k == 'b' {
		w.u32(uint32(len(s)))
		w.b = append(w.b, s...)
	}
	return w
}

// columns reads a tuple as kind and text of each column.
func columns(tu pgoutput.Tuple) []string {
	var out []string
	for {
		k, v, ok := tu.Next()
		if !ok {
			return out
		}
		out = append(out, string(k)+string(v))
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name string
		in   *wire
		want pgoutput.Message
		old  []string
		new  []string
	}{
		{name: "begin", in: msg('B').u64(7).u64(8).u32(9), want: pgoutput.Message{Begin: pgoutput.Begin{FinalLSN: 7, CommitTime: 8, Xid: 9}}},
		{name: "commit", in: msg('C').u8(0).u64(7).u64(8).u64(9), want: pgoutput.Message{Commit: pgoutput.Commit{CommitLSN: 7, EndLSN: 8, CommitTime: 9}}},
		{name: "origin", in: msg('O').u64(7).str("north"), want: pgoutput.Message{Origin: pgoutput.Origin{LSN: 7, Name: []byte("north")}}},
		{name: "type", in: msg('Y').u32(7).str("public").str("mood"), want: pgoutput.Message{Type: pgoutput.Type{ID: 7, Namespace: "public", Name: "mood"}}},
		{name: "relation", in: msg('R').u32(7).str("").str("pg_x").u8('f').u16(2).u8(1).str("id").u32(23).u32(0xffffffff).u8(0).str("v").u32(1700).u32(262150),
			want: pgoutput.Message{Relation: pgoutput.Relation{ID: 7, Name: "pg_x", ReplicaIdentity: 'f', Columns: []pgoutput.Column{{Key: true, Name: "id", Type: 23, Typmod: -1}, {Name: "v", Type: 1700, Typmod: 262150}}}}},
		{name: "a relation without columns", in: msg('R').u32(7).str("s").str("t").u8('d').u16(0), want: pgoutput.Message{Relation: pgoutput.Relation{ID: 7, Namespace: "s", Name: "t", ReplicaIdentity: 'd', Columns: []pgoutput.Column{}}}},
		{name: "insert", in: msg('I').u32(7).u8('N').u16(4).col('t', "a").col('n', "").col('b', "\x00\x01").col('t', ""), want: pgoutput.Message{RelationID: 7}, new: []string{"ta", "n", "b\x00\x01", "t"}},
		{name: "an insert without columns", in: msg('I').u32(7).u8('N').u16(0), want: pgoutput.Message{RelationID: 7}},
		{name: "update", in: msg('U').u32(7).u8('N').u16(2).col('t', "a").col('u', ""), want: pgoutput.Message{RelationID: 7}, new: []string{"ta", "u"}},
		{name: "update with its old key", in: msg('U').u32(7).u8('K').u16(1).col('t', "o").u8('N').u16(1).col('t', "n"), want: pgoutput.Message{RelationID: 7, OldKind: 'K'}, old: []string{"to"}, new: []string{"tn"}},
		{name: "update with its old row", in: msg('U').u32(7).u8('O').u16(1).col('t', "o").u8('N').u16(1).col('t', "n"), want: pgoutput.Message{RelationID: 7, OldKind: 'O'}, old: []string{"to"}, new: []string{"tn"}},
		{name: "delete by key", in: msg('D').u32(7).u8('K').u16(1).col('t', "o"), want: pgoutput.Message{RelationID: 7, OldKind: 'K'}, old: []string{"to"}},
		{name: "delete by row", in: msg('D').u32(7).u8('O').u16(1).col('n', ""), want: pgoutput.Message{RelationID: 7, OldKind: 'O'}, old: []string{"n"}},
		{name: "truncate", in: msg('T').u32(2).u8(3).u32(7).u32(8), want: pgoutput.Message{Truncate: pgoutput.Truncate{Cascade: true, RestartIdentity: true, Relations: []uint32{7, 8}}}},
		{name: "a logical message", in: msg('M').u8(1).u64(7).str("p").u32(2).u8('x').u8('y'), want: pgoutput.Message{Logical: pgoutput.LogicalMessage{Transactional: true, LSN: 7, Prefix: []byte("p"), Content: []byte("xy")}}},
		{name: "an empty logical message", in: msg('M').u8(0).u64(7).str("").u32(0), want: pgoutput.Message{Logical: pgoutput.LogicalMessage{LSN: 7, Prefix: []byte{}, Content: []byte{}}}},
		{name: "stream start", in: msg('S').u32(7).u8(1), want: pgoutput.Message{StreamStart: pgoutput.StreamStart{Xid: 7, First: true}}},
		{name: "stream commit", in: msg('c').u32(7).u8(0).u64(8).u64(9).u64(10), want: pgoutput.Message{StreamCommit: pgoutput.StreamCommit{Xid: 7, CommitLSN: 8, EndLSN: 9, CommitTime: 10}}},
		{name: "stream abort", in: msg('A').u32(7).u32(8), want: pgoutput.Message{StreamAbort: pgoutput.StreamAbort{Xid: 7, SubXid: 8}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m pgoutput.Message
			if err := pgoutput.NewDecoder(2).Parse(c.in.b, &m); err != nil {
				t.Fatal(err)
			}
			if got := columns(m.Old); !slices.Equal(got, c.old) || m.Old.Len() != len(c.old) {
				t.Errorf("the old tuple is %q", got)
			}
			if got := columns(m.New); !slices.Equal(got, c.new) || m.New.Len() != len(c.new) {
				t.Errorf("the new tuple is %q", got)
			}
			c.want.Kind = pgoutput.Kind(c.in.b[0])
			m.Old, m.New = pgoutput.Tuple{}, pgoutput.Tuple{}
			if d := cmp.Diff(c.want, m, cmp.AllowUnexported(pgoutput.Tuple{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for n := range c.in.b { // every truncation is told
				var e *pgoutput.Error
				if err := pgoutput.NewDecoder(2).Parse(c.in.b[:n], &m); !errors.As(err, &e) || e.Offset > n {
					t.Fatalf("cut to %d bytes it gives %v", n, err)
				}
			}
			var e *pgoutput.Error
			if err := pgoutput.NewDecoder(2).Parse(append(slices.Clone(c.in.b), 0), &m); !errors.As(err, &e) || !strings.Contains(e.Error(), "left over") {
				t.Errorf("a byte too many gives %v", err)
			}
		})
	}
}

// TestStreamBlocks holds that transaction ids stand before messages within a block, and only there.
func TestStreamBlocks(t *testing.T) {
	d := pgoutput.NewDecoder(2)
	var m pgoutput.Message
	parse := func(w *wire) error { return d.Parse(w.b, &m) }
	insert := func(xid uint32) *wire {
		w := msg('I')
		if xid > 0 {
			w.u32(xid)
		}
		return w.u32(7).u8('N').u16(1).col('t', "a")
	}
	if err := parse(msg('E')); err == nil {
		t.Error("a block ends that has not begun")
	}
	for i, w := range []*wire{msg('S').u32(5).u8(1), insert(6), msg('M').u32(6).u8(1).u64(7).str("p").u32(0), msg('T').u32(6).u32(1).u8(0).u32(7), msg('E')} {
		if err := parse(w); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if want := []uint32{0, 6, 6, 6, 0}[i]; m.Xid != want {
			t.Errorf("message %d has xid %d, want %d", i, m.Xid, want)
		}
	}
	if err := parse(insert(0)); err != nil || m.Xid != 0 {
		t.Errorf("after the block: xid %d, %v", m.Xid, err)
	}
	if err := parse(msg('S').u32(5).u8(0)); err != nil {
		t.Fatal(err)
	}
	if err := parse(msg('S').u32(5).u8(0)); err == nil {
		t.Error("a block begins inside another")
	}
	abort := msg('A').u32(7).u32(8).u64(9).u64(10)
	if err := pgoutput.NewDecoder(4).Parse(abort.b, &m); err != nil || m.StreamAbort.LSN != 9 || m.StreamAbort.Time != 10 {
		t.Errorf("version 4: %+v, %v", m.StreamAbort, err)
	}
	if err := pgoutput.NewDecoder(2).Parse(abort.b, &m); err == nil {
		t.Error("version 2 takes the longer abort")
	}
}

// TestLies holds lengths that the message does not have to errors, without memory for them.
func TestLies(t *testing.T) {
	for name, w := range map[string]*wire{
		"empty":                         {},
		"an unknown message":            msg('?').u32(1),
		"more columns than there are":   msg('I').u32(7).u8('N').u16(0xffff).col('t', "a"),
		"a column longer than all":      msg('I').u32(7).u8('N').u16(1).u8('t').u32(1 << 30),
		"a negative length":             msg('I').u32(7).u8('N').u16(1).u8('t').u32(0xffffffff).u8(0),
		"an unknown kind of column":     msg('I').u32(7).u8('N').u16(1).u8('x'),
		"no tuple":                      msg('I').u32(7).u8('Z').u16(0),
		"a delete without its row":      msg('D').u32(7).u8('N').u16(0),
		"a relation of 65,535 columns":  msg('R').u32(7).str("s").str("t").u8('d').u16(0xffff).u8(0),
		"a truncate of four billion":    msg('T').u32(0xffffffff).u8(0).u32(7),
		"a logical message of four GiB": msg('M').u8(0).u64(7).str("p").u32(0xffffffff).u8('x'),
		"a name without end":            {append([]byte("O12345678"), bytes.Repeat([]byte("x"), 100)...)},
	} {
		t.Run(name, func(t *testing.T) {
			var m pgoutput.Message
			var e *pgoutput.Error
			if err := pgoutput.NewDecoder(2).Parse(w.b, &m); !errors.As(err, &e) {
				t.Errorf("it gives %v", err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_ = pgoutput.NewDecoder(2).Parse(w.b, &m)
			runtime.ReadMemStats(&after)
			bytes := after.TotalAlloc - before.TotalAlloc
			if bytes > 64<<10 {
				t.Errorf("it allocates %d bytes", bytes)
			}
		})
	}
}

// TestParseAllocatesNothing holds rows, the hot path.
func TestParseAllocatesNothing(t *testing.T) {
	d := pgoutput.NewDecoder(2)
	var m pgoutput.Message
	for _, w := range []*wire{
		msg('I').u32(7).u8('N').u16(2).col('t', "abc").col('b', "12345678"),
		msg('U').u32(7).u8('O').u16(1).col('t', "abc").u8('N').u16(1).col('t', "abc"),
		msg('D').u32(7).u8('K').u16(1).col('t', "abc"),
		msg('B').u64(1).u64(2).u32(3),
		msg('C').u8(0).u64(1).u64(2).u64(3),
	} {
		if n := testing.AllocsPerRun(100, func() {
			if d.Parse(w.b, &m) != nil {
				t.Fail()
			}
			for _, _, ok := m.New.Next(); ok; _, _, ok = m.New.Next() {
			}
			m.New.Reset()
		}); n != 0 {
			t.Errorf("%q allocates %v times", w.b[0], n)
		}
	}
}

// FuzzParse reads streams of messages, each behind its length: no panic, errors of one type, and tuples whose columns lie
// within the message.
func FuzzParse(f *testing.F) {
	stream := func(ws ...*wire) []byte {
		var out []byte
		for _, w := range ws {
			out = append(binary.BigEndian.AppendUint16(out, uint16(len(w.b))), w.b...)
		}
		return out
	}
	f.Add(stream(msg('B').u64(1).u64(2).u32(3), msg('R').u32(7).str("s").str("t").u8('d').u16(1).u8(1).str("id").u32(23).u32(0), msg('I').u32(7).u8('N').u16(1).col('t', "1"), msg('C').u8(0).u64(1).u64(2).u64(3)))
	f.Add(stream(msg('S').u32(5).u8(1), msg('U').u32(5).u32(7).u8('K').u16(1).col('n', "").u8('N').u16(1).col('u', ""), msg('E'), msg('A').u32(5).u32(5)))
	f.Add(stream(msg('T').u32(1).u8(0).u32(7), msg('M').u8(1).u64(7).str("p").u32(1).u8('x'), msg('Y').u32(1).str("a").str("b"), msg('O').u64(1).str("o"), msg('D').u32(7).u8('O').u16(1).col('b', "x")))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, version := range []int{1, 2, 4} {
			d := pgoutput.NewDecoder(version)
			var m pgoutput.Message
			for rest := in; len(rest) >= 2; {
				n := min(int(binary.BigEndian.Uint16(rest)), len(rest)-2)
				one := rest[2 : 2+n]
				rest = rest[2+n:]
				if err := d.Parse(one, &m); err != nil {
					var e *pgoutput.Error
					if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(one) {
						t.Fatalf("the error is %#v", err)
					}
					continue
				}
				switch m.Kind {
				case pgoutput.KindInsert, pgoutput.KindUpdate, pgoutput.KindDelete:
					for _, tu := range []pgoutput.Tuple{m.Old, m.New} {
						total, count := 0, 0
						for _, v, ok := tu.Next(); ok; _, v, ok = tu.Next() {
							total, count = total+len(v), count+1
						}
						if total > len(one) || count != tu.Len() {
							t.Fatalf("%d columns of %d with %d bytes in a message of %d", count, tu.Len(), total, len(one))
						}
					}
				}
			}
		}
	})
}
