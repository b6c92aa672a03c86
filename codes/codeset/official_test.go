package codeset_test

import (
	"context"
	"sort"
	"strings"
	"testing"
	"time"

	"chartroom/codes/codeset"
	"chartroom/codes/codeset/importer"
	"chartroom/internal/testenv"
)

// imported returns a library of nothing but what is in the given official files.
func imported(t *testing.T, base *codeset.Library, files ...string) *codeset.Library {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := testenv.Data(t, append([]string{"codesets"}, strings.Split(f, "/")...)...)
		if _, err := importer.Import(context.Background(), path, dir); err != nil {
			t.Fatal(err)
		}
	}
	lib, err := base.WithDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func mustOn(t *testing.T, lib *codeset.Library, sys codeset.System, date string) *codeset.Set {
	t.Helper()
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	set, err := lib.On(sys, day)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// The packs of the program against the order files that CMS publishes.
func TestEmbeddedEditionsEqualOrderFiles(t *testing.T) {
	cases := []struct {
		file, date string
		sys        codeset.System
		titles     int // that may differ, where the source has another wording
	}{
		{"icd10cm/cms_2025_code_descriptions_oct2024.zip", "2025-01-01", codeset.ICD10CM, 0},
		{"icd10cm/cms_2026_code_descriptions_oct2025.zip", "2026-01-01", codeset.ICD10CM, 0},
		{"icd10pcs/cms_2025_pr.zip", "2025-01-01", codeset.ICD10PCS, 0},
		{"icd10pcs/cms_2026_pr.zip", "2026-01-01", codeset.ICD10PCS, 2},
	}
	for _, c := range cases {
		ours := mustOn(t, codeset.Embedded(), c.sys, c.date)
		official := mustOn(t, imported(t, codeset.Empty(), c.file), c.sys, c.date)
		var missing, extra, wording, billable []string
		derived := 0
		for i := range official.Len() {
			want := official.At(i)
			got, ok := ours.Code(want.Code)
			switch {
			case !ok:
				missing = append(missing, want.Code)
			case got.Billable != want.Billable:
				billable = append(billable, want.Code)
			case got.Title != want.Title && ours.TitleDerived(want.Code):
				derived++
			case strings.Join(codeset.Words(got.Title), " ") != strings.Join(codeset.Words(want.Title), " "): // the order file has no accents
				wording = append(wording, want.Code+": "+got.Title+" / "+want.Title)
			}
		}
		for i := range ours.Len() {
			if _, ok := official.Code(ours.At(i).Code); !ok {
				extra = append(extra, ours.At(i).Code)
			}
		}
		t.Logf("%s: %d codes; missing %d, extra %d, billable differs %d, other wording %d, titles derived %d",
			c.file, official.Len(), len(missing), len(extra), len(billable), len(wording), derived)
		if len(missing)+len(extra)+len(billable) > 0 || len(wording) > c.titles {
			t.Errorf("%s: missing %v extra %v billable %v wording %q", c.file, missing[:min(5, len(missing))], extra[:min(5, len(extra))], billable[:min(5, len(billable))], wording[:min(5, len(wording))])
		}
	}
}

// The names of axis values put together from titles, against the official ones.
func TestAxisNamesAgainstOfficialTables(t *testing.T) {
	ours := mustOn(t, codeset.Embedded(), codeset.ICD10PCS, "2026-01-01")
	official := mustOn(t, imported(t, codeset.Embedded(), "icd10pcs/cms_2026_pr.zip", "icd10pcs/icd10pcs_tables_2026.xml.gz"), codeset.ICD10PCS, "2026-01-01")
	type count struct{ same, total int }
	counts := map[string]*count{}
	seen := map[string]bool{}
	for i := range official.Len() {
		code := official.At(i).Code
		for axis := 1; axis <= 7; axis++ {
			key := code[:min(axis-1, 3)] + string(rune('0'+axis)) + code[axis-1:axis]
			if code[0] == 'X' {
				key += code[6:]
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			_, want := official.Axis(code, axis)
			_, got := ours.Axis(code, axis)
			section := "other"
			if code[0] == '0' || code[0] == '1' {
				section = "0 and 1"
			}
			if counts[section] == nil {
				counts[section] = &count{}
			}
			counts[section].total++
			if normal(got.Meaning) == normal(want.Meaning) {
				counts[section].same++
			}
		}
	}
	for section, c := range counts {
		t.Logf("sections %s: %d of %d names equal", section, c.same, c.total)
	}
	if c := counts["0 and 1"]; c.same*100 < c.total*99 {
		t.Errorf("only %d of %d names of sections 0 and 1 are those of the tables", c.same, c.total)
	}
}

// normal folds the ways to say "none" and the place of the side.
func normal(name string) string {
	words := codeset.Words(name)
	kept := words[:0]
	for _, w := range words {
		if w != "no" && w != "none" && w != "device" && w != "qualifier" {
			kept = append(kept, w)
		}
	}
	sort.Strings(kept)
	return strings.Join(kept, " ")
}

// The tables of ICD-10-PCS expand to exactly the codes of the order file.
func TestOfficialTablesExpandToAllCodes(t *testing.T) {
	lib := imported(t, codeset.Embedded(), "icd10pcs/cms_2026_pr.zip", "icd10pcs/icd10pcs_tables_2026.xml.gz", "icd10pcs/icd10pcs_definitions_2026.xml.gz")
	for _, set := range []*codeset.Set{
		mustOn(t, lib, codeset.ICD10PCS, "2026-01-01"),
		mustOn(t, codeset.Embedded(), codeset.ICD10PCS, "2026-01-01"),
	} {
		expanded := 0
		last := ""
		for i := range set.Len() {
			prefix := set.At(i).Code[:3]
			if prefix == last {
				continue
			}
			last = prefix
			table, ok := set.Table(prefix)
			if !ok {
				t.Fatalf("no table %s", prefix)
			}
			for _, row := range table.Rows {
				n := 1
				for _, values := range row.Values {
					n *= len(values)
				}
				expanded += n
				code := prefix
				for _, values := range row.Values {
					code += values[len(values)-1].Char
				}
				if _, ok := set.Code(code); !ok {
					t.Fatalf("table %s allows %s, which is no code", prefix, code)
				}
			}
		}
		if expanded != 79115 {
			t.Errorf("the tables expand to %d codes, want 79,115", expanded)
		}
	}
	set := mustOn(t, lib, codeset.ICD10PCS, "2026-01-01")
	if d := set.Definition("0", 3, "Dilation"); !strings.Contains(d, "Expanding an orifice") {
		t.Errorf("definition of Dilation: %q", d)
	}
}

// indexTerms returns every nth path of the official Index that leads to a code of
// the edition, with that code.
func indexTerms(x *codeset.Index, every int) (terms, codes []string) {
	for k := 0; k < x.Len(); k += every {
		n := x.Node(codeset.NodeID(k))
		if n.Kind != codeset.IndexDiseases || n.Code == "" || n.Obsolete {
			continue
		}
		terms = append(terms, strings.Join(x.Path(n.ID), " "))
		codes = append(codes, strings.ToUpper(strings.Trim(strings.ReplaceAll(n.Code, ".", ""), "-")))
	}
	return terms, codes
}

// Search without any official Index, asked with terms of the official one.
func TestSearchFindsTermsOfTheOfficialIndex(t *testing.T) {
	full := mustOn(t, imported(t, codeset.Embedded(), "icd10cm/ICD10CM_FY2017_Full_XML.zip"), codeset.ICD10CM, "2026-01-01")
	ours := mustOn(t, codeset.Embedded(), codeset.ICD10CM, "2026-01-01")
	terms, codes := indexTerms(full.Index(), 29)
	if len(terms) < 1000 {
		t.Fatalf("only %d terms", len(terms))
	}
	for _, c := range []struct {
		name string
		set  *codeset.Set
		one  float64 // at least so many are found at the first place
	}{{"titles and inclusion terms only", ours, .30}, {"with the official Index", full, .75}} {
		at1, at5, same := 0, 0, 0
		start := time.Now()
		for i, term := range terms {
			for rank, hit := range c.set.Search(term, 5) {
				code := strings.ReplaceAll(hit.Code, ".", "")
				if !strings.HasPrefix(code, codes[i]) && !strings.HasPrefix(codes[i], code) {
					continue
				}
				if code == codes[i] {
					same++
				}
				if rank == 0 {
					at1++
				}
				at5++
				break
			}
		}
		n := float64(len(terms))
		t.Logf("%s: %d terms, @1 %.3f @5 %.3f, %.0f queries/s", c.name, len(terms), float64(at1)/n, float64(at5)/n, n/time.Since(start).Seconds())
		if float64(at1)/n < c.one {
			t.Errorf("%s: @1 is %.3f", c.name, float64(at1)/n)
		}
	}
}
