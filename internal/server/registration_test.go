package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/access"
)

// desk is somebody signed in who fills forms.
type desk struct {
	t      *testing.T
	h      *house
	cookie string
}

func (h *house) at(t *testing.T, login string) desk {
	t.Helper()
	c := h.signIn(t, login)
	return desk{t, h, c.Name + "=" + c.Value}
}

// post sends a form and expects a status.
func (d desk) post(path string, status int, fields ...string) reply {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	answer := d.h.call(d.t, http.MethodPost, path, "", strings.NewReader(form.Encode()), "Cookie", d.cookie, "Content-Type", "application/x-www-form-urlencoded")
	if answer.StatusCode != status {
		d.t.Fatalf("POST %s answered %d, not %d: %s", path, answer.StatusCode, status, trouble(answer.Text))
	}
	return answer
}

func (d desk) get(path string) string {
	d.t.Helper()
	answer := d.h.call(d.t, http.MethodGet, path, "", nil, "Cookie", d.cookie)
	if answer.StatusCode != http.StatusOK {
		d.t.Fatalf("GET %s answered %d: %s", path, answer.StatusCode, trouble(answer.Text))
	}
	return string(answer.Text)
}

var saysTrouble = regexp.MustCompile(`(?:role="alert"|class="error"[^>]*)>([^<]*)<`)

func trouble(page []byte) []string {
	var out []string
	for _, m := range saysTrouble.FindAllSubmatch(page, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// has expects words on a page.
func has(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not have %q", w)
		}
	}
}

// born registers a patient of a name of their own and returns the address.
func (d desk) born(family, given, birth string, more ...string) string {
	d.t.Helper()
	answer := d.post("/registration", http.StatusSeeOther, append([]string{"family", family, "given", given, "birth", birth, "sex", "female"}, more...)...)
	at, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	return at
}

func TestRegisterByHand(t *testing.T) {
	d := newHouse(t).at(t, "tpelletier")
	at := d.born("Zephyrine-Okoro", "Halcyon", "2/29/1988", "payer", "Medicare", "member", "M-1", "priority", "1", "from", "2020-01-01",
		"alias-family.0", "Brambleton", "alias-use.0", "maiden", "phone.0", "(207) 555-0199", "street", "3 Quay", "zip", "04998",
		"setting", "inpatient", "status", "planned", "start", "2026-09-30 08:00", "unit", "4 West Medical", "attending", "Ruth Ostrander, MD")
	page := d.get(at)
	has(t, page, "Zephyrine-Okoro, Halcyon", "1988-02-29", "M-1", "Pre-admitted or planned", "Brambleton", "Ruth Ostrander, MD", "3 Quay", `class="reg-line"`)
	if !regexp.MustCompile(`MRN</dt>\s*<dd>\d{8}<`).MatchString(page) {
		t.Error("no record number was drawn")
	}
	// Found at once, by maiden name and by nickname of nobody.
	find := d.post("/find", http.StatusSeeOther, "query", "brambleton").Header.Get("Location")
	has(t, d.get(find), "Zephyrine-Okoro, Halcyon", "also Brambleton")
}

func TestWhatIsWrongStandsAtTheField(t *testing.T) {
	d := newHouse(t).at(t, "tpelletier")
	answer := d.post("/registration", http.StatusUnprocessableEntity, "family", "Zyx", "given", "Q", "birth", "20260230", "zip", "499", "phone.0", "12", "ssn", "12-3",
		"payer", "Medicare", "from", "2026-02-01", "to", "2026-01-01", "setting", "inpatient", "status", "finished", "start", "2026-03-08 02:30", "end", "2026-03-07 10:00")
	page := string(answer.Text)
	has(t, page, "7 fields cannot be kept", `value="20260230"`, `value="499"`, `id="e-birth"`, `id="e-zip"`, `id="e-phone.0"`, `id="e-ssn"`,
		"The coverage ends before it begins.", "the clocks are put forward", "The discharge lies before the admission.")
	if n := strings.Count(page, "autofocus"); n != 1 || !regexp.MustCompile(`id="f-birth"[^>]*autofocus`).MatchString(page) {
		t.Errorf("%d fields have the focus, or another than the first in error", n)
	}
}

func TestDuplicatesAreShownFirst(t *testing.T) {
	d := newHouse(t).at(t, "tpelletier")
	there := d.born("Whimbrel", "Margaret", "1950-11-03")
	fields := []string{"family", "Whimbrell", "given", "Peggy", "birth", "1950-03-11", "sex", "female", "payer", "Harborlight Mutual"}
	page := string(d.post("/registration", http.StatusConflict, fields...).Text)
	has(t, page, "Whimbrel, Margaret", there, "family name by its sound", "given name by a nickname", "birth date, day and month swapped", `value="Peggy"`, `value="Harborlight Mutual"`)
	has(t, string(d.post("/registration", http.StatusConflict, append(fields, "do", "anyway")...).Text), "Choose why first.")
	at := d.post("/registration", http.StatusSeeOther, append(fields, "do", "anyway", "anyway", "twin or relative")...).Header.Get("Location")
	record, _, _ := strings.Cut(strings.TrimPrefix(at, "/registration/"), "?")
	has(t, d.get("/chart/"+record+"/facts/"+record), "twin or relative")
}

