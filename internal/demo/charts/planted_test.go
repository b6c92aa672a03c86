package charts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/demo/charts"
)

// rules are the ids of the rules of deficiency analysis: of completeness and of
// accuracy.
func rules() []string {
	var out []string
	for n := 1; n <= 24; n++ {
		out = append(out, fmt.Sprintf("C%02d", n))
	}
	for n := 1; n <= 32; n++ {
		out = append(out, fmt.Sprintf("A%02d", n))
	}
	return out
}

// Every rule has an error to find, in a chart that has no more than a handful.
func TestEveryRuleIsPlanted(t *testing.T) {
	planted := map[string][]string{}
	sound := 0
	for _, c := range all(t) {
		if len(c.Planted) == 0 {
			sound++
		}
		if len(c.Planted) > 6 {
			t.Errorf("%s: %d planted errors in one chart", c.ID, len(c.Planted))
		}
		for _, p := range c.Planted {
			planted[p.Rule] = append(planted[p.Rule], c.ID)
			for _, q := range p.Words {
				if got := c.Documents[q.Document].Text[q.Start:q.End]; got != q.Text {
					t.Errorf("%s: %s: span holds %q, want %q", c.ID, p.Rule, got, q.Text)
				}
			}
		}
	}
	for _, r := range rules() {
		if len(planted[r]) == 0 {
			t.Errorf("nothing is planted for %s", r)
		}
		t.Logf("%s %s", r, strings.Join(planted[r], " "))
	}
	for r := range planted {
		if !slices.Contains(rules(), r) {
			t.Errorf("%s is no rule", r)
		}
	}
	if sound < 40 {
		t.Errorf("%d sound charts, want at least 40", sound)
	}
}

// An error of a finished stay that makes the record incomplete makes it
// delinquent thirty days later, and nothing else does.
func TestDelinquencyFollowsIncompleteness(t *testing.T) {
	for _, c := range all(t) {
		late := false
		for _, e := range c.Encounters() {
			late = late || e.Category == charts.Inpatient && !e.Discharge.IsZero() && e.Discharge.AddDate(0, 0, 30).Before(charts.Morning())
		}
		incomplete := slices.ContainsFunc(c.Planted, func(p charts.Planted) bool { return p.Rule[0] == 'C' && p.Rule != "C17" })
		if want := late && incomplete; c.Has("C17") != want {
			t.Errorf("%s: delinquent %v, want %v", c.ID, c.Has("C17"), want)
		}
	}
}

// Twins differ in given name and sex, not in family name, birth date and
// address; persons registered twice share a social security number, a phone, or
// an address under two record numbers.
func TestTwinsAndDoubles(t *testing.T) {
	byID := map[string]charts.Chart{}
	for _, c := range all(t) {
		byID[c.ID[:min(4, len(c.ID))]] = c
	}
	for _, pair := range []string{"t01", "t02"} {
		a, b := byID[pair+"a"].Patient, byID[pair+"b"].Patient
		if a.Family == "" || a.Family != b.Family || !a.Born.Equal(b.Born) || a.Address != b.Address || a.Given == b.Given || a.Sex == b.Sex {
			t.Errorf("%s are no twins: %+v %+v", pair, a.Name, b.Name)
		}
		if differing(a.MRN, b.MRN) > 2 {
			t.Errorf("%s: the numbers %s and %s are too far apart to be taken for each other", pair, a.MRN, b.MRN)
		}
	}
	for _, pair := range []string{"d01", "d02", "d03", "d04"} {
		a, b := byID[pair+"a"].Patient, byID[pair+"b"].Patient
		if a.MRN == "" || b.MRN == "" || a.MRN == b.MRN || a.Phone != b.Phone {
			t.Errorf("%s is not one person with two numbers", pair)
		}
		if a.Name == b.Name && a.Born.Equal(b.Born) {
			t.Errorf("%s: registered the same way twice", pair)
		}
	}
}

func differing(a, b string) int {
	n := 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
