package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/nats/embedded"
)

// DevConfig says where the parts of Dev listen and keep their data.
type DevConfig struct {
	Host                                string // "127.0.0.1"
	Dir                                 string
	RegistryPort, ConnectPort, NATSPort int
}

// Dev is everything in one process on embedded defaults: NATS JetStream, the registry and a Connect worker whose connectors
// publish to that NATS in Avro.
type Dev struct {
	RegistryURL, ConnectURL, NATSURL string
	Connect                          *Connect
	nats                             *embedded.Server
	registry                         *Registry
}

// NewDev starts NATS and opens the rest.
func NewDev(ctx context.Context, c DevConfig, lookup config.Lookup, o Options) (_ *Dev, err error) {
	at := func(port int) string { return net.JoinHostPort(c.Host, strconv.Itoa(port)) }
	d := &Dev{RegistryURL: "http://" + at(c.RegistryPort), ConnectURL: "http://" + at(c.ConnectPort)}
	if d.nats, err = embedded.Start(ctx, embedded.Config{Host: c.Host, Port: c.NATSPort, Dir: filepath.Join(c.Dir, "nats"), Log: o.Log.With(slog.String("part", "nats"))}); err != nil {
		return nil, fmt.Errorf("starting NATS JetStream: %w", err)
	}
	defer func() {
		if err != nil {
			d.nats.Shutdown()
		}
	}()
	d.NATSURL = d.nats.URL()
	o.NATSOptions = append(o.NATSOptions, d.nats.Option())
	if d.registry, err = NewRegistry(ctx, o.Log, o.Version, at(c.RegistryPort), "file:"+filepath.Join(c.Dir, "registry"), Serving{}, Node{}); err != nil {
		return nil, err
	}
	avro := "io.confluent.connect.avro.AvroConverter"
	worker, faults := config.NewWorker(map[string]string{
		"listeners": d.ConnectURL, "broker": "nats", "nats.url": d.NATSURL, "offset.storage.file.filename": filepath.Join(c.Dir, "connect.offsets"),
		"offset.flush.interval.ms": "200",
		"key.converter":            avro, "key.converter.schema.registry.url": d.RegistryURL,
		"value.converter": avro, "value.converter.schema.registry.url": d.RegistryURL,
	}, lookup)
	if len(faults) > 0 {
		err = config.FaultsError(faults)
	} else {
		d.Connect, err = NewConnect(ctx, worker, o)
	}
	if err != nil {
		return nil, errors.Join(err, d.registry.close())
	}
	return d, nil
}

// Run runs all parts until ctx ends or one fails: the worker ends first, then the registry, then NATS.
func (d *Dev) Run(ctx context.Context) error {
	defer d.nats.Shutdown()
	below, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, gctx := errgroup.WithContext(below)
	g.Go(func() error { return d.registry.Run(gctx) })
	g.Go(func() error {
		defer stop()
		worker, end := context.WithCancel(gctx)
		defer end()
		defer context.AfterFunc(ctx, end)()
		return d.Connect.Run(worker)
	})
	return g.Wait()
}
