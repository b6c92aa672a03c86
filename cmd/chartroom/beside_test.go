package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// lists reads the encounters page by page and adds a note to one.
func lists(t *testing.T, dir string) {
	s := serve(t, "serve", "--dir", dir, "--log", "debug")
	c := s.caller(tokenFor(t, dir))
	whole := all[encounterItem](t, c, "/api/v1/encounters?limit=500")
	for _, path := range []string{"/api/v1/encounters", "/api/v1/encounters?limit=1", "/api/v1/encounters?limit=7"} {
		seen := map[string]int{}
		for _, e := range all[encounterItem](t, c, path) {
			seen[e.ID]++
		}
		for _, e := range whole {
			if e.ID == "" || seen[e.ID] != 1 {
				t.Errorf("%s: encounter %q comes %d times", path, e.ID, seen[e.ID])
			}
		}
		if len(seen) != len(whole) || len(whole) < 20 {
			t.Errorf("%s: %d encounters of %d", path, len(seen), len(whole))
		}
	}
	notes := "/api/v1/encounters/" + whole[0].ID + "/notes"
	before := all[noteItem](t, c, notes)
	const text = "Marrowfat pea allergy noted — “très léger” 🙂\r\nSecond line\twith a tab."
	body, err := json.Marshal(map[string]string{"type": "progress", "text": text})
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.send(http.MethodPost, notes, "application/json", string(body))
	if err != nil || a.status != http.StatusCreated {
		t.Fatalf("%d %s, %v", a.status, a.body, err)
	}
	after := all[noteItem](t, c, notes)
	if last := after[len(after)-1]; len(after) != len(before)+1 || last.Text != text || last.Type != "progress" {
		t.Errorf("%d notes after %d, the last is %q", len(after), len(before), last)
	}
	for _, wrong := range []struct {
		path, body string
		want       int
	}{
		{notes, `{"type":"progress"}`, 422},
		{notes, `{"type":"progress","text":""}`, 422},
		{notes, `{"type":`, 400},
		{notes, ``, 400},
		{notes, `{"type":"progress","text":"\u0000"}`, 422},
		{"/api/v1/encounters/none/notes", `{"type":"progress","text":"x"}`, 404},
	} {
		a, err := c.send(http.MethodPost, wrong.path, "application/json", wrong.body)
		if err != nil || a.status != wrong.want {
			t.Errorf("%s: %d %s, want %d, %v", wrong.body, a.status, a.body, wrong.want, err)
		}
	}
	if now := all[noteItem](t, c, notes); len(now) != len(after) {
		t.Errorf("a refused note was stored")
	}
	s.stop(t)
	noPatients(t, s, whole, "Marrowfat")
}

// noPatients looks for patients and notes in the log and the output of a server.
func noPatients(t *testing.T, s *serving, encounters []encounterItem, more ...string) {
	t.Helper()
	text := s.logged(t) + s.output()
	for _, e := range encounters {
		for name := range strings.FieldsFuncSeq(e.Patient.Name, func(r rune) bool { return r == ',' || r == ' ' }) {
			if len(name) > 3 && strings.Contains(text, name) {
				t.Errorf("the log of the server names %s", name)
			}
		}
	}
	for _, words := range more {
		if strings.Contains(text, words) {
			t.Errorf("the log of the server holds %q", words)
		}
	}
	if len(encounters) > 0 && s.logged(t) == "" {
		t.Error("nothing was logged, so nothing was looked at")
	}
}

// besideAServer runs commands on the folder of a server that is being written to:
// nothing is locked, and no entry of the audit log is lost.
func besideAServer(t *testing.T, dir string) {
	before := wantWhole(t, dir)
	s := serve(t, "serve", "--dir", dir, "--log", "debug")
	encounters := all[encounterItem](t, s.caller(tokenFor(t, dir)), "/api/v1/encounters?limit=500")
	writers := s.caller(tokenFor(t, dir))
	var stop atomic.Bool
	var notes atomic.Int64
	var group sync.WaitGroup
	for client := range 4 {
		group.Go(func() {
			path := "/api/v1/encounters/" + encounters[client].ID + "/notes"
			for !stop.Load() {
				a, err := writers.send(http.MethodPost, path, "application/json", `{"type":"progress","text":"Turnstone by the weir."}`)
				if err != nil || a.status != http.StatusCreated {
					t.Errorf("POST: %d %s, %v", a.status, a.body, err)
					return
				}
				notes.Add(1)
			}
		})
	}
	const rounds = 3
	var tokens sync.WaitGroup
	for range 2 {
		tokens.Go(func() {
			for range rounds {
				if a, err := s.caller(tokenFor(t, dir)).send(http.MethodGet, "/api/v1/encounters?limit=1", "", ""); err != nil || a.status != http.StatusOK {
					t.Errorf("a token made beside the server: %d, %v", a.status, err)
				}
			}
		})
	}
	wantWhole(t, dir)
	other := imported(t, dir)
	tokens.Wait()
	stop.Store(true)
	group.Wait()
	wantWhole(t, dir)

	auditor := s.caller(tokenFor(t, dir, "--role", "auditor"))
	for action, want := range map[string]int{"chart.write-note": int(notes.Load()), "token.create": 2 + 2*rounds + 1} {
		if got := len(all[struct{}](t, auditor, "/api/v1/audit/entries?limit=500&outcome=done&actor=&action="+action)); got < want {
			t.Errorf("%d entries of %s, %d were answered", got, action, want)
		}
	}
	for _, trouble := range []string{"locked", "SQLITE_BUSY", "database is"} {
		if strings.Contains(s.logged(t)+other, trouble) {
			t.Errorf("the database was %q", trouble)
		}
	}
	s.stop(t)
	after := wantWhole(t, dir)
	if after.Tail != 0 || after.Entries < before.Entries+notes.Load() {
		t.Errorf("%d entries and %d in the tail after %d and %d notes", after.Entries, after.Tail, before.Entries, notes.Load())
	}
	t.Logf("%d notes written beside %d tokens", notes.Load(), 2*rounds+3)
	noPatients(t, s, encounters, "Turnstone")
}

// imported runs an import beside the server.
func imported(t *testing.T, dir string) (diagnostics string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "message.hl7")
	message := "MSH|^~\\&|REG|HOSP|CHARTROOM|HOSP|20260301083000||ADT^A01^ADT_A01|B-1001|P|2.5.1\r" +
		"EVN|A01|20260301083000\rPID|1||99120^^^HOSP^MR||Quillfeather^Orla||19580211|F\r" +
		"PV1|1|I|4W^410^1||||||||||||||||V-9901|||||||||||||||||||||||||20260301083000\r"
	if err := os.WriteFile(path, []byte(message), 0o600); err != nil {
		t.Fatal(err)
	}
	got := execute(t, nil, "import", "--dir", dir, path)
	if got.status != 0 || !strings.Contains(got.stdout, `"accepted":1`) || strings.Contains(got.stdout+got.stderr, "Quillfeather") {
		t.Errorf("import beside the server: %s", fmt.Sprint(got))
	}
	return got.stderr
}
