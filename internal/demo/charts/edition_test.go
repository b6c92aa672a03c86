package charts_test

import (
	"archive/zip"
	"bufio"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/demo/charts"
	"chartroom/internal/testenv"
)

// edition is the order file of one code set and fiscal year: code without dot
// to whether it is billable.
type edition map[string]bool

func readZip(t *testing.T, archive, entry string, each func(line string)) {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if path.Base(f.Name) == entry {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			lines(t, r, each)
			return
		}
	}
	t.Fatalf("%s holds no %s", path.Base(archive), entry)
}

func lines(t *testing.T, r io.ReadCloser, each func(line string)) {
	t.Helper()
	s := bufio.NewScanner(r)
	for s.Scan() {
		each(s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func orderFile(t *testing.T, archive, entry string) edition {
	t.Helper()
	out := edition{}
	readZip(t, archive, entry, func(l string) {
		if len(l) > 14 {
			out[strings.TrimSpace(l[6:13])] = l[14] == '1'
		}
	})
	return out
}

// Every gold code, also one that must not be chosen, is a billable code of the
// edition that binds the encounter's date.
func TestGoldCodesAreBillableOnTheDate(t *testing.T) {
	cm := map[bool]edition{
		false: orderFile(t, testenv.Data(t, "codesets", "icd10cm", "cms_2025_code_descriptions_oct2024.zip"), "icd10cm_order_2025.txt"),
		true:  orderFile(t, testenv.Data(t, "codesets", "icd10cm", "cms_2026_code_descriptions_oct2025.zip"), "icd10cm_order_2026.txt"),
	}
	pcs := map[bool]edition{
		false: orderFile(t, testenv.Data(t, "codesets", "icd10pcs", "cms_2025_pr.zip"), "icd10pcs_order_2025.txt"),
		true:  orderFile(t, testenv.Data(t, "codesets", "icd10pcs", "cms_2026_pr.zip"), "icd10pcs_order_2026.txt"),
	}
	for _, c := range all(t) {
		newer := !c.Date().Before(day(2025, 10, 1))
		for _, g := range slices.Concat(c.Gold.Diagnoses, c.Gold.May, c.Gold.Not) {
			if !cm[newer][strings.ReplaceAll(g.Code, ".", "")] {
				t.Errorf("%s: %s is not a billable ICD-10-CM code on %s", c.ID, g.Code, c.Date().Format("2006-01-02"))
			}
		}
		for _, g := range c.Gold.Procedures {
			if !pcs[newer][g.Code] {
				t.Errorf("%s: %s is not an ICD-10-PCS code on %s", c.ID, g.Code, c.Date().Format("2006-01-02"))
			}
		}
	}
}

// "-" stands exactly where the list of exempt codes says so.
func TestPOAExemption(t *testing.T) {
	exempt := map[string]bool{}
	readZip(t, testenv.Data(t, "codesets", "icd10cm", "POAexemptCodesFY26.zip"), "POAexemptCodesFY26.txt", func(l string) {
		if f := strings.Split(l, "\t"); len(f) > 1 {
			exempt[strings.TrimSpace(f[1])] = true
		}
	})
	if len(exempt) < 30000 {
		t.Fatalf("read %d exempt codes only", len(exempt))
	}
	for _, c := range all(t) {
		if c.Category != charts.Inpatient {
			continue
		}
		for _, g := range slices.Concat(c.Gold.Diagnoses, c.Gold.May) {
			if exempt[g.Code] != (g.POA == "-") {
				t.Errorf("%s: %s has POA %s; on the exempt list: %v", c.ID, g.Code, g.POA, exempt[g.Code])
			}
		}
	}
}
