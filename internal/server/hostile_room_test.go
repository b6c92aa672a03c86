package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/server"
)

// room is a department with one patient and somebody of every role, behind its
// server, as one who attacks it sees it.
type room struct {
	t        *testing.T
	dir      string
	dept     *app.Department
	srv      *server.Server
	log      *safeBuffer
	ended    sync.Once
	sessions map[access.Role]string // the cookie of somebody in this role
	people   map[access.Role]access.Staff
	program  string // secret of a token without a role

	record, encounter, document, message, fact string
}

const roomPassword = "quince-harbour-nettle-41"

// safeBuffer is a buffer that several requests may log to.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to the buffer.
func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String gives what was written.
func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// openRoom opens a new department and hires the roles given.
func openRoom(t *testing.T, roles ...access.Role) *room {
	t.Helper()
	return openRoomOn(t, app.Config{Dir: filepath.Join(t.TempDir(), "department"), Source: "north"}, roles...)
}

// openRoomOn is openRoom on a folder or database of the caller's.
func openRoomOn(t *testing.T, config app.Config, roles ...access.Role) *room {
	t.Helper()
	r := &room{
		t: t, dir: config.Dir, log: new(safeBuffer),
		sessions: map[access.Role]string{}, people: map[access.Role]access.Staff{},
	}
	config.Hash = quickHash
	var err error
	r.dept, err = app.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	r.srv, err = server.New(r.dept, server.Options{Log: slog.New(slog.NewJSONHandler(r.log, nil)), Now: config.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range roles {
		r.hire(role)
	}
	r.program, _, err = r.dept.Access.CreateToken(t.Context(), access.Console(), "program", "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	r.admit()
	return r
}

// close closes the department, once.
func (r *room) close() {
	r.ended.Do(func() {
		if err := r.dept.Close(); err != nil {
			r.t.Errorf("close: %v", err)
		}
	})
}

// hire adds somebody with one role and signs them in.
func (r *room) hire(role access.Role) {
	r.t.Helper()
	person, err := r.dept.Access.AddStaff(r.t.Context(), access.Console(), access.NewStaff{
		Login: string(role), Name: "Somebody " + string(role), Roles: []access.Role{role}, Password: roomPassword,
	})
	if err != nil {
		r.t.Fatalf("%s: %v", role, err)
	}
	session, err := r.dept.Access.SignIn(r.t.Context(), string(role), roomPassword, "192.0.2.1")
	if err != nil {
		r.t.Fatalf("%s: %v", role, err)
	}
	r.people[role], r.sessions[role] = person, session.Token
}

// The words of the patient of a room: whoever may not read charts must not see
// them.
const (
	roomFamily = "Quillfeather"
	roomNumber = "88471120"
	roomText   = "zephyrine"
)

// roomMessage admits the patient; roomNote brings a note on the stay.
var (
	roomMessage = strings.Join([]string{
		`MSH|^~\&|REG|NORTH|CR|HIM|20260901120000||ADT^A01|C1|P|2.5.1`,
		"EVN|A01|20260901120000",
		"PID|1||" + roomNumber + "^^^NORTH^MR||" + roomFamily + "^Ottoline||19511204|F|||14 Vellum Lane^^Zzyzx^CA^92309||5550138821||||||912-55-0138",
		"PV1|1|I|4EAST^401^A||||1112223334^Marl^Ines|||MED|||||||||V771|||||||||||||||||||||||||20260901113000|20260904101500",
		"DG1|1||J18.9^" + roomText + " pneumonia^I10||20260901|A",
		"",
	}, "\r")
	roomNote = "Record-Number: " + roomNumber + "\nAssigner: NORTH\nEncounter: V771\nType: discharge summary\nAuthor: Ines Marl\nSigned: yes\n\n" +
		"HOSPITAL COURSE: " + roomText + " woman treated for community acquired pneumonia. History of essential hypertension.\n"
)

// admit takes the patient in and finds out the identifiers of everything.
func (r *room) admit() {
	r.t.Helper()
	ctx := r.t.Context()
	for _, text := range []string{roomMessage, roomNote} {
		got, err := r.dept.Intake.Receive(ctx, access.Console(), "", strings.NewReader(text))
		if err != nil || got.Rejected > 0 {
			r.t.Fatalf("intake: %+v, %v", got, err)
		}
	}
	reader := r.programActor()
	page, err := r.dept.Chart.Encounters(ctx, reader, chart.EncounterFilter{})
	if err != nil || len(page.Rows) != 1 {
		r.t.Fatalf("encounters: %d, %v", len(page.Rows), err)
	}
	r.encounter, r.record = page.Rows[0].Encounter.ID, page.Rows[0].Encounter.Record
	whole, err := r.dept.Chart.EncounterChart(ctx, reader, r.encounter)
	if err != nil || len(whole.Documents) != 1 || len(whole.Facts) == 0 {
		r.t.Fatalf("chart: %v", err)
	}
	r.document, r.message, r.fact = whole.Documents[0].ID, whole.Documents[0].Source.Message, whole.Facts[0].ID
}

func (r *room) programActor() gate.Actor {
	r.t.Helper()
	actor, err := r.dept.Access.ByToken(r.t.Context(), r.program)
	if err != nil {
		r.t.Fatal(err)
	}
	return actor
}

// as adds what somebody signs in with to a request.
type as func(*http.Request)

func nobody(*http.Request) {}

func withToken(secret string) as {
	return func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+secret) }
}

func withCookie(token string) as {
	return func(q *http.Request) { q.AddCookie(&http.Cookie{Name: "chartroom_session", Value: token}) }
}

// do makes one request of the server.
func (r *room) do(method, target, media string, body []byte, who as) *httptest.ResponseRecorder {
	r.t.Helper()
	address := &url.URL{}
	if parsed, err := url.ParseRequestURI(target); err == nil {
		address = parsed
	} else {
		r.t.Fatalf("%s: %v", target, err)
	}
	q := httptest.NewRequestWithContext(context.Background(), method, "/", bytes.NewReader(body))
	q.URL, q.RequestURI = address, target
	if media != "" {
		q.Header.Set("Content-Type", media)
	}
	who(q)
	w := httptest.NewRecorder()
	r.srv.ServeHTTP(w, q)
	return w
}

const jsonType, formType = "application/json", "application/x-www-form-urlencoded"

// fill puts the identifiers of the room into a pattern of the route table.
func (r *room) fill(pattern string) string {
	replace := strings.NewReplacer(
		"{$}", "", "{version}", "0", "{file...}", "app.css", "{record}", r.record, "{document}", r.document, "{fact}", r.fact,
		"{encounter}", r.encounter, "{entry}", gate.NewID(), "{person}", gate.NewID(), "{token}", gate.NewID(),
		"{code}", "I10", "{system}", "icd10cm", "{node}", "1", "{slot}", "note",
	)
	id := r.encounter
	switch {
	case strings.Contains(pattern, "/documents/{id}"):
		id = r.document
	case strings.Contains(pattern, "/messages/{id}"):
		id = r.message
	case strings.Contains(pattern, "/entries/{id}"):
		id = gate.NewID()
	}
	if strings.Contains(pattern, "/codes/{code}/trace") {
		pattern = strings.ReplaceAll(pattern, "{code}", gate.NewID())
	}
	path := replace.Replace(strings.ReplaceAll(pattern, "{id}", id))
	if pattern == "/fhir/R4/Condition" || pattern == "/fhir/R4/Procedure" {
		path += "?encounter=" + r.encounter
	}
	return path
}

// tables are counted before and after an attack: what is refused leaves nothing
// in them. Messages are not among them: the bytes of what was rejected are kept.
var tables = []string{
	"record", "record_number", "record_link", "fact", "encounter", "patient_token", "coding", "coding_event", "final_code",
	"coding_draft", "access_staff", "access_token", "access_label", "access_privilege",
}

// counts gives the number of rows of each table.
func (r *room) counts() map[string]int {
	r.t.Helper()
	rows := map[string]int{}
	err := r.dept.Gate.Read(r.t.Context(), access.Console(), access.ActionList, gate.Department(), func(tx *gate.Tx) error {
		for _, name := range tables {
			var n int
			if err := tx.QueryRow(r.t.Context(), "SELECT count(*) FROM "+name).Scan(&n); err != nil {
				return err
			}
			rows[name] = n
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return rows
}

// alive fails the test unless the server still works.
func (r *room) alive() {
	r.t.Helper()
	if w := r.do(http.MethodGet, "/healthz", "", nil, nobody); w.Code != http.StatusOK {
		r.t.Errorf("healthz: %d", w.Code)
	}
}

// isProblem fails the test unless an answer is a problem document.
func isProblem(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	var problem struct {
		Status int
		Title  string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Status != w.Code ||
		w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %d is answered with %s %.120s", name, w.Code, w.Header().Get("Content-Type"), w.Body.String())
	}
}

// readJSON reads the body of an answer.
func readJSON(w *httptest.ResponseRecorder, into any) error {
	return json.Unmarshal(w.Body.Bytes(), into)
}
