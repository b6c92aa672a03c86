package demo

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"chartroom/internal/demo/charts"
)

// zone is where the invented hospital stands.
const zone = "America/New_York"

// The systems under which the hospital's interface names its numbers.
const (
	systemMRN    = "urn:oid:2.999.1.1" // 2.999 is the arc for examples
	systemVisit  = "urn:oid:2.999.1.2"
	systemSSN    = "http://hl7.org/fhir/sid/us-ssn"
	systemNPI    = "http://hl7.org/fhir/sid/us-npi"
	systemV20203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
)

// The elements that nearly every resource has.
const (
	keyStatus  = "status"
	keySubject = "subject"
)

// object is a FHIR resource under construction.
type object = map[string]any

// bundle collects the entries of a transaction.
type bundle struct {
	name    string // all ids begin with it
	entries []object
	people  map[string]string // author -> reference
	payers  map[string]string // insurer -> reference
	place   *time.Location
	err     error
}

func newBundle(name string) *bundle {
	place, err := time.LoadLocation(zone)
	return &bundle{name: name, people: map[string]string{}, payers: map[string]string{}, place: place, err: err}
}

func (b *bundle) marshal() ([]byte, error) {
	if b.err != nil {
		return nil, fmt.Errorf("demo: %w", b.err)
	}
	out, err := json.Marshal(object{"resourceType": "Bundle", "type": "transaction", "entry": b.entries})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return out, nil
}

// local writes a time of the hospital's wall clock with its offset.
func (b *bundle) local(t time.Time) string {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, b.place).Format(time.RFC3339)
}

// Bundle writes a chart as the hospital's interface would send it: one FHIR R4
// transaction with patient, coverage, encounters, authors, documents, problem
// list, procedures, orders, allergies, medications and results. Neither the gold
// codes nor what was planted is in it.
func Bundle(c charts.Chart) ([]byte, error) {
	b := newBundle(c.ID)
	if b.err != nil {
		return b.marshal()
	}
	b.chart(c)
	return b.marshal()
}

// chart adds all that belongs to one chart.
func (b *bundle) chart(c charts.Chart) {
	patient := b.patient(c.Patient)
	var stays []string
	if c.Category != charts.Registration {
		for _, e := range c.Encounters() {
			stays = append(stays, b.visit(patient, e))
		}
	}
	for _, d := range c.Documents {
		b.add("DocumentReference", b.documentOf(d, patient, stays[d.Stay], b.author(d.Author, d.Role, "")))
	}
	b.facts(c, patient, stays)
}

// patient adds a patient with their coverage.
func (b *bundle) patient(p charts.Patient) string {
	patient := b.add("Patient", patientOf(p))
	for _, cov := range p.Coverage {
		payer := b.payer(cov.Payer)
		out := object{
			keyStatus: "active", "beneficiary": ref(patient), "subscriberId": cov.Member, "order": cov.Priority,
			"payor": []object{ref(payer)}, "relationship": object{"text": "self"},
			"class": []object{{"type": object{"coding": []object{{"code": "plan"}}}, "value": cov.Plan, "name": cov.Plan}},
		}
		if period := days(cov.From, cov.To); len(period) > 0 {
			out["period"] = period
		}
		b.add("Coverage", out)
	}
	return patient
}

// payer adds an insurer, once a bundle.
func (b *bundle) payer(name string) string {
	if _, known := b.payers[name]; !known {
		b.payers[name] = b.add("Organization", object{"name": name})
	}
	return b.payers[name]
}

// days is a period of days; an open end is left out.
func days(from, to time.Time) object {
	out := object{}
	if !from.IsZero() {
		out["start"] = from.Format(time.DateOnly)
	}
	if !to.IsZero() {
		out["end"] = to.Format(time.DateOnly)
	}
	return out
}

// visit adds an encounter.
func (b *bundle) visit(patient string, e charts.Encounter) string {
	attending := ""
	if e.Attending.Name != "" {
		attending = b.author(e.Attending.Name, "attending physician", e.Attending.NPI)
	}
	return b.add("Encounter", b.encounterOf(e, patient, attending))
}

// add appends a resource and returns the reference by which others name it.
func (b *bundle) add(kind string, resource object) string {
	id := b.name + "-" + strconv.Itoa(len(b.entries)+1)
	resource["resourceType"], resource["id"] = kind, id
	b.entries = append(b.entries, object{
		"fullUrl":  "https://interface.marrowbay.example/fhir/" + kind + "/" + id,
		"resource": resource,
		"request":  object{"method": "PUT", "url": kind + "/" + id},
	})
	return kind + "/" + id
}

func ref(to string) object { return object{"reference": to} }

// author adds the person and the role they write in, once a bundle.
func (b *bundle) author(name, role, npi string) string {
	key := name + "|" + role + "|" + npi
	if known, ok := b.people[key]; ok {
		return known
	}
	practitioner := object{"name": []object{{"text": name}}}
	if npi != "" {
		practitioner["identifier"] = []object{{"system": systemNPI, "value": npi}}
	}
	person := b.add("Practitioner", practitioner)
	b.people[key] = b.add("PractitionerRole", object{
		"practitioner": object{"reference": person, "display": name}, "code": []object{{"text": role}},
	})
	return b.people[key]
}

func patientOf(p charts.Patient) object {
	var numbers []object
	numbers = append(numbers, object{"type": coded(systemV20203, "MR"), "system": systemMRN, "value": p.MRN})
	if p.SSN != "" {
		numbers = append(numbers, object{"type": coded(systemV20203, "SS"), "system": systemSSN, "value": p.SSN})
	}
	names := []object{nameOf("official", p.Name)}
	for _, n := range p.Also {
		names = append(names, nameOf("old", n))
	}
	out := object{
		"identifier": numbers, "name": names, "gender": p.Sex, "birthDate": p.Born.Format(time.DateOnly),
		"address": []object{{
			"line": []string{p.Address.Street}, "city": p.Address.City, "state": p.Address.State,
			"postalCode": p.Address.Postcode, "country": "US",
		}},
	}
	if p.Phone != "" {
		out["telecom"] = []object{{"system": "phone", "value": p.Phone}}
	}
	if !p.Died.IsZero() {
		out["deceasedDateTime"] = p.Died.Format(time.DateOnly)
	}
	return out
}

func nameOf(use string, n charts.Name) object {
	given := []string{n.Given}
	if n.Middle != "" {
		given = append(given, n.Middle)
	}
	return object{"use": use, "family": n.Family, "given": given}
}

func coded(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}
