package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/cmd/stack"
	"github.com/millrace/millrace/connect/config"
)

func connectCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "connect FILE", Short: "A Connect worker alone", Args: cobra.ExactArgs(1),
		Long: "A Connect worker alone, with the API of Kafka Connect's.\n\nFILE is a worker file of Kafka Connect (.properties), or the same keys as YAML: standalone with offset.storage.file.filename,\ndistributed with group.id and the three storage topics.",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			stop, err := profile(os.Getenv("MILLRACE_CPU_PROFILE"))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stop()) }()
			c, err := p.worker(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return c.Run(cmd.Context())
		},
	}
}

func serverCommand(p *program) *cobra.Command {
	var listen, store string
	var serving func() stack.Serving
	var node func() stack.Node
	cmd := &cobra.Command{
		Use: "server FILE", Short: "The registry and a Connect worker in one process", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := stack.NewRegistry(cmd.Context(), p.log, version, listen, store, serving(), node())
			if err != nil {
				return err
			}
			g, ctx := errgroup.WithContext(cmd.Context())
			g.Go(func() error { return r.Run(ctx) })
			g.Go(func() error {
				c, err := p.worker(ctx, args[0])
				if err != nil {
					return err
				}
				return c.Run(ctx)
			})
			return g.Wait()
		},
	}
	cmd.Flags().StringVar(&listen, "registry-listen", ":8081", "address of the registry, host:port")
	cmd.Flags().StringVar(&store, "store", "file:data/registry", "where schemas are kept: memory, file:DIR, kafka:BROKERS or nats:URL")
	serving = servingFlags(cmd)
	node = nodeFlags(cmd)
	return cmd
}

// worker makes the worker of a worker file.
func (p *program) worker(ctx context.Context, file string) (*stack.Connect, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the worker file: %w", err)
	}
	cfg, err := config.ReadWorker(file, data, lookup())
	if err != nil {
		return nil, err
	}
	return stack.NewConnect(ctx, cfg, stack.Options{Log: p.log, Level: p.level, Version: version})
}

// profile writes a CPU profile to path until stop is called; an empty path is none.
func profile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("making the CPU profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
