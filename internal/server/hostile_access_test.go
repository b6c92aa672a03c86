package server_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/gate"
	"chartroom/internal/server"
)

// goodBody is a body that gets past the look at its form, so that the policy is
// what answers.
func goodBody(rt server.Route) (media string, body []byte) {
	bodies := map[string]string{
		"/api/v1/find": `{"query":"` + roomFamily + `"}`, "/api/v1/encoder/search": `{"query":"pneumonia"}`, "/api/v1/encoder/index": `{"term":"pneumonia"}`,
		"/api/v1/encounters/{id}/notes": `{"type":"progress","text":"x"}`, "/api/v1/intake": roomNote,
		"accept": `{"revision":0,"suggestion":"x"}`, "reject": `{"revision":0,"suggestion":"x","reason":"y"}`, "add": `{"revision":0,"system":"icd10cm","code":"I10"}`,
		"remove": `{"revision":0,"code":"x"}`, "move": `{"revision":0,"code":"x","position":0}`, "poa": `{"revision":0,"code":"x","poa":"Y"}`,
		"date": `{"revision":0,"code":"x","date":"2026-09-01"}`, "waive": `{"revision":0,"finding":"x","reason":"y"}`, "undo": `{"revision":0}`, "redo": `{"revision":0}`,
		"finalise": `{"revision":0}`, "reopen": `{"revision":0,"reason":"y"}`, "{slot}": `{"text":"x"}`,
	}
	if body, ok := bodies[rt.Pattern]; ok {
		return jsonType, []byte(body)
	}
	last := rt.Pattern[strings.LastIndexByte(rt.Pattern, '/')+1:]
	if body, ok := bodies[last]; ok {
		return jsonType, []byte(body)
	}
	if rt.Method == http.MethodPost && !strings.HasPrefix(rt.Pattern, "/api/") {
		return formType, []byte("query=" + roomFamily + "&name=x")
	}
	return jsonType, nil
}

