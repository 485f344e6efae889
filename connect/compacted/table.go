package compacted

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect"
)

// Config says which topic and how to make it when it is missing.
type Config struct {
	Client      []kgo.Opt // brokers, SASL, TLS
	Topic       string
	Partitions  int32             // 0 or less: the broker's default
	Replication int16             // 0 or less: the broker's default
	Configs     map[string]string // of the topic when it is made; cleanup.policy is always compact
	Log         *slog.Logger
	// Single: the order of all records matters, so a topic with more than one partition is refused.
	Single bool
}

// Record is one row. A nil Value deletes the key.
type Record struct{ Key, Value []byte }

// Table is an open topic. It is safe for concurrent use.
type Table struct {
	cfg   Config
	cl    *kgo.Client
	admin *kadm.Client
	apply func(Record)

	mu   sync.Mutex      // one Sync at a time; guards next
	next map[int32]int64 // the first offset of each partition that is not applied
}

// Open makes the topic if it is missing, checks it and applies everything in it. apply is called in the order of each
// partition, one record at a time, from Open and Sync only; it may keep the slices. Errors that may pass are marked
// Retriable.
func Open(ctx context.Context, cfg Config, apply func(Record)) (*Table, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cl, err := kgo.NewClient(append(slices.Clone(cfg.Client),
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(0), kgo.RecordDeliveryTimeout(30*time.Second),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxBytes(4<<20),
		// A fetch that was waiting when Sync ended holds back the next Sync for as long as it waits.
		kgo.FetchMaxWait(50*time.Millisecond),
	)...)
	if err != nil {
		return nil, fmt.Errorf("configuring the client of topic %s: %w", cfg.Topic, err)
	}
	t := &Table{cfg: cfg, cl: cl, admin: kadm.NewClient(cl), apply: apply, next: map[int32]int64{}}
	if err := t.prepare(ctx); err != nil {
		cl.Close()
		return nil, classify(err)
	}
	if err := t.Sync(ctx); err != nil {
		cl.Close()
		return nil, err
	}
	return t, nil
}

// prepare makes the topic, checks it and begins to consume it.
func (t *Table) prepare(ctx context.Context) error {
	policy := "compact"
	configs := map[string]*string{}
	for name, value := range t.cfg.Configs {
		configs[name] = &value
	}
	configs["cleanup.policy"] = &policy
	partitions, replication := t.cfg.Partitions, t.cfg.Replication
	if t.cfg.Single {
		partitions = 1
	}
	if partitions <= 0 {
		partitions = -1
	}
	if replication <= 0 {
		replication = -1
	}
	_, err := t.admin.CreateTopic(ctx, partitions, replication, configs, t.cfg.Topic)
	switch {
	case err == nil:
		t.cfg.Log.Info("made a compacted topic", "topic", t.cfg.Topic)
	case !errors.Is(err, kerr.TopicAlreadyExists):
		// Without the right to create it, the topic must be there already.
		if found, lerr := t.admin.ListTopics(ctx, t.cfg.Topic); lerr != nil || !found.Has(t.cfg.Topic) {
			return fmt.Errorf("creating topic %s: %w", t.cfg.Topic, err)
		}
	default:
		if err := t.checkPolicy(ctx); err != nil {
			return err
		}
	}
	var topic kadm.TopicDetail
	for { // a topic just made takes a moment to be known everywhere
		topics, err := t.admin.ListTopics(ctx, t.cfg.Topic)
		if err != nil {
			return fmt.Errorf("describing topic %s: %w", t.cfg.Topic, err)
		}
		if topic = topics[t.cfg.Topic]; topic.Err == nil && len(topic.Partitions) > 0 {
			break
		}
		if topic.Err != nil && !kerr.IsRetriable(topic.Err) {
			return fmt.Errorf("describing topic %s: %w", t.cfg.Topic, topic.Err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting for topic %s: %w", t.cfg.Topic, ctx.Err())
		}
	}
	if t.cfg.Single && len(topic.Partitions) > 1 {
		return fmt.Errorf("topic %s has %d partitions and must have 1: its records are read in one order", t.cfg.Topic, len(topic.Partitions))
	}
	starts := map[int32]kgo.Offset{}
	for p := range topic.Partitions {
		starts[p] = kgo.NewOffset().AtStart()
		t.next[p] = 0
	}
	t.cl.PauseFetchTopics(t.cfg.Topic)
	t.cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{t.cfg.Topic: starts})
	return nil
}

