package kafka

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/test/testenv"
)

// topic returns a free topic's configuration; the topic is deleted after the test.
func topic(t testing.TB) compacted.Config {
	client := []kgo.Opt{kgo.SeedBrokers(strings.Split(testenv.Kafka(t), ",")...)}
	cfg := compacted.Config{Client: client, Topic: fmt.Sprintf("offset-test-%d", time.Now().UnixNano()), Partitions: 5, Replication: 1}
	t.Cleanup(func() {
		cl, err := kgo.NewClient(client...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		if _, err := kadm.NewClient(cl).DeleteTopics(context.Background(), cfg.Topic); err != nil {
			t.Error(err)
		}
	})
	return cfg
}

func open(t *testing.T, cfg compacted.Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	cfg := topic(t)
	connecttest.OffsetStore(t, func(t *testing.T) offset.Store { return open(t, cfg) })
}

// TestFormat reads and writes records as Kafka Connect does, byte for byte.
func TestFormat(t *testing.T) {
	cfg := topic(t)
	s := open(t, cfg)
	defer s.Close(t.Context())
	one := offset.Key{Connector: "shop", Partition: offset.Partition(map[string]string{"server": "shop"})}
	two := offset.Key{Connector: "multi", Partition: offset.Partition(map[string]string{"server": "s", "database": "d"})}
	cl, err := kgo.NewClient(append(cfg.Client, kgo.ConsumeTopics(cfg.Topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	// As a Java worker wrote it: the partition's keys in its own order, and a record of no known form.
	java := `["multi",{"server":"s","database":"d"}]`
	for _, r := range []kgo.Record{
		{Key: []byte(java), Value: []byte(`{"lsn":1,"txId":5}`)}, {Key: []byte(`"odd"`), Value: []byte(`{}`)}, {Key: []byte(`["odd",null]`), Value: []byte(`{}`)},
	} {
		r.Topic = cfg.Topic
		if err := cl.ProduceSync(t.Context(), &r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Load(t.Context(), "multi")
	if err != nil || string(got[two]) != `{"lsn":1,"txId":5}` {
		t.Fatalf("%v, %v", got, err)
	}
	for _, m := range []map[offset.Key]record.Position{{one: []byte(`{"lsn":7}`)}, {two: []byte(`{"lsn":2}`)}, {one: nil}} {
		if err := s.Save(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	type kv struct{ K, V string }
	byPartition := map[int32][]kv{}
	for n := 0; n < 6; {
		f := cl.PollFetches(t.Context())
		if err := f.Err(); err != nil {
			t.Fatal(err)
		}
		f.EachRecord(func(r *kgo.Record) {
			v := string(r.Value)
			if r.Value == nil {
				v = "<null>"
			}
			byPartition[r.Partition] = append(byPartition[r.Partition], kv{string(r.Key), v})
			n++
		})
	}
	for _, recs := range byPartition {
		for _, want := range [][]kv{
			{{java, `{"lsn":1,"txId":5}`}, {java, `{"lsn":2}`}}, // the same bytes, so the same partition and compacted
			{{`["shop",{"server":"shop"}]`, `{"lsn":7}`}, {`["shop",{"server":"shop"}]`, "<null>"}},
		} {
			var same []kv
			for _, r := range recs {
				if r.K == want[0].K {
					same = append(same, r)
				}
			}
			if same != nil {
				if d := cmp.Diff(want, same); d != "" {
					t.Error(d)
				}
			}
		}
	}
}

// TestSeesOthers loads what another worker saved meanwhile.
func TestSeesOthers(t *testing.T) {
	cfg := topic(t)
	a, b := open(t, cfg), open(t, cfg)
	defer a.Close(t.Context())
	defer b.Close(t.Context())
	k := offset.Key{Connector: "c", Partition: `{"server":"s"}`}
	for i := range 20 {
		want := fmt.Sprintf(`{"n":%d}`, i)
		if err := a.Save(t.Context(), map[offset.Key]record.Position{k: []byte(want)}); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Load(t.Context(), "c"); err != nil || string(got[k]) != want {
			t.Fatalf("%s, %v; want %s", got[k], err, want)
		}
		a, b = b, a
	}
}

func BenchmarkSave(b *testing.B) {
	s, err := Open(b.Context(), topic(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(b.Context())
	m := map[offset.Key]record.Position{{Connector: "c", Partition: "{}"}: []byte(`{"lsn":1}`)}
	for b.Loop() {
		if err := s.Save(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
