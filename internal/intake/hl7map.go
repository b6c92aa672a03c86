package intake

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/wire/hl7v2"
)

// mapping turns the segments of one patient of a message into facts.
type mapping struct {
	s         *Service
	x         *hl7Message
	record    string
	encounter string // "" where the message names no visit
	path      string
	account   hl7v2.CX          // PID-18
	authors   map[string]string // id of a clinician -> role in the visit
	batch     chart.Batch
}

func (m *mapping) version(id, path string) chart.Version {
	return chart.Version{
		ID: id, Record: m.record, Encounter: m.encounter,
		Source: chart.Source{Message: m.x.id, Path: path},
	}
}

func (m *mapping) at(t hl7v2.Timestamp) time.Time { return t.In(m.s.config.Zone) }

// patient registers the patient, or overlays what an ADT message says on what
// is known: a field that says nothing changes nothing, "" deletes (HL7 v2
// chapter 2, null values). Other messages register, but do not change.
func (m *mapping) patient(ctx context.Context, tx *gate.Tx, pid hl7v2.PID, numbers []chart.Identifier, known bool) error {
	var p chart.Patient
	if known {
		now, err := m.s.chart.KnownPatient(ctx, tx, m.record)
		if err != nil {
			return err
		}
		if now.Number > 0 && m.x.header.Type != "ADT" {
			return nil
		}
		p = now
	}
	p.Version = chart.Version{Record: m.record, Source: chart.Source{Message: m.x.id, Path: m.path}}
	overlayPatient(&p, pid)
	for _, n := range numbers {
		if !slices.Contains(p.Identifiers, n) {
			p.Identifiers = append(p.Identifiers, n)
		}
	}
	m.batch.AddPatient(p)
	return nil
}

func overlayPatient(p *chart.Patient, pid hl7v2.PID) {
	said := func(n int) bool { return pid.Fields.Valued.Has(n) || pid.Fields.Deleted.Has(n) }
	if said(5) {
		overlayNames(p, pid)
	}
	if said(7) {
		p.BirthDate = dateOf(pid.Birth)
	}
	if said(8) {
		p.Sex = sexOf(pid.Sex)
	}
	if said(11) {
		p.Address = nil
		for _, a := range pid.Addresses {
			if addr, ok := addressOf(a); ok {
				p.Address = append(p.Address, addr)
			}
		}
	}
	if said(13) || said(14) {
		overlayPhones(p, pid)
	}
	set := func(n int, to *string, value string) {
		if said(n) {
			*to = value
		}
	}
	set(10, &p.Race, words(first(pid.Race)))
	set(15, &p.Language, words(pid.Language))
	set(16, &p.Marital, words(pid.MaritalStatus))
	set(22, &p.Ethnicity, words(first(pid.Ethnicity)))
	set(29, &p.Deceased, dateOf(pid.Death))
	if p.Sex == "" {
		p.Sex = "unknown"
	}
}

func overlayNames(p *chart.Patient, pid hl7v2.PID) {
	p.Name, p.Aliases = chart.Name{}, nil
	for i, n := range pid.Names {
		if i == 0 {
			p.Name = nameOf(n)
		} else {
			p.Aliases = append(p.Aliases, nameOf(n))
		}
	}
	for _, n := range pid.Aliases {
		p.Aliases = append(p.Aliases, nameOf(n))
	}
}

func overlayPhones(p *chart.Patient, pid hl7v2.PID) {
	p.Phones = nil
	for _, t := range append(slices.Clone(pid.HomePhones), pid.WorkPhones...) {
		if t.Number != "" && !slices.Contains(p.Phones, t.Number) {
			p.Phones = append(p.Phones, t.Number)
		}
		if t.Email != "" {
			p.Email = t.Email
		}
	}
}

