package chart

import (
	"cmp"
	"slices"
	"time"
)

// CoverageIssue is something to look at between the insurances of a patient.
type CoverageIssue struct {
	Kind     CoverageKind
	Priority int
	IDs      []string // the coverages it is about, in the order of their beginning
	From, To string   // the days it is about, both included; "" is open
}

// CoverageKind says what is to be looked at.
type CoverageKind string

// The kinds of issue.
const (
	CoverageOverlap CoverageKind = "overlap" // two of the same priority on the same days
	CoverageGap     CoverageKind = "gap"     // days between two without a primary coverage
	CoverageNoFirst CoverageKind = "no-primary"
)

// the days that stand for "always": before all dates and after them.
const (
	firstDay = "0001-01-01"
	lastDay  = "9999-12-31"
)

func (c Coverage) from() string { return cmp.Or(c.From, firstDay) }
func (c Coverage) to() string   { return cmp.Or(c.To, lastDay) }

// standingCoverages are the coverages that count, by their beginning.
func standingCoverages(all []Coverage) []Coverage {
	out := slices.DeleteFunc(slices.Clone(all), func(c Coverage) bool { return c.Withdrawn || c.to() < c.from() })
	slices.SortStableFunc(out, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.from(), b.from()), cmp.Compare(a.to(), b.to()), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// CoverageIssues finds what is to be looked at: the same priority twice on one
// day, days without a primary coverage between two that have one, and a lower
// priority where nothing is primary. Withdrawn coverages and those of unknown
// priority do not count. Order: overlaps, gaps, the rest, each by date.
func CoverageIssues(all []Coverage) []CoverageIssue {
	list := standingCoverages(all)
	var out []CoverageIssue
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.Priority == 0 || a.Priority != b.Priority || b.from() > a.to() {
				continue
			}
			out = append(out, CoverageIssue{
				Kind: CoverageOverlap, Priority: a.Priority, IDs: []string{a.ID, b.ID},
				From: open(b.from(), firstDay), To: open(min(a.to(), b.to()), lastDay),
			})
		}
	}
	primary := slices.DeleteFunc(slices.Clone(list), func(c Coverage) bool { return c.Priority != 1 })
	for i := 1; i < len(primary); i++ {
		// Until when all that began before lasts.
		last := slices.MaxFunc(primary[:i], func(a, b Coverage) int { return cmp.Compare(a.to(), b.to()) })
		if from, ok := dayAfter(last.to()); ok && from < primary[i].from() {
			before, _ := dayBefore(primary[i].from())
			out = append(out, CoverageIssue{Kind: CoverageGap, Priority: 1, IDs: []string{last.ID, primary[i].ID}, From: from, To: before})
		}
	}
	if len(primary) == 0 {
		for _, c := range list {
			if c.Priority > 1 {
				out = append(out, CoverageIssue{Kind: CoverageNoFirst, Priority: c.Priority, IDs: []string{c.ID}, From: c.From, To: c.To})
				break
			}
		}
	}
	return out
}

func open(day, always string) string {
	if day == always {
		return ""
	}
	return day
}

func dayAfter(day string) (string, bool) { return shiftDay(day, 1) }

func dayBefore(day string) (string, bool) { return shiftDay(day, -1) }

func shiftDay(day string, by int) (string, bool) {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || day == lastDay || day == firstDay {
		return "", false
	}
	return at.AddDate(0, 0, by).Format(time.DateOnly), true
}

// CoveredOn gives the coverages that stand on a day (YYYY-MM-DD), by priority,
// those of unknown priority last.
func CoveredOn(all []Coverage, day string) []Coverage {
	out := slices.DeleteFunc(standingCoverages(all), func(c Coverage) bool { return day < c.from() || c.to() < day })
	rank := func(c Coverage) int { return cmp.Or(c.Priority, 99) }
	slices.SortStableFunc(out, func(a, b Coverage) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}
