package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chartroom/internal/access"
	"chartroom/internal/demo/charts"
)

func TestHomeLeadsToSignIn(t *testing.T) {
	h := newHouse(t)
	answer := h.call(t, http.MethodGet, "/", "", nil)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/sign-in" {
		t.Errorf("/ answered %d, %q", answer.StatusCode, answer.Header.Get("Location"))
	}
	answer = h.call(t, http.MethodGet, "/work", "", nil)
	if got := answer.Header.Get("Location"); got != "/sign-in?next=%2Fwork" {
		t.Errorf("/work leads to %q", got)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	h := newHouse(t)
	for _, p := range []string{"/sign-in", "/healthz", "/work", "/api/v1/encounters", "/nothing"} {
		answer := h.call(t, http.MethodGet, p, "", nil)
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: Content-Security-Policy %q", p, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Frame-Options": "DENY"} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, not %q", p, name, got, want)
			}
		}
	}
}

func TestSessionCookie(t *testing.T) {
	h := newHouse(t)
	c := h.signIn(t, "obrightwater")
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("the session cookie is %+v", c)
	}
	cookie := c.Name + "=" + c.Value
	if got := h.call(t, http.MethodGet, "/work", "", nil, "Cookie", cookie).StatusCode; got != http.StatusOK {
		t.Fatalf("/work answered %d to a session", got)
	}
	for _, site := range []string{"cross-site", "same-site"} {
		answer := h.call(t, http.MethodPost, "/find", "", strings.NewReader("query=x"), "Cookie", cookie, "Sec-Fetch-Site", site, "Content-Type", "application/x-www-form-urlencoded")
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("a %s form answered %d", site, answer.StatusCode)
		}
	}
	answer := h.call(t, http.MethodPost, "/find", "", strings.NewReader("query=x"), "Cookie", cookie, "Origin", "https://elsewhere.example", "Content-Type", "application/x-www-form-urlencoded")
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another origin answered %d", answer.StatusCode)
	}

	// Locked, the session opens nothing; unlocked, it does again; signed out, never.
	if got := h.call(t, http.MethodPost, "/session/lock", "", nil, "Cookie", cookie).StatusCode; got != http.StatusNoContent {
		t.Fatalf("lock answered %d", got)
	}
	if got := h.call(t, http.MethodGet, "/api/v1/encounters", "", nil, "Cookie", cookie).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a locked session answered %d", got)
	}
	password := ""
	for _, s := range h.signIns {
		if s.Login == "obrightwater" {
			password = s.Password
		}
	}
	form := url.Values{"name": {"obrightwater"}, "password": {password}}.Encode()
	if got := h.call(t, http.MethodPost, "/session/unlock", "", strings.NewReader(form), "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded").StatusCode; got != http.StatusNoContent {
		t.Fatalf("unlock answered %d", got)
	}
	if got := h.call(t, http.MethodGet, "/api/v1/encounters", "", nil, "Cookie", cookie).StatusCode; got != http.StatusOK {
		t.Errorf("an unlocked session answered %d", got)
	}
	if got := h.call(t, http.MethodPost, "/sign-out", "", nil, "Cookie", cookie).StatusCode; got != http.StatusSeeOther {
		t.Errorf("sign-out answered %d", got)
	}
	if got := h.call(t, http.MethodGet, "/api/v1/encounters", "", nil, "Cookie", cookie).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a session that was signed out answered %d", got)
	}
}

func TestNextLeadsNowhereElse(t *testing.T) {
	h := newHouse(t)
	s := h.signIns[0]
	for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", "/work\r\nSet-Cookie: x=y"} {
		form := url.Values{"name": {s.Login}, "password": {s.Password}, "next": {next}}.Encode()
		answer := h.call(t, http.MethodPost, "/sign-in", "", strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded")
		if got := answer.Header.Get("Location"); got != "/work" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
}

func TestSetUpIsClosedOnceThereIsSomebody(t *testing.T) {
	h := newHouse(t)
	form := url.Values{"code": {"x"}, "name": {"intruder"}, "full": {"Intruder"}, "password": {"a long enough password"}}.Encode()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		answer := h.call(t, method, "/set-up", "", strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded")
		if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/sign-in" {
			t.Errorf("%s /set-up answered %d, %q", method, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	h := newHouse(t)
	id, _ := h.encounter(t, "c02")
	big := `{"revision":0,"suggestion":"` + strings.Repeat("x", 2<<20) + `"}`
	answer := h.call(t, http.MethodPost, "/api/v1/encounters/"+id+"/coding/accept", h.tokens[access.Coder], strings.NewReader(big))
	if answer.StatusCode != http.StatusRequestEntityTooLarge && answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a body of two megabytes answered %d", answer.StatusCode)
	}
}

// TestLogNamesNobody looks for every patient of the demo in the log of all the
// requests that the tests of this package made.
func TestLogNamesNobody(t *testing.T) {
	h := newHouse(t)
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	id, record := h.encounter(t, "c01")
	for _, p := range []string{"/chart/" + record, "/coding/" + id, "/work", "/find?f=" + url.QueryEscape(all[0].Patient.Family)} {
		h.call(t, http.MethodGet, p, h.tokens[access.Technician], nil)
	}
	log := h.log.String()
	if !strings.Contains(log, "GET /chart/{record}") {
		t.Error("the log does not name the route of a request")
	}
	for _, c := range all {
		for _, secret := range []string{c.Patient.Family, c.Patient.MRN, c.Patient.SSN, id, record} {
			if secret != "" && strings.Contains(log, secret) { // not every chart has a social security number
				t.Errorf("the log holds %q", secret)
			}
		}
	}
}
