package server

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/audit"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// auditFilter reads the filter of the log from an address. It holds ids and days
// only.
func (s *Server) auditFilter(q url.Values) (audit.Filter, ui.AuditFilter) {
	shown := ui.AuditFilter{
		Subject: q.Get("subject"), Actor: q.Get("actor"), Action: q.Get("action"), Outcome: q.Get("outcome"), From: q.Get("from"), To: q.Get("to"),
	}
	f := audit.Filter{
		Subject: shown.Subject, Actor: shown.Actor, Action: gate.Action(shown.Action), Outcome: gate.Outcome(shown.Outcome),
		Next: q.Get("after"), Limit: 100,
	}
	if day, err := time.ParseInLocation(time.DateOnly, shown.From, s.opt.Zone); err == nil {
		f.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, shown.To, s.opt.Zone); err == nil {
		f.To = day.AddDate(0, 0, 1)
	}
	return f, shown
}

// filterQuery writes a filter as the query of an API address.
func filterQuery(f audit.Filter) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"subject": f.Subject, "actor": f.Actor, "action": string(f.Action), "outcome": string(f.Outcome), "after": f.Next,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339))
		}
	}
	q.Set("limit", strconv.Itoa(f.Limit))
	return q
}

func auditPage(s *Server, w http.ResponseWriter, r *http.Request) {
	filter, shown := s.auditFilter(r.URL.Query())
	page, err := s.dept.Audit.Entries(r.Context(), actorOf(r.Context()), filter)
	if err != nil {
		s.fail(w, r, auditFault(err))
		return
	}
	view := ui.Audit{Filter: shown, CSV: "/audit.csv?" + r.URL.RawQuery}
	for _, item := range page.Items {
		view.Rows = append(view.Rows, s.auditRow(r.Context(), item))
	}
	if page.Next != "" {
		next := r.URL.Query()
		next.Set("after", page.Next)
		view.Next = "/audit?" + next.Encode()
	}
	if asksFor(r, "list") {
		s.show(w, r, http.StatusOK, ui.AuditList(view))
		return
	}
	view.Staff = s.staffOptions(r.Context())
	view.Actions = actionNames()
	s.show(w, r, http.StatusOK, ui.AuditPage(s.frame(r, "Audit", "/audit"), view))
}

