package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
	"chartroom/internal/work"
	"chartroom/stats/figure"
)

// named is what the rows of a list are called: the chart and the rooms say it, in
// the read that listed them.
type named struct {
	patients   map[string]chart.Patient
	encounters map[string]chart.Encounter
	codings    map[string]coding.Columns
}

// name is a work.Decorate that fills n.
func (s *Server) name(n *named) work.Decorate {
	return func(ctx context, tx *gate.Tx, items []work.Item) error {
		*n = named{map[string]chart.Patient{}, map[string]chart.Encounter{}, map[string]coding.Columns{}}
		var coded []string
		for _, it := range items {
			if _, known := n.patients[it.Record]; it.Record != "" && !known {
				p, err := s.dept.Chart.PatientTx(ctx, tx, it.Record)
				if err != nil && !errors.Is(err, chart.ErrNotFound) {
					return err
				}
				n.patients[it.Record] = p
			}
			if _, known := n.encounters[it.Encounter]; it.Encounter != "" && !known {
				enc, err := s.dept.Chart.EncounterTx(ctx, tx, it.Encounter)
				if err != nil && !errors.Is(err, chart.ErrNotFound) {
					return err
				}
				n.encounters[it.Encounter] = enc
			}
			if it.Queue == work.Coding {
				coded = append(coded, it.Key)
			}
		}
		var err error
		n.codings, err = s.dept.Coding.ColumnsTx(ctx, tx, coded)
		return err
	}
}

// ownColumns are the columns that a queue has beside those of every queue.
func ownColumns(q work.Queue) []string {
	if q == work.Coding {
		return []string{"Texts", "To decide", "Codes"}
	}
	return nil
}

// workFilter reads the filter of an address: that of a saved filter, or the one
// that is written out.
func (s *Server) workFilter(r *http.Request) (work.Filter, string, error) {
	q := r.URL.Query()
	id := q.Get("f")
	if id == "" {
		return work.ReadFilter(q), "", nil
	}
	saved, err := s.dept.Work.SavedFilter(r.Context(), actorOf(r.Context()), id)
	if err != nil {
		return work.Filter{}, "", err
	}
	f := saved.Filter
	f.After = q.Get("after")
	return f, id, nil
}

// workPage lists what is to be done. Its filters hold no patient data, so they
// stand in the address, and a list can be kept as a bookmark.
func workPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	f, saved, err := s.workFilter(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var n named
	desk, err := s.dept.Work.Desk(r.Context(), actor, f, s.name(&n))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := s.workView(r.Context(), f, saved, desk, &n)
	if asksFor(r, "list") {
		s.show(w, r, http.StatusOK, ui.WorkList(view))
		return
	}
	note, err := s.lastNote(r.Context(), actor)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	frame := s.frame(r, "My work", "/work")
	frame.Script = "js/work.js"
	s.show(w, r, http.StatusOK, ui.WorkPage(frame, view, note))
}

func (s *Server) workView(ctx context, f work.Filter, saved string, desk work.Desk, n *named) ui.Work {
	actor := actorOf(ctx)
	query := f.Query()
	query.Del("after")
	view := ui.Work{
		Queue: string(f.Queue), Title: "All queues", Values: desk.Values, Own: ownColumns(f.Queue),
		MayTake: mayTake(actor), MayGive: holds(actor, access.Supervisor),
		Filter: ui.WorkFilter{
			Show: string(f.Show), Who: f.Who, Kind: f.Kind, Unit: f.Unit, Reason: f.Reason,
			From: query.Get("from"), To: query.Get("to"), Overdue: query.Get("overdue"), Saved: saved,
		},
		Query: query.Encode(), People: s.people(ctx),
	}
	shown := query
	if f.After != "" {
		shown.Set("after", f.After)
	}
	view.CSV = "/work.csv?" + shown.Encode()
	var total work.Count
	var chosen *work.Count
	for i, c := range desk.Counts {
		d, _ := work.Define(c.Queue)
		view.Queues = append(view.Queues, ui.WorkQueue{
			Name: d.Title, Path: "/work?queue=" + string(c.Queue), Current: c.Queue == f.Queue,
			Open: c.Open, Overdue: c.Overdue, Mine: c.Mine, Skipped: c.Skipped,
		})
		if c.Queue == f.Queue {
			chosen, view.Title, view.What = &desk.Counts[i], d.Title, d.What
		}
		add(&total, c)
	}
	view.Queues = slices.Insert(view.Queues, 0, ui.WorkQueue{
		Name: "All queues", Path: "/work", Current: f.Queue == "", Open: total.Open, Overdue: total.Overdue, Mine: total.Mine, Skipped: total.Skipped,
	})
	if chosen == nil {
		chosen = &total
	}
	view.Ages = s.ages(f.Queue, *chosen)
	for _, kept := range desk.Filters {
		view.Saved = append(view.Saved, ui.WorkSaved{
			ID: kept.ID, Name: kept.Name, Path: "/work?f=" + kept.ID, Own: kept.Owner == actor.ID, Shared: kept.Shared,
			Current: kept.ID == saved, By: s.nameOf(ctx, kept.Owner),
		})
	}
	late := 0
	for _, it := range desk.Page.Items {
		row := s.workRow(ctx, it, n)
		if row.Late {
			late++
		}
		view.Rows = append(view.Rows, row)
	}
	view.Total = totalOf(len(view.Rows), late, desk.Page)
	if desk.Page.Next != "" {
		next := f.Query()
		next.Set("after", desk.Page.Next)
		view.Next = "/work?" + next.Encode()
	}
	return view
}

