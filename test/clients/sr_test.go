package clients

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/millrace/millrace/registry/wire"
	"github.com/millrace/millrace/test/testenv"
)

const (
	srItem  = `{"type":"record","name":"Item","fields":[{"name":"id","type":"long"}]}`
	srItem2 = `{"type":"record","name":"Item","fields":[{"name":"id","type":"long"},{"name":"name","type":"string","default":""}]}`
	srBad   = `{"type":"record","name":"Item","fields":[{"name":"id","type":"string"}]}`
)

func srClient(t *testing.T, opts ...sr.ClientOpt) *sr.Client {
	t.Helper()
	c, err := sr.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask returns what a call returns, and ends the test where it fails.
func ask[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func refused(t *testing.T, err error, code int) {
	t.Helper()
	var e *sr.ResponseError
	if !errors.As(err, &e) || e.ErrorCode != code {
		t.Errorf("got %v, want code %d", err, code)
	}
}

// TestFranzGo makes every call of franz-go's registry client.
func TestFranzGo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	url := startRegistry(ctx, t)
	c := srClient(t, sr.URLs(url))
	ints, texts, schemas := ask[[]int](t), ask[[]string](t), ask[[]sr.SubjectSchema](t)

	if got := ask[[]sr.SchemaType](t)(c.SupportedTypes(ctx)); len(got) != 3 {
		t.Errorf("types: %v", got)
	}
	first := ask[sr.SubjectSchema](t)(c.CreateSchema(ctx, "s", sr.Schema{Schema: srItem}))
	second := ask[sr.SubjectSchema](t)(c.CreateSchema(ctx, "s", sr.Schema{Schema: srItem2}))
	if first.Version != 1 || second.Version != 2 || first.ID == second.ID {
		t.Errorf("versions %+v and %+v", first, second)
	}
	if id := ask[int](t)(c.RegisterSchema(ctx, "s", sr.Schema{Schema: srItem}, -1, -1)); id != first.ID {
		t.Errorf("registered again as %d", id)
	}
	if got := ask[sr.Schema](t)(c.SchemaByID(ctx, first.ID)); got.Schema != srItem {
		t.Errorf("by id: %+v", got)
	}
	if got := ask[string](t)(c.SchemaTextByID(ctx, first.ID)); got != srItem {
		t.Errorf("text by id: %s", got)
	}
	if got := ask[string](t)(c.SchemaTextByVersion(ctx, "s", -1)); got != srItem2 {
		t.Errorf("text by version: %s", got)
	}
	if got := texts(c.SubjectsByID(ctx, first.ID)); !slices.Equal(got, []string{"s"}) {
		t.Errorf("subjects of the id: %v", got)
	}
	if got := ask[[]sr.SubjectVersion](t)(c.SchemaVersionsByID(ctx, second.ID)); len(got) != 1 || got[0].Version != 2 {
		t.Errorf("versions of the id: %v", got)
	}
	var v struct{ GUID string }
	if err := c.Do(ctx, "GET", "/subjects/s/versions/1", nil, &v); err != nil {
		t.Fatal(err)
	}
	if got := ask[sr.SubjectSchema](t)(c.SchemaByGUID(ctx, v.GUID)); got.Schema.Schema != srItem {
		t.Errorf("by GUID: %+v", got)
	}
	if got := ask[[]sr.ContextID](t)(c.SchemaIDsByGUID(ctx, v.GUID)); len(got) != 1 || got[0].ID != first.ID || got[0].Context != "." {
		t.Errorf("ids of the GUID: %+v", got)
	}
	if got := ints(c.SubjectVersions(ctx, "s")); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("versions: %v", got)
	}
	if got := ask[sr.SubjectSchema](t)(c.SchemaByVersion(ctx, "s", -1)); got.Version != 2 {
		t.Errorf("latest: %+v", got)
	}
	if got := ask[sr.SubjectSchema](t)(c.LookupSchema(ctx, "s", sr.Schema{Schema: srItem})); got.Version != 1 {
		t.Errorf("lookup: %+v", got)
	}
	if got := schemas(c.Schemas(ctx, "s")); len(got) != 2 {
		t.Errorf("schemas: %v", got)
	}
	if got := schemas(c.AllSchemas(ctx)); len(got) != 2 {
		t.Errorf("all schemas: %v", got)
	}

	if got := ask[sr.CheckCompatibilityResult](t)(c.CheckCompatibility(sr.WithParams(ctx, sr.Verbose), "s", -1, sr.Schema{Schema: srBad})); got.Is || !strings.Contains(strings.Join(got.Messages, ""), "TYPE_MISMATCH") {
		t.Errorf("compatibility: %+v", got)
	}
	_, err := c.CreateSchema(ctx, "s", sr.Schema{Schema: srBad})
	refused(t, err, 40901)
	for _, r := range c.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatFull}, "s") {
		if r.Err != nil || r.Level != sr.CompatFull {
			t.Errorf("setting the level: %+v", r)
		}
	}
	for i, want := range []sr.CompatibilityLevel{sr.CompatBackward, sr.CompatFull} {
		if r := c.Compatibility(ctx, sr.GlobalSubject, "s")[i]; r.Err != nil || r.Level != want {
			t.Errorf("level: %+v", r)
		}
	}
	// The client looks for the level under another name than Confluent's registry gives it here.
	if r := c.ResetCompatibility(ctx, "s")[0]; r.Err != nil {
		t.Errorf("resetting the level: %+v", r)
	}
	refused(t, c.Compatibility(ctx, "s")[0].Err, 40408)

	if r := c.SetMode(ctx, sr.ModeImport, "imported")[0]; r.Err != nil {
		t.Errorf("setting the mode: %+v", r)
	}
	if got := ask[sr.SubjectSchema](t)(c.CreateSchemaWithIDAndVersion(ctx, "imported", sr.Schema{Schema: `"bytes"`}, 77, 5)); got.ID != 77 || got.Version != 5 {
		t.Errorf("imported: %+v", got)
	}
	if r := c.Mode(ctx, "imported")[0]; r.Err != nil || r.Mode != sr.ModeImport {
		t.Errorf("mode: %+v", r)
	}
	if r := c.ResetMode(ctx, "imported")[0]; r.Err != nil {
		t.Errorf("resetting the mode: %+v", r)
	}

	const money, order = `syntax = "proto3"; package pay; message Money { int64 units = 1; }`, `syntax = "proto3"; package shop; import "pay/money.proto"; message Order { pay.Money total = 1; }`
	ask[sr.SubjectSchema](t)(c.CreateSchema(ctx, "pay/money.proto", sr.Schema{Schema: money, Type: sr.TypeProtobuf}))
	use := ask[sr.SubjectSchema](t)(c.CreateSchema(ctx, "order", sr.Schema{Schema: order, Type: sr.TypeProtobuf, References: []sr.SchemaReference{{Name: "pay/money.proto", Subject: "pay/money.proto", Version: 1}}}))
	if got := schemas(c.SchemaReferences(ctx, "pay/money.proto", 1)); len(got) != 1 || got[0].ID != use.ID {
		t.Errorf("referrers: %+v", got)
	}
	if got := schemas(c.SchemaUsagesByID(ctx, first.ID)); len(got) != 1 || got[0].Subject != "s" {
		t.Errorf("usages: %+v", got)
	}
	_, err = c.DeleteSubject(ctx, "pay/money.proto", sr.SoftDelete)
	refused(t, err, 42206)

	in := srClient(t, sr.URLs(url), sr.DefaultSchemaContext(".team"))
	ask[sr.SubjectSchema](t)(in.CreateSchema(ctx, "in-team", sr.Schema{Schema: `"double"`}))
	if got := texts(c.Contexts(ctx)); !slices.Equal(got, []string{".", ".team"}) {
		t.Errorf("contexts: %v", got)
	}
	if got := ask[sr.SubjectSchema](t)(in.SchemaByVersion(ctx, "in-team", 1)); got.ID != 1 || got.Schema.Schema != `"double"` {
		t.Errorf("in the context: %+v", got)
	}
	refused(t, c.DeleteContext(ctx, ".team"), 42211)

	if err := c.DeleteSchema(ctx, "s", 1, sr.SoftDelete); err != nil {
		t.Error(err)
	}
	refused(t, c.DeleteSchema(ctx, "s", 1, sr.SoftDelete), 40406)
	if got := ints(c.SubjectVersions(sr.WithParams(ctx, sr.ShowDeleted), "s")); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("with deleted: %v", got)
	}
	if err := c.DeleteSchema(ctx, "s", 1, sr.HardDelete); err != nil {
		t.Error(err)
	}
	for _, how := range []sr.DeleteHow{sr.SoftDelete, sr.HardDelete} {
		if got := ints(c.DeleteSubject(ctx, "s", how)); !slices.Equal(got, []int{2}) {
			t.Errorf("deleted: %v", got)
		}
	}
	_, err = c.SubjectVersions(ctx, "s")
	refused(t, err, 40401)
}

