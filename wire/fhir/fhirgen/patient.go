package fhirgen

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// person is the patient of the Bundle being made, and who cares for them.
type person struct {
	id, organization, practitioner string
	name, doctor                   string
	born                           time.Time
	problems                       []term
}

// patient makes a whole record.
func (g *Generator) patient() {
	g.patients++
	p := person{id: g.uuid(), organization: g.uuid(), practitioner: g.uuid()}
	given, family := g.pick(givenNames), g.pick(familyNames)
	p.name, p.doctor = given+" "+family, "Dr. "+g.pick(familyNames)
	age := 1 + g.rnd.IntN(90)
	p.born = lastDay.AddDate(-age, 0, -g.rnd.IntN(365))
	gender := g.pick([]string{"female", "male"})
	g.entry("Patient", p.id, fmt.Sprintf(`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Invented patient %d</div>"},`+
		`"extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2131-1","display":"Other Race"}},{"url":"text","valueString":"Other Race"}]},`+
		`{"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":"%s"},`+
		`{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"%s"}],`+
		`"identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR","display":"Medical Record Number"}],"text":"Medical Record Number"},"system":"http://hospital.example.org","value":"%s"},`+
		`{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"SS","display":"Social Security Number"}],"text":"Social Security Number"},"system":"http://hl7.org/fhir/sid/us-ssn","value":"999-%02d-%04d"}],`+
		`"name":[{"use":"official","family":"%s","given":["%s"],"prefix":["%s"]}],"telecom":[{"system":"phone","value":"555-01%02d","use":"home"}],`+
		`"gender":"%s","birthDate":"%s","address":[{"line":["%d %s"],"city":"%s","state":"MA","postalCode":"%05d","country":"US"}],`+
		`"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M","display":"M"}],"text":"M"},"multipleBirthBoolean":false,`+
		`"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en-US","display":"English"}],"text":"English"}}]`,
		g.patients, g.pick(familyNames), strings.ToUpper(gender[:1]), p.id, 10+g.rnd.IntN(90), g.rnd.IntN(10000),
		family, given, map[string]string{"female": "Ms.", "male": "Mr."}[gender], g.rnd.IntN(100),
		gender, p.born.Format(time.DateOnly), 1+g.rnd.IntN(999), g.pick(streets), g.pick(cities), 1000+g.rnd.IntN(1700)))
	g.entry("Organization", p.organization, fmt.Sprintf(`"identifier":[{"system":"http://hospital.example.org/organizations","value":"%s"}],"active":true,`+
		`"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov","display":"Healthcare Provider"}],"text":"Healthcare Provider"}],`+
		`"name":"%s GENERAL HOSPITAL","telecom":[{"system":"phone","value":"5550100"}],"address":[{"line":["1 %s"],"city":"%s","state":"MA","postalCode":"02000","country":"US"}]`,
		p.organization, strings.ToUpper(g.pick(cities)), g.pick(streets), g.pick(cities)))
	g.entry("Practitioner", p.practitioner, fmt.Sprintf(`"identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"99999%05d"}],"active":true,`+
		`"name":[{"family":"%s","given":["%s"],"prefix":["Dr."]}],"gender":"female"`, g.rnd.IntN(100000), strings.TrimPrefix(p.doctor, "Dr. "), g.pick(givenNames)))
	n := g.encounters/2 + g.rnd.IntN(g.encounters+1)
	days := max(int(lastDay.Sub(p.born).Hours()/24), 1)
	at := p.born
	for i := range n {
		at = p.born.AddDate(0, 0, days*(i+1)/(n+1)).Add(time.Duration(8*60+g.rnd.IntN(540)) * time.Minute)
		g.encounter(&p, at)
	}
	if n > 0 {
		g.carePlan(&p, at)
	}
}

// visit is one encounter being made.
type visit struct {
	id         string
	start, end time.Time
	kind       term
}

