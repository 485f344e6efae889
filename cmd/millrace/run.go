package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/cmd/stack"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/all"
)

func runCommand(p *program) *cobra.Command {
	var check bool
	var every time.Duration
	cmd := &cobra.Command{
		Use: "run FILE…", Short: "Run pipeline files in the foreground", Args: cobra.MinimumNArgs(1),
		Long: "Run pipeline files in the foreground until they are finished, one fails or Ctrl-C. docs/pipeline.md has every key.",
		RunE: func(cmd *cobra.Command, args []string) error {
			stop, err := profile(os.Getenv("MILLRACE_CPU_PROFILE"))
			if err != nil {
				return err
			}
			defer func() { _ = stop() }()
			var faults config.FaultsError
			var files []*config.Pipeline
			for _, file := range args {
				data, err := os.ReadFile(file)
				if err != nil {
					return fmt.Errorf("reading the pipeline file: %w", err)
				}
				f, err := config.ReadPipeline(file, data, all.Parts(), lookup())
				if found, ok := err.(config.FaultsError); ok { //nolint:errorlint // ReadPipeline promises the type itself
					faults = append(faults, found...)
					continue
				} else if err != nil {
					return err
				}
				files = append(files, f)
			}
			if len(faults) > 0 {
				return faults
			}
			if check {
				fmt.Fprintf(cmd.OutOrStdout(), "%d pipeline files are in order\n", len(files))
				return nil
			}
			return p.runPipelines(cmd, files, every)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "read and check the files, connect to nothing")
	cmd.Flags().DurationVar(&every, "progress", 5*time.Second, "how often the progress line is printed; 0: never")
	return cmd
}

func (p *program) runPipelines(cmd *cobra.Command, files []*config.Pipeline, every time.Duration) error {
	g, ctx := errgroup.WithContext(cmd.Context())
	var pipelines []*stack.Pipeline
	for _, f := range files {
		pl, err := stack.NewPipeline(ctx, f, lookup(), stack.Options{Log: p.log, Version: version})
		if err != nil {
			return fmt.Errorf("pipeline %s: %w", f.Name, err)
		}
		pipelines = append(pipelines, pl)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		progressLines(ctx.Done(), cmd.ErrOrStderr(), pipelines, every)
	}()
	for _, pl := range pipelines {
		g.Go(func() error { return pl.Run(ctx) })
	}
	err := g.Wait() // ends ctx
	<-done
	for _, pl := range pipelines {
		if line, e := pl.Progress(0); e == nil {
			fmt.Fprintln(cmd.ErrOrStderr(), line)
		}
	}
	return err
}

func progressLines(done <-chan struct{}, w io.Writer, pipelines []*stack.Pipeline, every time.Duration) {
	if every <= 0 {
		<-done
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			for _, pl := range pipelines {
				if line, err := pl.Progress(every); err == nil {
					fmt.Fprintln(w, line)
				}
			}
		}
	}
}
