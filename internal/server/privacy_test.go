package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
	"chartroom/wire/hl7v2/mllp"
)

// planted are words that come in by every door there is: names, numbers,
// addresses, texts, reasons, drafts, searches, and what people type where it does
// not belong. None of them may lie readable anywhere but in the answers to those
// who may read charts.
var planted = []string{
	"Zwanenburgh", "Theodolinda", "Quarrington", "Oxymandel", // names
	"MRN9948177", "77310459982", "912-66-4417", "912664417", "ACCT99017", "VIS40021", // numbers
	"5550134499", "zwan@example.org", "1937-11-23", "19371123", "1023 Vellichor Crescent", "Zzyzxton", "00991-1122", // reach and birth
	"pellucidar", "xanthoblepharic", "squamifold", "Obfuscare", "MEMBER5567", // clinical, coverage
	"rejectafied", "waivelorn", "reopenwise", "draftsomely", "whytrail", "progressoid", // typed at the coding page
	"findmesoon", "encoderfish", "indexhound", "loginslip", "passwordslip", "addressbarred", // searches and slips
	"kindofoddity", "statusoddity", "classoddity", "typeoddity", "slotoddity", // where codes and types belong
}

// found lists the planted words that stand in data, plain or in another writing.
func found(data []byte) []string {
	var all []string
	low := bytes.ToLower(data)
	for _, word := range planted {
		wide := make([]byte, 0, 2*len(word))
		for _, c := range []byte(strings.ToLower(word)) {
			wide = append(wide, c, 0)
		}
		written := [][]byte{
			[]byte(strings.ToLower(word)), wide, []byte(hex.EncodeToString([]byte(word))), []byte(hex.EncodeToString([]byte(strings.ToLower(word)))),
		}
		for _, form := range written {
			if bytes.Contains(low, form) {
				all = append(all, word)
			}
		}
		// The three ways a word can lie in base64, without its ends.
		for pad := range 3 {
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", pad) + word))
			if from := (pad*8 + 5) / 6; bytes.Contains(data, []byte(text[from:len(word)*8/6])) {
				all = append(all, word+" in base64")
			}
		}
	}
	return all
}

// TestFoundFinds makes sure that the search would find what it looks for.
func TestFoundFinds(t *testing.T) {
	for _, text := range []string{
		"..zwanenburgh..", "Z\x00w\x00a\x00n\x00e\x00n\x00b\x00u\x00r\x00g\x00h\x00", hex.EncodeToString([]byte("Zwanenburgh")),
		base64.StdEncoding.EncodeToString([]byte("Zwanenburgh")), base64.StdEncoding.EncodeToString([]byte("a Zwanenburgh b")),
		base64.StdEncoding.EncodeToString([]byte("ab Zwanenburgh")), base64.RawURLEncoding.EncodeToString([]byte("abcZwanenburgh")),
	} {
		if len(found([]byte(text))) == 0 {
			t.Errorf("%q was not found", text)
		}
	}
	if all := found([]byte(strings.Repeat("nothing of them ", 1000))); len(all) > 0 {
		t.Errorf("found %v in nothing", all)
	}
}

// traces collects what of a request is seen outside the answer's body: headers
// and titles.
type traces struct{ b strings.Builder }

func (x *traces) keep(w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	for name, values := range w.Header() {
		fmt.Fprintln(&x.b, name, values)
	}
	if title := pageTitle.FindString(w.Body.String()); title != "" {
		fmt.Fprintln(&x.b, title)
	}
	if w.Code >= 400 {
		fmt.Fprintln(&x.b, w.Body.String()) // errors hold no patient data, whoever asked
	}
	return w
}

var pageTitle = regexp.MustCompile(`<title>[^<]*</title>`)

