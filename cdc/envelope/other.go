package envelope

import (
	"github.com/millrace/millrace/connect/record"
)

// Heartbeat writes the records that carry a position forward while nothing happens.
type Heartbeat struct{ layout *record.Layout }

// NewHeartbeat returns the heartbeat of a connector: topic TOPICPREFIX.PREFIX, without the headers of data records.
func NewHeartbeat(topicPrefix string, n Names) *Heartbeat {
	return &Heartbeat{layout: &record.Layout{
		Topic: n.join(topicPrefix, n.Prefix),
		Key: &record.Schema{Kind: record.Struct, Name: "io.debezium.connector.common.ServerNameKey", Version: 1, Fields: []record.Field{
			{Name: "serverName", Schema: requiredString, Const: record.Lit(n.Prefix)}}},
		Value: &record.Schema{Kind: record.Struct, Name: "io.debezium.connector.common.Heartbeat", Version: 1, Fields: []record.Field{
			{Name: "ts_ms", Schema: &record.Schema{Kind: record.Int64}}}},
	}}
}

// Write adds a heartbeat.
func (h *Heartbeat) Write(b *record.Batch, id record.ID, ms int64) {
	r := b.Row(h.layout, 0, id)
	k := b.Cells(2)
	b.SetRun(k, k+1, 1)
	b.SetKey(r, k)
	v := b.Cells(2)
	b.SetRun(v, v+1, 1)
	b.SetInt(v+1, ms)
	b.SetValue(r, v)
}

// Messages writes logical decoding messages.
type Messages struct {
	layout  *record.Layout
	source  *record.Schema
	message *record.Schema
	content Content
}

// Content is how the bytes of a message are shown, as binary.handling.mode says.
type Content struct {
	Schema *record.Schema // optional, Bytes or String
	Set    func(b *record.Batch, cell uint32, content []byte) error
}

// NewMessages returns the writer for topic PREFIX.message. connector is the package of the schema names, such as
// io.debezium.connector.postgresql. Contents are bytes.
func NewMessages(n Names, connector string, source *record.Schema) *Messages {
	return NewMessagesAs(n, connector, source, Content{
		Schema: &record.Schema{Kind: record.Bytes, Optional: true},
		Set: func(b *record.Batch, cell uint32, content []byte) error {
			b.SetBytes(cell, content)
			return nil
		},
	})
}

// NewMessagesAs is NewMessages with contents in another form.
func NewMessagesAs(n Names, connector string, source *record.Schema, content Content) *Messages {
	m := &Messages{source: source, content: content, message: &record.Schema{Kind: record.Struct, Name: connector + ".Message", Version: 1, Fields: []record.Field{
		{Name: "prefix", Schema: optionalString}, {Name: "content", Schema: content.Schema}}}}
	m.layout = &record.Layout{
		Topic: TopicName(n.Prefix + ".message"),
		Key: &record.Schema{Kind: record.Struct, Name: connector + ".MessageKey", Version: 1, Fields: []record.Field{
			{Name: "prefix", Schema: optionalString}}},
		Value: &record.Schema{Kind: record.Struct, Name: connector + ".MessageValue", Version: 1, Fields: []record.Field{
			{Name: "op", Schema: requiredString, Const: record.Lit("m")},
			{Name: "ts_ms", Schema: optionalLong},
			{Name: "source", Schema: source},
			{Name: "transaction", Schema: transaction, Const: record.Lit(nil)},
			{Name: "message", Schema: m.message},
		}},
	}
	return m
}

// Write adds a message and counts id.Lo up. An error is Content's.
func (m *Messages) Write(b *record.Batch, id *record.ID, src Source, ms int64, prefix, content []byte) error {
	r := b.Row(m.layout, record.Message, *id)
	id.Lo++
	k := b.Cells(2)
	b.SetRun(k, k+1, 1)
	b.SetBytes(k+1, prefix)
	b.SetKey(r, k)
	v := b.Cells(6)
	f := v + 1
	b.SetRun(v, f, 5)
	b.SetInt(f+1, ms)
	fillSource(b, f+2, m.source, src)
	msg := b.Cells(2)
	b.SetRun(f+4, msg, 2)
	b.CopyCell(msg, k+1)
	b.SetValue(r, v)
	return m.content.Set(b, msg+1, content)
}
