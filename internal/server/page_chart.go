package server

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chartroom/internal/chart"
	"chartroom/internal/ui"
)

// bannerOf identifies a patient, at an encounter if one is given.
func (s *Server) bannerOf(b chart.Banner, enc chart.Encounter) ui.Banner {
	p := b.Patient
	at := s.opt.Now()
	if !enc.Start.IsZero() {
		at = enc.Start
	}
	view := ui.Banner{
		Record: p.Record, Name: fullName(p.Name), Sex: p.Sex, BirthDate: p.BirthDate, Deceased: p.Deceased, MRN: p.RecordNumber(),
		Age: ageOn(p.BirthDate, s.zone().Date(at)),
	}
	for _, n := range p.Aliases {
		view.Aliases = append(view.Aliases, fullName(n))
	}
	for _, id := range p.Identifiers {
		if id.Kind == "SS" && len(id.Value) >= 4 {
			view.Others = append(view.Others, "SSN ends "+id.Value[len(id.Value)-4:])
		}
	}
	for _, c := range chart.CoveredOn(b.Coverages, s.zone().Date(at)) {
		view.Coverage = append(view.Coverage, joined(" ", c.Payer, c.Plan))
	}
	for _, a := range b.Allergies {
		switch none := strings.HasPrefix(strings.ToLower(a.Display), "no "); {
		case a.Withdrawn:
		case none:
			view.Alerts = append(view.Alerts, ui.Upper1(strings.ToLower(a.Display)))
		default:
			view.Alerts = append(view.Alerts, "Allergy: "+joined(", ", a.Display, a.Value))
		}
	}
	for _, other := range b.Others {
		view.Merged = append(view.Merged, other.RecordNumber())
	}
	if enc.ID != "" {
		line := s.encounterLine(enc)
		view.Encounter = &line
	}
	return view
}

// ageOn is an age on a day (YYYY-MM-DD) as people say it: years, months below two
// years, days below two months.
func ageOn(birth, day string) string {
	born, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return ""
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	years := chart.YearsOld(born, at)
	months := (at.Year()-born.Year())*12 + int(at.Month()) - int(born.Month())
	if at.Day() < born.Day() {
		months--
	}
	switch {
	case years < 0:
		return ""
	case years >= 2:
		return ui.Plural(years, "year")
	case months >= 2:
		return ui.Plural(months, "month")
	default:
		return ui.Plural(int(at.Sub(born).Hours()/24), "day")
	}
}

func (s *Server) encounterLine(e chart.Encounter) ui.EncounterLine {
	z := s.zone()
	return ui.EncounterLine{
		ID: e.ID, Number: e.Number, Setting: string(e.Setting), Status: e.Status, Unit: e.Unit,
		From: z.Date(e.Start), To: z.Date(e.End), Attending: e.Attending.Name, Reason: e.ReasonText,
	}
}

