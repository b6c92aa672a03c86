package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/internal/testenv"
)

// TestFloors keeps the coder from getting worse on documents it was not tuned
// on: the development part of CodiEsp in its machine-translated English.
func TestFloors(t *testing.T) {
	file := testenv.Data(t, "coding", "codiesp_dev.en.jsonl.gz")
	var out bytes.Buffer
	if err := run(t.Context(), []string{file}, &out); err != nil {
		t.Fatal(err)
	}
	for line, floor := range map[string]float64{"ICD-10-CM full": 0.49, "ICD-10-CM 3 chars": 0.57, "ICD-10-PCS own": 0.42} {
		if got := f1Of(t, out.String(), line); got < floor {
			t.Errorf("%s: F1 %.3f, floor %.3f", line, got, floor)
		}
	}
	t.Log("\n" + out.String())
}

func f1Of(t *testing.T, report, name string) float64 {
	t.Helper()
	for line := range strings.SplitSeq(report, "\n") {
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		var p, r, f float64
		if _, err := fmt.Sscanf(strings.TrimSpace(rest), "P %f R %f F1 %f", &p, &r, &f); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		return f
	}
	t.Fatalf("no line %q in %s", name, report)
	return 0
}

// TestScoring checks how an older expected code is met.
func TestScoring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.jsonl")
	// I50 is a header today, W19.XXX was cut after its placeholder, Z99.999 never was.
	line := `{"id":"1","text":"ASSESSMENT: Systolic heart failure.","expected":{"icd10cm":["I50","Z99.999"],"icd10pcs":[]}}`
	if err := os.WriteFile(path, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{path}, &out); err != nil {
		t.Fatal(err)
	}
	if got := f1Of(t, out.String(), "ICD-10-CM full"); got != 1 {
		t.Errorf("F1 %v, want 1:\n%s", got, out.String())
	}
}
