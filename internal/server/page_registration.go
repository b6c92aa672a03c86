package server

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/ui"
)

// newSlot is the draft of a new patient.
const newSlot = "new"

// draftOf is what somebody was typing into a form; nil where there is nothing.
func (s *Server) draftOf(ctx context, slot string) values {
	text, err := s.dept.Chart.Draft(ctx, actorOf(ctx), slot)
	if err != nil || text == "" {
		return nil // who may not keep drafts has none
	}
	v := values{}
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return v
}

// dropDraft throws a draft away once what it held is stored. That it stays where
// this fails does no harm.
func (s *Server) dropDraft(ctx context, slot string) {
	_ = s.dept.Chart.SaveDraft(ctx, actorOf(ctx), slot, "")
}

// keepDraft keeps what was posted and not stored, as if it were still being typed:
// who goes away to look at another record finds it again. A draft that cannot be
// kept does not keep the page from being shown.
func (s *Server) keepDraft(ctx context, slot string, v values) {
	kept := maps.Clone(v)
	delete(kept, "do")
	delete(kept, "anyway")
	if text, err := json.Marshal(kept); err == nil {
		_ = s.dept.Chart.SaveDraft(ctx, actorOf(ctx), slot, string(text))
	}
}

type registrationDraftIn struct {
	Slot string `path:"slot"`
	Body struct {
		Text string `json:"text" maxLength:"32768"`
	}
}

// draftSlots are the names of drafts as the forms make them: of a new patient, of
// a fact, of something new of a record. Nothing else may stand there in the clear.
var draftSlots = regexp.MustCompile(`^(new|` + anIdentifier + `|new-` + anIdentifier + `-(coverage|encounters))$`)

// apiSaveRegistration keeps a draft.
func apiSaveRegistration(s *Server, ctx context, in *registrationDraftIn) (*struct{}, error) {
	if !draftSlots.MatchString(in.Slot) {
		return nil, notFound("There is no such form.")
	}
	return nil, s.dept.Chart.SaveDraft(ctx, actorOf(ctx), in.Slot, in.Body.Text)
}

