package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	natsclient "github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert/byname"
	"github.com/millrace/millrace/connect/offset"
	offsetfile "github.com/millrace/millrace/connect/offset/file"
	offsetkafka "github.com/millrace/millrace/connect/offset/kafka"
	"github.com/millrace/millrace/connect/rest"
	"github.com/millrace/millrace/connect/runtime"
	"github.com/millrace/millrace/connect/state"
	statefile "github.com/millrace/millrace/connect/state/file"
	statekafka "github.com/millrace/millrace/connect/state/kafka"
	"github.com/millrace/millrace/connectors/all"
	"github.com/millrace/millrace/connectors/kafka"
)

// Options are what a worker needs beside its file.
type Options struct {
	Log         *slog.Logger
	Level       *slog.LevelVar // what /admin/loggers sets; nil: nothing
	Version     string
	NATSOptions []natsclient.Option // of connections to a NATS in this process
}

// Connect is a Connect worker that listens.
type Connect struct {
	Worker  *runtime.Worker
	Metrics *prometheus.Registry
	log     *slog.Logger
	ls      []net.Listener
	h       http.Handler
	bounds  bounds // of clients of the API
	closes  []func(context.Context) error
}

// NewConnect opens the worker's stores and listens. A Kafka that is away is waited for.
func NewConnect(ctx context.Context, cfg *config.Worker, o Options) (_ *Connect, err error) {
	for _, w := range cfg.Warnings {
		o.Log.Warn(w)
	}
	if err := rest.CheckHeaders(cfg.Headers); err != nil {
		return nil, fmt.Errorf("response.http.headers.config: %w", err)
	}
	c := &Connect{log: o.Log, bounds: bounds{header: maxHeader, read: readTimeout, write: writeTimeout, drain: closeTime}}
	defer func() {
		if err != nil {
			c.close(ctx)
		}
	}()
	if c.ls, err = listen(ctx, cfg.Listeners...); err != nil {
		return nil, err
	}
	b := &brokers{broker: cfg.Broker, kafka: cfg.Client("producer"), nats: cfg.NATS, natsOptions: o.NATSOptions, mayOverride: cfg.MayOverride, create: cfg.CreateTopics}
	wc := runtime.WorkerConfig{
		ID: cfg.WorkerID, Kinds: b.checking(all.Connectors()), Converter: byname.New, Producer: b.producer, Resolve: cfg.Lookup.Resolve,
		Defaults: defaults(cfg), Limits: runtime.Limits{SaveInterval: cfg.OffsetFlush, StopTimeout: cfg.ShutdownTimeout}, Log: o.Log,
	}
	cluster := ""
	if cfg.GroupID != "" {
		cluster, wc.Offsets, wc.State, err = c.topics(ctx, cfg)
	} else {
		wc.Offsets, wc.State, err = files(cfg.OffsetFile, cfg.StateFile)
	}
	if err != nil {
		return nil, err
	}
	c.closes = append(c.closes, wc.Offsets.Close, wc.State.Close)
	c.Metrics = newMetrics()
	if wc.Metrics, err = runtime.NewMetrics(c.Metrics); err != nil {
		return nil, err
	}
	if c.Worker, err = runtime.NewWorker(wc); err != nil {
		return nil, err
	}
	c.h = rest.Handler(c.Worker, rest.Options{
		Version: o.Version, ClusterID: cluster, AllowOrigin: cfg.AllowOrigin, AllowMethods: cfg.AllowMethods, Headers: cfg.Headers,
		NoTopics: !cfg.TrackTopics, ResetTopics: cfg.ResetTopics, Log: o.Log, Level: o.Level, Metrics: metricsHandler(c.Metrics),
	})
	return c, nil
}

// closeTime is how long requests in progress may take once a worker or a pipeline is asked to end, and then its stores.
const closeTime = 5 * time.Second

// Run runs connectors and answers the API until ctx ends.
func (c *Connect) Run(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.Worker.Run(gctx) })
	g.Go(func() error {
		all := make([]endpoint, len(c.ls))
		for i, l := range c.ls {
			all[i] = endpoint{Listener: l, handler: c.h}
		}
		return serve(gctx, c.log, c.bounds, nil, all...)
	})
	return errors.Join(g.Wait(), c.close(ctx))
}

func (c *Connect) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	var errs []error
	for _, f := range c.closes {
		errs = append(errs, f(ctx))
	}
	for _, l := range c.ls {
		_ = l.Close()
	}
	return errors.Join(errs...)
}

// defaults are the worker's converters as connectors' options spell them.
func defaults(cfg *config.Worker) map[string]string {
	d := map[string]string{"key.converter": cfg.Key.Class, "value.converter": cfg.Value.Class}
	for prefix, options := range map[string]map[string]string{"key.converter.": cfg.Key.Options, "value.converter.": cfg.Value.Options} {
		for name, value := range options {
			d[prefix+name] = value
		}
	}
	return d
}

func files(offsets, states string) (offset.Store, state.Store, error) {
	o, err := offsetfile.Open(offsets)
	if err != nil {
		return nil, nil, err
	}
	s, err := statefile.Open(states)
	return o, s, err
}

// topics opens the three storage topics, and tells the Kafka cluster's id.
func (c *Connect) topics(ctx context.Context, cfg *config.Worker) (cluster string, o offset.Store, s state.Store, err error) {
	client, err := clientOptions(cfg.Client("admin"), c.log)
	if err != nil {
		return "", nil, nil, err
	}
	table := func(t config.StorageTopic) compacted.Config {
		return compacted.Config{Client: client, Topic: t.Name, Partitions: int32(t.Partitions), Replication: int16(t.Replication), Configs: t.Config, Log: c.log}
	}
	err = patiently(ctx, c.log, func() error {
		if cluster == "" {
			if cluster, err = clusterID(ctx, client); err != nil {
				return err
			}
		}
		if o == nil {
			st, err := offsetkafka.Open(ctx, table(cfg.OffsetTopic))
			if err != nil {
				return err
			}
			o = st
		}
		st, err := statekafka.Open(ctx, table(cfg.ConfigTopic), table(cfg.StatusTopic))
		if err != nil {
			return err
		}
		s = st
		return nil
	})
	if err != nil && o != nil {
		err = errors.Join(err, o.Close(context.WithoutCancel(ctx)))
	}
	return cluster, o, s, err
}

// clientOptions reads the options of a Kafka client that does not produce records.
func clientOptions(opts map[string]string, log *slog.Logger) ([]kgo.Opt, error) {
	c, err := kafka.FromProperties(opts)
	if err != nil {
		return nil, fmt.Errorf("reading the worker's options of Kafka: %w", err)
	}
	c.Log = log
	return c.ClientOptions(), nil
}

func clusterID(ctx context.Context, opts []kgo.Opt) (string, error) {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return "", fmt.Errorf("configuring the Kafka client: %w", err)
	}
	defer cl.Close()
	ask, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	m, err := kadm.NewClient(cl).BrokerMetadata(ask)
	if err != nil && ctx.Err() == nil {
		return "", connect.MarkRetriable(fmt.Errorf("asking Kafka for its cluster id: %w", err))
	}
	return m.Cluster, err
}

// patiently calls f until it works, fails for good or ctx ends.
func patiently(ctx context.Context, log *slog.Logger, f func() error) error {
	for wait := time.Second; ; wait = min(2*wait, 15*time.Second) {
		err := f()
		if err == nil || connect.ClassOf(err) != connect.Retriable {
			return err
		}
		log.Warn("the worker waits for its storage topics", "again_in", wait, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
