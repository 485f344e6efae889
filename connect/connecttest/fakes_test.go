package connecttest

import (
	"testing"
	"time"

	"github.com/millrace/millrace/connect"
)

func TestUpstream(t *testing.T) {
	Source(t, SourceHarness{Rows: 500, New: func(*testing.T) connect.Source {
		return (&Upstream{Rows: 500, Keys: 5, Seed: 3, Batch: 40}).Source()
	}})
}

func TestBroker(t *testing.T) {
	for name, b := range map[string]*Broker{"at once": {}, "later": {Hold: func(int) error { time.Sleep(time.Millisecond); return nil }}} {
		t.Run(name, func(t *testing.T) {
			Producer(t, ProducerHarness{
				Open:  func(*testing.T) connect.Producer { return b.Producer() },
				Topic: func(t *testing.T) string { return t.Name() },
				Consume: func(t *testing.T, topic string, n int) (found []connect.Message) {
					for _, m := range b.Messages() {
						if m.Topic == topic {
							found = append(found, m)
						}
					}
					if len(found) < n {
						t.Fatalf("%d messages, want %d", len(found), n)
					}
					return found
				},
				Keys: true, Nulls: true,
			})
		})
	}
}
