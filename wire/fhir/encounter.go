package fhir

// Encounter is a visit or stay.
type Encounter struct {
	Base
	Identifier      []Identifier           `json:"identifier,omitempty"`
	Status          string                 `json:"status"` // planned, arrived, in-progress, finished, cancelled, ...
	Class           Coding                 `json:"class"`  // v3-ActCode: IMP, AMB, EMER, HH, VR, SS, OBSENC, ...
	Type            []CodeableConcept      `json:"type,omitempty"`
	ServiceType     CodeableConcept        `json:"serviceType,omitzero"`
	Subject         Reference              `json:"subject,omitzero"`
	Participant     []EncounterParticipant `json:"participant,omitempty"`
	Period          Period                 `json:"period,omitzero"`
	ReasonCode      []CodeableConcept      `json:"reasonCode,omitempty"`
	Diagnosis       []EncounterDiagnosis   `json:"diagnosis,omitempty"`
	Hospitalization Hospitalization        `json:"hospitalization,omitzero"`
	Location        []EncounterLocation    `json:"location,omitempty"`
	ServiceProvider Reference              `json:"serviceProvider,omitzero"`
	PartOf          Reference              `json:"partOf,omitzero"`
}

// EncounterParticipant is a person who took part.
type EncounterParticipant struct {
	Type       []CodeableConcept `json:"type,omitempty"` // v3-ParticipationType: ATND, ADM, PPRF, CON, ...
	Period     Period            `json:"period,omitzero"`
	Individual Reference         `json:"individual,omitzero"`
}

// EncounterDiagnosis points to a Condition and says what it was to the visit.
type EncounterDiagnosis struct {
	Condition Reference       `json:"condition"`
	Use       CodeableConcept `json:"use,omitzero"` // diagnosis-role: AD, DD, CC, billing, ...
	Rank      int             `json:"rank,omitempty"`
}

// Hospitalization is about admission and discharge.
type Hospitalization struct {
	AdmitSource          CodeableConcept `json:"admitSource,omitzero"`
	DischargeDisposition CodeableConcept `json:"dischargeDisposition,omitzero"`
}

// EncounterLocation is a place where the patient was.
type EncounterLocation struct {
	Location Reference `json:"location"`
	Status   string    `json:"status,omitempty"`
	Period   Period    `json:"period,omitzero"`
}

// Encounter reads an Encounter.
func (r *Resource) Encounter() (Encounter, error) {
	c, read, err := r.begin("Encounter")
	if err != nil {
		return Encounter{}, err
	}
	hospital := c.get("hospitalization")
	e := Encounter{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Class: read.coding(c.get("class")), Type: read.concepts(c.get("type")), ServiceType: read.concept(c.get("serviceType")),
		Subject: read.reference(c.get("subject")), Period: read.period(c.get("period")),
		ReasonCode: read.concepts(c.get("reasonCode")), ServiceProvider: read.reference(c.get("serviceProvider")),
		PartOf: read.reference(c.get("partOf")),
		Hospitalization: Hospitalization{
			AdmitSource:          read.concept(hospital.get("admitSource")),
			DischargeDisposition: read.concept(hospital.get("dischargeDisposition")),
		},
		Participant: list(read, c.get("participant"), func(r *reading, c cursor) EncounterParticipant {
			return EncounterParticipant{
				Type: r.concepts(c.get("type")), Period: r.period(c.get("period")), Individual: r.reference(c.get("individual")),
			}
		}),
		Diagnosis: list(read, c.get("diagnosis"), func(r *reading, c cursor) EncounterDiagnosis {
			return EncounterDiagnosis{
				Condition: r.reference(c.get("condition")), Use: r.concept(c.get("use")), Rank: r.integer(c.get("rank")),
			}
		}),
		Location: list(read, c.get("location"), func(r *reading, c cursor) EncounterLocation {
			return EncounterLocation{
				Location: r.reference(c.get("location")), Status: r.str(c.get("status")), Period: r.period(c.get("period")),
			}
		}),
	}
	return e, read.err()
}

