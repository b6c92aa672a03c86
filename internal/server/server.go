package server

import (
	"cmp"
	stdcontext "context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chartroom/internal/app"
)

type context = stdcontext.Context

// bodyLimit is the longest request body of a route that names no other.
const bodyLimit = 1 << 20

// Options say how a department is served.
type Options struct {
	Log         *slog.Logger
	Now         func() time.Time
	Zone        *time.Location      // of the times on the pages; nil is the department's
	IdleMinutes int                 // until a page locks itself; 0 is 10
	Demo        []DemoSignIn        // shown on the sign-in page of a demo department
	Ready       func(context) error // a further condition of /healthz; nil for none
	Secure      bool                // served over TLS by a proxy in front: cookies are marked Secure
}

// DemoSignIn is one sign-in of a demo department.
type DemoSignIn struct{ Name, Password, Role string }

// Server serves one department. It is safe for concurrent use.
type Server struct {
	dept       *app.Department
	opt        Options
	mux        *http.ServeMux
	routes     map[string]Route // by the mux's pattern
	operations operations
	api        huma.API
	cross      *http.CrossOriginProtection
	filters    *filters
	names      names
}

// New binds every route of the table to a department.
func New(dept *app.Department, opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Zone == nil {
		opt.Zone = cmp.Or(dept.Zone, time.UTC)
	}
	if opt.IdleMinutes == 0 {
		opt.IdleMinutes = 10
	}
	s := &Server{
		dept: dept, opt: opt,
		mux: http.NewServeMux(), routes: map[string]Route{},
		operations: operations{}, cross: http.NewCrossOriginProtection(), filters: newFilters(),
	}
	s.api = newAPI(s.operations)
	for _, rt := range Routes() {
		h, err := rt.bind(s, rt)
		if err != nil {
			return nil, fmt.Errorf("route table: %w", err)
		}
		s.mux.Handle(rt.key(), s.wellFormed(rt, h))
		s.routes[rt.key()] = rt
	}
	describeIntake(s.api.OpenAPI())
	return s, s.complete()
}

// complete fails if the JSON API registered anything that the table does not
// list.
func (s *Server) complete() error {
	for pattern := range s.operations {
		if _, ok := s.routes[pattern]; !ok {
			return fmt.Errorf("route %q is not in the route table", pattern)
		}
	}
	return nil
}

// Serve answers on a listener until ctx ends, then lets running requests finish
// for up to ten seconds.
func (s *Server) Serve(ctx context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Minute, // a large import over a slow line
		WriteTimeout:      10 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // its texts may hold addresses
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := stdcontext.WithTimeout(stdcontext.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
