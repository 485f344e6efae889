package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
)

// Waits between two tries.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 5 * time.Second
)

// dialer lets nats.Connect be given up with ctx.
type dialer struct{ ctx context.Context }

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	n := net.Dialer{Timeout: 5 * time.Second}
	return n.DialContext(d.ctx, network, address)
}

// supervise is the producer's one goroutine: it keeps a connection, publishes on each new one what has no acknowledgement,
// and ends with ctx or when the server will never take what is in flight.
func (p *Producer) supervise(ctx context.Context) {
	wait := firstWait
	for {
		began := time.Now()
		err := p.session(ctx)
		if ctx.Err() != nil {
			err = connect.MarkRetriable(errClosed)
		}
		if ctx.Err() != nil || connect.ClassOf(err) == connect.Fatal {
			p.end(err)
			return
		}
		if time.Since(began) > lastWait {
			wait = firstWait
		}
		p.mu.Lock()
		p.dialErr = err
		p.change()
		p.mu.Unlock()
		p.log().Warn("NATS: trying again", "error", err, "in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, lastWait)
	}
}

func (p *Producer) log() *slog.Logger {
	if p.cfg.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.cfg.Log
}

// session is the life of one connection. The error says why it ended.
func (p *Producer) session(ctx context.Context) error {
	p.mu.Lock()
	p.epoch++
	epoch := p.epoch
	p.mu.Unlock()
	opts := append([]nats.Option{
		nats.SetCustomDialer(dialer{ctx}), nats.FlusherTimeout(p.cfg.AckWait), nats.SkipSubjectValidation(),
		nats.ClosedHandler(func(*nats.Conn) { p.wake() }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				p.refuse(epoch, 0, err)
			}
		}),
	}, p.opts...)
	nc, err := nats.Connect(p.cfg.URL, opts...)
	if err != nil {
		return classify(fmt.Errorf("connecting to NATS: %w", err))
	}
	defer nc.Close()
	inbox := nc.NewInbox()
	acks, err := nc.Subscribe(inbox+".*", func(m *nats.Msg) {
		slot, err := strconv.ParseUint(m.Subject[len(inbox)+1:], 36, 64)
		if err == nil && slot < uint64(len(p.ring)) {
			p.answered(epoch, slot, m)
		}
	})
	if err == nil {
		err = acks.SetPendingLimits(-1, -1) // bounded by what is in flight
	}
	if err != nil {
		return classify(fmt.Errorf("subscribing to acknowledgements: %w", err))
	}
	p.open(nc, inbox)
	defer p.lose()
	return p.watch(ctx, nc)
}

// open makes nc the connection and publishes what is in flight on it.
func (p *Producer) open(nc *nats.Conn, inbox string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.replies == nil {
		p.replies = make([]string, len(p.ring))
	}
	for i := range p.replies {
		p.replies[i] = inbox + "." + strconv.FormatUint(uint64(i), 36)
	}
	p.nc, p.dialErr, p.refusal, p.sent = nc, nil, nil, p.head
	p.resend()
	p.change()
}

// resend publishes from p.sent on: everything, or while the oldest message is being refused only that. p.mu is held.
func (p *Producer) resend() {
	for p.sent < p.tail && (!p.probing || p.sent == p.head) {
		e := &p.ring[p.slot(p.sent)]
		if e.acked { // of an earlier connection
			p.sent++
			continue
		}
		if !p.publish() {
			return
		}
	}
}

// lose forgets the connection: what was published on it counts for nothing any more.
func (p *Producer) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disconnect(nil)
}

