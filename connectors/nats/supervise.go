package nats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
)

// The pace of trying again.
const (
	firstDelay = 50 * time.Millisecond
	mostDelay  = 2 * time.Second
	patience   = time.Minute // how long a message may be refused before it fails
)

// supervise keeps a connection until ctx ends: on each one it publishes what is not acknowledged, and leaves it when
// anything is wrong with it.
func (p *Producer) supervise(ctx context.Context) {
	delay := firstDelay
	for ctx.Err() == nil {
		began := time.Now()
		nc, sub, err := p.dial()
		if err == nil {
			err = p.tend(ctx, nc)
			_ = sub.Unsubscribe()
			nc.Close()
			p.disconnected(err)
		} else {
			p.disconnected(err)
			if classed := classify(err); connect.ClassOf(classed) != connect.Retriable {
				p.giveUp(fmt.Errorf("connecting to NATS: %w", classed))
				return
			}
		}
		if time.Since(began) > 10*time.Second {
			delay = firstDelay
		}
		select {
		case <-ctx.Done():
		case <-time.After(delay):
		}
		delay = min(2*delay, mostDelay)
	}
	p.giveUp(connect.MarkRetriable(errClosed))
}

// dial connects, listens for acknowledgements and publishes everything that has none.
func (p *Producer) dial() (*nats.Conn, *nats.Subscription, error) {
	nc, err := nats.Connect(p.cfg.URL, append(p.opts, nats.ClosedHandler(func(*nats.Conn) { p.wake() }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if p.cfg.Log != nil {
				p.cfg.Log.Warn("the NATS connection has trouble", "error", err)
			}
		}))...)
	if err != nil {
		return nil, nil, err
	}
	inbox := nc.NewInbox()
	p.mu.Lock()
	p.epoch++
	epoch := p.epoch
	p.mu.Unlock()
	sub, err := nc.Subscribe(inbox+".*", func(m *nats.Msg) { p.answered(epoch, m) })
	if err == nil {
		err = sub.SetPendingLimits(-1, -1) // the ring bounds them
	}
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nc, p.dialErr, p.refusal = nc, nil, nil
	p.replies = make([]string, len(p.ring))
	for i := range p.replies {
		p.replies[i] = inbox + "." + strconv.Itoa(i)
	}
	p.rewind()
	p.change()
	return nc, sub, nil
}

// rewind publishes again from head what is not stored. What came after a message that was refused is stored once more
// behind it, under another id: the last change of a key comes last. p.mu is held.
func (p *Producer) rewind() {
	behind := false
	for n := p.head; n < p.sent; n++ {
		e := &p.ring[p.slot(n)]
		if behind && !e.failed {
			e.acked = false
			e.attempt++
		}
		behind = behind || e.refused
		e.refused = false
	}
	p.sent = p.head
	p.fill()
}

// fill publishes up to tail. p.mu is held.
func (p *Producer) fill() {
	for p.sent < p.tail && p.refusal == nil {
		at := p.sent
		if p.publish(); p.sent == at {
			return // the connection is gone
		}
	}
}

// disconnected notes that there is no connection any more, and why.
func (p *Producer) disconnected(err error) {
	p.mu.Lock()
	p.nc, p.dialErr = nil, err
	p.mu.Unlock()
	if err != nil && p.cfg.Log != nil {
		p.cfg.Log.Warn("the NATS connection is lost and made again", "error", err)
	}
}

// giveUp fails everything that is not acknowledged, and everything to come.
func (p *Producer) giveUp(err error) {
	p.mu.Lock()
	p.broken, p.nc = err, nil
	p.epoch++
	for n := p.head; n < p.tail; n++ {
		if e := &p.ring[p.slot(n)]; !e.acked {
			e.flight.fail(e.index, err)
			e.acked, e.failed = true, true
		}
	}
	p.sent = p.tail
	p.change()
	p.mu.Unlock()
	p.land()
}

