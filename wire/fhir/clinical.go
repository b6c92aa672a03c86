package fhir

// Medication is what three resource types say of a medication: that it was
// ordered (MedicationRequest), is taken (MedicationStatement) or was given
// (MedicationAdministration).
type Medication struct {
	Base
	Identifier []Identifier
	Status     string
	Intent     string // MedicationRequest: order, plan, ...
	Category   []CodeableConcept
	Code       CodeableConcept // medicationCodeableConcept, or the code of a contained Medication
	Drug       Reference       // medicationReference
	Subject    Reference
	Encounter  Reference
	Date       DateTime // authoredOn, effective, or its start
	Period     Period   // effectivePeriod
	Asserted   DateTime // MedicationStatement.dateAsserted
	Who        []Reference
	Reason     []CodeableConcept
	ReasonRef  []Reference
	Dosage     []Dosage
	Note       []Annotation
}

// Dosage is how a medication is to be taken, or was.
type Dosage struct {
	Text       string
	PatientUse string // patientInstruction
	AsNeeded   *bool
	Route      CodeableConcept
	Dose       Quantity
}

func (r *reading) dosage(c cursor) Dosage {
	d := Dosage{
		Text: r.str(c.get("text")), PatientUse: r.str(c.get("patientInstruction")),
		AsNeeded: r.flag(c.get("asNeededBoolean")), Route: r.concept(c.get("route")),
		Dose: r.quantity(c.get("dose")),
	}
	for rate := range c.get("doseAndRate").items() {
		d.Dose = r.quantity(rate.get("doseQuantity"))
		break
	}
	return d
}

// Medication reads a MedicationRequest, MedicationStatement or
// MedicationAdministration.
func (r *Resource) Medication() (Medication, error) {
	c, read := r.root, &reading{}
	m := Medication{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Code: read.concept(c.get("medicationCodeableConcept")), Drug: read.reference(c.get("medicationReference")),
		Subject: read.reference(c.get("subject")), Encounter: read.genericEncounter(c),
		Period: read.period(c.get("effectivePeriod")),
		Reason: read.concepts(c.get("reasonCode")), ReasonRef: read.references(c.get("reasonReference")),
		Note: list(read, c.get("note"), (*reading).annotation),
	}
	switch r.Type {
	case "MedicationRequest":
		m.Intent, m.Date = read.str(c.get("intent")), read.date(c.get("authoredOn"))
		m.Category = read.concepts(c.get("category"))
		m.Who = one(read.reference(c.get("requester")))
		m.Dosage = list(read, c.get("dosageInstruction"), (*reading).dosage)
	case "MedicationStatement":
		m.Date, m.Asserted = read.date(c.get("effectiveDateTime")), read.date(c.get("dateAsserted"))
		m.Who = one(read.reference(c.get("informationSource")))
		m.Dosage = list(read, c.get("dosage"), (*reading).dosage)
	case "MedicationAdministration":
		m.Date = read.date(c.get("effectiveDateTime"))
		for _, p := range list(read, c.get("performer"), (*reading).performer) {
			m.Who = append(m.Who, p.Actor)
		}
		if d := c.get("dosage"); d.kind() != absent {
			m.Dosage = []Dosage{read.dosage(d)}
		}
	default:
		return Medication{}, r.root.d.errorAt(int(r.root.d.nodes[r.root.i].start), "", "resource is not about a medication")
	}
	if m.Date.IsZero() {
		m.Date = m.Period.Start
	}
	read.containedDrug(c, &m)
	return m, read.err()
}

// containedDrug takes the code from a contained Medication that is referred to.
func (r *reading) containedDrug(c cursor, m *Medication) {
	t, err := m.Drug.Target()
	if err != nil || t.Kind != Contained || !m.Code.IsZero() {
		return
	}
	for item := range c.get("contained").items() {
		if r.str(item.get("id")) == t.ID {
			m.Code = r.concept(item.get("code"))
		}
	}
}

