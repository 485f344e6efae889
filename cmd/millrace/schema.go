package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/registries"
	"github.com/millrace/millrace/cmd/schemas"
	"github.com/millrace/millrace/compat"
)

// usageError is the exit code of schema commands for everything but a verdict.
const usageError = 2

func schemaCommand(*program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "schema", Short: "Check, compare, lint and register schema files", Annotations: map[string]string{"exit": fmt.Sprint(usageError)},
		Long: "Check, compare, lint and register schema files: Avro (.avsc), Protobuf (.proto) and JSON Schema (.json).\n\nThe exit code is 0 for compatible, 1 for incompatible and 2 for everything else that went wrong.",
		Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			return errors.New("schema needs one of its commands: check, diff, lint or register")
		},
	}
	cmd.AddCommand(
		schemaSub("check", "Check that files may follow the versions before them", func(ctx context.Context, o *schemaOptions, set *schemas.Set, past schemas.Past) (*schemas.Report, error) {
			return schemas.Check(ctx, set, past, schemas.CheckOptions{}), nil
		}),
		schemaSub("diff", "Show every difference in both directions, and each level's verdict", func(ctx context.Context, o *schemaOptions, set *schemas.Set, past schemas.Past) (*schemas.Report, error) {
			return schemas.Check(ctx, set, past, schemas.CheckOptions{Diff: true}), nil
		}),
		schemaSub("lint", "Warn of what registries let through and people trip over", func(ctx context.Context, o *schemaOptions, set *schemas.Set, past schemas.Past) (*schemas.Report, error) {
			return schemas.Lint(ctx, set, past, schemas.LintOptions{Strict: o.strict}), nil
		}),
		schemaSub("register", "Register files, those that others refer to first", func(ctx context.Context, o *schemaOptions, set *schemas.Set, past schemas.Past) (*schemas.Report, error) {
			r, ok := past.(*schemas.Registry)
			if !ok {
				return nil, errors.New("register needs --registry")
			}
			return schemas.Register(ctx, set, r, schemas.RegisterOptions{DryRun: o.dryRun, Normalize: o.normalize})
		}),
	)
	return cmd
}

// schemaOptions are the flags of the schema commands.
type schemaOptions struct {
	against, level, policy, subject, output string
	dryRun, normalize, strict               bool
	registry                                registries.Access
}

func schemaSub(name, short string, run func(context.Context, *schemaOptions, *schemas.Set, schemas.Past) (*schemas.Report, error)) *cobra.Command {
	var o schemaOptions
	cmd := &cobra.Command{
		Use: name + " [FILE|DIR…]", Short: short,
		Long: short + ".\n\nWithout arguments the files are those of millrace-schemas.yaml, or of the directory. docs/schema-check.md has the details.",
		RunE: func(cmd *cobra.Command, args []string) error {
			set, past, err := o.open(cmd.Context(), args, name != "lint")
			if err != nil {
				return err
			}
			report, err := run(cmd.Context(), &o, set, past)
			if err != nil {
				return err
			}
			return errors.Join(report.Write(cmd.OutOrStdout(), o.output), report.Err())
		},
	}
	cmd.Flags().StringVar(&o.registry.URL, "registry", "", "the schema registry that has the versions before, http://host:port")
	accessFlags(cmd.Flags(), &o.registry, "registry")
	cmd.Flags().StringVar(&o.subject, "subject", "", "the subject of the only file; empty: its name without the extension")
	cmd.Flags().StringVar(&o.output, "output", "text", strings.Join(schemas.OutputNames, ", "))
	if name == "lint" {
		cmd.Flags().BoolVar(&o.strict, "strict", false, "exit with 1 where there is a warning")
	}
	if name != "register" {
		cmd.Flags().StringVar(&o.against, "against", "", "where the versions before are without a registry: git:REF or dir:PATH")
		cmd.Flags().StringVar(&o.level, "level", "", "the compatibility level; empty: the manifest's, the registry's or BACKWARD")
		cmd.Flags().StringVar(&o.policy, "policy", "", "the compatibility policy, STRICT, LENIENT or LOGICAL; empty: the manifest's, the registry's or STRICT")
	} else {
		cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check only")
		cmd.Flags().BoolVar(&o.normalize, "normalize", false, "let the registry keep the normalised form")
	}
	return cmd
}

func (o *schemaOptions) open(ctx context.Context, args []string, needsPast bool) (*schemas.Set, schemas.Past, error) {
	level, ok := compat.ParseLevel(o.level)
	if !ok && o.level != "" {
		return nil, nil, fmt.Errorf("--level: %q is none of %v", o.level, compat.Levels())
	}
	if !ok {
		level = ""
	}
	policy, ok := compat.ParsePolicy(o.policy)
	if !ok && o.policy != "" {
		return nil, nil, fmt.Errorf("--policy: %q is none of %v", o.policy, compat.Policies())
	}
	if !ok {
		policy = ""
	}
	if err := schemas.CheckOutput(o.output); err != nil {
		return nil, nil, err
	}
	set, err := schemas.Load(schemas.Options{Args: args, Subject: o.subject, Level: level, Policy: policy})
	if err != nil {
		return nil, nil, err
	}
	switch {
	case o.registry.URL != "" && o.against != "":
		return nil, nil, errors.New("--registry and --against exclude each other")
	case o.registry.URL != "":
		c, err := o.registry.Client()
		return set, &schemas.Registry{Client: c}, err
	case o.against != "":
		past, err := schemas.OpenPast(ctx, o.against, set)
		return set, past, err
	case needsPast:
		return nil, nil, errors.New("what is before the files? --registry URL, --against git:REF or --against dir:PATH")
	}
	return set, nil, nil
}