// TestClosedRoutesOpenToNobody asks every route without a session, with wrong
// and with ended ones. A closed route answers all alike, and before it looks at
// identifiers, bodies, methods or where the request comes from.
func TestClosedRoutesOpenToNobody(t *testing.T) {
	r := openRoom(t)
	revoked, token, err := r.dept.Access.CreateToken(t.Context(), access.Console(), "gone", "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if w := r.do(http.MethodGet, "/api/v1/encounters", "", nil, withToken(revoked)); w.Code != http.StatusOK {
		t.Fatalf("a fresh token: %d", w.Code)
	}
	if err := r.dept.Access.RevokeToken(t.Context(), access.Console(), token.ID); err != nil {
		t.Fatal(err)
	}
	expired, _, err := r.dept.Access.CreateToken(t.Context(), access.Console(), "old", "", time.Now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	outsiders := map[string]as{
		"nothing": nobody, "wrong token": withToken("chartroom_" + strings.Repeat("A", 43)), "revoked token": withToken(revoked),
		"expired token": withToken(expired), "empty token": withToken(""), "wrong cookie": withCookie("x"),
		"basic":           func(q *http.Request) { q.SetBasicAuth("program", r.program) },
		"token in cookie": withCookie(r.program),
		"token in query":  func(q *http.Request) { q.URL.RawQuery += "&token=" + r.program + "&access_token=" + r.program },
		"token elsewhere": func(q *http.Request) {
			q.Header.Set("X-Api-Key", r.program)
			q.Header.Set("Cookie", "token="+r.program)
		},
		"from elsewhere": func(q *http.Request) { q.Header.Set("Origin", "https://elsewhere.example") },
	}
	r.programActor() // remembers the secret as a token's: a cookie must not profit
	for _, rt := range server.Routes() {
		if rt.Public {
			continue
		}
		media, body := goodBody(rt)
		path := r.fill(rt.Pattern)
		other := strings.NewReplacer(r.encounter, "nothing", r.record, "nothing", r.document, "nothing", r.message, "nothing").Replace(path)
		want := r.do(rt.Method, path, media, body, nobody)
		for name, who := range outsiders {
			for _, at := range []struct{ method, path string }{{rt.Method, path}, {rt.Method, other}, {"DELETE", path}} {
				w := r.do(at.method, at.path, media, body, who)
				same := at.method == rt.Method && at.path == path
				if w.Code != http.StatusUnauthorized && w.Code != http.StatusSeeOther || same && (w.Code != want.Code || w.Body.String() != want.Body.String()) {
					t.Errorf("%s %s with %s: %d %.80s", at.method, at.path, name, w.Code, w.Body.String())
				}
				if leaks(w) {
					t.Errorf("%s %s with %s tells of the patient", at.method, at.path, name)
				}
			}
		}
		// A body that is wrong in every way changes nothing about the answer.
		if w := r.do(rt.Method, path, "nonsense///", []byte{0, 255}, nobody); w.Code != want.Code || w.Body.String() != want.Body.String() {
			t.Errorf("%s %s: a bad body is answered %d, not %d", rt.Method, path, w.Code, want.Code)
		}
	}
	r.alive()
}

// leaks reports whether an answer, its headers included, tells of the room's
// patient.
func leaks(w *httptest.ResponseRecorder) bool {
	all := w.Body.String()
	for name, values := range w.Header() {
		all += name + strings.Join(values, " ")
	}
	return slices.ContainsFunc([]string{roomFamily, "Ottoline", roomNumber, roomText, "Vellum", "V771"}, func(word string) bool {
		return strings.Contains(all, word)
	})
}

// TestEveryRoleAtEveryRoute compares what each route answers each role with what
// the policy says of its action.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	r := openRoom(t, access.Roles()...)
	for _, rt := range server.Routes() {
		if rt.Public || rt.Pattern == "/session/lock" {
			continue
		}
		media, body := goodBody(rt)
		for role, session := range r.sessions {
			w := r.do(rt.Method, r.fill(rt.Pattern), media, body, withCookie(session))
			permitted := r.permitted(role, rt)
			// A form is looked at before the policy is asked; an empty search form
			// asks nothing; a coding that was begun is shown to whoever may read it.
			refused := w.Code >= 400 || rt.Pattern == "/find" || strings.HasSuffix(rt.Pattern, "/suggest")
			if w.Code >= 500 || w.Code == http.StatusUnauthorized || permitted && w.Code == http.StatusForbidden || !permitted && !refused {
				t.Errorf("%s %s as %s: %d, while the policy permits it: %v\n%.200s", rt.Method, rt.Pattern, role, w.Code, permitted, w.Body.String())
			}
			if !permitted && leaks(w) && !strings.HasSuffix(rt.Pattern, "/suggest") {
				t.Errorf("%s %s tells %s of the patient, whom the policy refuses it", rt.Method, rt.Pattern, role)
			}
			if (role == access.Researcher || role == access.Administrator) && leaks(w) {
				t.Errorf("%s %s tells %s of the patient", rt.Method, rt.Pattern, role)
			}
		}
	}
	r.alive()
}

// permitted asks the policy itself. Routes that name no action are open to
// whoever signed in.
func (r *room) permitted(role access.Role, rt server.Route) bool {
	r.t.Helper()
	if rt.Action == "" {
		return true
	}
	subject := gate.Department()
	if strings.Contains(rt.Pattern, "{id}") || strings.Contains(rt.Pattern, "{record}") || strings.Contains(rt.Pattern, "{encounter}") {
		subject = gate.Encounter(r.record, r.encounter)
	}
	err := r.dept.Gate.Read(r.t.Context(), r.people[role].Actor(), rt.Action, subject, func(*gate.Tx) error { return nil })
	var denied *gate.Denied
	if err != nil && !errors.As(err, &denied) {
		r.t.Fatal(err)
	}
	return err == nil
}