func TestCorrectionIsAVersionWithItsReason(t *testing.T) {
	d := newHouse(t).at(t, "tpelletier")
	at := d.born("Corrigenda", "Ada", "1970-01-02", "phone.0", "207-555-0111", "ssn", "123-45-6780")
	fields := []string{"number", "1", "family", "Corrigenda", "given", "Adela", "birth", "1970-01-02", "sex", "female", "phone.0", "207-555-0111", "ssn", "123-45-6780"}
	number := regexp.MustCompile(`name="id-value.0"[^>]*?value="(\d+)"|value="(\d+)"[^>]*?name="id-value.0"`)
	mrn := regexp.MustCompile(`\d{8}`).FindString(number.FindString(d.get(at)))
	assigner := regexp.MustCompile(`name="id-assigner.0"[^>]*?value="([^"]*)"`).FindStringSubmatch(d.get(at))
	if mrn == "" || assigner == nil {
		t.Fatal("the number is not in the form")
	}
	fields = append(fields, "id-value.0", mrn, "id-kind.0", "MR", "id-assigner.0", assigner[1])
	has(t, string(d.post(at, http.StatusUnprocessableEntity, fields...).Text), "A correction needs its reason.", `value="Adela"`)
	has(t, string(d.post(at, http.StatusUnprocessableEntity, append(fields, "reason", "other")...).Text), "Say in words")
	d.post(at, http.StatusSeeOther, append(fields, "reason", "typing error", "words", "as on her card")...)
	record := strings.TrimPrefix(at, "/registration/")
	versions := d.get("/chart/" + record + "/facts/" + record)
	has(t, versions, "typing error: as on her card", "<mark>Corrigenda, Adela</mark>", "ends 6780")
	if strings.Contains(versions, "123-45-6780") {
		t.Error("the versions show the whole social security number")
	}
	// The same once more is no version.
	fields[1] = "2"
	if got := d.post(at, http.StatusSeeOther, append(fields, "reason", "typing error")...).Header.Get("Location"); !strings.HasSuffix(got, "said=same") {
		t.Errorf("leads to %s", got)
	}

	// Somebody else was faster: nothing is lost on either side.
	other := newHouse(t).at(t, "vsandoval")
	theirs := append([]string{}, fields...)
	theirs[9], theirs[5] = "female", "Adelaide"
	other.post(at, http.StatusSeeOther, append(theirs, "phone.0", "207-555-0122", "reason", "patient said so")...)
	mine := append([]string{}, fields...)
	mine[5] = "Adeline"
	stale := string(d.post(at, http.StatusConflict, append(mine, "reason", "document seen")...).Text)
	has(t, stale, "Verity Sandoval stored version 3", `value="Adeline"`, "Meanwhile somebody entered: Adelaide", `value="207-555-0122"`, `name="number" value="3"`)
	has(t, other.get(at), `value="Adelaide"`)
	has(t, d.get(at), `value="Adeline"`, `name="number" value="3"`, "What you were typing was kept.")
	// Having seen both, one may save over it.
	mine[1] = "3"
	d.post(at, http.StatusSeeOther, append(mine, "phone.0", "207-555-0122", "reason", "document seen")...)
	has(t, d.get(at), `value="Adeline"`, `value="207-555-0122"`)
}

