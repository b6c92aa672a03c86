package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

func TestEncountersArePaged(t *testing.T) {
	h := newHouse(t)
	seen := map[string]bool{}
	next := "/api/v1/encounters?limit=7"
	for pages := 0; next != ""; pages++ {
		if pages > 200 {
			t.Fatal("the list does not end")
		}
		var page struct {
			Items []struct{ ID string }
			Next  *string
		}
		h.json(t, http.MethodGet, next, h.tokens[""], nil, http.StatusOK, &page)
		for _, e := range page.Items {
			if seen[e.ID] {
				t.Errorf("encounter %s came twice", e.ID)
			}
			seen[e.ID] = true
		}
		next = ""
		if page.Next != nil {
			next = *page.Next
		}
	}
	if len(seen) < 32 {
		t.Errorf("%d encounters, fewer than the charts of the demo", len(seen))
	}
}

func TestNotes(t *testing.T) {
	h := newHouse(t)
	id, _ := h.encounter(t, "c09")
	path := "/api/v1/encounters/" + id + "/notes"
	const text = "Seen on rounds. Naïve to opioids – none given.\nPlan unchanged."
	var note struct{ ID, Type, Text string }
	h.json(t, http.MethodPost, path, h.tokens[""], map[string]string{"type": "progress", "text": text}, http.StatusCreated, &note)
	if note.ID == "" || note.Text != text {
		t.Errorf("the note came back as %+v", note)
	}
	var list struct {
		Items []struct{ ID, Type, Text string }
	}
	h.json(t, http.MethodGet, path, h.tokens[""], nil, http.StatusOK, &list)
	found := 0
	for _, n := range list.Items {
		if n.ID == note.ID && n.Text == text && n.Type == "progress" {
			found++
		}
	}
	if found != 1 {
		t.Errorf("the note is %d times in the list of %d", found, len(list.Items))
	}
	for name, c := range map[string]struct {
		path   string
		body   any
		status int
	}{
		"empty text":     {path, map[string]string{"type": "progress", "text": "  "}, http.StatusUnprocessableEntity},
		"no text":        {path, map[string]string{"type": "progress"}, http.StatusUnprocessableEntity},
		"NUL":            {path, map[string]string{"type": "progress", "text": "a\x00b"}, http.StatusUnprocessableEntity},
		"no such":        {"/api/v1/encounters/nothing/notes", map[string]string{"type": "progress", "text": "x"}, http.StatusNotFound},
		"unknown fields": {path, map[string]any{"type": "progress", "text": "x", "colour": "red"}, http.StatusUnprocessableEntity},
	} {
		t.Run(name, func(t *testing.T) { h.json(t, http.MethodPost, c.path, h.tokens[""], c.body, c.status, nil) })
	}
}

// session is what the tests read of a coding.
type session struct {
	Revision    int
	State       string
	Diagnoses   []struct{ ID, Code, POA string }
	Suggestions []struct{ ID, Code, System, Fate string }
	Findings    []struct{ Rule, Severity string }
}

