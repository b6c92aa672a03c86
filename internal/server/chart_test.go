package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"chartroom/internal/access"
)

// panelOf is one panel of a page, by the attribute that names it.
func panelOf(page, name string) string {
	_, rest, _ := strings.Cut(page, name)
	panel, _, _ := strings.Cut(rest, "</section>")
	return panel
}

// TestChartShowsEveryKindOfFact: what a message brings stands in the chart, orders and
// allergies too.
func TestChartShowsEveryKindOfFact(t *testing.T) {
	h := newHouse(t)
	message := strings.Join([]string{
		`MSH|^~\&|LAB|HOSP|CR|HOSP|20260901101500-0400||ORM^O01^ORM_O01|KIND-1|P|2.5.1`,
		`PID|1||77012345^^^HOSP^MR||Thistledown^Orla||19500203|F`,
		`PV1|1|O|CLINIC^^|||||||||||||||||V77012^^^HOSP^VN`,
		`AL1|1|DA|70618^Penicillin^RXNORM|SV|Hives`,
		`ORC|NW|P-7701||||||||||1234567893^Hallow^Ines`,
		`OBR|1|P-7701||2951-2^Sodium^LN`,
	}, "\r") + "\r"
	answer := h.call(t, http.MethodPost, "/api/v1/intake", h.tokens[""], strings.NewReader(message))
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("intake answered %d: %s", answer.StatusCode, answer.Text)
	}
	d := h.at(t, "tpelletier")
	found := d.get(d.post("/find", http.StatusSeeOther, "query", "thistledown").Header.Get("Location"))
	page := d.get(regexp.MustCompile(`/chart/\w+`).FindString(found))
	for heading, words := range map[string]string{"Orders": "Sodium", "Allergies": "Penicillin"} {
		if !strings.Contains(panelOf(page, `aria-label="`+heading+`"`), words) {
			t.Errorf("the chart has no %s with %s", heading, words)
		}
	}
}

// TestChartLeavesOutWhatWasEnteredInError: a coverage and a stay that were withdrawn
// stand neither in the banner nor on the timeline, nor does a coverage that ended.
func TestChartLeavesOutWhatWasEnteredInError(t *testing.T) {
	h := newHouse(t)
	d := h.at(t, "tpelletier")
	at := d.born("Hallowmere", "Isolde", "1961-07-07", "payer", "Medicare", "priority", "1", "member", "1")
	record := strings.TrimPrefix(at, "/registration/")
	for _, more := range [][]string{
		{"payer", "Harborlight Mutual", "priority", "2"}, {"payer", "Northern Tier Health", "priority", "3", "from", "2001-01-01", "to", "2001-12-31"},
	} {
		d.post(at+"/coverage", http.StatusSeeOther, append(more, "member", "2")...)
	}
	d.post(at+"/encounters", http.StatusSeeOther, "setting", "inpatient", "status", "in-progress", "start", "2026-09-28 22:15", "unit", "4 West Medical")
	page := d.get("/chart/" + record)
	has(t, page, "Harborlight Mutual")
	has(t, panelOf(page, `aria-labelledby="h-timeline"`), "Admitted")
	if strings.Contains(page, "Northern Tier Health") {
		t.Error("the banner shows a coverage that ended")
	}

	registration := d.get(at)
	coverage := regexp.MustCompile(`href="(/registration/\w+/coverage/\w+)">Harborlight`).FindStringSubmatch(registration)[1]
	stay := regexp.MustCompile(`href="(/registration/\w+/encounters/\w+)"`).FindStringSubmatch(registration)[1]
	for _, fact := range []string{coverage, stay} {
		d.post(fact, http.StatusSeeOther, "number", "1", "do", "withdraw", "reason", "typing error")
	}
	page = d.get("/chart/" + record)
	if strings.Contains(page, "Harborlight Mutual") {
		t.Error("the banner shows a coverage that was withdrawn")
	}
	if strings.Contains(panelOf(page, `aria-labelledby="h-timeline"`), "Admitted") {
		t.Error("the timeline shows a stay that was withdrawn")
	}
	id := stay[strings.LastIndex(stay, "/")+1:]
	var chart struct{ Coverages []struct{ Payer string } }
	h.json(t, http.MethodGet, "/api/v1/encounters/"+id+"/chart", h.tokens[access.Technician], nil, http.StatusOK, &chart)
	if len(chart.Coverages) != 2 {
		t.Errorf("coverages by the API: %+v", chart.Coverages)
	}
}

// TestDeathWithoutADay: a message may say that a patient died and not when; the
// registration can still be corrected.
func TestDeathWithoutADay(t *testing.T) {
	h := newHouse(t)
	bundle := `{"resourceType":"Patient","id":"gone","identifier":[{"system":"urn:hosp","value":"77012399","type":{"coding":[{"code":"MR"}]}}],` +
		`"name":[{"family":"Quillfeather","given":["Bram"]}],"birthDate":"1930-01-02","gender":"male","deceasedBoolean":true}` + "\n"
	if answer := h.call(t, http.MethodPost, "/api/v1/intake", h.tokens[""], strings.NewReader(bundle)); answer.StatusCode != http.StatusOK {
		t.Fatalf("intake answered %d: %s", answer.StatusCode, answer.Text)
	}
	d := h.at(t, "tpelletier")
	found := d.get(d.post("/find", http.StatusSeeOther, "query", "quillfeather").Header.Get("Location"))
	at := strings.Replace(regexp.MustCompile(`/chart/\w+`).FindString(found), "/chart/", "/registration/", 1)
	form := d.get(at)
	has(t, form, `value="yes"`)
	fields := []string{"number", "1", "reason", "document seen"}
	for _, name := range []string{"family", "birth", "sex", "deceased", "id-value.0", "id-kind.0", "id-assigner.0"} {
		value := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `"[^>]*?value="([^"]*)"`).FindStringSubmatch(form)
		if value != nil {
			fields = append(fields, name, value[1])
		}
	}
	d.post(at, http.StatusSeeOther, append(fields, "given", "Abram")...)
	has(t, d.get(at), `value="Abram"`)
}