func (g *Generator) encounter(p *person, at time.Time) {
	v := visit{id: g.uuid(), start: at, end: at.Add(time.Duration(15+g.rnd.IntN(60)) * time.Minute), kind: g.term(visits)}
	class := "AMB"
	switch v.kind.code {
	case "50849002":
		class = "EMER"
	case "32485007":
		class, v.end = "IMP", at.AddDate(0, 0, 1+g.rnd.IntN(6))
	}
	g.entry("Encounter", v.id, fmt.Sprintf(`"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"%s"},"type":[%s],`+
		`"subject":{"reference":"urn:uuid:%s","display":"%s"},"participant":[{"individual":{"reference":"urn:uuid:%s","display":"%s"}}],%s,"serviceProvider":%s`,
		class, coded(v.kind), p.id, p.name, p.practitioner, p.doctor, period("period", v), ref(p.organization)))
	if g.rnd.IntN(4) == 0 {
		g.condition(p, v)
	}
	g.observations(p, v)
	for range g.rnd.IntN(2) + g.rnd.IntN(2)*g.rnd.IntN(2) {
		g.entry("Procedure", g.uuid(), fmt.Sprintf(`"status":"completed","code":%s,%s,%s`, coded(g.term(procedures)), about(p, v), period("performedPeriod", v)))
	}
	if g.rnd.IntN(5) < 2 {
		g.medication(p, v)
	}
	if g.rnd.IntN(4) == 0 {
		g.entry("Immunization", g.uuid(), fmt.Sprintf(`"status":"completed","vaccineCode":%s,"patient":%s,"encounter":%s,"occurrenceDateTime":"%s","primarySource":true`,
			coded(g.term(vaccines)), ref(p.id), ref(v.id), stamp(v.start)))
	}
	g.note(p, v)
	claim := g.claim(p, v, "institutional", "")
	g.benefit(p, v, claim)
}

func period(name string, v visit) string {
	return fmt.Sprintf(`"%s":{"start":"%s","end":"%s"}`, name, stamp(v.start), stamp(v.end))
}

func about(p *person, v visit) string {
	return fmt.Sprintf(`"subject":%s,"encounter":%s`, ref(p.id), ref(v.id))
}

func (g *Generator) condition(p *person, v visit) {
	problem := g.term(problems)
	p.problems = append(p.problems, problem)
	g.entry("Condition", g.uuid(), fmt.Sprintf(`"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},`+
		`"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},`+
		`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],`+
		`"code":%s,%s,"onsetDateTime":"%s","recordedDate":"%s"`, coded(problem), about(p, v), stamp(v.start), stamp(v.start)))
}

// observations makes about six measurements and now and then a panel of them.
func (g *Generator) observations(p *person, v visit) {
	type result struct {
		id   string
		term term
	}
	var results []result
	for range 3 + g.rnd.IntN(7) {
		m, id := g.term(measures), g.uuid()
		results = append(results, result{id, m})
		category := "vital-signs"
		if m.low == 0 || m.unit == "mg/dL" {
			category = "laboratory"
		}
		g.entry("Observation", id, fmt.Sprintf(`"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"%s","display":"%s"}]}],`+
			`"code":%s,%s,"effectiveDateTime":"%s","issued":"%s","valueQuantity":{"value":%.14f,"unit":"%s","system":"http://unitsofmeasure.org","code":"%s"}`,
			category, category, coded(m), about(p, v), stamp(v.start), v.start.Format("2006-01-02T15:04:05.000-07:00"),
			m.low+g.rnd.Float64()*(m.high-m.low), m.unit, m.unit))
	}
	if g.rnd.IntN(2) > 0 {
		return
	}
	var list []string
	for _, r := range results {
		list = append(list, fmt.Sprintf(`{"reference":"urn:uuid:%s","display":"%s"}`, r.id, r.term.words))
	}
	g.entry("DiagnosticReport", g.uuid(), fmt.Sprintf(`"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"LAB","display":"Laboratory"}]}],`+
		`"code":%s,%s,"effectiveDateTime":"%s","issued":"%s","result":[%s]`,
		coded(g.term(panels)), about(p, v), stamp(v.start), v.start.Format("2006-01-02T15:04:05.000-07:00"), strings.Join(list, ",")))
}

func (g *Generator) medication(p *person, v visit) {
	id := g.uuid()
	g.entry("MedicationRequest", id, fmt.Sprintf(`"status":"active","intent":"order","medicationCodeableConcept":%s,%s,"authoredOn":"%s","requester":%s,`+
		`"dosageInstruction":[{"sequence":1,"text":"One daily.","timing":{"repeat":{"frequency":1,"period":1.0,"periodUnit":"d"}},"asNeededBoolean":false,`+
		`"doseAndRate":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/dose-rate-type","code":"ordered","display":"Ordered"}]},"doseQuantity":{"value":1.0}}]}]`,
		coded(g.term(drugs)), about(p, v), stamp(v.start), ref(p.practitioner)))
	g.claim(p, v, "pharmacy", id)
}

