package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// serving is a server in a process of its own, at a port that the system chose.
type serving struct {
	*exec.Cmd

	base string // http://127.0.0.1:PORT
	log  string // file that standard error goes to
	mu   sync.Mutex
	said bytes.Buffer // standard output
}

// serve starts serve or demo on a folder and waits until it says where it is.
func serve(t *testing.T, args ...string) *serving {
	t.Helper()
	s := launch(t, args...)
	if s.base = s.address(t); s.base == "" {
		t.Fatalf("%v: %s%s", args, s.output(), s.logged(t))
	}
	return s
}

// launch starts a server and does not wait.
func launch(t *testing.T, args ...string) *serving {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{log: log.Name()}
	s.Cmd = exec.CommandContext(context.WithoutCancel(t.Context()), program(t), append(args, "--addr", "127.0.0.1:0")...)
	s.Stdout, s.Stderr = writer(func(p []byte) (int, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.said.Write(p)
	}), log
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.ProcessState == nil {
			_ = s.Process.Kill()
			_ = s.Wait()
		}
	})
	return s
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func (s *serving) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

var servedAt = regexp.MustCompile(`http://127\.0\.0\.1:[1-9]\d*`)

// address waits for the server to say where it is.
func (s *serving) address(t *testing.T) string {
	t.Helper()
	for limit := time.Now().Add(2 * patience); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if at := servedAt.FindString(s.output()); at != "" && strings.HasSuffix(s.output(), "\n") {
			return at
		}
	}
	return ""
}

func (s *serving) logged(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// stop ends the server as a person does and wants it to end well.
func (s *serving) stop(t *testing.T) {
	t.Helper()
	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if got := ends(t, s.Cmd); got != 0 {
		t.Errorf("the server ends with status %d: %s", got, s.logged(t))
	}
}

// kill ends the server as a broken machine does.
func (s *serving) kill(t *testing.T) {
	t.Helper()
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait() // it was killed
}

// caller sends requests and follows no redirect.
type caller struct {
	base, token string
	http        *http.Client
}

func (s *serving) caller(token string) caller {
	return caller{s.base, token, &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true},
		Timeout:       patience,
	}}
}

// answered is a whole answer.
type answered struct {
	status int
	header http.Header
	body   string
}

// send makes one request; body is JSON, or a form where kind says so.
func (c caller) send(method, path, kind, body string) (answered, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return c.do(r)
}

func (c caller) do(r *http.Request) (answered, error) {
	res, err := c.http.Do(r)
	if err != nil {
		return answered{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return answered{res.StatusCode, res.Header, string(data)}, err
}

// get reads JSON from a path.
func (c caller) get(t *testing.T, path string, into any) {
	t.Helper()
	a, err := c.send(http.MethodGet, path, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
}

// listed is one page of a list.
type listed[T any] struct {
	Items *[]T    `json:"items"`
	Next  *string `json:"next"`
}

// all reads a list through next to its end.
func all[T any](t *testing.T, c caller, path string) []T {
	t.Helper()
	var items []T
	for pages := 0; ; pages++ {
		var raw map[string]json.RawMessage
		c.get(t, path, &raw)
		if _, ok := raw["next"]; !ok {
			t.Fatalf("GET %s: no next", path)
		}
		var page listed[T]
		c.get(t, path, &page)
		if page.Items == nil || pages > 10_000 {
			t.Fatalf("GET %s: items is no list, or the pages do not end", path)
		}
		items = append(items, *page.Items...)
		if page.Next == nil {
			return items
		}
		if !strings.HasPrefix(*page.Next, "/") {
			t.Fatalf("next is no path: %s", *page.Next)
		}
		path = *page.Next
	}
}

type encounterItem struct {
	ID      string `json:"id"`
	Patient struct {
		Name string `json:"name"`
	} `json:"patient"`
}

type noteItem struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Text string `json:"text"`
}

// tokenFor makes a token beside whatever else works on the folder.
func tokenFor(t *testing.T, dir string, more ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), program(t), append([]string{"token", "create", "--dir", dir, "--name", "test"}, more...)...)
	var out, diagnostics bytes.Buffer
	c.Stdout, c.Stderr = &out, &diagnostics
	if err := c.Run(); err != nil {
		t.Fatalf("token create: %v: %s", err, &diagnostics)
	}
	secret, rest, ended := strings.Cut(out.String(), "\n")
	if !ended || rest != "" || strings.ContainsAny(secret, " \t\r") || len(secret) < 40 {
		t.Fatalf("the token is not alone on a line: %q", out.String())
	}
	return secret
}

// proved runs audit verify and gives its exit status and answer.
func proved(t *testing.T, dir string) (int, auditLine) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program(t), "audit", "verify", "--dir", dir)
	var out, diagnostics bytes.Buffer
	c.Stdout, c.Stderr = &out, &diagnostics
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	got := ends(t, c)
	var line auditLine
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("audit verify: status %d, %v: %s%s", got, err, &out, &diagnostics)
	}
	return got, line
}

func wantWhole(t *testing.T, dir string) auditLine {
	t.Helper()
	got, line := proved(t, dir)
	if got != 0 || !line.Whole {
		t.Errorf("the audit log is not whole: status %d, %+v, %+v", got, line, line.Problem)
	}
	return line
}

// copied is a copy of a department's folder that no process has open.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "department")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, entry := range must2(os.ReadDir(to))(t) {
		if err := os.Chmod(filepath.Join(to, entry.Name()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func must2[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// browser keeps cookies, as a person's does.
func (s *serving) browser(t *testing.T) caller {
	t.Helper()
	c := s.caller("")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.http.Jar = jar
	return c
}

// form posts a form.
func (c caller) form(t *testing.T, path string, fields ...string) answered {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	a, err := c.send(http.MethodPost, path, "application/x-www-form-urlencoded", values.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c caller) page(t *testing.T, path string) answered {
	t.Helper()
	a, err := c.send(http.MethodGet, path, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// healthy asks /healthz once; an address that does not answer is not healthy.
func healthy(base string) bool {
	if base == "" {
		return false
	}
	c := (&serving{base: base}).caller("")
	a, err := c.send(http.MethodGet, "/healthz", "", "")
	return err == nil && a.status == http.StatusOK
}
