package ccda

import (
	"cmp"

	"chartroom/wire/hl7v2"
)

// Patient is a recordTarget: the person that the document is about.
type Patient struct {
	IDs          []II
	Names        []Name // the first is the one the person goes by
	Birth        hl7v2.Timestamp
	Sex          string // code of administrative gender: F, M, UN; "" unknown
	Dead         bool
	Death        hl7v2.Timestamp
	Addresses    []Address
	Telecoms     []Telecom
	Race         CD
	Ethnicity    CD
	Marital      CD
	Language     string
	Organization Organization // that knows the person by the IDs
}

// Organization is a custodian or provider.
type Organization struct {
	IDs  []II
	Name string
}

// Person is somebody who took part, a clinician most of all.
type Person struct {
	IDs          []II
	Name         Name
	Role         CD // function in the event, else specialty or profession
	Organization string
	Device       string // where software wrote it
	Time         hl7v2.Timestamp
	Signed       string // signatureCode: S signed, X still required
}

// IsZero reports whether nobody is named.
func (p Person) IsZero() bool {
	return len(p.IDs) == 0 && p.Name.IsZero() && p.Organization == "" && p.Device == ""
}

// NPI is the National Provider Identifier among the person's numbers, "" for none.
func (p Person) NPI() string {
	for _, id := range p.IDs {
		if id.Root == "2.16.840.1.113883.4.6" {
			return id.Extension
		}
	}
	return ""
}

// Service is what the document tells of: an act and who performed it.
type Service struct {
	Class      string // ACT, PCPR, PROC, …
	Code       CD
	Time       Interval
	Performers []Person
}

// Encounter is the visit or stay that the document belongs to.
type Encounter struct {
	IDs         []II
	Code        CD
	Time        Interval
	Disposition CD
	Location    string // name of the place
	Facility    Organization
	Responsible Person
	Attending   Person // encounterParticipant of type ATND
}

// Related is a document that this one replaces (RPLC), adds to (APND) or is made
// from (XFRM).
type Related struct {
	Type       string
	ID, SetID  II
	VersionNum string
}

func (d *Document) header(root el) {
	r := &d.read
	d.ID, d.SetID = ii(root.get("id")), ii(root.get("setId"))
	d.Version = root.get("versionNumber").attr("value")
	d.Templates = templates(root)
	d.Code, d.Title = d.cd(root.get("code")), root.get("title").words()
	d.Written = r.time(root.get("effectiveTime"))
	d.Confidentiality = d.cd(root.get("confidentialityCode"))
	d.Language = root.get("languageCode").attr("code")
	for c := range root.all() {
		if !own(c.node().space) {
			continue
		}
		switch c.name() {
		case "recordTarget":
			d.Patients = append(d.Patients, d.patient(c))
		case "author":
			d.Authors = append(d.Authors, d.person(c))
		case "legalAuthenticator":
			d.Legal = d.person(c)
		case "authenticator":
			d.Authenticators = append(d.Authenticators, d.person(c))
		case "custodian":
			d.Custodian = organization(c.get("assignedCustodian", "representedCustodianOrganization"))
		case "documentationOf":
			d.Services = append(d.Services, d.service(c.get("serviceEvent")))
		case "componentOf":
			if e := c.get("encompassingEncounter"); e.there() && d.Encounter == nil {
				d.Encounter = d.encounter(e)
			}
		case "relatedDocument":
			parent := c.get("parentDocument")
			d.Related = append(d.Related, Related{
				Type: c.attr("typeCode"), ID: ii(parent.get("id")), SetID: ii(parent.get("setId")),
				VersionNum: parent.get("versionNumber").attr("value"),
			})
		case "inFulfillmentOf":
			d.Orders = append(d.Orders, iis(c.get("order"))...)
		}
	}
}

func (d *Document) patient(e el) Patient {
	r := &d.read
	role := e.get("patientRole")
	p := role.get("patient")
	out := Patient{
		IDs: iis(role), Names: names(p), Birth: r.time(p.get("birthTime")), Sex: p.get("administrativeGenderCode").attr("code"),
		Addresses: r.addresses(role), Telecoms: telecoms(role), Race: d.cd(p.get("raceCode")), Ethnicity: d.cd(p.get("ethnicGroupCode")),
		Marital: d.cd(p.get("maritalStatusCode")), Language: p.get("languageCommunication", "languageCode").attr("code"),
		Organization: organization(role.get("providerOrganization")),
	}
	if dead := p.sdtc("deceasedInd"); dead.there() {
		out.Dead = dead.attr("value") == "true"
	}
	if at := p.sdtc("deceasedTime"); at.there() {
		out.Death = r.time(at)
		out.Dead = out.Dead || !out.Death.IsZero()
	}
	for c := range p.each("languageCommunication") {
		if c.get("preferenceInd").attr("value") == "true" {
			out.Language = c.get("languageCode").attr("code")
			break
		}
	}
	return out
}

func organization(e el) Organization {
	return Organization{IDs: iis(e), Name: e.get("name").words()}
}

// person reads somebody who took part, under whichever element a role has.
func (d *Document) person(e el) Person {
	p := Person{Time: d.read.time(e.get("time")), Signed: e.get("signatureCode").attr("code")}
	if low := e.get("time", "low"); p.Time.IsZero() && low.there() {
		p.Time = d.read.time(low)
	}
	role := el{}
	for _, name := range []string{"assignedAuthor", "assignedEntity", "associatedEntity", "relatedEntity", "participantRole"} {
		if role = e.get(name); role.there() {
			break
		}
	}
	if !role.there() {
		return p
	}
	p.IDs = iis(role)
	p.Role = d.cd(e.get("functionCode"))
	if f := e.sdtc("functionCode"); p.Role.IsZero() && f.there() {
		p.Role = d.cd(f)
	}
	if p.Role.IsZero() {
		p.Role = d.cd(role.get("code"))
	}
	for _, who := range []string{"assignedPerson", "associatedPerson", "relatedPerson", "playingEntity"} {
		if found := names(role.get(who)); len(found) > 0 {
			p.Name = found[0]
			break
		}
	}
	for _, org := range []string{"representedOrganization", "scopingOrganization"} {
		p.Organization = cmp.Or(p.Organization, role.get(org, "name").words())
	}
	device := role.get("assignedAuthoringDevice")
	p.Device = cmp.Or(device.get("softwareName").words(), device.get("manufacturerModelName").words())
	return p
}

func (d *Document) service(e el) Service {
	s := Service{Class: e.attr("classCode"), Code: d.cd(e.get("code")), Time: d.read.interval(e.get("effectiveTime"))}
	for p := range e.each("performer") {
		s.Performers = append(s.Performers, d.person(p))
	}
	return s
}

func (d *Document) encounter(e el) *Encounter {
	out := &Encounter{
		IDs: iis(e), Code: d.cd(e.get("code")), Time: d.read.interval(e.get("effectiveTime")),
		Disposition: d.cd(e.get("dischargeDispositionCode")),
		Responsible: d.person(e.get("responsibleParty")),
	}
	for p := range e.each("encounterParticipant") {
		if p.attr("typeCode") == "ATND" || out.Attending.IsZero() && p.attr("typeCode") == "" {
			out.Attending = d.person(p)
		}
	}
	place := e.get("location", "healthCareFacility")
	out.Location = cmp.Or(place.get("location", "name").words(), d.cd(place.get("code")).Words())
	out.Facility = organization(place.get("serviceProviderOrganization"))
	return out
}
