package byname_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/byname"
	offsetfile "github.com/millrace/millrace/connect/offset/file"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/runtime"
	statefile "github.com/millrace/millrace/connect/state/file"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
)

const associated = "io.confluent.kafka.serializers.subject.AssociatedNameStrategy"

// tie associates the values of topic t in a cluster with a subject.
func tie(t *testing.T, s *registrytest.Server, cluster, subject string) {
	t.Helper()
	if err := s.Registry().Associate(t.Context(), client.Resource{Name: "t", Namespace: cluster, ID: cluster + "-t", Type: "topic"},
		client.NewAssociation{Subject: subject, Type: "value", Lifecycle: "WEAK"}); err != nil {
		t.Fatal(err)
	}
}

// asks counts the requests for associations and resets them.
func asks(s *registrytest.Server) (n int) {
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Path, "/associations/") {
			n++
		}
	}
	s.Reset()
	return n
}

func associatedConverter(t *testing.T, s *registrytest.Server, part convert.Part, kv ...string) convert.Converter {
	t.Helper()
	o := options(append([]string{"schema.registry.url", s.URL, "key.subject.name.strategy", associated, "value.subject.name.strategy", associated}, kv...)...)
	c, err := byname.New("AvroConverter", o, part)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAssociatedNames(t *testing.T) {
	long := &record.Schema{Kind: record.Int64}
	other := &record.Schema{Kind: record.Struct, Name: "S", Fields: rowSchema.Fields}
	for _, tt := range []struct {
		name    string
		options map[string]string
		fault   registrytest.Fault
		topic   string
		part    convert.Part
		schema  *record.Schema
		want    string // the subject
		class   connect.Class
		err     string
	}{
		{name: "associated", options: options("subject.name.strategy.kafka.cluster.id", "lkc-1"), topic: "t", part: convert.Value, schema: rowSchema, want: "orders"},
		{name: "of another cluster", options: options("subject.name.strategy.kafka.cluster.id", "lkc-2"), topic: "t", part: convert.Value, schema: rowSchema, want: "payments"},
		{name: "no record", options: options("subject.name.strategy.kafka.cluster.id", "lkc-1", "subject.name.strategy.fallback.type", "RECORD"), topic: "t", part: convert.Value, schema: long, want: "orders"},
		{name: "any cluster", topic: "t", part: convert.Value, schema: rowSchema, err: `the value of "t" is associated with 2 subjects`},
		{name: "the key is not", topic: "t", part: convert.Key, schema: rowSchema, want: "t-key"},
		{name: "another topic", topic: "u", part: convert.Value, schema: rowSchema, want: "u-value"},
		{name: "by record", options: options("subject.name.strategy.fallback.type", "RECORD"), topic: "u", part: convert.Value, schema: rowSchema, want: "R"},
		{name: "by topic and record", options: options("subject.name.strategy.fallback.type", "topic_record"), topic: "u", part: convert.Value, schema: rowSchema, want: "u-R"},
		{name: "no record to fall back to", options: options("subject.name.strategy.fallback.type", "RECORD"), topic: "u", part: convert.Value, schema: long, err: "of type long: use TopicNameStrategy"},
		{name: "no fallback", options: options("subject.name.strategy.fallback.type", "NONE"), topic: "u", part: convert.Value, schema: rowSchema, class: connect.BadRecord, err: `the value of "u" is associated with no subject`},
		{name: "no such path", fault: registrytest.Fault{Path: "/associations", Status: http.StatusNotFound}, topic: "t", part: convert.Value, schema: rowSchema, want: "t-value"},
		{name: "away", fault: registrytest.Fault{Path: "/associations", Break: true}, topic: "t", part: convert.Value, schema: rowSchema, class: connect.Retriable, err: `asking for the subject of the value of "t"`},
		{name: "not ready", fault: registrytest.Fault{Path: "/associations", Status: 500, Code: client.LeaderUnknown}, topic: "t", part: convert.Value, schema: rowSchema, class: connect.Retriable, err: "50004"},
		{name: "not allowed", fault: registrytest.Fault{Path: "/associations", Status: http.StatusForbidden}, topic: "t", part: convert.Value, schema: rowSchema, err: "403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := client.Schema{Text: `["null","long",{"type":"record","name":"R","fields":[{"name":"id","type":"int"}]}]`}
			s := registrytest.NewServer(t, client.Version{Subject: "orders", Schema: text}, client.Version{Subject: "payments", Schema: text})
			if err := s.Registry().SetCompatibility(t.Context(), "", "NONE"); err != nil {
				t.Fatal(err)
			}
			tie(t, s, "lkc-1", "orders")
			tie(t, s, "lkc-2", "payments")
			s.Reset()
			if tt.fault.Path != "" {
				s.Inject(tt.fault)
			}
			var kv []string
			for k, v := range tt.options {
				kv = append(kv, k, v)
			}
			c := associatedConverter(t, s, tt.part, kv...)
			if n := len(s.Requests()); n != 0 {
				t.Errorf("%d requests before there is a row", n)
			}
			e, err := c.Encoder(t.Context(), tt.topic, tt.part, tt.schema)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || connect.ClassOf(err) != tt.class {
					t.Fatalf("%v error %v, want a %v one with %q", connect.ClassOf(err), err, tt.class, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if x := e.(convert.Expiring).Expires(); !x.IsZero() {
				t.Errorf("asked again at %v, want never", x)
			}
			requests := s.Requests()
			if last := requests[len(requests)-1]; last.Path != "/subjects/"+tt.want+"/versions" || last.Status != http.StatusOK {
				t.Errorf("%s, %d, want a registration under %s", last.Path, last.Status, tt.want)
			}
			if _, err := c.Encoder(t.Context(), tt.topic, tt.part, other); err != nil {
				t.Error(err)
			}
			if n := asks(s); n != 1 {
				t.Errorf("the registry was asked %d times for the topic's subject", n)
			}
		})
	}
}

// Encoders for a topic whose association changes are asked for again where the options say after what time.
func TestAssociationThatChanges(t *testing.T) {
	s := registrytest.NewServer(t)
	c := associatedConverter(t, s, convert.Value, "subject.name.strategy.cache.expiry.secs", "1")
	subject := func(want string) time.Time {
		t.Helper()
		e, err := c.Encoder(t.Context(), "t", convert.Value, rowSchema)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Registry().Latest(t.Context(), want); err != nil {
			t.Error(err)
		}
		return e.(convert.Expiring).Expires()
	}
	until := subject("t-value")
	if d := time.Until(until); d <= 0 || d > time.Second {
		t.Errorf("good for %v", d)
	}
	if _, err := s.Registry().Register(t.Context(), "orders", client.Schema{Text: `"int"`}, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Registry().SetCompatibility(t.Context(), "orders", "NONE"); err != nil {
		t.Fatal(err)
	}
	tie(t, s, "lkc-1", "orders")
	time.Sleep(time.Until(until))
	if !subject("orders").After(until) {
		t.Error("the time to ask again stands still")
	}
	if v, err := s.Registry().Latest(t.Context(), "orders"); err != nil || v.Version != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestWorkerWithAssociatedNames runs connectors of a worker whose converters ask the registry, which is away at first, for subjects.
func TestWorkerWithAssociatedNames(t *testing.T) {
	s := registrytest.NewServer(t, client.Version{Subject: "orders", Schema: client.Schema{Text: `{"type":"record","name":"number","fields":[{"name":"key","type":"int"},{"name":"n","type":"long"}]}`}})
	tie(t, s, "lkc-1", "orders")
	s.Reset()
	s.Inject(registrytest.Fault{Path: "/associations", Break: true, Times: 4})

	up := map[string]*connecttest.Upstream{"t": {Rows: 60, Keys: 2, Batch: 5, Topic: "t"}, "u": {Rows: 60, Keys: 2, Batch: 5, Topic: "u"}}
	broker := &connecttest.Broker{}
	offsets, err := offsetfile.Open(filepath.Join(t.TempDir(), "offsets"))
	if err != nil {
		t.Fatal(err)
	}
	states, err := statefile.Open("")
	if err != nil {
		t.Fatal(err)
	}
	w, err := runtime.NewWorker(runtime.WorkerConfig{
		ID: "w", Log: slog.New(slog.DiscardHandler), Offsets: offsets, State: states, Converter: byname.New,
		Kinds: []connect.Connector{{
			Class: "org.example.NumbersConnector", Type: "source", Spec: config.Spec{{Name: "topic", Type: config.String}},
			Tasks:     func(v config.Values, _ int) ([]config.Values, error) { return []config.Values{v}, nil },
			Partition: func(v config.Values) map[string]string { return map[string]string{"server": v.Get("topic")} },
			Source:    func(_ connect.Env, v config.Values) (connect.Source, error) { return up[v.Get("topic")].Source(), nil },
		}},
		Producer: func(context.Context, connect.Env, config.Values) (connect.Producer, error) {
			return broker.Producer(), nil
		},
		Defaults: map[string]string{
			"key.converter": "JsonConverter", "key.converter.schemas.enable": "false", "value.converter": "io.confluent.connect.avro.AvroConverter",
			"value.converter.schema.registry.url": s.URL, "value.converter.value.subject.name.strategy": associated, "value.converter.subject.name.strategy.fallback.type": "NONE",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, offsets.Close(context.Background()), states.Close(context.Background())); err != nil {
			t.Error(err)
		}
	}()
	for !w.Ready() {
		time.Sleep(time.Millisecond)
	}
	run := func(topic string, more map[string]string) error {
		t.Helper()
		cfg := map[string]string{"connector.class": "NumbersConnector", "topic": topic}
		for k, v := range more {
			cfg[k] = v
		}
		if _, err := w.Create(ctx, topic, cfg, ""); err != nil {
			t.Fatal(err)
		}
		waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		return w.Wait(waiting, topic)
	}
	if err := run("t", map[string]string{"errors.retry.delay.max.ms": "300"}); err != nil {
		t.Fatal(err)
	}
	v, err := s.Registry().Latest(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	messages := broker.Messages()
	if len(messages) != 60 {
		t.Errorf("%d messages", len(messages))
	}
	for _, m := range messages {
		if m.Value[4] != byte(v.ID) {
			t.Fatalf("%x was not written with schema %d of orders", m.Value, v.ID)
		}
	}
	if n := asks(s); n != 5 {
		t.Errorf("the registry was asked %d times, want four times while it was away and then once", n)
	}

	if err := run("u", nil); err == nil || !strings.Contains(err.Error(), `the value of "u" is associated with no subject`) {
		t.Errorf("a topic without a subject: %v", err)
	}
	if err := w.Delete(ctx, "u"); err != nil {
		t.Fatal(err)
	}
	s.Reset()
	if err := run("u", map[string]string{"errors.tolerance": "all"}); err != nil {
		t.Errorf("its records left out: %v", err)
	}
	if n, _ := up["u"].Pruned(); n != 60 || len(broker.Messages()) != 60 {
		t.Errorf("%d rows are done, %d messages", n, len(broker.Messages()))
	}
	if n := asks(s); n != 1 {
		t.Errorf("the registry was asked %d times for 12 batches", n)
	}
}
