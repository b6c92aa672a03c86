package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// route is one line of routes --json.
type route struct {
	Method  string `json:"method"`
	Pattern string `json:"pattern"`
	Public  *bool  `json:"public"`
	PHI     *bool  `json:"phi"`
}

// publicRoutes are all that may be: the health, the style of the pages and the
// ways in and out.
var publicRoutes = []string{
	"GET /healthz", "GET /static/{version}/{file...}", "GET /{$}",
	"GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /set-up", "POST /set-up", "POST /session/unlock",
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// closedRoutes asks every closed route without a session or token, with ids,
// methods, bodies and origins of all kinds: the answer is always that somebody
// must sign in, and always the same one.
func closedRoutes(t *testing.T, dir string) {
	var routes []route
	if err := json.Unmarshal([]byte(execute(t, nil, "routes", "--json").stdout), &routes); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "serve", "--dir", dir, "--log", "debug")
	known := all[encounterItem](t, s.caller(tokenFor(t, dir)), "/api/v1/encounters?limit=1")[0].ID
	var open []string
	closed := map[string]bool{"/nothing/here": true, "/api/v1/nothing": true, "/fhir/R4/Nothing": true}
	for _, r := range routes {
		switch {
		case r.Public == nil || r.PHI == nil || r.Method == "" || !strings.HasPrefix(r.Pattern, "/"):
			t.Fatalf("a route of a wrong shape: %+v", r)
		case *r.Public && *r.PHI:
			t.Errorf("%s %s is open and tells of patients", r.Method, r.Pattern)
		case *r.Public:
			open = append(open, r.Method+" "+r.Pattern)
		default:
			for _, id := range []string{known, "0", "%00", "..%2f..%2fetc%2fpasswd", "'%20OR%201=1", strings.Repeat("9", 3000)} {
				closed[pathParameter.ReplaceAllString(r.Pattern, id)] = true
			}
		}
	}
	if slices.Sort(open); !slices.Equal(open, slices.Sorted(slices.Values(publicRoutes))) {
		t.Errorf("public routes %q, want %q", open, publicRoutes)
	}
	requests := 0
	for _, path := range slices.Sorted(maps.Keys(closed)) {
		for _, c := range []caller{s.caller(""), s.caller("chartroom_" + strings.Repeat("x", 43)), s.caller("no token at all")} {
			want := ""
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
				requests++
				got := askClosed(t, c, method, path)
				if method == http.MethodGet || method == http.MethodHead {
					continue // these lead people to the form
				}
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%s %.60s answers %s, other methods %s", method, path, got, want)
				}
			}
		}
	}
	t.Logf("%d requests of %d paths refused", requests, len(closed))
	s.stop(t)
}

// askClosed makes one request that must be refused, and gives a summary of the
// answer.
func askClosed(t *testing.T, c caller, method, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path, strings.NewReader(`{"type":`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "https://elsewhere.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	a, err := c.do(r)
	if err != nil {
		t.Fatalf("%s %.60s: %v", method, path, err)
	}
	switch a.status {
	case http.StatusUnauthorized, http.StatusForbidden:
	case http.StatusSeeOther:
		if !strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
			t.Errorf("%s %.60s leads to %s", method, path, a.header.Get("Location"))
		}
	default:
		t.Errorf("%s %.60s answers %d %.100s", method, path, a.status, a.body)
	}
	return http.StatusText(a.status) + " " + a.header.Get("Content-Type") + " " + a.body
}

// nothingBreaks asks every route with a token, with ids, queries and bodies that
// nobody should send: the answer blames the request, never the server.
func nothingBreaks(t *testing.T, dir string) {
	var routes []route
	if err := json.Unmarshal([]byte(execute(t, nil, "routes", "--json").stdout), &routes); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "serve", "--dir", dir, "--log", "debug")
	requests := 0
	for _, role := range []string{"", "auditor"} {
		var more []string
		if role != "" {
			more = []string{"--role", role}
		}
		c := s.caller(tokenFor(t, dir, more...))
		known := all[encounterItem](t, s.caller(tokenFor(t, dir)), "/api/v1/encounters?limit=1")[0].ID
		for _, r := range routes {
			if r.Pattern == "/session/lock" || r.Pattern == "/sign-out" {
				continue // they end the session of a browser
			}
			for _, id := range []string{known, "0", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "'%20OR%201=1", strings.Repeat("9", 500), "-1", "Ünïcode%20🙂"} {
				path := pathParameter.ReplaceAllString(r.Pattern, strings.ReplaceAll(id, "$", ""))
				for _, query := range []string{"", "?limit=0&after=%00", "?limit=x", "?after=garbage&limit=1", "?limit=1&after=" + strings.Repeat("A", 150), "?subject=%27&from=yesterday&version=-1&q=%ff"} {
					if r.Method != http.MethodGet && query != "" {
						continue
					}
					requests += blameless(t, c, r, path+query)
				}
			}
		}
	}
	if strings.Contains(s.logged(t), `"level":"ERROR"`) {
		t.Errorf("the server logged errors: %.2000s", s.logged(t))
	}
	t.Logf("%d requests", requests)
	s.stop(t)
	wantWhole(t, dir)
}

// blameless makes the requests of one path and sees that none is answered with a
// fault of the server.
func blameless(t *testing.T, c caller, r route, path string) (requests int) {
	t.Helper()
	bodies := []string{"", "{}", `{"type":`, "[]", "null", `{"type":7,"text":[],"code":{},"key":"\u0000","reason":""}`, "\x00\xff", strings.Repeat("[", 20_000)}
	if r.Method == http.MethodGet {
		bodies = bodies[:1]
	}
	for _, body := range bodies {
		a, err := c.send(r.Method, path, "application/json", body)
		if err != nil {
			t.Fatalf("%s %.80s: %v", r.Method, path, err)
		}
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s %.80s with %.30q answers %d %.200s", r.Method, path, body, a.status, a.body)
		}
		requests++
	}
	return requests
}
