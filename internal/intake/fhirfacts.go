package intake

import (
	"cmp"
	"strings"

	"chartroom/internal/chart"
	"chartroom/wire/fhir"
)

// code picks the coding a fact is known by: a code system that claims are coded
// in before others, else the first.
func code(c fhir.CodeableConcept) (system, value, display string) {
	pick := fhir.Coding{}
	for i, coding := range c.Coding {
		if i == 0 || claimSystem(coding.System) && !claimSystem(pick.System) {
			pick = coding
		}
	}
	return pick.System, pick.Code, cmp.Or(c.Text, pick.Display, c.Words())
}

func claimSystem(system string) bool {
	return strings.Contains(system, "icd-10") || strings.Contains(system, "/cpt") || strings.Contains(system, "hcpcs")
}

// withdrawn reports a status that takes a resource back.
func withdrawn(status string) bool { return status == "entered-in-error" }

func notes(all []fhir.Annotation) string {
	var out []string
	for _, n := range all {
		if n.Text != "" {
			out = append(out, n.Text)
		}
	}
	return strings.Join(out, "\n")
}

// addFact adds a fact, under the department if its subject is no patient.
func (m *fhirMapping) addFact(f chart.Fact, r *fhir.Resource) error {
	if f.Record == "" {
		return m.other(r)
	}
	m.u.batch.AddFact(f)
	return nil
}

func (m *fhirMapping) condition(r *fhir.Resource) error {
	c, err := r.Condition()
	if err != nil {
		return err
	}
	v, err := m.version(c.Subject, c.Encounter)
	if err != nil {
		return err
	}
	f := chart.Fact{Version: v, Kind: chart.Diagnosis, Note: notes(c.Note)}
	f.System, f.Code, f.Display = code(c.Code)
	var status []string
	for _, s := range []fhir.CodeableConcept{c.ClinicalStatus, c.VerificationStatus} {
		if len(s.Coding) > 0 {
			status = append(status, s.Coding[0].Code)
			f.Withdrawn = f.Withdrawn || withdrawn(s.Coding[0].Code)
		}
	}
	f.Status = strings.Join(status, ", ")
	f.Effective, f.Ended = m.time(c.Onset), m.time(c.Abatement)
	if c.Onset.IsZero() {
		f.Effective = m.time(c.OnsetPeriod.Start)
	}
	if f.Effective.IsZero() {
		f.Effective = m.time(c.Recorded)
	}
	f.Author = m.author(firstRef(c.Asserter, c.Recorder), "")
	return m.addFact(f, r)
}

func firstRef(refs ...fhir.Reference) fhir.Reference {
	for _, r := range refs {
		if !r.IsZero() {
			return r
		}
	}
	return fhir.Reference{}
}

func (m *fhirMapping) procedure(r *fhir.Resource) error {
	p, err := r.Procedure()
	if err != nil {
		return err
	}
	v, err := m.version(p.Subject, p.Encounter)
	if err != nil {
		return err
	}
	v.Withdrawn = withdrawn(p.Status)
	f := chart.Fact{Version: v, Kind: chart.Procedure, Status: p.Status, Note: notes(p.Note)}
	f.System, f.Code, f.Display = code(p.Code)
	f.Effective, f.Ended = m.time(p.Performed), m.time(p.PerformedPeriod.End)
	if p.Performed.IsZero() {
		f.Effective = m.time(p.PerformedPeriod.Start)
	}
	if len(p.Performer) > 0 {
		f.Author = m.author(p.Performer[0].Actor, strings.ToLower(p.Performer[0].Function.Words()))
	}
	return m.addFact(f, r)
}

func (m *fhirMapping) observation(r *fhir.Resource) error {
	o, err := r.Observation()
	if err != nil {
		return err
	}
	v, err := m.version(o.Subject, o.Encounter)
	if err != nil {
		return err
	}
	v.Withdrawn = withdrawn(o.Status)
	f := chart.Fact{Version: v, Kind: chart.Result, Status: o.Status, Value: valueText(o.Value), Note: m.ordered(notes(o.Note), r)}
	f.System, f.Code, f.Display = code(o.Code)
	if f.Value == "" && !o.AbsentReason.IsZero() {
		f.Value = "absent: " + o.AbsentReason.Words()
	}
	var parts []string
	for _, c := range o.Component {
		parts = append(parts, c.Code.Words()+": "+cmp.Or(valueText(c.Value), c.AbsentReason.Words()))
	}
	if len(parts) > 0 {
		if f.Value != "" {
			parts = append([]string{f.Value}, parts...)
		}
		f.Value = strings.Join(parts, "; ")
	}
	f.Range = rangeText(o.ReferenceRange)
	var flags []string
	for _, c := range o.Interpretation {
		if len(c.Coding) > 0 && c.Coding[0].Code != "" {
			flags = append(flags, c.Coding[0].Code)
		} else if w := c.Words(); w != "" {
			flags = append(flags, w)
		}
	}
	f.Flag = strings.Join(flags, " ")
	f.Effective, f.Ended = m.time(o.Effective), m.time(o.EffectivePeriod.End)
	if f.Effective.IsZero() {
		f.Effective = m.time(o.Issued)
	}
	if len(o.Performer) > 0 {
		f.Author = m.author(o.Performer[0], "")
	}
	return m.addFact(f, r)
}

