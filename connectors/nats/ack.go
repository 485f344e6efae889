package nats

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
)

// answered takes the server's answer to the message in a slot.
func (p *Producer) answered(epoch int, slot uint64, m *nats.Msg) {
	err := answer(m)
	p.mu.Lock()
	n := p.head + (slot+uint64(len(p.ring))-p.slot(p.head))%uint64(len(p.ring))
	if epoch != p.epoch || n >= p.sent {
		p.mu.Unlock()
		return
	}
	e := &p.ring[slot]
	switch {
	case err == nil:
		e.acked = true
		if p.probing && n == p.head {
			p.probing = false
			p.wake() // to send the rest
		}
	case connect.ClassOf(err) == connect.BadRecord:
		e.flight.fail(e.index, fmt.Errorf("subject %s: %w", p.subjects[e.msg.Topic], err))
		e.acked = true
		if p.probing && n == p.head {
			p.probing = false
			p.wake()
		}
	default:
		p.mu.Unlock()
		p.refuse(epoch, n, err)
		return
	}
	landed := p.advance()
	p.mu.Unlock()
	p.land(landed)
}

// refuse notes that the server declined message n, or the connection's rights altogether, for the supervisor. The first
// message counts.
func (p *Producer) refuse(epoch int, n uint64, err error) {
	p.mu.Lock()
	if epoch == p.epoch && (p.refusal == nil || n < p.refused) {
		p.refusal, p.refused = err, n
	}
	p.mu.Unlock()
	p.wake()
}

// errNoStream is the server's word that nobody takes messages of a subject: no stream covers it, or its leader is away.
var errNoStream = errors.New("no stream takes it")

var ackStart = []byte(`{"stream":"`)

// answer returns why the server declined a message, classed; nil: it is stored.
func answer(m *nats.Msg) error {
	if bytes.HasPrefix(m.Data, ackStart) && !bytes.Contains(m.Data, []byte(`"error":{`)) {
		return nil
	}
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		return connect.MarkRetriable(errNoStream)
	}
	var a struct {
		Error  *jetstream.APIError `json:"error"`
		Stream string              `json:"stream"`
	}
	if err := json.Unmarshal(m.Data, &a); err != nil || a.Error == nil && a.Stream == "" {
		return connect.MarkRetriable(errors.New("the answer is no acknowledgement of JetStream: somebody else replies on the subject"))
	}
	if a.Error == nil {
		return nil
	}
	return classify(a.Error)
}

// land reports flights, whose number was added to p.landing when they were taken off the ring.
func (p *Producer) land(flights []*flight) {
	if len(flights) == 0 {
		return
	}
	for _, f := range flights {
		f.land()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.landing -= len(flights)
	p.change()
}
