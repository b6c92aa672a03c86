package fhir_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"chartroom/wire/fhir"
)

// admission is an invented transaction; its last entry cannot be used.
const admission = `{"resourceType":"Bundle","type":"transaction","entry":[
 {"fullUrl":"urn:uuid:a1","resource":{"resourceType":"Patient","name":[{"family":"Merriweather","given":["Rosa"]}],"birthDate":"1985-02"},
  "request":{"method":"POST","url":"Patient"}},
 {"fullUrl":"urn:uuid:b2","resource":{"resourceType":"Condition","code":{"text":"Pneumonia"},"subject":{"reference":"urn:uuid:a1"}},
  "request":{"method":"POST","url":"Condition"}},
 {"resource":{"resourceType":"Patient","id":"x","id":"y"}}
]}`

func ExampleReader() {
	r := fhir.NewReader(strings.NewReader(admission), fhir.Options{})
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		fmt.Println(e.Number, e.Resource.Type, e.FullURL)
	}
	// Output:
	// 1 Patient urn:uuid:a1
	// 2 Condition urn:uuid:b2
	// refused: fhir: entry 3: the same key stands twice in one object (line 6, offset 474)
}

func ExampleResource_Patient() {
	r, err := fhir.ParseResource([]byte(`{"resourceType":"Patient","name":[{"family":"Merriweather","given":["Rosa"]}],"birthDate":"1985-02","gender":2}`), fhir.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := r.Patient()
	fmt.Println(p.Name[0], "born", p.BirthDate)
	fmt.Println(err)
	// Output:
	// Rosa Merriweather born 1985-02
	// fhir: Patient.gender: want string, found number (line 1, offset 109)
}

func ExampleReference_Target() {
	t, err := fhir.Reference{Reference: "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"}.Target()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Kind == fhir.Conditional, t.Type, t.System, t.Value)
	// Output: true Practitioner http://hl7.org/fhir/sid/us-npi 1234567893
}

func ExampleCondition_MarshalJSON() {
	out, err := json.Marshal(fhir.Condition{
		Code:     fhir.Concept(fhir.SystemICD10CM, "J18.9", "Pneumonia, unspecified organism"),
		Subject:  fhir.RefTo("Patient", "p1"),
		Recorded: fhir.NewDateTime(time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(out))
	// Output: {"resourceType":"Condition","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J18.9","display":"Pneumonia, unspecified organism"}],"text":"Pneumonia, unspecified organism"},"subject":{"reference":"Patient/p1"},"recordedDate":"2026-09-30T12:00:00Z"}
}
