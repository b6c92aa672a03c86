package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
)

// TestNamesInOtherScripts registers people whose names are written in other
// scripts, by every format, and finds them by these names.
func TestNamesInOtherScripts(t *testing.T) {
	names := []struct{ family, given, find string }{
		{"Київська", "Олена", "київська"}, {"山田", "太郎", "山田"}, //nolint:gosmopolitan // names in other scripts are what is tested
		{"الحسن", "مريم", "الحسن"}, {"Παπαδοπούλου", "Ελένη", "Παπαδοπουλου"},
		{"Nguyễn", "Thị Hạnh", "nguyen"}, {"Ó Súilleabháin", "Máire", "suilleabhain"}, {"김", "민준", "김"}, {"כהן", "רות", "כהן"},
	}
	formats := map[string]func(n int, family, given string) string{
		"a.hl7": func(n int, family, given string) string {
			return fmt.Sprintf("MSH|^~\\&|REG|NORTH|||20260901||ADT^A28|%d|P|2.5.1||||||UNICODE UTF-8\rPID|1||%d^^^NORTH^MR||%s^%s\r", n, n, family, given)
		},
		"a.json": func(n int, family, given string) string {
			return fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":%q,"given":[%q]}]}`, n, family, given)
		},
		"a.xml": func(n int, family, given string) string {
			return fmt.Sprintf(`<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1" extension="%d"/><patient><name><given>%s</given><family>%s</family></name></patient></patientRole></recordTarget></ClinicalDocument>`, n, given, family)
		},
		"a.csv": func(n int, family, given string) string {
			return fmt.Sprintf("mrn,last name,first name\n%d,%s,%s\n", n, family, given)
		},
	}
	for file, write := range formats {
		t.Run(file, func(t *testing.T) {
			d := open(t, gatetest.Open(t))
			for i, n := range names {
				if got := d.text(file, write(i+1, n.family, n.given)); got.Accepted != 1 || got.Rejected != 0 {
					t.Fatalf("%s: %+v", n.family, got)
				}
			}
			for _, n := range names {
				hits, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: n.find})
				if err != nil || len(hits) != 1 || hits[0].Patient.Name.Family != n.family || hits[0].Patient.Name.Given != n.given {
					t.Errorf("%s: %v, %+v", n.find, err, hits)
				}
			}
		})
	}
}

// TestListCharacterSets has one list in each character set and with each
// separator, with a mark and without.
func TestListCharacterSets(t *testing.T) {
	rows := func(sep, name string) string {
		return strings.ReplaceAll("record_number,family,given\r\n1,"+name+",Marta\r\n", ",", sep)
	}
	for name, c := range map[string]struct{ text, want string }{
		"UTF-8":             {rows(",", "Peña"), "Peña"},
		"UTF-8 with a mark": {"\xef\xbb\xbf" + rows(";", "Peña"), "Peña"},
		"windows-1252":      {rows("\t", "Pe\xf1a \x96 M\xfcller"), "Peña – Müller"},
		"bar":               {rows("|", "Quill"), "Quill"},
		"quotes":            {rows(",", `"Quill, ""the"" elder"`), `Quill, "the" elder`},
		"line feeds alone":  {strings.ReplaceAll(rows(",", "Quill"), "\r", ""), "Quill"},
		"no end of line":    {strings.TrimSuffix(rows(",", "Quill"), "\r\n"), "Quill"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, gatetest.Open(t))
			if got := d.text("list.csv", c.text); got.Accepted != 1 || got.Rejected != 0 {
				t.Fatalf("%+v", got)
			}
			hits, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: "marta"})
			if err != nil || len(hits) != 1 || hits[0].Patient.Name.Family != c.want {
				t.Fatalf("%v %+v", err, hits)
			}
		})
	}
}

// TestLongList takes a list in that is stored in several parts: the counts add
// up, each part is a list of its own, and all of it again is recognised.
func TestLongList(t *testing.T) {
	d := open(t, gatetest.Open(t))
	var b strings.Builder
	b.WriteString("record_number,family,given,birth_date\n")
	const n = 1203
	for i := range n {
		birth := "1961-02-03"
		if i%100 == 7 {
			birth = "19610231"
		}
		fmt.Fprintf(&b, "%d,Quill,Marta,%s\n", i+1, birth)
	}
	got := d.text("long.csv", b.String())
	if got.Received != n || got.Rejected != 12 || got.Accepted != n-12 {
		t.Errorf("%+v", got)
	}
	again := d.text("long.csv", b.String())
	if again.Received != n || again.Rejected != 12 || again.Repeated != again.Accepted {
		t.Errorf("again: %+v", again)
	}
	page, err := d.intake.Messages(d.ctx, d.actor, "", 100)
	if err != nil || len(page) < 3 {
		t.Fatalf("%v, %d messages", err, len(page))
	}
	for _, m := range page {
		_, raw, err := d.intake.Open(d.ctx, d.actor, m.ID)
		if err != nil || !strings.HasPrefix(string(raw), "record_number,family") || m.Format != intake.FormatCSV || m.Kind != "patients" {
			t.Errorf("%v: %s %s begins %.30q", err, m.Format, m.Kind, raw)
		}
	}
}