func valueText(v fhir.Value) string {
	switch {
	case !v.Quantity.IsZero():
		return v.Quantity.String()
	case !v.Concept.IsZero():
		return v.Concept.Words()
	case v.Text != "":
		return v.Text
	case v.Boolean != nil && *v.Boolean:
		return "yes"
	case v.Boolean != nil:
		return "no"
	case v.Integer != "":
		return v.Integer.String()
	case !v.Date.IsZero():
		return v.Date.String()
	case !v.Period.IsZero():
		return v.Period.Start.String() + " to " + v.Period.End.String()
	}
	return v.Other
}

func rangeText(ranges []fhir.ReferenceRange) string {
	var out []string
	for _, r := range ranges {
		switch {
		case r.Text != "":
			out = append(out, r.Text)
		case !r.Low.IsZero() && !r.High.IsZero():
			out = append(out, r.Low.Value.String()+" - "+r.High.String())
		case !r.Low.IsZero():
			out = append(out, ">= "+r.Low.String())
		case !r.High.IsZero():
			out = append(out, "<= "+r.High.String())
		}
	}
	return strings.Join(out, "; ")
}

func (m *fhirMapping) medication(r *fhir.Resource) error {
	d, err := r.Medication()
	if err != nil {
		return err
	}
	v, err := m.version(d.Subject, d.Encounter)
	if err != nil {
		return err
	}
	v.Withdrawn = withdrawn(d.Status)
	f := chart.Fact{Version: v, Kind: chart.Medication, Status: d.Status, Note: notes(d.Note)}
	f.System, f.Code, f.Display = code(d.Code)
	if f.Display == "" {
		f.Display = cmp.Or(d.Drug.Display, m.name(d.Drug), "medication "+d.Drug.Reference)
	}
	var doses []string
	for _, dose := range d.Dosage {
		text := cmp.Or(dose.Text, strings.TrimSpace(dose.Dose.String()+" "+dose.Route.Words()))
		if text != "" {
			doses = append(doses, text)
		}
	}
	f.Value = strings.Join(doses, "; ")
	f.Effective, f.Ended = m.time(d.Date), m.time(d.Period.End)
	if f.Effective.IsZero() {
		f.Effective = m.time(d.Asserted)
	}
	if len(d.Who) > 0 {
		f.Author = m.author(d.Who[0], "")
	}
	return m.addFact(f, r)
}

func (m *fhirMapping) allergy(r *fhir.Resource) error {
	a, err := r.AllergyIntolerance()
	if err != nil {
		return err
	}
	v, err := m.version(a.Patient, fhir.Reference{})
	if err != nil {
		return err
	}
	f := chart.Fact{Version: v, Kind: chart.Allergy, Flag: a.Criticality, Note: notes(a.Note)}
	f.System, f.Code, f.Display = code(a.Code)
	for _, s := range []fhir.CodeableConcept{a.ClinicalStatus, a.VerificationStatus} {
		if len(s.Coding) > 0 {
			f.Status = cmp.Or(f.Status, s.Coding[0].Code)
			f.Withdrawn = f.Withdrawn || withdrawn(s.Coding[0].Code)
		}
	}
	var reactions []string
	for _, reaction := range a.Reaction {
		for _, what := range reaction.Manifestation {
			reactions = append(reactions, what.Words())
		}
	}
	f.Value = strings.Join(reactions, "; ")
	f.Effective = m.time(a.Onset)
	if f.Effective.IsZero() {
		f.Effective = m.time(a.Recorded)
	}
	return m.addFact(f, r)
}

