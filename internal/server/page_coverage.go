package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// coverageForm reads the chart of the record in the address, and the coverage that
// it names; a new one where it names none.
func (s *Server) coverageForm(r *http.Request) (f factForm, c chart.Coverage, err error) {
	record, fact := r.PathValue("record"), r.PathValue("fact")
	if r.Method == http.MethodPost {
		if err := s.permitted(r.Context(), chart.ActionCorrect, gate.Record(record)); err != nil {
			return f, c, err
		}
	}
	page, err := s.dept.Chart.Chart(r.Context(), actorOf(r.Context()), record)
	if err != nil {
		return f, c, err
	}
	f = factForm{
		page: page, fact: fact, title: "New coverage", address: "/registration/" + record + "/coverage", fields: coverageFields(false), reasons: coverageReasons,
	}
	if fact == "" {
		return f, chart.Coverage{Priority: nextPriority(page.Banner.Coverages, s.today()), Relationship: "self"}, nil
	}
	i := slices.IndexFunc(page.Banner.Coverages, func(c chart.Coverage) bool { return c.ID == fact && c.Record == record })
	if i < 0 {
		return f, c, chart.ErrNotFound
	}
	f.title, f.address = "Coverage", f.address+"/"+fact
	return f, page.Banner.Coverages[i], nil
}

// nextPriority is the first that no coverage of today has.
func nextPriority(all []chart.Coverage, today string) int {
	for n := 1; ; n++ {
		if !slices.ContainsFunc(chart.CoveredOn(all, today), func(c chart.Coverage) bool { return c.Priority == n }) {
			return n
		}
	}
}

func coveragePage(s *Server, w http.ResponseWriter, r *http.Request) {
	f, c, err := s.coverageForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v, view := s.restore(r.Context(), f, c.Number, coverageValues(c))
	s.showFact(w, r, f, http.StatusOK, v, nil, nil, view)
}

func saveCoverage(s *Server, w http.ResponseWriter, r *http.Request) {
	f, _, err := s.coverageForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	record := r.PathValue("record")
	s.correct(w, r, correction{
		fact: f.fact, slot: f.slot(), reasons: coverageReasons, back: "/registration/" + record,
		read: func(rev chart.Revision) values { return coverageValues(*rev.Coverage) },
		write: func(seen chart.Revision, v values) (any, []chart.Fault) {
			c := chart.Coverage{}
			if seen.Coverage != nil {
				c = *seen.Coverage
			}
			c = v.coverageOf(c)
			return c, chart.CheckCoverage(c)
		},
		add: func(what any) error {
			c, _ := what.(chart.Coverage)
			_, err := s.dept.Chart.AddCoverage(r.Context(), actorOf(r.Context()), record, c)
			return err
		},
		show: func(code int, v values, faults []chart.Fault, theirs map[string]string, view ui.Registration) {
			s.showFact(w, r, f, code, v, faults, theirs, view)
		},
	})
}

// coverageView is the list of insurances, what is to be looked at between them,
// and how they lie in time.
func (s *Server) coverageView(all []chart.Coverage) ([]ui.CoverageRow, []string, *ui.CoverageDrawing) {
	today := s.today()
	rows := []ui.CoverageRow{}
	for _, c := range all {
		row := ui.CoverageRow{ID: c.ID, Payer: c.Payer, Plan: c.Plan, Member: c.Member, From: c.From, To: c.To, Withdrawn: c.Withdrawn, Version: c.Number, State: "current"}
		if c.Priority > 0 {
			row.Priority = strconv.Itoa(c.Priority)
		}
		switch {
		case c.Withdrawn:
			row.State = "entered in error"
		case c.To != "" && c.To < today:
			row.State = "ended"
		case c.From > today:
			row.State = "to come"
		}
		rows = append(rows, row)
	}
	issues := chart.CoverageIssues(all)
	var said []string
	for _, i := range issues {
		said = append(said, sayIssue(i, all))
	}
	return rows, said, drawCoverage(all, issues, s.opt.Now().In(s.opt.Zone))
}

func sayIssue(i chart.CoverageIssue, all []chart.Coverage) string {
	payer := func(n int) string {
		at := slices.IndexFunc(all, func(c chart.Coverage) bool { return c.ID == i.IDs[n] })
		if at < 0 {
			return "another"
		}
		return all[at].Payer
	}
	days := joined(" ", prefixed("from ", i.From), prefixed("until ", i.To))
	if days == "" {
		days = "at all times"
	}
	switch i.Kind {
	case chart.CoverageOverlap:
		return fmt.Sprintf("%s and %s both have priority %d %s. Only one can be billed first.", payer(0), payer(1), i.Priority, days)
	case chart.CoverageGap:
		return fmt.Sprintf("No primary coverage %s, between %s and %s.", days, payer(0), payer(1))
	case chart.CoverageNoFirst:
		return fmt.Sprintf("%s has priority %d, and none is primary.", payer(0), i.Priority)
	}
	return ""
}

func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// The measures of the drawing, in units of its own.
const (
	lineWidth = 1000
	barHeight = 16
	barStep   = 22
	axis      = 20
)

// drawCoverage lays the insurances on a line of time, one row a priority. nil where
// none has a date.
func drawCoverage(all []chart.Coverage, issues []chart.CoverageIssue, now time.Time) *ui.CoverageDrawing {
	first, last := now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)
	dated := false
	day := func(s string, open time.Time) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, s, now.Location())
		if err != nil {
			return open
		}
		dated = true
		if at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
		return at
	}
	priorities := []int{}
	for _, c := range all {
		if c.Withdrawn {
			continue
		}
		day(c.From, first)
		day(c.To, last)
		if !slices.Contains(priorities, c.Priority) {
			priorities = append(priorities, c.Priority)
		}
	}
	if !dated {
		return nil
	}
	slices.SortFunc(priorities, func(a, b int) int { return (a+9)%10 - (b+9)%10 }) // unknown last
	x := func(at time.Time) int {
		return int(float64(lineWidth) * float64(at.Sub(first)) / float64(last.Sub(first)))
	}
	d := &ui.CoverageDrawing{Height: len(priorities)*barStep + axis, Today: x(now), Says: "Coverage over time, one row a priority: "}
	stretch := func(from, to string, priority int, class string) ui.CoverageBar {
		a, z := x(day(from, first)), x(day(to, last).AddDate(0, 0, 1))
		return ui.CoverageBar{X: a, Width: max(min(z, lineWidth)-a, 3), Y: slices.Index(priorities, priority)*barStep + 3, Height: barHeight, Class: class}
	}
	for _, c := range all {
		if c.Withdrawn {
			continue
		}
		class := "later"
		if c.Priority == 1 {
			class = "first"
		}
		bar := stretch(c.From, c.To, c.Priority, class)
		d.Bars = append(d.Bars, bar)
		d.Says += c.Payer + " " + joined(" ", prefixed("from ", c.From), prefixed("until ", c.To)) + "; "
	}
	for _, i := range issues {
		if i.Kind == chart.CoverageOverlap || i.Kind == chart.CoverageGap {
			d.Marks = append(d.Marks, stretch(i.From, i.To, i.Priority, string(i.Kind)))
		}
	}
	step := max(1, (last.Year()-first.Year())/12)
	for year := first.Year() + 1; year <= last.Year(); year += step {
		d.Ticks = append(d.Ticks, ui.CoverageTick{X: x(time.Date(year, 1, 1, 0, 0, 0, 0, now.Location())), Text: strconv.Itoa(year)})
	}
	return d
}
