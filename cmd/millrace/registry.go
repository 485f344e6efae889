package main

import (
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/stack"
)

func registryCommand(p *program) *cobra.Command {
	var listen, store string
	cmd := &cobra.Command{
		Use: "registry", Short: "The schema registry alone", Args: cobra.NoArgs,
		Long: "The schema registry alone, with the API of Confluent's.\n\nSTORE is memory, which forgets, or file:DIR, which is durable before it answers.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := stack.NewRegistry(cmd.Context(), p.log, version, listen, store)
			if err != nil {
				return err
			}
			return r.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", ":8081", "address to listen on, host:port")
	cmd.Flags().StringVar(&store, "store", "file:data/registry", "where schemas are kept: memory or file:DIR")
	return cmd
}
