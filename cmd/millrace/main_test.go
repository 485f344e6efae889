package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/millrace/millrace/registry/registrytest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"millrace": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }})
}

// TestScripts runs the commands of testdata as a user would type them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("REGISTRY", registrytest.NewServer(t).URL) // one for each script
			return nil
		},
	})
}

// exits is the script command `code N COMMAND…`: it runs a command that must end with exit code N.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, got := args[0], "0"
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%v ended with code %s, want %s", args[1:], got, want)
	}
}
