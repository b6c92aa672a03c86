package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/wire/ccda"
	"chartroom/wire/fhir"
	"chartroom/wire/hl7v2"
)

// ccdaMapping turns a clinical document into facts and one document.
type ccdaMapping struct {
	s       *Service
	x       *ccdaMessage
	record  string
	visit   *chart.Encounter // the document's own; nil for none
	docID   string           // what the document is called, for facts without an id
	authors map[string]string
	seen    map[string]int
	batch   chart.Batch
}

func (m *ccdaMapping) at(t hl7v2.Timestamp) time.Time { return t.In(m.s.config.Zone) }

// ccdaPatient is the registration that a recordTarget gives.
func ccdaPatient(x *ccdaMessage) chart.Patient {
	in := x.patient
	p := chart.Patient{
		BirthDate: dateOf(in.Birth), Sex: ccdaSex(in.Sex), Identifiers: x.numbers, Language: in.Language,
		Marital: in.Marital.Words(), Race: in.Race.Words(), Ethnicity: in.Ethnicity.Words(), Deceased: dateOf(in.Death),
	}
	if p.Deceased == "" && in.Dead {
		p.Deceased = chart.DiedUnknown
	}
	for i, n := range in.Names {
		name := chart.Name{Family: n.Family, Given: n.Given, Middle: n.Middle, Prefix: n.Prefix, Suffix: n.Suffix}
		if i == 0 {
			p.Name = name
		} else {
			p.Aliases = append(p.Aliases, name)
		}
		if n.Callme != "" && n.Callme != n.Given {
			p.Aliases = append(p.Aliases, chart.Name{Family: n.Family, Given: n.Callme})
		}
		if n.Birth != "" && n.Birth != n.Family {
			p.Aliases = append(p.Aliases, chart.Name{Family: n.Birth, Given: n.Given})
		}
	}
	for _, a := range in.Addresses {
		if !a.To.IsZero() && len(in.Addresses) > 1 {
			continue // where the patient lived before
		}
		p.Address = append(p.Address, chart.Address{Line: a.Lines, City: a.City, State: a.State, Postcode: a.Postcode, Country: a.Country})
	}
	for _, t := range in.Telecoms {
		switch t.Scheme {
		case "mailto":
			p.Email = cmp.Or(p.Email, t.Value)
		case "tel":
			if !slices.Contains(p.Phones, t.Value) {
				p.Phones = append(p.Phones, t.Value)
			}
		}
	}
	return p
}

func ccdaSex(code string) string {
	if code == "UN" {
		return "other"
	}
	return sexOf(code)
}

// encounter finds or makes the encounter that the document belongs to
// (encompassingEncounter). One that is known stays as it is.
func (m *ccdaMapping) encounter(ctx context.Context, tx *gate.Tx) error {
	m.authors = map[string]string{}
	e := m.x.doc.Encounter
	if e == nil {
		return nil
	}
	attending := e.Attending
	if attending.IsZero() {
		attending = e.Responsible
	}
	for _, id := range attending.IDs {
		m.authors[id.Root+"\x00"+id.Extension] = "attending"
	}
	id, number := m.visitID(e)
	if id == "" {
		m.x.notice("/ClinicalDocument/componentOf/encompassingEncounter", "the encounter has neither a number nor a time: the document is the record's")
		return nil
	}
	known, err := m.knownVisit(ctx, tx, id, number)
	if err != nil || known != nil {
		m.visit = known
		return err
	}
	start := e.Time.Start()
	out := chart.Encounter{
		Version: chart.Version{ID: id, Record: m.record, Source: chart.Source{Message: m.x.id, Path: "/ClinicalDocument/componentOf/encompassingEncounter"}},
		Number:  number, Setting: m.setting(e), Unit: cmp.Or(e.Location, e.Facility.Name), Service: cmp.Or(e.Code.Display, e.Code.Original),
		Start: m.at(start), End: m.at(e.Time.High), Zone: m.s.config.Zone.String(),
		Disposition: ccdaDisposition(e.Disposition), Attending: m.author(attending, "attending"),
	}
	out.Status = finished
	if e.Time.High.IsZero() && e.Time.Point.IsZero() && out.Setting == chart.Inpatient && out.Disposition == "" {
		out.Status = inProgress
	}
	m.visit = &out
	m.batch.AddEncounter(out)
	return nil
}

