package envelope_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/connect/record"
)

// show renders a value for comparison.
func show(v record.Value) string {
	switch v.State() {
	case record.Null:
		return "null"
	case record.Unchanged:
		return "~"
	}
	switch s := v.Schema(); s.Kind {
	case record.Struct:
		parts := make([]string, len(s.Fields))
		for i, f := range s.Fields {
			parts[i] = f.Name + ":" + show(v.Index(i))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case record.Boolean:
		return strconv.FormatBool(v.Bool())
	case record.String:
		return string(v.Bytes())
	case record.Bytes:
		return "x" + hex.EncodeToString(v.Bytes())
	default:
		return strconv.FormatInt(v.Int(), 10)
	}
}

// rows renders a batch: op, id, key, value or nothing, headers.
func rows(b *record.Batch) []string {
	var out []string
	for i := range b.Len() {
		r := b.At(i)
		key, value := "-", "-"
		if k, ok := r.Key(); ok {
			key = show(k)
		}
		if v, ok := r.Value(); ok {
			value = show(v)
		}
		s := fmt.Sprintf("%c %d %s %s", r.Op(), r.ID().Lo, key, value)
		for _, h := range r.Headers() {
			s += " " + h.Key + "=" + string(h.Value)
		}
		out = append(out, s)
	}
	return out
}

// position is a source block of one field.
type position int64

func (p position) Fill(b *record.Batch, first uint32) { b.SetInt(first, int64(p)) }

var sourceSchema = &record.Schema{Kind: record.Struct, Name: "Source", Fields: []record.Field{
	{Name: "lsn", Schema: &record.Schema{Kind: record.Int64}}, {Name: "db", Schema: &record.Schema{Kind: record.String}, Const: record.Lit("d")}}}

func table(key []int, o envelope.Options) *envelope.Table {
	o.Names.Prefix = "p"
	return envelope.NewTable("public", "t", []envelope.Column{
		{Name: "id", Schema: &record.Schema{Kind: record.Int64}}, {Name: "v", Schema: &record.Schema{Kind: record.String, Optional: true}}}, key, sourceSchema, o)
}

// image adds a row's columns.
func image(b *record.Batch, id int64, v string) uint32 {
	c := b.Cells(2)
	b.SetInt(c, id)
	if v != "" {
		b.SetString(c+1, v)
	}
	return c
}

const clock = 1_700_000_000_123_456_789

func envelopeOf(before, after, op string) string {
	return fmt.Sprintf("{before:%s after:%s source:{lsn:7 db:d} transaction:null op:%s ts_ms:1700000000123 ts_us:1700000000123456 ts_ns:1700000000123456789}", before, after, op)
}

// TestWrite holds the records of each kind of change.
func TestWrite(t *testing.T) {
	const one, two, moved = "{id:1 v:a}", "{id:1 v:b}", "{id:2 v:b}"
	for _, c := range []struct {
		name         string
		op           record.Op
		key          []int
		noTombstones bool
		before       func(b *record.Batch) uint32
		after        func(b *record.Batch) uint32
		want         []string
	}{
		{name: "read", op: record.Read, key: []int{0}, after: func(b *record.Batch) uint32 { return image(b, 1, "a") }, want: []string{"r 10 {id:1} " + envelopeOf("null", one, "r")}},
		{name: "create", op: record.Create, key: []int{0}, after: func(b *record.Batch) uint32 { return image(b, 1, "a") }, want: []string{"c 10 {id:1} " + envelopeOf("null", one, "c")}},
		{name: "no key", op: record.Create, after: func(b *record.Batch) uint32 { return image(b, 1, "a") }, want: []string{"c 10 - " + envelopeOf("null", one, "c")}},
		{name: "a key in another order", op: record.Create, key: []int{1, 0}, after: func(b *record.Batch) uint32 { return image(b, 1, "a") }, want: []string{"c 10 {v:a id:1} " + envelopeOf("null", one, "c")}},
		{name: "update", op: record.Update, key: []int{0}, before: func(b *record.Batch) uint32 { return image(b, 1, "a") }, after: func(b *record.Batch) uint32 { return image(b, 1, "b") }, want: []string{"u 10 {id:1} " + envelopeOf(one, two, "u")}},
		{name: "update without its old row", op: record.Update, key: []int{0}, after: func(b *record.Batch) uint32 { return image(b, 1, "b") }, want: []string{"u 10 {id:1} " + envelopeOf("null", two, "u")}},
		{name: "an unchanged column", op: record.Update, key: []int{0}, after: func(b *record.Batch) uint32 { c := image(b, 1, "b"); b.SetUnchanged(c + 1); return c }, want: []string{"u 10 {id:1} " + envelopeOf("null", "{id:1 v:~}", "u")}},
		{name: "delete", op: record.Delete, key: []int{0}, before: func(b *record.Batch) uint32 { return image(b, 1, "") }, want: []string{"d 10 {id:1} " + envelopeOf("{id:1 v:null}", "null", "d"), "d 11 {id:1} -"}},
		{name: "delete without a tombstone", op: record.Delete, key: []int{0}, noTombstones: true, before: func(b *record.Batch) uint32 { return image(b, 1, "a") }, want: []string{"d 10 {id:1} " + envelopeOf(one, "null", "d")}},
		{name: "delete without a key", op: record.Delete, before: func(b *record.Batch) uint32 { return image(b, 1, "a") }, want: []string{"d 10 - " + envelopeOf(one, "null", "d"), "d 11 - -"}},
		{name: "a key that moves", op: record.Update, key: []int{0}, before: func(b *record.Batch) uint32 { return image(b, 1, "a") }, after: func(b *record.Batch) uint32 { return image(b, 2, "b") }, want: []string{
			"d 10 {id:1} " + envelopeOf(one, "null", "d") + ` __debezium.newkey={"id":2}`, `d 11 {id:1} - __debezium.newkey={"id":2}`, "c 12 {id:2} " + envelopeOf("null", moved, "c") + ` __debezium.oldkey={"id":1}`}},
		{name: "a key that moves without tombstones", op: record.Update, key: []int{0}, noTombstones: true, before: func(b *record.Batch) uint32 { return image(b, 1, "a") }, after: func(b *record.Batch) uint32 { return image(b, 2, "b") }, want: []string{
			"d 10 {id:1} " + envelopeOf(one, "null", "d") + ` __debezium.newkey={"id":2}`, "c 11 {id:2} " + envelopeOf("null", moved, "c") + ` __debezium.oldkey={"id":1}`}},
		{name: "truncate", op: record.Truncate, key: []int{0}, want: []string{"t 10 - " + envelopeOf("null", "null", "t")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b record.Batch
			id := record.ID{Lo: 10}
			ch := envelope.Change{Op: c.op, Before: envelope.None, After: envelope.None, Source: position(7), Nanos: clock}
			if c.before != nil {
				ch.Before = c.before(&b)
			}
			if c.after != nil {
				ch.After = c.after(&b)
			}
			table(c.key, envelope.Options{Tombstones: !c.noTombstones}).Write(&b, &id, ch)
			if d := cmp.Diff(c.want, rows(&b)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if int(id.Lo) != 10+len(c.want) {
				t.Errorf("the next id is %d", id.Lo)
			}
		})
	}
}

// TestWriteAllocatesNothing holds the hot path.
func TestWriteAllocatesNothing(t *testing.T) {
	tb := table([]int{0}, envelope.Options{Tombstones: true})
	var b record.Batch
	var src envelope.Source = position(7)
	if n := testing.AllocsPerRun(100, func() {
		b.Reset()
		id := record.ID{}
		x, y := image(&b, 1, "a"), image(&b, 1, "b")
		tb.Write(&b, &id, envelope.Change{Op: record.Update, Before: x, After: y, Source: src, Nanos: clock})
		tb.Write(&b, &id, envelope.Change{Op: record.Delete, Before: y, After: envelope.None, Source: src, Nanos: clock})
	}); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}

// TestNames holds topics, schemas and fields in each mode; the golden files have Odd_Name-Tbl from Debezium.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		name, schema, table, column string
		names                       envelope.Names
		topic, value, field         string
	}{
		{"plain", "cdc", "t_num", "a", envelope.Names{}, "p.cdc.t_num", "p.cdc.t_num.Value", "a"},
		{"odd", "cdc", "Odd Name-Tbl", "col-dash", envelope.Names{}, "p.cdc.Odd_Name-Tbl", "p.cdc.Odd_Name-Tbl.Value", "col-dash"},
		{"avro", "cdc", "Odd Name-Tbl", "col-dash", envelope.Names{Schema: "avro", Field: "avro"}, "p.cdc.Odd_Name-Tbl", "p.cdc.Odd_Name_Tbl.Value", "col_dash"},
		{"avro: a digit first", "cdc", "1t", "1digit", envelope.Names{Schema: "avro", Field: "avro"}, "p.cdc.1t", "p.cdc._1t.Value", "_1digit"},
		{"avro: beyond ASCII", "cdc", "t", "ümlaut", envelope.Names{Schema: "avro", Field: "avro"}, "p.cdc.t", "p.cdc.t.Value", "_mlaut"},
		{"avro_unicode", "cdc", "a_b", "col-dash_x", envelope.Names{Schema: "avro_unicode", Field: "avro_unicode"}, "p.cdc.a_b", "p.cdc.a__b.Value", "col_u002ddash__x"},
		{"UTF-16 counts", "cdc", "😀", "😀", envelope.Names{Schema: "avro", Field: "avro"}, "p.cdc.__", "p.cdc.__.Value", "__"},
		{"UTF-16 in unicode", "cdc", "t", "😀", envelope.Names{Field: "avro_unicode"}, "p.cdc.t", "p.cdc.t.Value", "_ud83d_ude00"},
		{"a template", "cdc", "Odd Name", "a", envelope.Names{Template: "x-${schema}-${table}-${topic_prefix}"}, "x-cdc-Odd_Name-p", "p.cdc.Odd_Name.Value", "a"},
		{"a template is replaced once", "${table}", "${schema}", "a", envelope.Names{Template: "${schema}.${table}"}, "__table_.__schema_", "p.__table_.__schema_.Value", "a"},
		{"a delimiter", "cdc", "t", "a", envelope.Names{Delimiter: "-"}, "p-cdc-t", "p-cdc-t.Value", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.names.Prefix = "p"
			tb := envelope.NewTable(c.schema, c.table, []envelope.Column{{Name: c.column, Schema: &record.Schema{Kind: record.Int32}}}, []int{0}, sourceSchema, envelope.Options{Names: c.names})
			value := tb.Layout.Value.Fields[0].Schema
			if tb.Layout.Topic != c.topic || value.Name != c.value || value.Fields[0].Name != c.field || tb.Layout.Key.Fields[0].Name != c.field {
				t.Errorf("got topic %s, schema %s, field %s", tb.Layout.Topic, value.Name, value.Fields[0].Name)
			}
			if tb.Layout.Table != c.schema+"."+c.table || tb.Layout.Key.Name != strings.TrimSuffix(c.value, "Value")+"Key" || tb.Layout.Value.Name != strings.TrimSuffix(c.value, "Value")+"Envelope" {
				t.Errorf("got table %s, key %s, envelope %s", tb.Layout.Table, tb.Layout.Key.Name, tb.Layout.Value.Name)
			}
		})
	}
}

