package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
)

// DefaultTopic is where Confluent's registry keeps its records.
const DefaultTopic = "_schemas"

// Config says which topic it is, and how to make it when it is missing.
type Config struct {
	Client      []kgo.Opt         // brokers, TLS, SASL
	Topic       string            // empty: DefaultTopic
	Replication int16             // of the topic when it is made; 0: 3, or as many as there are brokers, as Confluent's registry does
	Configs     map[string]string // of the topic when it is made, beside cleanup.policy=compact
	Log         *slog.Logger      // nil: none
	// Elected: only the node that Lead was called on appends, until another node's Lead; the others get ErrNotLeader. Otherwise
	// every node may append at any time, and the slower one gets ErrConflict.
	Elected bool
}

// claimAge is how long a claim is used after the last append under it: far less than what brokers remember it for.
const claimAge = time.Hour

var errClosed = errors.New("the log is closed")

// Log is a registry.Log in a Kafka topic, safe for concurrent use.
type Log struct {
	cfg    Config
	topic  topic
	cl     *client // of appends
	closed context.Context
	close  context.CancelFunc
	follow sync.WaitGroup
	once   sync.Once

	turn       chan struct{} // held by the one append; guards claim
	claim      claim
	compressor kgo.Compressor
	cluster    string
	mostSize   int           // of a batch, in bytes: the topic's max.message.bytes
	retention  time.Duration // of tombstones: the topic's delete.retention.ms

	known known
}

// topic is what requests name the topic by.
type topic struct {
	name string
	id   [16]byte
}

// Open connects to the brokers, makes the topic when it is missing and checks it.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Topic == "" {
		cfg.Topic = DefaultTopic
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Client = slices.Clone(cfg.Client)
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		return nil, fmt.Errorf("configuring the client of topic %s: %w", cfg.Topic, err)
	}
	l := &Log{cfg: cfg, turn: make(chan struct{}, 1), known: known{last: -1, ledger: ledger{}}}
	if l.compressor, err = kgo.DefaultCompressor(kgo.SnappyCompression()); err != nil {
		cl.Close()
		return nil, fmt.Errorf("making a compressor: %w", err)
	}
	if err := l.prepare(ctx, cl); err != nil {
		cl.Close()
		return nil, err
	}
	l.cl = &client{cl: cl, topic: l.topic, leader: -1}
	l.closed, l.close = context.WithCancel(context.Background())
	return l, nil
}

// ClusterID returns the id of the Kafka cluster; "" where brokers tell none.
func (l *Log) ClusterID() string { return l.cluster }

// Identity names the log: another one has another name. One that was made anew has the same where brokers give topics no id.
func (l *Log) Identity() string {
	return fmt.Sprintf("%s/%s/%x", l.cluster, l.topic.name, l.topic.id)
}

// Close ends every Follow and refuses further appends. An append that is under way ends first, or fails.
func (l *Log) Close() error {
	l.once.Do(func() {
		l.close()
		l.turn <- struct{}{} // for good
		l.known.mu.Lock()    // no Follow begins any more
		l.known.closed = true
		l.known.mu.Unlock()
		l.follow.Wait()
		l.cl.cl.Close()
	})
	return nil
}

// known is what was read or written so far: how far the log is known, without gaps from its start.
type known struct {
	mu     sync.Mutex
	next   int64 // the offset behind what is known
	last   int64 // of the last record that is no NOOP; -1: none
	ledger ledger
	closed bool
	// current is a time before which nothing was acknowledged that a Follow has not applied.
	current time.Time
}

// read is one run of reading, from an offset on without gaps.
type read struct {
	from, next int64
	last       int64 // of its last record that is no NOOP; -1: none
}

// isCurrent takes in that everything is applied that was in the log at a time.
func (k *known) isCurrent(next int64, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if next >= k.next {
		k.current = at
	}
}

// note takes in a batch that was read up to r.next.
func (k *known) note(r read, recs []*kgo.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.from > k.next || r.next < k.next {
		return
	}
	for _, rec := range recs {
		if rec.Offset >= k.next {
			k.ledger.read(rec.Key, rec.Value)
		}
	}
	k.next = r.next
	switch {
	case r.last >= 0:
		k.last = r.last
	case r.from <= k.last: // compaction removed what was last, a tombstone
		k.last = r.from - 1
	}
}

// end returns how far the log is known.
func (k *known) end() (next, last int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.next, k.last
}

// follows says whether an append after an offset is one after everything that is known.
func (k *known) follows(after int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return after == k.last || after > k.last && after < k.next
}

// wrote takes in an own batch that begins at offset base, unless a Follow was faster or something is unknown before it.
func (k *known) wrote(base int64, recs []registry.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.next != base {
		return
	}
	k.next = base + int64(len(recs))
	for i, r := range recs {
		if !noop(r.Key, r.Value) {
			k.last = base + int64(i)
		}
		k.ledger.read(r.Key, r.Value)
	}
}
