package server

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chartroom/internal/deficiency"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/incoming"
	"chartroom/internal/ui"
	"chartroom/internal/work"
	"chartroom/stats/figure"
)

// orderPage says how accurate and in order the records are.
func orderPage(s *Server, w http.ResponseWriter, r *http.Request) {
	unit := r.URL.Query().Get("unit")
	actor := actorOf(r.Context())
	standing, err := s.dept.Deficiency.Summary(r.Context(), actor, deficiency.Filter{Unit: unit})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.Order{Unit: unit, Units: standing.Units, Tiles: orderTiles(standing, unit)}
	if standing.Waiting > 0 {
		view.Note = ui.Plural(standing.Waiting, "record") + " changed and not analysed yet"
	}
	drawStanding(&view, standing, unit)
	// Not everybody who reads findings works from lists, or sees what was misfiled.
	if s.permitted(r.Context(), work.ActionList, gate.Department()) == nil {
		counts, err := s.dept.Work.Counts(r.Context(), actor)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		view.Work = workFigure(counts)
	}
	if s.permitted(r.Context(), incoming.ActionRead, gate.Department()) == nil {
		misfiles, err := s.dept.Incoming.Misfiles(r.Context(), actor, incoming.MisfileFilter{})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		view.Misfiled = s.misfileFigure(r.Context(), misfiles)
	}
	if asksFor(r, "order") {
		s.show(w, r, http.StatusOK, ui.OrderFigures(view))
		return
	}
	s.show(w, r, http.StatusOK, ui.OrderPage(s.frame(r, "Records in order", "/order"), view))
}

// casesPath is the address of the cases behind a figure.
func casesPath(unit string, more ...string) string {
	q := url.Values{}
	if unit != "" {
		q.Set("unit", unit)
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return "/order/cases"
	}
	return "/order/cases?" + q.Encode()
}

func orderTiles(s deficiency.Standing, unit string) []ui.OrderTile {
	one := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	grave := 0
	for _, c := range s.BySeverity {
		if c.Value == string(rules.Error) {
			grave = c.N
		}
	}
	tiles := []ui.OrderTile{
		{Value: ui.Thousands(s.Open), Name: "open findings", Path: casesPath(unit), Note: ui.Thousands(grave) + " of them errors", Bad: grave > 0},
		{
			Value: one(s.Rate), Name: "stays with a finding per 100 discharges", Path: casesPath(unit),
			Note: ui.Thousands(s.WithFindings) + " of " + ui.Plural(s.Discharges, "discharge") + " of the last 12 months",
		},
		{
			Value: ui.Thousands(s.Delinquent), Name: "delinquent records", Path: casesPath(unit, "rule", "C17"), Bad: s.Delinquent > 0,
			Note: one(s.DelinquencyRate) + " per 100 average monthly discharges (" + one(s.AverageMonthly) + "); 42 CFR 482.24(c)(4)(vii)",
		},
	}
	if unit == "" && s.Records > 0 {
		tiles = append(tiles, ui.OrderTile{
			Value: one(100*float64(s.Clean)/float64(s.Records)) + " %", Name: "of records without a finding", Path: casesPath(unit),
			Note: ui.Thousands(s.Records-s.Clean) + " of " + ui.Plural(s.Records, "record") + " have one",
		})
	}
	return tiles
}

// topBars is how many bars a figure shows; its table has them all only as far.
const topBars = 16

func drawStanding(view *ui.Order, s deficiency.Standing, unit string) {
	view.ByRule = countBars("Open findings by rule", "Rule", s.ByRule, func(c deficiency.Count) (string, string) {
		return c.Value + " " + c.Name, casesPath(unit, "rule", c.Value)
	})
	view.BySeverity = countBars("Open findings by severity", "Severity", s.BySeverity, func(c deficiency.Count) (string, string) {
		return ui.Upper1(c.Name), casesPath(unit, "severity", c.Value)
	})
	view.ByClinician = countBars("Open findings by the clinician they wait for", "Clinician", s.ByClinician, func(c deficiency.Count) (string, string) {
		return c.Name, casesPath(unit, "clinician", c.Value)
	})
	view.ByUnit = countBars("Open findings by unit", "Unit", s.ByUnit, func(c deficiency.Count) (string, string) {
		name := c.Name
		if name == "" {
			name = "No unit"
		}
		return name, casesPath(c.Value)
	})
	ages := figure.Ageing{Head: figure.Head{Title: "Open findings by how long they have been open", X: "findings", Y: "Open for", Width: 440}}
	for i, a := range s.Ages {
		tone := figure.Calm
		if i >= len(s.Ages)-2 {
			tone = figure.Late
		}
		ages.Ages = append(ages.Ages, figure.Age{
			Name: ui.Upper1(a.Name), Tone: tone, Count: float64(a.N), Href: casesPath(unit, "from", instant(a.From), "to", instant(a.To)),
		})
	}
	view.Ages = ages
}