func TestCoverageAndEncounterByHand(t *testing.T) {
	d := newHouse(t).at(t, "tpelletier")
	at := d.born("Umbrella", "Iris", "1960-06-06", "payer", "Medicare", "priority", "1", "member", "1")
	d.post(at+"/coverage", http.StatusUnprocessableEntity, "payer", "", "priority", "1")
	d.post(at+"/coverage", http.StatusSeeOther, "payer", "Harborlight Mutual", "priority", "1", "member", "2", "from", "2026-01-01", "to", "2026-06-30")
	page := d.get(at)
	has(t, page, "both have priority 1 from 2026-01-01 until 2026-06-30", "cov-overlap")
	second := regexp.MustCompile(`href="(/registration/\w+/coverage/\w+)">Harborlight`).FindStringSubmatch(page)[1]
	d.post(second, http.StatusUnprocessableEntity, "number", "1", "do", "withdraw")
	d.post(second, http.StatusSeeOther, "number", "1", "do", "withdraw", "reason", "typing error")
	if page = d.get(at); strings.Contains(page, "both have priority") || !strings.Contains(page, "entered in error") {
		t.Error("what was withdrawn still counts, or is gone")
	}
	d.post(at+"/encounters", http.StatusSeeOther, "setting", "inpatient", "status", "in-progress", "start", "2026-09-28 22:15", "unit", "4 West Medical")
	stay := regexp.MustCompile(`href="(/registration/\w+/encounters/\w+)"`).FindStringSubmatch(d.get(at))[1]
	has(t, d.get(stay), `value="2026-09-28 22:15"`)
	same := []string{"number", "1", "setting", "inpatient", "start", "2026-09-28 22:15", "unit", "4 West Medical", "account", accountOf(t, d.get(stay))}
	has(t, string(d.post(stay, http.StatusUnprocessableEntity, append(same, "status", "finished", "end", "2026-09-28 22:14", "reason", "discharged")...).Text), "The discharge lies before the admission.")
	d.post(stay, http.StatusSeeOther, append(same, "status", "finished", "end", "2026-09-30 10:00", "disposition", "01", "reason", "discharged")...)
	has(t, d.get(at), "Discharged, finished", "2026-09-30")
	d.post(strings.Replace(stay, "/encounters/", "/coverage/", 1), http.StatusNotFound, "number", "1")
}

func accountOf(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`name="account"[^>]*?value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil || m[1] == "" {
		t.Fatal("no account number was drawn")
	}
	return m[1]
}

func TestRegistrationDrafts(t *testing.T) {
	h := newHouse(t)
	d := h.at(t, "dwinslade")
	answer := h.call(t, http.MethodPut, "/api/v1/registration/drafts/new", "", strings.NewReader(`{"text":"{\"family\":\"Halfwritten\",\"given\":\"Una\"}"}`), "Cookie", d.cookie)
	if answer.StatusCode != http.StatusNoContent {
		t.Fatalf("the draft answered %d: %s", answer.StatusCode, answer.Text)
	}
	has(t, d.get("/registration"), `value="Halfwritten"`, "What you were typing was kept.")
	if strings.Contains(h.at(t, "tpelletier").get("/registration"), "Halfwritten") {
		t.Error("another person sees the draft")
	}
	d.post("/registration", http.StatusSeeOther, "do", "discard")
	if strings.Contains(d.get("/registration"), "Halfwritten") {
		t.Error("the draft was not thrown away")
	}
	coder := h.at(t, "obrightwater")
	coder.post("/registration", http.StatusForbidden, "family", "X")
}

func TestMergedRecordsAreToldAndTakenApart(t *testing.T) {
	h := newHouse(t)
	d := h.at(t, "vsandoval")
	one, two := d.born("Merganser", "Ulla", "1933-03-03"), d.born("Gadwall", "Bo", "1944-04-04")
	record := func(at string) string { return strings.TrimPrefix(at, "/registration/") }
	// The page that links records is another's; here its door is used.
	staff, err := h.dept.Access.Staff(t.Context(), access.Console())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(staff, func(p access.Staff) bool { return p.Login == "vsandoval" })
	made, err := h.dept.Identity.Link(t.Context(), staff[i].Actor(), record(one), record(two), "same person")
	if err != nil {
		t.Fatal(err)
	}
	link := made.ID
	has(t, d.get(one), "Also known under record")
	has(t, d.get(two), "Merged into record")
	if strings.Contains(h.at(t, "tpelletier").get(one), "Take apart") {
		t.Error("a technician is offered to take records apart")
	}
	d.post(one+"/links/"+link, http.StatusUnprocessableEntity, "reason", " ")
	d.post(one+"/links/"+link, http.StatusSeeOther, "reason", "mother and daughter")
	if strings.Contains(d.get(one), "Also known under") {
		t.Error("the link is still told of")
	}
}

// TestWhatWasNotStoredIsKept: a form that came back is a draft, also where nothing
// of it was kept while it was typed.
func TestWhatWasNotStoredIsKept(t *testing.T) {
	d := newHouse(t).at(t, "dwinslade")
	d.post("/registration", http.StatusUnprocessableEntity, "family", "Ungezaehlt", "birth", "20260230")
	has(t, d.get("/registration"), `value="Ungezaehlt"`, `value="20260230"`)
	d.post("/registration", http.StatusSeeOther, "do", "discard")
	at := d.born("Nachgetragen", "Ida", "1971-01-01")
	d.post(at, http.StatusUnprocessableEntity, "number", "1", "family", "Nachgetragener", "given", "Ida", "birth", "1971-01-01", "sex", "female")
	has(t, d.get(at), `value="Nachgetragener"`, "What you were typing was kept.", `name="number" value="1"`)
	if page := d.get(at); strings.Contains(page, "Restored") || !strings.Contains(page, ">Nachgetragen, Ida ") {
		t.Error("a draft shows as stored")
	}
}