// tend watches over a connection and returns when it must not be used any more.
func (p *Producer) tend(ctx context.Context, nc *nats.Conn) error {
	tick := time.NewTicker(min(p.cfg.AckWait/4, time.Second))
	defer tick.Stop()
	delay := firstDelay
	for {
		p.land()
		if nc.IsClosed() {
			if err := nc.LastError(); err != nil {
				return err
			}
			return nats.ErrConnectionClosed
		}
		p.mu.Lock()
		refusal, late, settled := p.refusal, false, true
		for n := p.head; n < p.sent; n++ {
			e := &p.ring[p.slot(n)]
			if !e.acked && !e.refused {
				settled = false
				late = time.Since(e.at) > p.cfg.AckWait
				break
			}
		}
		p.mu.Unlock()
		switch {
		case late:
			return fmt.Errorf("JetStream has not answered for %v", p.cfg.AckWait)
		case refusal != nil && settled:
			if p.exhausted(refusal) {
				continue
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(delay):
			}
			delay = min(2*delay, mostDelay)
			p.mu.Lock()
			p.refusal = nil
			p.rewind()
			p.mu.Unlock()
			continue
		case refusal == nil:
			delay = firstDelay
			p.mu.Lock()
			p.fill()
			p.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.trouble:
		case <-tick.C:
		}
	}
}

// exhausted fails the messages that have been refused for too long and reports whether there were any.
func (p *Producer) exhausted(refusal error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.troubled.IsZero() || time.Since(p.troubled) < patience {
		return false
	}
	p.troubled, p.refusal = time.Time{}, nil
	for n := p.head; n < p.sent; n++ {
		if e := &p.ring[p.slot(n)]; e.refused {
			e.flight.fail(e.index, classify(fmt.Errorf("publishing to %s for %v: %w", Subject(e.msg.Topic), patience, refusal)))
			e.acked, e.failed, e.refused = true, true, false
		}
	}
	return true
}

// answered takes JetStream's answer to a publication on connection epoch.
func (p *Producer) answered(epoch int, m *nats.Msg) {
	slot, err := strconv.Atoi(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])
	if err != nil || slot < 0 || slot >= len(p.ring) {
		return
	}
	refusal := answerOf(m)
	p.mu.Lock()
	n := p.head + (uint64(slot)+uint64(len(p.ring))-p.slot(p.head))%uint64(len(p.ring))
	if epoch != p.epoch || n >= p.sent || p.ring[slot].acked {
		p.mu.Unlock()
		return
	}
	e := &p.ring[slot]
	switch {
	case refusal == nil:
		e.acked, e.refused = true, false
	case connect.ClassOf(classify(refusal)) == connect.Retriable:
		e.refused = true
		p.refusal = refusal
		if p.troubled.IsZero() {
			p.troubled = time.Now()
		}
		p.wake()
	default:
		e.flight.fail(e.index, classify(fmt.Errorf("publishing to %s: %w", Subject(e.msg.Topic), refusal)))
		e.acked, e.failed = true, true
	}
	head := p.ring[p.slot(p.head)].acked
	p.mu.Unlock()
	if head {
		p.land()
	}
}

// answerOf returns nil for an acknowledgement, and what it says otherwise.
// https://docs.nats.io/reference/reference-protocols/nats_api_reference
func answerOf(m *nats.Msg) error {
	if m.Header.Get("Status") == "503" {
		return nats.ErrNoResponders // no stream takes the subject, or JetStream is not ready
	}
	if !bytes.Contains(m.Data, []byte(`"error":`)) && bytes.Contains(m.Data, []byte(`"seq":`)) {
		return nil
	}
	var a struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return fmt.Errorf("reading JetStream's answer: %w", err)
	}
	if a.Error == nil {
		return errors.New("JetStream answers neither with a sequence nor with an error")
	}
	return a.Error
}
