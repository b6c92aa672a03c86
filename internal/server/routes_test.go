package server_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/access"
	"chartroom/internal/server"
)

// public is every route that answers without a session or token. A route that
// becomes public must be added here by hand.
var public = []string{
	"GET /healthz", "GET /static/{version}/{file...}", "GET /{$}", "GET /sign-in", "POST /sign-in", "GET /set-up", "POST /set-up",
	"POST /session/unlock", "POST /sign-out",
}

func TestPublicRoutes(t *testing.T) {
	got := []string{}
	for _, r := range server.Routes() {
		if r.Public {
			got = append(got, r.Method+" "+r.Pattern)
			if r.PHI {
				t.Errorf("%s %s is public and may tell of a patient", r.Method, r.Pattern)
			}
		}
	}
	if !slices.Equal(got, public) {
		t.Errorf("public routes are %q, not %q", got, public)
	}
}

// TestNothingIsServedBesideTheTable reads the sources: handlers are registered
// in one place, which reads the table.
func TestNothingIsServedBesideTheTable(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			registers := slices.Contains([]string{"Handle", "HandleFunc", "Register"}, name.Sel.Name)
			allowed := f.Name() == "server.go" && name.Sel.Name == "Handle" || f.Name() == "route.go" && name.Sel.Name == "Register"
			if registers && !allowed {
				t.Errorf("%s registers a handler beside the route table: %s", f.Name(), name.Sel.Name)
			}
			return true
		})
	}
}

func TestRoutesNameActionsOfThePolicy(t *testing.T) {
	policy, err := access.NewPolicy(nil)
	if err != nil {
		t.Fatal(err)
	}
	known := policy.Actions()
	for _, r := range server.Routes() {
		if r.Action != "" && !slices.Contains(known, r.Action) {
			t.Errorf("%s %s names the action %s, which the policy does not", r.Method, r.Pattern, r.Action)
		}
	}
}

// path fills the parameters of a pattern.
func path(pattern, value string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") && p != "{$}" {
			parts[i] = value
		}
	}
	return strings.ReplaceAll(strings.Join(parts, "/"), "{$}", "")
}

// TestClosedRoutes asks every closed route without a session or token, with any
// id, method, body and origin: the answer is the same, and tells nothing.
func TestClosedRoutes(t *testing.T) {
	h := newHouse(t)
	_, record := h.encounter(t, "c01")
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	for _, r := range server.Routes() {
		if r.Public {
			continue
		}
		for _, id := range []string{record, "no-such-id", strings.Repeat("x", 300), "..%2f..%2fetc", "%00"} {
			for _, method := range methods {
				p := path(r.Pattern, id)
				open := slices.ContainsFunc(server.Routes(), func(o server.Route) bool { return o.Public && o.Method == method && o.Pattern == r.Pattern })
				if open {
					continue
				}
				for _, header := range [][]string{nil, {"Sec-Fetch-Site", "cross-site"}, {"Authorization", "Bearer chr_nonsense"}, {"Authorization", "Basic Zm9vOmJhcg=="}, {"Cookie", "chartroom_session=nonsense"}} {
					answer := h.call(t, method, p, "", strings.NewReader("{not json"), header...)
					checkRefused(t, answer, method, p)
				}
			}
		}
	}
}

func checkRefused(t *testing.T, answer reply, method, path string) {
	t.Helper()
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
	case http.StatusSeeOther:
		if !strings.HasPrefix(answer.Header.Get("Location"), "/sign-in") {
			t.Errorf("%s %s leads to %s", method, path, answer.Header.Get("Location"))
		}
	default:
		t.Errorf("%s %s answered %d to nobody", method, path, answer.StatusCode)
	}
}