func countBars(title, what string, counts []deficiency.Count, name func(deficiency.Count) (string, string)) figure.Bars {
	b := figure.Bars{Head: figure.Head{Title: title, X: "findings", Y: what, Width: 440}, Whole: true}
	for i, c := range counts {
		if i == topBars {
			b.Note = "The " + strconv.Itoa(topBars) + " most frequent of " + strconv.Itoa(len(counts)) + " are drawn."
			break
		}
		text, href := name(c)
		b.Bars = append(b.Bars, figure.Bar{Name: text, Href: href, Parts: []float64{float64(c.N)}})
	}
	return b
}

// workFigure draws the open work of each queue, what is late apart.
func workFigure(counts []work.Count) figure.Figure {
	b := figure.Bars{
		Head: figure.Head{Title: "Open work by queue", X: "items", Y: "Queue", Width: 440}, Whole: true,
		Series: []string{"In time", "Late"}, Tones: []figure.Tone{figure.Calm, figure.Late},
	}
	for _, c := range counts {
		d, ok := work.Define(c.Queue)
		if !ok || c.Open == 0 {
			continue
		}
		b.Bars = append(b.Bars, figure.Bar{
			Name: d.Title, Parts: []float64{float64(c.Open - c.Overdue), float64(c.Overdue)}, Href: "/work?" + work.Filter{Queue: c.Queue}.Query().Encode(),
		})
	}
	return b
}

func (s *Server) misfileFigure(ctx context, m incoming.Misfiles) figure.Figure {
	b := figure.Bars{Head: figure.Head{Title: "Documents misfiled by who filed them", X: "documents", Y: "Filed by", Width: 440}, Whole: true}
	for _, f := range m.Filers {
		if f.Misfiled > 0 {
			b.Bars = append(b.Bars, figure.Bar{
				Name: s.nameOf(ctx, f.Actor) + " (of " + strconv.Itoa(f.Indexed) + ")", Parts: []float64{float64(f.Misfiled)}, Href: "/incoming/misfiles?filer=" + url.QueryEscape(f.Actor),
			})
		}
	}
	return b
}

// instant writes a moment for an address; "" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

func readInstant(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func casesFilter(q url.Values) deficiency.Filter {
	return deficiency.Filter{
		Unit: q.Get("unit"), Rule: q.Get("rule"), Severity: rules.Severity(q.Get("severity")), Clinician: q.Get("clinician"),
		From: readInstant(q.Get("from")), To: readInstant(q.Get("to")), After: q.Get("after"),
	}
}

// orderCasesPage lists the cases behind a figure.
func orderCasesPage(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.orderCases(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, ui.OrderCasesPage(s.frame(r, "Cases", "/order"), view))
}

func (s *Server) orderCases(r *http.Request) (ui.OrderCases, error) {
	q := r.URL.Query()
	f := casesFilter(q)
	page, err := s.dept.Deficiency.List(r.Context(), actorOf(r.Context()), f)
	if err != nil {
		return ui.OrderCases{}, err
	}
	view := ui.OrderCases{Title: "Open findings", CSV: "/order/cases.csv?" + q.Encode(), Withheld: page.Withheld}
	if rule, ok := s.dept.Deficiency.Rule(f.Rule); ok {
		view.Title = rule.ID + " " + ui.Upper1(rule.What)
	}
	if f.Unit != "" {
		view.Title += ", " + f.Unit
	}
	z := s.zone()
	for _, row := range page.Rows {
		fd := row.Finding
		clock, late, _ := z.Clock(fd.Due, s.opt.Now())
		view.Rows = append(view.Rows, ui.OrderCase{
			Path: "/chart/" + fd.Record + "#finding-" + fd.ID, Patient: fullName(row.Patient.Name), MRN: row.Patient.RecordNumber(),
			Rule: fd.Rule.ID, Name: fd.Rule.Name, Severity: string(fd.Severity), Says: fd.Says, Unit: fd.Unit, Clinician: fd.Clinician.Name,
			Since: z.Date(fd.Since), Due: z.Date(fd.Due), Clock: clock, Late: late,
		})
	}
	if page.Next != "" {
		next := url.Values{}
		maps.Copy(next, q)
		next.Set("after", page.Next)
		view.Next = "/order/cases?" + next.Encode()
	}
	return view, nil
}

// orderCasesCSV writes exactly the rows that the page shows.
func orderCasesCSV(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.orderCases(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	rows := [][]string{{"since", "patient", "mrn", "rule", "name", "severity", "finding", "unit", "clinician", "due"}}
	for _, c := range view.Rows {
		rows = append(rows, []string{c.Since, c.Patient, c.MRN, c.Rule, c.Name, c.Severity, c.Says, c.Unit, c.Clinician, c.Due})
	}
	writeCSV(w, "cases.csv", rows)
}
