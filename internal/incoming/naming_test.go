package incoming

import (
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
)

func TestWhatAPageSays(t *testing.T) {
	amos := chart.Patient{
		Name: chart.Name{Family: "Quillfeather", Given: "Amos"}, BirthDate: "1950-05-05",
		Identifiers: []chart.Identifier{{Kind: "MR", Value: "MB0012345"}},
	}
	for _, c := range []struct {
		text string
		want strength
	}{
		{"MRN: MB0012345", surely},
		{"Medical Record No. MB-0012345", surely},
		{"see MB0012345 of Quillfeather", wholly},
		{"invoice 0012345 of another", notNamed},
		{"Amos Quillfeather, born 5 May 1950", surely},
		{"QUILLFEATHER, AMOS  DOB 5/5/50", surely},
		{"Patient: Quillfeather, Amos J", perhaps},
		{"DOB 05/05/1950, Amos", perhaps},
		{"Dr. Amos Quillfeather attending", notNamed},
		{"Amos was seen on 2026-05-05", notNamed},
		{"DOB 02/30/1950", notNamed},
	} {
		got, where := readPage(1, c.text, today).names(amos)
		if got != c.want {
			t.Errorf("%q: %d, not %d", c.text, got, c.want)
		}
		for _, m := range where {
			if m.Start < 0 || m.End > len(c.text) || m.Start >= m.End {
				t.Errorf("%q: mention %+v", c.text, m)
			}
		}
	}
}

func TestProposal(t *testing.T) {
	for _, c := range []struct{ text, kind, date, author string }{
		{"MARROW BAY HOSPITAL\nDISCHARGE SUMMARY\nDate of discharge: 03/14/2026\nDOB: 01/02/1950\nDictated by: Ines Maddox, MD", "discharge summary", "2026-03-14", "Ines Maddox, MD"},
		{"HISTORY AND PHYSICAL\nBorn: 01/02/1950\nSeen March 10, 2026", "history and physical", "2026-03-10", ""},
		{"Informed consent to surgery\nWitness", "consent", "", ""},
		{"Dear Dr. Maddox,\nthank you", "correspondence", "", ""},
		{"nothing at all", "", "", ""},
		{strings.Repeat("line\n", 20) + "OPERATIVE REPORT", "", "", ""},
	} {
		got := propose([]pageWords{readPage(1, c.text, today)})
		if got.Type != c.kind || got.Date != c.date || got.Author != c.author {
			t.Errorf("%q: %+v", c.text, got)
		}
		for _, m := range got.Because {
			if m.Start < 0 || m.End > len(c.text) || m.Start >= m.End {
				t.Errorf("%q: mention %+v", c.text, m)
			}
		}
	}
}

func FuzzReadPage(f *testing.F) {
	f.Add("MRN: MB0012345 DOB 5/5/50\nPatient: Quillfeather, Amos\nİstanbul OPERATIVE REPORT")
	f.Fuzz(func(t *testing.T, text string) {
		pg := readPage(1, text, today)
		all := append(append(append([]Mention{}, pg.numbers...), pg.dates...), pg.given...)
		all = append(all, propose([]pageWords{pg}).Because...)
		for _, m := range all {
			if m.Start < 0 || m.End > len(text) || m.Start >= m.End {
				t.Errorf("mention %+v of %d bytes", m, len(text))
			}
		}
	})
}

func TestEncounterAt(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.Add(9 * time.Hour)
	}
	all := []chart.Encounter{
		{Version: chart.Version{ID: "late"}, Start: day("2026-03-10"), End: day("2026-03-14")},
		{Version: chart.Version{ID: "early"}, Start: day("2026-02-01"), End: day("2026-02-03")},
		{Version: chart.Version{ID: "open"}, Start: day("2026-06-01"), Status: "in-progress"},
	}
	for at, want := range map[string]string{
		"2026-03-12": "late", "2026-03-14": "late", "2026-03-09": "late", "2026-03-20": "late", "2026-02-02": "early",
		"2026-04-30": "", "2025-01-01": "", "2026-07-01": "open", "": "",
	} {
		if got := encounterAt(all, at, time.UTC); got != want {
			t.Errorf("%s: %q, not %q", at, got, want)
		}
	}
}

func TestBarcodes(t *testing.T) {
	seen := map[string]bool{}
	for v := range 106 {
		sum, pattern := 0, code128[6*v:6*v+6]
		for _, w := range pattern {
			sum += int(w - '0')
		}
		if sum != 11 || seen[pattern] {
			t.Errorf("value %d is %s", v, pattern)
		}
		seen[pattern] = true
	}
	if len(code128) != 6*106 {
		t.Errorf("%d widths", len(code128))
	}
	if got := len(Bars("V012345678X")); got != 6*13+7 { // start, 11, check, stop
		t.Errorf("%d bars", got)
	}
	if Bars("ü") != nil {
		t.Error("a letter without bars was drawn")
	}
	for range 100 {
		code := newBarcode()
		if !goodBarcode(code) {
			t.Errorf("%s is refused", code)
		}
		changed := []byte(code)
		changed[4]++
		if goodBarcode(string(changed)) {
			t.Errorf("%s passes for %s", changed, code)
		}
	}
}

// TestTheNumberOfOneAndTheNameOfAnother: whichever is chosen, the page has to be
// confirmed; a page that names mother and child by number is taken for either.
func TestTheNumberOfOneAndTheNameOfAnother(t *testing.T) {
	person := func(family, given, born, number string) Named {
		return Named{Patient: chart.Patient{
			Person: number, Name: chart.Name{Family: family, Given: given}, BirthDate: born, Identifiers: []chart.Identifier{{Kind: "MR", Value: number}},
		}}
	}
	a, b := person("Quillfeather", "Amos", "1950-05-05", "MB0012345"), person("Brightwell", "Odalys", "1961-03-09", "MB0054321")
	mixed := []pageWords{readPage(1, "Patient: Amos Quillfeather DOB 05/05/1950\nMRN: MB0054321", today)}
	for _, chosen := range []Named{a, b} {
		if got := otherPages([]Named{a, b}, chosen.Patient.Person, mixed); len(got) != 1 {
			t.Errorf("%s: %v", chosen.Patient.Name.Family, got)
		}
	}
	both := []pageWords{readPage(1, "Newborn: Quillfeather MRN MB0012345\nMother: Odalys Brightwell MRN MB0054321", today)}
	for _, chosen := range []Named{a, b} {
		if got := otherPages([]Named{a, b}, chosen.Patient.Person, both); len(got) != 0 {
			t.Errorf("%s: %v", chosen.Patient.Name.Family, got)
		}
	}
	if got := otherPages([]Named{a, b}, "somebody else", both); len(got) != 1 {
		t.Errorf("somebody else: %v", got)
	}
}