func add(total *work.Count, c work.Count) {
	total.Open, total.Overdue, total.Mine, total.Skipped = total.Open+c.Open, total.Overdue+c.Overdue, total.Mine+c.Mine, total.Skipped+c.Skipped
	if total.Ages == nil {
		total.Ages = make([]int, len(c.Ages))
	}
	for i, n := range c.Ages {
		total.Ages[i] += n
	}
}

func totalOf(rows, late int, page work.Page) string {
	text := ui.Plural(rows, "item")
	if page.Next != "" {
		text = "the first " + text
	}
	if late > 0 {
		text += ", " + strconv.Itoa(late) + " late"
	}
	if page.Withheld > 0 {
		text += ", " + strconv.Itoa(page.Withheld) + " closed to you"
	}
	return text
}

// ages draws how old the open work of a queue is; each band leads to its items.
func (s *Server) ages(q work.Queue, c work.Count) figure.Ageing {
	fig := figure.Ageing{Head: figure.Head{Title: "Open work by when it is due", Width: 260, X: "items"}}
	for i, band := range work.AgeBands() {
		if i >= len(c.Ages) {
			break
		}
		from, to := s.dept.Work.Bounds(band, s.opt.Now())
		f := work.Filter{Queue: q, Show: work.Remaining, From: from, To: to}
		tone := figure.Calm
		switch {
		case band.To <= 0:
			tone = figure.Late
		case band.To == 1:
			tone = figure.Soon
		}
		fig.Ages = append(fig.Ages, figure.Age{
			Name: ui.Upper1(band.Name), Tone: tone, Count: float64(c.Ages[i]), Href: "/work?" + f.Query().Encode(),
		})
	}
	return fig
}

// workRow is an item as the page shows it.
func (s *Server) workRow(ctx context, it work.Item, n *named) ui.WorkRow {
	z := s.zone()
	d, _ := work.Define(it.Queue)
	clock, late, soon := z.Clock(it.Due, s.opt.Now())
	row := ui.WorkRow{
		ID: it.ID, Open: it.Open, Kind: kindName(it), Unit: it.Unit, Since: z.Date(it.Since), SinceAt: z.Minute(it.Since),
		Due: z.Minute(it.Due), Clock: clock, Late: late, Soon: soon, Reason: it.Reason, Rule: ruleText(it), Priority: it.Priority,
		Mine: it.Who() == actorOf(ctx).ID, State: string(it.State), Queue: d.Title, SkipUntil: z.Minute(it.SkippedUntil),
	}
	if it.State == work.Settled {
		row.Done, row.Late, row.Soon = true, false, false
		row.Clock, row.Reason = "done "+z.Date(it.SettledAt), it.How
		row.Who = s.nameOf(ctx, it.SettledBy)
	} else if who := it.Who(); who != "" {
		row.Who = s.nameOf(ctx, who)
	}
	row.Patient = withoutPatient(it, d)
	if p, ok := n.patients[it.Record]; ok {
		row.Patient, row.MRN = fullName(p.Name), p.RecordNumber()
	}
	if enc, ok := n.encounters[it.Encounter]; ok {
		row.Number = enc.Number
	}
	if c, ok := n.codings[it.Key]; ok && it.Queue == work.Coding {
		row.Own = []string{strconv.Itoa(c.Texts), strconv.Itoa(c.Offered), strconv.Itoa(c.Codes)}
		if row.Who == "" && c.Coder != "" {
			row.Who = s.nameOf(ctx, c.Coder)
		}
	}
	row.Explain = s.explain(ctx, it)
	return row
}

// withoutPatient is what stands in a patient's place where an item is about none:
// what it is about.
func withoutPatient(it work.Item, d work.Definition) string {
	if it.Queue == work.Interface {
		return ui.FormatName(it.Kind) + " message"
	}
	return d.Title
}

func kindName(it work.Item) string {
	if it.Queue == work.Coding {
		return ui.SettingName(it.Kind)
	}
	return ui.Upper1(it.Kind)
}