func (g *Generator) note(p *person, v visit) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n# Chief Complaint\n- %s\n\n# History of Present Illness\n%s is a patient of %d years.", v.start.Format(time.DateOnly),
		g.pick(complaints), p.name, v.start.Year()-p.born.Year())
	for _, problem := range p.problems {
		fmt.Fprintf(&b, " Patient has a history of %s.", strings.ToLower(problem.words))
	}
	b.WriteString("\n\n# Examination\n")
	for range 2 + g.rnd.IntN(4) {
		b.WriteString(g.pick(findings) + " ")
	}
	fmt.Fprintf(&b, "\n\n# Assessment and Plan\nPatient is presenting with %s. %s %s\n", g.pick(complaints), g.pick(plans), g.pick(plans))
	g.entry("DocumentReference", g.uuid(), fmt.Sprintf(`"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:%s"}],"status":"current",`+
		`"type":{"coding":[{"system":"http://loinc.org","code":"34117-2","display":"History and physical note"}]},`+
		`"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note","display":"Clinical Note"}]}],`+
		`"subject":%s,"date":"%s","author":[{"reference":"urn:uuid:%s","display":"%s"}],"custodian":%s,`+
		`"content":[{"attachment":{"contentType":"text/plain; charset=utf-8","data":"%s"},"format":{"system":"http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem","code":"urn:ihe:iti:xds:2017:mimeTypeSufficient","display":"mimeType Sufficient"}}],`+
		`"context":{"encounter":[%s],%s}`,
		g.uuid(), ref(p.id), v.end.Format("2006-01-02T15:04:05.000-07:00"), p.practitioner, p.doctor, ref(p.organization),
		base64.StdEncoding.EncodeToString([]byte(b.String())), ref(v.id), period("period", v)))
}

func (g *Generator) claim(p *person, v visit, kind, prescription string) string {
	id := g.uuid()
	extra := ""
	if prescription != "" {
		extra = `"prescription":` + ref(prescription) + `,`
	}
	g.entry("Claim", id, fmt.Sprintf(`"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"%s"}]},"use":"claim",`+
		`"patient":{"reference":"urn:uuid:%s","display":"%s"},%s,"created":"%s","provider":%s,"priority":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/processpriority","code":"normal"}]},%s`+
		`"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"Invented Mutual"}}],"item":[{"sequence":1,"productOrService":%s,"encounter":[%s]}],"total":{"value":%.2f,"currency":"USD"}`,
		kind, p.id, p.name, period("billablePeriod", v), stamp(v.end), ref(p.organization), extra, coded(v.kind), ref(v.id), 50+g.rnd.Float64()*900))
	return id
}

func (g *Generator) benefit(p *person, v visit, claim string) {
	paid := 50 + g.rnd.Float64()*900
	g.entry("ExplanationOfBenefit", g.uuid(), fmt.Sprintf(`"contained":[{"resourceType":"ServiceRequest","id":"referral","status":"completed","intent":"order","subject":%s,"requester":%s,"performer":[%s]},`+
		`{"resourceType":"Coverage","id":"coverage","status":"active","type":{"text":"Invented Mutual"},"beneficiary":%s,"payor":[{"display":"Invented Mutual"}]}],`+
		`"identifier":[{"system":"https://bluebutton.cms.gov/resources/variables/clm_id","value":"%s"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},`+
		`"use":"claim","patient":%s,%s,"created":"%s","insurer":{"display":"Invented Mutual"},"provider":%s,"referral":{"reference":"#referral"},"claim":%s,"outcome":"complete",`+
		`"insurance":[{"focal":true,"coverage":{"reference":"#coverage","display":"Invented Mutual"}}],`+
		`"item":[{"sequence":1,"category":{"coding":[{"system":"https://bluebutton.cms.gov/resources/variables/line_cms_type_srvc_cd","code":"1","display":"Medical care"}]},"productOrService":%s,%s,`+
		`"locationCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/ex-serviceplace","code":"19","display":"Off Campus-Outpatient Hospital"}]},"encounter":[%s]}],`+
		`"total":[{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"submitted","display":"Submitted Amount"}],"text":"Submitted Amount"},"amount":{"value":%.2f,"currency":"USD"}}],"payment":{"amount":{"value":%.2f,"currency":"USD"}}`,
		ref(p.id), ref(p.practitioner), ref(p.practitioner), ref(p.id), claim, ref(p.id), period("billablePeriod", v), stamp(v.end),
		ref(p.practitioner), ref(claim), coded(v.kind), period("servicedPeriod", v), ref(v.id), paid, paid*0.8))
}

func (g *Generator) carePlan(p *person, at time.Time) {
	goal := g.uuid()
	g.entry("Goal", goal, `"lifecycleStatus":"accepted","achievementStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/goal-achievement","code":"in-progress"}]},"description":{"text":"Walks half an hour a day"},"subject":`+ref(p.id))
	g.entry("CarePlan", g.uuid(), fmt.Sprintf(`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Care plan.<br/>Activities: <ul><li>Walking</li></ul></div>"},"status":"active","intent":"order","subject":%s,"period":{"start":"%s"},"goal":[%s],`+
		`"activity":[{"detail":{"code":{"text":"Walking"},"status":"in-progress"}}]`, ref(p.id), stamp(at), ref(goal)))
}
