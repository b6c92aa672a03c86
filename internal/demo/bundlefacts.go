package demo

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/demo/charts"
)

func (b *bundle) encounterOf(e charts.Encounter, patient, attending string) object {
	period := object{"start": b.local(e.Admit)}
	status := "in-progress"
	if !e.Discharge.IsZero() {
		period["end"], status = b.local(e.Discharge), "finished"
	}
	if e.Status != "" {
		status = e.Status
	}
	class := e.Category.Setting()
	if e.Category == charts.Emergency {
		class = "emergency"
	}
	out := object{
		"identifier": []object{{"type": coded(systemV20203, "VN"), "system": systemVisit, "value": e.Number}},
		keyStatus:    status, "class": object{"code": class}, keySubject: ref(patient), "period": period,
		"location": []object{{"location": object{"display": e.Unit}}},
	}
	if attending != "" {
		out["participant"] = []object{{
			"type":       []object{coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND")},
			"individual": object{"reference": attending, "display": e.Attending.Name},
		}}
	}
	if e.Disposition.Code != "" {
		out["hospitalization"] = object{"dischargeDisposition": object{
			"coding": []object{{"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": e.Disposition.Code}},
			"text":   e.Disposition.Text,
		}}
	}
	return out
}

// documentOf writes a document. The attachment says when it was written, the
// reference when it was finished by its signature; R4 has no better place.
func (b *bundle) documentOf(d charts.Document, patient, encounter, author string) object {
	attachment := object{
		"contentType": "text/plain; charset=utf-8", "data": base64.StdEncoding.EncodeToString([]byte(d.Text)), "title": d.Type,
	}
	out := object{
		keyStatus: "current", "docStatus": "preliminary", "type": object{"text": d.Type}, keySubject: ref(patient),
		"author":  []object{{"reference": author, "display": d.Author}},
		"context": object{"encounter": []object{ref(encounter)}},
		"content": []object{{"attachment": attachment}},
	}
	if !d.Time.IsZero() {
		attachment["creation"], out["date"] = b.local(d.Time), b.local(d.Time)
	}
	if d.Signed {
		out["docStatus"], out["authenticator"] = "final", object{"reference": author, "display": d.Author}
		if !d.SignedAt.IsZero() {
			out["date"] = b.local(d.SignedAt)
		}
	}
	return out
}

// facts adds what is no document.
func (b *bundle) facts(c charts.Chart, patient string, stays []string) {
	for _, a := range c.Allergies {
		b.add("AllergyIntolerance", object{
			"patient": ref(patient), "code": object{"text": a.Substance}, "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
			"reaction": []object{{"manifestation": []object{{"text": a.Reaction}}}},
		})
	}
	encounters := c.Encounters()
	for _, m := range c.Medications {
		if strings.EqualFold(m.Name, "none") { // the list was asked for and is empty
			continue
		}
		at := encounters[m.Stay].Admit
		if end := encounters[m.Stay].Discharge; m.List == "discharge" && !end.IsZero() {
			at = end
		}
		b.add("MedicationRequest", object{
			keyStatus: "active", "intent": "order", keySubject: ref(patient), "encounter": ref(stays[m.Stay]),
			"authoredOn": b.local(at), "medicationCodeableConcept": object{"text": m.Name},
			"dosageInstruction": []object{{"text": m.Sig}}, "category": []object{{"text": m.List}},
			"note": []object{{"text": m.List + " medication"}}, // what a receiver keeps of the list it stands on
		})
	}
	for _, o := range c.Orders {
		b.add("ServiceRequest", b.orderOf(o, patient, stays[o.Stay]))
	}
	for _, r := range c.Results {
		b.add("Observation", b.resultOf(r, patient, stays[r.Stay]))
	}
	for _, p := range c.Procedures {
		b.add("Procedure", object{
			keyStatus: "completed", "code": object{"text": p.What}, keySubject: ref(patient), "encounter": ref(stays[p.Stay]),
			"performedDateTime": b.local(p.Time), "performer": []object{{"actor": ref(b.author(p.By, "physician", ""))}},
		})
	}
	for _, d := range c.Diagnoses {
		b.add("Condition", conditionOf(d, patient, stays))
	}
}

func conditionOf(d charts.Diagnosis, patient string, stays []string) object {
	category := "problem-list-item"
	if d.List == "final" {
		category = "encounter-diagnosis"
	}
	out := object{
		"clinicalStatus":     coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
		"verificationStatus": coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
		"category":           []object{coded("http://terminology.hl7.org/CodeSystem/condition-category", category)},
		"code":               object{"text": d.What}, keySubject: ref(patient),
	}
	if d.List == "final" {
		out["encounter"] = ref(stays[d.Stay])
	}
	if !d.Since.IsZero() {
		out["onsetDateTime"] = d.Since.Format(time.DateOnly)
	}
	return out
}

// orderOf writes an order; one given by mouth says so in its note, and whether
// its author has signed it.
func (b *bundle) orderOf(o charts.Order, patient, encounter string) object {
	out := object{
		keyStatus: "completed", "intent": "order", "code": object{"text": o.What}, keySubject: ref(patient),
		"encounter": ref(encounter), "authoredOn": b.local(o.Time), "requester": ref(b.author(o.By, "physician", "")),
	}
	if o.How != "" {
		note := o.How + " order, read back; not authenticated"
		if !o.SignedAt.IsZero() {
			note = o.How + " order, read back; authenticated " + o.SignedAt.Format("2006-01-02 15:04")
		}
		out["note"] = []object{{"text": note}}
	}
	return out
}

func (b *bundle) resultOf(r charts.Result, patient, encounter string) object {
	out := object{
		keyStatus: "final", "category": []object{coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")},
		"code": object{"text": r.Name}, keySubject: ref(patient), "encounter": ref(encounter), "effectiveDateTime": b.local(r.Time),
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
