package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/cmd/stack"
	"github.com/millrace/millrace/connect/config"
)

// Config says how to run the demo.
type Config struct {
	Dev     stack.DevConfig
	For     time.Duration // 0: until ctx ends
	Out     io.Writer     // what a person sees
	Lookup  config.Lookup
	Options stack.Options
}

// connector is the name of the demo's connector, its topic prefix and its database.
const connector = "shop"

// Run starts everything, shows changes until ctx ends or cfg.For is over, and stops everything. It is an error when no
// change arrived decoded.
func Run(ctx context.Context, cfg Config) error {
	if cfg.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cfg.For)
		defer cancel()
	}
	out := &output{w: cfg.Out}
	out.printf("starting PostgreSQL …")
	pg, err := startPostgres(ctx, cfg.Options.Log, cfg.Dev.Dir)
	if err != nil {
		return stopped(ctx, err)
	}
	defer pg.stop()
	s, err := openShop(ctx, pg)
	if err != nil {
		return stopped(ctx, fmt.Errorf("opening the shop: %w", err))
	}
	dev, err := stack.NewDev(ctx, cfg.Dev, cfg.Lookup, cfg.Options)
	if err != nil {
		return stopped(ctx, err)
	}
	out.printf(`
  registry    %[1]s/subjects
              %[1]s/subjects/shop.public.orders-value/versions/latest
  connect     %[2]s/connectors/%[3]s/status
  metrics     %[2]s/metrics
  NATS        %[4]s   stream shop, subjects shop.public.>
  PostgreSQL  psql '%[5]s'
`, dev.RegistryURL, dev.ConnectURL, connector, dev.NATSURL, pg.url("shop"))
	v := &viewer{out: out, dev: dev, tables: map[string]int{}}
	began := time.Now()
	if err := run(ctx, cfg, pg, s, dev, v); err != nil {
		return err
	}
	return v.summary(time.Since(began))
}

// stopped is nil when err only says that the demo was ended while it started.
func stopped(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return err
}

// run runs the parts until ctx ends: first the shop's life and the viewer end, then the worker and what it stands on.
func run(ctx context.Context, cfg Config, pg *postgres, s *shop, dev *stack.Dev, v *viewer) error {
	below, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, gctx := errgroup.WithContext(below)
	g.Go(func() error { return dev.Run(gctx) })
	g.Go(func() error {
		defer stop()
		live, end := context.WithCancel(gctx)
		defer end()
		defer context.AfterFunc(ctx, end)()
		parts, lctx := errgroup.WithContext(live)
		parts.Go(func() error { return v.watch(lctx) })
		parts.Go(func() error {
			if err := create(lctx, dev, pg); err != nil {
				return err
			}
			return s.live(lctx)
		})
		parts.Go(func() error {
			select {
			case <-pg.done:
				return fmt.Errorf("PostgreSQL ended:\n%s", pg.log)
			case <-lctx.Done():
				return nil
			}
		})
		err := parts.Wait()
		if live.Err() != nil && errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	})
	return g.Wait()
}

// create makes the connector, or gives the one of an earlier run the port that PostgreSQL has now.
func create(ctx context.Context, dev *stack.Dev, pg *postgres) error {
	for !dev.Connect.Worker.Ready() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	_, _, err := dev.Connect.Worker.Put(ctx, connector, map[string]string{
		"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput", "tasks.max": "1",
		"database.hostname": pg.host, "database.port": strconv.Itoa(pg.port), "database.user": "postgres", "database.password": password, "database.dbname": "shop",
		"topic.prefix": connector, "schema.include.list": "public", "slot.name": connector, "publication.name": connector,
		"schema.name.adjustment.mode": "avro", "field.name.adjustment.mode": "avro",
	})
	if err != nil {
		return fmt.Errorf("creating the connector: %w", err)
	}
	return nil
}

// output writes whole lines from several goroutines.
type output struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

func (o *output) printf(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fmt.Fprintf(o.w, format+"\n", args...)
}