func (m *fhirMapping) immunization(r *fhir.Resource) error {
	i, err := r.Immunization()
	if err != nil {
		return err
	}
	v, err := m.version(i.Patient, i.Encounter)
	if err != nil {
		return err
	}
	v.Withdrawn = withdrawn(i.Status)
	f := chart.Fact{Version: v, Kind: chart.Immunization, Status: i.Status, Value: i.Dose.String(), Note: notes(i.Note)}
	f.System, f.Code, f.Display = code(i.Code)
	f.Effective = m.time(i.Occurrence)
	if len(i.Performer) > 0 {
		f.Author = m.author(i.Performer[0].Actor, "")
	}
	return m.addFact(f, r)
}

func (m *fhirMapping) coverage(r *fhir.Resource) error {
	c, err := r.Coverage()
	if err != nil {
		return err
	}
	v, err := m.version(c.Beneficiary, fhir.Reference{})
	if err != nil {
		return err
	}
	if v.Record == "" {
		return m.other(r)
	}
	v.Withdrawn = withdrawn(c.Status)
	out := chart.Coverage{
		Version: v, Plan: c.Type.Words(), Member: c.SubscriberID, Priority: c.Order, Relationship: c.Relationship.Words(),
		From: day(c.Period.Start), To: day(c.Period.End),
	}
	for _, p := range c.Payor {
		out.Payer = cmp.Or(out.Payer, p.Display, m.name(p))
	}
	for _, class := range c.Class {
		for _, coding := range class.Type.Coding {
			switch coding.Code {
			case "group":
				out.Group = class.Value
			case "plan":
				out.Plan = cmp.Or(class.Name, class.Value, out.Plan)
			}
		}
	}
	if out.Member == "" && len(c.Identifier) > 0 {
		out.Member = c.Identifier[0].Value
	}
	m.u.batch.AddCoverage(out)
	return nil
}

// day writes the day of a time, as far as it is known.
func day(t fhir.DateTime) string {
	s := t.String()
	return s[:min(len(s), len("2006-01-02"))]
}

// other keeps a resource that is not understood further: what it is, its code
// and when. Its bytes stay in the message.
func (m *fhirMapping) other(r *fhir.Resource) error {
	g, err := r.Generic()
	if err != nil {
		return err
	}
	v := chart.Version{ID: m.id(), Source: chart.Source{Message: m.u.id, Path: m.path}}
	if !g.Subject.IsZero() {
		// A subject that cannot be found keeps the resource out of any record.
		if v, err = m.version(g.Subject, g.Encounter); err != nil {
			return err
		}
	}
	v.Withdrawn = withdrawn(g.Status)
	f := chart.Fact{Version: v, Kind: chart.Other, Status: g.Status, Effective: m.time(g.Date), Ended: m.time(g.Period.End)}
	f.System, f.Code, f.Display = code(g.Code)
	what := f.Display
	f.Display = r.Type
	if what != "" {
		f.Display += ": " + what
	}
	if v.Record == "" {
		f.Encounter = ""
	}
	m.u.batch.AddFact(f)
	return nil
}

// directory keeps who and where things were done: under the department, and by
// name for the rest of the message.
func (m *fhirMapping) directory(r *fhir.Resource) error {
	entry, err := m.directoryEntry(r)
	if err != nil {
		return err
	}
	m.u.names[m.self] = entry
	m.u.batch.AddFact(chart.Fact{
		Version: chart.Version{ID: m.id(), Source: chart.Source{Message: m.u.id, Path: m.path}},
		Kind:    chart.Other, Display: r.Type + ": " + entry.Name,
	})
	return nil
}

func (m *fhirMapping) directoryEntry(r *fhir.Resource) (chart.Author, error) {
	switch r.Type {
	case "Practitioner":
		p, err := r.Practitioner()
		entry := chart.Author{ID: npi(p.Identifier)}
		if len(p.Name) > 0 {
			entry.Name = p.Name[0].String()
		}
		return entry, err
	case "Organization":
		o, err := r.Organization()
		return chart.Author{Name: o.Name}, err
	case "Location":
		l, err := r.Location()
		return chart.Author{Name: l.Name}, err
	}
	p, err := r.PractitionerRole()
	entry := m.named(p.Practitioner)
	entry.Name = cmp.Or(p.Practitioner.Display, entry.Name)
	entry.ID = cmp.Or(npi(p.Identifier), entry.ID)
	if len(p.Code) > 0 {
		entry.Role = strings.ToLower(p.Code[0].Words())
	}
	return entry, err
}

// npi is the National Provider Identifier among a practitioner's numbers, by
// which staff and authors are matched; "" if there is none.
func npi(numbers []fhir.Identifier) string {
	for _, n := range numbers {
		if n.System == fhir.SystemNPI {
			return n.Value
		}
	}
	return ""
}
