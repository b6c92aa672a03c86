package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/masters"
	"chartroom/internal/ui"
)

// masterRoom is the page of one kind.
type masterRoom struct {
	kind               masters.Kind
	path, title, label string
	columns            []string // fields shown beside the title
}

var masterRooms = []masterRoom{
	{masters.Provider, "providers", "Providers", "provider", []string{"npi", "specialty", "roles", "local"}},
	{masters.Facility, "facilities", "Facilities", "facility", []string{"code", "zone", "npi", "ccn", "settings"}},
	{masters.Unit, "units", "Units", "unit", []string{"code", "facility", "settings", "beds"}},
	{masters.Payer, "payers", "Payers", "payer", []string{"code", "type", "filing_days"}},
	{masters.Plan, "plans", "Plans", "plan", []string{"code", "payer", "filing_days"}},
}

func roomOf(k masters.Kind) masterRoom {
	i := slices.IndexFunc(masterRooms, func(m masterRoom) bool { return m.kind == k })
	return masterRooms[max(i, 0)]
}

func mastersHome(_ *Server, w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/masters/providers", http.StatusSeeOther)
}

// references are the titles of the entries that others refer to.
func (s *Server) references(ctx context) (titles map[string]string, choices map[masters.Kind][]ui.Option, err error) {
	titles, choices = map[string]string{}, map[masters.Kind][]ui.Option{}
	for _, kind := range []masters.Kind{masters.Facility, masters.Payer} {
		all, err := s.dept.Masters.List(ctx, actorOf(ctx), kind, masters.Filter{Limit: 5000})
		if err != nil {
			return nil, nil, err
		}
		choices[kind] = []ui.Option{{Value: "", Label: "Choose"}}
		for _, e := range all {
			titles[e.ID] = e.Title()
			choices[kind] = append(choices[kind], ui.Option{Value: e.ID, Label: e.Title()})
		}
	}
	return titles, choices, nil
}

func (s *Server) masterTabs(ctx context, current masters.Kind) []ui.MasterTab {
	entries, open, err := s.dept.Masters.Counts(ctx, actorOf(ctx))
	if err != nil {
		entries, open = nil, nil // the tabs then stand without figures
	}
	tabs := []ui.MasterTab{}
	for _, m := range masterRooms {
		tabs = append(tabs, ui.MasterTab{Label: m.title, Path: "/masters/" + m.path, Count: entries[m.kind], Open: open[m.kind], Current: m.kind == current})
	}
	return tabs
}

func filterOf(r *http.Request, today string) masters.Filter {
	f := masters.Filter{Query: r.URL.Query().Get("q"), Active: today}
	if r.URL.Query().Get("ended") != "" {
		f.Active, f.Merged = "", true
	}
	return f
}

func (m masterRoom) list(s *Server, w http.ResponseWriter, r *http.Request) {
	m.show(s, w, r, http.StatusOK, ui.Masters{Said: said[r.URL.Query().Get("said")]}, values{}, nil)
}

