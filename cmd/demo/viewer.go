package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/cmd/consume"
	"github.com/millrace/millrace/cmd/stack"
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connectors/nats"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

// viewer is a consumer of its own: it reads the stream and decodes each record by the schema that the registry has.
type viewer struct {
	out *output
	dev *stack.Dev

	mu       sync.Mutex // guards what follows
	tables   map[string]int
	changes  int
	snapshot int
	framed   int // records that were decoded by the registry
	slowest  time.Duration
	measures stack.Measures
}

// shownOfSnapshot is how many rows of a table's snapshot are shown; the rest are counted.
const shownOfSnapshot = 2

func (v *viewer) watch(ctx context.Context) error {
	registry, err := client.New(client.Config{URLs: []string{v.dev.RegistryURL}})
	if err != nil {
		return fmt.Errorf("making the registry's client: %w", err)
	}
	decoder := consume.NewDecoder(registry)
	done := make(chan struct{})
	go func() {
		defer close(done)
		v.progress(ctx)
	}()
	defer func() { <-done }()
	c, err := nats.NewConsumer(ctx, nats.Config{URL: v.dev.NATSURL, Name: "demo"}, true, connector+".>")
	if err != nil {
		return fmt.Errorf("reading the stream: %w", err)
	}
	defer c.Close()
	for {
		var fault error
		err := c.Read(ctx, func(m connect.Message, _ uint64) {
			if fault == nil {
				fault = v.show(ctx, decoder, m)
			}
		})
		if err = errors.Join(err, fault); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// show prints one record and counts it.
func (v *viewer) show(ctx context.Context, d *consume.Decoder, m connect.Message) error {
	key, _, err := d.Decode(ctx, wire.Key, m.Headers, m.Key)
	if err != nil {
		return err
	}
	value, framed, err := d.Decode(ctx, wire.Value, m.Headers, m.Value)
	if err != nil {
		return err
	}
	var e struct {
		Op            string
		Before, After json.RawMessage
		Source        struct {
			Millis int64 `json:"ts_ms"`
		}
	}
	if err := json.Unmarshal(value, &e); err != nil {
		return fmt.Errorf("a value of %s is no envelope: %w", m.Topic, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if framed {
		v.framed++
	}
	table := strings.TrimPrefix(m.Topic, connector+".")
	row := e.After
	switch e.Op {
	case "": // a tombstone
		return nil
	case "r":
		v.snapshot++
		if v.tables[table]++; v.tables[table] > shownOfSnapshot {
			return nil
		}
	case "d":
		v.changes++
		row = e.Before
	default:
		v.changes++
	}
	delay := ""
	if e.Op != "r" {
		late := time.Since(time.UnixMilli(e.Source.Millis))
		v.slowest = max(v.slowest, late)
		delay = fmt.Sprintf("  +%d ms", late.Milliseconds())
	}
	v.out.printf("%s  %s  %-20s %s  %s%s", time.Now().Format("15:04:05.000"), e.Op, table, key, short(row, 150), delay)
	return nil
}

// short returns at most n bytes of JSON for a line.
func short(b []byte, n int) string {
	if len(b) <= n {
		return string(b)
	}
	return strings.ToValidUTF8(string(b[:n]), "") + "…"
}

// progress prints rate, lag and the snapshot's progress every two seconds.
func (v *viewer) progress(ctx context.Context) {
	const every = 2 * time.Second
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m, err := stack.Measure(v.dev.Connect.Metrics)
		if err != nil {
			continue
		}
		v.mu.Lock()
		line := m.Line(v.measures, every)
		v.measures = m
		v.mu.Unlock()
		v.out.printf("── %s", line)
	}
}

// summary prints what arrived; nothing decoded is an error.
func (v *viewer) summary(took time.Duration) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.out.printf("\nin %v: %d changes and %d rows of the snapshot arrived, %d records decoded through the registry", took.Round(100*time.Millisecond), v.changes, v.snapshot, v.framed)
	for _, t := range slices.Sorted(maps.Keys(v.tables)) {
		v.out.printf("  %6d rows of the snapshot of %s", v.tables[t], t)
	}
	if v.framed == 0 || v.changes == 0 {
		return errors.New("no change arrived decoded: look at the log above, or run with --log-level info")
	}
	return nil
}
