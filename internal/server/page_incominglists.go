package server

import (
	"net/http"
	"strconv"
	"strings"

	"chartroom/internal/incoming"
	"chartroom/internal/ui"
)

// discharges shows all lists, and the form for a new one.
func (s *Server) discharges(w http.ResponseWriter, r *http.Request, code int, fault, typed string) {
	all, err := s.dept.Incoming.Lists(r.Context(), actorOf(r.Context()))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z := s.zone()
	view := ui.DischargeLists{Today: s.today(), Fault: fault, Typed: typed}
	for _, l := range all {
		view.Rows = append(view.Rows, ui.DischargeListRow{
			ID: l.ID, Days: daysOf(l), Source: sourceOf(l), Made: z.Minute(l.MadeAt), By: s.nameOf(r.Context(), l.MadeBy), Counts: countsOf(l),
		})
	}
	s.show(w, r, code, ui.DischargesPage(s.incomingFrame(r, "Discharges", incomingScript), view))
}

func daysOf(l incoming.List) string {
	if l.FirstDay == l.LastDay {
		return l.FirstDay
	}
	return l.FirstDay + " – " + l.LastDay
}

func sourceOf(l incoming.List) string {
	if l.Source == "encounters" {
		return "the day's encounters"
	}
	return "a list"
}

func countsOf(l incoming.List) ui.DischargeCounts {
	c := l.Counts
	return ui.DischargeCounts{
		Lines: c.Lines, Here: c.Here, Incomplete: c.Incomplete, Differs: c.Differs, Absent: c.Absent, Twice: c.Twice, Rejected: l.Rejected,
		Encounters: c.Encounters, OnList: c.OnList, Unlisted: c.Unlisted, Open: c.Open,
	}
}

func dischargesPage(s *Server, w http.ResponseWriter, r *http.Request) {
	s.discharges(w, r, http.StatusOK, "", "")
}

// postDischarges takes a list, or a day without one, and holds it against the
// records.
func postDischarges(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	text := r.PostFormValue("text")
	var l *incoming.List
	var err error
	if day := r.PostFormValue("day"); day != "" {
		l, err = s.dept.Incoming.ReconcileDay(r.Context(), actor, day)
	} else {
		var lines []incoming.Discharge
		var rejected []incoming.Rejected
		if lines, rejected, err = incoming.ParseDischarges(text, s.opt.Now()); err == nil && len(lines) == 0 {
			err = unusable("No line of the list could be used. Line " + strconv.Itoa(rejected[0].Line) + ": " + rejected[0].Why + ".")
		}
		if err == nil {
			l, err = s.dept.Incoming.Reconcile(r.Context(), actor, lines, len(rejected))
		}
	}
	if err != nil {
		if f := s.faultOf(r.Context(), err); f.status == http.StatusUnprocessableEntity {
			s.discharges(w, r, f.status, ui.Upper1(f.text), text)
			return
		}
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/discharges/"+l.ID, http.StatusSeeOther) //nolint:gosec // the id of a list that was just stored
}

// lineWords say what a line came to, and how its badge looks.
var lineWords = map[incoming.LineState][2]string{
	incoming.LineHere: {"complete", "good"}, incoming.LineIncomplete: {"documents missing", "warn"}, incoming.LineDiffers: {"dates differ", "warn"},
	incoming.LineAbsent: {"no such encounter", "bad"}, incoming.LineTwice: {"listed twice", ""}, incoming.LineUnlisted: {"not on the list", "bad"},
}

func (s *Server) dischargeList(r *http.Request) (ui.DischargeList, error) {
	l, err := s.dept.Incoming.List(r.Context(), actorOf(r.Context()), r.PathValue("list"))
	if err != nil {
		return ui.DischargeList{}, err
	}
	z := s.zone()
	view := ui.DischargeList{
		ID: l.ID, Days: daysOf(*l), Source: sourceOf(*l), Made: z.Minute(l.MadeAt), Matched: z.Minute(l.MatchedAt), Counts: countsOf(*l),
		Reasons: incoming.SettleReasons(), MayWork: mayIndex(actorOf(r.Context())),
	}
	if r.URL.Query().Get("show") == "all" {
		view.Show = "all"
	}
	for _, line := range l.Lines {
		if view.Show == "" && !line.Open() {
			continue
		}
		words := lineWords[line.State]
		row := ui.DischargeRow{
			Number: line.Number, Account: line.Discharge.Account, MRN: line.Discharge.MRN, Name: line.Discharge.Name, Day: line.Discharge.Day,
			Unit: line.Discharge.Unit, State: string(line.State), What: words[0], Class: words[1], Record: line.Record, Encounter: line.Encounter,
			Missing: strings.Join(line.Missing, ", "), Open: line.Open(), Listed: line.State != incoming.LineUnlisted,
		}
		if line.State == incoming.LineDiffers {
			row.Missing = "ended here " + line.HereDay
			if line.HereDay == "" {
				row.Missing = "has not ended here"
			}
		}
		if !line.SettledAt.IsZero() {
			row.Settled = ui.Upper1(line.How) + ", " + s.nameOf(r.Context(), line.SettledBy) + ", " + z.Minute(line.SettledAt)
		}
		view.Rows = append(view.Rows, row)
	}
	return view, nil
}

func dischargeListPage(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.dischargeList(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if asksFor(r, "list") {
		s.show(w, r, http.StatusOK, ui.DischargeRows(view))
		return
	}
	s.show(w, r, http.StatusOK, ui.DischargeListPage(s.incomingFrame(r, "Discharge list", incomingScript), view))
}

// dischargeListCSV writes exactly the rows that the page shows.
func dischargeListCSV(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.dischargeList(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	rows := [][]string{{"line", "came_to", "name", "mrn", "account", "discharged", "unit", "missing", "settled"}}
	for _, d := range view.Rows {
		rows = append(rows, []string{strconv.Itoa(d.Number), d.What, d.Name, d.MRN, d.Account, d.Day, d.Unit, d.Missing, d.Settled})
	}
	writeCSV(w, "discharges.csv", rows)
}

// matchDischarges holds a list against the records as they are now.
func matchDischarges(s *Server, w http.ResponseWriter, r *http.Request) {
	l, err := s.dept.Incoming.Rematch(r.Context(), actorOf(r.Context()), r.PathValue("list"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/discharges/"+l.ID, http.StatusSeeOther) //nolint:gosec // the id of a list that was just stored
}

// settleDischarge settles a line by hand, or opens it again.
func settleDischarge(s *Server, w http.ResponseWriter, r *http.Request) {
	actor, id := actorOf(r.Context()), r.PathValue("list")
	number, err := strconv.Atoi(r.PostFormValue("line"))
	if err != nil {
		s.fail(w, r, unusable("There is no such line."))
		return
	}
	if r.PostFormValue("reopen") == "1" {
		err = s.dept.Incoming.Reopen(r.Context(), actor, id, number)
	} else {
		err = s.dept.Incoming.Settle(r.Context(), actor, id, number, r.PostFormValue("how"))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/discharges/"+id, http.StatusSeeOther) //nolint:gosec // the id of a list that was just found
}
