package coder_test

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
)

// shared is one engine for all tests: the tables of an edition are built once.
var shared = sync.OnceValue(func() *coder.Engine { return coder.New(codeset.Embedded()) })

// noteCase is one case of a testdata/*.case file:
//
//	case NAME
//	setting: outpatient        (and age:, sex:; all optional)
//	document: TYPE / ROLE      (optional; may come several times)
//	free text of the document …
//	=> CODE CODE …             codes that must be offered
//	not CODE CODE …            codes that must not be offered
//	ask ABOUT …                headers that must be asked about
//	only                       nothing else of ICD-10-CM may be offered
type noteCase struct {
	place          string
	name           string
	enc            coder.Encounter
	want, not, ask []string
	only           bool
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.case")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".case")+"/"+c.name, func(t *testing.T) { c.check(t) })
		}
	}
}

func (c noteCase) check(t *testing.T) {
	t.Helper()
	res, err := shared().Suggest(t.Context(), c.enc, coder.Options{})
	if err != nil {
		t.Fatalf("%s: %v", c.place, err)
	}
	var got []string
	for _, s := range res.Codes {
		got = append(got, s.Code)
	}
	for _, w := range c.want {
		if !slices.Contains(got, w) {
			t.Errorf("%s: %s is not offered; offered: %v", c.place, w, got)
		}
	}
	for _, n := range c.not {
		for _, g := range got {
			if g == n || strings.HasSuffix(n, "-") && strings.HasPrefix(g, strings.TrimSuffix(n, "-")) {
				t.Errorf("%s: %s is offered", c.place, g)
			}
		}
	}
	for _, a := range c.ask {
		if !slices.ContainsFunc(res.Questions, func(q coder.Question) bool { return q.About == a }) {
			t.Errorf("%s: no question about %s; asked: %v", c.place, a, abouts(res.Questions))
		}
	}
	if c.only {
		for _, s := range res.Codes {
			if !slices.Contains(c.want, s.Code) {
				t.Errorf("%s: %s is offered as well: %v", c.place, s.Code, s.Why)
			}
		}
	}
	checkResult(t, c.enc, res)
}

func abouts(questions []coder.Question) []string {
	var out []string
	for _, q := range questions {
		out = append(out, q.About)
	}
	return out
}

// checkResult checks what holds of every answer.
func checkResult(t *testing.T, enc coder.Encounter, res coder.Result) {
	t.Helper()
	last := 2.0
	for _, s := range res.Codes {
		if s.Score > last || s.Score <= 0 || s.Score > 1 {
			t.Errorf("%s: score %v after %v", s.Code, s.Score, last)
		}
		last = s.Score
		if len(s.Evidence) == 0 || len(s.Why) < 2 || s.Title == "" {
			t.Errorf("%s: evidence %v, why %v, title %q", s.Code, s.Evidence, s.Why, s.Title)
		}
		for _, e := range s.Evidence {
			checkSpan(t, enc, e)
		}
	}
	for _, q := range res.Questions {
		for _, e := range q.Evidence {
			checkSpan(t, enc, e)
		}
	}
}

func checkSpan(t *testing.T, enc coder.Encounter, e coder.Span) {
	t.Helper()
	text := enc.Documents[e.Document].Text
	if e.Start < 0 || e.Start >= e.End || e.End > len(text) {
		t.Fatalf("span %v outside a text of %d bytes", e, len(text))
	}
	for _, at := range []int{e.Start, e.End} {
		if at < len(text) && text[at]&0xC0 == 0x80 {
			t.Fatalf("span %v cuts a character", e)
		}
	}
}

func readCases(t *testing.T, file string) []noteCase {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // read only
	var out []noteCase
	var c *noteCase
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		line := scan.Text()
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "case":
			out = append(out, noteCase{place: filepath.Base(file) + ":" + strconv.Itoa(n), name: strings.ReplaceAll(rest, " ", "-")})
			c = &out[len(out)-1]
			c.enc.Age = -1
		case c == nil || strings.HasPrefix(line, "##"):
		case word == "setting:":
			c.enc.Setting = coder.Setting(rest)
		case word == "sex:":
			c.enc.Sex = rest
		case word == "age:":
			if c.enc.Age, err = strconv.Atoi(rest); err != nil {
				t.Fatalf("%s:%d: %v", file, n, err)
			}
		case word == "document:":
			kind, role, _ := strings.Cut(rest, " / ")
			c.enc.Documents = append(c.enc.Documents, coder.Document{Type: kind, AuthorRole: role, Signed: true})
		case word == "=>":
			c.want = append(c.want, strings.Fields(rest)...)
		case word == "not":
			c.not = append(c.not, strings.Fields(rest)...)
		case word == "ask":
			c.ask = append(c.ask, strings.Fields(rest)...)
		case line == "only":
			c.only = true
		default:
			if len(c.enc.Documents) == 0 {
				c.enc.Documents = []coder.Document{{Signed: true}}
			}
			d := &c.enc.Documents[len(c.enc.Documents)-1]
			d.Text += line + "\n"
		}
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
