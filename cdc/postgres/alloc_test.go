package postgres

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/pgoutput"
	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// recorded makes a stream that has one relation, and a transaction's messages for it.
func recorded(t testing.TB) (st *stream, messages [][]byte) {
	t.Helper()
	s := New(Config{Conn: ConnConfig{Database: "db"}, Names: envelope.Names{Prefix: "p"}})
	cols := []columnInfo{
		{Column: pgvalue.Column{Name: "id", Type: 20, Typmod: -1, NotNull: true}, key: true},
		{Column: pgvalue.Column{Name: "v", Type: 25, Typmod: -1}},
		{Column: pgvalue.Column{Name: "n", Type: 1700, Typmod: 10<<16 | 2 + 4}},
		{Column: pgvalue.Column{Name: "at", Type: 1184, Typmod: -1}},
		{Column: pgvalue.Column{Name: "ok", Type: 16, Typmod: -1}},
	}
	p, err := s.makePlan(context.Background(), "public", "t", cols, []string{"id"})
	if err != nil {
		t.Fatal(err)
	}
	st = &stream{Source: s, dec: pgoutput.NewDecoder(2), relations: map[uint32]*relation{7: {Relation: pgoutput.Relation{ID: 7}, plan: p}}}
	tuple := func(m []byte) []byte {
		m = binary.BigEndian.AppendUint16(m, 5)
		for _, v := range [][]byte{{0, 0, 0, 0, 0, 0, 0, 9}, []byte("some text of a usual length"), {0, 2, 0, 0, 0, 0, 0, 2, 0x04, 0xd2, 0x16, 0x2e}, {0, 2, 0x9a, 0x1e, 1, 2, 3, 4}, {1}} {
			m = append(binary.BigEndian.AppendUint32(append(m, 'b'), uint32(len(v))), v...)
		}
		return m
	}
	relation := func(kind byte) []byte { return binary.BigEndian.AppendUint32([]byte{kind}, 7) }
	begin := append([]byte{'B'}, make([]byte, 20)...)
	commit := append([]byte{'C'}, make([]byte, 25)...)
	return st, [][]byte{begin, tuple(append(relation('I'), 'N')), tuple(append(relation('U'), 'N')),
		tuple(append(tuple(append(relation('U'), 'O')), 'N')), tuple(append(relation('D'), 'O')), commit}
}

func TestStreamedRowsAllocateNothing(t *testing.T) {
	st, messages := recorded(t)
	var b record.Batch
	run := func() {
		b.Reset()
		for range 100 {
			for _, m := range messages {
				if err := st.message(context.Background(), &b, 42, 0, m); err != nil {
					t.Fatal(err)
				}
			}
		}
		st.tell(&b)
	}
	run()
	if b.Len() != 500 { // three changes, a delete and its tombstone
		t.Fatalf("%d rows", b.Len())
	}
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations for 500 rows", n)
	}
}

func TestCopiedRowsAllocateNothing(t *testing.T) {
	st, messages := recorded(t)
	p := st.relations[7].plan
	row := []byte{0, 5}
	for _, v := range [][]byte{{0, 0, 0, 0, 0, 0, 0, 9}, []byte("some text of a usual length"), {0, 2, 0, 0, 0, 0, 0, 2, 0x04, 0xd2, 0x16, 0x2e}, {0, 2, 0x9a, 0x1e, 1, 2, 3, 4}, {1}} {
		row = append(binary.BigEndian.AppendUint32(row, uint32(len(v))), v...)
	}
	_ = messages
	var b record.Batch
	src := block{snapshot: "true", lsn: 42}
	run := func() {
		b.Reset()
		for range 500 {
			after, err := st.copyRow(&b, p, row)
			if err != nil {
				t.Fatal(err)
			}
			id := record.ID{Hi: 41, Lo: 1}
			p.table.Write(&b, &id, envelope.Change{Op: record.Read, Before: envelope.None, After: after, Source: &src})
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations for 500 rows", n)
	}
}

func BenchmarkStreamedInsert(b *testing.B) {
	st, messages := recorded(b)
	var batch record.Batch
	if err := st.message(context.Background(), &batch, 42, 0, messages[0]); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if batch.Len() >= maxRows {
			batch.Reset()
		}
		if err := st.message(context.Background(), &batch, 42, 0, messages[1]); err != nil {
			b.Fatal(err)
		}
	}
}
