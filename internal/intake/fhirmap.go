package intake

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/identity"
	"chartroom/wire/fhir"
)

// fhirMapping turns one resource into facts.
type fhirMapping struct {
	s     *Service
	u     *unit
	path  string
	scope string
	self  string // name of the resource, for references to it
	url   string // fullUrl of its entry
	typ   string
}

func asError[T error](err error, target *T) bool { return errors.As(err, target) }

// resource maps an entry's resource by its type. A type that is not understood
// further is kept and shown as what it says of itself.
func (m *fhirMapping) resource(e *fhir.Entry) error {
	r := e.Resource
	m.typ, m.url = r.Type, e.FullURL
	switch {
	case strings.HasPrefix(e.FullURL, "urn:"): // what the rest of the bundle calls it
		m.self = targetName(m.scope, fhir.Target{Kind: fhir.URN, URL: e.FullURL}, r.Type)
	case r.ID != "":
		m.self = refName(m.scope, r.Type, r.ID)
	default:
		m.self = m.u.id + "\x00" + m.path // has no name: nothing can refer to it
	}
	switch r.Type {
	case "Patient":
		return m.patient(r)
	case "Encounter":
		return m.encounter(r)
	case "Condition":
		return m.condition(r)
	case "Procedure":
		return m.procedure(r)
	case "Observation":
		return m.observation(r)
	case "DiagnosticReport":
		return m.report(r)
	case "DocumentReference":
		return m.documentReference(r)
	case "Composition":
		return m.composition(r)
	case "MedicationRequest", "MedicationStatement", "MedicationAdministration":
		return m.medication(r)
	case "AllergyIntolerance":
		return m.allergy(r)
	case "Immunization":
		return m.immunization(r)
	case "Coverage":
		return m.coverage(r)
	case "ServiceRequest":
		return m.order(r)
	case "Practitioner", "Organization", "Location", "PractitionerRole":
		return m.directory(r)
	}
	return m.unmapped(r)
}

// unmapped keeps a resource of a type that is not understood further.
func (m *fhirMapping) unmapped(r *fhir.Resource) error {
	if !resourceTypes[r.Type] {
		return problemf("it is no resource type of FHIR")
	}
	return m.other(r)
}

// id is the id of the fact that the resource becomes.
func (m *fhirMapping) id() string { return m.s.stableID("fhir", m.typ, m.self) }

// version heads a fact about the subject, within the encounter if it has one.
func (m *fhirMapping) version(subject, encounter fhir.Reference) (chart.Version, error) {
	v := chart.Version{ID: m.id(), Source: chart.Source{Message: m.u.id, Path: m.path}}
	if subject.IsZero() {
		return v, problemf("%s names no patient", m.typ)
	}
	record, err := m.record(subject)
	if err != nil {
		return v, err
	}
	v.Record = record
	if !encounter.IsZero() {
		t, err := encounter.Target()
		if err != nil {
			return v, problemf("%s: the reference to its encounter cannot be read", m.typ)
		}
		if name := targetName(m.scope, t, "Encounter"); name != "" {
			v.Encounter = m.s.stableID("fhir", "Encounter", name)
		}
	}
	return v, nil
}

// record gives the placeholder of the patient that a reference points to, and
// notes what the record is known by. "" with no error is a subject that is no
// patient: a group, a device, a place.
func (m *fhirMapping) record(ref fhir.Reference) (string, error) {
	t, err := ref.Target()
	if err != nil {
		return "", problemf("%s: the reference to its patient cannot be read", m.typ)
	}
	switch t.Kind {
	case fhir.Conditional, fhir.Logical:
		if t.Type != "" && t.Type != "Patient" {
			return "", nil
		}
		if t.Value == "" {
			return "", problemf("%s: the reference to its patient names no identifier", m.typ)
		}
		placeholder := "id\x00" + t.System + "\x00" + t.Value
		m.u.refs[placeholder] = []identity.Key{{Kind: "id", Assigner: t.System, Value: t.Value}, {Kind: "MR", Assigner: t.System, Value: t.Value}}
		return placeholder, nil
	case fhir.Contained:
		return "", problemf("%s: a patient that is contained in another resource is not taken in", m.typ)
	case fhir.NoTarget:
		return "", problemf("%s names no patient", m.typ)
	case fhir.Relative, fhir.Absolute:
		if t.Type != "Patient" && t.Type != "" {
			return "", nil
		}
	default:
	}
	name := targetName(m.scope, t, "Patient")
	if name == "" {
		return "", problemf("%s: the reference to its patient names no resource", m.typ)
	}
	m.u.refs[name] = []identity.Key{fhirKey(name)}
	if t.ID != "" && !globalID(t.ID) {
		m.u.ids[name] = t.ID
	}
	return name, nil
}

