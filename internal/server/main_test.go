package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
	"chartroom/internal/server"
)

// house is the demo department with a server on it, shared by the tests of this
// package: making it takes seconds. Tests that change it change encounters of
// their own.
type house struct {
	dept    *app.Department
	srv     *server.Server
	http    *httptest.Server
	signIns []demo.SignIn
	log     *syncBuffer
	tokens  map[access.Role]string
}

// syncBuffer is a log that many requests write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var (
	folder string
	made   = sync.OnceValues(makeHouse)
)

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "chartroom-server-test"); err != nil {
		panic(err)
	}
	code := m.Run()
	if h, err := made(); err == nil && h != nil {
		h.http.Close()
		_ = h.dept.Close()
	}
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// quickHash is the cost of a password here, where hundreds of people sign in.
var quickHash = access.HashCost{Time: 1, Memory: 64, Threads: 1}

func makeHouse() (*house, error) {
	ctx := context.Background()
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		return nil, err
	}
	h := &house{log: &syncBuffer{}, tokens: map[access.Role]string{}}
	if h.dept, err = app.Open(ctx, app.Config{Dir: filepath.Join(folder, "department"), Zone: zone, Source: "demo", Hash: quickHash}); err != nil {
		return nil, err
	}
	d := h.dept
	if h.signIns, err = demo.Load(ctx, d.Demo(), demo.Options{Patients: 10}); err != nil {
		return nil, err
	}
	if h.srv, err = server.New(d, server.Options{Log: slog.New(slog.NewTextHandler(h.log, nil))}); err != nil {
		return nil, err
	}
	h.http = httptest.NewServer(h.srv)
	for _, role := range append(access.Roles(), "") {
		if h.tokens[role], _, err = d.Access.CreateToken(ctx, access.Console(), "test "+string(role), role, time.Time{}); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func newHouse(tb testing.TB) *house {
	tb.Helper()
	h, err := made()
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// reply is an answer that was read whole.
type reply struct {
	StatusCode int
	Header     http.Header
	Cookies    []*http.Cookie
	Text       []byte
}

// call makes a request; who is a bearer token, "" for nobody. Redirects are not
// followed.
func (h *house) call(tb testing.TB, method, path, who string, body io.Reader, header ...string) reply {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, h.http.URL+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, answer.Cookies(), text}
}

// json makes a request and reads the answer into out; it fails on another
// status.
func (h *house) json(tb testing.TB, method, path, who string, in any, status int, out any) {
	tb.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			tb.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	answer := h.call(tb, method, path, who, body)
	if answer.StatusCode != status {
		tb.Fatalf("%s %s answered %d, not %d: %s", method, path, answer.StatusCode, status, answer.Text)
	}
	if out != nil {
		if err := json.Unmarshal(answer.Text, out); err != nil {
			tb.Fatalf("%s %s: %v in %s", method, path, err, answer.Text)
		}
	}
}

// signIn signs a person in and returns the session cookie.
func (h *house) signIn(tb testing.TB, login string) *http.Cookie {
	tb.Helper()
	for _, s := range h.signIns {
		if s.Login != login {
			continue
		}
		form := url.Values{"name": {s.Login}, "password": {s.Password}}
		answer := h.call(tb, http.MethodPost, "/sign-in", "", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
		if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies) != 1 {
			tb.Fatalf("sign-in answered %d", answer.StatusCode)
		}
		return answer.Cookies[0]
	}
	tb.Fatalf("nobody signs in as %s", login)
	return nil
}

// encounter finds a demo chart's encounter by the beginning of the chart's id.
func (h *house) encounter(tb testing.TB, chartID string) (id, record string) {
	tb.Helper()
	all, err := charts.All()
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range all {
		if !strings.HasPrefix(c.ID, chartID) {
			continue
		}
		var list struct {
			Items []struct{ ID, Record, Number string }
		}
		h.json(tb, http.MethodGet, "/api/v1/encounters?limit=500", h.tokens[""], nil, http.StatusOK, &list)
		for _, e := range list.Items {
			if e.Number == c.Encounter.Number {
				return e.ID, e.Record
			}
		}
	}
	tb.Fatalf("no encounter of chart %s", chartID)
	return "", ""
}