func TestCodingByTheAPI(t *testing.T) {
	h := newHouse(t)
	id, _ := h.encounter(t, "e02")
	cookie := h.signIn(t, "jkeough")
	base := "/api/v1/encounters/" + id + "/coding"
	post := func(what, body string, status int) {
		t.Helper()
		answer := h.call(t, http.MethodPost, base+what, "", strings.NewReader(body), "Cookie", cookie.Name+"="+cookie.Value)
		if answer.StatusCode != status {
			t.Fatalf("%s answered %d, not %d: %s", what, answer.StatusCode, status, answer.Text)
		}
	}
	read := func() session {
		t.Helper()
		var s session
		h.json(t, http.MethodGet, base, h.tokens[access.Coder], nil, http.StatusOK, &s)
		return s
	}
	post("/suggest", "{}", http.StatusOK)
	s := read()
	if s.State != "open" || len(s.Suggestions) == 0 {
		t.Fatalf("the coding begins as %+v", s)
	}
	rev := func() string { return `{"revision":` + strconv.Itoa(read().Revision) }
	var docs struct {
		Items []struct {
			ID      string
			Version int
			Text    string
		}
	}
	h.json(t, http.MethodGet, "/api/v1/encounters/"+id+"/documents", h.tokens[access.Coder], nil, http.StatusOK, &docs)
	last := docs.Items[len(docs.Items)-1]
	passage := fmt.Sprintf(`,"passages":[{"document":%q,"version":%d,"start":0,"end":10}]`, last.ID, last.Version)
	post("/add", rev()+`,"system":"icd10cm","code":"s61211a","why":["Laceration","finger"]`+passage+`}`, http.StatusOK)
	post("/add", rev()+`,"system":"icd10cm","code":"S61.2"}`, http.StatusUnprocessableEntity)
	post("/add", `{"revision":0,"system":"icd10cm","code":"Z23"}`, http.StatusConflict)
	post("/add", rev()+`,"system":"icd10cm","code":"Z23"`+passage+`}`, http.StatusOK)
	post("/move", rev()+`,"code":"`+read().Diagnoses[1].ID+`","position":0}`, http.StatusOK)
	if got := read().Diagnoses[0].Code; got != "Z23" {
		t.Errorf("the first diagnosis is %s after moving", got)
	}
	post("/undo", rev()+`}`, http.StatusOK)
	if got := read().Diagnoses[0].Code; got != "S61.211A" {
		t.Errorf("the first diagnosis is %s after undoing", got)
	}

	// FHIR shows final codes alone.
	var bundle struct {
		ResourceType string
		Total        int
		Entry        []struct {
			Resource struct {
				ResourceType string
				Code         struct {
					Coding []struct{ System, Version, Code, Display string }
				}
			}
		}
	}
	fhir := "/fhir/R4/Condition?encounter=Encounter/" + id
	h.json(t, http.MethodGet, fhir, h.tokens[access.Coder], nil, http.StatusOK, &bundle)
	if bundle.ResourceType != "Bundle" || bundle.Total != 0 {
		t.Errorf("an open coding goes out as FHIR: %+v", bundle)
	}
	post("/finalise", rev()+`}`, http.StatusOK)
	h.json(t, http.MethodGet, fhir, h.tokens[access.Coder], nil, http.StatusOK, &bundle)
	if bundle.Total != 2 || bundle.Entry[0].Resource.Code.Coding[0].Code != "S61.211A" || bundle.Entry[0].Resource.Code.Coding[0].Display == "" {
		t.Errorf("the final codes go out as %+v", bundle)
	}
	post("/add", rev()+`,"system":"icd10cm","code":"Z23"}`, http.StatusConflict)
	post("/reopen", rev()+`,"reason":"test"}`, http.StatusOK)
	h.json(t, http.MethodGet, fhir, h.tokens[access.Coder], nil, http.StatusOK, &bundle)
	if bundle.Total != 0 {
		t.Errorf("after reopening %d codes go out", bundle.Total)
	}
	var trace struct {
		Code    string
		Entries []struct{ ID, What string }
	}
	h.json(t, http.MethodGet, base+"/codes/"+read().Diagnoses[0].ID+"/trace", h.tokens[access.Coder], nil, http.StatusOK, &trace)
	if trace.Code != "S61.211A" || len(trace.Entries) == 0 {
		t.Errorf("the trace is %+v", trace)
	}
}

func TestIntakeReconciles(t *testing.T) {
	h := newHouse(t)
	var result struct{ Received, Accepted, Rejected int }
	answer := h.call(t, http.MethodPost, "/api/v1/intake", h.tokens[""], strings.NewReader(`{"resourceType":"Bundle","entry":[{"resource":`), "Content-Type", "application/fhir+json")
	if answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("half a bundle answered %d", answer.StatusCode)
	}
	if err := json.Unmarshal(answer.Text, &result); err != nil {
		t.Fatal(err)
	}
	if result.Received != result.Accepted+result.Rejected || result.Rejected == 0 {
		t.Errorf("nonsense was taken in as %+v", result)
	}
	adt := "MSH|^~\\&|TEST|TEST|CHARTROOM|CHARTROOM|20260930120000||ADT^A04|X1|P|2.5.1\rPID|1||TEST-1^^^TEST^MR||Probe^Nina||19700101|F\rPV1|1|O|CLINIC|||||||||||||||||VTEST-1|||||||||||||||||||||||||20260930110000|20260930120000\r"
	answer = h.call(t, http.MethodPost, "/api/v1/intake", h.tokens[""], strings.NewReader(adt), "Content-Type", "application/hl7-v2")
	if answer.StatusCode != http.StatusOK {
		t.Errorf("an HL7 message answered %d", answer.StatusCode)
	}
}

func TestEncoderSearchAndCode(t *testing.T) {
	h := newHouse(t)
	var found struct {
		Hits []struct {
			System, Code string
			Billable     bool
		}
	}
	h.json(t, http.MethodPost, "/api/v1/encoder/search", h.tokens[access.Auditor], map[string]any{"query": "type 2 diabetes without complications", "date": "2026-02-01"}, http.StatusOK, &found)
	if len(found.Hits) == 0 || found.Hits[0].Code != "E11.9" {
		t.Errorf("the search found %+v", found)
	}
	var code struct {
		Code, Title string
		Billable    bool
		Ancestors   []struct{ Code string }
		Children    []struct{ Code string }
		Notes       []struct{ Kind, Text, At, Edition string }
	}
	h.json(t, http.MethodGet, "/api/v1/encoder/codes/icd10cm/e11.6?date=2026-02-01", h.tokens[access.Auditor], nil, http.StatusOK, &code)
	if code.Code != "E11.6" || code.Billable || len(code.Children) == 0 || len(code.Ancestors) < 3 {
		t.Errorf("E11.6 is %+v", code)
	}
	h.json(t, http.MethodGet, "/api/v1/encoder/codes/icd10cm/QQQ", h.tokens[access.Auditor], nil, http.StatusNotFound, nil)
	h.json(t, http.MethodGet, "/api/v1/encoder/codes/icd10cm/E11.6?date=yesterday", h.tokens[access.Auditor], nil, http.StatusUnprocessableEntity, nil)
}