// checkPolicy refuses a topic that forgets: with another cleanup.policy offsets would be gone after a week.
func (t *Table) checkPolicy(ctx context.Context) error {
	configs, err := t.admin.DescribeTopicConfigs(ctx, t.cfg.Topic)
	if err != nil {
		return fmt.Errorf("describing topic %s: %w", t.cfg.Topic, err)
	}
	for _, rc := range configs {
		for _, c := range rc.Configs { // none when the user may not see them
			if c.Key == "cleanup.policy" && c.MaybeValue() != "compact" {
				return fmt.Errorf("topic %s has cleanup.policy=%s and must have compact: its records would be deleted; change it with "+
					"kafka-configs.sh --alter --topic %s --add-config cleanup.policy=compact", t.cfg.Topic, c.MaybeValue(), t.cfg.Topic)
			}
		}
	}
	return nil
}

// Sync applies everything that was written before the call, by anyone.
func (t *Table) Sync(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	// The end and not the last stable offset, which trails behind a transaction that was just committed. Reading waits for
	// transactions that are open.
	ends, err := t.admin.ListEndOffsets(ctx, t.cfg.Topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return classify(fmt.Errorf("listing the end of topic %s: %w", t.cfg.Topic, err))
	}
	starts, err := t.admin.ListStartOffsets(ctx, t.cfg.Topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return classify(fmt.Errorf("listing the start of topic %s: %w", t.cfg.Topic, err))
	}
	behind := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		start, _ := starts.Lookup(t.cfg.Topic, o.Partition)
		if o.Offset > max(t.next[o.Partition], start.Offset) {
			behind[o.Partition] = o.Offset
		}
	})
	if len(behind) == 0 {
		return nil
	}
	t.cl.ResumeFetchTopics(t.cfg.Topic)
	defer t.cl.PauseFetchTopics(t.cfg.Topic)
	for len(behind) > 0 {
		fetched := t.cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return classify(fmt.Errorf("reading topic %s to its end: %w", t.cfg.Topic, err))
		}
		for _, e := range fetched.Errors() { // what is left when the client has retried
			return classify(fmt.Errorf("reading partition %d of topic %s: %w", e.Partition, t.cfg.Topic, e.Err))
		}
		fetched.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() { // a transaction's end; it only moves the offset
				t.apply(Record{Key: r.Key, Value: r.Value})
			}
			t.next[r.Partition] = r.Offset + 1
		})
		maps.DeleteFunc(behind, func(p int32, end int64) bool { return t.next[p] >= end })
	}
	return nil
}

// Put writes recs, in order where they share a partition, and returns when all replicas in sync have them. When it fails
// some may be there.
func (t *Table) Put(ctx context.Context, recs ...Record) error {
	return classify(t.put(ctx, t.cl, recs))
}

func (t *Table) put(ctx context.Context, cl *kgo.Client, recs []Record) error {
	rs := make([]*kgo.Record, len(recs))
	for i, r := range recs {
		rs[i] = &kgo.Record{Topic: t.cfg.Topic, Key: r.Key, Value: r.Value}
	}
	if err := cl.ProduceSync(ctx, rs...).FirstErr(); err != nil {
		return fmt.Errorf("writing to topic %s: %w", t.cfg.Topic, err)
	}
	return nil
}

// PutAll writes recs in one transaction: all or none of them. It is far slower than Put.
func (t *Table) PutAll(ctx context.Context, recs ...Record) (err error) {
	if len(recs) < 2 {
		return t.Put(ctx, recs...)
	}
	defer func() { err = classify(err) }()
	cl, err := kgo.NewClient(append(slices.Clone(t.cfg.Client),
		kgo.TransactionalID("millrace-"+t.cfg.Topic), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(0),
		kgo.RecordDeliveryTimeout(30*time.Second))...)
	if err != nil {
		return fmt.Errorf("configuring a transaction on topic %s: %w", t.cfg.Topic, err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		return fmt.Errorf("beginning a transaction on topic %s: %w", t.cfg.Topic, err)
	}
	if err := t.put(ctx, cl, recs); err != nil {
		aborted, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(err, cl.EndTransaction(aborted, kgo.TryAbort))
	}
	if err := cl.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("committing a transaction on topic %s: %w", t.cfg.Topic, err)
	}
	return nil
}

// Close ends the client. Nothing is buffered: every Put has waited.
func (t *Table) Close() { t.cl.Close() }

// classify marks what may pass: brokers that are away or change, deadlines, and another worker's transaction.
func classify(err error) error {
	if err == nil || connect.ClassOf(err) != connect.Fatal || errors.Is(err, context.Canceled) {
		return err
	}
	var k *kerr.Error
	if errors.As(err, &k) {
		if k.Retriable || k == kerr.ProducerFenced || k == kerr.InvalidProducerEpoch || k == kerr.ConcurrentTransactions {
			return connect.MarkRetriable(err)
		}
		return err
	}
	if kgo.IsRetryableBrokerErr(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, kgo.ErrRecordTimeout) ||
		errors.Is(err, kgo.ErrRecordRetries) || strings.Contains(err.Error(), "unable to dial") {
		return connect.MarkRetriable(err)
	}
	return err
}
