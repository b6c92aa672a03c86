package intake

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/seal"
	"chartroom/wire/fhir"
	"chartroom/wire/hl7v2"
)

// This test stands inside the package to reach the mapping without a store.

// The inputs that the fuzz tests begin with; TestTwice sends them to a store.
var (
	SeedsHL7 = []string{
		"PID|1||100^^^N^MR||Quill^Marta\rPV1|1|I|W||||1^A|||||||||||||V1|||||||||||||||||01||||||||20260901|20260902\rDG1|1||I10^x^I10\rAL1|1|DA|P^q|SV|a~b\rPR1|1||c\r",
		"PID|1||100^^^N^MR||Quill^Marta\rMRG|200^^^N^MR\r",
		"PID|||1\rOBR|1||F^X|c^t^L\rOBX|1|ED|d^e||^TEXT^PLAIN^Base64^SGk=||||||F\rNTE|1||x\r",
		"PID|||1\rTXA|1|DS|TX|20260901|||||1^A|||D1|||||AU|||||1^A^^^^^^^^^^^^^2026\rOBX|1|TX|||a~b\r",
		"PID|\"\"||\"\"||\"\"\rPV1|1|I|\"\"||||||||||||||||V|||||||||||||||||||||||||\"\"\rIN1|1|2|3|4\rDG1|||\rRXA||||x\r",
		"PID|||7^^^N^MR\rPID|||8^^^N^MR\rOBR|1|P||c\rOBX|1|NM|c||1\rOBX|2|NM|c||2\rOBX|3|TX|||text\r",
	}
	SeedsFHIR = []string{
		`{"resourceType":"Patient","id":"h","name":[{"family":"Quill","given":["M"]}],"birthDate":"1961"}`,
		`{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/h"},"period":{"start":"2026-09-01"}}`,
		`{"resourceType":"Condition","subject":{"reference":"Patient/h"},"encounter":{"reference":"Encounter/e"},"code":{"text":"x"}}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=a|b"},"component":[{"code":{"text":"y"}}]}`,
		`{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/h"},"content":[{"attachment":{"contentType":"text/html","data":"PGI+"}}]}`,
		`{"resourceType":"Composition","status":"final","subject":{"identifier":{"value":"h"}},"section":[{"title":"a","text":{"div":"<p>x"},"section":[{}]}]}`,
		`{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Claim","patient":{"reference":"urn:uuid:1"}}}]}`,
		"{\"resourceType\":\"Practitioner\"}\n{\"resourceType\":\"Location\",\"name\":\"x\"}\n",
	}
	SeedsNote = []string{"Record-Number: 1\nDate: 2026-09-01\n\nText.\n", "Type: x\r\nSigned: yes\r\n\r\nText"}
)

func mapper(tb testing.TB) *Service {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	return &Service{ring: ring, config: Config{Zone: time.UTC}}
}

func FuzzMapHL7(f *testing.F) {
	for _, seed := range SeedsHL7 {
		f.Add("ADT^A08", seed)
		f.Add("MDM^T02", seed)
	}
	s := mapper(f)
	f.Fuzz(func(t *testing.T, kind, body string) {
		m, err := hl7v2.Parse([]byte("MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||"+kind+"|1|P|2.5.1\r"+body), hl7v2.Options{})
		if err != nil {
			return
		}
		x, err := s.readHL7(m, "file")
		if err != nil {
			if _, ok := errors.AsType[*hl7v2.Error](err); !ok {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		for _, g := range x.groups {
			pid, _ := hl7v2.ReadPID(g.PID) // as the mapping does
			_, numbers := s.patientNumbers(x.header, pid)
			var p chart.Patient
			overlayPatient(&p, pid)
			p.Identifiers = numbers
			mm := mapping{s: s, x: x, record: "r", encounter: "e", path: pathOf(g.PID)}
			mm.batch.AddPatient(p)
			if g.PV1.Present() {
				pv1, _ := hl7v2.ReadPV1(g.PV1) // as the mapping does
				var e chart.Encounter
				mm.overlayVisit(&e, pv1)
				mm.batch.AddEncounter(e)
			}
			mm.segments(g.PID)
			for _, o := range g.Orders {
				mm.order(o)
			}
			mm.documentText(g.Orders)
			for _, path := range mm.batch.Paths() {
				if strings.ContainsAny(path, "\r\n") || len(path) > 20 && path != "" {
					t.Errorf("place %q", path)
				}
			}
		}
	})
}

func FuzzMapFHIR(f *testing.F) {
	for _, seed := range SeedsFHIR {
		f.Add(seed)
	}
	s := mapper(f)
	f.Fuzz(func(t *testing.T, body string) {
		u := newUnit(Options{}, "Bundle")
		r := fhir.NewReader(strings.NewReader(body), fhir.Options{})
		n := 0
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if n++; err != nil {
				u.result.reject("file", err.Error())
				continue
			}
			s.add(u, "entry", e, 0)
		}
		if res := u.result; res.Received != n || res.Received != res.Accepted+res.Rejected {
			t.Errorf("%d entries, %+v", n, res)
		}
		for _, path := range u.batch.Paths() {
			part, ok := Span([]byte(body), path)
			if !ok || len(part) < 2 || part[0] != '{' || part[len(part)-1] != '}' {
				t.Errorf("place %q has %q", path, part)
			}
		}
	})
}

func FuzzNote(f *testing.F) {
	for _, seed := range SeedsNote {
		f.Add(seed)
	}
	s := mapper(f)
	f.Fuzz(func(t *testing.T, body string) {
		n, err := s.readNote(strings.NewReader(body), "file")
		if err != nil {
			if _, ok := errors.AsType[*problem](err); !ok {
				t.Errorf("an error without a reason: %v", err)
			}
			return
		}
		if strings.TrimSpace(n.text) == "" || n.fields["record-number"] == "" {
			t.Errorf("taken for a note: %q", body)
		}
	})
}
