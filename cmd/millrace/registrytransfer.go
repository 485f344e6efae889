package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/registries"
)

const storesHelp = "a registry's store that no server has open: file:DIR, kafka:BROKERS or nats:URL"

func placeFlags(f *pflag.FlagSet, p *registries.Place, what string) {
	f.StringVar(&p.URL, "registry", "", "the registry "+what+": http://host:port")
	f.StringVar(&p.Store, "store", "", "in its place "+storesHelp)
	accessFlags(f, &p.Access, "registry")
}

func optionFlags(f *pflag.FlagSet, o *registries.Options) {
	f.StringArrayVar(&o.Contexts, "context", nil, "move a context, FROM=TO, or TO where there is but one; may be given again")
	f.StringSliceVar(&o.Subjects, "subjects", nil, "only subjects like these patterns, with * and ?, and what they refer to")
	f.BoolVar(&o.DryRun, "dry-run", false, "say what would be done and do nothing")
	f.BoolVar(&o.SchemasOnly, "schemas-only", false, "leave configs, modes and associations alone")
	f.BoolVar(&o.KeepImport, "keep-import", false, "leave the registry in mode IMPORT where it is in it already")
}

func backupCommand(p *program) *cobra.Command {
	var from registries.Place
	var output string
	cmd := &cobra.Command{
		Use: "backup", Short: "Write all that a registry holds to a file", Args: cobra.NoArgs,
		Long: "Write all that a registry holds to a file: subjects, versions and ids, soft-deleted ones too, metadata, rules, configs and modes.\n\nThe registry is any with Confluent's API. docs/backup.md has the details.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return registries.Backup(cmd.Context(), p.log, from, output, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	placeFlags(cmd.Flags(), &from, "to back up")
	cmd.Flags().StringVar(&output, "output", "", "the file, compressed where it ends in .gz or .zst; empty: the standard output")
	return cmd
}

func restoreCommand(p *program) *cobra.Command {
	var to registries.Place
	var o registries.Options
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Bring a registry to what a backup says", Args: cobra.ExactArgs(1),
		Long: "Bring a registry to what a backup says, with the same ids and versions. What is there already stays, and what stands in the way is\ntold before anything is written; so it can be run again. docs/backup.md has the details.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return registries.Restore(cmd.Context(), p.log, args[0], cmd.InOrStdin(), to, o, cmd.OutOrStdout())
		},
	}
	placeFlags(cmd.Flags(), &to, "to restore to")
	optionFlags(cmd.Flags(), &o)
	return cmd
}

func importCommand(p *program) *cobra.Command {
	var from registries.Access
	var to registries.Place
	var o registries.Options
	cmd := &cobra.Command{
		Use: "import", Short: "Bring a registry to what another one holds", Args: cobra.NoArgs,
		Long: "Bring a registry to what another one holds, with the same ids and versions: one of Confluent's, Karapace, Redpanda, Apicurio's\n/apis/ccompat/v7, or Millrace. It can be run again. docs/backup.md has the details.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return registries.Import(cmd.Context(), p.log, from, to, o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&from.URL, "from", "", "the registry to import from, http://host:port")
	accessFlags(cmd.Flags(), &from, "from")
	placeFlags(cmd.Flags(), &to, "to import into")
	optionFlags(cmd.Flags(), &o)
	return cmd
}