// registerPage is the form of a new patient, with what was being typed.
func registerPage(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.permitted(r.Context(), chart.ActionDraft, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	v := s.draftOf(r.Context(), newSlot)
	s.showRegister(w, r, http.StatusOK, v, nil, ui.Registration{Form: ui.Form{Restore: v != nil}})
}

func (s *Server) showRegister(w http.ResponseWriter, r *http.Request, code int, v values, faults []chart.Fault, view ui.Registration) {
	if v == nil {
		v = values{"priority": "1", statusField: "in-progress", "relationship": "self"}
	}
	if code != http.StatusOK {
		s.keepDraft(r.Context(), newSlot, v)
	}
	view.Title = "New patient"
	view.Anyway = anywayReasons
	view.Form.Action, view.Form.Slot, view.Form.Save = "/registration", newSlot, "Register"
	view.Form.Lists = s.mastersKnown(r.Context()).lists
	view.Form.Groups, view.Faults = draw(patientGroups(v, true), v, faults, nil)
	f := s.frame(r, "Registration", "/registration")
	f.Script = registrationScript
	s.show(w, r, code, ui.RegisterPage(f, view))
}

// registerPatient stores a new patient, unless the form is wrong or records like
// it are there and nobody said why it is another person.
func registerPatient(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, actor, v := r.Context(), actorOf(r.Context()), valuesOf(r.PostForm)
	if err := s.permitted(ctx, chart.ActionRegister, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	if v["do"] == "discard" {
		s.dropDraft(ctx, newSlot)
		http.Redirect(w, r, "/registration", http.StatusSeeOther)
		return
	}
	reg, faults := s.registrationOf(ctx, v)
	if wrong := slices.DeleteFunc(slices.Clone(faults), func(f chart.Fault) bool { return f.Warn }); len(wrong) > 0 {
		s.showRegister(w, r, http.StatusUnprocessableEntity, v, faults, ui.Registration{})
		return
	}
	if reg.Anyway = v["anyway"]; !slices.Contains(anywayReasons, reg.Anyway) {
		like, err := s.dept.Chart.Likely(ctx, actor, reg.Patient)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if len(like) > 0 {
			view := ui.Registration{Likely: likelyLines(like)}
			if v["do"] == "anyway" {
				view.Form.WhyNot = "Choose why first."
			}
			s.showRegister(w, r, http.StatusConflict, v, faults, view)
			return
		}
		reg.Anyway = ""
	}
	stored, err := s.dept.Chart.RegisterNew(ctx, actor, reg)
	var known *chart.KnownError
	switch {
	case errors.As(err, &known):
		s.showRegister(w, r, http.StatusConflict, v, nil, ui.Registration{KnownAs: known.Record})
	case err != nil:
		s.fail(w, r, err)
	default:
		s.dropDraft(ctx, newSlot)
		http.Redirect(w, r, "/registration/"+stored.Record+"?said=registered", http.StatusSeeOther)
	}
}

// registrationOf reads the form of a new patient: coverage and encounter only as
// far as something was typed there.
func (s *Server) registrationOf(ctx context, v values) (chart.Registration, []chart.Fault) {
	k := s.mastersKnown(ctx)
	reg := chart.Registration{Patient: v.patientOf(chart.Patient{}), Today: s.today(), Assigner: k.assigner}
	if reg.Assigner == "" {
		reg.Assigner = "Chartroom"
	}
	for i, id := range reg.Patient.Identifiers {
		if id.Kind == "MR" && id.Assigner == "" {
			reg.Patient.Identifiers[i].Assigner = reg.Assigner
		}
	}
	faults := chart.CheckPatient(reg.Patient, reg.Today)
	if joined("", v["payer"], v["plan"], v["member"], v["group"], v["from"], v["to"]) != "" {
		c := v.coverageOf(chart.Coverage{})
		reg.Coverages = []chart.Coverage{c}
		faults = append(faults, chart.CheckCoverage(c)...)
	}
	if joined("", v["setting"], v["start"], v["end"], v["unit"], v["attending"], v["complaint"]) != "" {
		e, wrong := v.encounterOf(chart.Encounter{}, s.zoneOf(ctx, v["unit"]))
		e.Zone = s.zoneOf(ctx, v["unit"]).String()
		e.Attending = k.attending(e.Attending)
		reg.Encounters = []chart.Encounter{e}
		faults = append(append(faults, wrong...), chart.CheckEncounter(e)...)
	}
	return reg, faults
}

func likelyLines(like []chart.Likeness) []ui.LikelyLine {
	out := make([]ui.LikelyLine, 0, len(like))
	for _, l := range like {
		p := personLine(l.Patient)
		out = append(out, ui.LikelyLine{
			Record: p.Record, Name: p.Name, BirthDate: p.BirthDate, Sex: p.Sex, MRN: p.MRN, Address: p.Address, Agrees: l.Agrees, Differs: l.Differs,
		})
	}
	return out
}

// said are the sentences that an address may ask a page to say.
var said = map[string]string{
	"registered": "The patient is registered.", "saved": "Stored as a new version.", "same": "Nothing was changed, so nothing was stored.",
	"proposed": "Proposed. A supervisor or administrator decides.", "added": "Added.", "withdrawn": "Marked as entered in error. It stays readable in its versions.", "apart": "The records are two persons again.",
}

// registrationPage shows the registration of a record, its coverage and its
// encounters.
func registrationPage(s *Server, w http.ResponseWriter, r *http.Request) {
	page, err := s.dept.Chart.Chart(r.Context(), actorOf(r.Context()), r.PathValue("record"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := page.Banner.Patient
	view := ui.Registration{Said: said[r.URL.Query().Get("said")], Form: ui.Form{Number: strconv.Itoa(p.Number)}}
	v := s.draftOf(r.Context(), p.Record)
	if v == nil {
		v = patientValues(p)
	} else {
		view.Form.Restore, view.Form.Number, view.Form.Reason, view.Form.Words = true, v["number"], v["reason"], v["words"]
	}
	s.showRegistration(w, r, http.StatusOK, page, v, chart.CheckPatient(p, s.today()), nil, view)
}

func (s *Server) showRegistration(w http.ResponseWriter, r *http.Request, code int, page *chart.Page, v values, faults []chart.Fault, theirs map[string]string, view ui.Registration) {
	ctx := r.Context()
	b := s.registrationBanner(page.Banner)
	view.Banner = &b
	if code != http.StatusOK {
		s.keepDraft(ctx, b.Record, v)
	}
	view.Form.Action, view.Form.Slot, view.Form.Save, view.Form.Reasons = "/registration/"+b.Record, b.Record, "Save", patientReasons
	view.Form.Lists = s.mastersKnown(ctx).lists
	view.Form.Groups, view.Faults = draw(patientGroups(v, false), v, faults, theirs)
	if code == http.StatusOK { // nothing failed: the page begins at its head
		view.Form.Groups[0].Fields[0].Focus = false
	}
	view.Coverages, view.Issues, view.Drawing = s.coverageView(page.Banner.Coverages)
	for _, e := range page.Encounters {
		line := s.encounterLine(e)
		line.Status = statusNames[e.Status]
		view.Encounters = append(view.Encounters, ui.EncounterRow{EncounterLine: line, Withdrawn: e.Withdrawn, Version: e.Version.Number})
	}
	view.Links = s.linkRows(ctx, page.Banner)
	var err error
	if view.MayUnlink, err = s.offers(ctx, identity.ActionUnlink, page.Banner.Patient.Record); err != nil {
		s.fail(w, r, err)
		return
	}
	f := s.frame(r, "Registration", "/registration")
	f.Script = registrationScript
	s.show(w, r, code, ui.RegistrationPage(f, view))
}

// registrationBanner is the banner with the ways from registration on.
func (s *Server) registrationBanner(banner chart.Banner) ui.Banner {
	b := s.bannerOf(banner, chart.Encounter{})
	if b.Record == "" && len(banner.Records) > 0 {
		b.Record = banner.Records[0] // a record that no registration has come for
	}
	b.Links = []ui.Link{{Label: "Chart", Path: "/chart/" + b.Record}, {Label: "Registration", Path: "/registration/" + b.Record}}
	return b
}

// linkRows says which other records are of the same person, and since when.
func (s *Server) linkRows(ctx context, b chart.Banner) []ui.LinkRow {
	numbers := map[string]string{}
	for _, p := range append(b.Others, b.Patient) {
		numbers[p.Record] = p.RecordNumber()
	}
	name := func(record string) string {
		if n := numbers[record]; n != "" {
			return "record " + n
		}
		return "another record"
	}
	var out []ui.LinkRow
	for _, l := range b.Links {
		if l.Undone {
			continue
		}
		row := ui.LinkRow{ID: l.ID, By: s.nameOf(ctx, l.MadeBy), At: s.zone().Minute(l.MadeAt), Reason: l.Reason}
		switch b.Patient.Record {
		case l.Subsumed:
			row.Text = "Merged into " + name(l.Survivor)
		case l.Survivor:
			row.Text = "Also known under " + name(l.Subsumed)
		default:
			row.Text = ui.Upper1(name(l.Subsumed)) + " is merged into " + name(l.Survivor)
		}
		out = append(out, row)
	}
	return out
}

// undoLink takes two records apart that were said to be of one person.
func undoLink(s *Server, w http.ResponseWriter, r *http.Request) {
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	if reason == "" {
		s.fail(w, r, unusable("Taking records apart needs a reason."))
		return
	}
	if _, err := s.dept.Identity.Unlink(r.Context(), actorOf(r.Context()), r.PathValue("link"), reason); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/registration/"+r.PathValue("record")+"?said=apart", http.StatusSeeOther) //nolint:gosec // the path begins with one of ours
}
