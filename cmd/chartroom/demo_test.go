package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDepartment makes a demo department once and plays the contract of the
// server on it and on copies of it.
func TestDepartment(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	t.Run("a half-made demo is remade", func(t *testing.T) { halfMade(t, dir) })
	t.Run("sign-ins are printed and work", func(t *testing.T) { signIns(t, dir) })
	t.Run("closed routes", func(t *testing.T) { closedRoutes(t, copied(t, dir)) })
	t.Run("requests that nobody should send", func(t *testing.T) { nothingBreaks(t, copied(t, dir)) })
	t.Run("lists", func(t *testing.T) { lists(t, copied(t, dir)) })
	t.Run("beside a server", func(t *testing.T) { besideAServer(t, copied(t, dir)) })
	t.Run("no acknowledged note is lost", func(t *testing.T) { killed(t, copied(t, dir)) })
	t.Run("tampering", func(t *testing.T) { tampering(t, copied(t, dir)) })
	t.Run("tampering with the tail", func(t *testing.T) { tamperingWithTheTail(t, copied(t, dir)) })
}

// halfMade kills a demo while it makes its department, and starts it again, twice
// at the same time: one makes it, the other waits and serves the same.
func halfMade(t *testing.T, dir string) {
	first := launch(t, "demo", "--dir", dir, "--no-browser")
	for limit := time.Now().Add(patience); !strings.Contains(first.logged(t), "charts"); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("the demo does not begin: %s", first.logged(t))
		}
	}
	first.kill(t)
	if servedAt.MatchString(first.output()) {
		t.Fatal("the demo said its address before it was complete")
	}
	again, other := launch(t, "demo", "--dir", dir, "--no-browser"), launch(t, "demo", "--dir", dir, "--no-browser")
	if again.base, other.base = again.address(t), other.address(t); again.base == "" || other.base == "" {
		t.Fatalf("%s%s", again.logged(t), other.logged(t))
	}
	if strings.Contains(again.logged(t), "waiting") {
		again, other = other, again
	}
	if strings.Contains(other.logged(t), "making the demo department") {
		t.Errorf("made by two at the same time: %s%s", again.logged(t), other.logged(t))
	}
	other.stop(t)
	if !healthy(again.base) {
		t.Error("the demo said its address but is not healthy")
	}
	if !strings.Contains(again.logged(t), "making the demo department") {
		t.Error("the half-made demo was taken for a whole one")
	}
	again.stop(t)
	wantWhole(t, dir)
}

// signIns starts the whole demo again, which must not be remade, and signs in with
// what it prints.
func signIns(t *testing.T, dir string) {
	began := time.Now()
	s := serve(t, "demo", "--dir", dir, "--no-browser")
	t.Logf("a whole demo is served after %v", time.Since(began).Round(time.Millisecond))
	if strings.Contains(s.logged(t), "making") {
		t.Error("a whole demo was made anew")
	}
	rows := regexp.MustCompile(`(?m)^(\w+) {2,}(\w+) {2,}(\S+) {2,}(.+)$`).FindAllStringSubmatch(s.output(), -1)
	roles := map[string]bool{}
	for _, row := range rows[1:] { // the first is the heading
		roles[row[1]] = true
	}
	for role := range strings.FieldsSeq("technician coder cdi biller registrar identity release clinician supervisor privacy auditor researcher administrator") {
		if !roles[role] {
			t.Errorf("nobody signs in as %s:\n%s", role, s.output())
		}
	}
	for _, row := range rows[1:3] {
		b := s.browser(t)
		if a := b.form(t, "/sign-in", "name", row[2], "password", row[3]+"x"); a.status == http.StatusSeeOther {
			t.Errorf("%s signs in with a wrong password", row[2])
		}
		a := b.form(t, "/sign-in", "name", row[2], "password", row[3])
		if a.status != http.StatusSeeOther {
			t.Fatalf("%s does not get in: %d", row[2], a.status)
		}
		if a := b.page(t, a.header.Get("Location")); a.status != http.StatusOK {
			t.Errorf("the first page of %s answers %d", row[2], a.status)
		}
	}
	s.stop(t)
}

// TestSetUp sets up an empty department with the code that serve prints.
func TestSetUp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "department")
	s := serve(t, "serve", "--dir", dir)
	if !healthy(s.base) {
		t.Error("an empty department is not healthy")
	}
	found := regexp.MustCompile(`set-up code is (\S+)\n`).FindStringSubmatch(s.output())
	if found == nil {
		t.Fatalf("no set-up code in %q", s.output())
	}
	b := s.browser(t)
	for _, step := range [][2]string{{"/", "/sign-in"}, {"/sign-in", "/set-up"}, {"/work", "/sign-in?next=%2Fwork"}} {
		if a := b.page(t, step[0]); a.status != http.StatusSeeOther || a.header.Get("Location") != step[1] {
			t.Errorf("%s leads to %d %s, want %s", step[0], a.status, a.header.Get("Location"), step[1])
		}
	}
	if a := b.page(t, "/set-up"); a.status != http.StatusOK || !strings.Contains(a.body, "<form") {
		t.Errorf("the form answers %d", a.status)
	}
	person := []string{"name", "first", "full", "Philippa Marchbanks", "password", "four quiet herons wading"}
	if a := b.form(t, "/set-up", append(person, "code", "xxxxx-xxxxx-xxxxx-xxxxx")...); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code answers %d", a.status)
	}
	if a := b.form(t, "/set-up", append(person, "code", found[1])...); a.status != http.StatusSeeOther {
		t.Fatalf("the code answers %d: %s", a.status, a.body)
	}
	if a := b.form(t, "/sign-in", "name", "first", "password", "four quiet herons wading"); a.status != http.StatusSeeOther {
		t.Fatalf("the administrator does not get in: %d", a.status)
	}
	if a := b.page(t, "/administration"); a.status != http.StatusOK {
		t.Errorf("the administrator's page answers %d", a.status)
	}
	if a := s.browser(t).form(t, "/set-up", append(person, "code", found[1])...); a.status != http.StatusSeeOther || a.header.Get("Location") != "/sign-in" {
		t.Errorf("set up twice: %d %s", a.status, a.header.Get("Location"))
	}
	for _, secret := range []string{found[1], "herons", "Marchbanks"} {
		if strings.Contains(s.logged(t), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
	s.stop(t)
	if again := serve(t, "serve", "--dir", dir); strings.Contains(again.output(), "set-up code") {
		t.Error("a department that is set up asks for it again")
	}
	wantWhole(t, dir)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