// disconnect does what lose says, and gives new ids to messages that may be stored before an older one of their topic: they
// are published again behind it and must not count as duplicates. That is so for the topic of refused, a message between
// p.head and p.sent or nil, and wherever an acknowledgement overtook one that is missing. p.mu is held.
func (p *Producer) disconnect(refused *uint64) {
	if p.nc == nil {
		return
	}
	p.nc = nil
	p.epoch++
	waiting, from := map[string]uint64{}, map[string]uint64{} // by topic
	for n := p.head; n < p.sent; n++ {
		e := &p.ring[p.slot(n)]
		oldest, ok := waiting[e.msg.Topic]
		switch {
		case !e.acked && !ok:
			waiting[e.msg.Topic] = n
		case e.acked && ok && e.flight.failed[e.index] == nil:
			from[e.msg.Topic] = oldest
		}
	}
	if refused != nil {
		if topic := p.ring[p.slot(*refused)].msg.Topic; from[topic] == 0 {
			from[topic] = *refused
		}
		p.probing = true
	}
	for n := p.head; n < p.sent; n++ {
		e := &p.ring[p.slot(n)]
		if start, ok := from[e.msg.Topic]; ok && n > start && e.flight.failed[e.index] == nil {
			e.attempt++
			e.acked = false
		}
	}
}

// watch returns when the connection must be given up.
func (p *Producer) watch(ctx context.Context, nc *nats.Conn) error {
	tick := time.NewTicker(max(p.cfg.AckWait/4, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.trouble:
		case <-tick.C:
		}
		if nc.IsClosed() {
			err := nc.LastError()
			if err == nil {
				err = nats.ErrConnectionClosed
			}
			return classify(fmt.Errorf("the connection to NATS was lost: %w", err))
		}
		p.mu.Lock()
		if p.refusal == nil {
			p.resend() // after a message that was refused was taken
		}
		refusal, late := p.refusal, p.late()
		landed := p.advance()
		p.mu.Unlock()
		p.land(landed)
		switch {
		case refusal != nil:
			return p.refusedBy(ctx, nc, refusal)
		case late != "":
			p.cover(ctx, nc, late)
			return connect.MarkRetriable(fmt.Errorf("no acknowledgement of a message to %s within %v", late, p.cfg.AckWait))
		}
	}
}

// late returns the subject of the oldest message if its acknowledgement is overdue. p.mu is held.
func (p *Producer) late() string {
	if p.head == p.sent {
		return ""
	}
	e := &p.ring[p.slot(p.head)]
	if e.acked || time.Since(e.at) < p.cfg.AckWait {
		return ""
	}
	return p.subjects[e.msg.Topic]
}

// refusedBy ends a connection on which the server declined a message.
func (p *Producer) refusedBy(ctx context.Context, nc *nats.Conn, err error) error {
	if connect.ClassOf(err) == connect.Fatal {
		return err
	}
	p.mu.Lock()
	if p.refused < p.head || p.refused >= p.sent {
		p.mu.Unlock()
		return err
	}
	refused := p.refused
	subject := p.subjects[p.ring[p.slot(refused)].msg.Topic]
	p.disconnect(&refused)
	p.mu.Unlock()
	p.cover(ctx, nc, subject)
	return fmt.Errorf("a message to %s was refused: %w", subject, err)
}

// cover makes anew the stream of a subject, if it is gone.
func (p *Producer) cover(ctx context.Context, nc *nats.Conn, subject string) {
	if nc.IsClosed() {
		return
	}
	js, err := jetstream.New(nc)
	if err == nil {
		err = cover(ctx, js, p.cfg.Stream, subject)
	}
	if err != nil {
		p.log().Warn("NATS: looking for the stream", "subject", subject, "error", err)
	}
}

// end fails what is in flight and what comes.
func (p *Producer) end(err error) {
	p.mu.Lock()
	p.broken = err
	var landed []*flight
	for ; p.head < p.tail; p.head++ {
		e := &p.ring[p.slot(p.head)]
		if !e.acked {
			e.flight.fail(e.index, err)
		}
		landed = p.drop(e, landed)
	}
	p.sent = p.head
	p.landing += len(landed)
	p.change()
	p.mu.Unlock()
	p.land(landed)
}

// describe names the servers without what logs in to them.
func describe(urls string) string {
	var hosts []string
	for u := range strings.SplitSeq(urls, ",") {
		if i := strings.LastIndexByte(u, '@'); i >= 0 {
			u = u[i+1:]
		}
		hosts = append(hosts, strings.TrimSpace(u))
	}
	return strings.Join(hosts, ", ")
}
