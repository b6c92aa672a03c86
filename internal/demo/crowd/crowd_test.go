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

func spoiled(p crowd.Person, rule string) bool {
	return slices.ContainsFunc(p.Planted, func(f crowd.Fault) bool { return f.Rule == rule })
}

// Every kind of error comes about as often as its rate says, and most records
// are sound.
func TestFaultsComeAtTheirRates(t *testing.T) {
	const n = 60_000
	visits, sound := 0, 0
	got := map[string]int{}
	of := map[charts.Category]int{}
	for p := range crowd.People(seed, n) {
		for _, v := range p.Visits {
			visits++
			of[v.Category]++
		}
		if len(p.Planted) == 0 {
			sound++
		}
		for _, f := range p.Planted {
			got[f.Rule]++
			if f.Visit < 0 || f.Visit >= len(p.Visits) {
				t.Fatalf("%s: fault %s of visit %d", p.MRN, f.Rule, f.Visit)
			}
		}
	}
	if sound < n*9/10 || sound > n*99/100 {
		t.Errorf("%d of %d persons are sound", sound, n)
	}
	for rule, perMille := range crowd.Rates() {
		if got[rule] == 0 || got[rule] > visits*perMille/1000*3/2 {
			t.Errorf("%s came %d times in %d visits, the rate is %d of a thousand", rule, got[rule], visits, perMille)
		}
	}
	for _, c := range charts.Categories() {
		if of[c] < visits/200 {
			t.Errorf("%s: %d of %d visits", c, of[c], visits)
		}
	}
	t.Logf("%d visits %v; planted %v", visits, of, got)
}

// About one in a hundred is registered twice, and a few are twins of the person
// with the number before.
func TestDoublesAndTwins(t *testing.T) {
	const n = 20_000
	doubles, twins := 0, 0
	for i := range n {
		p := crowd.At(seed, i)
		switch {
		case p.Double >= 0:
			doubles++
			of := crowd.At(seed, p.Double)
			if of.MRN == p.MRN || of.Phone != p.Phone || of.Sex != p.Sex || of.Double >= 0 {
				t.Fatalf("%s is no second registration of %s", p.MRN, of.MRN)
			}
		case p.Twin >= 0:
			twins++
			of := crowd.At(seed, p.Twin)
			if of.Family != p.Family || !of.Born.Equal(p.Born) || of.Address != p.Address || of.Given == p.Given {
				t.Fatalf("%s is no twin of %s", p.MRN, of.MRN)
			}
		}
	}
	if doubles < n*7/1000 || doubles > n*12/1000 || twins < n*2/1000 || twins > n*6/1000 {
		t.Errorf("%d doubles and %d twins of %d", doubles, twins, n)
	}
}

// The chart of a person holds all their visits.
func TestChart(t *testing.T) {
	for p := range crowd.People(seed, 500) {
		c := p.Chart()
		if len(c.Encounters()) != len(p.Visits) || len(c.Planted) != len(p.Planted) {
			t.Fatalf("%s: %d encounters, %d planted", p.MRN, len(c.Encounters()), len(c.Planted))
		}
		n := 0
		for i, v := range p.Visits {
			n += len(v.Documents)
			if c.Encounters()[i].Category != v.Category {
				t.Errorf("%s: category %s", p.MRN, c.Encounters()[i].Category)
			}
		}
		if len(c.Documents) != n {
			t.Errorf("%s: %d documents of %d", p.MRN, len(c.Documents), n)
		}
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
		if p.SSN != "" {
			once("social security number", p.SSN)
		}
		if p.SSN != "" != (p.Double < 0) || p.SSN != "" && !ssn.MatchString(p.SSN) || !phone.MatchString(p.Phone) {
			t.Fatalf("%s: a number could be somebody's", p.MRN)
		}
		if len(p.Coverage) == 0 || len(p.Visits) == 0 || p.Family == "" || p.Given == "" {
			t.Fatalf("%s: incomplete", p.MRN)
		}
		var before time.Time
		for _, v := range p.Visits {
			once("encounter", v.Encounter.Number)
			e := v.Encounter
			if e.Admit.Before(first) || !e.Discharge.Before(last) || !e.Discharge.After(e.Admit) && !spoiled(p, "A02") || e.Admit.Before(before) {
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
				if m := age.FindStringSubmatch(d.Text); m != nil && m[1] != fmt.Sprint(on) && !spoiled(p, "A03") {
					t.Fatalf("%s: says %s years, is %d", v.Scenario, m[1], on)
				}
			}
		}
	}
	for _, c := range []string{"pneumonia", "cystitis", "well child", "cataract", "nursing facility stay", "gallbladder", "heart failure", "chemotherapy"} {
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
			if a := v.Encounter.Attending; (people[a.Name].NPI != a.NPI || a.NPI == "") && !spoiled(p, "A22") {
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
			longest := ""
			for _, d := range v.Documents {
				if len(d.Text) > len(longest) {
					longest = d.Text
				}
			}
			if longest != "" {
				texts[longest]++
				total++
			}
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
