package record_test

import (
	"testing"

	"github.com/millrace/millrace/connect/record"
)

func layout() *record.Layout {
	point := &record.Schema{Kind: record.Struct, Fields: []record.Field{
		{Name: "x", Schema: &record.Schema{Kind: record.Float64}},
		{Name: "unit", Schema: &record.Schema{Kind: record.String}, Const: record.Lit("m")},
		{Name: "none", Schema: &record.Schema{Kind: record.Int64, Optional: true}, Const: record.Lit(nil)},
	}}
	return &record.Layout{
		Topic: "t",
		Key:   &record.Schema{Kind: record.Struct, Fields: []record.Field{{Name: "id", Schema: &record.Schema{Kind: record.Int32}}}},
		Value: &record.Schema{Kind: record.Struct, Fields: []record.Field{
			{Name: "id", Schema: &record.Schema{Kind: record.Int32}},
			{Name: "name", Schema: &record.Schema{Kind: record.String, Optional: true}},
			{Name: "tags", Schema: &record.Schema{Kind: record.Array, Elem: &record.Schema{Kind: record.String, Optional: true}}},
			{Name: "attrs", Schema: &record.Schema{Kind: record.Map, Key: &record.Schema{Kind: record.String}, Elem: &record.Schema{Kind: record.Boolean}}},
			{Name: "at", Schema: point},
		}},
	}
}

func fill(b *record.Batch, l *record.Layout, id int64) {
	r := b.Row(l, record.Create, record.ID{Hi: 1, Lo: uint64(id)})
	k := b.Cells(1)
	kf := b.Cells(1)
	b.SetInt(kf, id)
	b.SetRun(k, kf, 1)
	b.SetKey(r, k)

	v := b.Cells(1)
	f := b.Cells(5)
	b.SetRun(v, f, 5)
	b.CopyCell(f, kf)
	b.SetAppended(f+1, append(b.Buf(), "name"...))
	b.SetUnchanged(f + 1)
	tags := b.Cells(2)
	b.SetString(tags, "a")
	b.SetRun(f+2, tags, 2)
	entry := b.Cells(2)
	b.SetBytes(entry, []byte("hot"))
	b.SetBool(entry+1, true)
	b.SetRun(f+3, entry, 1)
	at := b.Cells(3)
	b.SetFloat(at, 1.5)
	b.SetRun(f+4, at, 3)
	b.SetValue(r, v)
}

func TestRowReadsBackWhatWasSet(t *testing.T) {
	var b record.Batch
	l := layout()
	fill(&b, l, 7)
	row := b.At(0)
	if row.Layout() != l || row.Op() != record.Create || row.ID() != (record.ID{Hi: 1, Lo: 7}) {
		t.Fatalf("header: %v %c %v", row.Layout(), row.Op(), row.ID())
	}
	k, ok := row.Key()
	if !ok || k.Index(0).Int() != 7 {
		t.Fatalf("key %v %d", ok, k.Index(0).Int())
	}
	v, _ := row.Value()
	if n := v.Index(1); n.State() != record.Unchanged || string(n.Bytes()) != "name" {
		t.Errorf("name: %v %q", n.State(), n.Bytes())
	}
	tags := v.Index(2)
	if tags.Len() != 2 || string(tags.Index(0).Bytes()) != "a" || tags.Index(1).State() != record.Null {
		t.Errorf("tags: %d", tags.Len())
	}
	mk, mv := v.Index(3).Entry(0)
	if string(mk.Bytes()) != "hot" || !mv.Bool() {
		t.Errorf("attrs: %q %v", mk.Bytes(), mv.Bool())
	}
	at := v.Index(4)
	if at.Index(0).Float() != 1.5 || string(at.Index(1).Bytes()) != "m" || at.Index(2).State() != record.Null {
		t.Errorf("at: %v %q %v", at.Index(0).Float(), at.Index(1).Bytes(), at.Index(2).State())
	}
}

func TestCellsAreNullAfterReuse(t *testing.T) {
	var b record.Batch
	b.SetInt(b.Cells(3), 5)
	b.Reset()
	if c := b.Cells(3); b.Cell(c) != (record.Cell{}) {
		t.Fatalf("a reused cell holds %v", b.Cell(c))
	}
}

func TestRowWithoutValueIsATombstone(t *testing.T) {
	var b record.Batch
	l := layout()
	fill(&b, l, 1)
	r := b.Row(l, record.Delete, record.ID{})
	b.SetKey(r, 0)
	b.AddHeader("h", []byte("v"))
	row := b.At(1)
	if _, ok := row.Value(); ok {
		t.Error("a row without SetValue has a value")
	}
	if k, ok := row.Key(); !ok || k.Index(0).Int() != 1 {
		t.Error("a shared key cell is not seen")
	}
	if h := row.Headers(); len(h) != 1 || string(h[0].Value) != "v" || len(b.At(0).Headers()) != 0 {
		t.Errorf("headers %v", h)
	}
}

func TestTruncateDropsTheRest(t *testing.T) {
	var b record.Batch
	l := layout()
	fill(&b, l, 1)
	m, size := b.Mark(), b.Size()
	fill(&b, l, 2)
	b.Truncate(m)
	if b.Len() != 1 || b.Size() != size {
		t.Fatalf("%d rows, %d bytes, want 1 and %d", b.Len(), b.Size(), size)
	}
	fill(&b, l, 3)
	if v, _ := b.At(1).Value(); v.Index(0).Int() != 3 {
		t.Error("the row after Truncate is wrong")
	}
}

func TestSchemaEqual(t *testing.T) {
	a, b := layout().Value, layout().Value
	if !a.Equal(b) {
		t.Fatal("equal schemas differ")
	}
	b.Fields[4].Schema.Fields[1].Const = record.Lit("km")
	if a.Equal(b) {
		t.Fatal("constants do not count")
	}
	c := &record.Schema{Kind: record.Bytes, Default: record.Lit([]byte{1})}
	d := &record.Schema{Kind: record.Bytes, Default: record.Lit("\x01")}
	if c.Equal(d) || d.Equal(c) {
		t.Fatal("defaults of different types are equal")
	}
}

func TestFillingAReusedBatchDoesNotAllocate(t *testing.T) {
	var b record.Batch
	l := layout()
	run := func() {
		b.Reset()
		for i := range int64(100) {
			fill(&b, l, i)
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Fatalf("%v allocations a batch", n)
	}
}

func BenchmarkFill(b *testing.B) {
	var batch record.Batch
	l := layout()
	b.ReportAllocs()
	for i := range b.N {
		if i%1000 == 0 {
			batch.Reset()
		}
		fill(&batch, l, int64(i))
	}
}