func fhirKey(name string) identity.Key { return identity.Key{Kind: "fhir", Value: name} }

func (m *fhirMapping) patient(r *fhir.Resource) error {
	p, err := r.Patient()
	if err != nil {
		return err
	}
	in := incoming{placeholder: m.self, id: r.ID, path: m.path, keys: []identity.Key{fhirKey(m.self)}}
	if r.ID != "" && refName(m.scope, r.Type, r.ID) != m.self {
		in.keys = append(in.keys, fhirKey(refName(m.scope, r.Type, r.ID)))
	}
	out := chart.Patient{
		Version:   chart.Version{Record: m.self, Source: chart.Source{Message: m.u.id, Path: m.path}},
		BirthDate: p.BirthDate.String(), Sex: p.Gender, Language: p.Language,
		Marital: p.MaritalStatus.Words(), Race: p.Race, Ethnicity: p.Ethnicity,
	}
	out.Deceased = deceased(p)
	for i, n := range p.Name {
		if i == 0 {
			out.Name = humanName(n)
		} else {
			out.Aliases = append(out.Aliases, humanName(n))
		}
	}
	for _, id := range p.Identifier {
		if id.Value == "" {
			continue
		}
		n := identifier(id)
		out.Identifiers = append(out.Identifiers, n)
		switch {
		case n.Kind == "MR":
			in.keys = append(in.keys, identity.Key{Kind: "MR", Assigner: n.Assigner, Value: n.Value})
		case n.Kind == "" && id.System != "":
			in.keys = append(in.keys, identity.Key{Kind: "id", Assigner: id.System, Value: n.Value})
		}
	}
	reached(&out, p)
	in.name, in.birth = out.Name, out.BirthDate
	if err := m.links(p); err != nil {
		return err
	}
	m.u.patients = append(m.u.patients, in)
	m.u.refs[m.self] = in.keys
	m.u.batch.AddPatient(out)
	return nil
}

// deceased is the day of death, as far as it is known.
func deceased(p fhir.Patient) string {
	at := day(p.DeceasedAt)
	if at == "" && p.Deceased != nil && *p.Deceased {
		return chart.DiedUnknown
	}
	return at
}

func identifier(id fhir.Identifier) chart.Identifier {
	n := chart.Identifier{Kind: idKind(id.TypeCode()), Assigner: id.System, Value: id.Value}
	if n.Kind == "" && strings.HasSuffix(id.System, "/us-ssn") {
		n.Kind = "SS"
	}
	if n.Assigner == "" && id.Assigner != nil {
		n.Assigner = id.Assigner.Display
	}
	return n
}

// reached reads where a patient can be reached.
func reached(out *chart.Patient, p fhir.Patient) {
	for _, t := range p.Telecom {
		switch {
		case t.System == "email":
			out.Email = cmp.Or(out.Email, t.Value)
		case t.Value != "":
			out.Phones = append(out.Phones, t.Value)
		}
	}
	for _, a := range p.Address {
		out.Address = append(out.Address, chart.Address{
			Line: a.Line, City: a.City, State: a.State, Postcode: a.PostalCode, Country: a.Country,
		})
	}
}

func humanName(n fhir.HumanName) chart.Name {
	out := chart.Name{Family: n.Family, Prefix: strings.Join(n.Prefix, " "), Suffix: strings.Join(n.Suffix, " ")}
	if len(n.Given) > 0 {
		out.Given = n.Given[0]
		out.Middle = strings.Join(n.Given[1:], " ")
	}
	if out.Family == "" && out.Given == "" {
		out.Family = n.Text
	}
	return out
}