// visitID names the encounter by its identifier, else by when it began; "" where
// it has neither.
func (m *ccdaMapping) visitID(e *ccda.Encounter) (id, number string) {
	for _, i := range e.IDs {
		number = cmp.Or(number, i.Extension)
		if id == "" {
			id = m.s.stableID("visit", i.Root, i.Extension, m.record)
		}
	}
	if start := e.Time.Start(); id == "" && !start.IsZero() {
		id = m.s.stableID("visit", m.record, "ccda", start.String())
	}
	return id, number
}

// knownVisit finds the encounter if it is known, also where it came by another
// interface under the same number; nil where it is not.
func (m *ccdaMapping) knownVisit(ctx context.Context, tx *gate.Tx, id, number string) (*chart.Encounter, error) {
	known, err := m.s.chart.KnownEncounter(ctx, tx, id)
	if err != nil || known != nil || number == "" {
		return known, err
	}
	same, err := m.s.chart.EncounterByNumber(ctx, tx, m.record, number)
	if errors.Is(err, chart.ErrNotFound) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, err
	}
	return m.s.chart.KnownEncounter(ctx, tx, same)
}

// setting reads the kind of encounter: HL7's ActCode, the CPT number of the
// visit, else what the document says of it.
func (m *ccdaMapping) setting(e *ccda.Encounter) chart.Setting {
	for _, c := range append([]ccda.CD{e.Code}, e.Code.Translations...) {
		switch {
		case c.System == "2.16.840.1.113883.5.4":
			return classSetting(c.Code)
		case c.System == oidCPT && len(c.Code) == 5:
			switch n := c.Code; {
			case n >= "99281" && n <= "99288":
				return chart.Emergency
			case n >= "99221" && n <= "99239", n >= "99291" && n <= "99292":
				return chart.Inpatient
			case n >= "99304" && n <= "99318":
				return chart.NursingFacility
			}
			return chart.Outpatient
		}
	}
	switch t := ccdaType(m.x.doc); {
	case e.Disposition.Code != "", t == dischargeReport, t == "transfer summary":
		return chart.Inpatient
	case t == "emergency department note":
		return chart.Emergency
	}
	return chart.Outpatient
}

// ccdaDisposition is the patient discharge status of the UB-04 (FL 17), which is
// what the code is if it has two digits (NUBC, or HL7 table 0112).
func ccdaDisposition(c ccda.CD) string {
	return disposition(fhir.CodeableConcept{Coding: []fhir.Coding{{Code: c.Code}}})
}

// author names a person of the document. role is what its place says.
func (m *ccdaMapping) author(p ccda.Person, role string) chart.Author {
	if p.IsZero() {
		return chart.Author{}
	}
	a := chart.Author{ID: p.NPI(), Name: cmp.Or(p.Name.String(), p.Device, p.Organization), Role: role}
	for _, id := range p.IDs {
		a.ID = cmp.Or(a.ID, id.Extension)
		a.Role = cmp.Or(a.Role, m.authors[id.Root+"\x00"+id.Extension])
	}
	a.Role = cmp.Or(a.Role, ccdaRole(p.Role.Words()))
	return a
}

// ccdaRole reads a role of the department in the words of a specialty.
func ccdaRole(specialty string) string {
	s := strings.ToLower(specialty)
	for _, r := range []struct{ word, role string }{
		{"nurse practitioner", "nurse practitioner"}, {"physician assistant", "physician assistant"}, {"nurs", "nurse"},
		{"dietit", "dietitian"}, {"nutrition", "dietitian"}, {"therapist", "therapist"}, {"pharmac", "pharmacist"},
		{"social work", "social worker"}, {"radiolog", "radiologist"}, {"patholog", "pathologist"}, {"resident", "resident"},
		{"student", "student"}, {"anesthesi", "anesthesiologist"}, {"surg", "surgeon"}, {"physician", "physician"},
		{"medicine", "physician"},
	} {
		if strings.Contains(s, r.word) {
			return r.role
		}
	}
	return ""
}

// ccdaType names the document by its LOINC code, or its title.
func ccdaType(d *ccda.Document) string {
	for _, c := range append([]ccda.CD{d.Code}, d.Code.Translations...) {
		if t := loincTypes[c.Code]; t != "" && (c.System == oidLOINC || c.System == "") {
			return t
		}
	}
	if t := documentType(strings.ToLower(cmp.Or(d.Code.Words(), d.Title))); t != "" {
		return t
	}
	return cmp.Or(documentType(strings.ToLower(d.Title)), "note")
}