// TestBuildPCS builds codes character by character; each way ends in a code.
func TestBuildPCS(t *testing.T) {
	h := newHouse(t)
	prefix := ""
	for len(prefix) < 7 {
		var step struct {
			Axis string
			Next []struct{ Char, Meaning string }
		}
		h.json(t, http.MethodGet, "/api/v1/encoder/pcs?prefix="+prefix, h.tokens[access.Coder], nil, http.StatusOK, &step)
		if len(step.Next) == 0 || step.Axis == "" {
			t.Fatalf("nothing follows %q", prefix)
		}
		prefix += step.Next[len(step.Next)/2].Char
	}
	var whole struct{ Code struct{ Code, Title string } }
	h.json(t, http.MethodGet, "/api/v1/encoder/pcs?prefix="+prefix, h.tokens[access.Coder], nil, http.StatusOK, &whole)
	if whole.Code.Code != prefix || whole.Code.Title == "" {
		t.Errorf("%s is %+v", prefix, whole)
	}
}

// TestBreakGlass closes a record, is refused, opens it with a reason, and reads.
func TestBreakGlass(t *testing.T) {
	h := newHouse(t)
	_, record := h.encounter(t, "k05")
	var privacy gate.Actor
	for _, role := range []access.Role{access.Privacy} {
		actor, err := h.dept.Access.ByToken(t.Context(), h.tokens[role])
		if err != nil {
			t.Fatal(err)
		}
		privacy = actor
	}
	if err := h.dept.Access.SetSensitivity(t.Context(), privacy, record, "", "vip", true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.dept.Access.SetSensitivity(context.Background(), privacy, record, "", "vip", false); err != nil {
			t.Error(err)
		}
	})
	cookie := h.signIn(t, "tpelletier")
	session := []string{"Cookie", cookie.Name + "=" + cookie.Value, "Content-Type", "application/x-www-form-urlencoded"}
	answer := h.call(t, http.MethodGet, "/chart/"+record, "", nil, session...)
	if answer.StatusCode != http.StatusForbidden || !strings.Contains(string(answer.Text), "/break-glass") {
		t.Fatalf("a closed record answered %d without the way to open it", answer.StatusCode)
	}
	for reason, status := range map[string]int{"curiosity": http.StatusUnprocessableEntity, "direct patient care": http.StatusSeeOther} {
		form := url.Values{"record": {record}, "reason": {reason}, "next": {"/chart/" + record}}.Encode()
		if got := h.call(t, http.MethodPost, "/break-glass", "", strings.NewReader(form), session...).StatusCode; got != status {
			t.Errorf("the reason %q answered %d, not %d", reason, got, status)
		}
	}
	if got := h.call(t, http.MethodGet, "/chart/"+record, "", nil, session...).StatusCode; got != http.StatusOK {
		t.Errorf("the opened record answered %d", got)
	}
}

func TestAuditProofs(t *testing.T) {
	h := newHouse(t)
	if err := h.dept.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []struct {
			ID       string
			Position int64
		}
	}
	h.json(t, http.MethodGet, "/api/v1/audit/entries?limit=100", h.tokens[access.Auditor], nil, http.StatusOK, &list)
	proved := 0
	for _, e := range list.Items {
		if e.Position < 0 {
			continue
		}
		answer := h.call(t, http.MethodGet, "/api/v1/audit/entries/"+e.ID+"/proof", h.tokens[access.Auditor], nil)
		if answer.StatusCode == http.StatusOK {
			proved++
		} else if answer.StatusCode != http.StatusConflict {
			t.Errorf("the proof of entry %d answered %d", e.Position, answer.StatusCode)
		}
	}
	if proved == 0 {
		t.Error("no entry of the first hundred could be proved")
	}
	var report struct{ Whole bool }
	h.json(t, http.MethodPost, "/api/v1/audit/verify", h.tokens[access.Auditor], nil, http.StatusOK, &report)
	if !report.Whole {
		t.Error("the log is not whole")
	}
	h.json(t, http.MethodGet, "/api/v1/audit/entries/nothing/proof", h.tokens[access.Auditor], nil, http.StatusNotFound, nil)
}