// TestOtherSitesCannotAct posts as a page of another site would have the browser
// post, with the session's cookie.
func TestOtherSitesCannotAct(t *testing.T) {
	r := openRoom(t, access.Supervisor)
	before := r.counts()
	for _, rt := range server.Routes() {
		if rt.Method == http.MethodGet {
			continue
		}
		media, body := goodBody(rt)
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
			w := r.do(rt.Method, r.fill(rt.Pattern), media, body, func(q *http.Request) {
				withCookie(r.sessions[access.Supervisor])(q)
				q.Header.Set(name, value)
			})
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s with %s %s: %d", rt.Method, rt.Pattern, name, value, w.Code)
			}
		}
	}
	if after := r.counts(); !equal(before, after) {
		t.Errorf("something was written: %v, then %v", before, after)
	}
}

func equal(a, b map[string]int) bool {
	for name := range a {
		if a[name] != b[name] {
			return false
		}
	}
	return len(a) == len(b)
}

// TestSessions follows a session from sign-in to its end.
func TestSessions(t *testing.T) {
	r := openRoom(t, access.Coder)
	planted := withCookie("planted-by-an-attacker")
	var w *httptest.ResponseRecorder
	for _, next := range []string{"/\t/elsewhere.example", "//elsewhere.example", `/\elsewhere.example`, "https://elsewhere.example", "javascript:alert(1)", "/sign-out", ""} {
		form := url.Values{"name": {"coder"}, "password": {roomPassword}, "next": {next}}.Encode()
		w = r.do(http.MethodPost, "/sign-in", formType, []byte(form), planted)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/work" {
			t.Errorf("next=%q leads to %d %q", next, w.Code, to)
		}
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies: %v", cookies)
	}
	c := cookies[0]
	if c.Value == "planted-by-an-attacker" || len(c.Value) < 40 || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
		t.Errorf("cookie: %+v", c)
	}
	if w := r.do(http.MethodGet, "/work", "", nil, planted); w.Code != http.StatusSeeOther {
		t.Errorf("the planted cookie opens the list of work: %d", w.Code)
	}
	me := withCookie(c.Value)
	steps := []struct {
		name, method, path, form string
		want                     int
	}{
		{"open", http.MethodGet, "/work", "", 200},
		{"session as a token", http.MethodGet, "/api/v1/encounters", "bearer", 401},
		{"lock", http.MethodPost, "/session/lock", "", 204},
		{"locked page", http.MethodGet, "/work", "", 303},
		{"locked API", http.MethodGet, "/api/v1/encounters", "", 401},
		{"locked twice", http.MethodPost, "/session/lock", "", 401},
		{"wrong password", http.MethodPost, "/session/unlock", "password=wrong", 401},
		{"still locked", http.MethodGet, "/work", "", 303},
		{"right password", http.MethodPost, "/session/unlock", "password=" + roomPassword, 204},
		{"open again", http.MethodGet, "/work", "", 200},
		{"lock again", http.MethodPost, "/session/lock", "", 204},
		{"sign out of the locked screen", http.MethodPost, "/sign-out", "", 303},
		{"gone", http.MethodGet, "/work", "", 303},
		{"cannot be unlocked", http.MethodPost, "/session/unlock", "password=" + roomPassword, 401},
		{"gone for good", http.MethodGet, "/api/v1/encounters", "", 401},
	}
	for _, step := range steps {
		who := me
		if step.form == "bearer" {
			who = withToken(c.Value)
		}
		if w := r.do(step.method, step.path, formType, []byte(step.form), who); w.Code != step.want {
			t.Errorf("%s: %d, want %d %.100s", step.name, w.Code, step.want, w.Body.String())
		}
	}
	// A token has no screen to lock and no session to end.
	if w := r.do(http.MethodPost, "/session/lock", "", nil, withToken(r.program)); w.Code != http.StatusUnauthorized {
		t.Errorf("locking with a token: %d", w.Code)
	}
}

