package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestMastersByHand(t *testing.T) {
	h := newHouse(t)
	tech, boss := h.at(t, "tpelletier"), h.at(t, "mdrummond")
	has(t, tech.get("/masters/providers"), "Ruth Ostrander, MD", "2555010000", "Propose a provider")
	has(t, tech.get("/masters/units"), "4 West Medical", "Marrow Bay Regional Medical Center")
	has(t, tech.get("/masters/payers?q=medic"), "Medicare", "Pine State Medicaid")

	// A technician proposes; the supervisor looks at it, corrects it and enters it.
	has(t, string(tech.post("/masters/providers", http.StatusUnprocessableEntity, "npi", "2555010001", "family", "Plover").Text), "The check digit does not fit", `value="Plover"`)
	tech.post("/masters/providers", http.StatusSeeOther, "npi", "1234567893", "family", "Plover", "given", "Sylvie", "words", "new in surgery")
	page := boss.get("/masters/providers")
	has(t, page, "Sylvie Plover", "proposed by Thea Pelletier", "new in surgery")
	proposal := regexp.MustCompile(`href="(/masters/proposals/\w+)">Sylvie Plover`).FindStringSubmatch(page)[1]
	tech.post(proposal, http.StatusForbidden, "family", "Plover", "words", "x")
	boss.post(proposal, http.StatusUnprocessableEntity, "family", "Plover")
	boss.post(proposal, http.StatusSeeOther, "npi", "1234567893", "family", "Plover", "given", "Sylvie", "credentials", "MD", "words", "licence seen")
	boss.post(proposal, http.StatusNotFound, "family", "Plover", "words", "x")
	entry := regexp.MustCompile(`href="(/masters/entries/\w+)">Sylvie Plover, MD`).FindStringSubmatch(boss.get("/masters/providers?q=plover"))[1]
	has(t, string(boss.post("/masters/providers", http.StatusUnprocessableEntity, "npi", "1234567893", "family", "Twin", "words", "x").Text), "Another entry has this number already.")

	// Stale edits are shown beside what is new, and nothing is overwritten.
	boss.post(entry, http.StatusSeeOther, "number", "1", "npi", "1234567893", "family", "Plover", "given", "Sylvie", "credentials", "MD; FACS", "specialty", "Surgery", "words", "fellow since May")
	stale := string(boss.post(entry, http.StatusConflict, "number", "1", "npi", "1234567893", "family", "Plover", "given", "Sylvia", "credentials", "MD", "specialty", "Urology", "words", "x").Text)
	has(t, stale, "Maud Drummond stored version 2", `value="Sylvia"`, `value="MD; FACS"`, `value="Urology"`, "Meanwhile somebody entered: Surgery")
	has(t, boss.get(entry), "fellow since May", "<mark>MD; FACS</mark>")

	// Two entries of one provider are merged, and the merge is undone.
	boss.post("/masters/providers", http.StatusSeeOther, "family", "Plover", "given", "S", "local", "SP9", "words", "from the old system")
	twin := regexp.MustCompile(`href="(/masters/entries/\w+)">S Plover`).FindStringSubmatch(boss.get("/masters/providers?q=plover"))[1]
	boss.post(twin+"/merge", http.StatusUnprocessableEntity, "number", "1", "into", "nobody", "words", "x")
	tech.post(twin+"/merge", http.StatusForbidden, "number", "1", "into", "1234567893", "words", "x")
	boss.post(twin+"/merge", http.StatusSeeOther, "number", "1", "into", "1234567893", "words", "same person")
	has(t, boss.get(twin), "Merged into", entry)
	has(t, boss.get(entry), "Stands for", twin)
	boss.post(twin+"/unmerge", http.StatusSeeOther, "number", "2", "words", "sisters")
	if strings.Contains(boss.get(entry), "Stands for") {
		t.Error("the merge was not undone")
	}
}

func TestMastersByFile(t *testing.T) {
	h := newHouse(t)
	boss := h.at(t, "mdrummond")
	file := "code,name,type,filing_days\n77001,Curlew Health,commercial,90\n77002,Godwit Plan,club,90\n77003,Dunlin Trust\n"
	page := string(boss.post("/masters/payers/import", http.StatusOK, "csv", file, "words", "yearly list").Text)
	has(t, page, "3 rows read: 1 added, 0 changed, 0 as before, 2 refused.", "It is one of: Medicare", "The row has 2 columns, the heading 4.")
	has(t, string(boss.post("/masters/payers/import", http.StatusUnprocessableEntity, "csv", "what,ever\n", "words", "x").Text), "a heading names no field", "what,ever")
	has(t, string(boss.post("/masters/payers/import", http.StatusUnprocessableEntity, "csv", file).Text), "needs a reason")
	h.at(t, "tpelletier").post("/masters/payers/import", http.StatusForbidden, "csv", file, "words", "x")
	out := boss.get("/masters/payers.csv")
	has(t, out, "code,name,type,filing_days", "77001,Curlew Health,commercial,90")
	rows := strings.Count(out, "\n") - 1
	again := string(boss.post("/masters/payers/import", http.StatusOK, "csv", out, "words", "the same again").Text)
	if m := regexp.MustCompile(`(\d+) rows read: 0 added, 0 changed, (\d+) as before, 0 refused`).FindStringSubmatch(again); m == nil || m[1] != m[2] {
		t.Errorf("%d rows written out and read again: %s", rows, regexp.MustCompile(`\d+ rows read[^<]*`).FindString(again))
	}
}
