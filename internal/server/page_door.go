package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"chartroom/internal/access"
	"chartroom/internal/ui"
)

// home leads to the first room of whoever is signed in, through the sign-in form where nobody is
// signed in.
func home(s *Server, w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	if actor, err := s.authenticate(r); err == nil {
		to = roomsOf(actor)[0].Path
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func signInForm(s *Server, w http.ResponseWriter, r *http.Request) {
	if first, err := s.dept.Access.FirstRun(r.Context()); err == nil && first {
		http.Redirect(w, r, "/set-up", http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, ui.SignIn(themeOf(r), "", safeNext(r.URL.Query().Get("next")), "", s.demoSignIns()))
}

func (s *Server) demoSignIns() []ui.DemoSignIn {
	list := make([]ui.DemoSignIn, 0, len(s.opt.Demo))
	for _, d := range s.opt.Demo {
		list = append(list, ui.DemoSignIn(d))
	}
	return list
}

// signIn opens a session. The answer to a failed attempt is the same whatever
// was wrong with it, but for a locked name.
func signIn(s *Server, w http.ResponseWriter, r *http.Request) {
	name, next := strings.TrimSpace(r.PostFormValue("name")), safeNext(r.PostFormValue("next"))
	session, err := s.dept.Access.SignIn(r.Context(), name, r.PostFormValue("password"), address(r))
	if err != nil {
		status, text := s.signInFault(r.Context(), err)
		s.show(w, r, status, ui.SignIn(themeOf(r), name, next, text, s.demoSignIns()))
		return
	}
	s.setCookie(w, r, session.Token)
	if next == "" {
		next = roomsOf(session.Actor)[0].Path
	}
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // safeNext let it through
}

// unlock opens the locked screen of a session. Where the session has ended
// meanwhile, the same person signs in anew.
func unlock(s *Server, w http.ResponseWriter, r *http.Request) {
	password := r.PostFormValue("password")
	err := s.dept.Access.Unlock(r.Context(), sessionToken(r), password, address(r))
	if errors.Is(err, access.ErrNoSession) {
		var session access.Session
		if session, err = s.dept.Access.SignIn(r.Context(), r.PostFormValue("name"), password, address(r)); err == nil {
			s.setCookie(w, r, session.Token)
		}
	}
	if err != nil {
		status, text := s.signInFault(r.Context(), err)
		http.Error(w, text, status)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// lock locks the screen: until it is unlocked the session opens nothing. The
// page that asked covers itself and keeps its work.
func lock(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Access.Lock(r.Context(), sessionToken(r)); err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func signOut(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Access.SignOut(r.Context(), sessionToken(r)); err != nil {
		s.fail(w, r, err)
		return
	}
	http.SetCookie(w, s.cookie(r, "", -1))
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, token string) {
	http.SetCookie(w, s.cookie(r, token, 0))
}

// cookie holds a session's token until the browser closes; the session itself
// ends at the server before.
func (s *Server) cookie(r *http.Request, token string, age int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever the connection is; a laptop without TLS works too
		Name: sessionCookie, Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.opt.Secure || r.TLS != nil, SameSite: http.SameSiteStrictMode,
	}
}

func setUpForm(s *Server, w http.ResponseWriter, r *http.Request) {
	if first, err := s.dept.Access.FirstRun(r.Context()); err != nil || !first {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, ui.SetUp(themeOf(r), ui.FirstPerson{}, ""))
}

// setUp makes the first administrator of an empty department; once there is
// one it only leads to the sign-in form.
func setUp(s *Server, w http.ResponseWriter, r *http.Request) {
	first, err := s.dept.Access.FirstRun(r.Context())
	if err != nil || !first {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return
	}
	form := ui.FirstPerson{
		Code: r.PostFormValue("code"), Login: strings.TrimSpace(r.PostFormValue("name")), Name: strings.TrimSpace(r.PostFormValue("full")),
	}
	_, err = s.dept.Access.SetUp(r.Context(), form.Code, access.NewStaff{
		Login: form.Login, Name: form.Name, Roles: []access.Role{access.Administrator}, Password: r.PostFormValue("password"),
	})
	if err != nil {
		s.show(w, r, http.StatusUnprocessableEntity, ui.SetUp(themeOf(r), form, plain(err)))
		return
	}
	http.Redirect(w, r, "/sign-in?"+url.Values{"next": {"/administration"}}.Encode(), http.StatusSeeOther)
}

// plain is the text of an error of package access, which is written for people.
func plain(err error) string {
	return ui.Upper1(strings.TrimPrefix(err.Error(), "access: ")) + "."
}
