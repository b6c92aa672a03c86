package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"chartroom/internal/app"
	"chartroom/internal/gate"
	"chartroom/internal/intake"
	"chartroom/internal/server"
)

// serveCmd serves the department of a folder: pages, JSON API, FHIR, and HL7
// over MLLP if an address is given for it.
type serveCmd struct {
	departmentFlags

	Addr   string `placeholder:"HOST:PORT" help:"Address to listen on; port 0 takes a free one." env:"CHARTROOM_ADDR" default:"127.0.0.1:8080"`
	MLLP   string `name:"mllp" placeholder:"HOST:PORT" help:"Address to take HL7 v2 messages on, by MLLP; none by default." env:"CHARTROOM_MLLP"`
	Secure bool   `help:"A proxy in front speaks TLS: mark cookies Secure." env:"CHARTROOM_SECURE"`
	Idle   int    `help:"Minutes without a key until a page locks itself." env:"CHARTROOM_IDLE" default:"10"`
	Log    string `help:"What to log: info has one line a request." enum:"debug,info,warn,error" env:"CHARTROOM_LOG" default:"info"`
}

// Help says how a department begins.
func (*serveCmd) Help() string {
	return `In an empty folder a new department is made, and a set-up code is printed: open the address and use it to become the
first administrator. GET /healthz answers 200 when the server can work. The log goes to standard error, one JSON object
a line, and names no patient. Ctrl-C lets running requests finish and ends the server.

    chartroom serve --dir department --addr 127.0.0.1:8080`
}

// Run serves until the process is told to end.
func (c *serveCmd) Run(e *env) error {
	dept, err := c.open(e)
	if err != nil {
		return err
	}
	return errors.Join(c.serve(e, dept, server.Options{}, func(address string) {
		_, _ = fmt.Fprintf(e.stdout, "Chartroom serves http://%s\n", address)
		first, err := dept.Access.FirstRun(e.ctx)
		if err == nil && first {
			_, _ = fmt.Fprintf(e.stdout, "Nobody works here yet. Open the address; the set-up code is %s\n", dept.Access.SetUpCode())
		}
	}), dept.Close())
}

// serve answers on the addresses of the flags until the process is told to end;
// ready is called once they are open. Logs hold no patient data and go to the
// standard error.
func (c *serveCmd) serve(e *env, dept *app.Department, opt server.Options, ready func(address string)) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	opt.Log = slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: level}))
	opt.Secure, opt.IdleMinutes = c.Secure, c.Idle
	srv, err := server.New(dept, opt)
	if err != nil {
		return err
	}
	go dept.Coding.Warm(e.ctx)
	var listen net.ListenConfig
	l, err := listen.Listen(e.ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on --addr: %w", err)
	}
	if c.MLLP == "" {
		ready(l.Addr().String())
		return srv.Serve(e.ctx, l)
	}
	m, err := listen.Listen(e.ctx, "tcp", c.MLLP)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on --mllp: %w", err), l.Close())
	}
	ready(l.Addr().String())
	return serveBoth(e.ctx,
		func(ctx context.Context) error { return srv.Serve(ctx, l) },
		func(ctx context.Context) error {
			return dept.Intake.Listen(ctx, m, listener(), intake.ListenerConfig{
				Now:     time.Now,
				Trouble: func(text string) { opt.Log.WarnContext(ctx, "mllp", slog.String("trouble", text)) },
			})
		})
}

// serveBoth runs two servers; when one ends, so does the other.
func serveBoth(ctx context.Context, one, two func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ends := make(chan error, 2)
	for _, run := range []func(context.Context) error{one, two} {
		go func() { ends <- run(ctx) }()
	}
	first := <-ends
	stop()
	return errors.Join(first, <-ends)
}

// listener is who takes in the messages of an MLLP listener.
func listener() gate.Actor { return gate.Actor{ID: "mllp", Kind: gate.System, Name: "MLLP listener"} }