// ruleText says by what rule an item is due.
func ruleText(it work.Item) string {
	rule := it.Clock()
	switch {
	case it.Rule == "":
		return rule.What
	case rule.Citation == it.Rule:
		return rule.What + " (" + it.Rule + ")"
	default:
		return it.Rule
	}
}

// explain says all there is to say of an item's clock and of who has it. It holds
// no patient data.
func (s *Server) explain(ctx context, it work.Item) string {
	z := s.zone()
	parts := []string{}
	if it.State == work.Settled {
		parts = append(parts, "settled "+z.Minute(it.SettledAt)+": "+it.How)
	}
	parts = append(parts, "due "+z.Minute(it.Due)+" "+it.Due.In(z.Location).Format("MST"), ruleText(it), "since "+z.Minute(it.Since))
	rule := it.Clock()
	switch {
	case it.Extensions > 0:
		parts = append(parts, "extended "+ui.Plural(it.Extensions, "time")+", first due "+z.Date(it.FirstDue))
	case rule.Extend.Times == 0:
		parts = append(parts, "cannot be extended")
	}
	switch it.State {
	case work.Claimed:
		parts = append(parts, s.nameOf(ctx, it.Holder)+" has it until "+it.HeldUntil.In(z.Location).Format("15:04"))
	case work.Given:
		parts = append(parts, "given to "+s.nameOf(ctx, it.Assignee))
	case work.Skipped:
		parts = append(parts, "put off until "+z.Minute(it.SkippedUntil)+": "+it.SkipReason)
	case work.Open, work.Settled:
	}
	if it.Skill != "" {
		parts = append(parts, "asks for the privilege "+it.Skill)
	}
	return strings.Join(parts, " · ")
}

// people are those whom work can be given to, by name.
func (s *Server) people(ctx context) []ui.Option {
	s.nameOf(ctx, "") // brings the list up to date
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	list := []ui.Option{}
	for id, p := range s.names.by {
		if p.Active && mayTake(p.Actor()) {
			list = append(list, ui.Option{Value: id, Label: p.Name})
		}
	}
	slices.SortFunc(list, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return list
}

// saveFilter keeps the filter of the form's address under a name.
func saveFilter(s *Server, w http.ResponseWriter, r *http.Request) {
	saved, err := s.dept.Work.SaveFilter(r.Context(), actorOf(r.Context()), r.PostFormValue("name"), work.ReadFilter(r.PostForm), r.PostFormValue("shared") == "1")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/work?f="+saved.ID, http.StatusSeeOther)
}

// dropFilter forgets a filter.
func dropFilter(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Work.DropFilter(r.Context(), actorOf(r.Context()), r.PathValue("filter")); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/work", http.StatusSeeOther)
}

// workCSV writes exactly the rows that the page shows.
func workCSV(s *Server, w http.ResponseWriter, r *http.Request) {
	f, _, err := s.workFilter(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var n named
	page, err := s.dept.Work.List(r.Context(), actorOf(r.Context()), f, s.name(&n))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	head := []string{"due", "clock", "patient", "mrn", "reason", "account", "kind", "unit", "since", "priority", "who", "state", "queue", "rule"}
	for _, name := range ownColumns(f.Queue) {
		head = append(head, strings.ReplaceAll(strings.ToLower(name), " ", "_"))
	}
	rows := [][]string{head}
	for _, it := range page.Items {
		row := s.workRow(r.Context(), it, &n)
		line := []string{
			row.Due, row.Clock, row.Patient, row.MRN, row.Reason, row.Number, row.Kind, row.Unit, row.SinceAt,
			strconv.Itoa(row.Priority), row.Who, row.State, row.Queue, row.Rule,
		}
		if len(ownColumns(f.Queue)) > 0 {
			line = append(line, row.Own...)
		}
		rows = append(rows, line)
	}
	writeCSV(w, "work.csv", rows)
}

// nextCoding is the encounter to code after this one: the most pressing that
// nobody else has. Its absence, or that the list may not be seen, only means that
// there is no "next".
func (s *Server) nextCoding(r *http.Request, but string) string {
	actor := actorOf(r.Context())
	for _, who := range []string{work.Me, work.Nobody} {
		page, err := s.dept.Work.List(r.Context(), actor, work.Filter{Queue: work.Coding, Who: who, Limit: 2}, nil)
		if err != nil {
			return ""
		}
		for _, it := range page.Items {
			if it.Key != but {
				return it.Key
			}
		}
	}
	return ""
}

// untilOf reads when put-off work comes back: a moment, or a day, which begins at
// eight.
func (s *Server) untilOf(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, s.opt.Zone)
	if err != nil {
		return time.Time{}, unusable("Say until when: a day, or a moment.")
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 8, 0, 0, 0, s.opt.Zone), nil
}
