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
	systemMRN     = "urn:oid:2.999.1.1" // 2.999 is the arc for examples
	systemVisit   = "urn:oid:2.999.1.2"
	systemSSN     = "http://hl7.org/fhir/sid/us-ssn"
	systemNPI     = "http://hl7.org/fhir/sid/us-npi"
	systemV20203  = "http://terminology.hl7.org/CodeSystem/v2-0203"
	systemActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
)

// object is a FHIR resource under construction.
type object = map[string]any

// bundle collects the entries of a transaction.
type bundle struct {
	name    string // of the chart; all ids begin with it
	entries []object
	people  map[string]string // author -> reference
}

// Bundle writes a chart as the hospital's interface would send it: one FHIR R4
// transaction with patient, coverage, encounter, authors, documents, allergies,
// medications and results. The gold codes are not in it.
func Bundle(c charts.Chart) ([]byte, error) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	b := &bundle{name: c.ID, people: map[string]string{}}
	local := func(t time.Time) string {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, place).Format(time.RFC3339)
	}
	patient := b.add("Patient", patientOf(c.Patient))
	for i, cov := range c.Patient.Coverage {
		payer := b.add("Organization", object{"name": cov.Payer})
		b.add("Coverage", object{
			"status": "active", "beneficiary": ref(patient), "subscriberId": cov.Member, "order": i + 1,
			"payor": []object{ref(payer)}, "relationship": object{"text": "self"},
			"class": []object{{"type": object{"coding": []object{{"code": "plan"}}}, "value": cov.Plan, "name": cov.Plan}},
		})
	}
	attending := b.author(c.Encounter.Attending.Name, "attending physician", c.Encounter.Attending.NPI)
	encounter := b.add("Encounter", encounterOf(c, patient, attending, local))
	for _, d := range c.Documents {
		b.add("DocumentReference", documentOf(d, patient, encounter, b.author(d.Author, d.Role, ""), local))
	}
	b.facts(c, patient, encounter, local)
	out, err := json.Marshal(object{"resourceType": "Bundle", "type": "transaction", "entry": b.entries})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return out, nil
}

// add appends a resource and returns the reference by which others name it.
func (b *bundle) add(kind string, resource object) string {
	id := b.name + "-" + strconv.Itoa(len(b.entries)+1)
	resource["resourceType"], resource["id"] = kind, id
	b.entries = append(b.entries, object{
		"fullUrl":  "urn:chartroom-demo:" + kind + ":" + id,
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
	out := object{
		"identifier": []object{{
			"type": coded(systemV20203, "MR"), "system": systemMRN, "value": p.MRN,
		}},
		"name":   []object{{"use": "official", "family": p.Family, "given": given}},
		"gender": p.Sex, "birthDate": p.Born.Format(time.DateOnly),
		"address": []object{{
			"line": []string{p.Address.Street}, "city": p.Address.City, "state": p.Address.State,
			"postalCode": p.Address.Postcode, "country": "US",
		}},
	}
	if p.SSN != "" {
		out["identifier"] = append(out["identifier"].([]object), object{ //nolint:forcetypeassert // set four lines above
			"type": coded(systemV20203, "SS"), "system": systemSSN, "value": p.SSN,
		})
	}
	if p.Phone != "" {
		out["telecom"] = []object{{"system": "phone", "value": p.Phone}}
	}
	return out
}

func coded(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}

func encounterOf(c charts.Chart, patient, attending string, local func(time.Time) string) object {
	period := object{"start": local(c.Encounter.Admit)}
	status := "in-progress"
	if !c.Encounter.Discharge.IsZero() {
		period["end"], status = local(c.Encounter.Discharge), "finished"
	}
	class := map[charts.Category]string{
		charts.Inpatient: "IMP", charts.Emergency: "EMER", charts.Surgery: "SS", charts.Clinic: "AMB", charts.Nursing: "NONAC",
	}[c.Category]
	out := object{
		"identifier": []object{{"type": coded(systemV20203, "VN"), "system": systemVisit, "value": c.Encounter.Number}},
		"status":     status, "class": object{"system": systemActCode, "code": class}, "subject": ref(patient), "period": period,
		"serviceType": object{"text": serviceType(c.Category)},
		"location":    []object{{"location": object{"display": c.Encounter.Unit}}},
		"participant": []object{{
			"type":       []object{coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND")},
			"individual": object{"reference": attending, "display": c.Encounter.Attending.Name},
		}},
	}
	if c.Encounter.Disposition.Code != "" {
		out["hospitalization"] = object{"dischargeDisposition": object{
			"coding": []object{{"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": c.Encounter.Disposition.Code}},
			"text":   c.Encounter.Disposition.Text,
		}}
	}
	return out
}

// serviceType tells a clinic visit, billed by the professional, from outpatient
// surgery, billed by the hospital: both are ambulatory.
func serviceType(c charts.Category) string {
	switch c {
	case charts.Clinic:
		return "professional"
	case charts.Nursing:
		return "nursing facility"
	case charts.Inpatient, charts.Emergency, charts.Surgery:
	}
	return "hospital"
}

func documentOf(d charts.Document, patient, encounter, author string, local func(time.Time) string) object {
	out := object{
		"status": "current", "docStatus": "preliminary", "type": object{"text": d.Type}, "subject": ref(patient),
		"date": local(d.Time), "author": []object{{"reference": author, "display": d.Author}},
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
func (b *bundle) facts(c charts.Chart, patient, encounter string, local func(time.Time) string) {
	for _, a := range c.Allergies {
		b.add("AllergyIntolerance", object{
			"patient": ref(patient), "code": object{"text": a.Substance}, "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
			"reaction": []object{{"manifestation": []object{{"text": a.Reaction}}}},
		})
	}
	for _, m := range c.Medications {
		b.add("MedicationRequest", object{
			"status": "active", "intent": "order", "subject": ref(patient), "encounter": ref(encounter),
			"authoredOn": local(c.Encounter.Admit), "medicationCodeableConcept": object{"text": m.Name},
			"dosageInstruction": []object{{"text": m.Sig}}, "category": []object{{"text": m.List}},
		})
	}
	for _, r := range c.Results {
		b.add("Observation", resultOf(r, patient, encounter, local))
	}
}

func resultOf(r charts.Result, patient, encounter string, local func(time.Time) string) object {
	out := object{
		"status": "final", "category": []object{coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")},
		"code": object{"text": r.Name}, "subject": ref(patient), "encounter": ref(encounter), "effectiveDateTime": local(r.Time),
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
