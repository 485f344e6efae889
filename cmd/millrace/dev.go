package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/demo"
	"github.com/millrace/millrace/cmd/stack"
)

// devFlags are what dev and demo share.
func devFlags(cmd *cobra.Command, c *stack.DevConfig, dir string) {
	cmd.Flags().StringVar(&c.Host, "host", "127.0.0.1", "address to listen on")
	cmd.Flags().StringVar(&c.Dir, "data", dir, "directory of all data")
	cmd.Flags().IntVar(&c.RegistryPort, "registry-port", 8081, "port of the registry")
	cmd.Flags().IntVar(&c.ConnectPort, "connect-port", 8083, "port of the Connect API")
	cmd.Flags().IntVar(&c.NATSPort, "nats-port", 4222, "port of NATS")
}

func devCommand(p *program) *cobra.Command {
	var c stack.DevConfig
	cmd := &cobra.Command{
		Use: "dev", Short: "Everything in one process: registry, Connect worker and NATS JetStream", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := stack.NewDev(cmd.Context(), c, lookup(), stack.Options{Log: p.log, Level: p.level, Version: version})
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "registry %s\nconnect  %s\nnats     %s\n", d.RegistryURL, d.ConnectURL, d.NATSURL)
			return d.Run(cmd.Context())
		},
	}
	devFlags(cmd, &c, "data")
	return cmd
}

func demoCommand(p *program) *cobra.Command {
	var c stack.DevConfig
	var length time.Duration
	cmd := &cobra.Command{
		Use: "demo", Short: "The main job on this machine: PostgreSQL, registry-encoded records, NATS", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("log-level") {
				_ = p.level.UnmarshalText([]byte("warn")) // the terminal is for the changes
			}
			return demo.Run(cmd.Context(), demo.Config{Dev: c, For: length, Out: cmd.OutOrStdout(), Lookup: lookup(), Options: stack.Options{Log: p.log, Level: p.level, Version: version}})
		},
	}
	devFlags(cmd, &c, filepath.Join("data", "demo"))
	cmd.Flags().DurationVar(&length, "for", 0, "end by itself after this time, as 30s, with a summary; 0: never")
	return cmd
}