// document makes the one document of the chart: the narrative, or the text that
// stands in its place.
func (m *ccdaMapping) document(ctx context.Context, tx *gate.Tx) error {
	d := m.x.doc
	doc := chart.Document{
		Type: ccdaType(d), Title: cmp.Or(d.Title, d.Code.Display), WrittenAt: m.at(d.Written), MediaType: plainText, Text: d.Text,
	}
	doc.Title = cmp.Or(doc.Title, doc.Type)
	if len(d.Authors) > 0 {
		doc.Author = m.author(d.Authors[0], "")
		if doc.WrittenAt.IsZero() {
			doc.WrittenAt = m.at(d.Authors[0].Time)
		}
	}
	for _, p := range append([]ccda.Person{d.Legal}, d.Authenticators...) {
		// X says that the signature is still to come (CDA R2, signatureCode).
		if !p.IsZero() && p.Signed != "X" && !doc.Signed {
			doc.Signed, doc.SignedAt = true, m.at(p.Time)
		}
	}
	id, known, err := m.documentID(ctx, tx, doc.Type)
	if err != nil {
		return err
	}
	if known != nil && !doc.WrittenAt.IsZero() && known.WrittenAt.After(doc.WrittenAt) {
		return &refusal{path: "/ClinicalDocument/effectiveTime", why: "a later version of this document is here already"}
	}
	m.docID = id
	if d.Attachment != nil {
		if err := m.attached(&doc); err != nil {
			return err
		}
	} else if strings.TrimSpace(doc.Text) == "" {
		m.x.notice("/ClinicalDocument/component", "the document has no text: its header and entries are taken in")
		return nil
	}
	if len(doc.Text) > chart.MaxText {
		return &refusal{path: "/ClinicalDocument/component", why: "its narrative is larger than a text may be"}
	}
	doc.Version = chart.Version{ID: id, Record: m.record, Source: chart.Source{Message: m.x.id, Path: "/ClinicalDocument"}}
	if m.visit != nil {
		doc.Encounter = m.visit.ID
	}
	m.batch.AddDocument(doc)
	return nil
}

// documentID is what the document is called over its versions: by its set, or
// the document that it replaces, or its own id. A document of another type is
// never a version of it, whatever it is called.
func (m *ccdaMapping) documentID(ctx context.Context, tx *gate.Tx, kind string) (string, *chart.Document, error) {
	d := m.x.doc
	names := []ccda.II{d.SetID}
	for _, r := range d.Related {
		if r.Type == "RPLC" {
			names = append(names, r.SetID, r.ID)
		}
	}
	names = append(names, d.ID)
	first := ""
	for _, n := range names {
		if n.IsZero() {
			continue
		}
		id := m.s.stableID("ccda", m.record, kind, n.Root, n.Extension)
		first = cmp.Or(first, id)
		known, err := m.s.chart.KnownDocument(ctx, tx, id)
		if err != nil || known != nil {
			return id, known, err
		}
	}
	return cmp.Or(first, m.s.stableID("ccda", m.record, m.x.id)), nil, nil
}

// attached reads a body that is no XML.
func (m *ccdaMapping) attached(doc *chart.Document) error {
	const place = bodyPlace
	a := m.x.doc.Attachment
	doc.MediaType = strings.ToLower(a.MediaType)
	switch {
	case m.x.scanned != nil:
		m.x.scanned.show(doc)
		return nil
	case a.Fault != "":
		return &refusal{path: place, why: a.Fault}
	case a.Reference != "":
		m.x.notice(place, "the body of the document lies elsewhere and is not fetched: only its header is here")
		return nil
	case len(a.Data) == 0:
		return &refusal{path: place, why: "the document has an empty body"}
	case !readable(doc.MediaType):
		if len(m.x.told) == m.x.read {
			m.x.notice(place, "the body is of the type "+clean(strings.ReplaceAll(doc.MediaType, "/", "-"))+": its bytes are kept in the message")
		}
		return nil
	}
	text, ok := textOf(a.Data)
	if !ok {
		return &refusal{path: place, why: "the body says it is text, but is not UTF-8 or is too large"}
	}
	if doc.MediaType != plainText && doc.MediaType != "" {
		text = fhir.Narrative{Div: text}.Plain()
	}
	doc.Text, doc.MediaType = text, plainText
	return nil
}
