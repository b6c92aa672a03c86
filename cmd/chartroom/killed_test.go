package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to tamper with the log
)

const (
	crashVariable = "CHARTROOM_CRASH_CYCLES" // kills of the server; also of the suite in internal/crashtest
	crashCycles   = 8
	crashClients  = 8
	// crashTime is how long a server lives at most once it answers.
	crashTime = 400 * time.Millisecond
)

// killed kills a server again and again while clients add notes, and looks after
// each start for every note that was answered with 201.
func killed(t *testing.T, dir string) {
	cycles := crashCycles
	if text := os.Getenv(crashVariable); text != "" {
		var err error
		if cycles, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", crashVariable, err)
		}
	}
	token := tokenFor(t, dir)
	s := serve(t, "serve", "--dir", dir, "--log", "warn")
	encounters := all[encounterItem](t, s.caller(token), "/api/v1/encounters?limit=500")[:crashClients]
	kept := make([]map[string]string, crashClients) // id to text, of all cycles
	for i := range kept {
		kept[i] = map[string]string{}
	}
	for cycle := range cycles {
		acknowledged := underLoad(s, token, encounters, cycle)
		if cycle%4 == 3 { // also while it closes down
			_ = s.Process.Signal(os.Interrupt)
			time.Sleep(rand.N(20 * time.Millisecond))
		}
		s.kill(t)
		s = serve(t, "serve", "--dir", dir, "--log", "warn")
		c := s.caller(token)
		for i, client := range acknowledged() {
			maps.Copy(kept[i], client)
			stored := map[string]string{}
			for _, n := range all[noteItem](t, c, "/api/v1/encounters/"+encounters[i].ID+"/notes") {
				stored[n.ID] = n.Text
			}
			for id, text := range kept[i] {
				if stored[id] != text {
					t.Fatalf("cycle %d: a note answered with 201 is %q, want %q", cycle, stored[id], text)
				}
			}
		}
	}
	if cycles > 0 {
		wantWhole(t, dir) // beside the server
	}
	s.stop(t)
	line := wantWhole(t, dir)
	total := 0
	for _, client := range kept {
		total += len(client)
	}
	if line.Entries+line.Tail < int64(total) {
		t.Errorf("%d entries and %d in the tail for %d notes", line.Entries, line.Tail, total)
	}
	t.Logf("%d kills: %d notes answered, none lost; %d audit entries prove whole, %d of them in the tail",
		cycles, total, line.Entries+line.Tail, line.Tail)
}

// underLoad lets clients write for a while and returns at a moment of chance,
// while they still write; the caller kills the server, and then asks what each
// client was answered.
func underLoad(s *serving, token string, encounters []encounterItem, cycle int) (acknowledged func() []map[string]string) {
	answeredBy := make([]map[string]string, len(encounters))
	began := make(chan struct{}, len(encounters))
	var group sync.WaitGroup
	for i, encounter := range encounters {
		answeredBy[i] = map[string]string{}
		c := s.caller(token)
		group.Go(func() {
			for n := 0; ; n++ {
				text := fmt.Sprintf("Cycle %d, client %d, note %d: seen, stable.", cycle, i, n)
				a, err := c.send(http.MethodPost, "/api/v1/encounters/"+encounter.ID+"/notes", "application/json",
					`{"type":"progress","text":"`+text+`"}`)
				var note noteItem
				if err != nil || a.status != http.StatusCreated || json.Unmarshal([]byte(a.body), &note) != nil {
					return // killed
				}
				answeredBy[i][note.ID] = text
				if n == 0 {
					began <- struct{}{}
				}
			}
		})
	}
	for range encounters {
		select {
		case <-began:
		case <-time.After(patience): // what was answered until then is looked at
		}
	}
	time.Sleep(rand.N(crashTime))
	return func() []map[string]string {
		group.Wait()
		return answeredBy
	}
}

// tampering changes one byte of the stored log at different places: the first
// entry that is not as it was is named.
func tampering(t *testing.T, dir string) {
	whole := wantWhole(t, dir)
	for _, change := range []struct {
		name, query string
		position    int64
	}{
		{"first entry", `UPDATE audit_entry SET action = 'X' || substr(action, 2) WHERE position = 0`, 0},
		{"an entry within", `UPDATE audit_entry SET at = at + 1 WHERE position = 17`, 17},
		{"two entries", `UPDATE audit_entry SET actor = 'X' || substr(actor, 2) WHERE position IN (40, 11)`, 11},
		{"a keyed hash", `UPDATE audit_entry SET mac = X'00' || substr(mac, 2) WHERE position = 23`, 23},
		{"last entry", fmt.Sprintf(`UPDATE audit_entry SET outcome = 'E' || substr(outcome, 2) WHERE position = %d`, whole.Entries-1), whole.Entries - 1},
		{"one entry less", `DELETE FROM audit_entry WHERE position = 5`, 5},
	} {
		t.Run(change.name, func(t *testing.T) {
			at := copied(t, dir)
			tamper(t, at, change.query)
			got, line := proved(t, at)
			if got != 3 || line.Whole || line.Problem == nil || line.Problem.Position == nil || *line.Problem.Position != change.position {
				t.Errorf("status %d, %+v, want 3 and position %d", got, line.Problem, change.position)
			}
		})
	}
}

// tamperingWithTheTail changes an entry that a killed server left without a place
// in the tree.
func tamperingWithTheTail(t *testing.T, dir string) {
	token := tokenFor(t, dir)
	s := serve(t, "serve", "--dir", dir)
	path := "/api/v1/encounters/" + all[encounterItem](t, s.caller(token), "/api/v1/encounters?limit=1")[0].ID + "/notes"
	for range 20 { // the server takes its time to place the last ones
		if a, err := s.caller(token).send(http.MethodPost, path, "application/json", `{"type":"progress","text":"Stable."}`); err != nil || a.status != http.StatusCreated {
			t.Fatalf("%d %s, %v", a.status, a.body, err)
		}
	}
	s.kill(t)
	tamper(t, dir, `UPDATE audit_tail SET actor = 'X' || substr(actor, 2) WHERE tick = (SELECT min(tick) FROM audit_tail)`)
	got, line := proved(t, dir)
	if got != 3 || line.Whole || line.Problem == nil || line.Problem.Entry == "" {
		t.Errorf("status %d, %+v", got, line.Problem)
	}
}

// tamper changes the database of a folder behind the back of the department.
func tamper(t *testing.T, dir, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	res, err := db.ExecContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%d rows changed, %v", n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