// chartPage shows everything about one person.
func chartPage(s *Server, w http.ResponseWriter, r *http.Request) {
	page, err := s.dept.Chart.Chart(r.Context(), actorOf(r.Context()), r.PathValue("record"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := s.chartView(page)
	if view.Findings, _, err = s.findingsOf(r, page.Banner.Patient.Record); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, ui.ChartPage(s.frame(r, "Chart", ""), view))
}

func (s *Server) chartView(page *chart.Page) ui.Chart {
	view := ui.Chart{Banner: s.bannerOf(page.Banner, chart.Encounter{})}
	view.Banner.Links = append(view.Banner.Links, ui.Link{Label: "Registration", Path: "/registration/" + page.Banner.Records[0]})
	texts := map[string]int{}
	for _, d := range page.Documents {
		if !d.Withdrawn {
			texts[d.Encounter]++
		}
		view.Documents = append(view.Documents, s.documentLine(d))
	}
	for _, e := range page.Encounters {
		if e.Withdrawn {
			continue
		}
		line := s.encounterLine(e)
		line.Documents = texts[e.ID]
		view.Encounters = append(view.Encounters, line)
	}
	view.Facts = s.factGroups(slices.Concat(page.Facts, page.Banner.Allergies))
	view.Events = s.timeline(page)
	return view
}

func (s *Server) documentLine(d chart.Document) ui.DocumentLine {
	title := d.Title
	if title == "" {
		title = d.Type
	}
	return ui.DocumentLine{
		ID: d.ID, Record: d.Record, Type: d.Type, Title: ui.Upper1(title), Author: d.Author.Name, Role: d.Author.Role,
		Written: s.zone().Minute(d.WrittenAt), Encounter: d.Encounter, Signed: d.Signed, Withdrawn: d.Withdrawn, Version: d.Number,
	}
}

// factTitles are the headings of the kinds of fact, in the order of the page.
var factTitles = []struct {
	kind  chart.FactKind
	title string
}{
	{chart.Diagnosis, "Diagnoses as received"}, {chart.Procedure, "Procedures as received"}, {chart.Medication, "Medications"},
	{chart.Allergy, "Allergies"}, {chart.Immunization, "Immunizations"}, {chart.Order, "Orders"}, {chart.Result, "Results"}, {chart.Other, "Other items"},
}

func (s *Server) factGroups(facts []chart.Fact) []ui.FactGroup {
	z := s.zone()
	groups := []ui.FactGroup{}
	for _, t := range factTitles {
		group := ui.FactGroup{Kind: string(t.kind), Title: t.title}
		for _, f := range facts {
			if f.Kind != t.kind {
				continue
			}
			group.Rows = append(group.Rows, ui.FactLine{
				ID: f.ID, Record: f.Record, When: z.Date(f.Effective), Code: f.Code, System: systemName(f.System), Display: f.Display,
				Value: f.Value, Range: f.Range, Flag: f.Flag, Status: f.Status, Author: f.Author.Name, Version: f.Number, Withdrawn: f.Withdrawn,
			})
		}
		if len(group.Rows) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// systemNames shortens the code systems that charts name most.
var systemNames = map[string]string{
	"http://snomed.info/sct": "SNOMED CT", "http://loinc.org": "LOINC", "LN": "LOINC", "SCT": "SNOMED CT", "I10": "ICD-10-CM", "I10C": "ICD-10-CM",
	"http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM", "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm", "http://hl7.org/fhir/sid/cvx": "CVX",
}

func systemName(system string) string {
	if name, ok := systemNames[system]; ok {
		return name
	}
	return system
}

// maxEvents bounds the timeline; what is older stands in the tables.
const maxEvents = 60

// timeline is what happened, newest first; what was entered in error did not.
func (s *Server) timeline(page *chart.Page) []ui.TimelineEvent {
	z := s.zone()
	type dated struct {
		at    time.Time
		event ui.TimelineEvent
	}
	events := []dated{}
	add := func(at time.Time, e ui.TimelineEvent) {
		if !at.IsZero() {
			e.When = z.Date(at)
			events = append(events, dated{at, e})
		}
	}
	for _, e := range page.Encounters {
		if e.Withdrawn {
			continue
		}
		path := "/coding/" + e.ID
		begin := map[chart.Setting]string{chart.Inpatient: "Admitted", chart.NursingFacility: "Admitted", chart.Emergency: "Emergency visit"}[e.Setting]
		if begin == "" {
			begin = "Visit"
		}
		add(e.Start, ui.TimelineEvent{Text: begin, Path: path, Sub: joined(", ", e.Unit, e.ReasonText), Visit: true})
		if e.Setting == chart.Inpatient || e.Setting == chart.NursingFacility {
			add(e.End, ui.TimelineEvent{Text: "Discharged", Path: path, Sub: e.Unit, Visit: true})
		}
	}
	for _, d := range page.Documents {
		if d.Withdrawn {
			continue
		}
		line := s.documentLine(d)
		add(d.WrittenAt, ui.TimelineEvent{Text: line.Title, Path: "/chart/" + d.Record + "/documents/" + d.ID, Sub: d.Author.Name})
	}
	for _, f := range page.Facts {
		if f.Kind == chart.Procedure && !f.Withdrawn {
			add(f.Effective, ui.TimelineEvent{Text: f.Display, Sub: "procedure"})
		}
	}
	slices.SortStableFunc(events, func(a, b dated) int { return b.at.Compare(a.at) })
	out := []ui.TimelineEvent{}
	for _, e := range events[:min(len(events), maxEvents)] {
		out = append(out, e.event)
	}
	return out
}

// documentPage shows one document with where it came from.
func documentPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	doc, err := s.dept.Chart.Document(r.Context(), actor, r.PathValue("document"), 0)
	if err == nil && doc.Record != r.PathValue("record") {
		err = chart.ErrNotFound
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page, err := s.dept.Chart.Chart(r.Context(), actor, doc.Record)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	b := s.bannerOf(page.Banner, chart.Encounter{})
	b.Links = append(b.Links, ui.Link{Label: "Chart", Path: "/chart/" + doc.Record})
	if doc.Encounter != "" {
		b.Links = append(b.Links, ui.Link{Label: "Code this encounter", Path: "/coding/" + doc.Encounter})
	}
	if mayIndex(actor) {
		b.Links = append(b.Links, ui.Link{Label: "Move or arrange", Path: "/incoming/documents/" + doc.ID})
	}
	line := s.documentLine(doc)
	line.Sheets = s.sheetsOf(r, doc)
	findings, all, err := s.findingsOf(r, doc.Record)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	line.Findings, line.Marks = besideDocument(findings, all, doc)
	line.Marks = append(line.Marks, s.wordMarks(r, doc.Text)...)
	s.show(w, r, http.StatusOK, ui.DocumentPage(s.frame(r, "Document", ""), b, line, doc.Text, s.versionLine(r.Context(), doc.Version)))
}

func (s *Server) versionLine(ctx context, v chart.Version) ui.VersionLine {
	source := "typed in"
	if v.Source.Message != "" {
		source = "message " + v.Source.Message
		if v.Source.Path != "" {
			source += ", at " + v.Source.Path
		}
	}
	return ui.VersionLine{
		Number: v.Number, At: s.zone().Minute(v.RecordedAt), By: s.nameOf(ctx, v.RecordedBy), Reason: v.Reason,
		Source: source, Entry: v.Source.Entry, Withdrawn: v.Withdrawn,
	}
}

// factPage shows every version of one fact, newest first, with what changed.
func factPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	versions, err := s.dept.Chart.History(r.Context(), actor, r.PathValue("fact"))
	if err == nil && (len(versions) == 0 || versions[0].Version.Record != r.PathValue("record")) {
		err = chart.ErrNotFound
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page, err := s.dept.Chart.Chart(r.Context(), actor, r.PathValue("record"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	lines := make([]ui.VersionLine, 0, len(versions))
	var last map[string]string
	for _, v := range versions {
		line := s.versionLine(r.Context(), v.Version)
		line.Fields = s.fieldsOf(v)
		now := map[string]string{}
		for _, f := range line.Fields {
			now[f.Name] += f.Value + "\n"
		}
		for i, f := range line.Fields {
			line.Fields[i].Changed = last != nil && last[f.Name] != now[f.Name]
		}
		for _, name := range slices.Sorted(maps.Keys(last)) {
			if now[name] == "" {
				line.Fields = append(line.Fields, ui.Field{Name: name, Value: "nothing any more", Changed: true})
			}
		}
		last = now
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	b := s.bannerOf(page.Banner, chart.Encounter{})
	b.Links = append(b.Links, ui.Link{Label: "Chart", Path: "/chart/" + b.Record})
	s.show(w, r, http.StatusOK, ui.FactPage(s.frame(r, "Versions", ""), b, "this "+versions[0].Kind, lines))
}

// fieldsOf lists the content of a version by name.
func (s *Server) fieldsOf(v chart.Revision) []ui.Field {
	z := s.zone()
	fields := []ui.Field{}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, ui.Field{Name: name, Value: value})
		}
	}
	switch {
	case v.Fact != nil:
		f := v.Fact
		add("Name", f.Display)
		add("Code", joined(" ", f.Code, systemName(f.System)))
		add("Value", joined(" ", f.Value, f.Flag))
		add("Range", f.Range)
		add("Status", f.Status)
		add("When", joined(" to ", z.Minute(f.Effective), z.Minute(f.Ended)))
		add("By", joined(", ", f.Author.Name, f.Author.Role))
	case v.Document != nil:
		d := v.Document
		add("Title", joined(", ", d.Title, d.Type))
		add("Author", joined(", ", d.Author.Name, d.Author.Role))
		add("Written", z.Minute(d.WrittenAt))
		add("Signed", map[bool]string{true: "yes " + z.Minute(d.SignedAt), false: "no"}[d.Signed])
		add("Text", ui.Plural(utf8.RuneCountInString(d.Text), "character"))
	case v.Encounter != nil:
		e := v.Encounter
		add("Account", e.Number)
		add("Setting", ui.SettingName(string(e.Setting)))
		add("Status", e.Status)
		add("Unit", joined(", ", e.Unit, e.Service))
		add("Period", joined(" to ", z.Minute(e.Start), z.Minute(e.End)))
		add("Attending", e.Attending.Name)
		add("Reason", e.ReasonText)
		add("Disposition", e.Disposition)
	case v.Coverage != nil:
		c := v.Coverage
		add("Payer", joined(", ", c.Payer, c.Plan))
		add("Member", joined(", ", c.Member, c.Group))
		add("Priority", strings.Trim(strconv.Itoa(c.Priority), "0"))
		add("Patient is", c.Relationship)
		add("Period", joined(" to ", c.From, c.To))
	case v.Patient != nil:
		p := v.Patient
		add("Name", fullName(p.Name))
		add("Born", p.BirthDate)
		add("Sex", p.Sex)
		for _, a := range p.Address {
			add("Address", joined(", ", strings.Join(a.Line, " "), a.City, a.State, a.Postcode))
		}
		add("Phones", strings.Join(p.Phones, ", "))
		add("Mail address", p.Email)
		for _, n := range p.Aliases {
			add("Also known as", joined(", ", fullName(n), n.Use))
		}
		for _, id := range p.Identifiers {
			if id.Kind == "SS" && len(id.Value) > 4 {
				id.Value = "ends " + id.Value[len(id.Value)-4:]
			}
			add("Number "+id.Kind, joined(", ", id.Value, id.Assigner))
		}
		add("Language", p.Language)
		add("Marital status", p.Marital)
		add("Race", p.Race)
		add("Ethnicity", p.Ethnicity)
		add("Died", p.Deceased)
	}
	return fields
}
