package server

import (
	"net/http"
	"net/url"
	"strconv"

	"chartroom/internal/chart"
	"chartroom/internal/incoming"
	"chartroom/internal/ui"
)

const incomingScript = "js/incoming/lists.js"

// incomingFrame is the frame of a page of the incoming desk.
func (s *Server) incomingFrame(r *http.Request, title, script string) ui.Frame {
	f := s.frame(r, title, "/incoming")
	f.Script = script
	return f
}

// incomingPage lists the scans that wait to be indexed.
func incomingPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	page, err := s.dept.Incoming.Waiting(r.Context(), actor, r.URL.Query().Get("after"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z := s.zone()
	rows := make([]ui.ScanRow, 0, len(page.Rows))
	for _, v := range page.Rows {
		clock, late, soon := z.Clock(v.Item.Due, s.opt.Now())
		row := ui.ScanRow{
			Scan: v.Scan.ID, Name: v.Scan.Name, Pages: v.Scan.Pages, Waiting: v.Waiting, Arrived: z.Minute(v.Scan.ArrivedAt),
			Clock: clock, Late: late, Soon: soon, Drafted: v.Drafted, Unread: v.Scan.Pending > 0,
		}
		if row.Name == "" {
			row.Name = "Scan of " + z.Minute(v.Scan.ArrivedAt)
		}
		if who := v.Item.Who(); who != "" {
			row.Who = s.nameOf(r.Context(), who)
		}
		rows = append(rows, row)
	}
	next := ""
	if page.Next != "" {
		next = "/incoming?after=" + url.QueryEscape(page.Next)
	}
	s.show(w, r, http.StatusOK, ui.IncomingPage(s.incomingFrame(r, "Incoming", incomingScript), rows, next, mayIndex(actor)))
}

// scanDeskPage is where a scan is indexed: the module of the page draws it.
func scanDeskPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	id := r.PathValue("scan")
	if _, _, err := s.dept.Scan.Scan(r.Context(), actor, id); err != nil {
		s.fail(w, r, err)
		return
	}
	f := s.incomingFrame(r, "Index a scan", "js/incoming/desk.js")
	f.Wide = true
	s.show(w, r, http.StatusOK, ui.ScanDesk(f, id, !mayIndex(actor)))
}

