package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert/byname"
	"github.com/millrace/millrace/connect/offset"
	offsetfile "github.com/millrace/millrace/connect/offset/file"
	offsetkafka "github.com/millrace/millrace/connect/offset/kafka"
	"github.com/millrace/millrace/connect/runtime"
	statefile "github.com/millrace/millrace/connect/state/file"
	"github.com/millrace/millrace/connectors/all"
)

// Pipeline is a pipeline file being run: one worker with the one connector that the file stands for.
type Pipeline struct {
	Name    string
	Metrics *prometheus.Registry
	worker  *runtime.Worker
	offsets offset.Store
	config  map[string]string
	before  Measures // of the last call of Progress
}

// NewPipeline opens the pipeline's offsets and checks its connector without connecting to source or sink.
func NewPipeline(ctx context.Context, p *config.Pipeline, lookup config.Lookup, o Options) (*Pipeline, error) {
	out := &Pipeline{Name: p.Name, Metrics: newMetrics(), config: p.ConnectorConfig()}
	metrics, err := runtime.NewMetrics(out.Metrics)
	if err != nil {
		return nil, err
	}
	if out.offsets, err = openOffsets(ctx, p, lookup, o); err != nil {
		return nil, err
	}
	states, err := statefile.Open("") // the file is the state
	if err != nil {
		return nil, err
	}
	b := &brokers{broker: p.Sink.Kind, natsOptions: o.NATSOptions, create: true}
	out.worker, err = runtime.NewWorker(runtime.WorkerConfig{
		ID: "millrace-run", Kinds: b.checking(all.Connectors()), Converter: byname.New, Producer: b.producer, Resolve: lookup.Resolve,
		Offsets: out.offsets, State: states, Metrics: metrics, Log: o.Log, Limits: runtime.Limits{StopTimeout: 10 * time.Second},
	})
	return out, err
}

func openOffsets(ctx context.Context, p *config.Pipeline, lookup config.Lookup, o Options) (offset.Store, error) {
	if p.Offsets.KafkaTopic == "" {
		return offsetfile.Open(p.Offsets.File)
	}
	opts, faults := lookup.Resolve(p.Sink.Options)
	if len(faults) > 0 {
		return nil, config.FaultsError(faults)
	}
	client, err := clientOptions(opts, o.Log)
	if err != nil {
		return nil, err
	}
	var store offset.Store
	err = patiently(ctx, o.Log, func() error {
		s, err := offsetkafka.Open(ctx, compacted.Config{Client: client, Topic: p.Offsets.KafkaTopic, Partitions: 1, Log: o.Log})
		store = s
		return err
	})
	return store, err
}

// Run runs the pipeline until ctx ends or its source is finished: nil for both. A failure that waits for a person is an
// error.
func (p *Pipeline) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.worker.Run(gctx) })
	g.Go(func() error {
		defer stop()
		for !p.worker.Ready() {
			select {
			case <-gctx.Done():
				return nil
			case <-time.After(time.Millisecond):
			}
		}
		_, err := p.worker.Create(gctx, p.Name, p.config, "")
		if err == nil {
			err = p.worker.Wait(gctx, p.Name)
		}
		if gctx.Err() != nil {
			return nil
		}
		return err
	})
	err := g.Wait()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if err != nil {
		err = fmt.Errorf("pipeline %s: %w", p.Name, err)
	}
	return errors.Join(err, p.offsets.Close(closing))
}
