package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// plan is how the rows of one layout become messages.
type plan struct {
	key, value convert.Encoder // nil: the layout has no such part
	until      time.Time       // when it is to be made anew; zero: never
}

// maxPlans bounds the plans kept: a source makes a new Layout for every version of a table.
const maxPlans = 1 << 14

// encoder turns batches into flights. It belongs to one goroutine.
type encoder struct {
	key, value convert.Converter
	plans      map[*record.Layout]*plan
	unplanned  map[*record.Layout]error // bad records of the batch, by why there is no plan of them
	topics     map[string]struct{}
	now        time.Time // while the batch is encoded, once a plan that expires has asked; zero: not yet
	// bad is told of a row that cannot be encoded and returns nil to leave it out.
	bad func(topic string, err error) error
}

func newEncoder(key, value convert.Converter, bad func(string, error) error) *encoder {
	return &encoder{key: key, value: value, bad: bad, plans: map[*record.Layout]*plan{}, unplanned: map[*record.Layout]error{}, topics: map[string]struct{}{}}
}

// encode appends the messages of b's rows to f. Nothing of f points into b afterwards.
func (e *encoder) encode(ctx context.Context, f *flight, b *record.Batch) error {
	var last *record.Layout
	var p *plan
	var unplanned error
	e.now = time.Time{}
	clear(e.unplanned)
	for i := range b.Len() {
		row := b.At(i)
		if l := row.Layout(); l != last {
			p, unplanned = e.plan(ctx, f, l)
			last = l
		}
		err := unplanned
		if err == nil {
			err = p.append(f, row)
		}
		if err == nil {
			continue
		}
		if connect.ClassOf(err) == connect.BadRecord {
			err = e.bad(last.Topic, err)
		}
		if err != nil {
			return fmt.Errorf("encoding a row of %s: %w", last.Topic, err)
		}
	}
	if pos, ok := b.Position(); ok {
		f.pos, f.hasPos = append(f.pos[:0], pos...), true
	}
	f.weight = f.bytes + messageOverhead*int64(len(f.msgs))
	return nil
}

// plan returns the plan of a layout. Converters are asked for it once, and again where an encoder has expired or there was none.
func (e *encoder) plan(ctx context.Context, f *flight, l *record.Layout) (*plan, error) {
	if p := e.plans[l]; p != nil && !e.expired(p) {
		return p, nil
	}
	if err := e.unplanned[l]; err != nil {
		return nil, err
	}
	p, err := e.compile(ctx, l)
	if err != nil {
		if connect.ClassOf(err) == connect.BadRecord {
			e.unplanned[l] = err
		}
		return nil, err
	}
	if len(e.plans) >= maxPlans {
		clear(e.plans)
	}
	e.plans[l] = p
	if _, known := e.topics[l.Topic]; !known {
		e.topics[l.Topic] = struct{}{}
		f.topics = append(f.topics, l.Topic)
	}
	return p, nil
}

// expired looks at the clock once a batch, so that all of a batch's rows of a layout are encoded alike.
func (e *encoder) expired(p *plan) bool {
	if p.until.IsZero() {
		return false
	}
	if e.now.IsZero() {
		e.now = time.Now()
	}
	return !e.now.Before(p.until)
}

func (e *encoder) compile(ctx context.Context, l *record.Layout) (p *plan, err error) {
	p = &plan{}
	if l.Key != nil {
		if p.key, err = e.key.Encoder(ctx, l.Topic, convert.Key, l.Key); err != nil {
			return nil, fmt.Errorf("preparing the key's converter: %w", err)
		}
	}
	if l.Value != nil {
		if p.value, err = e.value.Encoder(ctx, l.Topic, convert.Value, l.Value); err != nil {
			return nil, fmt.Errorf("preparing the value's converter: %w", err)
		}
	}
	for _, enc := range []convert.Encoder{p.key, p.value} {
		if x, ok := enc.(convert.Expiring); ok {
			if t := x.Expires(); !t.IsZero() && (p.until.IsZero() || t.Before(p.until)) {
				p.until = t
			}
		}
	}
	return p, nil
}

var errNoSchema = errors.New("the source gave a part that its layout has no schema for")

// append adds the message of one row. When it fails f holds what it held before, but for bytes that nothing points to.
func (p *plan) append(f *flight, row record.Row) error {
	b, l := row.Batch(), row.Layout()
	m := connect.Message{Topic: l.Topic, Headers: l.Headers, ID: row.ID(), Time: row.Time()}
	f.makeRoom()
	start := len(f.data)
	data := f.data
	var err error
	if k, ok := row.Key(); ok {
		if p.key == nil {
			return errNoSchema
		}
		c, _ := k.Cell()
		if data, err = p.key.Append(data, b, c); err != nil {
			return err
		}
	}
	mid := len(data)
	v, hasValue := row.Value()
	if hasValue {
		if p.value == nil {
			return errNoSchema
		}
		c, _ := v.Cell()
		if data, err = p.value.Append(data, b, c); err != nil {
			return err
		}
	}
	if _, ok := row.Key(); ok {
		m.Key = data[start:mid:mid]
	}
	if hasValue {
		m.Value = data[mid:len(data):len(data)]
	}
	f.bytes += int64(len(data) - start)
	f.largest = max(f.largest, len(data)-start)
	if own := row.Headers(); len(own) > 0 {
		first := len(f.headers)
		for _, h := range own {
			at := len(data)
			data = append(data, h.Value...)
			f.headers = append(f.headers, record.Header{Key: h.Key, Value: data[at:len(data):len(data)]})
		}
		f.headers = append(f.headers, l.Headers...)
		m.Headers = f.headers[first:len(f.headers):len(f.headers)]
	}
	f.data = data
	f.msgs = append(f.msgs, m)
	return nil
}
