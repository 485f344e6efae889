package election

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	pause     = 100 * time.Millisecond // before trying again
	longPause = 5 * time.Second        // where trying again soon does not help
	leaveWait = 3 * time.Second
)

// member is this node in the group.
type member struct {
	*Election
	catchUp    func(context.Context) error
	cl         *kgo.Client
	id         string // "": not a member yet
	generation int32
	led        bool // until the generation that ended last
	claiming   sync.WaitGroup
}

// Run takes part in the group's elections until ctx ends, and leaves the group then, so that another leader is chosen at once.
// Brokers that are down are waited for. Run is called once.
//
// An elected node leads when it has claimed the log and catchUp, which is to apply all of the log, has returned.
func (e *Election) Run(ctx context.Context, catchUp func(context.Context) error) error {
	m := &member{Election: e, catchUp: catchUp}
	if err := m.connect(); err != nil {
		return err
	}
	var told string
	for ctx.Err() == nil {
		err := m.session(ctx)
		e.unsettle()
		if ctx.Err() != nil {
			break
		}
		wait, before := pause, told
		told = ""
		switch ke := (*kerr.Error)(nil); {
		case errors.Is(err, kerr.RebalanceInProgress):
			wait = 0
		case errors.Is(err, kerr.UnknownMemberID), errors.Is(err, kerr.IllegalGeneration):
			m.id, m.led = "", false
			e.cfg.Log.Warn("the registry's group has gone on without this node: joining anew", "group", e.cfg.Group, "error", err)
		case errors.Is(err, kerr.FencedInstanceID):
			m.id, m.led, wait = "", false, longPause
			e.cfg.Log.Error("another node advertises this node's URL: no leader can be told apart; give each its own with --advertise", "group", e.cfg.Group, "url", e.self.url())
		case errors.As(err, &ke) && !ke.Retriable:
			wait = longPause
			e.cfg.Log.Error("this node cannot be a member of the registry's group: it does not write", "group", e.cfg.Group, "error", err)
		default:
			if told = err.Error(); told != before {
				e.cfg.Log.Warn("the registry's group cannot be reached", "group", e.cfg.Group, "error", err)
			}
			m.cl.Close() // a request that nobody answers holds up those behind it
			if err := m.connect(); err != nil {
				return err
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	m.leave(ctx)
	m.cl.Close()
	return nil
}

func (m *member) connect() (err error) {
	opts := append(slices.Clone(m.cfg.Client), kgo.DialTimeout(m.cfg.Session/2), kgo.RequestTimeoutOverhead(m.cfg.Session))
	if m.cl, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("configuring the client of group %s: %w", m.cfg.Group, err)
	}
	return nil
}

// session joins the group and is a member until its generation ends. Its error says why that was.
func (m *member) session(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		m.unsettle()
		cancel()
		m.claiming.Wait()
		if m.claims != nil {
			bounded, done := context.WithTimeout(context.WithoutCancel(ctx), m.cfg.Session)
			defer done()
			_ = m.claims.Resign(bounded) // the log may be closed
		}
	}()
	joined, err := m.join(ctx)
	if err != nil {
		return fmt.Errorf("joining: %w", err)
	}
	sent := now()
	a, err := m.sync(ctx, joined)
	if err != nil {
		return fmt.Errorf("asking for the assignment: %w", err)
	}
	m.tell(a)
	m.settle(a, sent)
	if m.elected() {
		m.claiming.Go(func() { m.prepare(ctx) })
	}
	return m.heartbeats(ctx)
}

// prepare makes the node lead that was elected.
func (m *member) prepare(ctx context.Context) {
	for told := false; ; told = true {
		err := m.claim(ctx)
		if err == nil {
			err = m.catchUp(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			m.begin()
			return
		case !told:
			m.cfg.Log.Warn("this node is elected and cannot lead so far", "error", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

func (m *member) tell(a assignment) {
	switch {
	case a.Error != noError:
		m.cfg.Log.Error("several nodes advertise the same URL: none leads; give each its own with --advertise", "group", m.cfg.Group, "url", m.self.url(), "code", a.Error)
	case a.Leader == nil:
		m.cfg.Log.Error("no node of the registry may lead: nothing can be written", "group", m.cfg.Group)
	default:
		m.cfg.Log.Info("a leader is elected", "group", m.cfg.Group, "leader", a.Leader.url(), "self", a.Leader.url() == m.self.url(), "generation", m.generation)
	}
}

// joinWait bounds one try to join: a connection that is dead would not show it for the whole rebalance.
const joinWait = 30 * time.Second

func (m *member) join(ctx context.Context) (*kmsg.JoinGroupResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, joinWait)
	defer cancel()
	self := m.self
	self.Leader = m.led
	meta, err := json.Marshal(self)
	if err != nil {
		return nil, fmt.Errorf("encoding the metadata: %w", err)
	}
	if m.id == "" {
		m.awaitNamesake(ctx)
	}
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.InstanceID, req.ProtocolType = m.cfg.Group, m.instance(), protocolType
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = int32(m.cfg.Session.Milliseconds()), int32(m.cfg.Rebalance.Milliseconds())
	p := kmsg.NewJoinGroupRequestProtocol()
	p.Name, p.Metadata = protocol, meta
	req.Protocols = append(req.Protocols, p)
	for {
		req.MemberID = m.id
		resp, err := req.RequestWith(ctx, m.cl)
		if err != nil {
			return nil, err
		}
		switch err := kerr.ErrorForCode(resp.ErrorCode); {
		case errors.Is(err, kerr.MemberIDRequired):
			m.id = resp.MemberID
		case err != nil:
			return nil, err
		default:
			m.id, m.generation = resp.MemberID, resp.Generation
			return resp, nil
		}
	}
}

// awaitNamesake waits for the end of a member with this node's URL that is no static member: a node of Confluent's that was
// killed, whose place this one takes. Two members of one URL would leave the group without a leader.
func (m *member) awaitNamesake(ctx context.Context) {
	for until := now() + m.cfg.Session + 2*m.cfg.Heartbeat; now() < until; {
		req := kmsg.NewPtrDescribeGroupsRequest()
		req.Groups = []string{m.cfg.Group}
		resp, err := req.RequestWith(ctx, m.cl)
		if err != nil || len(resp.Groups) != 1 || !slices.ContainsFunc(resp.Groups[0].Members, func(other kmsg.DescribeGroupsResponseGroupMember) bool {
			id, err := readIdentity(other.ProtocolMetadata)
			return err == nil && other.InstanceID == nil && id.url() == m.self.url()
		}) {
			return
		}
		select {
		case <-time.After(m.cfg.Heartbeat):
		case <-ctx.Done():
			return
		}
	}
}

// instance is the member's name that outlives the process.
func (m *member) instance() *string {
	s := m.self.url()
	return &s
}

func (m *member) sync(ctx context.Context, joined *kmsg.JoinGroupResponse) (assignment, error) {
	ctx, cancel := context.WithTimeout(ctx, joinWait)
	defer cancel()
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.InstanceID, req.Generation = m.cfg.Group, m.id, m.instance(), m.generation
	typ, name := protocolType, protocol
	req.ProtocolType, req.Protocol = &typ, &name
	if joined.LeaderID == m.id && !joined.SkipAssignment {
		b, err := json.Marshal(elect(joined.Members, !m.cfg.Unsticky, func(id string, err error) {
			m.cfg.Log.Warn("a member of the registry's group is not understood: it cannot lead", "group", m.cfg.Group, "member", id, "error", err)
		}))
		if err != nil {
			return assignment{}, fmt.Errorf("encoding the assignment: %w", err)
		}
		for _, other := range joined.Members {
			g := kmsg.NewSyncGroupRequestGroupAssignment()
			g.MemberID, g.MemberAssignment = other.MemberID, b
			req.GroupAssignment = append(req.GroupAssignment, g)
		}
	}
	resp, err := req.RequestWith(ctx, m.cl)
	if err != nil {
		return assignment{}, err
	}
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return assignment{}, err
	}
	a, err := readAssignment(resp.MemberAssignment)
	if err != nil {
		return a, fmt.Errorf("reading the assignment: %w", err)
	}
	return a, nil
}

// heartbeats keeps the session alive until the coordinator ends it.
func (m *member) heartbeats(ctx context.Context) error {
	defer func() { m.led = m.wasLeader() }()
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.InstanceID, req.Generation = m.cfg.Group, m.id, m.instance(), m.generation
	tick := time.NewTicker(m.cfg.Heartbeat)
	defer tick.Stop()
	for last := now(); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		sent := now()
		one, cancel := context.WithTimeout(ctx, m.cfg.Session/2)
		resp, err := req.RequestWith(one, m.cl)
		cancel()
		if err == nil {
			if err = kerr.ErrorForCode(resp.ErrorCode); err != nil && !kerr.IsRetriable(err) {
				return err
			}
		}
		switch {
		case err == nil:
			last = sent
			m.answer(sent)
		case ctx.Err() == nil && now()-last > m.cfg.Session: // the connection may be dead; a coordinator that was away knows the member still
			m.cfg.Log.Warn("the coordinator of the registry's group does not answer", "group", m.cfg.Group, "error", err)
			m.cl.Close()
			if err := m.connect(); err != nil {
				return err
			}
			last = now()
		}
	}
}

// wasLeader says whether the assignment that ends named this node.
func (m *member) wasLeader() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.names()
}

// leave ends the membership, as far as the brokers can be reached.
func (m *member) leave(ctx context.Context) {
	if m.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWait)
	defer cancel()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = m.cfg.Group, m.id
	who := kmsg.NewLeaveGroupRequestMember()
	who.MemberID, who.InstanceID = m.id, m.instance()
	req.Members = append(req.Members, who)
	resp, err := req.RequestWith(ctx, m.cl)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		m.cfg.Log.Warn("leaving the registry's group: another leader is chosen when the session times out", "group", m.cfg.Group, "error", err)
	}
}
