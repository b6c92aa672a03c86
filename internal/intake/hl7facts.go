package intake

import (
	"cmp"
	"context"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/wire/hl7v2"
)

// segments maps what stands in segments of its own, from a PID up to the next.
// The message's type does not matter: a DG1 is a diagnosis wherever it stands.
func (m *mapping) segments(pid hl7v2.Segment) {
	for seg := pid.Next(); seg.Present() && !seg.Is("PID"); seg = seg.Next() {
		switch seg.Name() {
		case "DG1":
			m.diagnosis(seg)
		case "PR1":
			m.procedure(seg)
		case "AL1":
			m.allergy(seg)
		case "IN1":
			m.coverage(seg)
		case "PRB":
			m.coded(seg, chart.Diagnosis, 3, 2)
		case "IAM":
			m.coded(seg, chart.Allergy, 3, 0)
		case "RXO":
			m.coded(seg, chart.Medication, 1, 0)
		case "RXE":
			m.coded(seg, chart.Medication, 2, 0)
		case "RXD":
			m.coded(seg, chart.Medication, 2, 3)
		case "RXA":
			m.coded(seg, chart.Immunization, 5, 3)
		}
	}
}

func (m *mapping) diagnosis(seg hl7v2.Segment) {
	d, fault := hl7v2.ReadDG1(seg)
	m.x.fault(fault)
	system, code, text := coding(d.Code)
	if system == "" {
		system = d.CodingMethod
	}
	if text == "" || text == code {
		text = cmp.Or(d.Description, text)
	}
	if code == "" && text == "" {
		return
	}
	kind := cmp.Or(d.Type.Code, d.Type.Text)
	f := chart.Fact{
		Version: m.version(m.s.stableID("DG1", m.record, m.encounter, system, code, text, kind), pathOf(seg)),
		Kind:    chart.Diagnosis, System: system, Code: code, Display: text, Status: kind,
		Flag: d.PresentOnAdmission, Effective: m.at(d.Time), Author: m.author(first(d.Clinicians), ""),
	}
	if d.Priority == "1" {
		f.Value = "principal"
	}
	f.Withdrawn = d.Action == "D"
	m.batch.AddFact(f)
}

func (m *mapping) procedure(seg hl7v2.Segment) {
	p, fault := hl7v2.ReadPR1(seg)
	m.x.fault(fault)
	system, code, text := coding(p.Code)
	if system == "" {
		system = p.CodingMethod
	}
	if text == "" || text == code {
		text = cmp.Or(p.Description, text)
	}
	if code == "" && text == "" {
		return
	}
	surgeon := m.author(first(p.Surgeons), "surgeon")
	if surgeon.ID == "" && surgeon.Name == "" {
		surgeon = m.author(first(p.Practitioners), "")
	}
	f := chart.Fact{
		Version: m.version(m.s.stableID("PR1", m.record, m.encounter, system, code, text, p.Time.String()), pathOf(seg)),
		Kind:    chart.Procedure, System: system, Code: code, Display: text, Effective: m.at(p.Time), Author: surgeon,
	}
	if p.Priority == "1" {
		f.Value = "principal"
	}
	f.Withdrawn = p.Action == "D"
	m.batch.AddFact(f)
}

func (m *mapping) allergy(seg hl7v2.Segment) {
	a, fault := hl7v2.ReadAL1(seg)
	m.x.fault(fault)
	system, code, text := coding(a.Code)
	if code == "" && text == "" {
		return
	}
	v := m.version(m.s.stableID("AL1", m.record, system, code, text), pathOf(seg))
	v.Encounter = "" // an allergy is the patient's, not the visit's
	m.batch.AddFact(chart.Fact{
		Version: v, Kind: chart.Allergy, System: system, Code: code, Display: text,
		Value: strings.Join(a.Reactions, "; "), Flag: cmp.Or(a.Severity.Text, a.Severity.Code),
		Status: cmp.Or(a.Type.Text, a.Type.Code), Effective: m.at(a.Identified),
	})
}

