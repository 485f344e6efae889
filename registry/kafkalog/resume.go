package kafkalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// mark is what a snapshot keeps of the topic.
type mark struct {
	Topic  [16]byte  `json:"topic"` // its id
	Made   time.Time `json:"made"`
	Ledger ledger    `json:"ledger"`
}

// Mark implements registry.Resumable. The ledger may know of more than what is before next: reading that again does no harm.
func (l *Log) Mark(int64) ([]byte, error) {
	l.known.mu.Lock()
	defer l.known.mu.Unlock()
	b, err := json.Marshal(mark{l.topic.id, time.Now(), l.known.ledger})
	if err != nil {
		return nil, fmt.Errorf("describing topic %s: %w", l.topic.name, err)
	}
	return b, nil
}

// Resume implements registry.Resumable. A mark is good for as long as the topic keeps every tombstone: later, something may
// have been deleted of which it shows nothing any more.
func (l *Log) Resume(ctx context.Context, b []byte, last, next int64) error {
	var m mark
	if err := json.Unmarshal(b, &m); err != nil || m.Topic != l.topic.id {
		return errors.New("it is of another topic")
	}
	age := time.Since(m.Made)
	if most := l.retention * 3 / 4; age > most || age < -time.Minute {
		return fmt.Errorf("it was made %v ago, and the topic may have lost tombstones since: delete.retention.ms is %v", age.Round(time.Second), l.retention)
	}
	end, err := l.End(ctx)
	if err != nil {
		return err
	}
	if end < next {
		return fmt.Errorf("the topic ends at offset %d, before %d", end, next)
	}
	l.known.mu.Lock()
	defer l.known.mu.Unlock()
	if m.Ledger != nil {
		l.known.ledger = m.Ledger
	}
	l.known.next, l.known.last = next, last
	return nil
}
