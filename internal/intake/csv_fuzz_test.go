package intake

import (
	"bytes"
	"strings"
	"testing"

	"chartroom/wire/ccda"
)

// This test stands inside the package to reach the reading without a store.

// The inputs that TestTwice sends to a store, beside those of the older formats.
var (
	SeedsCSV = []string{
		"record_number,family,given\n1,Quill,Marta\n1,Quill,Marta\n2,Quill\n",
		"mrn;assigner;encounter;start\n1;N;V1;2026-09-01\n1;N;V1;20260230\n",
		"mrn,payer,priority\n1,Acorn,1\n1,Acorn,x\n",
		"mrn\tdiagnosis\tcode\n1\tGout\tM10.9\n1\t\"Go\tut\t\n",
		"mrn,text,type\n1,\"a\nb\",note\n1,,\n",
	}
	SeedsCCDA = []string{
		`<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1" extension="1"/><patient><name><family>Quill</family></name></patient></patientRole></recordTarget><componentOf><encompassingEncounter><effectiveTime value="20260901"/></encompassingEncounter></componentOf><component><structuredBody><component><section><title>a</title><text>b</text><entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.2"/><code displayName="x"/><effectiveTime value="2"/></observation></entry></section></component></structuredBody></component></ClinicalDocument>`,
		`<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1"/><patient><name>Quill</name></patient></patientRole></recordTarget><component><nonXMLBody><text>words</text></nonXMLBody></component></ClinicalDocument>`,
		`<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1" extension="2"/><patient><name><family>Quill</family></name></patient></patientRole></recordTarget><component><nonXMLBody><text mediaType="application/pdf" representation="B64">JVBERi0xLjQK</text></nonXMLBody></component></ClinicalDocument>`,
	}
)

// FuzzList varies lists: every row is read or rejected, each place has its bytes,
// and the parts hold all rows.
func FuzzList(f *testing.F) {
	for _, seed := range SeedsCSV {
		f.Add([]byte(seed))
	}
	f.Add([]byte("\xef\xbb\xbfrecord_number,family\r\n1,Qu\x81ill\r\n\r\n2,\"Qu\"\"ill\"\r\n3,\x96\r\n"))
	s := mapper(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := &run{s: s, opt: Options{Channel: "file"}}
		rows, rejected := 0, 0
		send := func(w portion) bool {
			if w.rejected != nil {
				rejected++
			}
			if w.rows == nil {
				return true
			}
			part := w.rows
			rows += len(part.rows) + part.result.Rejected
			for _, row := range part.rows {
				span, ok := Span(part.raw, row.path)
				if !ok || !strings.HasPrefix(row.path, "row[") {
					t.Fatalf("row %d has no place: %s of %d", row.number, row.path, len(part.raw))
				}
				for _, cell := range row.cells {
					if len(cell) > 3*len(span) { // windows-1252 makes three bytes of one
						t.Errorf("a cell of %d bytes in a row of %d", len(cell), len(span))
					}
				}
			}
			return true
		}
		if err := r.readCSV(bytes.NewReader(raw), &piece{name: "a.csv"}, send); err != nil {
			t.Fatal(err)
		}
		if rejected > 0 && rows > 0 {
			t.Error("a header that was refused, and rows of it")
		}
	})
}

// FuzzReadCCDA varies documents up to the door of the store.
func FuzzReadCCDA(f *testing.F) {
	for _, seed := range SeedsCCDA {
		f.Add([]byte(seed))
	}
	s := mapper(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := s.readCCDA(t.Context(), bytes.NewReader(raw), "file")
		var no *refusal
		if err != nil && (!asError(err, &no) || no.path == "" || no.why == "") {
			t.Fatal(err)
		}
		if err != nil || x == nil {
			return
		}
		m := ccdaMapping{s: s, x: x, record: "r", docID: "d"}
		p := ccdaPatient(x)
		if p.Name.Family == "" && p.Name.Given == "" {
			t.Error("a patient without a name")
		}
		for _, e := range x.entries {
			m.entry(e)
		}
		if m.batch.Len() > len(x.entries) {
			t.Errorf("%d facts of %d entries", m.batch.Len(), len(x.entries))
		}
		if _, err := ccda.Parse(x.raw, ccda.Options{}); err != nil {
			t.Error(err)
		}
	})
}