func (m *mapping) coverage(seg hl7v2.Segment) {
	in, fault := hl7v2.ReadIN1(seg)
	m.x.fault(fault)
	company := first(in.CompanyIDs).ID
	payer, plan := cmp.Or(in.CompanyName, company), cmp.Or(words(in.Plan), words(in.PlanType))
	if payer == "" && plan == "" && in.PolicyNumber == "" {
		return
	}
	v := m.version(m.s.stableID("IN1", m.record, payer, plan, in.PolicyNumber, in.GroupNumber), pathOf(seg))
	v.Encounter = ""
	priority := 0
	if len(in.SetID) == 1 && in.SetID[0] >= '1' && in.SetID[0] <= '9' {
		priority = int(in.SetID[0] - '0')
	}
	m.batch.AddCoverage(chart.Coverage{
		Version: v, Payer: payer, Plan: plan, Member: in.PolicyNumber, Group: cmp.Or(in.GroupNumber, in.GroupName),
		Priority: priority, From: dateOf(in.Effective), To: dateOf(in.Expiration), Relationship: words(in.Relationship),
	})
}

// coded maps a segment of which the coded field and, if at is not 0, the field
// with the time are used.
func (m *mapping) coded(seg hl7v2.Segment, kind chart.FactKind, field, at int) {
	c := seg.Field(field).CWE()
	system, code, text := coding(c)
	if code == "" && text == "" {
		return
	}
	f := chart.Fact{Kind: kind, System: system, Code: code, Display: text}
	when := ""
	if at > 0 {
		t, fault := seg.Field(at).Timestamp()
		m.x.fault(fault)
		if fault == nil {
			f.Effective, when = m.at(t), t.String()
		}
	}
	if kind == chart.Medication && seg.Is("RXE") {
		f.Value = strings.TrimSpace(seg.Field(3).String() + " " + seg.Field(5).CWE().Code)
	}
	f.Version = m.version(m.s.stableID(seg.Name(), m.record, m.encounter, system, code, text, when), pathOf(seg))
	if kind == chart.Allergy {
		f.Encounter = ""
	}
	m.batch.AddFact(f)
}

// orders maps results and reports; in a document message, the document.
func (m *mapping) orders(ctx context.Context, tx *gate.Tx, orders []hl7v2.Order) error {
	if txa := m.x.message.First("TXA"); txa.Present() {
		return m.document(ctx, tx, txa, orders)
	}
	for _, o := range orders {
		m.order(o)
	}
	return nil
}

func (m *mapping) order(o hl7v2.Order) {
	number := cmp.Or(o.OBR.Filler.ID, o.OBR.Placer.ID, o.ORC.Filler.ID, o.ORC.Placer.ID)
	if number == "" {
		number = m.x.id + pathOf(o.Segment)
	}
	seen := map[string]int{}
	var lines []string
	var from hl7v2.Segment
	for _, x := range o.Observations {
		switch x.Type {
		case "TX", "FT":
			if !from.Present() {
				from = x.Segment
			}
			lines = append(lines, x.Text())
			for _, n := range x.Notes {
				lines = append(lines, n.Comment)
			}
			continue
		case "ED":
			m.attachment(o, x, number)
			continue
		}
		system, code, text := coding(x.Code)
		if code == "" && text == "" {
			continue
		}
		which := code + "\x00" + text + "\x00" + x.SubID
		seen[which]++
		m.result(o, x, m.s.stableID("OBX", m.record, sender(m.x.header), number, system, which, itoa(seen[which])))
	}
	if text := strings.Join(lines, "\n"); strings.TrimSpace(text) != "" {
		m.report(o, from, number, text, plainText)
	}
}

