package hl7v2_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"testing"

	"chartroom/internal/testenv"
	"chartroom/wire/hl7v2"
)

// TestSimulatedHospital reads a file of many messages that a hospital simulator
// wrote: how many of each type there are is known.
func TestSimulatedHospital(t *testing.T) {
	packed, err := os.Open(testenv.Data(t, "interop", "simhospital-hl7v2", "messages.hl7.txt.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	text, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"ORU^R01": 855, "ADT^A01": 591, "MDM^T02": 2, "ADT^A03": 1, "ADT^A34": 1}
	got := map[string]int{}
	messages, refused := readAll(t, text)
	if len(refused) > 0 {
		t.Errorf("%d messages refused, first: %v", len(refused), refused[0])
	}
	for _, m := range messages {
		got[m.Header().Name()]++
		readViews(t, m)
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: %d messages, want %d", name, got[name], n)
		}
	}
	if len(messages) != 1450 {
		t.Errorf("%d messages, want 1450", len(messages))
	}
}

// TestConverterSamples reads 141 files of one or more messages in every
// structure there is.
func TestConverterSamples(t *testing.T) {
	files := openZip(t, testenv.Data(t, "interop", "ms-fhir-converter", "hl7v2.zip"))
	messages, refused := 0, 0
	for name, content := range files {
		good, bad := readAll(t, bytes.NewReader(content))
		messages, refused = messages+len(good), refused+len(bad)
		for _, err := range bad {
			t.Logf("%s: refused: %v", name, err)
		}
		if len(good)+len(bad) == 0 {
			t.Errorf("%s: nothing read and nothing refused", name)
		}
		for _, m := range good {
			readViews(t, m)
		}
	}
	// One file is a batch of two messages whose trailer says that it has one:
	// both are read, and the trailer is complained of.
	if len(files) != 141 || messages != 142 || refused != 1 {
		t.Errorf("%d files, %d messages, %d refusals; want 141, 142, 1", len(files), messages, refused)
	}
}

func readAll(t *testing.T, src io.Reader) (messages []*hl7v2.Message, refused []error) {
	t.Helper()
	r := hl7v2.NewReader(src, hl7v2.Options{})
	for {
		m, err := r.Next()
		var place *hl7v2.Error
		switch {
		case errors.Is(err, io.EOF):
			return messages, refused
		case errors.As(err, &place):
			refused = append(refused, err)
		case err != nil:
			t.Fatal(err)
		default:
			messages = append(messages, m)
		}
	}
}

// readViews reads every view; only malformed times may be complained of.
func readViews(t *testing.T, m *hl7v2.Message) {
	t.Helper()
	patients, err := hl7v2.ReadPatients(m)
	if err != nil {
		t.Logf("message %d: %v", m.Number(), err)
	}
	for _, p := range patients {
		pid, err := hl7v2.ReadPID(p.PID)
		if err != nil {
			t.Logf("%v", err)
		}
		if len(pid.Identifiers) == 0 && pid.ExternalID.ID == "" {
			t.Logf("%s: no identifier", m.Header().Name())
		}
		if _, err := hl7v2.ReadPV1(p.PV1); err != nil {
			t.Logf("%v", err)
		}
	}
	switch m.Header().Kind() {
	case hl7v2.MergePatientID, hl7v2.MergePatientList, hl7v2.MergeAccount, hl7v2.MoveVisit, hl7v2.ChangeID:
		if _, err := hl7v2.ReadMerges(m); err != nil {
			t.Errorf("%v", err)
		}
	}
	for s := range m.Segments() {
		for n := 1; n <= s.Len(); n++ {
			_ = s.Field(n).String()
		}
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
