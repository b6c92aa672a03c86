package importer

import (
	"context"
	"strings"
	"testing"
	"time"

	"chartroom/codes/codeset"
	"chartroom/internal/testenv"
)

// The published files, as they lie there, with the counts they are known to have.
func TestOfficialFiles(t *testing.T) {
	cases := []struct {
		path string
		want map[string]int // pack name: rows of its part
	}{
		{"icd10cm/ICD10CM_FY2017_Full_XML.zip", map[string]int{
			"icd10cm-FY2017-2016-10-01-index-diseases.pack": 77199,
			"icd10cm-FY2017-2016-10-01-index-drug.pack":     7416,
			"icd10cm-FY2017-2016-10-01-index-external.pack": 7572,
			"icd10cm-FY2017-2016-10-01-index-neoplasm.pack": 1929 + 1, // and the main term
			"icd10cm-FY2017-2016-10-01-tabular.pack":        22312,
		}},
		{"icd10cm/cms_2026_code_descriptions_oct2025.zip", map[string]int{"icd10cm-FY2026-2025-10-01-codes.pack": 98186}},
		{"icd10cm/cms_2025_code_descriptions_oct2024.zip", map[string]int{"icd10cm-FY2025-2024-10-01-codes.pack": 97584}},
		{"icd10cm/POAexemptCodesFY26.zip", map[string]int{"icd10cm-FY2026-2025-10-01-poa.pack": 38349}},
		{"icd10cm/icd10cm_tabular_2021.xml.gz", map[string]int{"icd10cm-FY2021-2020-10-01-tabular.pack": 23389}},
		{"icd10cm/icd10cm_drug_2022.xml.gz", map[string]int{"icd10cm-FY2022-2021-10-01-index-drug.pack": 7423}},
		{"icd10cm/icd10cm_neoplasm_2022.xml.gz", map[string]int{"icd10cm-FY2022-2021-10-01-index-neoplasm.pack": 1939}},
		{"icd10cm/icd10cm_eindex_2022.xml.gz", map[string]int{"icd10cm-FY2022-2021-10-01-index-external.pack": 7800}},
		{"icd10pcs/cms_2026_pr.zip", map[string]int{"icd10pcs-FY2026-2025-10-01-codes.pack": 79115}},
		{"icd10pcs/cms_2025_pr.zip", map[string]int{"icd10pcs-FY2025-2024-10-01-codes.pack": 78948}},
		{"icd10pcs/icd10pcs_tables_2026.xml.gz", map[string]int{"icd10pcs-FY2026-2025-10-01-tables.pack": 2733}},
		{"icd10pcs/icd10pcs_definitions_2026.xml.gz", map[string]int{"icd10pcs-FY2026-2025-10-01-definitions.pack": 1090}},
		{"icd10pcs/icd10pcs_index_2025.xml.gz", map[string]int{"icd10pcs-FY2025-2024-10-01-index-procedures.pack": 22201}},
		{"hcpcs/hcpcs_level2_2026q3.txt.gz", map[string]int{"hcpcs-2026-quarter-3-2026-07-01-codes.pack": 8725}},
	}
	dir := t.TempDir()
	packs := 0
	for _, c := range cases {
		path := testenv.Data(t, append([]string{"codesets"}, strings.Split(c.path, "/")...)...)
		report, err := Import(context.Background(), path, dir)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		packs += len(report.Packs)
		for _, p := range report.Packs {
			want, ok := c.want[p.File]
			found := false
			for _, n := range p.Counts {
				found = found || n == want
			}
			if !ok || !found {
				t.Errorf("%s gives %s with %v, want %d", c.path, p.File, p.Counts, want)
			}
			delete(c.want, p.File)
		}
		if len(c.want) > 0 {
			t.Errorf("%s does not give %v", c.path, c.want)
		}
	}
	if whole, err := Verify(dir); err != nil || len(whole) != packs {
		t.Errorf("%d whole packs of %d: %v", len(whole), packs, err)
	}
	checkImported(t, dir)
}

// checkImported asks the imported packs what the embedded ones do not know.
func checkImported(t *testing.T, dir string) {
	t.Helper()
	lib, err := codeset.Embedded().WithDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	set, err := lib.On(codeset.ICD10CM, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	x := set.Index()
	if x.Derived() || x.Edition().Name != "FY2017" {
		t.Errorf("the official Index comes before the derived one: %v", x.Edition())
	}
	for kind, want := range map[codeset.IndexKind]int{codeset.IndexDiseases: 7973, codeset.IndexNeoplasm: 1, codeset.IndexDrug: 5175, codeset.IndexExternal: 314} {
		if got := len(x.MainTerms(kind)); got != want {
			t.Errorf("kind %d: %d main terms, want %d", kind, got, want)
		}
	}
	see, with := 0, 0
	for k := range x.Len() {
		if n := x.Node(codeset.NodeID(k)); n.Kind == codeset.IndexDiseases {
			if n.See != "" {
				see++
				if len(x.FollowSee(n.See)) == 0 && see < 3 {
					t.Logf("%v: see %s leads nowhere", x.Path(n.ID), n.See)
				}
			}
			if strings.HasPrefix(n.Title, "with") {
				with++
			}
		}
	}
	if see < 11000 || with < 2000 {
		t.Errorf("%d see, %d with", see, with)
	}
	if exempt, known := set.POAExempt("Z87.891"); !exempt || !known {
		t.Error("Z87.891 is on the list of exempt codes")
	}
	if exempt, known := set.POAExempt("I10"); exempt || !known {
		t.Error("I10 is not on the list")
	}
	if notes := set.Notes("E11.65"); notes[0].Edition != "FY2026" {
		t.Errorf("the embedded notes are newer than the imported: %v", notes[0])
	}
	pcs, err := lib.On(codeset.ICD10PCS, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := pcs.Code("X2RJ3RA"); !ok || pcs.TitleDerived(c.Code) || !strings.Contains(c.Title, "Tricuspid Valve") {
		t.Errorf("the official title comes before the derived one: %+v", c)
	}
	if table, ok := pcs.Table("027"); !ok || table.Derived {
		t.Error("the official table comes before the derived one")
	}
	if pcs.Sex("0UT90ZZ") != codeset.FemaleOnly {
		t.Error("an edition imported from an order file keeps the facts of the embedded one")
	}
	hcpcs, err := lib.Newest(codeset.HCPCS)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := hcpcs.Code("j1885"); !ok {
		t.Error("J1885 is a HCPCS code")
	}
}