// TestFranzGoSerde sends records through Kafka that franz-go's Serde frames, and reads them with registry/wire and the other way.
func TestFranzGoSerde(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	brokers := testenv.Kafka(t)
	c := srClient(t, sr.URLs(startRegistry(ctx, t)))
	type item struct{ ID int }
	type line struct{ N int }
	text := sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; message Item { int32 id = 1; } message Order { message Line { int32 n = 1; } }`}
	schema := ask[sr.SubjectSchema](t)(c.CreateSchema(ctx, "serde", text))
	var serde sr.Serde
	encode := sr.EncodeFn(json.Marshal)
	decode := sr.DecodeFn(json.Unmarshal)
	serde.Register(schema.ID, item{}, sr.Index(0), encode, decode)
	serde.Register(schema.ID, line{}, sr.Index(1, 0), encode, decode)

	topic := "franz-serde-" + strings.ReplaceAll(time.Now().Format("150405.000000"), ".", "")
	kafka, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.DefaultProduceTopic(topic), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	if _, err := kadm.NewClient(kafka).CreateTopic(ctx, 1, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	own := append(wire.AppendIndexes(wire.Append(nil, schema.ID), []int{1, 0}), `{"N":4}`...)
	if err := kafka.ProduceSync(ctx, &kgo.Record{Value: serde.MustEncode(item{3})}, &kgo.Record{Value: serde.MustEncode(line{4})}, &kgo.Record{Value: own}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	var got []*kgo.Record
	for len(got) < 3 {
		fetches := kafka.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		got = append(got, fetches.Records()...)
	}
	for i, want := range []struct {
		indexes []int
		datum   string
		value   any
	}{{[]int{0}, `{"ID":3}`, &item{3}}, {[]int{1, 0}, `{"N":4}`, &line{4}}, {[]int{1, 0}, `{"N":4}`, &line{4}}} {
		f, err := wire.Detect(wire.Value, got[i].Headers, got[i].Value)
		if err != nil {
			t.Fatal(err)
		}
		indexes, datum, err := f.Indexes(nil, wire.Zigzag)
		if err != nil || int(f.ID) != schema.ID || !slices.Equal(indexes, want.indexes) || string(datum) != want.datum {
			t.Errorf("record %d has id %d, indexes %v, %s: %v", i, f.ID, indexes, datum, err)
		}
		v, err := serde.DecodeNew(got[i].Value)
		if err != nil {
			t.Errorf("record %d: %v", i, err)
			continue
		}
		a, _ := json.Marshal(v)
		if b, _ := json.Marshal(want.value); string(a) != string(b) {
			t.Errorf("record %d is read as %s", i, a)
		}
	}
}
