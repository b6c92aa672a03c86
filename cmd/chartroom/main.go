// Command chartroom is the workbench of health information technicians: one
// binary that serves a department and answers the batch commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"chartroom/internal/batch"
)

// cli is the whole command line; each command's flags stand in its own file.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"Make a demo department and serve it."`
	Serve   serveCmd   `cmd:"" help:"Serve a department: pages, API, and HL7 v2 over MLLP."`
	Import  importCmd  `cmd:"" help:"Take files into a department's records."`
	Code    codeCmd    `cmd:"" help:"Suggest and look up codes, in bulk."`
	Codeset codesetCmd `cmd:"" help:"List, import and verify code sets."`
	Routes  routesCmd  `cmd:"" help:"List every route of the server."`
	Audit   auditCmd   `cmd:"" help:"The audit log."`
	Token   tokenCmd   `cmd:"" help:"API tokens."`
	Staff   staffCmd   `cmd:"" help:"Who works in the department."`
	Key     keyCmd     `cmd:"" help:"The keys that records are sealed under."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what a command works with; tests pass their own.
type env struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
}

// trouble says that work in the background failed; it is tried again.
func (e *env) trouble(worker string, err error) {
	_, _ = fmt.Fprintf(e.stderr, "%s: %v; it is tried again\n", worker, err)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status(err, os.Stderr))
}

// run parses the command line and carries out the command it names.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var c cli
	parser, err := kong.New(&c,
		kong.Name("chartroom"),
		kong.Description("The open workbench of health information technicians. Try: chartroom demo"),
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return usage(err)
	}
	return command.Run(&env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}) //nolint:wrapcheck // the command's own error
}

// usage adds to what is wrong with a command line where help is to be found.
func usage(err error) error {
	at := "chartroom"
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
		at = strings.TrimSpace("chartroom " + parse.Context.Command())
		at, _, _ = strings.Cut(at, " <") // the command without its arguments
	}
	return fmt.Errorf("%w\nSee: %s --help", err, at)
}

// status turns a command's error into its exit status: 0 all answered, 2 some
// lines refused, 3 a check that found the input invalid, 1 anything else.
func status(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, batch.ErrRefused):
		return 2
	case errors.Is(err, batch.ErrInvalid):
		return 3
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(stderr, "chartroom: interrupted")
		return 1
	default:
		_, _ = fmt.Fprintf(stderr, "chartroom: %v\n", err)
		return 1
	}
}
