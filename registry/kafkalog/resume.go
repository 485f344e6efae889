package kafkalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/registry"
)

// mark is what a snapshot keeps of the topic.
type mark struct {
	Topic  [16]byte  `json:"topic"` // its id
	Made   time.Time `json:"made"`  // when the log was last known to have no more
	Ledger ledger    `json:"ledger"`
}

// Mark implements registry.Resumable. The ledger may know of more than what is before next: reading that again does no harm. A
// node that is cut off makes marks of the time when it was not.
func (l *Log) Mark(int64) ([]byte, error) {
	l.known.mu.Lock()
	defer l.known.mu.Unlock()
	if l.known.current.IsZero() {
		return nil, fmt.Errorf("topic %s is not read to its end", l.topic.name)
	}
	b, err := json.Marshal(mark{l.topic.id, l.known.current, l.known.ledger})
	if err != nil {
		return nil, fmt.Errorf("describing topic %s: %w", l.topic.name, err)
	}
	return b, nil
}

// Lasts implements registry.Resumable. A mark is good for as long as the topic keeps every tombstone: later, something may have
// been deleted of which it shows nothing any more.
func (l *Log) Lasts() time.Duration { return max(l.retention*3/4, 1) }

// Resume implements registry.Resumable. Brokers before Kafka 2.8 give topics no id; the record at the end tells those apart, and a
// topic that was cut off when a replica took over that had less.
func (l *Log) Resume(ctx context.Context, b []byte, last registry.Tip, next int64) error {
	var m mark
	if err := json.Unmarshal(b, &m); err != nil || m.Topic != l.topic.id {
		return errors.New("it is of another topic")
	}
	age := time.Since(m.Made)
	if age > l.Lasts() || age < -time.Minute {
		return fmt.Errorf("it was made %v ago, and the topic may have lost tombstones since: delete.retention.ms is %v", age.Round(time.Second), l.retention)
	}
	end, err := l.End(ctx)
	if err != nil {
		return err
	}
	if end < next {
		return fmt.Errorf("the topic ends at offset %d, before %d", end, next)
	}
	if err := l.checkTip(ctx, last); err != nil {
		return err
	}
	l.known.mu.Lock()
	defer l.known.mu.Unlock()
	if m.Ledger != nil {
		l.known.ledger = m.Ledger
	}
	l.known.next, l.known.last = next, last.Offset
	return nil
}

// checkTip refuses a topic that does not have a record.
func (l *Log) checkTip(ctx context.Context, last registry.Tip) error {
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	f, err := (&client{cl: l.cl.cl, topic: l.topic, leader: -1}).fetch(ctx, last.Offset, waitRecords)
	if err != nil && !errors.Is(err, kerr.OffsetOutOfRange) {
		return fmt.Errorf("reading topic %s at offset %d: %w", l.topic.name, last.Offset, err)
	}
	if len(f.recs) == 0 || f.recs[0].Offset != last.Offset || registry.TipOf(last.Offset, record(f.recs[0])) != last {
		return fmt.Errorf("the topic has another record at offset %d, or none any more", last.Offset)
	}
	return nil
}
