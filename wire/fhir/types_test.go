package fhir_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/wire/fhir"
)

func resource(t *testing.T, text string) *fhir.Resource {
	t.Helper()
	r, err := fhir.ParseResource([]byte(text), fhir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func date(t *testing.T, text string) fhir.DateTime {
	t.Helper()
	d, err := fhir.ParseDateTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPatient(t *testing.T) {
	r := resource(t, `{"resourceType":"Patient","id":"p1","meta":{"versionId":"3","lastUpdated":"2026-09-30T10:00:00.5Z","tag":[{"code":"x"}]},
		"extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory"},{"url":"text","valueString":"Other"}]},
			{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"F"},
			{"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":"N\u00fa\u00f1ez"}],
		"identifier":[{"use":"official","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:oid:1.2.3","value":"4711"}],
		"active":true,"name":[{"use":"official","family":"Merriweather","given":["Rosa",null,"J"],"_given":[null,{"extension":[]},null],"prefix":["Dr"]}],
		"telecom":[{"system":"phone","value":"555-0100","use":"home"}],"gender":"female","birthDate":"1985-02",
		"deceasedDateTime":"2026-09-01","address":[{"line":["12 Invented Lane","Apt 3"],"city":"Lakemont","state":"MA","postalCode":"01002"}],
		"communication":[{"language":{"text":"English"}}],
		"link":[{"other":{"reference":"Patient/p0"},"type":"replaces"}]}`)
	got, err := r.Patient()
	if err != nil {
		t.Fatal(err)
	}
	dead, active := true, true
	want := fhir.Patient{
		Base: fhir.Base{ID: "p1", Meta: fhir.Meta{VersionID: "3", LastUpdated: date(t, "2026-09-30T10:00:00.5Z"), Tag: []fhir.Coding{{Code: "x"}}}},
		Identifier: []fhir.Identifier{{Use: "official", System: "urn:oid:1.2.3", Value: "4711",
			Type: fhir.CodeableConcept{Coding: []fhir.Coding{{System: "http://terminology.hl7.org/CodeSystem/v2-0203", Code: "MR"}}}}},
		Active:    &active,
		Name:      []fhir.HumanName{{Use: "official", Family: "Merriweather", Given: []string{"Rosa", "J"}, Prefix: []string{"Dr"}}},
		Telecom:   []fhir.ContactPoint{{System: "phone", Value: "555-0100", Use: "home"}},
		Gender:    "female",
		BirthDate: date(t, "1985-02"), Deceased: &dead, DeceasedAt: date(t, "2026-09-01"),
		Address:  []fhir.Address{{Line: []string{"12 Invented Lane", "Apt 3"}, City: "Lakemont", State: "MA", PostalCode: "01002"}},
		Language: "English", Race: "Other", BirthSex: "F", MothersMaidenName: "Núñez",
		Link: []fhir.PatientLink{{Other: fhir.Reference{Reference: "Patient/p0"}, Type: "replaces"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Patient (-want +got):\n%s", diff)
	}
	if got.Identifier[0].TypeCode() != "MR" || got.Name[0].String() != "Dr Rosa J Merriweather" {
		t.Errorf("type %q, name %q", got.Identifier[0].TypeCode(), got.Name[0])
	}
}

// TestWrongTypes names every element that is not of its type, and reads the
// others.
func TestWrongTypes(t *testing.T) {
	r := resource(t, `{"resourceType":"Patient","id":"p1",
  "gender":7,
  "active":"yes",
  "name":[{"family":["Roe"]},{"family":"Secret","given":"Rosa"}],
  "birthDate":"yesterday",
  "address":{"city":"Lakemont"},
  "contained":[{"resourceType":"Patient","id":"c","gender":[]}]}`)
	p, err := r.Patient()
	if p.ID != "p1" || p.Name[1].Family != "Secret" {
		t.Errorf("patient %+v", p)
	}
	for _, want := range []string{
		"Patient.gender: want string, found number (line 2, offset 48)",
		"Patient.active: want boolean, found string (line 3,",
		"Patient.name[0].family: want string, found array (line 4,",
		"Patient.name[1].given: want array, found string (line 4,",
		"Patient.birthDate: not a date",
		"Patient.address: want array, found object (line 6,",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nhas no %q", err, want)
		}
	}
	for _, secret := range []string{"Secret", "Rosa", "yesterday", "Lakemont"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error quotes %q", secret)
		}
	}
	inner, err := r.Contained()
	if err != nil || len(inner) != 1 || string(inner[0].Raw) != `{"resourceType":"Patient","id":"c","gender":[]}` {
		t.Fatalf("contained %v (%v)", inner, err)
	}
	if _, err := inner[0].Patient(); err == nil || !strings.Contains(err.Error(), "Patient.gender") {
		t.Errorf("contained: error %v", err)
	}
	if _, err := r.Encounter(); err == nil || !strings.Contains(err.Error(), "another type than Encounter") {
		t.Errorf("read as another type: %v", err)
	}
}

func TestManyErrorsAreBounded(t *testing.T) {
	r := resource(t, `{"resourceType":"Patient","name":[`+strings.Repeat("1,", 100_000)+`1]}`)
	_, err := r.Patient()
	if n := strings.Count(err.Error(), "\n"); n > 25 {
		t.Errorf("%d errors are gathered", n)
	}
}

func TestEncounter(t *testing.T) {
	r := resource(t, `{"resourceType":"Encounter","status":"finished","class":{"system":"s","code":"IMP"},"type":[{"text":"Stay"}],
		"subject":{"reference":"urn:uuid:p"},"participant":[{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/9","display":"Dr. Dunmore"}}],
		"period":{"start":"2026-09-01T10:15:00-04:00","end":"2026-09-03"},"reasonCode":[{"text":"Cough"}],
		"diagnosis":[{"condition":{"reference":"Condition/1"},"use":{"coding":[{"code":"AD"}]},"rank":1}],
		"hospitalization":{"admitSource":{"text":"home"},"dischargeDisposition":{"coding":[{"code":"home"}]}},
		"location":[{"location":{"display":"4N"},"period":{"start":"2026"}}]}`)
	e, err := r.Encounter()
	if err != nil {
		t.Fatal(err)
	}
	if e.Class.Code != "IMP" || e.Participant[0].Individual.Display != "Dr. Dunmore" || e.Diagnosis[0].Rank != 1 ||
		e.Hospitalization.DischargeDisposition.Words() != "home" || e.Location[0].Location.Display != "4N" {
		t.Errorf("encounter %+v", e)
	}
	if e.Period.Start.Precision != fhir.Second || e.Period.End.Precision != fhir.Day {
		t.Errorf("period %+v", e.Period)
	}
}

func TestObservationValues(t *testing.T) {
	for value, want := range map[string]string{
		`"valueQuantity":{"value":1.20,"comparator":"<","unit":"mg/dL"}`:        "<1.20 mg/dL",
		`"valueQuantity":{"value":1e3,"code":"g"}`:                              "1e3 g",
		`"valueCodeableConcept":{"coding":[{"code":"c","display":"Positive"}]}`: "Positive",
		`"valueString":"as \"before\""`:                                         `as "before"`,
		`"valueBoolean":false`:                                                  "no",
		`"valueInteger":5`:                                                      "5",
		`"valueDateTime":"2026-09"`:                                             "2026-09",
		`"valueTime":"12:30:00"`:                                                "12:30:00",
		`"valuePeriod":{"start":"2026"}`:                                        "2026 - ",
		`"valueRange":{"low":{"value":1}}`:                                      `{"low":{"value":1}}`,
		`"dataAbsentReason":{"text":"unknown"}`:                                 "",
		`"component":[{"code":{"text":"systolic"},"valueQuantity":{"value":120,"unit":"mm"}}]`: "",
	} {
		o, err := resource(t, `{"resourceType":"Observation","status":"final","code":{"text":"x"},"effectiveInstant":"2026-09-30T00:00:00Z",`+value+`}`).Observation()
		if err != nil || o.Value.String() != want {
			t.Errorf("%s reads %q (%v), want %q", value, o.Value, err, want)
		}
		if o.Effective.IsZero() {
			t.Error("effectiveInstant was not read")
		}
		if len(o.Component) == 1 && o.Component[0].Value.String() != "120 mm" {
			t.Errorf("component %+v", o.Component[0])
		}
	}
}

func TestMedications(t *testing.T) {
	for _, c := range []struct{ text, code, date, who, dose string }{
		{`{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"lisinopril"},"authoredOn":"2026-09-01","requester":{"display":"Dr. Roe"},"dosageInstruction":[{"text":"one daily","doseAndRate":[{"doseQuantity":{"value":1.0}}]}]}`,
			"lisinopril", "2026-09-01", "Dr. Roe", "1.0"},
		{`{"resourceType":"MedicationStatement","status":"active","medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m","code":{"text":"metformin"}}],"effectivePeriod":{"start":"2026-08"},"informationSource":{"display":"patient"},"dosage":[{"text":"two"}]}`,
			"metformin", "2026-08", "patient", ""},
		{`{"resourceType":"MedicationAdministration","status":"completed","medicationCodeableConcept":{"text":"heparin"},"context":{"reference":"Encounter/e"},"effectiveDateTime":"2026-09-02T08:00:00Z","performer":[{"actor":{"display":"RN Lake"}}],"dosage":{"dose":{"value":5000,"unit":"U"}}}`,
			"heparin", "2026-09-02T08:00:00Z", "RN Lake", "5000 U"},
	} {
		m, err := resource(t, c.text).Medication()
		if err != nil {
			t.Fatal(err)
		}
		if m.Code.Words() != c.code || m.Date.String() != c.date || m.Who[0].Display != c.who || m.Dosage[0].Dose.String() != c.dose {
			t.Errorf("%s: %+v", m.Code.Words(), m)
		}
	}
	if _, err := resource(t, `{"resourceType":"Patient"}`).Medication(); err == nil {
		t.Error("a Patient is read as a medication")
	}
}

func TestDocumentTypes(t *testing.T) {
	d, err := resource(t, `{"resourceType":"DocumentReference","status":"current","docStatus":"final","type":{"text":"Note"},
		"content":[{"attachment":{"contentType":"Text/Plain; charset=utf-8","data":"SGVs\nbG8="}}],
		"context":{"encounter":[{"reference":"Encounter/e"}],"period":{"start":"2026-09-01"}}}`).DocumentReference()
	if err != nil {
		t.Fatal(err)
	}
	data, ok := d.Content[0].Attachment.Decode()
	if !ok || string(data) != "Hello" || d.Content[0].Attachment.MediaType() != "text/plain" || d.Encounter[0].Reference != "Encounter/e" {
		t.Errorf("document %+v, data %q", d, data)
	}
	if _, ok := (fhir.Attachment{Data: "???"}).Decode(); ok {
		t.Error("bad base64 is decoded")
	}
	c, err := resource(t, `{"resourceType":"Composition","status":"final","title":"Discharge summary","section":[{"title":"Course","text":{"status":"generated",
		"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Admitted with <b>pneumonia</b>.</p><!-- no --><p>Treated &amp; well.</p><table><tr><td>Na</td><td>140</td></tr></table></div>"},
		"section":[{"title":"Inner"}]}]}`).Composition()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Section[0].Text.Plain(); got != "Admitted with pneumonia.\nTreated & well.\nNa\t140" {
		t.Errorf("narrative reads %q", got)
	}
	if c.Section[0].Section[0].Title != "Inner" {
		t.Errorf("sections %+v", c.Section)
	}
	rep, err := resource(t, `{"resourceType":"DiagnosticReport","status":"final","code":{"text":"Chest X-ray"},"conclusion":"Clear.","presentedForm":[{"contentType":"text/plain","data":"QQ=="}],"effectivePeriod":{"start":"2026-09-01"}}`).DiagnosticReport()
	if err != nil || rep.Conclusion != "Clear." || rep.Effective.String() != "2026-09-01" || len(rep.PresentedForm) != 1 {
		t.Errorf("report %+v (%v)", rep, err)
	}
}

func TestGeneric(t *testing.T) {
	for _, c := range []struct{ text, subject, encounter, code, date string }{
		{`{"resourceType":"CarePlan","status":"active","subject":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/2"},"period":{"start":"2026-01-01"},"category":[{"text":"c"}]}`, "Patient/1", "Encounter/2", "", "2026-01-01"},
		{`{"resourceType":"Immunization","patient":{"reference":"Patient/1"},"vaccineCode":{"text":"flu"},"occurrenceDateTime":"2026"}`, "Patient/1", "", "flu", "2026"},
		{`{"resourceType":"Claim","patient":{"reference":"Patient/1"},"type":{"coding":[{"code":"pharmacy"}]},"created":"2026-02-03","item":[{"encounter":[{"reference":"Encounter/9"}]}]}`, "Patient/1", "", "pharmacy", "2026-02-03"},
		{`{"resourceType":"DocumentReference","subject":{"reference":"Patient/1"},"context":{"encounter":[{"reference":"Encounter/7"}]},"date":"2026-09-30T00:00:00Z"}`, "Patient/1", "Encounter/7", "", "2026-09-30T00:00:00Z"},
		{`{"resourceType":"AllergyIntolerance","category":["food"],"type":"allergy","patient":{"reference":"Patient/1"}}`, "Patient/1", "", "", ""},
		{`{"resourceType":"Questionnaire","status":"active","code":[{"code":"q"}],"date":"2026"}`, "", "", "", "2026"},
	} {
		g, err := resource(t, c.text).Generic()
		if err != nil {
			t.Fatal(err)
		}
		if g.Subject.Reference != c.subject || g.Encounter.Reference != c.encounter || g.Code.Words() != c.code || g.Date.String() != c.date {
			t.Errorf("%s: %+v", g.Type, g)
		}
	}
}

func TestReferences(t *testing.T) {
	for _, c := range []struct {
		ref  fhir.Reference
		want fhir.Target
	}{
		{fhir.Reference{}, fhir.Target{}},
		{fhir.Reference{Display: "Dr. Roe"}, fhir.Target{}},
		{fhir.Reference{Reference: "Patient/a-1.b"}, fhir.Target{Kind: fhir.Relative, Type: "Patient", ID: "a-1.b"}},
		{fhir.Reference{Reference: "Patient/1/_history/2"}, fhir.Target{Kind: fhir.Relative, Type: "Patient", ID: "1", Version: "2"}},
		{fhir.Reference{Reference: "https://example.org/fhir/Patient/1/_history/2"},
			fhir.Target{Kind: fhir.Absolute, Type: "Patient", ID: "1", Version: "2", URL: "https://example.org/fhir/Patient/1"}},
		{fhir.Reference{Reference: "http://example.org/x"}, fhir.Target{Kind: fhir.Absolute, URL: "http://example.org/x"}},
		{fhir.Reference{Reference: "urn:uuid:00000000-0000-4000-8000-000000000001", Type: "Patient"},
			fhir.Target{Kind: fhir.URN, Type: "Patient", URL: "urn:uuid:00000000-0000-4000-8000-000000000001"}},
		{fhir.Reference{Reference: "#med"}, fhir.Target{Kind: fhir.Contained, ID: "med"}},
		{fhir.Reference{Type: "Patient", Identifier: &fhir.Identifier{System: "s", Value: "v"}},
			fhir.Target{Kind: fhir.Logical, Type: "Patient", System: "s", Value: "v"}},
		{fhir.Reference{Reference: "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|999"},
			fhir.Target{Kind: fhir.Conditional, Type: "Practitioner", System: "http://hl7.org/fhir/sid/us-npi", Value: "999",
				Query: map[string][]string{"identifier": {"http://hl7.org/fhir/sid/us-npi|999"}}}},
		{fhir.Reference{Reference: "Patient?identifier=4711"},
			fhir.Target{Kind: fhir.Conditional, Type: "Patient", Value: "4711", Query: map[string][]string{"identifier": {"4711"}}}},
	} {
		got, err := c.ref.Target()
		if err != nil {
			t.Errorf("%+v: %v", c.ref, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.ref, diff)
		}
	}
	for _, bad := range []string{"Patient", "patient/1", "Patient/", "Patient/a b", "a/b/c", "Patient/1/_history", "../etc/passwd", "patient?identifier=1", "Patient?x=%zz"} {
		if got, err := (fhir.Reference{Reference: bad}).Target(); !errors.Is(err, fhir.ErrReference) {
			t.Errorf("%q is read as %+v (%v)", bad, got, err)
		}
	}
}

func TestDateTimes(t *testing.T) {
	for text, precision := range map[string]fhir.Precision{
		"2026": fhir.Year, "2026-09": fhir.Month, "2026-09-30": fhir.Day, "2026-09-30T10:15": fhir.Minute,
		"2026-09-30T10:15:00": fhir.Second, "2026-09-30T10:15:00Z": fhir.Second, "2026-09-30T10:15:00.123Z": fhir.Fraction,
		"2026-09-30T10:15:00.123456789-05:30": fhir.Fraction, "2024-02-29": fhir.Day, "2026-09-30T10:15:00+14:00": fhir.Second,
	} {
		got, err := fhir.ParseDateTime(text)
		if err != nil || got.Precision != precision || got.String() != text {
			t.Errorf("%s is %+v, written %s (%v)", text, got, got, err)
		}
	}
	for _, bad := range []string{"", "0000", "26", "2026-9", "2026-13", "2026-02-30", "2026-09-30T", "2026-09-30T10", "2026-09-30T25:00:00Z",
		"2026-09-30T10:60:00Z", "2026-09-30 10:15:00", "2026-09-30T10:15:00.Z", "2026-09-30T10:15:00+0500", "2026-09T10:15:00Z", "20260930", "2026-09-30T10:15:00Zx"} {
		if got, err := fhir.ParseDateTime(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
	eastern := time.FixedZone("EST", -5*3600)
	if got := date(t, "2026-09-30").In(eastern); !got.Equal(time.Date(2026, 9, 30, 0, 0, 0, 0, eastern)) {
		t.Errorf("a day in its zone is %v", got)
	}
}

func TestWriting(t *testing.T) {
	at := fhir.NewDateTime(time.Date(2026, 9, 30, 12, 0, 0, 5, time.UTC))
	cases := []struct {
		name string
		v    any
		want string
	}{
		{"condition", fhir.Condition{
			Base: fhir.Base{ID: "c1"}, Code: fhir.Concept(fhir.SystemICD10CM, "J18.9", "Pneumonia, unspecified organism"),
			Subject: fhir.RefTo("Patient", "p1"), Encounter: fhir.RefTo("Encounter", "e1"),
			Extension: []fhir.Extension{fhir.POAExtension("https://example.org/poa", "Y")}},
			`{"resourceType":"Condition","id":"c1","extension":[{"url":"https://example.org/poa","valueCodeableConcept":{"coding":[{"system":"` + fhir.SystemPOA + `","code":"Y"}]}}],` +
				`"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J18.9","display":"Pneumonia, unspecified organism"}],"text":"Pneumonia, unspecified organism"},` +
				`"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"}}`},
		{"encounter", fhir.Encounter{Base: fhir.Base{ID: "e1"}, Status: "finished", Class: fhir.Coding{Code: "IMP"},
			Diagnosis: []fhir.EncounterDiagnosis{{Condition: fhir.RefTo("Condition", "c1"), Rank: 1}}},
			`{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"IMP"},"diagnosis":[{"condition":{"reference":"Condition/c1"},"rank":1}]}`},
		{"procedure", fhir.Procedure{Status: "completed", Performed: fhir.NewDate(at.Time)},
			`{"resourceType":"Procedure","status":"completed","performedDateTime":"2026-09-30"}`},
		{"provenance", fhir.Provenance{Target: []fhir.Reference{fhir.RefTo("Condition", "c1")}, Recorded: at,
			Agent:  []fhir.ProvenanceAgent{{Who: fhir.Reference{Display: "coder"}}},
			Entity: []fhir.ProvenanceEntity{{Role: "source", What: fhir.RefTo("DocumentReference", "d1")}}},
			`{"resourceType":"Provenance","target":[{"reference":"Condition/c1"}],"recorded":"2026-09-30T12:00:00Z","agent":[{"who":{"display":"coder"}}],"entity":[{"role":"source","what":{"reference":"DocumentReference/d1"}}]}`},
		{"audit event", fhir.AuditEvent{Type: fhir.Coding{Code: "rest"}, Action: "R", Recorded: at, Outcome: "0",
			Agent: []fhir.AuditAgent{{Name: "x", Requestor: true}}, Source: fhir.AuditSource{Observer: fhir.Reference{Display: "Chartroom"}}},
			`{"resourceType":"AuditEvent","type":{"code":"rest"},"action":"R","recorded":"2026-09-30T12:00:00Z","outcome":"0","agent":[{"name":"x","requestor":true}],"source":{"observer":{"display":"Chartroom"}}}`},
		{"merged patient", fhir.Patient{Base: fhir.Base{ID: "p2"}, Active: new(bool),
			Link: []fhir.PatientLink{{Other: fhir.RefTo("Patient", "p1"), Type: "replaced-by"}}},
			`{"resourceType":"Patient","id":"p2","active":false,"link":[{"other":{"reference":"Patient/p1"},"type":"replaced-by"}]}`},
		{"bundle", fhir.OutBundle{Type: "searchset", Total: new(int),
			Entry: []fhir.OutEntry{{Resource: json.RawMessage(`{"resourceType":"Basic"}`), Search: &fhir.OutSearch{Mode: "match", Score: "0.97"}}}},
			`{"resourceType":"Bundle","type":"searchset","total":0,"entry":[{"resource":{"resourceType":"Basic"},"search":{"mode":"match","score":0.97}}]}`},
		{"capability statement", fhir.NewCapabilityStatement(fhir.NewDate(at.Time), fhir.Software{Name: "Chartroom"},
			fhir.ResourceCapability{Type: "Patient", Interaction: []fhir.CodeValue{{Code: "read"}}}),
			`{"resourceType":"CapabilityStatement","status":"active","date":"2026-09-30","kind":"instance","software":{"name":"Chartroom"},"implementation":{"description":"Chartroom"},"fhirVersion":"4.0.1","format":["application/fhir+json"],"rest":[{"mode":"server","resource":[{"type":"Patient","interaction":[{"code":"read"}]}]}]}`},
		{"empty", fhir.OperationOutcome{}, `{"resourceType":"OperationOutcome","issue":null}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := json.Marshal(c.v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
			if _, err := fhir.ParseResource(got, fhir.Options{}); err != nil {
				t.Errorf("cannot be read back: %v", err)
			}
		})
	}
}

// TestRoundTrip reads back what was written.
func TestRoundTrip(t *testing.T) {
	want := fhir.Encounter{
		Base: fhir.Base{ID: "e1"}, Identifier: []fhir.Identifier{{System: "s", Value: "v", Type: fhir.Concept("x", "VN", "Visit")}}, Status: "finished",
		Class: fhir.Coding{System: "s", Code: "IMP", Display: "inpatient"}, Subject: fhir.RefTo("Patient", "p"),
		Period:          fhir.Period{Start: date(t, "2026-09-01T10:00:00-04:00"), End: date(t, "2026-09-03")},
		Hospitalization: fhir.Hospitalization{DischargeDisposition: fhir.Concept("d", "01", "Home")},
		Diagnosis:       []fhir.EncounterDiagnosis{{Condition: fhir.RefTo("Condition", "c"), Use: fhir.Concept("u", "DD", ""), Rank: 2}},
	}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := resource(t, string(raw)).Encounter()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("Encounter (-want +got):\n%s", diff)
	}
}

func TestOutcome(t *testing.T) {
	_, err := resource(t, `{"resourceType":"Patient","gender":7,"active":7}`).Patient()
	out := fhir.Outcome(err)
	if len(out.Issue) != 2 || out.Issue[0].Expression[0] != "Patient.active" || out.Issue[0].Code != "value" {
		t.Errorf("issues %+v", out.Issue)
	}
	_, err = fhir.ParseResource([]byte("{"), fhir.Options{})
	if out := fhir.Outcome(err); out.Issue[0].Code != "structure" || strings.Contains(out.Issue[0].Diagnostics, "fhir:") {
		t.Errorf("issue %+v", out.Issue[0])
	}
	if out := fhir.Outcome(errors.New("Rosa Roe is locked")); strings.Contains(out.Issue[0].Diagnostics, "Rosa") {
		t.Errorf("the issue quotes an error that may hold patient data: %+v", out.Issue[0])
	}
}