func (m *fhirMapping) encounter(r *fhir.Resource) error {
	e, err := r.Encounter()
	if err != nil {
		return err
	}
	v, err := m.version(e.Subject, fhir.Reference{})
	if err != nil {
		return err
	}
	if v.Record == "" {
		return m.other(r)
	}
	status, withdrawn := encounterStatus(e.Status)
	v.Withdrawn = withdrawn
	out := chart.Encounter{
		Version: v, Setting: classSetting(e.Class.Code), Status: status, Service: e.ServiceType.Words(),
		Start: m.time(e.Period.Start), End: m.time(e.Period.End), Zone: m.s.config.Zone.String(),
		Disposition: disposition(e.Hospitalization.DischargeDisposition),
	}
	for _, id := range e.Identifier {
		if code := id.TypeCode(); code == "VN" || code == "AN" || out.Number == "" && !globalID(id.Value) {
			out.Number = id.Value
		}
	}
	if out.Service == "" && len(e.Type) > 0 {
		out.Service = e.Type[0].Words()
	}
	for _, l := range e.Location {
		out.Unit = cmp.Or(l.Location.Display, m.name(l.Location))
	}
	if out.Unit == "" {
		out.Unit = cmp.Or(e.ServiceProvider.Display, m.name(e.ServiceProvider))
	}
	for _, p := range e.Participant {
		role := participantRole(p.Type)
		if out.Attending == (chart.Author{}) || role == "attending" {
			out.Attending = m.author(p.Individual, role)
		}
	}
	var reasons []string
	for _, c := range e.ReasonCode {
		reasons = append(reasons, c.Words())
	}
	out.ReasonText = strings.Join(reasons, "; ")
	m.u.batch.AddEncounter(out)
	return nil
}

// encounterStatus maps the status of an Encounter (FHIR R4, encounter-status).
func encounterStatus(status string) (string, bool) {
	switch status {
	case planned:
		return planned, false
	case "arrived", "triaged", inProgress, "onleave":
		return inProgress, false
	case cancelled:
		return cancelled, false
	case "entered-in-error":
		return cancelled, true
	}
	return finished, false
}

// classSetting maps Encounter.class (HL7 v3 ActCode, ActEncounterCode). That
// system cannot tell a professional's visit from a hospital's, or a nursing
// facility's stay from another; a sender that can says our own word.
func classSetting(code string) chart.Setting {
	switch s := chart.Setting(code); s {
	case chart.Inpatient, chart.Outpatient, chart.Emergency, chart.Professional, chart.NursingFacility:
		return s
	}
	switch code {
	case "IMP", "ACUTE", "NONAC", "SS":
		return chart.Inpatient
	case "EMER":
		return chart.Emergency
	}
	return chart.Outpatient
}

func participantRole(types []fhir.CodeableConcept) string {
	for _, t := range types {
		for _, c := range t.Coding {
			switch c.Code {
			case "ATND", "PPRF":
				return "attending"
			case "ADM":
				return "admitting"
			case "CON":
				return "consulting"
			case "REF":
				return "referring"
			}
		}
	}
	return ""
}

// disposition maps FHIR's discharge-disposition codes to the patient discharge
// status of the UB-04 (FL 17); a code of two digits is one already.
func disposition(c fhir.CodeableConcept) string {
	codes := map[string]string{
		"home": "01", "snf": "03", "aama": "07", "exp": "20", "hosp": "50", "rehab": "62", "long": "63", "psy": "65",
		"alt-home": "01", "other-hcf": "70",
	}
	for _, coding := range c.Coding {
		if len(coding.Code) == 2 && coding.Code[0] >= '0' && coding.Code[0] <= '9' {
			return coding.Code
		}
		if ub := codes[coding.Code]; ub != "" {
			return ub
		}
	}
	return ""
}

func (m *fhirMapping) time(t fhir.DateTime) time.Time { return t.In(m.s.config.Zone) }

// author reads who a reference points to. role is what the place of the
// reference says they did; where it says nothing, the role they work in counts.
func (m *fhirMapping) author(ref fhir.Reference, role string) chart.Author {
	if ref.IsZero() {
		return chart.Author{}
	}
	known := m.named(ref)
	a := chart.Author{ID: known.ID, Name: cmp.Or(ref.Display, known.Name), Role: cmp.Or(role, known.Role)}
	t, err := ref.Target()
	switch {
	case err != nil || a.ID != "":
	case t.Value != "":
		a.ID = t.Value
	case t.ID != "":
		a.ID = t.ID
	default:
		a.ID = strings.TrimPrefix(t.URL, "urn:uuid:")
	}
	return a
}

// name is the name of a practitioner, organization or location of the same
// message that a reference points to.
func (m *fhirMapping) name(ref fhir.Reference) string { return m.named(ref).Name }

// named is what the message says of the practitioner or place that a reference
// points to; zero if nothing.
func (m *fhirMapping) named(ref fhir.Reference) chart.Author {
	if len(m.u.names) == 0 || ref.IsZero() {
		return chart.Author{}
	}
	t, err := ref.Target()
	if err != nil {
		return chart.Author{}
	}
	for _, typ := range []string{"Practitioner", "Organization", "Location", "PractitionerRole"} {
		if entry, ok := m.u.names[targetName(m.scope, t, typ)]; ok {
			return entry
		}
	}
	return chart.Author{}
}
