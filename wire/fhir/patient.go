package fhir

// Resources of people, organizations and places. Each reading function fills
// the value as far as the document can be read, also when an error is returned;
// the error joins one [*Error] for each element that could not be read.

// Base is what every typed resource has.
type Base struct {
	ID   string    `json:"id,omitempty"`
	Meta Meta      `json:"meta,omitzero"`
	Text Narrative `json:"text,omitzero"`
}

func (r *reading) base(c cursor) Base {
	return Base{ID: r.str(c.get("id")), Meta: r.meta(c.get("meta")), Text: r.narrative(c.get("text"))}
}

// Patient is a person who receives care.
type Patient struct {
	Base
	Identifier           []Identifier    `json:"identifier,omitempty"`
	Active               *bool           `json:"active,omitempty"`
	Name                 []HumanName     `json:"name,omitempty"`
	Telecom              []ContactPoint  `json:"telecom,omitempty"`
	Gender               string          `json:"gender,omitempty"` // male, female, other, unknown
	BirthDate            DateTime        `json:"birthDate,omitzero"`
	Deceased             *bool           `json:"deceasedBoolean,omitempty"` // also true if DeceasedAt was read
	DeceasedAt           DateTime        `json:"deceasedDateTime,omitzero"`
	Address              []Address       `json:"address,omitempty"`
	MaritalStatus        CodeableConcept `json:"maritalStatus,omitzero"`
	Language             string          `json:"-"` // of the first communication
	GeneralPractitioner  []Reference     `json:"generalPractitioner,omitempty"`
	ManagingOrganization Reference       `json:"managingOrganization,omitzero"`
	Link                 []PatientLink   `json:"link,omitempty"`
	Race                 string          `json:"-"` // text of the US Core extension
	Ethnicity            string          `json:"-"`
	BirthSex             string          `json:"-"` // F, M, UNK
	MothersMaidenName    string          `json:"-"`
}

// PatientLink says that two Patient resources are one person.
type PatientLink struct {
	Other Reference `json:"other"`
	Type  string    `json:"type"` // replaced-by, replaces, refer, seealso
}

// Patient reads a Patient.
func (r *Resource) Patient() (Patient, error) {
	c, read, err := r.begin("Patient")
	if err != nil {
		return Patient{}, err
	}
	p := Patient{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Active: read.flag(c.get("active")),
		Name: list(read, c.get("name"), (*reading).name), Telecom: list(read, c.get("telecom"), (*reading).contact),
		Gender: read.str(c.get("gender")), BirthDate: read.date(c.get("birthDate")),
		Deceased: read.flag(c.get("deceasedBoolean")), DeceasedAt: read.date(c.get("deceasedDateTime")),
		Address: list(read, c.get("address"), (*reading).address), MaritalStatus: read.concept(c.get("maritalStatus")),
		GeneralPractitioner:  read.references(c.get("generalPractitioner")),
		ManagingOrganization: read.reference(c.get("managingOrganization")),
		Link: list(read, c.get("link"), func(r *reading, c cursor) PatientLink {
			return PatientLink{Other: r.reference(c.get("other")), Type: r.str(c.get("type"))}
		}),
	}
	if !p.DeceasedAt.IsZero() && p.Deceased == nil {
		dead := true
		p.Deceased = &dead
	}
	for item := range c.get("communication").items() {
		p.Language = read.concept(item.get("language")).Words()
		break
	}
	read.patientExtensions(c, &p)
	return p, read.err()
}

// Extensions of Patient that are read.
const (
	extensionRace       = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
	extensionEthnicity  = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity"
	extensionBirthSex   = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
	extensionMaidenName = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"
)

func (r *reading) patientExtensions(c cursor, p *Patient) {
	for ext := range c.get("extension").items() {
		switch r.str(ext.get("url")) {
		case extensionRace:
			p.Race = r.extensionText(ext)
		case extensionEthnicity:
			p.Ethnicity = r.extensionText(ext)
		case extensionBirthSex:
			p.BirthSex = r.str(ext.get("valueCode"))
		case extensionMaidenName:
			p.MothersMaidenName = r.str(ext.get("valueString"))
		}
	}
}

// extensionText returns the part named text of an extension with parts.
func (r *reading) extensionText(ext cursor) string {
	for part := range ext.get("extension").items() {
		if r.str(part.get("url")) == "text" {
			return r.str(part.get("valueString"))
		}
	}
	return ""
}

// Practitioner is a person who gives care.
type Practitioner struct {
	Base
	Identifier    []Identifier
	Active        *bool
	Name          []HumanName
	Telecom       []ContactPoint
	Gender        string
	Qualification []CodeableConcept
}

