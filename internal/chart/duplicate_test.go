package chart_test

import (
	"os"
	"strings"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/gate/gatetest"
)

// ofLine reads a patient as the cases write one.
func ofLine(line string) chart.Patient {
	f := strings.Split(line, ",")
	for i := range f {
		if f[i] = strings.TrimSpace(f[i]); f[i] == "-" {
			f[i] = ""
		}
	}
	p := chart.Patient{Name: chart.Name{Family: f[0], Given: f[1]}, BirthDate: f[2], Sex: f[3]}
	if f[4] != "" {
		p.Identifiers = []chart.Identifier{{Kind: "SS", Value: f[4]}}
	}
	if f[5] != "" {
		p.Phones = []string{f[5]}
	}
	if street, zip, ok := strings.Cut(f[6], " 0"); ok {
		p.Address = []chart.Address{{Line: []string{street}, Postcode: "0" + zip}}
	}
	return p
}

func TestLikely(t *testing.T) {
	text, err := os.ReadFile("testdata/duplicates.case")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	_, rest, _ := strings.Cut(string(text), "\n== ")
	for one := range strings.SplitSeq(rest, "\n== ") {
		title, body, _ := strings.Cut(one, " ==\n")
		lines := strings.Split(strings.TrimSpace(body), "\n")
		cases++
		t.Run(title, func(t *testing.T) {
			d := open(t, gatetest.Open(t))
			d.register(ofLine(strings.TrimPrefix(lines[1], "there: ")))
			found, err := d.chart.Likely(d.ctx, d.actor, ofLine(strings.TrimPrefix(lines[0], "typed: ")))
			if err != nil {
				t.Fatal(err)
			}
			got := "not shown"
			if len(found) > 0 {
				got = "shown: " + strings.Join(found[0].Agrees, "; ")
				if len(found[0].Differs) > 0 {
					got += "; but " + strings.Join(found[0].Differs, ", ")
				}
			}
			if got != lines[2] {
				t.Errorf("%s\nwant %s", got, lines[2])
			}
		})
	}
	if cases < 14 {
		t.Errorf("%d cases", cases)
	}
}

func TestLikelyPutsTheLikeliestFirst(t *testing.T) {
	onBoth(t, func(d *department) {
		d.register(ofLine("Brody, Margaret, 1950-11-04, female, -, -, -"))
		best := d.register(ofLine("Brody, Margaret, 1950-11-03, female, 123-45-6789, -, -"))
		for range 15 {
			d.register(ofLine("Brody, Meg, 1950-11-13, female, -, -, -"))
		}
		typed := ofLine("Brody, Peggy, 1950-11-03, female, 123-45-6789, -, -")
		found, err := d.chart.Likely(d.ctx, d.actor, typed)
		if err != nil || len(found) == 0 || found[0].Patient.Record != best.Record || len(found) > 10 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		typed.Record = best.Record // a record is not like itself
		found, err = d.chart.Likely(d.ctx, d.actor, typed)
		if err != nil || found[0].Patient.Record == best.Record {
			t.Errorf("%+v, %v", found[0], err)
		}
		if found, err = d.chart.Likely(d.ctx, d.actor, chart.Patient{}); err != nil || len(found) > 0 {
			t.Errorf("nobody is like nobody: %d, %v", len(found), err)
		}
	})
}

func TestSearchByNickname(t *testing.T) {
	onBoth(t, func(d *department) {
		for _, line := range []string{
			"Thornquist, William, 1940-01-01, male, -, -, -", "Thornquist, Billie, 1941-01-01, female, -, -, -", "Thornquist, Margaret, 1942-01-01, female, -, -, -",
			"Billings, Otto, 1943-01-01, male, -, -, -", "Thornkwist, Wilhelm, 1944-01-01, male, -, -, -", "王, 小明, 1945-01-01, male, -, -, -", //nolint:gosmopolitan // names in other scripts are what is tested
		} {
			d.register(ofLine(line))
		}
		for _, c := range []struct {
			query chart.Query
			want  string
		}{
			{chart.Query{Name: "bill"}, "Otto beginning, Billie beginning"},
			{chart.Query{Name: "bill", Nicknames: true}, "Otto beginning, Billie beginning, William nickname"},
			{chart.Query{Name: "bill thornquist", Nicknames: true}, "Billie beginning, William nickname"},
			{chart.Query{Name: "peggy thornquest", Nicknames: true}, ""},
			{chart.Query{Name: "peggy thornquest", Nicknames: true, Sounds: true}, "Margaret sound"},
			{chart.Query{Name: "peggy", Nicknames: true, BirthDate: "1942-01-01"}, "Margaret nickname"},
			{chart.Query{Name: "peggy", Nicknames: true, BirthDate: "1940-01-01"}, ""},
			{chart.Query{Name: "william thornquist", Nicknames: true}, "William exact, Billie nickname"},
			{chart.Query{Name: "王"}, "小明 exact"},                                 //nolint:gosmopolitan // the same
			{chart.Query{Name: "小明", Sounds: true, Nicknames: true}, "小明 exact"}, //nolint:gosmopolitan // the same
		} {
			hits, err := d.chart.Search(d.ctx, d.actor, c.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range hits {
				got = append(got, h.Patient.Name.Given+" "+h.How.String())
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%+v: %v, want %s", c.query, got, c.want)
			}
		}
	})
}