// one returns a reference as a list, empty if it is none.
func one(ref Reference) []Reference {
	if ref.IsZero() {
		return nil
	}
	return []Reference{ref}
}

// AllergyIntolerance is an allergy or intolerance, or the statement that there
// is none.
type AllergyIntolerance struct {
	Base
	Identifier         []Identifier
	ClinicalStatus     CodeableConcept
	VerificationStatus CodeableConcept
	Type               string
	Category           []string
	Criticality        string
	Code               CodeableConcept
	Patient            Reference
	Encounter          Reference
	Onset              DateTime
	Recorded           DateTime
	Reaction           []Reaction
	Note               []Annotation
}

// Reaction is what happened on exposure.
type Reaction struct {
	Substance     CodeableConcept
	Manifestation []CodeableConcept
	Severity      string
}

// AllergyIntolerance reads an AllergyIntolerance.
func (r *Resource) AllergyIntolerance() (AllergyIntolerance, error) {
	c, read, err := r.begin("AllergyIntolerance")
	if err != nil {
		return AllergyIntolerance{}, err
	}
	a := AllergyIntolerance{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")),
		ClinicalStatus: read.concept(c.get("clinicalStatus")), VerificationStatus: read.concept(c.get("verificationStatus")),
		Type: read.str(c.get("type")), Category: read.strings(c.get("category")), Criticality: read.str(c.get("criticality")),
		Code: read.concept(c.get("code")), Patient: read.reference(c.get("patient")),
		Encounter: read.reference(c.get("encounter")), Onset: read.date(c.get("onsetDateTime")),
		Recorded: read.date(c.get("recordedDate")), Note: list(read, c.get("note"), (*reading).annotation),
		Reaction: list(read, c.get("reaction"), func(r *reading, c cursor) Reaction {
			return Reaction{
				Substance: r.concept(c.get("substance")), Manifestation: r.concepts(c.get("manifestation")),
				Severity: r.str(c.get("severity")),
			}
		}),
	}
	return a, read.err()
}

// Immunization is a vaccination, or the record that it was not done.
type Immunization struct {
	Base
	Identifier     []Identifier
	Status         string
	StatusReason   CodeableConcept
	Code           CodeableConcept // vaccineCode
	Patient        Reference
	Encounter      Reference
	Occurrence     DateTime
	OccurrenceText string
	PrimarySource  *bool
	LotNumber      string
	Site, Route    CodeableConcept
	Dose           Quantity
	Performer      []Performer
	Note           []Annotation
}

// Immunization reads an Immunization.
func (r *Resource) Immunization() (Immunization, error) {
	c, read, err := r.begin("Immunization")
	if err != nil {
		return Immunization{}, err
	}
	v := Immunization{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		StatusReason: read.concept(c.get("statusReason")), Code: read.concept(c.get("vaccineCode")),
		Patient: read.reference(c.get("patient")), Encounter: read.reference(c.get("encounter")),
		Occurrence: read.date(c.get("occurrenceDateTime")), OccurrenceText: read.str(c.get("occurrenceString")),
		PrimarySource: read.flag(c.get("primarySource")), LotNumber: read.str(c.get("lotNumber")),
		Site: read.concept(c.get("site")), Route: read.concept(c.get("route")), Dose: read.quantity(c.get("doseQuantity")),
		Performer: list(read, c.get("performer"), (*reading).performer),
		Note:      list(read, c.get("note"), (*reading).annotation),
	}
	return v, read.err()
}

// Value is the value[x] of an observation or component: at most one of its
// members was given.
type Value struct {
	Quantity Quantity
	Concept  CodeableConcept
	Text     string // valueString, valueTime
	Boolean  *bool
	Integer  Decimal
	Date     DateTime
	Period   Period
	Other    string // valueRange, valueRatio, valueSampledData: the JSON
}

