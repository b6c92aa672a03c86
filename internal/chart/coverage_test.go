package chart_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chartroom/internal/chart"
)

func cover(id string, priority int, from, to string) chart.Coverage {
	return chart.Coverage{Version: chart.Version{ID: id}, Payer: "P", Priority: priority, From: from, To: to}
}

func issues(all []chart.Coverage) string {
	var out []string
	for _, i := range chart.CoverageIssues(all) {
		out = append(out, fmt.Sprintf("%s %d %s %s..%s", i.Kind, i.Priority, strings.Join(i.IDs, "+"), i.From, i.To))
	}
	return strings.Join(out, "; ")
}

func TestCoverageIssues(t *testing.T) {
	withdrawn := cover("w", 1, "", "")
	withdrawn.Withdrawn = true
	for _, c := range []struct {
		name string
		all  []chart.Coverage
		want string
	}{
		{"nothing", nil, ""},
		{"one, open on both sides", []chart.Coverage{cover("a", 1, "", "")}, ""},
		{"one after the other", []chart.Coverage{cover("b", 1, "2026-01-01", ""), cover("a", 1, "2025-01-01", "2025-12-31")}, ""},
		{"both on one day", []chart.Coverage{cover("a", 1, "2025-01-01", "2026-01-01"), cover("b", 1, "2026-01-01", "")}, "overlap 1 a+b 2026-01-01..2026-01-01"},
		{"a month without", []chart.Coverage{cover("a", 1, "2025-01-01", "2025-11-30"), cover("b", 1, "2026-01-01", "")}, "gap 1 a+b 2025-12-01..2025-12-31"},
		{"over a leap day", []chart.Coverage{cover("a", 1, "", "2024-02-28"), cover("b", 1, "2024-03-01", "")}, "gap 1 a+b 2024-02-29..2024-02-29"},
		{"the longer one covers the gap", []chart.Coverage{cover("a", 1, "2025-01-01", "2026-12-31"), cover("b", 1, "2025-02-01", "2025-03-01"), cover("c", 1, "2027-01-01", "")}, "overlap 1 a+b 2025-02-01..2025-03-01"},
		{"other priorities may overlap", []chart.Coverage{cover("a", 1, "", ""), cover("b", 2, "", "")}, ""},
		{"unknown priority says nothing", []chart.Coverage{cover("a", 0, "", ""), cover("b", 0, "", "")}, ""},
		{"the same always", []chart.Coverage{cover("a", 1, "", ""), cover("b", 1, "", "")}, "overlap 1 a+b .."},
		{"a second without a first", []chart.Coverage{cover("a", 2, "2026-01-01", "")}, "no-primary 2 a 2026-01-01.."},
		{"withdrawn does not count", []chart.Coverage{cover("a", 1, "", ""), withdrawn}, ""},
	} {
		if got := issues(c.all); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestCoverageDayByDay compares with a look at every single day.
func TestCoverageDayByDay(t *testing.T) {
	day := func(n int) string { return noon.AddDate(0, 0, n).Format("2006-01-02") }
	rapid.Check(t, func(r *rapid.T) {
		var all []chart.Coverage
		for i := range rapid.IntRange(0, 5).Draw(r, "n") {
			from := rapid.IntRange(0, 40).Draw(r, "from")
			all = append(all, cover(fmt.Sprint(i), rapid.IntRange(1, 2).Draw(r, "priority"), day(from), day(from+rapid.IntRange(0, 15).Draw(r, "days"))))
		}
		first, last := 99, -1
		twice, bare := map[int]bool{}, map[int]bool{}
		count := func(n, priority int) (k int) {
			for _, c := range chart.CoveredOn(all, day(n)) {
				if c.Priority == priority {
					k++
				}
			}
			return k
		}
		for n := range 60 {
			if count(n, 1) > 0 {
				first, last = min(first, n), n
			}
			twice[n] = count(n, 1) > 1 || count(n, 2) > 1
		}
		for n := first; n <= last; n++ {
			bare[n] = count(n, 1) == 0
		}
		gotTwice, gotBare := map[int]bool{}, map[int]bool{}
		for _, i := range chart.CoverageIssues(all) {
			for n := range 60 {
				inside := day(n) >= i.From && day(n) <= i.To
				gotTwice[n] = gotTwice[n] || inside && i.Kind == chart.CoverageOverlap
				gotBare[n] = gotBare[n] || inside && i.Kind == chart.CoverageGap
			}
		}
		for n := range 60 {
			if twice[n] != gotTwice[n] || bare[n] != gotBare[n] {
				r.Fatalf("day %d: twice %v, %v; bare %v, %v", n, twice[n], gotTwice[n], bare[n], gotBare[n])
			}
		}
	})
}
