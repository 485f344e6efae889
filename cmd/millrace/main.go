package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/schemas"
	"github.com/millrace/millrace/connect/config"
)

// version is set by the Makefile.
var version = "dev"

func main() {
	// What lives on the heap is mostly reused and without pointers: collecting it more often than usual costs little and
	// keeps the process small.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(30)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	if called, err := cmd.ExecuteContextC(ctx); err != nil {
		var faults config.FaultsError
		var exit *schemas.ExitError
		if errors.As(err, &exit) && err.Error() == "" {
			return exit.Code // the command has told all
		}
		if errors.As(err, &faults) && err.Error() == faults.Error() {
			fmt.Fprintln(stderr, faults) // each has its place already
		} else {
			fmt.Fprintln(stderr, "millrace:", err)
		}
		return exitCode(called)
	}
	return 0
}

// exitCode is what a command ends with for an error: 1, or what it or one above it is annotated with.
func exitCode(cmd *cobra.Command) int {
	for ; cmd != nil; cmd = cmd.Parent() {
		if code, err := strconv.Atoi(cmd.Annotations["exit"]); err == nil {
			return code
		}
	}
	return 1
}

// program is what all commands share.
type program struct {
	log   *slog.Logger
	level *slog.LevelVar
}

func root() *cobra.Command {
	p := &program{level: new(slog.LevelVar)}
	var level, format string
	cmd := &cobra.Command{
		Use: "millrace", Short: "A schema registry, a Connect worker and change data capture in one binary", Version: version,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd.Flags()); err != nil {
				return err
			}
			if err := p.level.UnmarshalText([]byte(level)); err != nil {
				return fmt.Errorf("--log-level: %q is none of debug, info, warn and error", level)
			}
			o := &slog.HandlerOptions{Level: p.level}
			switch format {
			case "text":
				p.log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), o))
			case "json":
				p.log = slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), o))
			default:
				return fmt.Errorf("--log-format: %q is none of text and json", format)
			}
			return nil
		},
	}
	cmd.PersistentFlags().StringVar(&level, "log-level", "info", "debug, info, warn or error")
	cmd.PersistentFlags().StringVar(&format, "log-format", "text", "text or json")
	cmd.AddCommand(registryCommand(p), connectCommand(p), serverCommand(p), runCommand(p), devCommand(p), demoCommand(p), consumeCommand(p), schemaCommand(p))
	return cmd
}

// fromEnvironment sets the flags that were not given from MILLRACE_… variables.
func fromEnvironment(flags *pflag.FlagSet) error {
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "MILLRACE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v, ok := os.LookupEnv(name); ok && !f.Changed && f.Name != "help" && f.Name != "version" {
			if err := flags.Set(f.Name, v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	})
	return errors.Join(errs...)
}

// lookup resolves references against the process's environment.
func lookup() config.Lookup { return config.Lookup{Env: os.LookupEnv} }
