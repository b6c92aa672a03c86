package server

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// correction is one fact that a form corrects: how its fields are read and shown.
type correction struct {
	fact    string // "" for a new one
	slot    string // of its draft
	reasons []string
	read    func(chart.Revision) values
	write   func(seen chart.Revision, v values) (any, []chart.Fault) // what is stored, and what is wrong with it
	add     func(what any) error
	show    func(code int, v values, faults []chart.Fault, theirs map[string]string, view ui.Registration)
	back    string // where to go when it is stored
}

// reasonOf reads the reason of a correction: one of the list, and words. why says
// what is missing.
func reasonOf(v values, reasons []string) (reason, why string) {
	switch {
	case !slices.Contains(reasons, v["reason"]):
		return "", "A correction needs its reason."
	case v["reason"] == "other" && v["words"] == "":
		return "", "Say in words what the other reason is."
	}
	return joined(": ", v["reason"], v["words"]), ""
}

// correct stores what was typed as a new version, or shows the form again with
// what is wrong. It never overwrites what somebody else stored meanwhile.
func (s *Server) correct(w http.ResponseWriter, r *http.Request, c correction) {
	ctx, actor, v := r.Context(), actorOf(r.Context()), valuesOf(r.PostForm)
	if v["do"] == "discard" {
		s.dropDraft(ctx, c.slot)
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther) //nolint:gosec // the path that this route matched
		return
	}
	view := ui.Registration{Form: ui.Form{Number: v["number"], Reason: v["reason"], Words: v["words"]}}
	if c.fact == "" {
		what, faults := c.write(chart.Revision{}, v)
		if hasErrors(faults) {
			c.show(http.StatusUnprocessableEntity, v, faults, nil, view)
			return
		}
		if err := c.add(what); err != nil {
			s.fail(w, r, err)
			return
		}
		s.stored(w, r, c, "added")
		return
	}
	versions, err := s.dept.Chart.History(ctx, actor, c.fact)
	if err == nil && versions[0].Version.Record != r.PathValue("record") {
		err = chart.ErrNotFound
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	number, err := strconv.Atoi(v["number"])
	if err != nil || number < 1 || number > len(versions) {
		s.fail(w, r, unusable("The form does not say which version it corrects. Open the page again."))
		return
	}
	seen, newest := versions[number-1], versions[len(versions)-1]
	if newest.Version.Number != number {
		s.stale(w, r, c, v, seen, newest, view)
		return
	}
	reason, why := reasonOf(v, c.reasons)
	what, faults := c.write(seen, v)
	if v["do"] == "withdraw" {
		if why == "" {
			_, err = s.dept.Chart.Withdraw(ctx, actor, c.fact, number, reason)
			s.after(w, r, c, v, seen, view, err, "withdrawn")
			return
		}
	} else if maps.Equal(filled(c.read(seen)), filled(v.only(c.read(seen)))) && !seen.Version.Withdrawn {
		s.stored(w, r, c, "same")
		return
	}
	if view.Form.WhyNot = why; why != "" || hasErrors(faults) {
		c.show(http.StatusUnprocessableEntity, v, faults, nil, view)
		return
	}
	_, err = s.dept.Chart.Correct(ctx, actor, what, reason)
	s.after(w, r, c, v, seen, view, err, "saved")
}

// after answers once a correction was tried.
func (s *Server) after(w http.ResponseWriter, r *http.Request, c correction, v values, seen chart.Revision, view ui.Registration, err error, what string) {
	switch {
	case errors.Is(err, chart.ErrStale): // somebody was faster by a moment
		versions, err := s.dept.Chart.History(r.Context(), actorOf(r.Context()), c.fact)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.stale(w, r, c, v, seen, versions[len(versions)-1], view)
	case err != nil:
		s.fail(w, r, err)
	default:
		s.stored(w, r, c, what)
	}
}

func (s *Server) stored(w http.ResponseWriter, r *http.Request, c correction, what string) {
	s.dropDraft(r.Context(), c.slot)
	http.Redirect(w, r, c.back+"?said="+what, http.StatusSeeOther)
}

// stale shows what was typed on an older version beside the newest.
func (s *Server) stale(_ http.ResponseWriter, r *http.Request, c correction, v values, seen, newest chart.Revision, view ui.Registration) {
	merged, theirs := v.reconcile(c.read(seen), c.read(newest))
	n := newest.Version
	view.Form.Number = strconv.Itoa(n.Number)
	merged["number"] = view.Form.Number // the draft is then one of the newest version
	view.Stale = s.faster(r.Context(), n.RecordedBy, n.Number, n.RecordedAt)
	_, faults := c.write(newest, merged)
	c.show(http.StatusConflict, merged, faults, theirs, view)
}

