package server

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"

	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/ui"
)

func workFilter(q url.Values) (coding.WorkFilter, ui.WorkFilter) {
	shown := ui.WorkFilter{State: q.Get("state"), Setting: q.Get("setting"), Unit: q.Get("unit"), Mine: q.Get("mine")}
	return coding.WorkFilter{
		State: shown.State, Setting: chart.Setting(shown.Setting), Unit: shown.Unit, Mine: shown.Mine == "1",
		After: q.Get("after"), Limit: 50,
	}, shown
}

// workPage lists what is due. Its filters hold no patient data, so they stand in
// the address, and the list can be kept as a bookmark.
func workPage(s *Server, w http.ResponseWriter, r *http.Request) {
	filter, shown := workFilter(r.URL.Query())
	fragment := r.Header.Get("X-Fragment") == "list"
	filter.Units = !fragment
	page, err := s.dept.Coding.Worklist(r.Context(), actorOf(r.Context()), filter)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.Work{Filter: shown, CSV: "/work.csv?" + r.URL.RawQuery}
	for _, item := range page.Items {
		row := s.workRow(r.Context(), item)
		if row.Late {
			view.Late++
		}
		view.Rows = append(view.Rows, row)
	}
	view.Total = ui.Plural(len(view.Rows), "encounter")
	if view.Late > 0 {
		view.Total += ", " + strconv.Itoa(view.Late) + " late"
	}
	if page.Next != "" {
		next := r.URL.Query()
		next.Set("after", page.Next)
		view.Next = "/work?" + next.Encode()
		view.Total = "more than " + view.Total
	}
	if fragment {
		s.show(w, r, http.StatusOK, ui.WorkList(view))
		return
	}
	view.Units = page.Units
	s.show(w, r, http.StatusOK, ui.WorkPage(s.frame(r, "My work", "/work"), view))
}

func (s *Server) workRow(ctx context, item coding.WorkItem) ui.WorkRow {
	z := s.zone()
	clock, late, soon := z.Clock(item.Due, s.opt.Now())
	if item.State != coding.Open {
		clock, late, soon = "done "+z.Date(item.FinalisedAt), false, false
	}
	row := ui.WorkRow{
		Encounter: item.Encounter.ID, Record: item.Encounter.Record, Number: item.Encounter.Number,
		Patient: fullName(item.Patient.Name), MRN: item.Patient.RecordNumber(),
		Setting: string(item.Encounter.Setting), Unit: item.Encounter.Unit, Service: item.Encounter.Service,
		Ended: z.Date(item.Since), Due: z.Date(item.Due), Clock: clock, Late: late, Soon: soon,
		Why: string(item.Why), State: string(item.State), Codes: item.Diagnoses + item.Procedures, Offered: item.Offered, Texts: item.Texts,
	}
	if item.Coder != "" {
		row.Coder = s.nameOf(ctx, item.Coder)
	}
	return row
}

// workCSV writes exactly the rows that the page shows.
func workCSV(s *Server, w http.ResponseWriter, r *http.Request) {
	filter, _ := workFilter(r.URL.Query())
	page, err := s.dept.Coding.Worklist(r.Context(), actorOf(r.Context()), filter)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	rows := [][]string{{"due", "clock", "patient", "mrn", "why", "account", "setting", "unit", "ended", "texts", "to_decide", "codes", "coder"}}
	for _, item := range page.Items {
		row := s.workRow(r.Context(), item)
		rows = append(rows, []string{
			row.Due, row.Clock, row.Patient, row.MRN, row.Why, row.Number, row.Setting, row.Unit, row.Ended,
			strconv.Itoa(row.Texts), strconv.Itoa(row.Offered), strconv.Itoa(row.Codes), row.Coder,
		})
	}
	writeCSV(w, "work.csv", rows)
}

// writeCSV sends rows as a download. A cell that a spreadsheet would take for a
// formula is written with a leading apostrophe.
func writeCSV(w http.ResponseWriter, name string, rows [][]string) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && (cell[0] == '=' || cell[0] == '+' || cell[0] == '-' || cell[0] == '@') {
				row[i] = "'" + cell
			}
		}
		if out.Write(row) != nil {
			return // the client went away
		}
	}
	out.Flush()
}