func (m *mapping) result(o hl7v2.Order, x hl7v2.Observation, id string) {
	system, code, text := coding(x.Code)
	value := x.Text()
	if unit := cmp.Or(x.Units.Code, x.Units.Text); unit != "" && value != "" {
		value += " " + unit
	}
	var flags, notes []string
	for _, f := range x.Flags {
		if w := cmp.Or(f.Code, f.Text); w != "" {
			flags = append(flags, w)
		}
	}
	for _, n := range x.Notes {
		if n.Comment != "" {
			notes = append(notes, n.Comment)
		}
	}
	at := x.Time
	if at.IsZero() {
		at = o.OBR.Observed
	}
	f := chart.Fact{
		Version: m.version(id, pathOf(x.Segment)), Kind: chart.Result, System: system, Code: code, Display: text,
		Value: value, Range: x.Range, Flag: strings.Join(flags, " "), Status: resultStatus(cmp.Or(x.Status, o.OBR.Status)),
		Note:      chart.WithOrder(strings.Join(notes, "\n"), o.ORC.Placer.ID, o.OBR.Placer.ID, o.ORC.Filler.ID, o.OBR.Filler.ID),
		Effective: m.at(at), Author: m.author(first(x.Observers), ""),
	}
	f.Withdrawn = x.Status == "D" || x.Status == "W"
	m.batch.AddFact(f)
}

// resultStatus writes a status of table 0085 or 0123 in words.
func resultStatus(code string) string {
	switch code {
	case "F":
		return "final"
	case "P", "R", "S", "A", "I", "O":
		return "preliminary"
	case "C", "K":
		return "corrected"
	case "D", "W", "X":
		return cancelled
	}
	return code
}

// report is the document of an order: its text observations together.
func (m *mapping) report(o hl7v2.Order, from hl7v2.Segment, number, text, media string) {
	author := m.author(o.OBR.Interpreter, reporterRole(o.OBR.Section))
	at := o.OBR.Reported
	if at.IsZero() {
		at = o.OBR.Observed
	}
	signed := o.OBR.Status == "F" || o.OBR.Status == "C"
	_, _, title := coding(o.OBR.Service)
	d := chart.Document{
		Version: m.version(m.s.stableID("report", m.record, sender(m.x.header), number, media), pathOf(from)),
		Type:    reportType(o.OBR.Section, title), Title: title, Author: author, WrittenAt: m.at(at), Signed: signed,
		MediaType: media, Text: text,
	}
	if signed {
		d.SignedAt = m.at(at)
	}
	d.Withdrawn = o.OBR.Status == "X"
	m.batch.AddDocument(d)
}

// attachment is a document within an observation. Text becomes the document's
// text; of other types the document says what it is, and its bytes stay in the
// message.
func (m *mapping) attachment(o hl7v2.Order, x hl7v2.Observation, number string) {
	doc, data, ok := x.Document()
	if !ok {
		return
	}
	media := strings.ToLower(doc.Type + "/" + doc.Subtype)
	text := ""
	if isTextType(doc) {
		text, ok = textOf(data)
		if ok {
			media = plainText
		}
	}
	m.report(o, x.Segment, number+"\x00"+pathOf(x.Segment), text, media)
}

func isTextType(doc hl7v2.ED) bool {
	switch strings.ToUpper(doc.Type) {
	case "TEXT", "TX", "FT":
		return !strings.EqualFold(doc.Subtype, "RTF")
	}
	return strings.EqualFold(doc.Subtype, "TEXT") || strings.EqualFold(doc.Subtype, "PLAIN")
}

// reportType names a report by OBR-24 (table 0074) or by its title.
func reportType(section, title string) string {
	switch section {
	case "RAD", "RUS", "CTH", "NMR", "NMS", "XRC", "CUS", "MRI", "IMG":
		return radiologyReport
	case "PTH", "SP", "CP", "PAT", "CG":
		return pathologyReport
	case "EC", "CTC", "CUX", "VUS":
		return "cardiology report"
	case "LAB", "CH", "HM", "MB", "MCB", "SR", "BLB", "IMM", "VR", "TX":
		return "laboratory report"
	}
	return cmp.Or(documentType(strings.ToLower(title)), "report")
}

func reporterRole(section string) string {
	switch reportType(section, "") {
	case radiologyReport:
		return "radiologist"
	case pathologyReport:
		return "pathologist"
	}
	return ""
}

// coding reads a coded value: an alternate code stands in where there is no
// first one.
func coding(c hl7v2.CWE) (system, code, text string) {
	system, code = c.System, c.Code
	if code == "" {
		system, code = c.AltSystem, c.AltCode
	}
	return system, code, words(c)
}
