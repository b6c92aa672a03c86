package demo

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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

// object is a FHIR resource under construction.
type object = map[string]any

// bundle collects the entries of a transaction.
type bundle struct {
	name    string // all ids begin with it
	entries []object
	people  map[string]string // author -> reference
	place   *time.Location
	err     error
}

func newBundle(name string) *bundle {
	place, err := time.LoadLocation(zone)
	return &bundle{name: name, people: map[string]string{}, place: place, err: err}
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
// transaction with patient, coverage, encounter, authors, documents, allergies,
// medications and results. The gold codes are not in it.
func Bundle(c charts.Chart) ([]byte, error) {
	b := newBundle(c.ID)
	if b.err != nil {
		return b.marshal()
	}
	patient := b.patient(c.Patient)
	encounter := b.visit(patient, c.Category, c.Encounter, c.Documents)
	b.facts(c, patient, encounter)
	return b.marshal()
}

// patient adds a patient with their coverage.
func (b *bundle) patient(p charts.Patient) string {
	patient := b.add("Patient", patientOf(p))
	for i, cov := range p.Coverage {
		payer := b.add("Organization", object{"name": cov.Payer})
		b.add("Coverage", object{
			"status": "active", "beneficiary": ref(patient), "subscriberId": cov.Member, "order": i + 1,
			"payor": []object{ref(payer)}, "relationship": object{"text": "self"},
			"class": []object{{"type": object{"coding": []object{{"code": "plan"}}}, "value": cov.Plan, "name": cov.Plan}},
		})
	}
	return patient
}

// visit adds an encounter with its documents.
func (b *bundle) visit(patient string, category charts.Category, e charts.Encounter, documents []charts.Document) string {
	attending := b.author(e.Attending.Name, "attending physician", e.Attending.NPI)
	encounter := b.add("Encounter", b.encounterOf(category, e, patient, attending))
	for _, d := range documents {
		b.add("DocumentReference", b.documentOf(d, patient, encounter, b.author(d.Author, d.Role, "")))
	}
	return encounter
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
	key := name + "|" + role
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
	given := []string{p.Given}
	if p.Middle != "" {
		given = append(given, p.Middle)
	}
	numbers := []object{{"type": coded(systemV20203, "MR"), "system": systemMRN, "value": p.MRN}}
	if p.SSN != "" {
		numbers = append(numbers, object{"type": coded(systemV20203, "SS"), "system": systemSSN, "value": p.SSN})
	}
	out := object{
		"identifier": numbers,
		"name":       []object{{"use": "official", "family": p.Family, "given": given}},
		"gender":     p.Sex, "birthDate": p.Born.Format(time.DateOnly),
		"address": []object{{
			"line": []string{p.Address.Street}, "city": p.Address.City, "state": p.Address.State,
			"postalCode": p.Address.Postcode, "country": "US",
		}},
	}
	if p.Phone != "" {
		out["telecom"] = []object{{"system": "phone", "value": p.Phone}}
	}
	return out
}

func coded(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}

func (b *bundle) encounterOf(category charts.Category, e charts.Encounter, patient, attending string) object {
	period := object{"start": b.local(e.Admit)}
	status := "in-progress"
	if !e.Discharge.IsZero() {
		period["end"], status = b.local(e.Discharge), "finished"
	}
	class := category.Setting()
	if category == charts.Emergency {
		class = "emergency"
	}
	out := object{
		"identifier": []object{{"type": coded(systemV20203, "VN"), "system": systemVisit, "value": e.Number}},
		"status":     status, "class": object{"code": class}, "subject": ref(patient), "period": period,
		"location": []object{{"location": object{"display": e.Unit}}},
		"participant": []object{{
			"type":       []object{coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND")},
			"individual": object{"reference": attending, "display": e.Attending.Name},
		}},
	}
	if e.Disposition.Code != "" {
		out["hospitalization"] = object{"dischargeDisposition": object{
			"coding": []object{{"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": e.Disposition.Code}},
			"text":   e.Disposition.Text,
		}}
	}
	return out
}

func (b *bundle) documentOf(d charts.Document, patient, encounter, author string) object {
	out := object{
		"status": "current", "docStatus": "preliminary", "type": object{"text": d.Type}, "subject": ref(patient),
		"date": b.local(d.Time), "author": []object{{"reference": author, "display": d.Author}},
		"context": object{"encounter": []object{ref(encounter)}},
		"content": []object{{"attachment": object{
			"contentType": "text/plain; charset=utf-8", "data": base64.StdEncoding.EncodeToString([]byte(d.Text)), "title": d.Type,
		}}},
	}
	if d.Signed {
		out["docStatus"], out["authenticator"] = "final", object{"reference": author, "display": d.Author}
	}
	return out
}

// facts adds allergies, medications and results.
func (b *bundle) facts(c charts.Chart, patient, encounter string) {
	for _, a := range c.Allergies {
		b.add("AllergyIntolerance", object{
			"patient": ref(patient), "code": object{"text": a.Substance}, "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
			"reaction": []object{{"manifestation": []object{{"text": a.Reaction}}}},
		})
	}
	for _, m := range c.Medications {
		if strings.EqualFold(m.Name, "none") { // the list was asked for and is empty
			continue
		}
		b.add("MedicationRequest", object{
			"status": "active", "intent": "order", "subject": ref(patient), "encounter": ref(encounter),
			"authoredOn": b.local(c.Encounter.Admit), "medicationCodeableConcept": object{"text": m.Name},
			"dosageInstruction": []object{{"text": m.Sig}}, "category": []object{{"text": m.List}},
		})
	}
	for _, r := range c.Results {
		b.add("Observation", b.resultOf(r, patient, encounter))
	}
}

func (b *bundle) resultOf(r charts.Result, patient, encounter string) object {
	out := object{
		"status": "final", "category": []object{coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")},
		"code": object{"text": r.Name}, "subject": ref(patient), "encounter": ref(encounter), "effectiveDateTime": b.local(r.Time),
	}
	if _, err := strconv.ParseFloat(r.Value, 64); err == nil && !strings.ContainsAny(r.Value, "eExXnNiI") {
		out["valueQuantity"] = object{"value": json.Number(r.Value), "unit": r.Unit}
	} else {
		out["valueString"] = strings.TrimSpace(r.Value + " " + r.Unit)
	}
	if r.Reference != "" {
		out["referenceRange"] = []object{{"text": r.Reference}}
	}
	if r.Flag != "" {
		out["interpretation"] = []object{coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", r.Flag)}
	}
	return out
}