// TestKeyHeaders holds the JSON that tells the other key, for every kind that keys have.
func TestKeyHeaders(t *testing.T) {
	of := func(k record.Kind) *record.Schema { return &record.Schema{Kind: k} }
	columns := []envelope.Column{
		{Name: `a"b`, Schema: of(record.String)}, {Name: "n", Schema: of(record.Int32)}, {Name: "t", Schema: of(record.Boolean)}, {Name: "raw", Schema: of(record.Bytes)},
		{Name: "dec", Schema: &record.Schema{Kind: record.Bytes, Name: "org.apache.kafka.connect.data.Decimal", Params: []record.Param{{Name: "scale", Value: "2"}}}},
		{Name: "l", Schema: &record.Schema{Kind: record.Array, Elem: of(record.Int32)}}, {Name: "f", Schema: of(record.Float64)},
	}
	key := []int{0, 1, 2, 3, 4, 5, 6}
	tb := envelope.NewTable("s", "t", columns, key, sourceSchema, envelope.Options{})
	var b record.Batch
	row := func(text string, dec []byte) uint32 {
		c := b.Cells(len(columns))
		b.SetString(c, text)
		b.SetInt(c+1, -5)
		b.SetBool(c+2, true)
		b.SetBytes(c+3, []byte{0, 255})
		b.SetBytes(c+4, dec)
		e := b.Cells(2)
		b.SetInt(e, 1)
		b.SetInt(e+1, 2)
		b.SetRun(c+5, e, 2)
		b.SetFloat(c+6, 1.5)
		return c
	}
	x, y := row("<a>\n", []byte{0xff}), row("é\x01\"", []byte{0x04, 0xd2})
	id := record.ID{}
	tb.Write(&b, &id, envelope.Change{Op: record.Update, Before: x, After: y, Source: position(1)})
	rest := `,"n":-5,"t":true,"raw":"AP8=","dec":%s,"l":[1,2],"f":1.5}`
	for i, want := range map[int]string{0: `{"a\"b":"é\u0001\""` + fmt.Sprintf(rest, "12.34"), 1: `{"a\"b":"<a>\n"` + fmt.Sprintf(rest, "-0.01")} {
		h := b.At(i).Headers()
		if got := string(h[len(h)-1].Value); got != want {
			t.Errorf("row %d: got %s, want %s", i, got, want)
		}
	}
}

func TestHeartbeatAndMessage(t *testing.T) {
	var b record.Batch
	n := envelope.Names{Prefix: "p"}
	envelope.NewHeartbeat("__debezium-heartbeat", n).Write(&b, record.ID{Lo: 3}, 42)
	id := record.ID{Lo: 5}
	envelope.NewMessages(n, "io.example", sourceSchema).Write(&b, &id, position(7), 43, []byte("pre"), []byte{1, 2})
	got := rows(&b)
	if len(got) != 2 || !strings.HasSuffix(got[0], " 3 {serverName:p} {ts_ms:42}") || got[1] != "m 5 {prefix:pre} {op:m ts_ms:43 source:{lsn:7 db:d} transaction:null message:{prefix:pre content:x0102}}" || id.Lo != 6 {
		t.Errorf("got %q, next id %d", got, id.Lo)
	}
	if a, m := b.At(0).Layout(), b.At(1).Layout(); a.Topic != "__debezium-heartbeat.p" || m.Topic != "p.message" || m.Value.Name != "io.example.MessageValue" {
		t.Errorf("topics are %s and %s", a.Topic, m.Topic)
	}
}