// faster says that somebody stored a version since a form was opened.
func (s *Server) faster(ctx context, by string, version int, at time.Time) string {
	return fmt.Sprintf("%s stored version %d at %s, after you opened this page.", s.nameOf(ctx, by), version, s.zone().Minute(at))
}

// meanwhile is said at a field that somebody else changed since the form was opened.
func meanwhile(theirs string) string { return "Meanwhile somebody entered: " + theirs }

func hasErrors(faults []chart.Fault) bool {
	return slices.ContainsFunc(faults, func(f chart.Fault) bool { return !f.Warn })
}

// filled leaves out the fields that hold nothing.
func filled(v values) values {
	out := maps.Clone(v)
	maps.DeleteFunc(out, func(_, value string) bool { return value == "" })
	return out
}

// only leaves out what is no field of the fact: the reason, the button. A field of
// rows that the form has beyond those of the fact counts where it holds a value.
func (v values) only(fields values) values {
	out := values{}
	for name, value := range v {
		if _, ok := fields[name]; ok || rowField(name) {
			out[name] = value
		}
	}
	for name := range out {
		// The kind and assigner of a number that is none say nothing.
		if i, ok := cutRow(name, "id-kind"); ok && v[row("id-value", i)] == "" {
			delete(out, name)
		}
	}
	if out["priority"] == "" {
		delete(out, "priority")
	}
	return out
}

func rowField(name string) bool {
	for _, base := range []string{"phone", "alias-family", "alias-given", "alias-use", "id-value", "id-kind", "id-assigner"} {
		if _, ok := cutRow(name, base); ok {
			return true
		}
	}
	return slices.Contains([]string{"ssn", "street", "street2", "city", "state", "zip", "country"}, name)
}

func cutRow(name, base string) (int, bool) {
	if len(name) < len(base)+2 || name[:len(base)] != base || name[len(base)] != '.' {
		return 0, false
	}
	i, err := strconv.Atoi(name[len(base)+1:])
	return i, err == nil
}

// correctPatient corrects the registration of a record.
func correctPatient(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, record := r.Context(), r.PathValue("record")
	err := s.permitted(ctx, chart.ActionCorrect, gate.Record(record))
	var page *chart.Page
	if err == nil {
		page, err = s.dept.Chart.Chart(ctx, actorOf(ctx), record)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.correct(w, r, correction{
		fact: record, slot: record, reasons: patientReasons, back: "/registration/" + record,
		read: func(rev chart.Revision) values { return patientValues(*rev.Patient) },
		write: func(seen chart.Revision, v values) (any, []chart.Fault) {
			p := v.patientOf(*seen.Patient)
			return p, chart.CheckPatient(p, s.today())
		},
		show: func(code int, v values, faults []chart.Fault, theirs map[string]string, view ui.Registration) {
			s.showRegistration(w, r, code, page, v, faults, theirs, view)
		},
	})
}

// factForm is what the pages of one coverage and of one encounter have in common.
type factForm struct {
	page    *chart.Page
	fact    string
	title   string
	address string
	fields  []ui.FormField
	reasons []string
}

func (s *Server) showFact(w http.ResponseWriter, r *http.Request, f factForm, code int, v values, faults []chart.Fault, theirs map[string]string, view ui.Registration) {
	b := s.registrationBanner(f.page.Banner)
	if code != http.StatusOK {
		s.keepDraft(r.Context(), f.slot(), v)
	}
	view.Banner, view.Title = &b, f.title
	view.Form.Action, view.Form.Slot, view.Form.Save = f.address, f.slot(), "Save"
	view.Form.Lists = s.mastersKnown(r.Context()).lists
	if f.fact != "" {
		view.Form.Reasons = f.reasons
		view.Form.Withdraw = true
	}
	view.Form.Groups, view.Faults = draw([]ui.FormGroup{{ID: "fact", Title: f.title, Fields: f.fields}}, v, faults, theirs)
	frame := s.frame(r, "Registration", "/registration")
	frame.Script = registrationScript
	s.show(w, r, code, ui.CorrectPage(frame, view))
}

// slot names the draft: by the fact, or by the record where it is new.
func (f factForm) slot() string {
	return cmp.Or(f.fact, "new-"+f.address[len("/registration/"):][:26]+"-"+f.address[len("/registration/")+27:])
}

// restore begins a form with what was being typed, else with the fact.
func (s *Server) restore(ctx context, f factForm, number int, now values) (values, ui.Registration) {
	view := ui.Registration{}
	if number > 0 {
		view.Form.Number = strconv.Itoa(number)
	}
	if v := s.draftOf(ctx, f.slot()); v != nil {
		view.Form.Restore, view.Form.Reason, view.Form.Words = true, v["reason"], v["words"]
		view.Form.Number = v["number"]
		return v, view
	}
	return now, view
}
