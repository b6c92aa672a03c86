package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/scan"
)

// TestPrivacyOfTheIncomingDesk brings the planted words in by every door of the
// incoming desk and looks for them in every file of the department, in headers,
// titles and errors, and in the log.
func TestPrivacyOfTheIncomingDesk(t *testing.T) {
	r, seen := openPlanted(t, app.Config{Dir: filepath.Join(t.TempDir(), "department"), Source: "north"})
	who := withCookie(r.sessions[access.Supervisor])
	get := func(path string) *httptest.ResponseRecorder {
		w := seen.keep(r.do(http.MethodGet, path, "", nil, who))
		if w.Code != http.StatusOK {
			t.Errorf("GET %s: %d %.200s", path, w.Code, w.Body.String())
		}
		return w
	}
	form := func(path string, want int, fields ...string) string {
		values := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			values.Set(fields[i], fields[i+1])
		}
		w := r.do(http.MethodPost, path, formType, []byte(values.Encode()), who)
		if w.Code != want {
			t.Errorf("POST %s: %d %.300s", path, w.Code, w.Body.String())
		}
		return w.Header().Get("Location")
	}
	api := func(method, path, body string, want int, into any) {
		w := seen.keep(r.do(method, "/api/v1/incoming"+path, jsonType, []byte(body), who))
		if w.Code != want {
			t.Errorf("%s %s: %d %.300s", method, path, w.Code, w.Body.String())
		}
		if into != nil {
			if err := readJSON(w, into); err != nil {
				t.Fatal(err)
			}
		}
	}

	list := form("/incoming/discharges", http.StatusSeeOther, "text", "ACCT99017,MRN9948177,\"Zwanenburgh, Theodolinda\",09/04/2026,squamifold\n,,Oxymandel Ines,09/04/2026,\n")
	get(list)
	get(list + "/csv?show=all")
	form(list+"/match", http.StatusSeeOther)
	form("/incoming/discharges", http.StatusUnprocessableEntity, "text", "Zwanenburgh,Theodolinda,pellucidar,nothing")
	volume := form("/incoming/paper", http.StatusSeeOther, "record", r.record, "contents", "pellucidar squamifold", "place", "1023 Vellichor Crescent")
	form(volume, http.StatusSeeOther, "do", "out", "version", "1", "to", "Oxymandel", "for", "Zwanenburgh", "due", "2027-01-01")
	form(volume, http.StatusSeeOther, "do", "ask", "version", "2", "who", "Quarrington", "for", "xanthoblepharic")
	get(volume)
	get(volume + "/label")
	form("/incoming/paper", http.StatusUnprocessableEntity, "record", "Zwanenburgh", "contents", "x", "place", "y")
	form("/incoming/paper/find", http.StatusUnprocessableEntity, "barcode", "Zwanenburgh")

	kept, _, err := r.dept.Incoming.Keep(t.Context(), r.people[access.Supervisor].Actor(), "Zwanenburgh Theodolinda.pdf", scan.PDF, plantedPaper(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 { // the department reads the words in the background
		words, err := r.dept.Scan.Words(t.Context(), r.people[access.Supervisor].Actor(), kept.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		if words.State != scan.Pending {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	scans := "/scans/" + kept.ID
	var desk struct {
		Reading struct {
			Named []struct{ Record, Label string }
		}
	}
	api(http.MethodGet, scans, "", http.StatusOK, &desk)
	named := false
	for _, n := range desk.Reading.Named {
		named = named || n.Record == r.record
	}
	if !named {
		t.Errorf("the planted paper names %+v", desk.Reading.Named)
	}
	api(http.MethodPut, scans+"/draft", `{"text":"draftsomely Zwanenburgh"}`, http.StatusNoContent, nil)
	api(http.MethodPost, scans+"/read", `{"pages":[1]}`, http.StatusOK, nil)
	for _, bad := range []string{"Zwanenburgh", r.record + "x"} {
		api(http.MethodPost, "/documents", `{"pages":[{"scan":"`+kept.ID+`","page":1,"turn":0}],"record":"`+bad+`","encounter":"`+r.encounter+`","type":"consent"}`, http.StatusUnprocessableEntity, nil)
	}
	var made struct{ Document string }
	api(http.MethodPost, "/documents", fmt.Sprintf(`{"pages":[{"scan":%q,"page":1,"turn":0}],"record":%q,"encounter":%q,"type":"typeoddity","author":"Oxymandel","confirm":"whytrail Zwanenburgh"}`,
		kept.ID, r.record, r.encounter), http.StatusOK, &made)
	api(http.MethodPost, "/documents/"+made.Document+"/move", `{"version":1,"record":"Oxymandel","encounter":"Zwanenburgh","reason":"wrong patient was chosen"}`, http.StatusUnprocessableEntity, nil)
	api(http.MethodPost, "/documents/"+made.Document+"/arrange", `{"version":1,"reason":"rejectafied Zwanenburgh","sheets":[{"scan":"`+kept.ID+`","page":1,"turn":90}]}`, http.StatusOK, nil)
	for _, path := range []string{"/incoming", "/incoming/" + kept.ID, "/incoming/indexed", "/incoming/misfiles", "/incoming/misfiles.csv", "/incoming/paper?show=all", "/incoming/discharges", "/incoming/documents/" + made.Document} {
		get(path)
	}
	for _, word := range found([]byte(seen.b.String())) {
		t.Errorf("headers, titles or errors hold %q", word)
	}
	for _, word := range found([]byte(r.log.String())) {
		t.Errorf("the server's log holds %q", word)
	}
	searchFiles(t, r.dir)
	r.close()
	searchFiles(t, r.dir)
}

// plantedPaper is a page with a text layer about the planted patient.
func plantedPaper(t *testing.T) []byte {
	t.Helper()
	p := fpdf.New("P", "pt", "Letter", "")
	p.SetFont("Helvetica", "", 12)
	p.AddPage()
	p.MultiCell(0, 16, "CONSENT\nPatient: Zwanenburgh, Theodolinda\nMRN: MRN9948177\nDOB: 11/23/1937\n"+strings.Repeat("pellucidar squamifold\n", 3), "", "L", false)
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