func TestUnknownAddressesAreClosed(t *testing.T) {
	h := newHouse(t)
	for _, p := range []string{"/nothing", "/api/v2/encounters", "/fhir/R4/Patient", "/.git/config", "/static/../work", "//work", "/audit/../chart/x", "/%2e%2e/work", "/debug/pprof/"} {
		answer := h.call(t, http.MethodGet, p, "", nil)
		if answer.StatusCode == http.StatusMovedPermanently || answer.StatusCode == http.StatusTemporaryRedirect || answer.StatusCode == http.StatusPermanentRedirect {
			continue // to the cleaned address, which is closed as well
		}
		checkRefused(t, answer, http.MethodGet, p)
	}
	answer := h.call(t, http.MethodGet, "/nothing", h.tokens[access.Coder], nil)
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown address answered %d", answer.StatusCode)
	}
	answer = h.call(t, http.MethodDelete, "/api/v1/encounters", h.tokens[access.Coder], nil)
	if answer.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(answer.Header.Get("Allow"), "GET") {
		t.Errorf("a wrong method answered %d, allow %q", answer.StatusCode, answer.Header.Get("Allow"))
	}
}

// TestEveryRoleOnEveryRoute asks each route as each role. Nothing may fail for
// want of care, and who has no business with patients gets none.
func TestEveryRoleOnEveryRoute(t *testing.T) {
	h := newHouse(t)
	encounter, record := h.encounter(t, "c02")
	ids := strings.NewReplacer("/chart/x", "/chart/"+record, "/coding/x", "/coding/"+encounter, "/encounters/x", "/encounters/"+encounter, "/Encounter/x", "/Encounter/"+encounter)
	for role, token := range h.tokens {
		for _, r := range server.Routes() {
			if r.Public || r.Pattern == "/sign-out" || strings.HasPrefix(r.Pattern, "/session/") || r.Action == access.ActionManage || r.Action == access.ActionTokenCreate {
				continue
			}
			p := ids.Replace(path(r.Pattern, "x"))
			if strings.Contains(r.Pattern, "/fhir/R4/") && r.PHI && !strings.Contains(p, "/Encounter/") {
				p += "?encounter=" + encounter
			}
			var body io.Reader
			if r.Method != http.MethodGet {
				body = strings.NewReader("{}")
			}
			answer := h.call(t, r.Method, p, token, body)
			if answer.StatusCode >= 500 {
				t.Errorf("%s %s as %q answered %d: %.300s", r.Method, p, role, answer.StatusCode, answer.Text)
			}
			if role == access.Researcher && r.PHI && r.Action != "" && r.Pattern != "/find" && // the empty form
				answer.StatusCode < 300 && answer.StatusCode != http.StatusNoContent {
				t.Errorf("%s %s answered %d to a researcher", r.Method, p, answer.StatusCode)
			}
		}
	}
}

func TestRoutesAsJSON(t *testing.T) {
	text, err := json.Marshal(server.Routes())
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		for _, field := range []string{"method", "pattern", "public", "phi"} {
			if _, ok := r[field]; !ok {
				t.Errorf("%v has no %s", r, field)
			}
		}
	}
	for _, want := range []string{"GET /api/v1/encounters", "POST /api/v1/encounters/{id}/notes", "GET /healthz", "POST /sign-in"} {
		if !slices.ContainsFunc(list, func(r map[string]any) bool { return r["method"].(string)+" "+r["pattern"].(string) == want }) {
			t.Errorf("%s is not listed", want)
		}
	}
}

func TestOpenAPIListsEveryOperation(t *testing.T) {
	h := newHouse(t)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]any
	}
	h.json(t, http.MethodGet, "/api/v1/openapi.json", h.tokens[access.Auditor], nil, http.StatusOK, &doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q", doc.OpenAPI)
	}
	for _, r := range server.Routes() {
		if !strings.HasPrefix(r.Pattern, "/api/v1/") || strings.HasSuffix(r.Pattern, "openapi.json") || strings.HasSuffix(r.Pattern, "/bytes") {
			continue
		}
		if doc.Paths[r.Pattern][strings.ToLower(r.Method)] == nil {
			t.Errorf("%s %s is not described", r.Method, r.Pattern)
		}
	}
}