const plantedHL7 = `MSH|^~\&|REG|NORTH|CR|HIM|20260901120000||ADT^A01|CTL-Zwanenburgh-1|P|2.5.1
EVN|A01|20260901120000
PID|1||MRN9948177^^^NORTH^MR~77310459982^^^NORTH^kindofoddity||Zwanenburgh^Theodolinda^Quarrington||19371123|F|||1023 Vellichor Crescent^^Zzyzxton^NV^00991-1122||5550134499^PRN^PH^zwan@example.org|||||ACCT99017|912-66-4417
PV1|1|I|4EAST^401^A||||1112223334^Oxymandel^Ines|||MED|||||||||VIS40021|||||||||||||||||||||||||20260901113000|20260904101500
PV2|||^because of squamifold pain
IN1|1|PLAN|Obfuscare|Obfuscare Mutual||||||||||||||||||||||||||||||||MEMBER5567
DG1|1||J18.9^pellucidar pneumonia^I10||20260901|A
`

const plantedFHIR = `{"resourceType":"Bundle","type":"transaction","entry":[
{"fullUrl":"http://x.example/fhir/Patient/Zwanenburgh","resource":{"resourceType":"Patient","id":"Zwanenburgh",
"identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:Theodolinda","value":"77310459982"}],
"name":[{"family":"Zwanenburgh","given":["Theodolinda"]}],"birthDate":"1937-11-23","telecom":[{"system":"email","value":"zwan@example.org"}]}},
{"resource":{"resourceType":"Encounter","id":"VIS40021","status":"statusoddity","class":{"code":"classoddity"},"subject":{"reference":"Patient/Zwanenburgh"},
"reasonCode":[{"text":"squamifold"}]}},
{"resource":{"resourceType":"Condition","id":"pellucidar-1","subject":{"reference":"Patient/Zwanenburgh"},"clinicalStatus":{"coding":[{"code":"statusoddity"}]},"code":{"text":"pellucidar"}}},
{"resource":{"resourceType":"typeoddity","id":"Zwanenburgh"}}]}`

const plantedNote = "Record-Number: MRN9948177\nAssigner: NORTH\nEncounter: VIS40021\nType: typeoddity\nAuthor: Dr. Oxymandel\nSigned: yes\n\n" +
	"HOSPITAL COURSE: Theodolinda Zwanenburgh, xanthoblepharic, treated for community acquired pneumonia. Hypertension.\n"