// Condition is a problem or diagnosis.
type Condition struct {
	Base
	Extension          []Extension       `json:"extension,omitempty"` // written only
	Identifier         []Identifier      `json:"identifier,omitempty"`
	ClinicalStatus     CodeableConcept   `json:"clinicalStatus,omitzero"`
	VerificationStatus CodeableConcept   `json:"verificationStatus,omitzero"`
	Category           []CodeableConcept `json:"category,omitempty"`
	Severity           CodeableConcept   `json:"severity,omitzero"`
	Code               CodeableConcept   `json:"code,omitzero"`
	BodySite           []CodeableConcept `json:"bodySite,omitempty"`
	Subject            Reference         `json:"subject,omitzero"`
	Encounter          Reference         `json:"encounter,omitzero"`
	Onset              DateTime          `json:"onsetDateTime,omitzero"`
	OnsetPeriod        Period            `json:"onsetPeriod,omitzero"`
	OnsetText          string            `json:"onsetString,omitempty"`
	Abatement          DateTime          `json:"abatementDateTime,omitzero"`
	AbatementPeriod    Period            `json:"abatementPeriod,omitzero"`
	Recorded           DateTime          `json:"recordedDate,omitzero"`
	Recorder           Reference         `json:"recorder,omitzero"`
	Asserter           Reference         `json:"asserter,omitzero"`
	Note               []Annotation      `json:"note,omitempty"`
}

// Condition reads a Condition.
func (r *Resource) Condition() (Condition, error) {
	c, read, err := r.begin("Condition")
	if err != nil {
		return Condition{}, err
	}
	v := Condition{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")),
		ClinicalStatus: read.concept(c.get("clinicalStatus")), VerificationStatus: read.concept(c.get("verificationStatus")),
		Category: read.concepts(c.get("category")), Severity: read.concept(c.get("severity")), Code: read.concept(c.get("code")),
		BodySite: read.concepts(c.get("bodySite")), Subject: read.reference(c.get("subject")),
		Encounter: read.reference(c.get("encounter")), Onset: read.date(c.get("onsetDateTime")),
		OnsetPeriod: read.period(c.get("onsetPeriod")), OnsetText: read.str(c.get("onsetString")),
		Abatement: read.date(c.get("abatementDateTime")), AbatementPeriod: read.period(c.get("abatementPeriod")),
		Recorded: read.date(c.get("recordedDate")), Recorder: read.reference(c.get("recorder")),
		Asserter: read.reference(c.get("asserter")), Note: list(read, c.get("note"), (*reading).annotation),
	}
	return v, read.err()
}

// Procedure is something done to or for a patient.
type Procedure struct {
	Base
	Identifier      []Identifier      `json:"identifier,omitempty"`
	Status          string            `json:"status"`
	Category        CodeableConcept   `json:"category,omitzero"`
	Code            CodeableConcept   `json:"code,omitzero"`
	Subject         Reference         `json:"subject,omitzero"`
	Encounter       Reference         `json:"encounter,omitzero"`
	Performed       DateTime          `json:"performedDateTime,omitzero"`
	PerformedPeriod Period            `json:"performedPeriod,omitzero"`
	Performer       []Performer       `json:"performer,omitempty"`
	Location        Reference         `json:"location,omitzero"`
	ReasonCode      []CodeableConcept `json:"reasonCode,omitempty"`
	BodySite        []CodeableConcept `json:"bodySite,omitempty"`
	Note            []Annotation      `json:"note,omitempty"`
}

// Performer is who did something, and as what.
type Performer struct {
	Function CodeableConcept `json:"function,omitzero"`
	Actor    Reference       `json:"actor"`
}

func (r *reading) performer(c cursor) Performer {
	return Performer{Function: r.concept(c.get("function")), Actor: r.reference(c.get("actor"))}
}

// Procedure reads a Procedure.
func (r *Resource) Procedure() (Procedure, error) {
	c, read, err := r.begin("Procedure")
	if err != nil {
		return Procedure{}, err
	}
	p := Procedure{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Category: read.concept(c.get("category")), Code: read.concept(c.get("code")),
		Subject: read.reference(c.get("subject")), Encounter: read.reference(c.get("encounter")),
		Performed: read.date(c.get("performedDateTime")), PerformedPeriod: read.period(c.get("performedPeriod")),
		Performer: list(read, c.get("performer"), (*reading).performer), Location: read.reference(c.get("location")),
		ReasonCode: read.concepts(c.get("reasonCode")), BodySite: read.concepts(c.get("bodySite")),
		Note: list(read, c.get("note"), (*reading).annotation),
	}
	return p, read.err()
}

// Extension is an extension with a simple value.
type Extension struct {
	URL     string           `json:"url"`
	String  string           `json:"valueString,omitempty"`
	Code    string           `json:"valueCode,omitempty"`
	Concept *CodeableConcept `json:"valueCodeableConcept,omitempty"`
}
