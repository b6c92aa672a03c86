package chart_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/gate/gatetest"
)

const today = "2026-11-22"

// typed is a registration with one field as a case writes it.
func typed(field, value string) chart.Patient {
	p := chart.Patient{Name: chart.Name{Family: "Halloran", Given: "Beatrice"}, BirthDate: "1943-02-11", Sex: "female"}
	switch field {
	case "birth":
		p.BirthDate = value
	case "deceased":
		p.Deceased = value
	case "family":
		p.Name.Family = value
	case "given":
		p.Name.Given = value
	case "sex":
		p.Sex = value
	case "ssn":
		p.Identifiers = []chart.Identifier{{Kind: "SS", Value: value}}
	case "zip":
		p.Address = []chart.Address{{Postcode: value}}
	case "phone":
		p.Phones = []string{value}
	case "email":
		p.Email = value
	}
	return p
}

func TestCheckPatient(t *testing.T) {
	text, err := os.ReadFile("testdata/check.case")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(text)) {
		left, want, ok := strings.Cut(strings.TrimSpace(line), "->")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		cases++
		field, value, _ := strings.Cut(left, "=")
		field, value = strings.TrimSpace(field), strings.TrimSpace(value)
		got := "ok"
		if faults := chart.CheckPatient(typed(field, value), today); len(faults) > 0 {
			got = "fault "
			if faults[0].Warn {
				got = "warn "
			}
			got += faults[0].Field + ": " + faults[0].Text
		}
		if got != strings.TrimSpace(want) {
			t.Errorf("%s = %q: %s\nwant %s", field, value, got, strings.TrimSpace(want))
		}
		if value != "" && len(value) > 5 && strings.Contains(got, value) {
			t.Errorf("%s = %q: the answer says what was typed: %s", field, value, got)
		}
	}
	if cases < 40 {
		t.Errorf("%d cases", cases)
	}
}

