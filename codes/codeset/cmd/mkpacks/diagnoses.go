package main

import (
	"bytes"
	"fmt"
	"strings"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// diagnosisEdition is one edition of ICD-10-CM and where its files are.
type diagnosisEdition struct {
	name, release, from, to string
	tabular, list           member
	facts                   int // day on which the Medicare Code Editor's tables are read, YYYYMMDD
}

var diagnosisEditions = []diagnosisEdition{
	{
		name: "FY2025", release: "2025-04-01", from: "2024-10-01", to: "2025-09-30",
		tabular: member{"simple-icd-10-cm", "1.4.0", "simple_icd_10_cm/data/icd10cm-tabular-April-2025.xml"},
		list:    member{"simple-icd-10-cm", "1.4.0", "simple_icd_10_cm/data/code-list-April-2025.txt"},
		facts:   20250401,
	},
	{
		name: "FY2026", release: "2026-04-01", from: "2025-10-01", to: "2026-09-30",
		tabular: member{"simple-icd-10-cm", "1.5.0", "simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml"},
		list:    member{"simple-icd-10-cm", "1.5.0", "simple_icd_10_cm/data/code-list-April-2026.txt"},
		facts:   20260401,
	},
}

// diagnoses compiles the editions of ICD-10-CM.
func (m maker) diagnoses() error {
	for _, e := range diagnosisEditions {
		xml, tabularSource, err := m.read(e.tabular)
		if err != nil {
			return err
		}
		tab, err := compile.ReadTabular(bytes.NewReader(xml))
		if err != nil {
			return fmt.Errorf("%s: %w", e.tabular.file, err)
		}
		text, listSource, err := m.read(e.list)
		if err != nil {
			return err
		}
		rows, err := compile.FillSeventh(tab, listedCodes(string(text)))
		if err != nil {
			return fmt.Errorf("%s: %w", e.list.file, err)
		}
		content := &compile.Content{
			Manifest: pack.Manifest{
				System: "icd10cm", Name: e.name, Release: e.release, From: e.from, To: e.to,
				Sources: []pack.Source{tabularSource, listSource},
			},
			Codes: rows, Groups: tab.Groups, Homes: tab.Homes, Notes: tab.Notes, Sevenths: tab.Sevenths,
		}
		if err := m.addFacts(content, "mce_i10dx_master", e.facts); err != nil {
			return err
		}
		if err := m.write("icd10cm-"+e.name+".pack", content); err != nil {
			return err
		}
		if e.name != diagnosisEditions[len(diagnosisEditions)-1].name {
			continue // the newest Index serves the older editions too
		}
		index := &compile.Content{Manifest: content.Manifest, Index: compile.DeriveIndex(tab, rows)}
		index.Manifest.Derived = true
		index.Manifest.Sources = []pack.Source{tabularSource}
		if err := m.write("icd10cm-"+e.name+"-index.pack", index); err != nil {
			return err
		}
	}
	return nil
}

// listedCodes takes the codes from a list that also has chapters (1 to 22) and
// sections (A00-A09).
func listedCodes(text string) []string {
	var codes []string
	for line := range strings.SplitSeq(text, "\n") {
		code := strings.ReplaceAll(strings.TrimSpace(line), ".", "")
		if len(code) >= 3 && !strings.Contains(code, "-") {
			codes = append(codes, code)
		}
	}
	return codes
}
