package charts_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"chartroom/internal/demo/charts"
)

const small = `== chart ==
title: A visit
category: clinic
point: small
== patient ==
name: Doe, Jan Q
sex: female
born: 1980-02-29
mrn: MB0000001
ssn: 900-01-0001
address: 1 Tern Lane | Marrow Bay | ME | 04998
phone: (207) 555-0100
coverage: 1 | Self-pay | None | X
== encounter ==
number: E26-000001
unit: Clinic
admit: 2026-02-28 09:00
discharge: 2026-02-28 09:30
disposition: 01 home or self care
attending: Ruth Ostrander, MD | 2555010000
== document clinic visit note | Ruth Ostrander, MD, physician | 2026-02-28 09:20 | signed ==

Ms. Doe has gout | of the left foot.
# a line of the note, not a comment
== gold ==
dx M10.9 | why: Gout
  | words: doc 1 "gout | of the left foot"
`

func TestParse(t *testing.T) {
	c, err := charts.Parse("small.chart", small)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Ms. Doe has gout | of the left foot.\n# a line of the note, not a comment\n"; c.Documents[0].Text != want {
		t.Errorf("text %q, want %q", c.Documents[0].Text, want)
	}
	if c.ID != "small" || c.Patient.Family != "Doe" || c.Patient.Given != "Jan" || c.Patient.Middle != "Q" {
		t.Errorf("id or name wrong: %q %+v", c.ID, c.Patient)
	}
	if c.Age() != 45 {
		t.Errorf("age %d the day before the birthday of a leap day, want 45", c.Age())
	}
	q := c.Gold.Diagnoses[0].Words[0]
	if c.Documents[0].Text[q.Start:q.End] != "gout | of the left foot" {
		t.Errorf("span [%d,%d) is not the quotation", q.Start, q.End)
	}
	if c.Category.Setting() != "professional" {
		t.Errorf("setting %q", c.Category.Setting())
	}
}

// Each case spoils one thing of the small chart; the error must name the line.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		line           int
		msg            string
	}{
		{"unknown section", "== encounter ==", "== stay ==", 14, "unknown section"},
		{"unknown key", "unit: Clinic", "ward: Clinic", 16, "unknown key"},
		{"no value", "title: A visit", "title:", 2, "want \"key: value\""},
		{"bad date", "1980-02-29", "1981-02-29", 8, "want a time"},
		{"bad time", "2026-02-28 09:00", "28 Feb 2026", 17, "want a time"},
		{"NPI", "2555010000", "2555010001", 20, "check digit"},
		{"columns", "1 Tern Lane | Marrow Bay | ME", "1 Tern Lane | ME", 11, "columns"},
		{"coverage order", "coverage: 1", "coverage: 2", 13, "priority"},
		{"signature", "| signed ==", "| initialed ==", 21, "signed or unsigned"},
		{"no role", "Ruth Ostrander, MD, physician", "Ostrander", 21, "role"},
		{"words not there", "doc 1 \"gout", "doc 1 \"Gout", 26, "does not hold"},
		{"no such document", "doc 1 \"", "doc 2 \"", 26, "no document"},
		{"open quotation", "left foot\"", "left foot", 26, "words: is"},
		{"POA outside hospital", "dx M10.9", "dx M10.9 POA Y", 26, "POA"},
		{"no reason", "why: Gout", "why:", 26, "an entry has"},
		{"unknown verb", "dx M10.9", "dy M10.9", 26, "want dx"},
		{"unknown field", "why: Gout", "because: Gout", 26, "unknown field"},
		{"category", "category: clinic", "category: spa", 1, "category"},
		{"sex", "sex: female", "sex: f", 1, "sex"},
		{"text before sections", "== chart ==", "hello\n== chart ==", 1, "before the first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(small, c.from, c.to, 1)
			if text == small {
				t.Fatal("the case changes nothing")
			}
			_, err := charts.Parse("small.chart", text)
			if err == nil {
				t.Fatal("no error")
			}
			if want := fmt.Sprintf("small.chart:%d: ", c.line); !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), c.msg) {
				t.Errorf("error %q, want one at %q about %q", err, want, c.msg)
			}
			if _, ok := errors.AsType[*charts.Error](err); !ok {
				t.Errorf("error is no *charts.Error: %T", err)
			}
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	text := strings.NewReplacer("unit: Clinic", "ward: Clinic", "phone: (207)", "fax: (207)").Replace(small)
	_, err := charts.Parse("small.chart", text)
	if err == nil || strings.Count(err.Error(), "small.chart:") != 2 {
		t.Errorf("want two errors, got %v", err)
	}
}

func TestParseStaffErrors(t *testing.T) {
	for line, msg := range map[string]string{
		"a | B | coder | desk | - | CCS":                            "columns",
		"a | - | coder | desk | - | - | -":                          "name or role",
		"a | B | coder | desk | 2555010001 | - | -":                 "check digit",
		"a | B | coder | desk | - | CCS 555-0101 | -":               "credential",
		"a | B | coder | desk | - | CCS 555-0101 next year | -":     "credential",
		"a | B | coder | desk | - | CCS 555-0101 2026-02-30, X | -": "want a time",
	} {
		if _, err := charts.ParseStaff("s.txt", "# people\n"+line); err == nil || !strings.Contains(err.Error(), "s.txt:2: ") || !strings.Contains(err.Error(), msg) {
			t.Errorf("%s: error %v, want one about %q at line 2", line, err, msg)
		}
	}
}

// Whatever the text, parsing ends with a chart or with errors that have a place.
func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add(whole)
	if text, err := os.ReadFile("data/c12-newborn.chart"); err == nil {
		f.Add(string(text))
	}
	f.Add("== document a | b, c | 2026-01-01 00:00 | signed ==\nx\n== gold ==\ndx A | why: \" | words: doc 1 \"")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := charts.Parse("f.chart", text)
		if err != nil {
			if !strings.Contains(err.Error(), "f.chart:") {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		for _, g := range codesOf(c.Gold) {
			for _, q := range g.Words {
				if c.Documents[q.Document].Text[q.Start:q.End] != q.Text {
					t.Errorf("span does not hold %q", q.Text)
				}
			}
		}
	})
}

func ExampleParse() {
	c, err := charts.Parse("small.chart", small)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range c.Gold.Diagnoses {
		fmt.Printf("%s because document %d says %q\n", g.Code, g.Words[0].Document+1, g.Words[0].Text)
	}
	// Output: M10.9 because document 1 says "gout | of the left foot"
}

func BenchmarkAll(b *testing.B) {
	n := 0
	for b.Loop() {
		cs, err := charts.All()
		if err != nil {
			b.Fatal(err)
		}
		n += len(cs)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "charts/s")
}