// show draws the page; view holds what an action has to say, v what was typed
// into the form to add.
func (m masterRoom) show(s *Server, w http.ResponseWriter, r *http.Request, code int, view ui.Masters, v values, faults []masters.Fault) {
	ctx := r.Context()
	f := filterOf(r, s.today())
	entries, err := s.dept.Masters.List(ctx, actorOf(ctx), m.kind, f)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	titles, choices, err := s.references(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	proposals, err := s.dept.Masters.Proposals(ctx, actorOf(ctx), m.kind)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view.Tabs, view.Title, view.Noun, view.Path, view.Query, view.Ended = s.masterTabs(ctx, m.kind), m.title, m.label, "/masters/"+m.path, f.Query, f.Merged
	view.CSV = view.Path + ".csv?" + r.URL.RawQuery
	view.MayChange = mayChangeMasters(actorOf(ctx))
	view.Columns = []string{"Name"}
	names := []string{}
	for _, field := range masters.Fields(m.kind) {
		names = append(names, field.Name)
	}
	view.Fields = strings.Join(names, ",")
	for _, c := range m.columns {
		view.Columns = append(view.Columns, fieldLabel(m.kind, c))
	}
	for _, e := range entries {
		row := ui.MasterRow{ID: e.ID, Cells: []string{e.Title()}, State: stateOf(e, s.today())}
		for _, c := range m.columns {
			row.Cells = append(row.Cells, shownValue(m.kind, c, e.Values[c], titles))
		}
		view.Rows = append(view.Rows, row)
	}
	for _, p := range proposals {
		view.Proposals = append(view.Proposals, s.proposalLine(ctx, p))
	}
	view.Form.Action, view.Form.Save = view.Path, "Add"
	if !view.MayChange {
		view.Form.Save = "Propose"
	}
	view.Form.Groups = masterGroups(m.kind, v, faults, nil, choices)
	frame := s.frame(r, "Masters", "/masters")
	frame.Script = registrationScript
	s.show(w, r, code, ui.MastersPage(frame, view))
}

func fieldLabel(k masters.Kind, name string) string {
	for _, f := range masters.Fields(k) {
		if f.Name == name {
			return f.Label
		}
	}
	return name
}

// shownValue is a value as people read it: an entry by its title.
func shownValue(k masters.Kind, name, value string, titles map[string]string) string {
	for _, f := range masters.Fields(k) {
		if f.Name == name && f.Shape == masters.Refers && titles[value] != "" {
			return titles[value]
		}
	}
	return value
}

func stateOf(e masters.Entry, today string) string {
	switch {
	case e.MergedInto != "":
		return "merged"
	case e.Values["to"] != "" && e.Values["to"] < today:
		return "ended"
	case e.Values["from"] > today:
		return "not yet"
	}
	return ""
}

func (s *Server) proposalLine(ctx context, p masters.Proposal) ui.MasterProposal {
	line := ui.MasterProposal{ID: p.ID, Title: masters.Entry{Kind: p.Kind, Values: p.Values}.Title(), At: s.zone().Date(p.ProposedAt), Reason: p.Reason}
	line.Detail = joined(", ", prefixed("NPI ", p.Values["npi"]), p.Values["local"], p.Values["code"], p.Values["roles"])
	line.From = "proposed by " + s.nameOf(ctx, p.ProposedBy)
	if p.Source == "message" {
		line.From = "named in a message"
	}
	if p.Master != "" {
		line.From = "change " + line.From
	}
	if line.Title == "" {
		line.Title = "Without a name"
	}
	return line
}

// masterGroups is the form of a kind.
func masterGroups(k masters.Kind, v values, faults []masters.Fault, theirs map[string]string, choices map[masters.Kind][]ui.Option) []ui.FormGroup {
	g := ui.FormGroup{ID: string(k)}
	focused := false
	for _, f := range masters.Fields(k) {
		field := ui.FormField{Name: f.Name, Label: f.Label, Hint: f.Hint, Required: f.Required, Size: "m", Value: v[f.Name]}
		switch f.Shape {
		case masters.One:
			field.Options = options("Choose", f.Choices...)
		case masters.Refers:
			field.Options = choices[f.Of]
		case masters.Day, masters.Whole, masters.NPI:
			field.Digits, field.Size = true, "s"
			if f.Shape == masters.Day && field.Hint == "" {
				field.Hint = "YYYY-MM-DD"
			}
		case masters.Several:
			if len(f.Choices) > 0 && field.Hint == "" {
				field.Hint = strings.Join(f.Choices, "; ")
				field.Size = "l"
			}
		case masters.Text, masters.Zone:
		}
		for _, fault := range faults {
			if fault.Field == f.Name && field.Error == "" {
				field.Error = fault.Why
				field.Focus = !focused
				focused = true
			}
		}
		if theirs[f.Name] != "" {
			field.Warning = meanwhile(theirs[f.Name])
		}
		g.Fields = append(g.Fields, field)
	}
	return []ui.FormGroup{g}
}

// masterOf takes the fields of a kind out of a posted form.
func masterOf(k masters.Kind, v values) masters.Values {
	out := masters.Values{}
	for _, f := range masters.Fields(k) {
		if f.Shape == masters.Day {
			out[f.Name] = asDate(v[f.Name])
			continue
		}
		out[f.Name] = v[f.Name]
	}
	return out
}

// storeMaster enters what was typed, or proposes it where the actor may not change the
// masters. what names what was done, for the page.
func (s *Server) storeMaster(ctx context, e masters.Entry, reason string) (what string, err error) {
	if mayChangeMasters(actorOf(ctx)) {
		_, err = s.dept.Masters.Put(ctx, actorOf(ctx), e, reason)
		return "saved", err
	}
	_, err = s.dept.Masters.Propose(ctx, actorOf(ctx), e, reason)
	return "proposed", err
}

// wrongWith sorts an error of the masters into what stands at the fields, at the
// reason, and at the head of the page; ok is false for any other error.
func wrongWith(err error, k masters.Kind, v masters.Values) (faults []masters.Fault, whyNot, fault string, ok bool) {
	var at *masters.FaultsError
	switch {
	case errors.As(err, &at):
		return at.Faults, "", "", true
	case errors.Is(err, masters.ErrReason):
		return masters.Check(k, v), "Say why.", "", true
	case errors.Is(err, masters.ErrTaken):
		return nil, "", "Another entry has this number already. Nothing was stored.", true
	case errors.Is(err, masters.ErrSettled):
		return nil, "", "Somebody has settled this proposal already.", true
	}
	return nil, "", "", false
}

func (m masterRoom) add(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, v := r.Context(), valuesOf(r.PostForm)
	action := masters.ActionPropose
	if mayChangeMasters(actorOf(ctx)) {
		action = masters.ActionChange
	}
	if err := s.permitted(ctx, action, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	typed := masterOf(m.kind, v)
	what, err := s.storeMaster(ctx, masters.Entry{Kind: m.kind, Values: typed}, v["words"])
	if err == nil {
		if what == "saved" {
			what = "added"
		}
		http.Redirect(w, r, "/masters/"+m.path+"?said="+what, http.StatusSeeOther)
		return
	}
	faults, whyNot, fault, ok := wrongWith(err, m.kind, typed)
	if !ok {
		s.fail(w, r, err)
		return
	}
	m.show(s, w, r, http.StatusUnprocessableEntity, ui.Masters{Fault: fault, Form: ui.Form{Words: v["words"], WhyNot: whyNot}}, v, faults)
}

func (m masterRoom) export(s *Server, w http.ResponseWriter, r *http.Request) {
	var out strings.Builder
	if err := s.dept.Masters.Export(r.Context(), actorOf(r.Context()), m.kind, filterOf(r, s.today()), &out); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+m.path+`.csv"`)
	_, _ = w.Write([]byte(out.String())) // the client went away: nothing is left to do
}

// maxShownErrors bounds the list of refused rows on the page.
const maxShownErrors = 500

func (m masterRoom) load(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if err := s.permitted(ctx, masters.ActionChange, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	pasted := r.PostFormValue("csv")
	done, err := s.dept.Masters.Import(ctx, actorOf(ctx), m.kind, strings.NewReader(pasted), r.PostFormValue("words"))
	if err != nil {
		f := s.faultOf(ctx, err)
		if f.status == http.StatusInternalServerError {
			s.fail(w, r, err)
			return
		}
		m.show(s, w, r, f.status, ui.Masters{Fault: ui.Upper1(f.text) + ".", Pasted: pasted}, values{}, nil)
		return
	}
	view := ui.MasterImport{Rows: done.Rows, Added: done.Added, Changed: done.Changed, Unchanged: done.Unchanged, Refused: len(done.Refused)}
	for _, e := range done.Refused[:min(len(done.Refused), maxShownErrors)] {
		view.Errors = append(view.Errors, ui.MasterRowError{Line: e.Line, Column: e.Column, Why: e.Why})
	}
	m.show(s, w, r, http.StatusOK, ui.Masters{Import: &view}, values{}, nil)
}

func numberOf(v values) int {
	n, err := strconv.Atoi(v["number"])
	if err != nil {
		return 0
	}
	return n
}
