package election

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
)

// DefaultGroup is the group of Confluent's nodes (schema.registry.group.id).
const DefaultGroup = "schema-registry"

// Config says who this node is and how it takes part.
type Config struct {
	Client []kgo.Opt // brokers, TLS, SASL
	Group  string    // "": DefaultGroup
	URL    string    // how other nodes reach this one: scheme://host:port, another one for each node
	// Follower nodes never lead (leader.eligibility=false).
	Follower bool
	// Unsticky elections let a node with a smaller URL take over as soon as it comes (leader.election.sticky=false). What the
	// group's leader says holds for the whole group.
	Unsticky bool
	// Session is how long the coordinator waits for a heartbeat before another leader is chosen; 0: 10 s. Rebalance is how long
	// it waits for members to join anew; 0: 5 min. Heartbeat is the time between two heartbeats; 0: 1 s, and of a short session a third.
	Session, Rebalance, Heartbeat time.Duration
	Log                           *slog.Logger // nil: none
}

// Claims is what fences the nodes of a log, a *kafkalog.Log.
type Claims interface {
	// Lead makes this node the one that may append.
	Lead(ctx context.Context) error
	// Resign gives that up once the append that is under way has ended.
	Resign(ctx context.Context) error
}

// Election is a node's part in a group's elections. It implements registry.Election and is safe for concurrent use.
type Election struct {
	cfg    Config
	self   identity
	claims Claims // of Log; nil: none

	mu       sync.Mutex
	settled  bool          // an assignment holds
	leader   *identity     // that it names; nil: none
	ready    bool          // to lead, where it names this node
	answered time.Duration // when the last request was sent that the coordinator answered
	changed  chan struct{}
}

var _ registry.Election = (*Election)(nil)

// New checks cfg and returns an election that Run takes part in.
func New(cfg Config) (*Election, error) {
	cfg.Group = cmp.Or(cfg.Group, DefaultGroup)
	cfg.Session = cmp.Or(cfg.Session, 10*time.Second)
	cfg.Rebalance = cmp.Or(cfg.Rebalance, 5*time.Minute)
	cfg.Heartbeat = cmp.Or(cfg.Heartbeat, min(time.Second, cfg.Session/3))
	if cfg.Heartbeat <= 0 || cfg.Rebalance <= 0 || cfg.Heartbeat > cfg.Session/2 {
		return nil, errors.New("a session must last for two heartbeats or longer")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Client = slices.Clone(cfg.Client)
	self, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	self.Eligibility = !cfg.Follower
	return &Election{cfg: cfg, self: self, changed: make(chan struct{})}, nil
}

// Leader implements registry.Election.
func (e *Election) Leader() (l registry.Leader, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !e.settled:
		l.Electing = true
	case e.leader == nil:
	case e.leader.url() != e.self.url():
		l.URL = e.leader.url()
	case e.ready && e.alive():
		l.URL, l.Self = e.self.url(), true
	default:
		l.Electing = true // others may have chosen another one
	}
	return l, e.changed
}

// alive says whether the coordinator counts this node among the members. e.mu is held.
func (e *Election) alive() bool { return now()-e.answered < e.cfg.Session }

// elected says whether this node is to lead, ready or not.
func (e *Election) elected() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.names() && e.alive()
}

// names says whether the assignment names this node. e.mu is held.
func (e *Election) names() bool {
	return e.settled && e.leader != nil && e.leader.url() == e.self.url()
}

// announce wakes those who wait for another leader. e.mu is held.
func (e *Election) announce() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// settle takes in an assignment.
func (e *Election) settle(a assignment, sent time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settled, e.leader, e.ready, e.answered = true, a.Leader, false, sent
	e.announce()
}

// unsettle ends what the last assignment said.
func (e *Election) unsettle() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.settled {
		e.settled, e.leader, e.ready = false, nil, false
		e.announce()
	}
}

// begin makes this node lead.
func (e *Election) begin() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ready = true
	e.announce()
}

// answer notes that a heartbeat sent at a time was answered.
func (e *Election) answer(sent time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lapsed := !e.alive()
	if e.answered = sent; lapsed {
		e.announce()
	}
}

// Log returns a log to which only the elected node appends: others get ErrNotLeader. claims is what fences its nodes; nil is
// nothing. It is called once, before Run.
func (e *Election) Log(l registry.Log, claims Claims) registry.Log {
	e.claims = claims
	own := &electedLog{l, e}
	if r, ok := l.(registry.Resumable); ok {
		return struct {
			*electedLog
			registry.Resumable
		}{own, r}
	}
	return own
}

type electedLog struct {
	registry.Log
	e *Election
}

// Fits implements registry.Sizer: what the log below says.
func (l *electedLog) Fits(r registry.Record) bool {
	s, ok := l.Log.(registry.Sizer)
	return !ok || s.Fits(r)
}

// mostClaims is how often one append takes the log back from a node that claimed it and does not lead any more.
const mostClaims = 3

// Append implements registry.Log.
func (l *electedLog) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if !l.e.elected() {
		return 0, registry.ErrNotLeader
	}
	last, err := l.Log.Append(ctx, after, recs...)
	for try := 0; errors.Is(err, registry.ErrNotLeader) && try < mostClaims && l.e.elected(); try++ {
		if err := l.e.claim(ctx); err != nil {
			return 0, err
		}
		last, err = l.Log.Append(ctx, after, recs...)
	}
	return last, err
}

// claim claims the log, and gives it up again when somebody else was elected meanwhile.
func (e *Election) claim(ctx context.Context) error {
	if e.claims == nil {
		return nil
	}
	if err := e.claims.Lead(ctx); err != nil {
		return err
	}
	if e.elected() {
		return nil
	}
	return errors.Join(registry.ErrNotLeader, e.claims.Resign(ctx))
}
