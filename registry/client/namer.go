package client

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/millrace/millrace/registry/wire"
)

// NamerOptions tune a Namer. The zero value names subjects after topics.
type NamerOptions struct {
	Strategy wire.Strategy
	// The rest is for AssociatedName.
	Fallback   wire.Strategy // names the subject of a topic that has no association
	NoFallback bool          // it is an error instead
	Cluster    string        // the id of the topic's Kafka cluster; "": any
	TTL        time.Duration // how long an answer is kept; 0: 5 minutes
}

// Namer names the subjects of records by a strategy. It is safe for concurrent use.
type Namer struct {
	c     *Client
	o     NamerOptions
	asked cache[partKey, string]
}

type partKey struct {
	topic  string
	part   wire.Part
	record string
}

// Namer returns a namer that asks c where its strategy is AssociatedName. That cannot be the fallback.
func (c *Client) Namer(o NamerOptions) (*Namer, error) {
	if o.Fallback == wire.AssociatedName {
		return nil, fmt.Errorf("%s cannot be its own fallback", o.Fallback)
	}
	return &Namer{c: c, o: o, asked: cache[partKey, string]{
		most: 1 << 20, ttl: cmp.Or(o.TTL, 5*time.Minute),
		weigh: func(k partKey, subject string) int { return len(k.topic) + len(k.record) + len(subject) },
	}}, nil
}

// ParseFallback reads Confluent's option for it: TOPIC, RECORD, TOPIC_RECORD or NONE, in any case, or the class of a strategy.
func ParseFallback(s string) (fallback wire.Strategy, none, ok bool) {
	if strings.EqualFold(s, "NONE") {
		return 0, true, true
	}
	fallback, ok = wire.ParseStrategy(s)
	return fallback, false, ok && fallback != wire.AssociatedName
}

// Subject returns the subject of a part of the records of topic, whose type has the full name record, "" for none. A registry
// that has no associations, and says so by 404 or 501, is one where the topic has none.
func (n *Namer) Subject(ctx context.Context, topic string, part wire.Part, record string) (string, error) {
	if n.o.Strategy != wire.AssociatedName {
		return n.o.Strategy.Subject(topic, part, record)
	}
	return n.asked.get(ctx, partKey{topic, part, record}, func() (string, error) {
		found, err := n.c.Associations(ctx, cmp.Or(n.o.Cluster, AnyResource), topic, Associated{ResourceType: "topic", Types: []string{part.String()}})
		switch {
		case err != nil && !absent(err):
			return "", fmt.Errorf("asking for the subject of the %s of %q: %w", part, topic, err)
		case err == nil && len(found) == 1:
			return found[0].Subject, nil
		case err == nil && len(found) > 1:
			return "", fmt.Errorf("the %s of %q is associated with %d subjects, and one is wanted: set the id of the Kafka cluster", part, topic, len(found))
		case n.o.NoFallback:
			return "", fmt.Errorf("the %s of %q is associated with no subject", part, topic)
		}
		return n.o.Fallback.Subject(topic, part, record)
	})
}

// absent reports that the registry knows no such path, or nothing there.
func absent(err error) bool {
	e, ok := asError(err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusNotImplemented)
}
