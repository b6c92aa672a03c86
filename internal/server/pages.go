package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// rooms are the entries of the bar at the top, with the roles that see them;
// none means everybody. The policy decides what a room answers; this only keeps
// doors out of sight that would not open.
var rooms = []struct {
	ui.Room
	roles []access.Role
}{
	{ui.Room{Name: "My work", Path: "/work"}, []access.Role{access.Technician, access.Coder, access.CDI, access.Biller, access.Registrar, access.Supervisor, access.Auditor}},
	{ui.Room{Name: "Incoming", Path: "/incoming"}, []access.Role{access.Technician, access.Supervisor}},
	{ui.Room{Name: "Patients", Path: "/find"}, []access.Role{access.Technician, access.Coder, access.CDI, access.Biller, access.Registrar, access.Identity, access.Release, access.Clinician, access.Supervisor, access.Privacy}},
	{ui.Room{Name: "Registration", Path: "/registration"}, []access.Role{access.Technician, access.Identity, access.Supervisor}},
	{ui.Room{Name: "In order", Path: "/order"}, []access.Role{access.Technician, access.Supervisor, access.Auditor}},
	{ui.Room{Name: "Encoder", Path: "/encoder"}, nil},
	{ui.Room{Name: "Masters", Path: "/masters"}, []access.Role{access.Technician, access.Identity, access.Biller, access.Supervisor, access.Administrator}},
	{ui.Room{Name: "Interfaces", Path: "/interface"}, []access.Role{access.Technician, access.Supervisor, access.Identity}},
	{ui.Room{Name: "Audit", Path: "/audit"}, []access.Role{access.Auditor, access.Privacy, access.Administrator}},
	{ui.Room{Name: "Downtime", Path: "/downtime"}, []access.Role{access.Supervisor}},
	{ui.Room{Name: "Administration", Path: "/administration"}, []access.Role{access.Administrator, access.Supervisor}},
}

// views are the lists inside the rooms that "go to" leads to from anywhere, by the
// path of their room.
var views = map[string][]ui.Room{
	"/work":      {{Name: "Hand-over note", Path: "/work/handover"}, {Name: "What I touched today", Path: "/work/today"}},
	"/incoming":  ui.IncomingViews[1:],
	"/find":      {{Name: "Documents by their words", Path: "/find/documents"}},
	"/interface": {{Name: "Settled interface errors", Path: "/interface?settled=1"}},
}

// frame is the frame of a page for whoever asked for it.
func (s *Server) frame(r *http.Request, title, room string) ui.Frame {
	actor := actorOf(r.Context())
	f := ui.Frame{
		Title: title, Room: room, Theme: themeOf(r), User: actor.Name, Account: s.accountOf(r.Context(), actor),
		Roles: actor.Roles, IdleSeconds: s.opt.IdleMinutes * 60,
	}
	if mode := s.dept.Downtime.Now(); mode.On {
		f.ReadOnly = "Read-only since " + s.zone().Minute(mode.Since) + ": records can be read, nothing is changed."
	}
	f.Rooms = roomsOf(actor)
	for _, room := range f.Rooms {
		if room.Path != "/work" || !slices.Equal(actor.Roles, []string{"auditor"}) { // who looks at work, and does none
			f.Views = append(f.Views, views[room.Path]...)
		}
	}
	return f
}

// roomsOf are the rooms an actor sees; the first is where they begin.
func roomsOf(actor gate.Actor) []ui.Room {
	seen := []ui.Room{}
	for _, room := range rooms {
		if len(room.roles) == 0 || holds(actor, room.roles...) {
			seen = append(seen, room.Room)
		}
	}
	return seen
}

// themeOf is the colour scheme a person chose, "" to follow the system. The
// cookie holds nothing else.
func themeOf(r *http.Request) string {
	if c, err := r.Cookie("chartroom_theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// asksFor reports whether a request asks for one part of its page, by the part's id
// (swap.js).
func asksFor(r *http.Request, part string) bool { return r.Header.Get("X-Fragment") == part }

// show writes a page. A page that fails while it is drawn ends the connection,
// so that half of one is never taken for the whole.
func (s *Server) show(w http.ResponseWriter, r *http.Request, code int, page templ.Component) {
	templ.Handler(page, templ.WithStatus(code), templ.WithErrorHandler(func(*http.Request, error) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
		})
	})).ServeHTTP(w, r)
}

// fail shows what went wrong, in the frame of a page.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if s.offerToOpen(w, r, err) {
		return
	}
	f := s.faultOf(r.Context(), err)
	title := map[int]string{
		http.StatusNotFound: "Not found", http.StatusForbidden: "Not permitted", http.StatusConflict: "It changed meanwhile",
	}[f.status]
	if title == "" {
		title = "That did not work"
	}
	s.show(w, r, f.status, ui.FaultPage(s.frame(r, title, ""), title, ui.Upper1(f.text)))
}

// opensWithReason is how the policy's refusals end that breaking the glass lifts.
const opensWithReason = "open it with a reason"

// offerToOpen shows, to somebody who may open a closed record with a reason, the
// form for it.
func (s *Server) offerToOpen(w http.ResponseWriter, r *http.Request, err error) bool {
	var denied *gate.Denied
	if r.Method != http.MethodGet || !errors.As(err, &denied) || !strings.HasSuffix(denied.Why, opensWithReason) {
		return false
	}
	record := denied.Request.Subject.Record
	if record == "" {
		return false
	}
	f := s.frame(r, "Closed record", "")
	s.show(w, r, http.StatusForbidden, ui.ClosedPage(f, denied.Why, record, safeNext(r.URL.EscapedPath()), access.GlassReasons()))
	return true
}

// breakGlass opens a closed record to the actor for an hour, with a reason.
func breakGlass(s *Server, w http.ResponseWriter, r *http.Request) {
	record, next := r.PostFormValue("record"), safeNext(r.PostFormValue("next"))
	if !slices.Contains(access.GlassReasons(), r.PostFormValue("reason")) {
		s.fail(w, r, unusable("Choose one of the reasons."))
		return
	}
	if _, err := s.dept.Access.BreakGlass(r.Context(), actorOf(r.Context()), record, r.PostFormValue("reason")); err != nil {
		s.fail(w, r, err)
		return
	}
	if next == "" {
		next = "/chart/" + record
	}
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // safeNext let it through
}

func healthz(s *Server, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.healthy(r.Context()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not working\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// healthy reports whether the department can work: whoever made the server
// may add a condition, such as that the demo is complete.
func (s *Server) healthy(ctx context) error {
	if s.opt.Ready != nil {
		if err := s.opt.Ready(ctx); err != nil {
			return err
		}
	}
	return s.dept.Gate.Health(ctx)
}

func static(_ *Server, w http.ResponseWriter, r *http.Request) { ui.ServeAsset(w, r) }

// openAPI writes the description of the JSON API. It is the same for everyone
// and tells of no patient.
func openAPI(s *Server, w http.ResponseWriter, _ *http.Request) {
	data, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		http.Error(w, "The description could not be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, _ = w.Write(data)
}

func encoderPage(s *Server, w http.ResponseWriter, r *http.Request) {
	f := s.frame(r, "Encoder", "/encoder")
	f.Script, f.Wide = "js/room.js", true
	s.show(w, r, http.StatusOK, ui.EncoderPage(f, ""))
}
