package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
)

// paperOf is a PDF of one invented page.
func paperOf(t *testing.T, text string) []byte {
	t.Helper()
	p := fpdf.New("P", "pt", "Letter", "")
	p.SetFont("Helvetica", "", 12)
	p.AddPage()
	p.MultiCell(0, 16, text, "", "L", false)
	var raw bytes.Buffer
	if err := p.Output(&raw); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

func TestPagesOfAnUnindexedScan(t *testing.T) {
	h := newHouse(t)
	actor := gate.Actor{ID: "scanner", Kind: gate.Program, Name: "Scanner", Roles: []string{string(access.ProgramRole)}}
	kept, _, err := h.dept.Scan.Keep(t.Context(), actor, "", "", paperOf(t, "Advance directive of Isolde Farthingale, signed before two witnesses"))
	if err != nil {
		t.Fatal(err)
	}
	base := "/scans/" + kept.ID + "/pages/"
	answer := h.call(t, http.MethodGet, base+"1.png?w=300&turn=90", h.tokens[access.Technician], nil)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "image/png" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the image answered %d %v", answer.StatusCode, answer.Header)
	}
	if img, err := png.Decode(bytes.NewReader(answer.Text)); err != nil || img.Bounds().Dx() != 300 || img.Bounds().Dy() != 232 {
		t.Errorf("drawn %v: %v", img.Bounds(), err)
	}
	var words struct {
		State string
		Text  string
		Words []scan.Word
	}
	for end := time.Now().Add(20 * time.Second); words.State != "text" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		h.json(t, http.MethodGet, base+"1/words", h.tokens[access.Technician], nil, http.StatusOK, &words)
	}
	if words.State != "text" || !strings.Contains(words.Text, "Isolde Farthingale") || len(words.Words) != 9 {
		t.Errorf("the words are %+v", words)
	}
	for path, want := range map[string]int{
		base + "2.png": http.StatusNotFound, base + "0.png": http.StatusNotFound, base + "1": http.StatusNotFound,
		base + "Farthingale.png": http.StatusNotFound, base + "1.png?w=99999": http.StatusUnprocessableEntity,
		base + "1.png?turn=45": http.StatusUnprocessableEntity, base + "1.png?w=x": http.StatusUnprocessableEntity,
		base + "2/words": http.StatusNotFound, "/scans/" + gate.NewID() + "/pages/1.png": http.StatusNotFound,
	} {
		if answer := h.call(t, http.MethodGet, path, h.tokens[access.Technician], nil); answer.StatusCode != want {
			t.Errorf("%s answered %d, want %d: %s", strings.TrimPrefix(path, base), answer.StatusCode, want, answer.Text)
		}
	}
	// While it is nobody's, only those who put paper in its place see it.
	for role, want := range map[access.Role]int{
		access.Supervisor: 200, access.Identity: 200, access.Release: 200, access.Coder: 403, access.Clinician: 403,
		access.Biller: 403, access.Researcher: 403, access.Administrator: 403,
	} {
		for _, path := range []string{base + "1.png", base + "1/words", "/scans/" + kept.ID + "/file"} {
			if answer := h.call(t, http.MethodGet, path, h.tokens[role], nil); answer.StatusCode != want {
				t.Errorf("%s gets %d for %s, want %d", role, answer.StatusCode, strings.TrimPrefix(path, base), want)
			}
		}
	}
}

func TestADocumentShowsItsSheets(t *testing.T) {
	h := newHouse(t)
	bundle := fmt.Sprintf(`{"resourceType":"Bundle","type":"collection","entry":[
 {"fullUrl":"urn:uuid:5a0e6a52-8d1e-4f5b-9d0e-0c5a6f7b8c01","resource":{"resourceType":"Patient","id":"p","name":[{"family":"Farthingale","given":["Isolde"]}],
  "identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:2.16.840.1.113883.19.5","value":"8810042"}],"birthDate":"1950-02-11","gender":"female"}},
 {"fullUrl":"urn:uuid:5a0e6a52-8d1e-4f5b-9d0e-0c5a6f7b8c02","resource":{"resourceType":"DocumentReference","id":"d","status":"current",
  "type":{"coding":[{"system":"http://loinc.org","code":"59284-0"}]},"subject":{"reference":"urn:uuid:5a0e6a52-8d1e-4f5b-9d0e-0c5a6f7b8c01"},
  "date":"2026-09-02T10:00:00Z","content":[{"attachment":{"contentType":"application/pdf","data":%q}}]}}]}`,
		base64.StdEncoding.EncodeToString(paperOf(t, "Consent to a blood transfusion given by the patient after it was explained")))
	answer := h.call(t, http.MethodPost, "/api/v1/intake", h.tokens[""], strings.NewReader(bundle), "Content-Type", "application/fhir+json")
	var result struct{ Accepted int }
	if err := json.Unmarshal(answer.Text, &result); err != nil || result.Accepted != 2 {
		t.Fatalf("the bundle answered %d: %s", answer.StatusCode, answer.Text)
	}
	var hits struct{ Items []struct{ Record string } }
	h.json(t, http.MethodPost, "/api/v1/find", h.tokens[access.Technician], map[string]string{"query": "8810042"}, http.StatusOK, &hits)
	if len(hits.Items) != 1 {
		t.Fatalf("%d patients are found", len(hits.Items))
	}
	chart := h.call(t, http.MethodGet, "/chart/"+hits.Items[0].Record, h.tokens[access.Coder], nil)
	path := regexp.MustCompile(`/chart/[0-9a-z]+/documents/[0-9a-z]+`).Find(chart.Text)
	page := h.call(t, http.MethodGet, string(path), h.tokens[access.Coder], nil)
	image := regexp.MustCompile(`/scans/[0-9a-z]+/pages/1\.png\?w=\d+`).Find(page.Text)
	if image == nil || !bytes.Contains(page.Text, []byte("Consent to a blood transfusion")) {
		t.Fatalf("the document's page (%d) has no image or text", page.StatusCode)
	}
	// Once it is a patient's, those who read charts see it.
	for role, want := range map[access.Role]int{access.Coder: 200, access.Technician: 200, access.Biller: 403, access.Clinician: 403} {
		if got := h.call(t, http.MethodGet, string(image), h.tokens[role], nil); got.StatusCode != want {
			t.Errorf("%s gets %d for the image, want %d", role, got.StatusCode, want)
		}
	}
}