// actionNames are the actions that routes name, for the filter.
func actionNames() []string {
	seen := map[string]bool{"access.sign-in": true, "access.sign-out": true, "intake.receive": true}
	for _, rt := range Routes() {
		if rt.Action != "" {
			seen[string(rt.Action)] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (s *Server) auditRow(ctx context, item audit.Item) ui.AuditRow {
	row := ui.AuditRow{
		ID: item.ID, At: item.At.In(s.opt.Zone).Format("2006-01-02 15:04:05"), Actor: s.nameOf(ctx, item.Actor.ID),
		Roles: strings.Join(item.Actor.Roles, ", "), Action: string(item.Action), Outcome: string(item.Outcome), Reason: item.Reason, Position: "waiting",
	}
	if item.Position >= 0 {
		row.Position = ui.Thousands(int(item.Position))
	}
	row.Subjects = subjectsShort(item.Subjects)
	for _, name := range slices.Sorted(maps.Keys(item.Detail)) {
		row.Detail = append(row.Detail, name+" "+item.Detail[name])
	}
	return row
}

// subjectsShort names subjects by their kind and the end of their id, each once,
// three at most.
func subjectsShort(subjects []gate.Subject) []string {
	short := []string{}
	for _, sub := range subjects {
		text := sub.Kind
		if sub.ID != "" && sub.ID != sub.Kind {
			text += " …" + sub.ID[max(0, len(sub.ID)-6):]
		}
		if !slices.Contains(short, text) {
			short = append(short, text)
		}
	}
	if len(short) > 3 {
		short = append(short[:3], "and "+strconv.Itoa(len(short)-3)+" more")
	}
	return short
}

func auditCSV(s *Server, w http.ResponseWriter, r *http.Request) {
	filter, _ := s.auditFilter(r.URL.Query())
	page, err := s.dept.Audit.Entries(r.Context(), actorOf(r.Context()), filter)
	if err != nil {
		s.fail(w, r, auditFault(err))
		return
	}
	rows := [][]string{{"position", "at", "actor", "roles", "action", "outcome", "subjects", "reason", "detail", "entry"}}
	for _, item := range page.Items {
		row := s.auditRow(r.Context(), item)
		subjects := make([]string, 0, len(item.Subjects))
		for _, sub := range item.Subjects {
			subjects = append(subjects, joined(" ", sub.Kind, sub.ID))
		}
		rows = append(rows, []string{
			strconv.FormatInt(item.Position, 10), item.At.UTC().Format(time.RFC3339Nano), row.Actor, row.Roles, row.Action, row.Outcome,
			strings.Join(subjects, "; "), row.Reason, strings.Join(row.Detail, "; "), row.ID,
		})
	}
	writeCSV(w, "audit.csv", rows)
}

// auditEntryPage shows one entry with its proof. A module of the page checks the
// proof once more in the browser, so that nobody has to believe the server.
func auditEntryPage(s *Server, w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("entry")
	proof, err := s.dept.Audit.Proof(r.Context(), actorOf(r.Context()), id)
	f := s.frame(r, "Audit entry", "/audit")
	if errors.Is(err, audit.ErrNotSigned) {
		s.show(w, r, http.StatusOK, ui.FaultPage(f, "Not signed yet", "No signed checkpoint covers this entry yet; within a minute one does. Its own keyed hash protects it until then."))
		return
	}
	if err != nil {
		s.fail(w, r, auditFault(err))
		return
	}
	f.Script = "js/proof.js"
	p := s.proofView(r.Context(), proof)
	view := ui.AuditProof{
		Row: s.auditRow(r.Context(), proof.Item), Session: proof.Item.Actor.Session, Leaf: p.Leaf, Path: p.Path, Size: p.Size, Root: p.Root,
		Index: proof.Item.Position, Note: p.Checkpoint, PublicKey: p.PublicKey, Number: proof.Checkpoint.Number,
		Signed: s.zone().Minute(proof.Checkpoint.At),
	}
	for _, sub := range proof.Item.Subjects {
		path := ""
		switch sub.Kind {
		case "record":
			path = "/chart/" + sub.ID
		case "encounter":
			path = "/coding/" + sub.ID
		}
		view.Subjects = append(view.Subjects, ui.AuditSubject{Kind: sub.Kind, ID: sub.ID, Path: path})
	}
	s.show(w, r, http.StatusOK, ui.AuditEntryPage(f, view))
}

func (s *Server) staffOptions(ctx context) []ui.Option {
	s.staffByID(ctx, "") // reads the list if it is old
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	options := []ui.Option{}
	for id, p := range s.names.by {
		options = append(options, ui.Option{Value: id, Label: p.Name})
	}
	slices.SortFunc(options, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return options
}

// auditVerify proves the whole log and shows the outcome in its page.
func auditVerify(s *Server, w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	report, err := s.dept.Audit.Verify(r.Context(), actorOf(r.Context()), audit.VerifyOptions{})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.AuditReport{Whole: report.Whole(), Lines: []ui.Field{
		{Name: "Entries in the tree", Value: ui.Thousands(int(report.Entries))},
		{Name: "Entries waiting for their place", Value: ui.Thousands(int(report.Tail))},
		{Name: "Signed checkpoints", Value: ui.Thousands(int(report.Checkpoints))},
		{Name: "Root", Value: report.Root.String()},
		{Name: "Took", Value: time.Since(begin).Round(time.Millisecond).String()},
	}}
	if report.Problem != nil {
		view.Fault = report.Problem.Error()
	}
	if asksFor(r, "part-report") {
		s.show(w, r, http.StatusOK, ui.AuditReportPart(view))
		return
	}
	s.show(w, r, http.StatusOK, ui.AuditReportPage(s.frame(r, "Audit", "/audit"), view))
}