// Practitioner reads a Practitioner.
func (r *Resource) Practitioner() (Practitioner, error) {
	c, read, err := r.begin("Practitioner")
	if err != nil {
		return Practitioner{}, err
	}
	p := Practitioner{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Active: read.flag(c.get("active")),
		Name: list(read, c.get("name"), (*reading).name), Telecom: list(read, c.get("telecom"), (*reading).contact),
		Gender: read.str(c.get("gender")),
		Qualification: list(read, c.get("qualification"), func(r *reading, c cursor) CodeableConcept {
			return r.concept(c.get("code"))
		}),
	}
	return p, read.err()
}

// PractitionerRole is what a practitioner does at an organization.
type PractitionerRole struct {
	Base
	Identifier   []Identifier
	Active       *bool
	Period       Period
	Practitioner Reference
	Organization Reference
	Code         []CodeableConcept
	Specialty    []CodeableConcept
	Location     []Reference
	Telecom      []ContactPoint
}

// PractitionerRole reads a PractitionerRole.
func (r *Resource) PractitionerRole() (PractitionerRole, error) {
	c, read, err := r.begin("PractitionerRole")
	if err != nil {
		return PractitionerRole{}, err
	}
	p := PractitionerRole{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Active: read.flag(c.get("active")),
		Period: read.period(c.get("period")), Practitioner: read.reference(c.get("practitioner")),
		Organization: read.reference(c.get("organization")), Code: read.concepts(c.get("code")),
		Specialty: read.concepts(c.get("specialty")), Location: read.references(c.get("location")),
		Telecom: list(read, c.get("telecom"), (*reading).contact),
	}
	return p, read.err()
}

// Organization is a provider, payer or other body.
type Organization struct {
	Base
	Identifier []Identifier
	Active     *bool
	Type       []CodeableConcept
	Name       string
	Alias      []string
	Telecom    []ContactPoint
	Address    []Address
	PartOf     Reference
}

// Organization reads an Organization.
func (r *Resource) Organization() (Organization, error) {
	c, read, err := r.begin("Organization")
	if err != nil {
		return Organization{}, err
	}
	o := Organization{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Active: read.flag(c.get("active")),
		Type: read.concepts(c.get("type")), Name: read.str(c.get("name")), Alias: read.strings(c.get("alias")),
		Telecom: list(read, c.get("telecom"), (*reading).contact),
		Address: list(read, c.get("address"), (*reading).address), PartOf: read.reference(c.get("partOf")),
	}
	return o, read.err()
}

// Location is a place where care is given.
type Location struct {
	Base
	Identifier           []Identifier
	Status               string
	Name                 string
	Description          string
	Type                 []CodeableConcept
	Telecom              []ContactPoint
	Address              Address
	PhysicalType         CodeableConcept
	ManagingOrganization Reference
	PartOf               Reference
}

// Location reads a Location.
func (r *Resource) Location() (Location, error) {
	c, read, err := r.begin("Location")
	if err != nil {
		return Location{}, err
	}
	l := Location{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Name: read.str(c.get("name")), Description: read.str(c.get("description")), Type: read.concepts(c.get("type")),
		Telecom: list(read, c.get("telecom"), (*reading).contact), PhysicalType: read.concept(c.get("physicalType")),
		ManagingOrganization: read.reference(c.get("managingOrganization")), PartOf: read.reference(c.get("partOf")),
	}
	if a := c.get("address"); a.kind() != absent {
		l.Address = read.address(a)
	}
	return l, read.err()
}

// Coverage is insurance or another way of paying.
type Coverage struct {
	Base
	Identifier   []Identifier
	Status       string
	Type         CodeableConcept
	PolicyHolder Reference
	Subscriber   Reference
	SubscriberID string
	Beneficiary  Reference
	Relationship CodeableConcept
	Period       Period
	Payor        []Reference
	Class        []CoverageClass
	Order        int
}

// CoverageClass is a group, plan or the like that a coverage belongs to.
type CoverageClass struct {
	Type  CodeableConcept
	Value string
	Name  string
}

// Coverage reads a Coverage.
func (r *Resource) Coverage() (Coverage, error) {
	c, read, err := r.begin("Coverage")
	if err != nil {
		return Coverage{}, err
	}
	v := Coverage{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Type: read.concept(c.get("type")), PolicyHolder: read.reference(c.get("policyHolder")),
		Subscriber: read.reference(c.get("subscriber")), SubscriberID: read.str(c.get("subscriberId")),
		Beneficiary: read.reference(c.get("beneficiary")), Relationship: read.concept(c.get("relationship")),
		Period: read.period(c.get("period")), Payor: read.references(c.get("payor")), Order: read.integer(c.get("order")),
		Class: list(read, c.get("class"), func(r *reading, c cursor) CoverageClass {
			return CoverageClass{Type: r.concept(c.get("type")), Value: r.str(c.get("value")), Name: r.str(c.get("name"))}
		}),
	}
	return v, read.err()
}