// filedPage is a document at the desk.
func filedPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	p, err := s.dept.Incoming.Document(r.Context(), actor, r.PathValue("document"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z, d := s.zone(), p.Document
	view := ui.FiledView{
		Document: d.ID, Record: d.Record, Type: d.Type, Patient: fullName(p.Patient.Name), MRN: p.Patient.RecordNumber(), BirthDate: p.Patient.BirthDate,
		Visit: s.visitLine(p.Encounter), Written: z.Date(d.WrittenAt), Author: d.Author.Name, Version: d.Number, Sheets: len(d.Sheets),
		FiledBy: s.nameOf(r.Context(), p.FiledBy), FiledAt: z.Minute(p.FiledAt), Signed: d.Signed, Withdrawn: d.Withdrawn, May: mayIndex(actor),
		Chart: "/chart/" + d.Record + "/documents/" + d.ID, Reasons: incoming.MoveReasons(),
	}
	if len(d.Sheets) == 0 {
		view.Text = d.Text
	}
	for _, o := range p.Others {
		view.Others = append(view.Others, ui.OtherDocument{ID: o.ID, Label: joined(", ", ui.Upper1(o.Type), z.Date(o.WrittenAt), ui.Plural(len(o.Sheets), "page")), Version: o.Number})
	}
	for _, m := range p.Moves {
		view.Moves = append(view.Moves, s.misfileRow(r.Context(), m))
	}
	f := s.incomingFrame(r, "Document", "js/incoming/document.js")
	f.Wide = true
	s.show(w, r, http.StatusOK, ui.FiledPage(f, view))
}

func (s *Server) visitLine(e chart.Encounter) string {
	z := s.zone()
	return joined(" · ", z.Date(e.Start), ui.SettingName(string(e.Setting)), e.Unit, e.Number)
}

// dayFilter reads the days and the person that a list is narrowed to.
func dayFilter(r *http.Request) (first, last, by string) {
	q := r.URL.Query()
	if q.Get("by") == "me" {
		by = actorOf(r.Context()).ID
	}
	return q.Get("from"), q.Get("to"), by
}

// indexedPage lists what was indexed.
func indexedPage(s *Server, w http.ResponseWriter, r *http.Request) {
	first, last, by := dayFilter(r)
	z := s.zone()
	today := s.today()
	if first == "" {
		first = today
	}
	if last == "" {
		last = today
	}
	all, err := s.dept.Incoming.Indexed(r.Context(), actorOf(r.Context()), first, last, by)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.IndexedList{First: first, Last: last, Mine: by != ""}
	for _, d := range all {
		view.Rows = append(view.Rows, ui.IndexedRow{
			Document: d.Document.ID, Type: d.Document.Type, Patient: fullName(d.Patient.Name), MRN: d.Patient.RecordNumber(),
			Written: z.Date(d.Document.WrittenAt), At: z.Minute(d.At), By: s.nameOf(r.Context(), d.By), State: d.State, Sheets: len(d.Document.Sheets),
		})
	}
	if asksFor(r, "list") {
		s.show(w, r, http.StatusOK, ui.IndexedRows(view))
		return
	}
	s.show(w, r, http.StatusOK, ui.IndexedPage(s.incomingFrame(r, "Indexed", incomingScript), view))
}

func (s *Server) misfileRow(ctx context, m incoming.Misfile) ui.MisfileRow {
	z := s.zone()
	row := ui.MisfileRow{
		ID: m.ID, Type: m.Type, Reason: m.Reason, Note: m.Note,
		From: fullName(m.From.Patient.Name), FromMRN: m.From.Patient.RecordNumber(), FromVisit: m.From.Visit.Number, FromRecord: m.From.Record,
		To: fullName(m.To.Patient.Name), ToMRN: m.To.Patient.RecordNumber(), ToVisit: m.To.Visit.Number, ToRecord: m.To.Record, ToDocument: m.To.Document,
		FiledBy: s.nameOf(ctx, m.FiledBy), FiledAt: z.Minute(m.FiledAt), MovedBy: s.nameOf(ctx, m.MovedBy), MovedAt: z.Minute(m.MovedAt),
		Sheets: "the whole document",
	}
	if m.Sheets > 0 {
		row.Sheets = ui.Plural(m.Sheets, "page")
	}
	if !m.Whole {
		row.Sheets += " of it"
	}
	if !m.UndoneAt.IsZero() {
		row.Undone = "undone " + z.Minute(m.UndoneAt) + " by " + s.nameOf(ctx, m.UndoneBy)
	}
	return row
}

func (s *Server) misfiles(r *http.Request) (ui.MisfileList, error) {
	first, last, by := dayFilter(r)
	list, err := s.dept.Incoming.Misfiles(r.Context(), actorOf(r.Context()), incoming.MisfileFilter{First: first, Last: last, Filer: by})
	if err != nil {
		return ui.MisfileList{}, err
	}
	view := ui.MisfileList{
		First: list.First, Last: list.Last, Mine: by != "", Withheld: list.Withheld, CSV: "/incoming/misfiles.csv?" + r.URL.RawQuery,
		MayUndo: mayIndex(actorOf(r.Context())),
	}
	for _, m := range list.Rows {
		view.Rows = append(view.Rows, s.misfileRow(r.Context(), m))
	}
	for _, f := range list.Filers {
		row := ui.FilerRow{Name: s.nameOf(r.Context(), f.Actor), Indexed: f.Indexed, Misfiled: f.Misfiled}
		if f.Indexed > 0 {
			row.Rate = strconv.FormatFloat(100*float64(f.Misfiled)/float64(f.Indexed), 'f', 1, 64) + " %"
		}
		view.Filers = append(view.Filers, row)
	}
	return view, nil
}

// misfilesPage lists what was found misfiled, with both ends.
func misfilesPage(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.misfiles(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if asksFor(r, "list") {
		s.show(w, r, http.StatusOK, ui.MisfileRows(view))
		return
	}
	s.show(w, r, http.StatusOK, ui.MisfilesPage(s.incomingFrame(r, "Misfiles", incomingScript), view))
}

// misfilesCSV writes exactly the rows that the page shows.
func misfilesCSV(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.misfiles(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	rows := [][]string{{"moved", "moved_by", "document", "sheets", "from", "from_mrn", "from_account", "to", "to_mrn", "to_account", "reason", "note", "filed", "filed_by", "undone"}}
	for _, m := range view.Rows {
		rows = append(rows, []string{
			m.MovedAt, m.MovedBy, m.Type, m.Sheets, m.From, m.FromMRN, m.FromVisit, m.To, m.ToMRN, m.ToVisit, m.Reason, m.Note, m.FiledAt, m.FiledBy, m.Undone,
		})
	}
	writeCSV(w, "misfiles.csv", rows)
}

// undoMisfile takes a move back and returns to the list.
func undoMisfile(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Incoming.Undo(r.Context(), actorOf(r.Context()), r.PathValue("misfile"), ""); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/misfiles", http.StatusSeeOther)
}

// dueProposed is the day a volume is asked back by where nobody says another.
func (s *Server) dueProposed() string {
	return s.zone().Date(s.opt.Now().AddDate(0, 0, 7))
}
