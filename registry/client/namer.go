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
	TTL        time.Duration // how long an answer is kept; 0: 5 minutes; below 0: for ever
}

// Namer names the subjects of records by a strategy. It is safe for concurrent use.
type Namer struct {
	c     *Client
	o     NamerOptions
	asked cache[partKey, association]
}

type partKey struct {
	topic string
	part  wire.Part
}

// association is what the registry has answered.
type association struct {
	subject string    // "": none
	until   time.Time // when it is asked again; zero: never
}

// noneTTL bounds how long the answer that a topic has no subject is kept, for it lasts only until somebody makes an association.
const noneTTL = 10 * time.Second

// NoSubjectError is a topic whose records have no subject, because none is associated with it and there is no fallback.
type NoSubjectError struct {
	Topic string
	Part  wire.Part
}

// Error names the topic.
func (e *NoSubjectError) Error() string {
	return fmt.Sprintf("the %s of %q is associated with no subject", e.Part, e.Topic)
}

// BadRecord reports that records of the topic cannot be written and those of others can.
func (e *NoSubjectError) BadRecord() bool { return true }

// Namer returns a namer that asks c where its strategy is AssociatedName. That cannot be the fallback.
func (c *Client) Namer(o NamerOptions) (*Namer, error) {
	if o.Fallback == wire.AssociatedName {
		return nil, fmt.Errorf("%s cannot be its own fallback", o.Fallback)
	}
	o.TTL = cmp.Or(o.TTL, 5*time.Minute)
	return &Namer{c: c, o: o, asked: cache[partKey, association]{
		most: 1 << 20, until: func(a association) time.Time { return a.until },
		weigh: func(k partKey, a association) int { return len(k.topic) + len(a.subject) },
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
// that has no associations, and says so by 404 or 501, is one where the topic has none. The error is a *NoSubjectError where that
// leaves the topic without a subject.
func (n *Namer) Subject(ctx context.Context, topic string, part wire.Part, record string) (string, error) {
	subject, _, err := n.SubjectUntil(ctx, topic, part, record)
	return subject, err
}

// SubjectUntil is Subject, and tells when the subject is to be asked for again, for who keeps it; the zero time is never.
func (n *Namer) SubjectUntil(ctx context.Context, topic string, part wire.Part, record string) (subject string, until time.Time, err error) {
	if n.o.Strategy != wire.AssociatedName {
		subject, err = n.o.Strategy.Subject(topic, part, record)
		return subject, until, err
	}
	k := partKey{topic, part}
	a, err := n.asked.get(ctx, k, func() (association, error) { return n.ask(ctx, k) })
	switch {
	case err != nil:
		return "", until, err
	case a.subject != "":
		return a.subject, a.until, nil
	case n.o.NoFallback:
		return "", a.until, &NoSubjectError{Topic: topic, Part: part}
	}
	subject, err = n.o.Fallback.Subject(topic, part, record)
	return subject, a.until, err
}

func (n *Namer) ask(ctx context.Context, k partKey) (a association, err error) {
	found, err := n.c.Associations(ctx, cmp.Or(n.o.Cluster, AnyResource), k.topic, Associated{ResourceType: "topic", Types: []string{k.part.String()}})
	switch {
	case err != nil && !absent(err):
		return a, fmt.Errorf("asking for the subject of the %s of %q: %w", k.part, k.topic, err)
	case len(found) > 1:
		return a, fmt.Errorf("the %s of %q is associated with %d subjects, and one is wanted: set the id of the Kafka cluster", k.part, k.topic, len(found))
	case len(found) == 1:
		a.subject = found[0].Subject
	}
	ttl := n.o.TTL
	if a.subject == "" && n.o.NoFallback && (ttl < 0 || ttl > noneTTL) {
		ttl = noneTTL
	}
	if ttl > 0 {
		a.until = time.Now().Add(ttl)
	}
	return a, nil
}

// absent reports that the registry knows no such path, or nothing there.
func absent(err error) bool {
	e, ok := asError(err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusNotImplemented)
}
