package server

import (
	stdcontext "context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"chartroom/internal/gate"
)

// sessionCookie holds the session's token; a script of the page cannot read it
// and no other site can send it.
const sessionCookie = "chartroom_session"

// policyHeader is the Content-Security-Policy of every answer: our own files
// and nothing else, no inline script or style, no frame around us.
const policyHeader = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

type actorKey struct{}

// actorOf returns who makes the request; the guard put it there.
func actorOf(ctx context) gate.Actor {
	actor, _ := ctx.Value(actorKey{}).(gate.Actor)
	return actor
}

// ServeHTTP guards and logs every request, then lets the route answer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	out := &recorder{ResponseWriter: w, status: http.StatusOK}
	_, pattern := s.mux.Handler(r)
	rt, known := s.routes[pattern]
	defer func() {
		if fault := recover(); fault != nil {
			s.opt.Log.Error("request failed", slog.String("route", pattern), slog.String("stack", string(debug.Stack())))
			if !out.wrote {
				http.Error(out, "Something went wrong on our side.", http.StatusInternalServerError)
			}
		}
		s.opt.Log.Info("request", slog.String("route", pattern), slog.String("method", r.Method), slog.Int("status", out.status),
			slog.Duration("took", time.Since(begin)), slog.Int64("bytes", out.bytes))
	}()
	securityHeaders(out.Header())
	if !known || !rt.Public {
		actor, err := s.authenticate(r)
		if err != nil {
			s.refuse(out, r)
			return
		}
		r = r.WithContext(stdcontext.WithValue(r.Context(), actorKey{}, actor))
	}
	if err := s.cross.Check(r); err != nil {
		http.Error(out, "This request came from another site.", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(out, r.Body, rt.limit())
	if pattern == "" {
		s.absent(out, r)
		return
	}
	s.mux.ServeHTTP(out, r)
}

// absent answers an address or a method that there is not.
func (s *Server) absent(w http.ResponseWriter, r *http.Request) {
	f := &fault{http.StatusNotFound, "There is nothing at this address."}
	allowed := []string{}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		f = &fault{http.StatusMethodNotAllowed, "This address does not take " + r.Method + "."}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
	}
	if forPrograms(r.URL.Path) {
		f.writeProblem(w)
		return
	}
	s.fail(w, r, f)
}

func securityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policyHeader)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
}

var errNobody = errors.New("no session and no token")

// authenticate finds who makes a request: by its bearer token if it brings an
// Authorization header, else by its session.
func (s *Server) authenticate(r *http.Request) (gate.Actor, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return gate.Actor{}, errNobody
		}
		return s.dept.Access.ByToken(r.Context(), strings.TrimSpace(secret))
	}
	token := sessionToken(r)
	if token == "" {
		return gate.Actor{}, errNobody
	}
	return s.dept.Access.Session(r.Context(), token)
}

// refuse answers a closed route that nobody signed in for: programs get 401,
// people are led to the sign-in form and from there back.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	if forPrograms(r.URL.Path) || r.Header.Get("X-Fragment") != "" || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="chartroom"`)
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"title":"Unauthorized","status":401,"detail":"Sign in or send a token."}` + "\n"))
		return
	}
	to := "/sign-in"
	if next := safeNext(r.URL.EscapedPath()); next != "" && next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func forPrograms(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/fhir/") || strings.HasPrefix(path, "/session/")
}

// safeNext returns a path of our own to go on to after sign-in, "" for
// anything else.
func safeNext(path string) string {
	// Browsers skip tabs and line ends: "/<tab>/elsewhere" is another host to them.
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) || !plainText(path) || strings.HasPrefix(path, "/sign-") {
		return ""
	}
	return path
}

func (rt Route) limit() int64 {
	if rt.Limit == 0 {
		return bodyLimit
	}
	return rt.Limit
}

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

// WriteHeader remembers the status.
func (w *recorder) WriteHeader(code int) {
	if !w.wrote {
		w.status, w.wrote = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write counts the bytes.
func (w *recorder) Write(p []byte) (int, error) {
	w.wrote = true
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err //nolint:wrapcheck // a ResponseWriter hands on what it gets
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var errPermitted = errors.New("permitted")

// permitted asks the policy without doing anything, for actions that look at
// what they were given before they come to the gate. A refusal is recorded as
// any other; that it would be permitted is not.
func (s *Server) permitted(ctx context, action gate.Action, subject gate.Subject) error {
	err := s.dept.Gate.Read(ctx, actorOf(ctx), action, subject, func(*gate.Tx) error { return errPermitted })
	if errors.Is(err, errPermitted) {
		return nil
	}
	return err
}

// offers reports whether the policy lets the actor take an action on a record, with
// the privileges they hold: what it would refuse is not offered.
func (s *Server) offers(ctx context, action gate.Action, record string) (bool, error) {
	return s.dept.Gate.Permits(ctx, actorOf(ctx), action, gate.Record(record))
}