// visit finds or makes the encounter that PV1 tells of, and keeps it up.
func (m *mapping) visit(ctx context.Context, tx *gate.Tx, seg hl7v2.Segment) error {
	if !seg.Present() {
		if _, ok := m.x.cancel(); ok {
			return &refusal{path: "PV1", why: whyNoVisit}
		}
		return nil
	}
	pv1, fault := hl7v2.ReadPV1(seg)
	m.authors = map[string]string{}
	note := func(people []hl7v2.XCN, role string) {
		for _, c := range people {
			if c.ID != "" && m.authors[c.ID] == "" {
				m.authors[c.ID] = role
			}
		}
	}
	note(pv1.Attending, "attending")
	note(pv1.Admitting, "admitting")
	note(pv1.Consulting, "consulting")
	note(pv1.Referring, "referring")

	id, number, known, err := m.encounterID(ctx, tx, pv1)
	if err != nil {
		return err
	}
	if id == "" {
		if err := m.x.decisive(seg, fault, true, 44, 45); err != nil {
			return err
		}
		if _, ok := m.x.cancel(); ok {
			return &refusal{path: pathOf(seg), why: whyNoVisit}
		}
		return nil
	}
	if err := m.x.decisive(seg, fault, known == nil || m.x.header.Type == "ADT", 44, 45); err != nil {
		return err
	}
	m.encounter = id
	if c, ok := m.x.cancel(); ok {
		return m.takeBack(ctx, tx, seg, pv1, known, c)
	}
	enc, owner := chart.Encounter{Status: inProgress}, m.record
	if known != nil {
		if m.x.header.Type != "ADT" {
			return nil
		}
		enc, owner = *known, known.Record
	}
	enc.Version = chart.Version{ID: id, Record: owner, Source: chart.Source{Message: m.x.id, Path: pathOf(seg)}}
	enc.Number = number
	enc.Zone = m.s.config.Zone.String()
	m.overlayVisit(&enc, pv1)
	m.batch.AddEncounter(enc)
	return nil
}

// encounterID names the encounter of a PV1: by its visit number, else the
// account number, else class and admission time. known is the encounter if there
// is one already: of this record, or of another of the same person. A number
// that another person's encounter has makes an encounter of its own.
func (m *mapping) encounterID(ctx context.Context, tx *gate.Tx, pv1 hl7v2.PV1) (id, number string, known *chart.Encounter, err error) {
	name := m.s.visitName(m.x.header, pv1, m.account)
	if len(name) == 0 {
		return "", "", nil, nil
	}
	own := append([]string{m.record}, name...)
	id = m.s.stableID("visit", name...)
	if len(name) == 2 {
		number = name[1]
	} else {
		id = m.s.stableID("visit", own...)
	}
	for range 2 {
		known, err = m.s.chart.KnownEncounter(ctx, tx, id)
		if err != nil || known == nil {
			return id, number, nil, err
		}
		same, err := m.s.identity.SamePerson(ctx, tx, known.Record, m.record)
		if err != nil || same {
			return id, number, known, err
		}
		id = m.s.stableID("visit", own...)
	}
	return "", "", nil, errors.New("intake: an encounter's own id belongs to another patient")
}

// visitName is what a visit is called: who numbers it and its number, or class,
// time of admission and "" where it has no number; nil where PV1 names none.
func (s *Service) visitName(h hl7v2.Header, pv1 hl7v2.PV1, account hl7v2.CX) []string {
	visit := pv1.VisitNumber
	if visit.ID == "" {
		visit = account
	}
	if visit.ID == "" {
		visit = pv1.AlternateVisitID
	}
	switch {
	case visit.ID != "":
		return []string{s.assigner(h, visit, "VN"), visit.ID}
	case !pv1.Admit.IsZero():
		return []string{pv1.Class, pv1.Admit.String(), ""}
	}
	return nil
}

// whyNoVisit is the reason of a cancel that does not say of what.
const whyNoVisit = "the message names no visit whose event it cancels"

func (m *mapping) overlayVisit(e *chart.Encounter, pv1 hl7v2.PV1) {
	has := pv1.Fields.Valued.Has
	if has(2) || e.Setting == "" {
		e.Setting = settingOf(pv1.Class)
	}
	if has(3) {
		e.Unit = pv1.Location.PointOfCare
	}
	if has(10) {
		e.Service = words(pv1.Service)
	}
	if has(7) && len(pv1.Attending) > 0 {
		e.Attending = m.author(pv1.Attending[0], "attending")
	}
	if has(36) {
		e.Disposition = pv1.DischargeDisposition.Code
	}
	if has(44) {
		e.Start = m.at(pv1.Admit)
	}
	switch {
	case has(45):
		e.End = m.at(pv1.Discharge)
	case pv1.Fields.Deleted.Has(45):
		e.End = time.Time{}
	}
	if reason := m.admitReason(); reason != "" {
		e.ReasonText = reason
	}
	m.status(e, pv1)
}