// plant puts the words in by every door.
func (r *room) plant(seen *traces) {
	r.t.Helper()
	post := func(path, body string, who as) *httptest.ResponseRecorder {
		media := jsonType
		if !strings.HasPrefix(path, "/api/") {
			media = formType
		}
		return seen.keep(r.do(http.MethodPost, path, media, []byte(body), who))
	}
	program, supervisor, admin := withToken(r.program), withCookie(r.sessions[access.Supervisor]), withCookie(r.sessions[access.Administrator])

	// Intake, by HTTP and by MLLP; what is refused as well.
	hl7 := strings.ReplaceAll(plantedHL7, "\n", "\r")
	for _, body := range []string{
		hl7, plantedFHIR, plantedNote, strings.Replace(hl7, "ADT^A01|CTL", "typeoddity^kindofoddity|CTL", 1), strings.Replace(hl7, "PID|", "PID|\xff", 1),
		plantedFHIR[:200], strings.Replace(plantedNote, "MRN9948177", "77310459982", 1), `{"resourceType":"typeoddity","id":"Zwanenburgh"}`, "Zwanenburgh Theodolinda",
	} {
		post("/api/v1/intake", body, program)
	}
	r.plantByMLLP(seen, hl7)

	// The pages and the JSON API.
	post("/find", "query=Zwanenburgh+findmesoon", supervisor)
	where := post("/find", "query=Zwanenburgh", supervisor).Header().Get("Location")
	seen.keep(r.do(http.MethodGet, where, "", nil, supervisor))
	// The form comes back with the name in it, to whoever typed it.
	r.do(http.MethodPost, "/sign-in", formType, []byte("name=loginslip&password=passwordslip"), nobody)
	post("/session/unlock", "name=loginslip&password=passwordslip", nobody)
	post("/api/v1/find", `{"query":"Zwanenburgh"}`, supervisor)
	post("/api/v1/find", `{"query":"findmesoon"}`, supervisor)
	post("/api/v1/find", `{"query":["findmesoon"]}`, supervisor)
	post("/api/v1/encoder/search", `{"query":"encoderfish"}`, supervisor)
	post("/api/v1/encoder/index", `{"term":"indexhound"}`, supervisor)
	for _, who := range []as{supervisor, admin, nobody} {
		for _, path := range []string{
			"/chart/addressbarred", "/coding/addressbarred", "/api/v1/encounters/addressbarred/coding", "/fhir/R4/Condition?encounter=addressbarred",
			"/audit?subject=addressbarred", "/api/v1/audit/entries?subject=addressbarred", "/audit/addressbarred", "/nothing/addressbarred", "/find?f=addressbarred",
			"/work?unit=addressbarred", "/api/v1/messages/addressbarred/bytes",
		} {
			if w := r.do(http.MethodGet, path, "", nil, who); w.Code != http.StatusSeeOther { // to sign in, and from there to where one was
				seen.keep(w)
			}
		}
	}
	r.plantByCoding(seen)
	for _, path := range []string{
		"/chart/" + r.record, "/coding/" + r.encounter, "/work", "/work.csv", "/api/v1/encounters/" + r.encounter + "/chart",
		"/chart/" + r.record + "/documents/" + r.document, "/chart/" + r.record + "/facts/" + r.fact,
		"/api/v1/messages", "/api/v1/messages/" + r.message + "/bytes", "/fhir/R4/Encounter/" + r.encounter,
	} {
		if w := seen.keep(r.do(http.MethodGet, path, "", nil, supervisor)); w.Code != http.StatusOK {
			r.t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}

// plantByMLLP sends a good message, one that is refused and one that is none.
func (r *room) plantByMLLP(seen *traces, hl7 string) {
	r.t.Helper()
	l, err := new(net.ListenConfig).Listen(r.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	trouble := new(safeBuffer)
	go func() {
		done <- r.dept.Intake.Listen(ctx, l, gate.Actor{ID: "mllp", Kind: gate.System}, intake.ListenerConfig{
			Trouble: func(text string) { fmt.Fprintln(trouble, text) }, DrainTimeout: time.Second,
		})
	}()
	for _, message := range []string{
		strings.Replace(hl7, "CTL-Zwanenburgh-1", "CTL-Zwanenburgh-2", 1), strings.Replace(hl7, "ADT^A01", "typeoddity^A01", 1),
		"Zwanenburgh", strings.Replace(hl7, "19371123", "Oxymandel", 1),
	} {
		r.sendFrame(l.Addr().String(), message)
	}
	stop()
	if err := <-done; err != nil {
		r.t.Error(err)
	}
	seen.b.WriteString(trouble.String())
	if trouble.String() == "" {
		r.t.Error("no trouble was told of")
	}
}

func (r *room) sendFrame(address, message string) {
	r.t.Helper()
	c, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if err := mllp.WriteFrame(c, []byte(message)); err != nil {
		r.t.Fatal(err)
	}
	if _, err := mllp.NewReader(c, 0).ReadFrame(); err != nil {
		r.t.Errorf("no answer to an MLLP message: %v", err)
	}
}

// plantByCoding finds the planted patient and leaves words at every step of the
// coding of the stay.
func (r *room) plantByCoding(seen *traces) {
	r.t.Helper()
	supervisor := withCookie(r.sessions[access.Supervisor])
	var hits struct{ Items []struct{ Record string } }
	if err := readJSON(r.do(http.MethodPost, "/api/v1/find", jsonType, []byte(`{"query":"Zwanenburgh MRN9948177"}`), supervisor), &hits); err != nil || len(hits.Items) != 1 {
		r.t.Fatalf("the planted patient was not found: %v %v", hits, err)
	}
	r.record = hits.Items[0].Record
	page, err := r.dept.Chart.Chart(r.t.Context(), r.programActor(), r.record)
	if err != nil || len(page.Encounters) == 0 || len(page.Documents) == 0 || len(page.Facts) == 0 {
		r.t.Fatalf("the planted chart: %v", err)
	}
	r.encounter, r.document, r.fact = page.Encounters[0].ID, page.Documents[0].ID, page.Facts[0].ID
	r.message = page.Documents[0].Source.Message
	at := "/api/v1/encounters/" + r.encounter
	var session struct {
		Revision    int
		Suggestions []struct{ ID string }
		Findings    []struct{ Key string }
	}
	step := func(method, path, body string, want int) {
		r.t.Helper()
		body = strings.ReplaceAll(body, "REVISION", fmt.Sprint(session.Revision))
		w := seen.keep(r.do(method, at+path, jsonType, []byte(body), supervisor))
		if w.Code != want {
			r.t.Errorf("%s %s: %d %.200s", method, path, w.Code, w.Body.String())
		}
		if strings.HasPrefix(path, "/coding/") && w.Code == http.StatusOK {
			_ = readJSON(w, &session) // only sessions have a revision
		}
	}
	step("POST", "/notes", `{"type":"progressoid","title":"typeoddity","text":"Zwanenburgh is xanthoblepharic.","author":{"name":"Oxymandel"}}`, 201)
	step("POST", "/coding/suggest", "", 200)
	if len(session.Suggestions) == 0 {
		r.t.Fatal("nothing was suggested")
	}
	step("POST", "/coding/reject", `{"revision":REVISION,"suggestion":"`+session.Suggestions[0].ID+`","reason":"rejectafied Zwanenburgh"}`, 200)
	step("POST", "/coding/add", `{"revision":REVISION,"system":"icd10cm","code":"J18.9","poa":"Y","why":["whytrail Zwanenburgh"],"passages":[{"document":"`+r.document+`","version":1,"start":0,"end":15}]}`, 200)
	step("POST", "/coding/add", `{"revision":REVISION,"system":"icd10cm","code":"I10","poa":"Zwanenburgh"}`, 422)
	step("POST", "/coding/add", `{"revision":REVISION,"system":"icd10cm","code":"I10","date":"Oxymandel"}`, 422)
	step("POST", "/coding/waive", `{"revision":REVISION,"finding":"Zwanenburgh","reason":"waivelorn"}`, 404)
	step("PUT", "/coding/drafts/note", `{"text":"draftsomely Zwanenburgh"}`, 204)
	step("PUT", "/coding/drafts/slot%20oddity", `{"text":"x"}`, 404)
	step("POST", "/coding/finalise", `{"revision":REVISION}`, 200)
	step("POST", "/coding/reopen", `{"revision":REVISION,"reason":"reopenwise Zwanenburgh"}`, 200)
	step("GET", "/coding/history", "", 200)
	step("GET", "/coding/drafts", "", 200)
}

// openPlanted opens a room on a database and plants the words in it.
func openPlanted(t *testing.T, config app.Config) (*room, *traces) {
	t.Helper()
	r := openRoomOn(t, config, access.Supervisor, access.Administrator, access.Auditor)
	person := r.people[access.Supervisor]
	held, err := r.dept.Access.PutCredential(t.Context(), access.Console(), access.Credential{
		Staff: person.ID, Kind: "RHIA", Number: "1", Issuer: "AHIMA", Expires: time.Now().AddDate(1, 0, 0).Format(time.DateOnly),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.dept.Access.Grant(t.Context(), access.Console(), person.ID, access.FinalCoding, held.ID); err != nil {
		t.Fatal(err)
	}
	seen := new(traces)
	r.plant(seen)
	for _, path := range []string{"/audit", "/audit.csv", "/api/v1/audit/entries?limit=500", "/administration", "/api/v1/messages"} {
		role := access.Administrator
		if strings.HasSuffix(path, "messages") {
			role = access.Supervisor
		}
		w := r.do(http.MethodGet, path, "", nil, withCookie(r.sessions[role]))
		for _, word := range found(w.Body.Bytes()) {
			t.Errorf("GET %s shows %q", path, word)
		}
	}
	for _, word := range found([]byte(seen.b.String())) {
		t.Errorf("headers, titles or errors hold %q", word)
	}
	for _, word := range found([]byte(r.log.String())) {
		t.Errorf("the server's log holds %q", word)
	}
	return r, seen
}

// TestPrivacySQLite looks for the planted words in every file of the department
// and of the temporary folder, while it is open and after it was closed.
func TestPrivacySQLite(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	r, _ := openPlanted(t, app.Config{Dir: filepath.Join(t.TempDir(), "department"), Source: "north"})
	size := searchFiles(t, r.dir) + searchFiles(t, temporary)
	if size < 200_000 {
		t.Errorf("only %d bytes were searched", size)
	}
	// What the words are about is there: the search did not look at nothing.
	w := r.do(http.MethodGet, "/chart/"+r.record, "", nil, withCookie(r.sessions[access.Supervisor]))
	if !strings.Contains(w.Body.String(), "Zwanenburgh") {
		t.Error("the planted patient is not in the chart")
	}
	r.close()
	searchFiles(t, r.dir)
}

func searchFiles(t *testing.T, dir string) (size int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && e.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		for _, word := range found([]byte(path)) {
			t.Errorf("the name of a file holds %q", word)
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for _, word := range found(data) {
			t.Errorf("%s holds %q", filepath.Base(path), word)
		}
		if info, err := e.Info(); err == nil && info.Mode().Perm()&0o077 != 0 && strings.HasPrefix(path, dir) {
			t.Errorf("%s may be read by others: %v", filepath.Base(path), info.Mode())
		}
		size += len(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// TestPrivacyPostgres looks for them in every row of every table.
func TestPrivacyPostgres(t *testing.T) {
	address := gatetest.PostgresSchema(t)
	r, _ := openPlanted(t, app.Config{Dir: filepath.Join(t.TempDir(), "department"), Database: address, Source: "north"})
	searchFiles(t, r.dir)
	db, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(t.Context())) }()
	names, err := column(t.Context(), db, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
	if err != nil || len(names) < 20 {
		t.Fatalf("tables %v, %v", names, err)
	}
	total := 0
	for _, name := range names {
		rows, err := column(t.Context(), db, `SELECT t::text FROM `+pgx.Identifier{name}.Sanitize()+` t`)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			total += len(row)
			for _, word := range found([]byte(row)) {
				t.Errorf("table %s holds %q", name, word)
			}
		}
	}
	if total < 50_000 {
		t.Errorf("only %d bytes were searched", total)
	}
}

// column reads a column of text.
func column(ctx context.Context, db *pgx.Conn, query string) ([]string, error) {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// TestAddressesOfPagesHoldNoPatient reads every link and form of the pages that
// show a patient.
func TestAddressesOfPagesHoldNoPatient(t *testing.T) {
	r := openRoom(t, access.Supervisor)
	address := regexp.MustCompile(`(?:href|action|src|data-[a-z-]+)="([^"]*)"`)
	links := 0
	for _, path := range []string{"/work", "/chart/" + r.record, "/coding/" + r.encounter, "/chart/" + r.record + "/documents/" + r.document, "/chart/" + r.record + "/facts/" + r.fact} {
		w := r.do(http.MethodGet, path, "", nil, withCookie(r.sessions[access.Supervisor]))
		for _, m := range address.FindAllStringSubmatch(w.Body.String(), -1) {
			links++
			text, err := url.QueryUnescape(m[1])
			if err != nil {
				text = m[1]
			}
			for _, word := range []string{roomFamily, "Ottoline", roomNumber, roomText, "Vellum", "912-55-0138", "1951-12-04"} {
				if strings.Contains(text, word) {
					t.Errorf("%s: an address or attribute holds %q: %.200s", path, word, m[0])
				}
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d addresses were read", links)
	}
}
