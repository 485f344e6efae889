package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
)

// description marks the streams that Prepare makes, and may widen.
const description = "written by Millrace"

// widening lets the producers of this process change streams one after the other: a change replaces the list of subjects.
var widening = make(chan struct{}, 1)

// Prepare implements connect.Producer: it finds the stream that covers topic's subject, and else makes one, or widens the
// one that Config.Stream.Name names if Millrace made it. A server that is away is waited for as long as AckWait.
func (p *Producer) Prepare(ctx context.Context, topic string) error {
	subject := Subject(topic)
	p.mu.Lock()
	known, broken := p.prepared[subject], p.broken
	p.mu.Unlock()
	if known && broken == nil {
		return nil
	}
	nc, err := p.connection(ctx)
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("using JetStream: %w", err)
	}
	if err := cover(ctx, js, p.cfg.Stream, subject); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepared[subject] = true
	return nil
}

// connection waits for one.
func (p *Producer) connection(ctx context.Context) (*nats.Conn, error) {
	wait, cancel := context.WithTimeout(ctx, p.cfg.AckWait)
	defer cancel()
	if err := p.await(wait, func() bool { return p.nc != nil || p.broken != nil }); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		return nil, connect.MarkRetriable(fmt.Errorf("there is no connection to %s: %w", describe(p.cfg.URL), cmp.Or(p.dialErr, err)))
	}
	defer p.mu.Unlock()
	return p.nc, p.broken
}

// cover makes sure that a stream covers subject.
func cover(ctx context.Context, js jetstream.JetStream, s Stream, subject string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	select {
	case widening <- struct{}{}:
		defer func() { <-widening }()
	case <-ctx.Done():
		return connect.MarkRetriable(ctx.Err())
	}
	var err error
	for range 5 { // others may make streams at the same time
		if _, err = js.StreamNameBySubject(ctx, subject); err == nil {
			return nil
		}
		if errors.Is(err, nats.ErrNoResponders) { // or the server with JetStream is behind a connection that is away
			return connect.MarkRetriable(fmt.Errorf("nobody answers for JetStream: start the server with JetStream (-js): %w", err))
		}
		if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return classify(fmt.Errorf("looking for the stream of %s: %w", subject, err))
		}
		if err = addStream(ctx, js, s, subject); err != nil && connect.ClassOf(err) == connect.Fatal {
			return err
		}
	}
	return connect.MarkRetriable(fmt.Errorf("no stream covers %s: %w", subject, cmp.Or(err, errNoStream)))
}

// addStream makes the stream for subject, or adds the subject to the one that has the name.
func addStream(ctx context.Context, js jetstream.JetStream, s Stream, subject string) error {
	filter, name := covering(subject)
	name = cmp.Or(s.Name, name)
	_, err := js.CreateStream(ctx, s.config(name, []string{filter}))
	if overlaps(err) { // others have some of the prefix
		_, err = js.CreateStream(ctx, s.config(name, []string{subject}))
	}
	if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return named(err, "making", name, subject)
	}
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return named(err, "reading", name, subject)
	}
	cfg := stream.CachedInfo().Config
	if cfg.Description != description {
		return fmt.Errorf("stream %s exists, was not made by Millrace and does not cover %s: add the subject to it, or set another stream", name, subject)
	}
	have := slices.Clip(cfg.Subjects)
	cfg.Subjects = append(slices.DeleteFunc(slices.Clone(have), func(f string) bool { return within(f, filter) }), filter)
	if _, err = js.UpdateStream(ctx, cfg); overlaps(err) {
		cfg.Subjects = append(have, subject)
		_, err = js.UpdateStream(ctx, cfg)
	}
	return named(err, "widening", name, subject)
}

func named(err error, doing, stream, subject string) error {
	if err == nil {
		return nil
	}
	return classify(fmt.Errorf("%s stream %s for %s: %w", doing, stream, subject, err))
}

func overlaps(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeOverlap
}