// status follows the event of the message (HL7 v2 chapter 3).
func (m *mapping) status(e *chart.Encounter, pv1 hl7v2.PV1) {
	switch m.x.header.Kind() {
	case hl7v2.Admit, hl7v2.Register, hl7v2.Transfer:
		e.Status = inProgress
	case hl7v2.ToInpatient:
		e.Status = inProgress
		if !pv1.Fields.Valued.Has(2) {
			e.Setting = chart.Inpatient
		}
	case hl7v2.ToOutpatient:
		e.Status = inProgress
		if !pv1.Fields.Valued.Has(2) {
			e.Setting = chart.Outpatient
		}
	case hl7v2.Preadmit:
		e.Status = planned
	case hl7v2.Discharge:
		e.Status = finished
		if e.End.IsZero() {
			e.End = m.at(m.eventTime())
		}
	default:
		if m.x.header.Event == "A14" && m.x.header.Type == "ADT" && e.Start.IsZero() {
			e.Status = planned // pending admit
		}
	}
	if pv1.Fields.Valued.Has(45) && e.Status == inProgress {
		e.Status = finished
	}
}

// eventTime is when the event happened, else when it was recorded or sent.
func (m *mapping) eventTime() hl7v2.Timestamp {
	evn, fault := hl7v2.ReadEVN(m.x.message.First("EVN"))
	m.x.fault(fault)
	for _, t := range []hl7v2.Timestamp{evn.Occurred, evn.Recorded, m.x.header.Time} {
		if !t.IsZero() {
			return t
		}
	}
	return hl7v2.Timestamp{}
}

func (m *mapping) admitReason() string {
	pv2, fault := hl7v2.ReadPV2(m.x.message.First("PV2"))
	m.x.fault(fault)
	if r := words(pv2.AdmitReason); r != "" {
		return r
	}
	return pv2.Description
}

func (m *mapping) author(c hl7v2.XCN, role string) chart.Author {
	if known := m.authors[c.ID]; known != "" && role == "" {
		role = known
	}
	return chart.Author{ID: c.ID, Name: personName(c.Name), Role: role}
}

func settingOf(class string) chart.Setting {
	switch class {
	case "I", "B":
		return chart.Inpatient
	case "E":
		return chart.Emergency
	}
	return chart.Outpatient
}

func nameOf(n hl7v2.XPN) chart.Name {
	return chart.Name{Family: n.Family, Given: n.Given, Middle: n.Middle, Prefix: n.Prefix, Suffix: n.Suffix}
}

func personName(n hl7v2.XPN) string {
	name := strings.Join(strings.Fields(strings.Join([]string{n.Prefix, n.Given, n.Middle, n.Family, n.Suffix}, " ")), " ")
	if n.Degree != "" && name != "" {
		name += ", " + n.Degree
	}
	return name
}

func addressOf(a hl7v2.XAD) (chart.Address, bool) {
	var lines []string
	for _, l := range []string{a.Street, a.Other} {
		if l != "" {
			lines = append(lines, l)
		}
	}
	addr := chart.Address{Line: lines, City: a.City, State: a.State, Postcode: a.Postcode, Country: a.Country}
	return addr, len(lines) > 0 || addr.City != "" || addr.State != "" || addr.Postcode != "" || addr.Country != ""
}

func sexOf(code string) string {
	switch strings.ToUpper(code) {
	case "F":
		return "female"
	case "M":
		return "male"
	case "O", "A":
		return "other"
	}
	return "unknown"
}

// dateOf writes a date as far as it was given.
func dateOf(t hl7v2.Timestamp) string {
	switch {
	case t.IsZero():
		return ""
	case t.Precision == hl7v2.Year:
		return t.Time.Format("2006")
	case t.Precision == hl7v2.Month:
		return t.Time.Format("2006-01")
	}
	return t.Time.Format("2006-01-02")
}

// words are what people call a coded value.
func words(c hl7v2.CWE) string {
	for _, w := range []string{c.Text, c.Original, c.AltText, c.Code, c.AltCode} {
		if w != "" {
			return w
		}
	}
	return ""
}

func first[T any](list []T) T {
	var none T
	if len(list) == 0 {
		return none
	}
	return list[0]
}

func itoa(n int) string { return strconv.Itoa(n) }
