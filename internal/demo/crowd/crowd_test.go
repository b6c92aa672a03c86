package crowd_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/demo/charts"
	"chartroom/internal/demo/crowd"
)

const seed = 42

func TestSameSeedSamePeople(t *testing.T) {
	whole := slices.Collect(crowd.People(seed, 300))
	pieces := slices.AppendSeq(slices.Collect(crowd.Range(seed, 0, 120)), crowd.Range(seed, 120, 300))
	if d := cmp.Diff(whole, pieces); d != "" {
		t.Errorf("a crowd made in pieces differs (-whole +pieces):\n%s", d)
	}
	if cmp.Equal(whole[0], crowd.At(seed+1, 0)) {
		t.Error("another seed gives the same person")
	}
}

func TestEarlyEnd(t *testing.T) {
	n := 0
	for range crowd.People(seed, 1000) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("yielded %d after the break at 10", n)
	}
}

func TestPeopleArePlausible(t *testing.T) {
	first, last := time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	ssn := regexp.MustCompile(`^9(0[1-9]|[1-9]\d)-[0-4]\d-\d{4}$`)
	phone := regexp.MustCompile(`^\(207\) 555-01\d\d$`)
	seen := map[string]bool{}
	once := func(kind, value string) {
		if seen[kind+value] {
			t.Errorf("%s %s given twice", kind, value)
		}
		seen[kind+value] = true
	}
	for p := range crowd.People(seed, 20_000) {
		once("record number", p.MRN)
		once("social security number", p.SSN)
		if !ssn.MatchString(p.SSN) || !phone.MatchString(p.Phone) {
			t.Fatalf("%s: a number could be somebody's", p.MRN)
		}
		if len(p.Coverage) == 0 || len(p.Visits) == 0 || p.Family == "" || p.Given == "" {
			t.Fatalf("%s: incomplete", p.MRN)
		}
		var before time.Time
		for _, v := range p.Visits {
			once("encounter", v.Encounter.Number)
			e := v.Encounter
			if e.Admit.Before(first) || !e.Discharge.Before(last) || !e.Discharge.After(e.Admit) || e.Admit.Before(before) {
				t.Fatalf("%s: visit from %s to %s", p.MRN, e.Admit, e.Discharge)
			}
			if p.Born.After(e.Admit) {
				t.Fatalf("%s: treated before birth", p.MRN)
			}
			before = e.Discharge
		}
	}
}

func TestTextsAreFilledIn(t *testing.T) {
	scenarios := map[string]int{}
	age := regexp.MustCompile(`(\d+)-year-old`)
	for p := range crowd.People(seed, 20_000) {
		for _, v := range p.Visits {
			scenarios[v.Scenario]++
			on := charts.Chart{Patient: p.Patient, Encounter: v.Encounter}.Age()
			for _, d := range v.Documents {
				if strings.ContainsAny(d.Text, "[]{}") {
					t.Fatalf("%s: unfilled text %q", v.Scenario, d.Text)
				}
				if m := age.FindStringSubmatch(d.Text); m != nil && m[1] != fmt.Sprint(on) {
					t.Fatalf("%s: says %s years, is %d", v.Scenario, m[1], on)
				}
			}
		}
	}
	for _, c := range []string{"pneumonia", "cystitis", "well child", "cataract", "nursing facility visit"} {
		if scenarios[c] < 20 {
			t.Errorf("%s came %d times in 20,000", c, scenarios[c])
		}
	}
}

func TestCliniciansAreOnStaff(t *testing.T) {
	staff, err := charts.Staff()
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]charts.Member{}
	for _, m := range staff {
		people[m.Name] = m
	}
	for p := range crowd.People(seed, 5_000) {
		for _, v := range p.Visits {
			if a := v.Encounter.Attending; people[a.Name].NPI != a.NPI || a.NPI == "" {
				t.Fatalf("attending %s is not on staff under that NPI", a.Name)
			}
			for _, d := range v.Documents {
				if !slices.Contains(people[d.Author].Roles, d.Role) {
					t.Fatalf("%s, %s is not on staff", d.Author, d.Role)
				}
			}
		}
	}
}

func TestNotesVary(t *testing.T) {
	texts := map[string]int{}
	total := 0
	for p := range crowd.People(seed, 5_000) {
		for _, v := range p.Visits {
			texts[v.Documents[len(v.Documents)-1].Text]++
			total++
		}
	}
	if len(texts) < total*8/10 {
		t.Errorf("%d different notes among %d", len(texts), total)
	}
}

func BenchmarkPeople(b *testing.B) {
	b.ReportAllocs()
	var bytes int
	for i := range b.N {
		p := crowd.At(seed, i%crowd.Limit)
		for _, v := range p.Visits {
			for _, d := range v.Documents {
				bytes += len(d.Text)
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "patients/s")
	b.ReportMetric(float64(bytes)/float64(b.N), "note-bytes/patient")
}

func Example() {
	for p := range crowd.People(1, 2) {
		fmt.Println(p.MRN, len(p.Visits) > 0)
	}
	// Output:
	// MC0000001 true
	// MC0000002 true
}