// TestSecureCookies serves behind TLS.
func TestSecureCookies(t *testing.T) {
	r := openRoom(t, access.Coder)
	var err error
	if r.srv, err = server.New(r.dept, server.Options{Secure: true}); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"name": {"coder"}, "password": {roomPassword}}.Encode()
	w := r.do(http.MethodPost, "/sign-in", formType, []byte(form), nobody)
	for _, c := range append(w.Result().Cookies(), r.do(http.MethodPost, "/sign-out", formType, nil, nobody).Result().Cookies()...) {
		if !c.Secure || !c.HttpOnly {
			t.Errorf("cookie: %+v", c)
		}
	}
}

// TestGuessing guesses passwords: of a name that there is and of one that there
// is not, which must not be told apart.
func TestGuessing(t *testing.T) {
	// The clock stands still: on a slow machine the first delay, a second, would
	// be over between one name and the other.
	at := time.Date(2026, 9, 30, 15, 0, 0, 0, time.UTC)
	r := openRoomOn(t, app.Config{Dir: filepath.Join(t.TempDir(), "department"), Source: "north", Now: func() time.Time { return at }}, access.Coder)
	try := func(name, password string) (int, string) {
		w := r.do(http.MethodPost, "/sign-in", formType, []byte(url.Values{"name": {name}, "password": {password}}.Encode()), nobody)
		return w.Code, strings.NewReplacer(name, "NAME").Replace(w.Body.String())
	}
	known, unknown := []int{}, []int{}
	for range 7 {
		code, body := try("coder", "wrong-password-9")
		known = append(known, code)
		other, otherBody := try("nobody-here", "wrong-password-9")
		unknown = append(unknown, other)
		if code == http.StatusUnauthorized && body != otherBody {
			t.Errorf("the answers differ:\n%s\n%s", body, otherBody)
		}
	}
	if !slices.Equal(known, unknown) {
		t.Errorf("a name that there is: %v; one that there is not: %v", known, unknown)
	}
	if known[0] != http.StatusUnauthorized || !slices.Contains(known, http.StatusTooManyRequests) {
		t.Errorf("no lock-out: %v", known)
	}
	if code, _ := try("coder", roomPassword); code != http.StatusTooManyRequests {
		t.Errorf("the right password during the lock-out: %d", code)
	}
	if log := r.log.String(); strings.Contains(log, "nobody-here") || strings.Contains(log, "wrong-password-9") {
		t.Error("the log holds what was typed")
	}
}

// TestProtectedRecordStaysClosed marks the record of the room as one under
// special protection. Who may read charts but has no reason to read this one
// gets nothing of it, by whatever door, and the lists go on without it.
func TestProtectedRecordStaysClosed(t *testing.T) {
	r := openRoom(t, access.Technician, access.Coder, access.Supervisor, access.Privacy)
	if err := r.dept.Access.SetSensitivity(t.Context(), r.people[access.Privacy].Actor(), r.record, "", access.SensitiveVIP, true); err != nil {
		t.Fatal(err)
	}
	for _, rt := range server.Routes() {
		if rt.Public || !rt.PHI || rt.Pattern == "/session/lock" || rt.Pattern == "/api/v1/intake" {
			continue
		}
		media, body := goodBody(rt)
		for _, role := range []access.Role{access.Technician, access.Coder, access.Supervisor} {
			w := r.do(rt.Method, r.fill(rt.Pattern), media, body, withCookie(r.sessions[role]))
			if leaks(w) || w.Code >= 500 {
				t.Errorf("%s %s as %s: %d, tells of the patient: %v", rt.Method, rt.Pattern, role, w.Code, leaks(w))
			}
			list := !strings.Contains(rt.Pattern, "{") && (rt.Method == http.MethodGet || rt.Pattern == "/api/v1/find") && !strings.HasPrefix(rt.Pattern, "/fhir/") && r.permitted(role, rt)
			if list && w.Code >= 400 {
				t.Errorf("%s %s as %s: %d; one record that is closed closes the whole list", rt.Method, rt.Pattern, role, w.Code)
			}
		}
	}
}
