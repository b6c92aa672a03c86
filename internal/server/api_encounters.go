package server

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/ui"
)

// apiFunc is one operation of the JSON API.
type apiFunc[I, O any] func(*Server, context, *I) (*O, error)

// ByEncounter is the path parameter of everything about one encounter. It is
// exported because huma looks at exported fields alone.
type ByEncounter struct {
	ID string `path:"id" maxLength:"64" doc:"id of the encounter"`
}

// encounterJSON is an encounter as the API writes it. Moments are RFC 3339.
type encounterJSON struct {
	ID          string       `json:"id"`
	Record      string       `json:"record"`
	Number      string       `json:"number" doc:"account or visit number"`
	Setting     string       `json:"setting"`
	Status      string       `json:"status"`
	Unit        string       `json:"unit,omitempty"`
	Service     string       `json:"service,omitempty"`
	Start       *time.Time   `json:"start,omitempty"`
	End         *time.Time   `json:"end,omitempty"`
	Disposition string       `json:"disposition,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	Attending   *authorJSON  `json:"attending,omitempty"`
	Texts       int          `json:"texts" doc:"number of documents"`
	Unsigned    int          `json:"unsigned" doc:"of these, not signed"`
	Patient     *patientJSON `json:"patient,omitempty"`
}

type authorJSON struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Role string `json:"role,omitempty"`
}

type patientJSON struct {
	Record    string `json:"record"`
	Name      string `json:"name"`
	BirthDate string `json:"birth_date"`
	Sex       string `json:"sex"`
	MRN       string `json:"mrn"`
}

type encountersIn struct {
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	After   string `query:"after" maxLength:"200" doc:"cursor of the page before, as next gives it"`
	Setting string `query:"setting" enum:"inpatient,outpatient,emergency,professional,nursing_facility"`
	Unit    string `query:"unit" maxLength:"100"`
	Texts   string `query:"texts" enum:"none,unsigned,signed" doc:"what documents it has"`
}

type encountersOut struct {
	Body struct {
		Items []encounterJSON `json:"items"`
		Next  *string         `json:"next" doc:"path of the next page, null after the last"`
	}
}

// apiEncounters lists the encounters, newest first.
func apiEncounters(s *Server, ctx context, in *encountersIn) (*encountersOut, error) {
	page, err := s.dept.Chart.Encounters(ctx, actorOf(ctx), chart.EncounterFilter{
		Setting: chart.Setting(in.Setting), Unit: in.Unit, Texts: chart.TextState(in.Texts), Limit: in.Limit, After: in.After,
	})
	if err != nil {
		return nil, err
	}
	out := &encountersOut{}
	out.Body.Items = make([]encounterJSON, 0, len(page.Rows))
	for _, row := range page.Rows {
		e := encounterView(row.Encounter)
		e.Texts, e.Unsigned = row.Texts, row.Unsigned
		e.Patient = &patientJSON{Record: row.Encounter.Record, Name: fullName(row.PatientName), BirthDate: row.BirthDate, Sex: row.Sex, MRN: row.MRN}
		out.Body.Items = append(out.Body.Items, e)
	}
	if page.Next != "" {
		q := url.Values{"after": {page.Next}, "limit": {strconv.Itoa(in.Limit)}}
		for name, value := range map[string]string{"setting": in.Setting, "unit": in.Unit, "texts": in.Texts} {
			if value != "" {
				q.Set(name, value)
			}
		}
		next := "/api/v1/encounters?" + q.Encode()
		out.Body.Next = &next
	}
	return out, nil
}

type encounterOut struct{ Body encounterJSON }

// apiEncounter reads one encounter.
func apiEncounter(s *Server, ctx context, in *ByEncounter) (*encounterOut, error) {
	enc, err := s.dept.Chart.Encounter(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &encounterOut{Body: encounterView(enc)}, nil
}

func encounterView(e chart.Encounter) encounterJSON {
	view := encounterJSON{
		ID: e.ID, Record: e.Record, Number: e.Number, Setting: string(e.Setting), Status: e.Status, Unit: e.Unit, Service: e.Service,
		Start: moment(e.Start), End: moment(e.End), Disposition: e.Disposition, Reason: e.ReasonText,
	}
	if e.Attending != (chart.Author{}) {
		view.Attending = &authorJSON{ID: e.Attending.ID, Name: e.Attending.Name, Role: e.Attending.Role}
	}
	return view
}

// moment is nil for the zero time, so that JSON leaves it out.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// documentJSON is a document of the chart with its text.
type documentJSON struct {
	ID        string     `json:"id"`
	Version   int        `json:"version"`
	Encounter string     `json:"encounter,omitempty"`
	Type      string     `json:"type"`
	Title     string     `json:"title"`
	Author    authorJSON `json:"author"`
	Written   *time.Time `json:"written,omitempty"`
	Signed    bool       `json:"signed"`
	SignedAt  *time.Time `json:"signed_at,omitempty"`
	Text      string     `json:"text"`
	Day       string     `json:"day" doc:"day written, in the facility's time zone"`
	By        string     `json:"by" doc:"author and moment, for a heading"`
	Role      string     `json:"role"`
	Message   string     `json:"message,omitempty" doc:"message that brought it"`
	Place     string     `json:"place,omitempty" doc:"place in that message"`
	Entry     string     `json:"entry,omitempty" doc:"audit entry that stored it"`
}

func (s *Server) documentView(d chart.Document) documentJSON {
	z := s.zone()
	parts := make([]string, 0, 3)
	for _, p := range []string{d.Author.Name, d.Author.Role, z.Minute(d.WrittenAt)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	title := d.Title
	if title == "" {
		title = d.Type
	}
	return documentJSON{
		ID: d.ID, Version: d.Number, Encounter: d.Encounter, Type: d.Type, Title: ui.Upper1(title),
		Author:  authorJSON{ID: d.Author.ID, Name: d.Author.Name, Role: d.Author.Role},
		Written: moment(d.WrittenAt), Signed: d.Signed, SignedAt: moment(d.SignedAt), Text: d.Text,
		Day: z.Date(d.WrittenAt), By: strings.Join(parts, ", "), Role: d.Author.Role,
		Message: d.Source.Message, Place: d.Source.Path, Entry: d.Source.Entry,
	}
}

type documentsOut struct {
	Body struct {
		Items []documentJSON `json:"items"`
		Next  *string        `json:"next"`
	}
}

// apiDocuments reads the documents of an encounter with their texts, oldest
// first. It answers the notes path too.
func apiDocuments(s *Server, ctx context, in *ByEncounter) (*documentsOut, error) {
	docs, err := s.dept.Chart.Documents(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &documentsOut{}
	out.Body.Items = make([]documentJSON, 0, len(docs))
	for _, d := range docs {
		out.Body.Items = append(out.Body.Items, s.documentView(d))
	}
	return out, nil
}

type noteIn struct {
	ByEncounter
	Body struct {
		Type   string      `json:"type" minLength:"1" maxLength:"100" doc:"progress, discharge summary, …"`
		Text   string      `json:"text" minLength:"1"`
		Title  string      `json:"title,omitempty" maxLength:"300"`
		Author *authorJSON `json:"author,omitempty" doc:"left out: whoever sends it"`
		Signed bool        `json:"signed,omitempty"`
		Date   *time.Time  `json:"written,omitempty"`
	}
}

type noteOut struct{ Body documentJSON }

// apiAddNote stores a note; the answer comes once it is durable.
func apiAddNote(s *Server, ctx context, in *noteIn) (*noteOut, error) {
	note := chart.Note{Type: in.Body.Type, Title: in.Body.Title, Text: in.Body.Text, Signed: in.Body.Signed}
	if a := in.Body.Author; a != nil {
		note.Author = chart.Author{ID: a.ID, Name: a.Name, Role: a.Role}
	}
	if in.Body.Date != nil {
		note.WrittenAt = *in.Body.Date
	}
	doc, err := s.dept.Chart.AddNote(ctx, actorOf(ctx), in.ID, note)
	if err != nil {
		return nil, err
	}
	return &noteOut{Body: s.documentView(doc)}, nil
}

type byDocument struct {
	ID      string `path:"id" maxLength:"64"`
	Version int    `query:"version" minimum:"0" doc:"0 or none: the newest"`
}

// apiDocument reads one version of a document.
func apiDocument(s *Server, ctx context, in *byDocument) (*noteOut, error) {
	doc, err := s.dept.Chart.Document(ctx, actorOf(ctx), in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	return &noteOut{Body: s.documentView(doc)}, nil
}

// fullName writes a name as lists do: family name, given names.
func fullName(n chart.Name) string {
	given := strings.TrimSpace(n.Given + " " + n.Middle)
	name := n.Family
	if given != "" {
		name = strings.TrimPrefix(name+", "+given, ", ")
	}
	return strings.TrimSpace(name + " " + n.Suffix)
}
