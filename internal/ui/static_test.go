package ui_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chartroom/internal/ui"
)

// sources reads the files below the package's folder that end so.
func sources(t *testing.T, folder, end string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, end) {
			return err
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no files end in %s", end)
	}
	return found
}

// TestNothingInline: the Content-Security-Policy allows neither inline script
// nor inline style, and nothing of a third party.
func TestNothingInline(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"inline style":         regexp.MustCompile(`\sstyle=|<style`),
		"inline script":        regexp.MustCompile(`\son[a-z]+=["{]|<script[^>]*>[^<]`),
		"another host":         regexp.MustCompile(`(src|href|action)="(https?:)?//`),
		"raw markup from data": regexp.MustCompile(`templ\.Raw|@templ\.JSON`),
	}
	for file, text := range sources(t, ".", ".templ") {
		for what, pattern := range forbidden {
			if at := pattern.FindString(text); at != "" {
				t.Errorf("%s has %s: %s", file, what, at)
			}
		}
	}
}

// TestScriptsStayInside: the modules build no markup from text, keep nothing of
// a patient in the browser and call no other host.
func TestScriptsStayInside(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"markup from text":       regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function`),
		"storage of the browser": regexp.MustCompile(`sessionStorage|indexedDB|caches\.`),
		"another host":           regexp.MustCompile(`["'\x60](https?:)?//[a-z]`),
	}
	storage := regexp.MustCompile(`localStorage\.\w+\(([^,)]*)`)
	for file, text := range sources(t, "static/js", ".js") {
		text = strings.ReplaceAll(text, `"http://www.w3.org/2000/svg"`, `"svg"`) // a name, not an address
		for what, pattern := range forbidden {
			if at := pattern.FindString(text); at != "" {
				t.Errorf("%s has %s: %s", file, what, at)
			}
		}
		for _, use := range storage.FindAllStringSubmatch(text, -1) {
			if use[1] != "letters" {
				t.Errorf("%s stores %s in the browser", file, use[1])
			}
		}
		if n := strings.Count(text, "\n"); n > 500 {
			t.Errorf("%s has %d lines", file, n)
		}
	}
}

// TestColoursAreTokens: a colour is named once, in the tokens.
func TestColoursAreTokens(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|hsl\(|oklch\(`)
	for file, text := range sources(t, "static/css", ".css") {
		if strings.HasSuffix(file, "01-tokens.css") || strings.HasSuffix(file, "09-print.css") {
			continue
		}
		for line := range strings.Lines(text) {
			if at := colour.FindString(line); at != "" {
				t.Errorf("%s names the colour %s beside the tokens", file, at)
			}
		}
	}
}

// TestContrast works the contrast of each pair of tokens out, in both themes
// (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	tokens := readTokens(t)
	for _, pair := range []struct {
		front, back string
		least       float64
	}{
		{"ink", "canvas", 7}, {"ink", "surface", 7}, {"ink", "raised", 7}, {"ink", "sunk", 7}, {"ink", "accent-wash", 7}, {"ink", "accent-wash-2", 4.5},
		{"ink-2", "canvas", 4.5}, {"ink-2", "surface", 4.5}, {"ink-2", "sunk", 4.5}, {"ink-2", "accent-wash", 4.5},
		{"ink-3", "canvas", 4.5}, {"ink-3", "surface", 4.5}, {"ink-3", "raised", 4.5},
		{"accent", "surface", 4.5}, {"accent", "canvas", 4.5}, {"accent", "accent-wash", 4.5}, {"accent-ink", "accent", 4.5},
		{"bad", "surface", 4.5}, {"bad", "bad-wash", 4.5}, {"bad", "accent-wash", 4.5}, {"bad-ink", "bad", 4.5},
		{"warn", "surface", 4.5}, {"warn", "warn-wash", 4.5}, {"good", "surface", 4.5}, {"good", "good-wash", 4.5},
		{"fig-2", "surface", 3}, {"fig-3", "surface", 3}, {"fig-4", "surface", 3}, {"fig-5", "surface", 3}, {"fig-6", "surface", 3},
		{"line-2", "surface", 3}, {"line-2", "canvas", 3},
		{"paper-ink", "paper", 7}, {"paper-ink-2", "paper", 4.5}, {"paper-mark", "paper", 3}, {"paper-mark-2", "paper", 3}, {"paper-mark-bad", "paper", 3},
	} {
		for theme, name := range []string{"light", "dark"} {
			front, back := tokens[pair.front], tokens[pair.back]
			if front[theme] == "" || back[theme] == "" {
				t.Errorf("no token %s or %s", pair.front, pair.back)
				continue
			}
			if got := contrast(t, front[theme], back[theme]); got < pair.least {
				t.Errorf("%s on %s, %s: %.2f, less than %.1f", pair.front, pair.back, name, got, pair.least)
			}
		}
	}
}

func readTokens(t *testing.T) map[string][2]string {
	t.Helper()
	text, err := os.ReadFile("static/css/01-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindAllStringSubmatch(string(text), -1) {
		tokens[m[1]] = [2]string{m[2], m[3]}
	}
	return tokens
}

// contrast is the ratio of WCAG 2.2 between two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	part := func(at int) float64 {
		n, err := strconv.ParseUint(colour[at:at+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}

func TestAssets(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{version}/{file...}", ui.ServeAsset)
	for _, c := range []struct {
		path, media string
		status      int
	}{
		{ui.Asset("app.css"), "text/css; charset=utf-8", http.StatusOK},
		{ui.Asset("js/coding/desk.js"), "text/javascript; charset=utf-8", http.StatusOK},
		{ui.Asset("icon.svg"), "image/svg+xml", http.StatusOK},
		{ui.Asset("css/01-tokens.css"), "", http.StatusNotFound},
		{"/static/older/app.css", "", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
		if w.Code != c.status {
			t.Errorf("%s answered %d, not %d", c.path, w.Code, c.status)
		}
		if c.status != http.StatusOK {
			continue
		}
		if got := w.Header().Get("Content-Type"); got != c.media {
			t.Errorf("%s is %q, not %q", c.path, got, c.media)
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s may not be kept", c.path)
		}
	}
}
