package importer

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"chartroom/codes/codeset"
	"chartroom/internal/testenv"
)

// counts that the published files are known to have.
func TestOfficialFiles(t *testing.T) {
	cases := []struct {
		path []string
		want []map[string]int // by pack, in the order of the files inside
	}{
		{[]string{"icd10cm", "ICD10CM_FY2017_Full_XML.zip"}, []map[string]int{
			{"index": 7416 + 1}, nil, nil, nil, nil,
		}},
		{[]string{"icd10cm", "cms_2026_code_descriptions_oct2025.zip"}, []map[string]int{{"codes": 98186, "billable": 74719}}},
		{[]string{"icd10cm", "cms_2025_code_descriptions_oct2024.zip"}, []map[string]int{{"codes": 97584, "billable": 74260}}},
		{[]string{"icd10cm", "POAexemptCodesFY26.zip"}, nil},
		{[]string{"icd10cm", "icd10cm_tabular_2021.xml.gz"}, nil},
		{[]string{"icd10cm", "icd10cm_drug_2022.xml.gz"}, nil},
		{[]string{"icd10cm", "icd10cm_neoplasm_2022.xml.gz"}, nil},
		{[]string{"icd10cm", "icd10cm_eindex_2022.xml.gz"}, nil},
		{[]string{"icd10pcs", "cms_2026_pr.zip"}, []map[string]int{{"codes": 79115}}},
		{[]string{"icd10pcs", "cms_2025_pr.zip"}, []map[string]int{{"codes": 78948}}},
		{[]string{"icd10pcs", "icd10pcs_tables_2026.xml.gz"}, nil},
		{[]string{"icd10pcs", "icd10pcs_definitions_2026.xml.gz"}, nil},
		{[]string{"icd10pcs", "icd10pcs_index_2025.xml.gz"}, nil},
		{[]string{"hcpcs", "hcpcs_level2_2026q3.txt.gz"}, []map[string]int{{"codes": 8725}}},
	}
	dir := t.TempDir()
	for _, c := range cases {
		path := testenv.Data(t, append([]string{"codesets"}, c.path...)...)
		start := time.Now()
		report, err := Import(context.Background(), path, dir)
		if err != nil {
			t.Errorf("%v: %v", c.path, err)
			continue
		}
		for _, p := range report.Packs {
			t.Logf("%s: %s %v (%v)", filepath.Base(path), p.File, p.Counts, time.Since(start).Round(time.Millisecond))
		}
	}
	lib, err := codeset.Embedded().WithDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, sys := range []codeset.System{codeset.ICD10CM, codeset.ICD10PCS, codeset.HCPCS} {
		for _, e := range lib.Editions(sys) {
			t.Log(e)
		}
	}
	set, err := lib.Newest(codeset.ICD10CM)
	if err != nil {
		t.Fatal(err)
	}
	x := set.Index()
	for k := codeset.IndexDiseases; k <= codeset.IndexExternal; k++ {
		t.Log(k, len(x.MainTerms(k)))
	}
	t.Log(x.Len(), x.Edition(), x.Derived())
	for _, q := range []string{"diabetic neuropathy", "htn", "chf", "cancer of upper lobe lung", "penicillin poisoning accidental", "fall from ladder", "appendicitis with peritonitis", "renal failure"} {
		for _, h := range set.Search(q, 3) {
			t.Logf("%s: %.2f %s %s %q", q, h.Score, h.Code, h.Title, h.Why)
		}
	}
}
