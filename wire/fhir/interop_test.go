package fhir_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/testenv"
	"chartroom/wire/fhir"
)

// entryReader is what both readers are.
type entryReader interface {
	Next() (*fhir.Entry, error)
}

// readEntries reads all entries and their typed views; it counts by type.
func readEntries(t *testing.T, name string, r entryReader) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			if _, ok := errors.AsType[*fhir.Error](err); !ok {
				return counts
			}
			continue
		}
		counts[e.Resource.Type]++
		if err := readTyped(e.Resource); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// readTyped reads a resource as what it is, and as any resource.
func readTyped(r *fhir.Resource) error {
	_, generic := r.Generic()
	return errors.Join(generic, readTypedOnly(r))
}

// readTypedOnly reads a resource as its type, or as any resource if it has no
// type of its own here.
func readTypedOnly(r *fhir.Resource) error {
	var err error
	switch r.Type {
	case "Patient":
		_, err = r.Patient()
	case "Practitioner":
		_, err = r.Practitioner()
	case "PractitionerRole":
		_, err = r.PractitionerRole()
	case "Organization":
		_, err = r.Organization()
	case "Location":
		_, err = r.Location()
	case "Coverage":
		_, err = r.Coverage()
	case "Encounter":
		_, err = r.Encounter()
	case "Condition":
		_, err = r.Condition()
	case "Procedure":
		_, err = r.Procedure()
	case "MedicationRequest", "MedicationStatement", "MedicationAdministration":
		_, err = r.Medication()
	case "AllergyIntolerance":
		_, err = r.AllergyIntolerance()
	case "Immunization":
		_, err = r.Immunization()
	case "Observation":
		_, err = r.Observation()
	case "DiagnosticReport":
		_, err = r.DiagnosticReport()
	case "DocumentReference":
		_, err = r.DocumentReference()
	case "Composition":
		_, err = r.Composition()
	default:
		_, err = r.Generic()
	}
	return err
}

// TestSyntheaBundles reads 40 transaction bundles, 75 MB; the numbers were
// counted by another JSON reader.
func TestSyntheaBundles(t *testing.T) {
	got := map[string]int{}
	for name, content := range openZip(t, testenv.Data(t, "interop", "synthea-r4-smart", "bundles.zip")) {
		r := fhir.NewReader(bytes.NewReader(content), fhir.Options{})
		for typ, n := range readEntries(t, name, r) {
			got[typ] += n
		}
		if b, ok := r.Bundle(); !ok || b.Type != "transaction" {
			t.Errorf("%s: Bundle type %q, want transaction", name, b.Type)
		}
	}
	want := map[string]int{
		"Observation": 12064, "Claim": 2706, "Encounter": 1875, "ExplanationOfBenefit": 1875, "DiagnosticReport": 964,
		"Procedure": 912, "MedicationRequest": 831, "Condition": 473, "Immunization": 460, "CarePlan": 213, "Goal": 144,
		"Organization": 72, "Practitioner": 72, "ImagingStudy": 47, "Patient": 40, "AllergyIntolerance": 11,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

// TestBulkData reads an export in NDJSON: one type a file, as its name says.
func TestBulkData(t *testing.T) {
	want := map[string]int{
		"AllergyIntolerance": 11, "Condition": 555, "Device": 16, "DocumentReference": 1215, "Encounter": 1215,
		"Immunization": 161, "Location": 44, "MedicationRequest": 1745, "Organization": 43, "Patient": 13,
		"Practitioner": 43, "PractitionerRole": 43, "Procedure": 2056,
	}
	dir := testenv.Data(t, "interop", "synthea-bulk-10")
	got := map[string]int{}
	for typ := range want {
		file, err := os.Open(filepath.Join(dir, typ+".000.ndjson.gz"))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		for found, n := range readEntries(t, typ, fhir.NewNDJSONReader(lines, fhir.Options{})) {
			got[found] += n
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

// TestBulkNotes decodes every note of the export.
func TestBulkNotes(t *testing.T) {
	file, err := os.Open(testenv.Data(t, "interop", "synthea-bulk-10", "DocumentReference.000.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r := fhir.NewNDJSONReader(lines, fhir.Options{})
	notes := 0
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		d, err := e.Resource.DocumentReference()
		if err != nil {
			t.Fatal(err)
		}
		for _, content := range d.Content {
			data, ok := content.Attachment.Decode()
			if !ok || content.Attachment.MediaType() != "text/plain" || len(data) == 0 {
				t.Errorf("line %d: note cannot be decoded", e.Number)
			}
			notes++
		}
	}
	if notes != 1215 {
		t.Errorf("%d notes, want 1215", notes)
	}
}

// TestUSCoreExamples reads the examples of US Core: 234 files, of which five
// are Bundles.
func TestUSCoreExamples(t *testing.T) {
	files := openZip(t, testenv.Data(t, "interop", "us-core", "examples.zip"))
	if len(files) != 234 {
		t.Errorf("%d files, want 234", len(files))
	}
	got := map[string]int{}
	for name, content := range files {
		counts := readEntries(t, name, fhir.NewReader(bytes.NewReader(content), fhir.Options{}))
		if len(counts) == 0 && !strings.Contains(string(content), `"Bundle"`) {
			t.Errorf("%s: nothing was read", name)
		}
		for typ, n := range counts {
			got[typ] += n
		}
	}
	all := 0
	for n := range maps.Values(got) {
		all += n
	}
	if all != 240 || got["Observation"] != 139 || got["Patient"] != 4 {
		t.Errorf("%d resources, %d observations, %d patients; want 240, 139, 4", all, got["Observation"], got["Patient"])
	}
}

func openZip(t *testing.T, path string) map[string][]byte {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	files := map[string][]byte{}
	for _, f := range archive.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = content
	}
	return files
}
