package ccda_test

import (
	"fmt"

	"chartroom/wire/ccda"
)

func ExampleParse() {
	d, err := ccda.Parse([]byte(`<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <title>Progress note</title>
  <recordTarget><patientRole><id root="1.2.3" extension="100"/>
    <patient><name><given>Marta</given><family>Quill</family></name></patient></patientRole></recordTarget>
  <component><structuredBody><component><section>
    <title>Problems</title>
    <text><list><item ID="p1">Gout of the left foot</item></list></text>
    <entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/>
      <value xsi:type="CD" code="M10.072"><originalText><reference value="#p1"/></originalText></value></observation></entry>
  </section></component></structuredBody></component>
</ClinicalDocument>`), ccda.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Title, "of", d.Patients[0].Names[0])
	fmt.Print(d.Text)
	for e := range d.Entries() {
		fmt.Println(e.Kind, e.Code.Code, e.Code.Words())
	}
	// Output:
	// Progress note of Marta Quill
	// Problems
	// - Gout of the left foot
	// problem M10.072 Gout of the left foot
}