// String returns the value as people read it.
func (v Value) String() string {
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
		return string(v.Integer)
	case !v.Date.IsZero():
		return v.Date.String()
	case !v.Period.IsZero():
		return v.Period.Start.String() + " - " + v.Period.End.String()
	}
	return v.Other
}

func (r *reading) value(c cursor) Value {
	v := Value{
		Quantity: r.quantity(c.get("valueQuantity")), Concept: r.concept(c.get("valueCodeableConcept")),
		Text: r.str(c.get("valueString")), Boolean: r.flag(c.get("valueBoolean")),
		Integer: r.decimal(c.get("valueInteger")), Date: r.date(c.get("valueDateTime")), Period: r.period(c.get("valuePeriod")),
	}
	if v.Text == "" {
		v.Text = r.str(c.get("valueTime"))
	}
	for _, name := range [...]string{"valueRange", "valueRatio", "valueSampledData"} {
		if o := c.get(name); o.kind() == object {
			v.Other = o.raw()
		}
	}
	return v
}

// Observation is a measurement, finding or answer.
type Observation struct {
	Base
	Identifier      []Identifier
	Status          string
	Category        []CodeableConcept
	Code            CodeableConcept
	Subject         Reference
	Encounter       Reference
	Effective       DateTime // or start of EffectivePeriod
	EffectivePeriod Period
	Issued          DateTime
	Performer       []Reference
	Value           Value
	AbsentReason    CodeableConcept
	Interpretation  []CodeableConcept
	BodySite        CodeableConcept
	Method          CodeableConcept
	ReferenceRange  []ReferenceRange
	Member          []Reference
	DerivedFrom     []Reference
	Component       []ObservationComponent
	Note            []Annotation
}

// ReferenceRange is what is usual.
type ReferenceRange struct {
	Low, High Quantity
	Text      string
}

// ObservationComponent is one of several values of an observation.
type ObservationComponent struct {
	Code           CodeableConcept
	Value          Value
	AbsentReason   CodeableConcept
	Interpretation []CodeableConcept
}

// Observation reads an Observation.
func (r *Resource) Observation() (Observation, error) {
	c, read, err := r.begin("Observation")
	if err != nil {
		return Observation{}, err
	}
	o := Observation{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Category: read.concepts(c.get("category")), Code: read.concept(c.get("code")),
		Subject: read.reference(c.get("subject")), Encounter: read.reference(c.get("encounter")),
		Effective: read.date(c.get("effectiveDateTime")), EffectivePeriod: read.period(c.get("effectivePeriod")),
		Issued: read.date(c.get("issued")), Performer: read.references(c.get("performer")), Value: read.value(c),
		AbsentReason: read.concept(c.get("dataAbsentReason")), Interpretation: read.concepts(c.get("interpretation")),
		BodySite: read.concept(c.get("bodySite")), Method: read.concept(c.get("method")),
		ReferenceRange: list(read, c.get("referenceRange"), func(r *reading, c cursor) ReferenceRange {
			return ReferenceRange{Low: r.quantity(c.get("low")), High: r.quantity(c.get("high")), Text: r.str(c.get("text"))}
		}),
		Member: read.references(c.get("hasMember")), DerivedFrom: read.references(c.get("derivedFrom")),
		Component: list(read, c.get("component"), func(r *reading, c cursor) ObservationComponent {
			return ObservationComponent{
				Code: r.concept(c.get("code")), Value: r.value(c), AbsentReason: r.concept(c.get("dataAbsentReason")),
				Interpretation: r.concepts(c.get("interpretation")),
			}
		}),
		Note: list(read, c.get("note"), (*reading).annotation),
	}
	if o.Effective.IsZero() {
		o.Effective = read.date(c.get("effectiveInstant"))
	}
	if o.Effective.IsZero() {
		o.Effective = o.EffectivePeriod.Start
	}
	return o, read.err()
}