func TestReadPartial(t *testing.T) {
	for in, want := range map[string]string{
		"1943-02-11": "1943-02-11", "19430211": "1943-02-11", "2/11/1943": "1943-02-11", "\t02/11/1943\t": "1943-02-11", "1943-02": "1943-02",
		"2/1943": "1943-02", "1943": "1943", "20260230": "", "1943-2-11": "", "0000": "", "11.2.1943": "", "": "", "13/1/2020": "", "194": "",
	} {
		got, ok := chart.ReadPartial(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
}

func FuzzReadPartial(f *testing.F) {
	for _, seed := range []string{"1943-02-11", "2/11/1943", "20260230", "1943-02", "0000-00-00", "9999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		date, ok := chart.ReadPartial(typed)
		if !ok {
			return
		}
		// What was understood is understood again, as the same.
		if again, ok := chart.ReadPartial(date); !ok || again != date {
			t.Errorf("%q gives %q gives %q", typed, date, again)
		}
	})
}

func TestRegisterNew(t *testing.T) {
	onBoth(t, func(d *department) {
		r := chart.Registration{
			Patient: typed("", ""), Assigner: "MBRMC", Today: today, Anyway: "twin sister",
			Coverages:  []chart.Coverage{{Payer: "Medicare", Member: "1", Priority: 1}},
			Encounters: []chart.Encounter{{Setting: chart.Outpatient, Status: "in-progress", Start: noon, Unit: "Clinic"}},
		}
		r.Patient.Aliases = []chart.Name{{Family: "Kestrel", Use: "maiden"}}
		first, err := d.chart.RegisterNew(d.ctx, d.actor, r)
		if err != nil {
			t.Fatal(err)
		}
		second, err := d.chart.RegisterNew(d.ctx, d.actor, r)
		if err != nil {
			t.Fatal(err)
		}
		if first.RecordNumber() != "00000018" || second.RecordNumber() != "00000026" || first.Record == second.Record {
			t.Errorf("numbers %s and %s", first.RecordNumber(), second.RecordNumber())
		}
		if first.Reason != "twin sister" || first.Identifiers[0].Assigner != "MBRMC" || first.Aliases[0].Use != "maiden" || first.Person == "" {
			t.Errorf("%+v", first)
		}
		page, err := d.chart.Chart(d.ctx, d.actor, first.Record)
		if err != nil || len(page.Banner.Coverages) != 1 || len(page.Encounters) != 1 || page.Encounters[0].Number != "V00000018" {
			t.Errorf("%+v, %v", page, err)
		}
		// A number that is in use is passed over, and one that is given is kept.
		own := r
		own.Patient.Identifiers = []chart.Identifier{{Kind: "MR", Assigner: "MBRMC", Value: "00000034"}}
		if p, err := d.chart.RegisterNew(d.ctx, d.actor, own); err != nil || p.RecordNumber() != "00000034" {
			t.Errorf("%+v, %v", p, err)
		}
		var known *chart.KnownError
		if _, err := d.chart.RegisterNew(d.ctx, d.actor, own); !errors.As(err, &known) || known.Record == "" || !errors.Is(err, chart.ErrInvalid) {
			t.Errorf("a number twice: %v", err)
		}
		if p, err := d.chart.RegisterNew(d.ctx, d.actor, r); err != nil || p.RecordNumber() != "00000042" {
			t.Errorf("%+v, %v", p, err)
		}
		bad := r
		bad.Patient.BirthDate = "2027-01-01"
		var faults *chart.FaultsError
		if _, err := d.chart.RegisterNew(d.ctx, d.actor, bad); !errors.As(err, &faults) || faults.Faults[0].Field != "birth" {
			t.Errorf("born after today: %v", err)
		}
	})
}

func TestAddToARecord(t *testing.T) {
	onBoth(t, func(d *department) {
		record := d.register(marta()).Record
		c, err := d.chart.AddCoverage(d.ctx, d.actor, record, chart.Coverage{Payer: "Harborlight", Member: "7", Priority: 2, From: "2026-01-01"})
		if err != nil || c.Record != record || c.Number != 1 || c.Payer != "Harborlight" {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := d.chart.AddCoverage(d.ctx, d.actor, record, chart.Coverage{Payer: "H", From: "2026-02-01", To: "2026-01-31"}); !errors.Is(err, chart.ErrInvalid) {
			t.Errorf("ends before it begins: %v", err)
		}
		e, err := d.chart.AddEncounter(d.ctx, d.actor, record, chart.Encounter{Setting: chart.Inpatient, Status: "planned", Start: noon, Unit: "4 West"})
		if err != nil || e.Number != "V00000018" || e.Record != record {
			t.Errorf("%+v, %v", e, err)
		}
		e.Status, e.End = "finished", noon.AddDate(0, 0, -1)
		for _, f := range chart.CheckEncounter(e) {
			if f.Field == "end" && f.Text != "The discharge lies before the admission." {
				t.Errorf("%+v", f)
			}
		}
		if _, err := d.chart.AddEncounter(d.ctx, d.actor, record, e); !errors.Is(err, chart.ErrInvalid) {
			t.Errorf("discharged before admission: %v", err)
		}
		if _, err := d.chart.AddEncounter(d.ctx, d.actor, "nobody", chart.Encounter{Setting: chart.Inpatient, Status: "planned", Start: noon}); !errors.Is(err, chart.ErrNotFound) {
			t.Errorf("no such record: %v", err)
		}
	})
}

func TestCheckEncounter(t *testing.T) {
	for want, e := range map[string]chart.Encounter{
		"":        {Setting: chart.Inpatient, Status: "finished", Start: noon, End: noon.AddDate(0, 0, 2), Disposition: "01", Unit: "x"},
		"end":     {Setting: chart.Inpatient, Status: "finished", Start: noon, Disposition: "01", Unit: "x"},
		"start":   {Setting: chart.Inpatient, Status: "planned", Unit: "x"},
		"setting": {Status: "planned", Start: noon, Unit: "x"},
		"status":  {Setting: chart.Outpatient, Status: "gone", Start: noon, Unit: "x"},
		"unit":    {Setting: chart.Outpatient, Status: "finished", Start: noon},
	} {
		got := ""
		for _, f := range chart.CheckEncounter(e) {
			got += f.Field
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", e, got, want)
		}
	}
}

func TestRegistrationDrafts(t *testing.T) {
	onBoth(t, func(d *department) {
		if err := d.chart.SaveDraft(d.ctx, d.actor, "new", "family=Quillfeather"); err != nil {
			t.Fatal(err)
		}
		if err := d.chart.SaveDraft(d.ctx, d.actor, "new", "family=Quillfeathers"); err != nil {
			t.Fatal(err)
		}
		got, err := d.chart.Draft(d.ctx, d.actor, "new")
		if err != nil || got != "family=Quillfeathers" {
			t.Errorf("%q, %v", got, err)
		}
		other := gatetest.Actor()
		other.ID = "somebody-else"
		if got, err := d.chart.Draft(d.ctx, other, "new"); err != nil || got != "" {
			t.Errorf("another's draft: %q, %v", got, err)
		}
		if err := d.chart.SaveDraft(d.ctx, d.actor, "new", ""); err != nil {
			t.Fatal(err)
		}
		if got, err := d.chart.Draft(d.ctx, d.actor, "new"); err != nil || got != "" {
			t.Errorf("thrown away: %q, %v", got, err)
		}
		if err := d.chart.SaveDraft(d.ctx, d.actor, "new", strings.Repeat("x", chart.MaxDraft+1)); !errors.Is(err, chart.ErrInvalid) {
			t.Errorf("too long: %v", err)
		}
	})
}
